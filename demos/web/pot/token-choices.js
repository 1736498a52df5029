/**
 * One place of an answer: what else could have stood there and how likely, first as the model says it, then as the
 * dice get to see it after temperature and top-p. The two sliders change the second at once; nothing is asked for it.
 */

import { element } from "../page/dom.js";
import { number } from "../page/format.js";
import { inPercent, seasoned } from "./odds.js";
import { seen } from "./token-text.js";
import { t } from "../page/words.js";

/** @typedef {import("./token-text.js").Token} Token */
/** @typedef {import("./odds.js").Seasoning} Seasoning */

const FIRST = 8;

export class TokenChoices {
  #title = element("h2", { class: "token-title plain" });
  #temperature = slider({ min: 0, max: 2, step: 0.05, value: 1 });
  #topP = slider({ min: 0.05, max: 1, step: 0.05, value: 1 });
  #sum = element("output", { class: "token-sum" });
  #list = element("ol", { class: "token-choices" });
  #more = element("button", { type: "button", class: "token-more", "aria-expanded": "false" });
  #rest = element("p", { class: "token-rest" });
  #none = element("p", { class: "token-rest", hidden: true });
  #take;
  /** @type {Token | null} */
  #token = null;
  #free = false;

  /**
   * @param {(other: Token) => void} take go on from here with another token
   * @param {AbortSignal} signal takes the listeners off
   */
  constructor(take, signal) {
    this.#take = take;
    const key = element(
      "p",
      { class: "token-key" },
      element("span", { class: "says" }, t("what the model says")),
      element("span", { class: "dice" }, t("what the dice see")),
    );
    this.root = element(
      "section",
      { class: "token-place", hidden: true, "aria-label": t("One place and its odds") },
      this.#title,
      element(
        "div",
        { class: "token-sliders" },
        labelled(t("Temperature"), this.#temperature),
        labelled("Top-p", this.#topP), // its name in every language
      ),
      this.#sum,
      key,
      this.#none,
      this.#list,
      this.#more,
      this.#rest,
    );
    for (const { range } of [this.#temperature, this.#topP]) {
      range.addEventListener("input", () => this.#weigh(), { signal });
    }
    this.#list.addEventListener("click", (event) => this.#click(event), { signal });
    this.#more.addEventListener("click", () => this.#unfold(), { signal });
    this.#weigh();
  }

  /** @returns {Seasoning} */
  get seasoning() {
    return { temperature: this.#temperature.range.valueAsNumber, topP: this.#topP.range.valueAsNumber };
  }

  /**
   * @param {Token | null} token null: nothing is looked at
   * @param {number} place counted from 0
   * @param {string} barred why nothing can be chosen here; "" where it can
   */
  show(token, place, barred) {
    const free = !barred;
    this.#none.textContent = barred;
    this.#none.hidden = free;
    this.root.hidden = token === null;
    if (token === null || (token === this.#token && free === this.#free)) return;
    this.#token = token;
    this.#free = free;
    this.#title.textContent = t("Place %(place)s: what else could have come", { place: number(place + 1) });
    this.#list.replaceChildren(...token.others.map((other) => this.#row(other, other.id === token.id)));
    this.#fold(this.#more.getAttribute("aria-expanded") !== "true");
    this.#weigh();
  }

  /**
   * @param {Token} other
   * @param {boolean} taken
   */
  #row(other, taken) {
    const cells = [
      seen(other),
      element("span", { class: "token-bars" }, element("i", { class: "says" }), element("i", { class: "dice" })),
      element("b", {}, inPercent(Math.exp(other.logprob))),
      element("span", { class: "token-dice" }),
      element("small", {}, taken ? t("is here") : this.#free ? t("go on with it") : ""),
    ];
    const row = this.#free
      ? element("button", { type: "button", class: "token-choice" }, ...cells)
      : element("div", { class: "token-choice" }, ...cells);
    if (taken) row.classList.add("taken");
    row.style.setProperty("--says", String(Math.exp(other.logprob)));
    return element("li", {}, row);
  }

  /** What the sliders do to the odds. */
  #weigh() {
    const { temperature, topP } = this.seasoning;
    this.#temperature.output.textContent = number(temperature, 2);
    this.#topP.output.textContent = number(topP, 2);
    const others = this.#token?.others ?? [];
    if (others.length === 0) return;
    const odds = seasoned(others.map(({ logprob }) => logprob), { temperature, topP });
    for (const [index, item] of [...this.#list.children].entries()) {
      const row = /** @type {HTMLElement} */ (item.firstElementChild);
      const out = odds[index] === 0;
      row.style.setProperty("--dice", String(odds[index]));
      row.classList.toggle("out", out);
      const dice = /** @type {HTMLElement} */ (row.querySelector(".token-dice"));
      dice.textContent = out ? t("out") : inPercent(odds[index]);
    }
    const left = odds.filter((share) => share > 0).length;
    this.#sum.textContent = t("In the dice cup: %(left)s of %(all)s. The likeliest of them comes with %(odds)s.", {
      left: number(left),
      all: number(odds.length),
      odds: inPercent(Math.max(...odds)),
    });
    const named = others.reduce((sum, { logprob }) => sum + Math.exp(logprob), 0);
    this.#rest.textContent = t("All other tokens that the model knows, together: %(odds)s. They stay out of the cup.", {
      odds: inPercent(Math.max(0, 1 - named)),
    });
  }

  /** @param {Event} event */
  #click({ target }) {
    const row = /** @type {Element} */ (target).closest("button");
    const index = [...this.#list.children].findIndex((item) => item.firstElementChild === row);
    const other = this.#token?.others[index];
    if (row && other) this.#take(other);
  }

  #unfold() {
    this.#fold(this.#more.getAttribute("aria-expanded") === "true");
  }

  /** @param {boolean} folded */
  #fold(folded) {
    const items = /** @type {HTMLElement[]} */ ([...this.#list.children]);
    for (const [index, item] of items.entries()) item.hidden = folded && index >= FIRST;
    this.#more.hidden = items.length <= FIRST;
    this.#more.setAttribute("aria-expanded", String(!folded));
    this.#more.textContent = folded
      ? t("Show all %(all)s", { all: number(items.length) })
      : t("Show the first %(first)s", { first: number(FIRST) });
  }
}

/** @param {Record<string, number>} attributes */
function slider(attributes) {
  const range = element("input", { type: "range", ...attributes });
  return { range, output: element("b") };
}

/**
 * @param {string} text
 * @param {{range: HTMLElement, output: HTMLElement}} control
 */
function labelled(text, { range, output }) {
  return element("label", {}, element("span", {}, text), output, range);
}
