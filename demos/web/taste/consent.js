/**
 * Asks, before words leave for the restaurant: shows the very request, the host, and what the terms say, and waits for
 * yes or no. What was allowed is remembered for this tab, for one model at a time; pictures are asked for anew.
 */

import { element } from "../page/dom.js";
import { shown } from "../kitchen/letter.js";
import { t } from "../page/words.js";

const KEY = "bowl-consent";

export class Consent {
  #heading = element("p", { class: "tt-status", tabindex: -1 });
  #paper = element("div");
  #terms = element("div", { class: "tt-terms" });
  #yes = element("button", { type: "button", class: "tt-button tt-main" }, t("Yes, send it"));
  #no = element("button", { type: "button", class: "tt-button" }, t("No, send nothing"));
  root = element(
    "section",
    { class: "tt-consent", hidden: true, "aria-label": t("Before anything leaves") },
    this.#heading,
    this.#paper,
    this.#terms,
    element("div", { class: "tt-actions" }, this.#yes, this.#no),
  );
  /** @type {(answer: boolean) => void} */
  #settle = () => {};

  /** @param {AbortSignal} signal takes the listeners off, and is a no */
  constructor(signal) {
    this.#yes.addEventListener("click", () => this.#settle(true), { signal });
    this.#no.addEventListener("click", () => this.#settle(false), { signal });
  }

  /**
   * @param {import("../kitchen/menu.js").Bowl} bowl
   * @param {boolean} picture
   */
  given(bowl, picture) {
    return remembered().includes(name(bowl, picture));
  }

  /** Take back everything that was allowed. */
  static withdraw() {
    remember([]);
  }

  static get any() {
    return remembered().length > 0;
  }

  /**
   * @param {import("../kitchen/menu.js").Bowl} bowl
   * @param {boolean} picture whether one goes along
   * @param {import("../kitchen/letter.js").Letter} letter
   * @param {AbortSignal} signal is a no
   * @returns {Promise<boolean>}
   */
  async ask(bowl, picture, letter, signal) {
    this.#heading.textContent = t("This would leave the kitchen, for %(host)s:", { host: letter.host });
    this.#paper.replaceChildren(shown(letter));
    // The page's own paragraphs about the terms: facts with their sources, in the page's language.
    const terms = document.querySelector(bowl.price?.output === 0 ? "[data-terms=hosted]" : "[data-terms=gemini]");
    this.#terms.replaceChildren(...(terms?.cloneNode(true).childNodes ?? []));
    this.root.hidden = false;
    this.root.scrollIntoView({ block: "nearest" });
    this.#heading.focus({ preventScroll: true });
    const answer = await new Promise((resolve) => {
      this.#settle = resolve;
      signal.addEventListener("abort", () => resolve(false), { once: true });
    });
    this.root.hidden = true;
    if (answer) remember([...remembered(), name(bowl, picture)]);
    return answer;
  }
}

/**
 * @param {import("../kitchen/menu.js").Bowl} bowl
 * @param {boolean} picture
 */
function name({ host, id }, picture) {
  return `${host} ${id}${picture ? " with pictures" : ""}`;
}

/** @type {string[]} where a browser keeps nothing */
let inPage = [];

/** @returns {string[]} */
function remembered() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? "[]");
  } catch {
    return inPage;
  }
}

/** @param {string[]} names */
function remember(names) {
  inPage = names;
  try {
    sessionStorage.setItem(KEY, JSON.stringify(names));
  } catch {
    // inPage has them
  }
}
