/**
 * The order slip: prompt, ideas, options, and one button that asks and, while an answer is being written, stops.
 * Knows nothing of servers: it calls `ask(order)` and `stop()`.
 */

import { element } from "../page/dom.js";
import { sendOnEnter } from "../page/enter.js";
import { t } from "../page/words.js";

/** @typedef {import("../kitchen/chat.js").Order} Order */

/** Prompts that a model of this size can do something with. */
const IDEAS = () => [
  t("Is Gemma the same as Gemini?"),
  t("Can I use Gemma on a plane?"),
  t("What is a topping?"),
  t("What is the capital of Korea?"),
];

export class PromptForm {
  #askOrStop = element("button", { type: "button", class: "tt-button tt-main", disabled: true }, t("Ask"));
  #prompt = element("textarea", { rows: 3, required: true, maxlength: 2000, enterkeyhint: "send" });
  #length = element("input", { type: "number", min: 1, max: 1024, value: 128, required: true });
  #temperature = element("input", { type: "number", min: 0, max: 2, step: "any", value: 0, required: true });
  #seed = element("input", { type: "number", min: 0, max: 2 ** 31 - 1 });
  #options = element(
    "details",
    { class: "tt-more" },
    element("summary", {}, t("Options")),
    element(
      "div",
      { class: "tt-options" },
      labelled(t("Longest answer, in tokens"), this.#length),
      labelled(t("Temperature: 0 is strict, higher is wilder"), this.#temperature),
      labelled(t("Seed: the same number cooks the same bowl (empty: a surprise)"), this.#seed),
    ),
  );
  #ask;
  #running = false;

  /**
   * @param {{ask: (order: Order) => void, stop: () => void}} actions
   * @param {AbortSignal} signal takes the listeners off
   * @param {{more?: Node[], options?: Node[]}} [also] controls of the demo around it
   */
  constructor({ ask, stop }, signal, { more = [], options = [] } = {}) {
    this.#ask = ask;
    this.#options.lastElementChild?.append(...options);
    const ideas = IDEAS().map((text) => {
      const idea = element("button", { type: "button", class: "tt-idea" }, text);
      idea.addEventListener("click", () => (this.#prompt.value = text), { signal });
      return idea;
    });
    this.root = element(
      "form",
      { class: "tt-form" },
      labelled(t("Your prompt"), this.#prompt),
      element("div", { class: "tt-ideas", role: "group", "aria-label": t("Prompt ideas") }, ...ideas),
      ...more,
      element("div", { class: "tt-actions" }, this.#askOrStop, this.#options),
      element("small", { class: "tt-keys" }, t("Enter asks, Shift+Enter starts a new line.")),
    );
    this.root.addEventListener("submit", (event) => event.preventDefault(), { signal });
    this.#askOrStop.addEventListener(
      "click",
      ({ detail }) => {
        if (detail > 1) return; // the second half of a double click must not stop what the first half asked for
        if (this.#running) stop();
        else this.send();
      },
      { signal },
    );
    // A held Enter would press Ask, Stop, Ask ...
    this.#askOrStop.addEventListener("keydown", (event) => event.repeat && event.preventDefault(), { signal });
    sendOnEnter(this.#prompt, () => this.send(), signal);
  }

  /** Order what is written, if it can be ordered now. The prompt stays, to be changed and asked again. */
  send() {
    if (this.#askOrStop.disabled || this.#running) return;
    const prompt = this.#prompt.value.trim();
    if (!prompt) this.#prompt.value = ""; // blanks are no prompt: let the browser say so
    const fields = [this.#length, this.#temperature, this.#seed];
    if (fields.some((field) => !field.validity.valid)) this.#options.open = true; // the browser points at the field
    if (!this.root.reportValidity()) return;
    this.#ask(this.order);
  }

  /** @returns {Order} what is written now */
  get order() {
    return {
      prompt: this.#prompt.value.trim(),
      max_tokens: this.#length.valueAsNumber,
      temperature: this.#temperature.valueAsNumber,
      ...(this.#seed.value && { seed: this.#seed.valueAsNumber }),
    };
  }

  /** @param {Partial<Record<keyof Order, string | number>>} order what to write, the rest as it is */
  fill({ prompt, max_tokens: length, temperature, seed }) {
    if (prompt !== undefined) this.#prompt.value = String(prompt);
    if (length !== undefined) this.#length.value = String(length);
    if (temperature !== undefined) this.#temperature.value = String(temperature);
    if (seed !== undefined) this.#seed.value = String(seed);
  }

  /** Put the writer back to the prompt, at its end. */
  edit() {
    this.#prompt.focus();
    this.#prompt.setSelectionRange(this.#prompt.value.length, this.#prompt.value.length);
  }

  /** Give the keyboard the one button that is always there. */
  focus() {
    this.#askOrStop.focus();
  }

  /** @param {{canAsk: boolean, running: boolean}} state */
  update({ canAsk, running }) {
    this.#running = running;
    this.#askOrStop.disabled = !canAsk && !running;
    this.#askOrStop.textContent = running ? t("Stop") : t("Ask");
    this.#askOrStop.classList.toggle("tt-stop", running);
  }
}

/**
 * @param {string} text
 * @param {HTMLElement} control
 */
function labelled(text, control) {
  return element("label", {}, element("span", {}, text), control);
}
