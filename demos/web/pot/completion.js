/**
 * A text that goes on, token by token, with the odds at every place: `POST /v1/completions`. What it goes on from may
 * be token ids, so that nothing is cut up anew and half a character is a beginning, too. Shows nothing.
 */

import { chunks } from "../kitchen/chat.js";
import { CUP } from "./odds.js";
import { token } from "./token-text.js";

/** @typedef {import("./token-text.js").Token} Token */
/**
 * @typedef {object} Order
 * @property {string | number[]} prompt a text, or token ids
 * @property {number} max_tokens
 * @property {number} temperature
 * @property {number} top_p
 * @property {number} [seed]
 */
/** @typedef {{prompt?: number[], tokens: Token[], finish?: string}} Piece `prompt`: ids, once, where they are told */

/**
 * @param {URL} api
 * @param {string} model
 * @param {Order} order
 * @param {AbortSignal} signal
 * @returns {AsyncGenerator<Piece, void, void>}
 * @throws {import("../kitchen/chat.js").ChatError} or an AbortError when the signal ended it
 */
export async function* goOn(api, model, order, signal) {
  const body = { model, ...order, top_k: CUP, logprobs: CUP, return_token_ids: true };
  for await (const chunk of chunks(api, "v1/completions", body, signal)) {
    const [choice] = chunk.choices ?? [];
    if (!choice) continue;
    yield {
      prompt: choice.prompt_token_ids,
      tokens: (choice.logprobs?.content ?? []).map(token),
      finish: choice.finish_reason ?? undefined,
    };
  }
}
