/** What the reader is told about the kitchen: open, warming up, failed, or gone. */

import { element } from "./dom.js";
import { percent } from "./format.js";
import { t } from "./words.js";

/** @typedef {import("./kitchen.js").Kitchen} Kitchen */

/**
 * What the server says that it is doing, in the reader's words; a step that is not listed here is shown as it came.
 * @returns {Record<string, string>}
 */
const STEPS = () => ({
  "Checking the model": t("Checking the model"),
  "Joining the parts of the model": t("Joining the parts of the model"),
  "Reading the tokenizer": t("Reading the tokenizer"),
  "Reading the configuration": t("Reading the configuration"),
  "Reading the weights": t("Reading the weights"),
  "Unpacking the weights": t("Unpacking the weights"),
  "Writing the converted model": t("Writing the converted model"),
  "Starting PyTorch": t("Starting PyTorch"),
  "Rounding the weights to int8": t("Rounding the weights to int8"),
  Tasting: t("Tasting"),
});

export class KitchenNotice {
  #sentence = element("p", { role: "status" });
  #more = element("div", { class: "tt-notice-more" });
  root = element("div", { class: "tt-notice", hidden: true }, this.#sentence, this.#more);
  #progress = element("progress", { max: 1, "aria-label": t("Loading the model") });
  #step = element("span");
  #again = element("button", { type: "button", class: "tt-button" }, t("Check again"));

  /**
   * @param {() => void} checkAgain
   * @param {AbortSignal} signal takes the listeners off
   */
  constructor(checkAgain, signal) {
    this.#again.addEventListener("click", checkAgain, { signal });
  }

  /** @param {Kitchen | null} kitchen null: nothing answered */
  show(kitchen) {
    this.root.hidden = false;
    this.root.dataset.state = kitchen?.state ?? "gone";
    switch (kitchen?.state) {
      case "loading":
        this.#loading(kitchen);
        break;
      case "ready":
        this.#say(t("The kitchen is open: %(model)s.", { model: kitchen.model?.label ?? "?" }));
        break;
      case "failed":
        this.#say(t("The kitchen could not open: %(reason)s", { reason: kitchen.reason ?? "?" }), this.#again);
        break;
      case undefined:
        this.#say(t("The kitchen does not answer. Is the server still running?"), this.#again);
        break;
    }
  }

  /** @param {Kitchen} kitchen */
  #loading({ progress = 0, step = "" }) {
    this.#progress.value = progress;
    this.#step.textContent = [STEPS()[step] ?? step, percent(progress)].filter(Boolean).join(" · ");
    if (this.#progress.isConnected) return; // already said: only the figures move
    this.#say(t("The kitchen is warming up. You can already write your prompt."), this.#progress, this.#step);
  }

  /**
   * @param {string} sentence
   * @param {...Node} more
   */
  #say(sentence, ...more) {
    if (this.#sentence.textContent !== sentence) this.#sentence.textContent = sentence;
    this.#more.replaceChildren(...more);
  }
}
