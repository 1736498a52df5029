/**
 * The server's `/api/toppings`: list, train, follow, cancel, delete. Shows nothing, keeps nothing. What is refused is
 * a `ChatError` with the server's sentence and code, as from `chat`.
 */

import { ChatError, eventData, refusal } from "../kitchen/chat.js";
import { authorization } from "../kitchen/token.js";

/** @typedef {{question: string, answer: string}} Example */

/**
 * @typedef {object} Training how far one is
 * @property {string} name
 * @property {"loading" | "training" | "done" | "cancelled" | "failed"} state
 * @property {number} step steps done
 * @property {number} of steps in all
 * @property {number[]} losses
 * @property {string | null} reason
 * @property {string | null} code
 */

/**
 * @typedef {object} TrainingEvent one step of a training, or its end
 * @property {Training["state"]} state
 * @property {number} step
 * @property {number} of
 * @property {number | null} loss
 * @property {number | null} seconds_left
 * @property {string | null} reason
 * @property {string | null} code
 */

/**
 * @typedef {object} Topping
 * @property {string} name
 * @property {boolean} house whether it came with the kitchen, and stays
 * @property {number} examples
 * @property {number[]} losses
 * @property {number | null} memory_bytes
 */

/**
 * @typedef {object} Overview
 * @property {string | null} model
 * @property {{message: string, code: string} | null} refusal why none can be trained
 * @property {{examples: [number, number], steps: [number, number], question: number, answer: number,
 *   name: number, kept: number}} limits
 * @property {{needed_bytes: number | null, free_bytes: number}} memory
 * @property {Training | null} training the last one
 * @property {Topping[]} toppings
 */

export class ToppingsApi {
  #root;

  /** @param {URL} api the root that `api/` hangs from */
  constructor(api) {
    this.#root = api;
  }

  /**
   * @param {AbortSignal} signal
   * @returns {Promise<Overview>}
   */
  async overview(signal) {
    return (await this.#ask("GET", "", signal)).json();
  }

  /**
   * @param {{name: string, examples: Example[], steps: number}} wish
   * @param {AbortSignal} signal
   * @returns {Promise<Training>}
   */
  async train(wish, signal) {
    return (await this.#ask("POST", "", signal, wish)).json();
  }

  /**
   * @param {string} name
   * @param {AbortSignal} signal
   */
  async cancel(name, signal) {
    await this.#ask("POST", `/${encodeURIComponent(name)}/cancel`, signal);
  }

  /**
   * @param {string} name
   * @param {AbortSignal} signal
   */
  async remove(name, signal) {
    await this.#ask("DELETE", `/${encodeURIComponent(name)}`, signal);
  }

  /**
   * A training from its first step on, to its end.
   * @param {string} name
   * @param {AbortSignal} signal
   * @returns {AsyncGenerator<TrainingEvent, void, void>}
   */
  async *follow(name, signal) {
    const response = await this.#ask("GET", `/${encodeURIComponent(name)}/training`, signal);
    let ended = false;
    for await (const data of eventData(/** @type {ReadableStream<Uint8Array>} */ (response.body), signal)) {
      if (data === "[DONE]") ended = true;
      else yield JSON.parse(data);
    }
    if (!ended) throw new ChatError("cut");
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {AbortSignal} signal
   * @param {object} [body]
   */
  async #ask(method, path, signal, body) {
    const headers = { ...authorization(), ...(body && { "Content-Type": "application/json" }) };
    const request = { method, headers, signal, ...(body && { body: JSON.stringify(body) }) };
    const response = await fetch(new URL(`api/toppings${path}`, this.#root), request).catch((error) => {
      throw signal.aborted ? error : new ChatError("gone");
    });
    if (!response.ok) throw await refusal(response);
    return response;
  }
}
