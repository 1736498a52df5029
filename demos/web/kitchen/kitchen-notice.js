/** What the reader is told about the kitchen: open, warming up, failed, or gone. */

import { element } from "../page/dom.js";
import { percent } from "../page/format.js";
import { reasonInWords, stepInWords } from "./reasons.js";
import { t } from "../page/words.js";

/** @typedef {import("./kitchen.js").Kitchen} Kitchen */

export class KitchenNotice {
  #sentence = element("p", { role: "status" });
  #more = element("div", { class: "tt-notice-more" });
  root = element("div", { class: "tt-notice", hidden: true }, this.#sentence, this.#more);
  #progress = element("progress", { max: 1, "aria-label": t("Loading the model") });
  #step = element("span");
  #meanwhile;
  #again = element("button", { type: "button", class: "tt-button" }, t("Check again"));

  /**
   * @param {() => void} checkAgain
   * @param {AbortSignal} signal takes the listeners off
   * @param {Node[]} [meanwhile] what can be read while a model loads
   */
  constructor(checkAgain, signal, meanwhile = []) {
    this.#meanwhile = meanwhile;
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
        this.#say(failure(kitchen), this.#again);
        break;
      case undefined:
        this.#say(t("The kitchen does not answer. Is the server still running?"), this.#again);
        break;
    }
  }

  /** @param {Kitchen} kitchen */
  #loading({ progress = 0, step = "", model }) {
    this.#progress.value = progress;
    this.#step.textContent = [model?.label, stepInWords(step), percent(progress)].filter(Boolean).join(" · ");
    if (this.#progress.isConnected) return; // already said: only the figures move
    this.#say(t("The kitchen is warming up. You can already write your prompt."), this.#progress, this.#step, ...this.#meanwhile);
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

/**
 * Why a kitchen could not open.
 * @param {Kitchen} kitchen
 */
export function failure({ code, reason }) {
  return t("The kitchen could not open: %(reason)s", { reason: reasonInWords(code, reason ?? "?") });
}
