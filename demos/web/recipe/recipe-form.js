/**
 * A recipe: what is asked, seed, temperature, topping; and one thing of it to change. Knows nothing of servers: it calls
 * `cook(recipe)`, `change(kind)` and `stop()`.
 */

import { element } from "../page/dom.js";
import { sendOnEnter } from "../page/enter.js";
import { t } from "../page/words.js";

/** @typedef {import("./recipe.js").Recipe} Recipe */
/** @typedef {"seed" | "temperature" | "adapter" | "company"} Change */

/** @returns {[Change, string][]} */
const CHANGES = () => [
  ["seed", t("the seed, by one")],
  ["temperature", t("the temperature, a little")],
  ["adapter", t("the topping")],
  ["company", t("nothing, but cook two other orders beside it")],
];

export class RecipeForm {
  #prompt = element("textarea", { rows: 2, required: true, maxlength: 1000, enterkeyhint: "send" });
  #seed = element("input", { type: "number", min: 0, max: 2 ** 31 - 1, value: 7, required: true });
  #temperature = element("input", { type: "number", min: 0, max: 2, step: "any", value: 1, required: true });
  #topping = element("select", {}, element("option", { value: "" }, t("none: the base model")));
  #cook = element("button", { type: "button", class: "pot-main", disabled: true }, t("Cook three times"));
  #again = element("button", { type: "button", class: "pot-main", disabled: true }, t("Cook once more"));
  #stop = element("button", { type: "button", class: "pot-back", hidden: true }, t("Stop"));
  #changes = element(
    "fieldset",
    { class: "calc-asked", hidden: true },
    element("legend", {}, t("Now change one thing")),
  );
  #actions;

  /**
   * @param {{cook: (recipe: Recipe) => void, change: (kind: Change) => void, stop: () => void}} actions
   * @param {AbortSignal} signal takes the listeners off
   */
  constructor(actions, signal) {
    this.#actions = actions;
    this.#prompt.value = t("What is ramen?");
    for (const [kind, words] of CHANGES()) {
      const radio = element("input", { type: "radio", name: "change", value: kind, checked: kind === "seed" });
      this.#changes.append(element("label", { class: "calc-check" }, radio, element("span", {}, words)));
    }
    this.#changes.append(this.#again);
    this.root = element(
      "form",
      { class: "calc pot-form" },
      labelled(t("Your prompt"), this.#prompt),
      element(
        "div",
        { class: "pot-line" },
        labelled(t("Seed"), this.#seed),
        labelled(t("Temperature"), this.#temperature),
        labelled(t("Topping"), this.#topping),
      ),
      element("div", { class: "pot-line" }, this.#cook, this.#stop),
      this.#changes,
    );
    this.root.addEventListener("submit", (event) => event.preventDefault(), { signal });
    this.#cook.addEventListener("click", () => this.#send(), { signal });
    this.#again.addEventListener("click", () => this.#actions.change(this.#kind()), { signal });
    this.#stop.addEventListener("click", () => this.#actions.stop(), { signal });
    sendOnEnter(this.#prompt, () => this.#send(), signal);
  }

  /**
   * The base model comes first: what a topping was trained to say is so sure that hardly a seed changes it.
   * @param {string[]} names of the toppings that the model has
   */
  offer(names) {
    const first = this.#topping.options[0];
    this.#topping.replaceChildren(first, ...names.map((name) => element("option", { value: name }, name)));
    const radio = /** @type {HTMLInputElement} */ (this.#changes.querySelector("[value=adapter]"));
    radio.disabled = names.length === 0;
    /** @type {HTMLElement} */ (radio.parentElement).hidden = names.length === 0;
  }

  /** @param {{open: boolean, running: boolean, cooked: boolean}} state */
  update({ open, running, cooked }) {
    const pressed = document.activeElement;
    this.#stop.hidden = !running;
    this.#cook.disabled = this.#again.disabled = !open || running;
    this.#changes.hidden = !cooked;
    if (running && (pressed === this.#cook || pressed === this.#again)) this.#stop.focus();
    if (!running && pressed === this.#stop) (cooked ? this.#again : this.#cook).focus();
  }

  #send() {
    if (!this.#cook.disabled && this.root.reportValidity()) this.#actions.cook(this.#recipe());
  }

  /** @returns {Change} */
  #kind() {
    const checked = /** @type {HTMLInputElement | null} */ (this.#changes.querySelector(":checked"));
    return /** @type {Change} */ (checked?.value ?? "seed");
  }

  /** @returns {Recipe} */
  #recipe() {
    return {
      prompt: this.#prompt.value.trim(),
      seed: this.#seed.valueAsNumber || 0,
      temperature: this.#temperature.valueAsNumber || 0,
      adapter: this.#topping.value,
      max_tokens: 40,
    };
  }
}

/**
 * @param {string} text
 * @param {HTMLElement} control
 */
function labelled(text, control) {
  return element("label", { class: "pot-field" }, element("span", {}, text), control);
}
