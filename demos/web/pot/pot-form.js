/**
 * The beginning of a text, how long it may get, and one button that cooks and, while it does, stops. Knows nothing of
 * servers: it calls `cook(order)` and `stop()`.
 */

import { element } from "../page/dom.js";
import { sendOnEnter } from "../page/enter.js";
import { t } from "../page/words.js";

/** Beginnings that a small model goes on with in more than one way. */
const IDEAS = () => [t("The capital of Korea is"), t("Ramen is"), t("Once upon a time")];

export class PotForm {
  #button = element("button", { type: "button", class: "pot-main", disabled: true }, t("Cook"));
  #prompt = element("textarea", { rows: 2, required: true, maxlength: 1000, enterkeyhint: "send" });
  #length = element("input", { type: "number", min: 1, max: 64, value: 12, required: true });
  #seed = element("input", { type: "number", min: 0, max: 2 ** 31 - 1 });
  #cook;
  #running = false;

  /**
   * @param {{cook: (order: {prompt: string}) => void, stop: () => void}} actions
   * @param {AbortSignal} signal takes the listeners off
   */
  constructor({ cook, stop }, signal) {
    this.#cook = cook;
    const ideas = IDEAS().map((text) => {
      const idea = element("button", { type: "button", class: "pot-idea" }, text);
      idea.addEventListener("click", () => (this.#prompt.value = text), { signal });
      return idea;
    });
    this.#prompt.value = IDEAS()[0];
    this.root = element(
      "form",
      { class: "calc pot-form" },
      labelled(t("The beginning of a text"), this.#prompt),
      element("div", { class: "pot-line", role: "group", "aria-label": t("Beginnings to try") }, ...ideas),
      element(
        "div",
        { class: "pot-line" },
        labelled(t("Tokens to cook"), this.#length),
        labelled(t("Seed (empty: a surprise)"), this.#seed),
      ),
      element("div", { class: "pot-line" }, this.#button),
    );
    this.root.addEventListener("submit", (event) => event.preventDefault(), { signal });
    this.#button.addEventListener(
      "click",
      ({ detail }) => {
        if (detail > 1) return; // the second half of a double click must not stop what the first half began
        if (this.#running) stop();
        else this.send();
      },
      { signal },
    );
    this.#button.addEventListener("keydown", (event) => event.repeat && event.preventDefault(), { signal });
    sendOnEnter(this.#prompt, () => this.send(), signal);
  }

  /** What a branch takes over from the form, too. */
  get options() {
    return {
      max_tokens: this.#length.validity.valid ? this.#length.valueAsNumber : 12,
      ...(this.#seed.validity.valid && this.#seed.value && { seed: this.#seed.valueAsNumber }),
    };
  }

  /** Cook what is written, if that can be done now. */
  send() {
    if (this.#button.disabled || this.#running) return;
    if (!this.#prompt.value.trim()) this.#prompt.value = ""; // blanks are no text: let the browser say so
    if (this.root.reportValidity()) this.#cook({ prompt: this.#prompt.value.trimEnd() });
  }

  /** @param {{canCook: boolean, running: boolean}} state */
  update({ canCook, running }) {
    this.#running = running;
    this.#button.disabled = !canCook && !running;
    this.#button.textContent = running ? t("Stop") : t("Cook");
  }
}

/**
 * @param {string} text
 * @param {HTMLElement} control
 */
function labelled(text, control) {
  return element("label", { class: "pot-field" }, element("span", {}, text), control);
}
