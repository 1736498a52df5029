/**
 * The kitchen behind an element: asks after it, shows how it is, and keeps the element's `data-state`: idle, loading,
 * ready, running, error, absent. Parts of the page marked `data-part="absent"` show as long as there is no kitchen.
 */

import { KitchenNotice } from "./kitchen-notice.js";
import { watchKitchen } from "./kitchen.js";

/** @typedef {import("./kitchen.js").Kitchen} Kitchen */

export class KitchenDoor {
  /** @type {Kitchen | null} */
  kitchen = null;
  #host;
  #signal;
  #changed;
  #notice;

  /**
   * @param {HTMLElement} host with `data-api`, the way to the root that `api/kitchen` and `v1/` hang from
   * @param {() => void} changed called whenever the kitchen is another than before
   * @param {AbortSignal} signal the element's time on the page
   */
  constructor(host, changed, signal) {
    this.#host = host;
    this.#signal = signal;
    this.#changed = changed;
    this.api = new URL(host.dataset.api ?? "", document.baseURI);
    this.#notice = new KitchenNotice(() => this.open(), signal);
    this.root = this.#notice.root;
    host.dataset.state = "idle";
    signal.addEventListener("abort", () => this.#absent(false), { once: true });
  }

  get ready() {
    return this.kitchen?.state === "ready";
  }

  /** Ask after the kitchen and follow it until it is ready or is not going to be. */
  async open() {
    try {
      for await (const kitchen of watchKitchen(this.api, this.#signal)) this.#show(kitchen);
    } catch {
      if (!this.#signal.aborted) this.#show(null);
    }
  }

  /** @param {"ready" | "running" | "error"} state of what is cooked in it */
  set state(state) {
    this.#host.dataset.state = state;
  }

  /** @param {Kitchen | null} kitchen null: nothing answered */
  #show(kitchen) {
    this.kitchen = kitchen;
    this.#notice.show(kitchen);
    this.root.hidden = kitchen?.state === "absent";
    this.#absent(kitchen !== null && kitchen.state !== "absent");
    this.#host.dataset.state = kitchen?.state.replace("failed", "error") ?? "error";
    this.#changed();
  }

  /** @param {boolean} hidden */
  #absent(hidden) {
    for (const node of this.#host.querySelectorAll("[data-part=absent]")) {
      /** @type {HTMLElement} */ (node).hidden = hidden;
    }
  }
}
