/**
 * `<bowl-choice data-name="choose" data-python="../assets/python/…/">`: which bowl the reader's answers speak for, as
 * demos.kitchen adds them up. Questions and reasons are in the page; a reason that applies is copied with its sources.
 */

import { Calculator } from "./python/calculator.js";
import { element } from "./page/dom.js";
import { number } from "./page/figures.js";
import { t } from "./page/words.js";

/** @typedef {{ question: string, answer: string, bowl: string, excludes: boolean }} Reason */
/** @typedef {{ bowls: string[], scores: Record<string, number>, out: string[], reasons: Reason[], size: string | null }} Advice */

/** @type {{ fit: any }} the rows of docs/data */
const data = await (await fetch(new URL("kitchen.json", import.meta.url))).json();

class BowlChoice extends HTMLElement {
  /** @type {AbortController | undefined} */
  #life;

  connectedCallback() {
    this.#life = new AbortController();
    const choice = new Choice(this);
    const parts = { order: () => choice.order(), show: (/** @type {Advice} */ advice) => choice.show(advice) };
    new Calculator(this, parts, this.#life.signal).open();
  }

  disconnectedCallback() {
    this.#life?.abort();
  }
}

class Choice {
  #host;
  #form;
  #first;

  /** @param {HTMLElement} host */
  constructor(host) {
    this.#host = host;
    this.#form = /** @type {HTMLFormElement} */ (host.querySelector("form"));
    this.#first = this.#part("said").textContent ?? "";
  }

  #answers() {
    const chosen = /** @type {NodeListOf<HTMLInputElement>} */ (this.#form.querySelectorAll(":checked[type=radio]"));
    return Object.fromEntries([...chosen].map(({ name, value }) => [name, value]));
  }

  order() {
    const { devices, models, precision, tokens } = data.fit;
    const { value } = /** @type {HTMLSelectElement} */ (this.#form.elements.namedItem("device"));
    const order = { answers: this.#answers(), device: devices[value] ?? null, models: Object.values(models) };
    return { name: "advice", order: { ...order, precision, tokens } };
  }

  /** @param {Advice} advice */
  show(advice) {
    const answered = Object.keys(this.#answers()).length;
    this.#part("said").textContent = answered ? this.#sentence(advice, answered) : this.#first;
    this.#bars(advice);
    for (const part of ["why", "bars"]) this.#part(part).hidden = !answered;
    this.#part("reasons").replaceChildren(...this.#reasons(advice.reasons));
  }

  /**
   * @param {Advice} advice
   * @param {number} answered
   */
  #sentence({ bowls, scores, out, size }, answered) {
    const points = Object.keys(scores).map((bowl) => {
      const name = this.#name(bowl);
      if (out.includes(bowl)) return t("%(bowl)s: ruled out", { bowl: name });
      return t("%(bowl)s: %(points)s", { bowl: name, points: number(scores[bowl]) });
    });
    const questions = this.#form.querySelectorAll("fieldset").length;
    const count = t("Answered: %(answered)s of %(questions)s.", { answered, questions });
    const fitting = size && t("The largest that fits that machine: Gemma 4 %(size)s.", { size });
    return [this.#verdict(bowls), fitting, t("Points: %(points)s.", { points: points.join(", ") }), count]
      .filter(Boolean)
      .join(" ");
  }

  /**
   * The points of the sentence as bars; whoever cannot see them has the sentence.
   * @param {Advice} advice
   */
  #bars({ scores, out }) {
    const most = Math.max(1, ...Object.values(scores));
    const bars = Object.entries(scores).map(([bowl, points]) => {
      const share = out.includes(bowl) ? 0 : (100 * Math.max(0, points)) / most;
      return element("span", { style: `--share: ${share}%` }, this.#name(bowl));
    });
    this.#part("bars").replaceChildren(...bars);
  }

  /** @param {string[]} bowls */
  #verdict(bowls) {
    const [first, second] = bowls.map((bowl) => this.#name(bowl));
    if (second) return t("Have both: %(one)s and %(other)s.", { one: first, other: second });
    return first ? t("Your bowl: %(bowl)s.", { bowl: first }) : t("No bowl does all of that. Split the work.");
  }

  /** @param {string} bowl */
  #name(bowl) {
    return this.#host.dataset[bowl] ?? bowl;
  }

  /** @param {Reason[]} reasons in the order of the page */
  #reasons(reasons) {
    /** @type {Map<string, number>} */
    const seen = new Map();
    return reasons.map(({ question, answer }) => {
      const key = `${question}.${answer}`;
      const index = seen.get(key) ?? 0;
      seen.set(key, index + 1);
      const said = this.#host.querySelector(`[data-answer="${key}"]`)?.querySelectorAll("dd")[index];
      return element("li", {}, ...(said?.cloneNode(true).childNodes ?? []));
    });
  }

  /** @param {string} name */
  #part(name) {
    return /** @type {HTMLElement} */ (this.#host.querySelector(`[data-part=${name}]`));
  }
}

if (!customElements.get("bowl-choice")) customElements.define("bowl-choice", BowlChoice);
