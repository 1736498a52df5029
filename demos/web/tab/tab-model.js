/**
 * A model in this tab, from the page's side: one worker (`workers/wllama.js`) that loads it and answers, and that is
 * ended with everything it holds. Shows nothing.
 */

import { noted } from "../page/requests.js";

/** @typedef {import("./larder.js").Part} Part */
/** @typedef {import("./larder.js").Trouble} Trouble */
/** @typedef {import("../kitchen/chat.js").Timings} Timings */

/**
 * @typedef {object} Load
 * @property {string} home the address of wllama's folder
 * @property {Part[]} parts of the base, in their order
 * @property {Part} [topping] an adapter for it
 * @property {File} [file] a model from the reader's disk, in place of the parts
 * @property {Record<string, string>} headers for the parts' host
 * @property {number} threads
 * @property {boolean} gpu whether WebGPU may be used
 */

/**
 * @typedef {object} Loaded
 * @property {string} name as its file says
 * @property {number} threads
 * @property {boolean} chat whether it was taught to talk, and says how
 */

/**
 * @typedef {object} Order
 * @property {string} prompt
 * @property {boolean} chat whether the model's own template goes around the prompt
 * @property {number} [topping] how strong, 0 is none at all
 * @property {string[]} stop texts that end an answer
 * @property {number} max_tokens
 * @property {number} temperature
 * @property {number} [seed]
 */

/** @typedef {{ step: "fetch" | "load", done?: number, all?: number }} Step */
/** @typedef {{ read: number } | { text: string } | { finish: string, timings?: Timings }} Piece */

/** Why a model is not there or stopped. */
export class TabError extends Error {
  /**
   * @param {Trouble | "broken" | "stopped"} kind
   * @param {Record<string, string>} [values] what the sentence about it names
   */
  constructor(kind, values = {}) {
    super(kind);
    this.kind = kind;
    this.values = values;
  }
}

/** Sends "step" events, whose `detail` is a Step, while it loads. */
export class TabModel extends EventTarget {
  /** @type {Worker | undefined} */
  #worker;
  /** @type {(error: TabError) => void} */
  #end = () => {};

  /**
   * @param {Load} order
   * @returns {Promise<Loaded>}
   * @throws {TabError}
   */
  load(order) {
    this.stop();
    const worker = new Worker(new URL("../workers/wllama.js", import.meta.url), { type: "module", name: "wllama" });
    this.#worker = worker;
    return new Promise((resolve, reject) => {
      this.#end = reject;
      worker.addEventListener("error", (event) => {
        event.preventDefault();
        this.#fail(new TabError("broken", { reason: event.message || "the worker did not load" }));
      });
      worker.addEventListener("message", ({ data }) => {
        if (data.asked) noted(data.asked);
        if (data.step) this.dispatchEvent(new CustomEvent("step", { detail: data }));
        if (data.trouble) this.#fail(new TabError(data.trouble, data.values));
        if (data.ready) resolve(data.ready);
      });
      worker.postMessage({ load: order });
    });
  }

  /**
   * The answer as it is written.
   * @param {Order} order
   * @param {AbortSignal} signal ends the answer; the model stays
   * @returns {AsyncGenerator<Piece, void, void>}
   * @throws {TabError}
   */
  async *answer(order, signal) {
    const worker = this.#worker;
    if (!worker) throw new TabError("broken", { reason: "the worker has ended" });
    /** @type {any[]} */
    const came = [];
    let wake = () => {};
    const hear = (/** @type {MessageEvent} */ { data }) => {
      came.push(data);
      wake();
    };
    const stop = () => worker.postMessage({ stop: true });
    /** @type {TabError | undefined} */
    let ended;
    this.#end = (error) => {
      ended = error;
      wake();
    };
    worker.addEventListener("message", hear);
    signal.addEventListener("abort", stop);
    worker.postMessage({ ask: order });
    try {
      while (true) {
        for (const piece of came.splice(0)) {
          if (piece.broken !== undefined) throw new TabError("broken", { reason: piece.broken });
          yield piece;
          if ("finish" in piece) return;
        }
        if (ended) throw ended;
        if (!came.length) await new Promise((resolve) => (wake = () => resolve(undefined)));
      }
    } finally {
      worker.removeEventListener("message", hear);
      signal.removeEventListener("abort", stop);
    }
  }

  /** End the worker and free its memory, whatever it is doing. */
  stop() {
    this.#fail(new TabError("stopped"));
  }

  /** @param {TabError} error */
  #fail(error) {
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#end(error);
  }
}
