/**
 * One bowl's answer: the text as it streams, what it took, who wrote it, where the words went, and errors in place.
 * One card per model; it knows nothing of the request that feeds it. Screen readers hear the status line, not every
 * token.
 */

import { bowl } from "./bowl.js";
import { element } from "./dom.js";
import { number, seconds } from "./format.js";
import { MarkdownStream } from "./markdown.js";
import { t } from "./words.js";

/** @typedef {import("./meter.js").Reading} Reading */
/** @typedef {"resting" | "running" | "done" | "stopped" | "error"} CardState */

const UNKNOWN = "–";

export class AnswerCard {
  #status = element("p", { class: "tt-status", role: "status" });
  #text = element("div", { class: "tt-text" });
  #error = element("p", { class: "tt-error", role: "alert", hidden: true });
  #retry = element("button", { type: "button", class: "tt-button", hidden: true }, t("Retry"));
  #copy = element("button", { type: "button", class: "tt-button tt-small" }, t("Copy"));
  #clear = element("button", { type: "button", class: "tt-button tt-small" }, t("Clear"));
  #tools = element("div", { class: "tt-tools", hidden: true }, this.#copy, this.#clear);
  #bubble = element("div", { class: "tt-bubble" }, this.#text, this.#error, this.#retry, this.#tools);
  #firstToken = element("dd");
  #tokens = element("dd");
  #rate = element("dd");
  #serverFirstToken = element("span");
  #figures = element(
    "dl",
    { class: "tt-figures" },
    figure(t("First token"), this.#firstToken),
    figure(t("Tokens"), this.#tokens),
    figure(t("Tokens per second"), this.#rate),
  );
  #origin = element("p", { class: "tt-origin" });
  #markdown = new MarkdownStream(this.#text);
  #waiting = 0;

  /**
   * @param {{retry: () => void, clear: () => void}} actions
   * @param {AbortSignal} signal takes the listeners and the timer off
   */
  constructor({ retry, clear }, signal) {
    this.root = element(
      "section",
      { class: "tt-answer", "aria-label": t("Answer") },
      element("div", { class: "tt-head" }, bowl(), this.#status),
      this.#bubble,
      this.#figures,
      this.#origin,
      this.#definitions(),
    );
    this.#retry.addEventListener("click", retry, { signal });
    this.#clear.addEventListener("click", clear, { signal });
    this.#copy.addEventListener("click", () => this.#copyText(), { signal });
    this.#copy.hidden = !navigator.clipboard; // not there on plain http from another computer
    signal.addEventListener("abort", () => clearTimeout(this.#waiting), { once: true });
    this.rest();
  }

  /** An empty bowl, before the first question or after the answer was cleared. */
  rest() {
    this.#bubble.hidden = this.#origin.hidden = true;
    this.#figures.hidden = false;
    this.#show("resting", t("The bowl is waiting for your question."));
    this.measure({ tokens: 0 });
  }

  /**
   * An empty card for a new answer.
   * @param {{model: string, machine: string, place: string}} origin
   */
  start({ model, machine, place }) {
    clearTimeout(this.#waiting);
    this.#markdown = new MarkdownStream(this.#text);
    this.#text.setAttribute("aria-busy", "true");
    this.#error.hidden = this.#retry.hidden = this.#tools.hidden = true;
    this.#error.textContent = "";
    this.#bubble.hidden = this.#figures.hidden = this.#origin.hidden = false;
    this.#origin.replaceChildren(
      t("Cooked by %(model)s. It is a very small model: quick and charming, often wrong.", { model }),
      " ",
      t("Stove: %(machine)s.", { machine }),
      " ",
      element("strong", {}, t("Where your words went: %(place)s.", { place })),
    );
    this.#serverFirstToken.textContent = "";
    this.#show("running", t("Answering…"));
    this.measure({ tokens: 0 });
    this.root.scrollIntoView({ block: "nearest" });
  }

  /** @param {string} piece */
  write(piece) {
    this.#markdown.push(piece);
  }

  /** @param {Reading} reading */
  measure({ firstTokenMs, tokens, tokensPerSecond, serverFirstTokenMs }) {
    setText(this.#firstToken, firstTokenMs === undefined ? UNKNOWN : seconds(firstTokenMs));
    setText(this.#tokens, tokens === 0 ? UNKNOWN : number(tokens));
    setText(this.#rate, tokensPerSecond === undefined ? UNKNOWN : number(tokensPerSecond));
    if (serverFirstTokenMs !== undefined) {
      const time = seconds(serverFirstTokenMs);
      setText(this.#serverFirstToken, t("This time the server itself measured %(time)s.", { time }));
    }
  }

  /**
   * @param {CardState} state
   * @param {string} status
   */
  end(state, status) {
    this.#markdown.end();
    this.#text.removeAttribute("aria-busy");
    this.#tools.hidden = !this.#markdown.source;
    this.#show(state, status);
  }

  /**
   * @param {string} sentence
   * @param {number} [wait] seconds until Retry makes sense
   */
  fail(sentence, wait = 0) {
    const nothing = !this.#markdown.source;
    this.end("error", nothing ? t("No answer this time.") : t("The answer broke off."));
    this.#figures.hidden = this.#origin.hidden = nothing;
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

  #definitions() {
    const first = t("From sending your prompt to the first text in this page, by the page's own clock.");
    const tokens = t(
      "Pieces of words that the model wrote. Counted as they arrive; the server's exact count replaces it at the end.",
    );
    const rate = t("How fast it writes once it has begun; the wait for the first token is not in it.");
    return element(
      "details",
      { class: "tt-more" },
      element("summary", {}, t("What do these numbers mean?")),
      element(
        "dl",
        {},
        element("dt", {}, t("First token")),
        element("dd", {}, first, " ", this.#serverFirstToken),
        element("dt", {}, t("Tokens")),
        element("dd", {}, tokens),
        element("dt", {}, t("Tokens per second")),
        element("dd", {}, rate),
      ),
    );
  }
}

/**
 * @param {string} name
 * @param {HTMLElement} value
 */
function figure(name, value) {
  return element("div", {}, element("dt", {}, name), value);
}

/**
 * Figures change with every token; what did not change is not touched.
 * @param {HTMLElement} node
 * @param {string} text
 */
function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
