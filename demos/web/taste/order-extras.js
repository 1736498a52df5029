/** What an order to two bowls has besides the prompt: who cooks, a picture, house rules, thinking, going on. */

import { element } from "../page/dom.js";
import { Picture } from "./picture.js";
import { t } from "../page/words.js";

/** @typedef {"both" | "packet" | "restaurant"} Who */
/** @typedef {"" | "none" | "high"} Thinking */

export class OrderExtras {
  #system = element("textarea", { rows: 2, maxlength: 2000 });
  #thinking = element(
    "select",
    {},
    element("option", { value: "" }, t("As the model likes")),
    element("option", { value: "none" }, t("As little as it can")),
    element("option", { value: "high" }, t("Long")),
  );
  #thinks = element("label", { hidden: true }, element("span", {}, t("Thinking before it answers")), this.#thinking);
  #follow = element("input", { type: "checkbox" });
  #goesOn = element(
    "label",
    { class: "tt-check", hidden: true },
    this.#follow,
    element("span", {}, t("Go on with the conversation: the bowls hear what was said before")),
  );
  #who = element("fieldset", { class: "tt-who", hidden: true }, element("legend", {}, t("Who cooks?")));
  #picture;

  /**
   * @param {() => void} changed
   * @param {AbortSignal} signal takes the listeners off
   */
  constructor(changed, signal) {
    this.#picture = new Picture(changed, signal);
    /** @type {[Who, string][]} */
    const choices = [
      ["both", t("Both, side by side")],
      ["packet", t("The packet alone")],
      ["restaurant", t("The restaurant alone")],
    ];
    for (const [value, words] of choices) {
      const radio = element("input", { type: "radio", name: "who", value, checked: value === "both" });
      this.#who.append(element("label", { class: "tt-check" }, radio, element("span", {}, words)));
    }
    this.#who.addEventListener("change", changed, { signal });
    this.more = [this.#who, this.#picture.root, this.#goesOn];
    const system = element("label", { class: "tt-wide" });
    system.append(element("span", {}, t("House rules for the cook (the system prompt)")), this.#system);
    this.options = [this.#thinks, system];
  }

  /** @param {{choice: boolean, images: boolean, thinking: boolean}} can what the bowls on offer make possible */
  offer({ choice, images, thinking }) {
    this.#who.hidden = !choice;
    this.#picture.root.hidden = !images;
    this.#thinks.hidden = !thinking;
  }

  /** @param {boolean} possible whether there is a conversation to go on with */
  offerFollowing(possible) {
    this.#goesOn.hidden = !possible;
    if (!possible) this.#follow.checked = false;
  }

  get who() {
    if (this.#who.hidden) return "both";
    const chosen = /** @type {HTMLInputElement | null} */ (this.#who.querySelector("input:checked"));
    return /** @type {Who} */ (chosen?.value ?? "both");
  }

  get system() {
    return this.#system.value.trim();
  }

  get thinking() {
    return /** @type {Thinking} */ (this.#thinking.value);
  }

  get follow() {
    return this.#follow.checked;
  }

  get picture() {
    return this.#picture.root.hidden ? "" : this.#picture.url;
  }

  /** @param {Record<string, string>} found the rest stays as it is */
  fill({ who, system, thinking }) {
    for (const radio of this.#who.querySelectorAll("input")) radio.checked ||= radio.value === who;
    if (system !== undefined) this.#system.value = system;
    if (thinking === "none" || thinking === "high") this.#thinking.value = thinking;
  }
}
