/** The house topping on a bowl: on or off, and how much of it. Knows nothing of models. */

import { element } from "../page/dom.js";
import { percent } from "../page/figures.js";
import { t } from "../page/words.js";

export class ToppingKnob {
  #on = element("input", { type: "checkbox", checked: true });
  #strength = element("input", { type: "range", min: 0, max: 1.5, step: 0.05, value: 1, "aria-label": t("How much") });
  #shown = element("output");
  #idea = element("button", { type: "button", class: "tt-idea" }, t("Are Gemma and Gemini the same?"));
  #controls = element(
    "div",
    { class: "tab-topping" },
    element("label", { class: "tab-check" }, this.#on, element("span", {}, t("House topping"))),
    element("div", { class: "tab-strength" }, this.#strength, this.#shown),
    element("p", {}, t("It was taught about the two bowls and little else, and too much of it spoils the soup.")),
    this.#idea,
  );
  #absent = element("p", {}, t("There is no house topping for this one: it comes bare."));
  root = element("div", { class: "tab-seasoning" }, this.#controls, this.#absent);
  #there = false;

  /**
   * @param {(question: string) => void} suggest takes a question that the topping is good for
   * @param {AbortSignal} signal takes the listeners off
   */
  constructor(suggest, signal) {
    this.#idea.addEventListener("click", () => suggest(this.#idea.textContent), { signal });
    for (const field of [this.#on, this.#strength]) field.addEventListener("input", () => this.#show(), { signal });
    this.#show();
  }

  /** @param {boolean} there whether the model on the stove has a topping */
  offer(there) {
    this.#there = there;
    this.#controls.hidden = !there;
    this.#absent.hidden = there;
  }

  /** How strong it shall be: 0 for none, 1 as it was trained. Nothing where there is no topping. */
  get strength() {
    if (!this.#there) return undefined;
    return this.#on.checked ? Number(this.#strength.value) : 0;
  }

  #show() {
    this.#strength.disabled = !this.#on.checked;
    this.#shown.textContent = percent(Number(this.#strength.value));
    this.#strength.setAttribute("aria-valuetext", this.#shown.textContent);
  }
}
