/**
 * One bowl's answer: the text as it streams, what it took, who wrote it, where the words went, and errors in place.
 * One card per model; it knows nothing of the request that feeds it. Screen readers hear the status line, not every
 * token.
 */

import { bowl } from "./bowl.js";
import { element } from "../page/dom.js";
import { highlight } from "../page/highlight.js";
import { MarkdownStream } from "../page/markdown.js";
import { Tally } from "./tally.js";
import { t } from "../page/words.js";

/** @typedef {import("../kitchen/meter.js").Reading} Reading */
/** @typedef {"resting" | "running" | "done" | "stopped" | "error"} CardState */

export class AnswerCard {
  #status = element("p", { class: "tt-status", role: "status" });
  #text = element("div", { class: "tt-text" });
  #error = element("p", { class: "tt-error", role: "alert", hidden: true });
  #retry = element("button", { type: "button", class: "tt-button", hidden: true }, t("Retry"));
  #copy = element("button", { type: "button", class: "tt-button tt-small" }, t("Copy"));
  #again = element("button", { type: "button", class: "tt-button tt-small" }, t("Once more"));
  #clear = element("button", { type: "button", class: "tt-button tt-small" }, t("Clear"));
  #tools = element("div", { class: "tt-tools", hidden: true }, this.#copy, this.#again, this.#clear);
  #musing = element("div", { class: "tt-musing" });
  #thought = element(
    "details",
    { class: "tt-more tt-thought", hidden: true },
    element("summary", {}, t("What it thought first")),
    this.#musing,
  );
  #bubble = element("div", { class: "tt-bubble" }, this.#thought, this.#text, this.#error, this.#retry, this.#tools);
  #tally;
  #origin = element("p", { class: "tt-origin" });
  #markdown = new MarkdownStream(this.#text);
  #thoughts = new MarkdownStream(this.#musing);
  #waiting = 0;

  /**
   * @param {{retry: () => void, clear: () => void, again?: () => void}} actions
   * @param {AbortSignal} signal takes the listeners and the timer off
   * @param {Tally} [tally] its figures
   */
  constructor({ retry, clear, again }, signal, tally = new Tally(signal, ["first", "out", "rate"])) {
    this.#tally = tally;
    this.root = element(
      "section",
      { class: "tt-answer", "aria-label": t("Answer") },
      element("div", { class: "tt-head" }, bowl(), this.#status),
      this.#bubble,
      this.#tally.root,
      this.#origin,
    );
    this.#again.hidden = !again;
    if (again) this.#again.addEventListener("click", again, { signal });
    this.#retry.addEventListener("click", retry, { signal });
    this.#clear.addEventListener("click", clear, { signal });
    this.#copy.addEventListener("click", () => this.#copyText(), { signal });
    signal.addEventListener("abort", () => clearTimeout(this.#waiting), { once: true });
    this.rest();
  }

  /** The answer as the model wrote it. */
  get source() {
    return this.#markdown.source;
  }

  /** The answer without the marks of its Markdown. */
  get plain() {
    return this.#text.innerText;
  }

  get state() {
    return this.root.dataset.state;
  }

  /** The answer as it stands there, for a list of earlier ones. */
  copied() {
    return [...this.#text.cloneNode(true).childNodes];
  }

  /** An empty bowl, before the first question or after the answer was cleared. */
  rest() {
    this.#bubble.hidden = this.#origin.hidden = this.#tally.root.hidden = true;
    this.#markdown = new MarkdownStream(this.#text);
    this.#show("resting", t("The bowl is waiting for your question."));
    this.measure({ tokens: 0 });
  }

  /**
   * An empty card for a new answer.
   * @param {{model: string, machine: string, place: string, about?: string}} origin `about`: what to know of the model
   * @param {string[]} [remarks] on what it could not be given
   */
  start({ model, machine, place, about }, remarks = []) {
    clearTimeout(this.#waiting);
    this.#markdown = new MarkdownStream(this.#text);
    this.#thoughts = new MarkdownStream(this.#musing);
    this.#thought.hidden = true;
    this.#text.setAttribute("aria-busy", "true");
    this.#error.hidden = this.#retry.hidden = this.#tools.hidden = true;
    this.#error.textContent = "";
    this.#bubble.hidden = this.#tally.root.hidden = this.#origin.hidden = false;
    const small = t("Cooked by %(model)s. It is a very small model: quick and charming, often wrong.", { model });
    this.#origin.replaceChildren(
      [about ?? small, machine && t("Stove: %(machine)s.", { machine }), ...remarks].filter(Boolean).join(" "),
      " ",
      element("strong", {}, t("Where your words went: %(place)s.", { place })),
    );
    this.#show("running", t("Answering…"));
    this.measure({ tokens: 0 });
    this.root.scrollIntoView({ block: "nearest" });
  }

  /**
   * @param {string} piece
   * @param {string} [thought]
   */
  write(piece, thought = "") {
    if (thought) {
      this.#thought.hidden = false;
      this.#thoughts.push(thought);
    }
    if (piece) this.#markdown.push(piece);
  }

  /** @param {Reading} reading */
  measure(reading) {
    this.#tally.show(reading);
  }

  /**
   * @param {CardState} state
   * @param {string} status
   */
  end(state, status) {
    this.#markdown.end();
    this.#thoughts.end();
    highlight(this.#text);
    this.#text.removeAttribute("aria-busy");
    this.#tools.hidden = state === "error";
    this.#copy.hidden = !navigator.clipboard || !this.#markdown.source; // no clipboard on plain http from elsewhere
    this.#show(state, status);
  }

  /**
   * @param {string} sentence
   * @param {number} [wait] seconds until Retry makes sense
   */
  fail(sentence, wait = 0) {
    const nothing = !this.#markdown.source && this.#thought.hidden;
    this.#bubble.hidden = false;
    this.end("error", nothing ? t("No answer this time.") : t("The answer broke off."));
    this.#tally.root.hidden = this.#origin.hidden = nothing;
    this.#error.textContent = sentence;
    this.#error.hidden = this.#retry.hidden = false;
    this.#retry.disabled = wait > 0;
    if (wait > 0) this.#waiting = setTimeout(() => (this.#retry.disabled = false), wait * 1000);
  }

  /**
   * @param {CardState} state
   * @param {string} status
   */
  #show(state, status) {
    this.root.dataset.state = state;
    this.#status.textContent = status;
  }

  async #copyText() {
    const copied = await navigator.clipboard.writeText(this.#markdown.source).then(() => true, () => false);
    this.#status.textContent = copied ? t("Copied.") : t("The browser did not allow copying.");
  }
}
