/**
 * `<word-path data-question="…">`: the ways that a question can take. One article for each stands in the page, with what
 * is handed over and its stops; here one is chosen at a time, the reader's own question is put in and its bytes are
 * counted, a slip of paper goes along the way when a button is pressed, and hosts are counted that the browser asked
 * since it came. Sends nothing.
 */

import { element } from "./page/dom.js";
import { number } from "./page/format.js";
import { watchRequests } from "./page/requests.js";
import { WayDrawing } from "./path/way-drawing.js";
import { t } from "./page/words.js";

/** @typedef {import("./path/way-drawing.js").Way} Way */

const WAY_MS = 3600;

class WordPath extends HTMLElement {
  /** @type {AbortController | undefined} */
  #life;

  connectedCallback() {
    this.#life = new AbortController();
    new Ways(this, this.#life.signal);
  }

  disconnectedCallback() {
    this.#life?.abort();
  }
}

class Ways {
  #host;
  #articles;
  #bodies;
  #drawing;
  #question = element("input", { type: "text", maxlength: 300, autocomplete: "off" });
  #size = element("output", { class: "way-size" });
  #go = element("button", { type: "button", class: "pot-main" }, t("Show the way"));
  #sum = element("p", { class: "way-sum", role: "status" });
  #hosts = element("tbody");
  /** @type {Way} */
  #way = "home";

  /**
   * @param {HTMLElement} host
   * @param {AbortSignal} signal its time on the page
   */
  constructor(host, signal) {
    this.#host = host;
    this.#articles = /** @type {HTMLElement[]} */ ([...host.querySelectorAll("[data-way]")]);
    this.#bodies = this.#articles.map((article) => new Body(article, host.dataset.question ?? ""));
    this.#drawing = new WayDrawing(signal);
    this.#question.value = host.dataset.question ?? "";
    const choice = element("fieldset", { class: "calc-asked" }, element("legend", {}, t("Who cooks?")), ...this.#radios());
    const form = element(
      "form",
      { class: "calc pot-form" },
      choice,
      element("label", { class: "pot-field" }, element("span", {}, t("Your question")), this.#question),
      element("div", { class: "pot-line" }, this.#go, this.#size),
      this.#drawing.root,
    );
    const requests = element(
      "section",
      { class: "way-requests" },
      element("h3", {}, t("Asked since you came")),
      this.#sum,
      element("table", { class: "figures" }, head(), this.#hosts),
    );
    host.prepend(form);
    host.append(requests);
    form.addEventListener("submit", (event) => event.preventDefault(), { signal });
    choice.addEventListener("change", (event) => this.#choose(event), { signal });
    this.#question.addEventListener("input", () => this.#write(), { signal });
    this.#go.addEventListener("click", () => this.#walk(), { signal });
    signal.addEventListener("abort", () => this.#leave([form, requests]), { once: true });
    watchRequests((counts) => this.#count(counts), signal);
    this.#show();
    this.#write();
    host.dataset.state = "ready";
  }

  #radios() {
    return this.#articles.map((article) => {
      const { way = "" } = article.dataset;
      const radio = element("input", { type: "radio", name: "way", value: way, checked: way === this.#way });
      const name = article.querySelector(".command-name")?.textContent ?? way;
      return element("label", { class: "calc-check" }, radio, element("span", {}, name));
    });
  }

  /** @param {Event} event */
  #choose({ target }) {
    this.#way = /** @type {Way} */ (/** @type {HTMLInputElement} */ (target).value);
    this.#show();
    this.#write();
  }

  /** The article of the way that was chosen, and no other. */
  #show() {
    for (const article of this.#articles) {
      article.hidden = article.dataset.way !== this.#way;
      for (const stop of article.querySelectorAll(".stops li")) stop.removeAttribute("aria-current");
    }
    this.#drawing.show(this.#way);
    this.#host.dataset.state = "ready";
  }

  #write() {
    for (const body of this.#bodies) body.ask(this.#question.value);
    const at = this.#articles.findIndex(({ dataset }) => dataset.way === this.#way);
    const bytes = number(this.#bodies[at].bytes);
    this.#size.textContent =
      this.#way === "tab"
        ? t("Handed over inside the tab: %(bytes)s bytes. Over the network: none.", { bytes })
        : t("The body has %(bytes)s bytes; a few lines of headers come on top.", { bytes });
  }

  #walk() {
    const stops = [...(this.#articles.find(({ hidden }) => !hidden)?.querySelectorAll(".stops li") ?? [])];
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.#host.dataset.state = "running";
    this.#drawing.go(still ? 0 : WAY_MS, (share) => {
      const here = Math.min(stops.length - 1, Math.floor(share * stops.length));
      for (const [index, stop] of stops.entries()) {
        if (index === here) stop.setAttribute("aria-current", "step");
        else stop.removeAttribute("aria-current");
      }
      if (share === 1) this.#host.dataset.state = "ready";
    });
  }

  /** @param {import("./page/requests.js").Counts} counts */
  #count(counts) {
    const all = [...counts].sort(([, one], [, other]) => other - one);
    const elsewhere = all.filter(([name]) => name !== location.host).reduce((sum, [, count]) => sum + count, 0);
    const words = { own: location.host, elsewhere: number(elsewhere) };
    const sum = t("To hosts other than %(own)s: %(elsewhere)s.", words);
    if (this.#sum.textContent !== sum) this.#sum.textContent = sum;
    this.#hosts.replaceChildren(
      ...all.map(([name, count]) =>
        element("tr", {}, element("th", { scope: "row" }, name), element("td", {}, number(count))),
      ),
    );
  }

  /** @param {HTMLElement[]} mine */
  #leave(mine) {
    for (const node of mine) node.remove();
    for (const article of this.#articles) article.hidden = false;
    for (const body of this.#bodies) body.ask(this.#host.dataset.question ?? "");
  }
}

/** What is handed over on one way, as the page has it: some lines, an empty one, and JSON with the question in it. */
class Body {
  bytes = 0;
  #code;
  #head;
  #json;
  #asked;
  #around;

  /**
   * @param {HTMLElement} article with `data-around` where the sender writes ASCII alone: the bytes beside the question
   * @param {string} asked the question that stands in it
   */
  constructor(article, asked) {
    this.#code = /** @type {HTMLElement} */ (article.querySelector("pre code"));
    const [head, ...rest] = (this.#code.textContent ?? "").split("\n\n");
    this.#head = head;
    this.#json = rest.join("\n\n");
    this.#asked = JSON.stringify(asked).slice(1, -1);
    this.#around = Number(article.dataset.around);
  }

  /** @param {string} question */
  ask(question) {
    const said = JSON.stringify(question).slice(1, -1);
    const json = this.#json.replace(this.#asked, () => said);
    this.#code.textContent = `${this.#head}\n\n${json}`;
    this.bytes = this.#around
      ? this.#around + said.replaceAll(/[^ -~]/g, "\\u0000").length
      : new TextEncoder().encode(JSON.stringify(JSON.parse(json))).length;
  }
}

function head() {
  const cells = [t("Host"), t("Requests")].map((words) => element("th", { scope: "col" }, words));
  return element("thead", {}, element("tr", {}, ...cells));
}

if (!customElements.get("word-path")) customElements.define("word-path", WordPath);
