/**
 * `<bowl-quiz>`: makes a quiz of the claims around it. Under each closed claim stand four guesses; a guess opens the
 * answer and counts, opening it first only looks. The element itself is the score, with a text to share. Claims,
 * verdicts and answers are in the page, so without scripts they are a list to open.
 */

import { element } from "./page/dom.js";
import { number } from "./page/figures.js";
import { t } from "./page/words.js";

/** How a claim went, in a text to share. */
const SIGNS = { right: "🍜", wrong: "💨", open: "▫️" };
const VERDICTS = ["myth", "half", "outdated", "true"];

class BowlQuiz extends HTMLElement {
  /** @type {AbortController | undefined} */
  #life;

  connectedCallback() {
    this.#life = new AbortController();
    new Quiz(this, this.#life.signal).open();
  }

  disconnectedCallback() {
    this.#life?.abort();
  }
}

class Claim {
  /** @type {"open" | "right" | "wrong" | "seen"} */
  state = "open";
  #details;
  #told;
  #buttons;
  #words = element("span", { class: "quiz-told", role: "status" });

  /**
   * @param {HTMLDetailsElement} details
   * @param {Record<string, string>} names of the verdicts
   * @param {() => void} changed
   * @param {AbortSignal} signal
   */
  constructor(details, names, changed, signal) {
    this.#details = details;
    const verdict = /** @type {HTMLElement} */ (details.querySelector(".verdict"));
    this.#told = VERDICTS.find((kind) => verdict.classList.contains(kind)) ?? "";
    this.#buttons = VERDICTS.map((kind) => {
      const button = element("button", { type: "button", class: "quiz-button", "aria-pressed": "false" }, names[kind]);
      button.addEventListener("click", () => this.#guess(kind, button, changed), { signal });
      return button;
    });
    const claim = details.querySelector("summary")?.textContent ?? "";
    this.root = element("div", { class: "quiz-guess" });
    this.root.append(
      element("div", { role: "group", "aria-label": t("Your guess: %(claim)s", { claim }) }, ...this.#buttons),
      this.#words,
    );
    details.addEventListener("toggle", () => this.#looked(changed), { signal });
    details.after(this.root);
    this.reset();
  }

  reset() {
    this.state = "open";
    this.#details.open = false;
    this.#words.textContent = "";
    for (const button of this.#buttons) {
      button.setAttribute("aria-pressed", "false");
      button.removeAttribute("aria-disabled");
    }
  }

  /**
   * @param {string} kind
   * @param {HTMLButtonElement} button
   * @param {() => void} changed
   */
  #guess(kind, button, changed) {
    if (this.state !== "open") return;
    this.state = kind === this.#told ? "right" : "wrong";
    button.setAttribute("aria-pressed", "true");
    const name = this.#buttons[VERDICTS.indexOf(this.#told)].textContent ?? "";
    this.#words.textContent = this.state === "right" ? t("Right!") : t("Not quite: %(verdict)s.", { verdict: name });
    this.#close();
    this.#details.open = true;
    changed();
  }

  /** @param {() => void} changed */
  #looked(changed) {
    if (!this.#details.open || this.state !== "open") return;
    this.state = "seen";
    this.#words.textContent = t("Opened before a guess: does not count.");
    this.#close();
    changed();
  }

  /** The buttons keep the keyboard's place, so they are not disabled outright. */
  #close() {
    for (const button of this.#buttons) button.setAttribute("aria-disabled", "true");
  }
}

class Quiz {
  #host;
  #signal;
  #score = element("span", { role: "status" });
  #share = element("button", { type: "button", class: "quiz-button" }, t("Copy my result"));
  #again = element("button", { type: "button", class: "quiz-button" }, t("Start over"));
  /** @type {Claim[]} */
  #claims = [];

  /**
   * @param {HTMLElement} host
   * @param {AbortSignal} signal
   */
  constructor(host, signal) {
    this.#host = host;
    this.#signal = signal;
  }

  open() {
    const { myth = "", half = "", outdated = "", true: right = "" } = this.#host.dataset;
    const found = /** @type {NodeListOf<HTMLDetailsElement>} */ (document.querySelectorAll("details.claim"));
    // A link to one claim wants its answer, not a riddle.
    const named = document.getElementById(location.hash.slice(1)); // claims have names of plain letters
    this.#claims = [...found].map(
      (details) => new Claim(details, { myth, half, outdated, true: right }, () => this.#count(), this.#signal),
    );
    const linked = named?.closest("details");
    if (linked) linked.open = true;
    const root = element("div", { class: "quiz-score" }, this.#score, this.#share, this.#again);
    this.#host.append(root);
    this.#share.addEventListener("click", () => this.#copy(), { signal: this.#signal });
    this.#again.addEventListener("click", () => this.#restart(), { signal: this.#signal });
    this.#signal.addEventListener("abort", () => {
      root.remove();
      for (const claim of this.#claims) claim.root.remove();
    });
    this.#host.dataset.state = "ready";
    this.#count();
  }

  #counts() {
    const guessed = this.#claims.filter(({ state }) => state === "right" || state === "wrong").length;
    const right = this.#claims.filter(({ state }) => state === "right").length;
    return { guessed: number(guessed), right: number(right), all: number(this.#claims.length) };
  }

  #count() {
    const counts = this.#counts();
    const done = this.#claims.every(({ state }) => state !== "open");
    this.#score.textContent = done
      ? t("That was all. Right: %(right)s of %(all)s.", counts)
      : t("Right so far: %(right)s of %(guessed)s. Claims: %(all)s.", counts);
    this.#share.hidden = this.#again.hidden = this.#claims.every(({ state }) => state === "open");
  }

  #restart() {
    for (const claim of this.#claims) claim.reset();
    this.#count();
    const first = /** @type {HTMLElement | null} */ (document.querySelector(".quiz-guess button"));
    first?.focus(); // the pressed button goes away
  }

  async #copy() {
    const signs = this.#claims.map(({ state }) => (state === "seen" ? SIGNS.open : SIGNS[state])).join("");
    const line = t("Myth or menu? I got %(right)s of %(all)s right.", this.#counts());
    const text = `${line}\n${signs}\n${location.origin}${location.pathname}`;
    try {
      await navigator.clipboard.writeText(text);
      this.#score.textContent = t("Your result is in your clipboard.");
    } catch {
      this.#score.textContent = text; // a browser may forbid it
    }
  }
}

if (!customElements.get("bowl-quiz")) customElements.define("bowl-quiz", BowlQuiz);
