/**
 * A training as it goes: its curve, how far it is, how long it still takes, and what can be done when it has ended.
 * Screen readers hear its beginning, its halves and its end, not every step. Knows nothing of servers.
 */

import { element } from "../page/dom.js";
import { number, seconds } from "../page/format.js";
import { LossCurve, precise } from "./loss-curve.js";
import { reasonInWords } from "../kitchen/reasons.js";
import { t } from "../page/words.js";

/** @typedef {import("./toppings-api.js").TrainingEvent} TrainingEvent */

export class TrainingCard {
  #name = "";
  /** @type {number[]} */
  #losses = [];
  #title = element("h3");
  #said = element("p", { class: "tt-status", role: "status" });
  #figures = element("p", { class: "bar-progress" });
  #bar = element("progress", { max: 1, "aria-label": t("Steps done") });
  #curve = new LossCurve();
  #error = element("p", { class: "tt-error", role: "alert", hidden: true });
  #cancel = element("button", { type: "button", class: "tt-button tt-stop" }, t("Cancel the training"));
  #taste = element("button", { type: "button", class: "tt-button tt-main" }, t("Taste before and after"));
  #keep = element("button", { type: "button", class: "tt-button" }, t("Keep it"));
  #remove = element("button", { type: "button", class: "tt-button" }, t("Throw it away"));
  #leave = element("small", {}, t("You may leave this page: the training goes on in the kitchen."));
  root;

  /**
   * @param {{cancel: (name: string) => void, taste: (name: string) => void, remove: (name: string) => void}} actions
   * @param {AbortSignal} signal takes the listeners off
   */
  constructor({ cancel, taste, remove }, signal) {
    this.root = element(
      "section",
      { class: "bar-training", hidden: true, tabindex: "-1" },
      this.#title,
      this.#said,
      this.#bar,
      this.#figures,
      this.#curve.root,
      this.#error,
      element("div", { class: "tt-actions" }, this.#cancel, this.#taste, this.#keep, this.#remove),
      this.#leave,
    );
    this.#cancel.addEventListener("click", () => cancel(this.#name), { signal });
    this.#taste.addEventListener("click", () => taste(this.#name), { signal });
    this.#keep.addEventListener("click", () => this.#kept(), { signal });
    this.#remove.addEventListener("click", () => remove(this.#name), { signal });
  }

  /** @param {string} name of the topping whose training begins */
  begin(name) {
    this.#name = name;
    this.#losses = [];
    this.root.hidden = false;
    this.#title.textContent = t("Training: %(name)s", { name });
    this.#error.hidden = true;
    this.#say(t("Heating up: the training kitchen takes the model out of the packet."));
    this.#figures.textContent = "";
    this.#curve.show([], 1);
    this.#curve.root.hidden = true;
    this.#buttons("running");
  }

  /** @param {TrainingEvent} event */
  show({ state, step, of, loss, seconds_left, reason, code }) {
    if (state === "loading") return;
    if (loss !== null && step > this.#losses.length) this.#losses.push(loss);
    this.#bar.value = step / of;
    this.#curve.root.hidden = this.#losses.length === 0;
    this.#curve.show(this.#losses, of);
    if (state === "training") this.#step(step, of, seconds_left);
    else this.#end(state, code, reason);
  }

  /** @param {string} sentence about what went wrong on the way to the kitchen */
  fail(sentence) {
    this.#error.textContent = sentence;
    this.#error.hidden = false;
    this.#buttons("ended");
  }

  /**
   * Put it away.
   * @param {string} name of a topping that is there no more
   * @returns {boolean} whether the keyboard was in it, and needs another place
   */
  close(name) {
    if (name !== this.#name) return false;
    const within = this.root.contains(document.activeElement);
    this.root.hidden = true;
    return within;
  }

  /**
   * @param {number} step
   * @param {number} of
   * @param {number | null} left seconds
   */
  #step(step, of, left) {
    const values = { step: number(step), of: number(of), loss: precise(this.#losses[step - 1]) };
    const far = t("Step %(step)s of %(of)s, loss %(loss)s.", values);
    const time = left === null ? "" : t("About %(time)s left.", { time: rounded(left) });
    this.#figures.textContent = [far, time].filter(Boolean).join(" ");
    if (step === 1) this.#say(t("The training has begun."));
    if (step === Math.ceil(of / 2)) this.#say(t("Half done: %(progress)s", { progress: this.#figures.textContent }));
  }

  /**
   * @param {string} state
   * @param {string | null} code
   * @param {string | null} reason
   */
  #end(state, code, reason) {
    const last = this.#losses.length;
    this.#leave.hidden = true;
    if (state === "done") {
      this.#say(t("%(name)s is ready. Taste it beside the plain bowl, then keep it or throw it away.", { name: this.#name }));
      this.#figures.textContent = t("Steps: %(steps)s. Loss at the beginning: %(first)s, at the end: %(last)s.", {
        steps: number(last),
        first: precise(this.#losses[0]),
        last: precise(this.#losses[last - 1]),
      });
      this.#buttons("done");
      return;
    }
    this.#say(state === "cancelled" ? t("Cancelled. Nothing was kept.") : t("The training broke off."));
    if (state === "failed") this.fail(reasonInWords(code, reason ?? "?"));
    this.#buttons("ended");
  }

  #kept() {
    this.#say(t("Kept. %(name)s stays in the fridge, also when the server starts again.", { name: this.#name }));
    this.#buttons("kept");
  }

  /** @param {"running" | "done" | "kept" | "ended"} state */
  #buttons(state) {
    const pressed = document.activeElement;
    this.root.dataset.state = state;
    this.#cancel.hidden = this.#leave.hidden = this.#bar.hidden = state !== "running";
    this.#taste.hidden = state !== "done" && state !== "kept";
    this.#keep.hidden = this.#remove.hidden = state !== "done";
    if (state === "running") this.#bar.removeAttribute("value");
    const gone = [this.#cancel, this.#taste, this.#keep, this.#remove].some((button) => button.hidden && button === pressed);
    if (gone) this.root.focus(); // the pressed button took the keyboard's place with it
  }

  /** @param {string} sentence */
  #say(sentence) {
    if (this.#said.textContent !== sentence) this.#said.textContent = sentence;
  }
}

/** @param {number} left seconds; nobody needs them to the tenth */
function rounded(left) {
  return seconds(Math.max(1, Math.round(left)) * 1000);
}
