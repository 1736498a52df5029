/**
 * An answer as a row of its tokens, each with its odds: a toolbar where the arrow keys move and what is reached is
 * chosen. How likely a token was, its line says, too: double, solid, dashed, dotted.
 */

import { element } from "../page/dom.js";
import { inPercent } from "./odds.js";
import { heard, seen } from "./token-text.js";
import { t } from "../page/words.js";

/** @typedef {import("./token-text.js").Token} Token */

/** Which line stands under which odds. */
export const BANDS = /** @type {[number, string][]} */ ([
  [0.9, "sure"],
  [0.5, "likely"],
  [0.1, "open"],
  [0, "rare"],
]);

export class TokenRow {
  root = element("div", { class: "token-row", role: "toolbar", "aria-label": t("The tokens of the answer") });
  #choose;
  /** @type {{token: Token, button: HTMLButtonElement}[]} */
  #shown = [];

  /**
   * @param {(place: number) => void} choose
   * @param {AbortSignal} signal takes the listeners off
   */
  constructor(choose, signal) {
    this.#choose = choose;
    this.root.addEventListener("keydown", (event) => this.#key(event), { signal });
    this.root.addEventListener("click", (event) => this.#click(event), { signal });
  }

  /**
   * @param {Token[]} tokens those that were shown before keep their buttons, and the keyboard its place
   * @param {{at: number, mine: Set<Token>}} marks the place that is looked at; tokens that the reader put there
   */
  show(tokens, { at, mine }) {
    let same = this.#shown.findIndex(({ token }, place) => token !== tokens[place]);
    if (same < 0) same = this.#shown.length;
    for (const { button } of this.#shown.splice(same)) button.remove();
    for (const token of tokens.slice(same)) {
      const button = buttonOf(token, mine.has(token));
      this.#shown.push({ token, button });
      this.root.append(button);
    }
    for (const [place, { button }] of this.#shown.entries()) {
      button.setAttribute("aria-pressed", String(place === at));
      button.tabIndex = place === Math.max(at, 0) ? 0 : -1;
    }
  }

  /** @param {number} place */
  focus(place) {
    this.#shown[place]?.button.focus();
  }

  /** @param {Event} event */
  #click({ target }) {
    const place = this.#shown.findIndex(({ button }) => button.contains(/** @type {Node} */ (target)));
    if (place >= 0) this.#choose(place);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const here = this.#shown.findIndex(({ button }) => button === document.activeElement);
    const last = this.#shown.length - 1;
    const ways = { ArrowRight: here + 1, ArrowLeft: here - 1, Home: 0, End: last };
    const to = ways[/** @type {keyof typeof ways} */ (event.key)];
    if (here < 0 || to === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    this.#choose(Math.min(Math.max(to, 0), last));
    this.focus(Math.min(Math.max(to, 0), last));
  }
}

/**
 * @param {Token} token
 * @param {boolean} mine
 */
function buttonOf(token, mine) {
  const odds = Math.exp(token.logprob);
  return element(
    "button",
    { type: "button", class: "token", "data-odds": band(odds), "data-mine": mine },
    seen(token),
    element("small", {}, inPercent(odds)),
    ...(mine ? [heard(t("put there by you"))] : []),
  );
}

/** @param {number} odds */
function band(odds) {
  return BANDS.find(([least]) => odds >= least)?.[1] ?? "rare";
}
