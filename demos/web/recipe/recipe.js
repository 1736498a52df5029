/** One answer cooked by a recipe, with its tokens, its bytes and their SHA-256. Shows nothing, keeps nothing. */

import { chunks } from "../kitchen/chat.js";
import { token } from "../pot/token-text.js";
import { authorization } from "../kitchen/token.js";

/** @typedef {import("../pot/token-text.js").Token} Token */
/** @typedef {{prompt: string, seed: number, temperature: number, adapter: string, max_tokens: number}} Recipe */
/**
 * @typedef {object} Dish
 * @property {string} text
 * @property {number} bytes how many it has in UTF-8
 * @property {string | null} hash in hexadecimal; null where the browser has no SHA-256 for this page
 * @property {Token[]} tokens its characters where the server tells none
 */
/** @typedef {{adapters: string[], logprobs: boolean}} Abilities */

/** Browsers have it on https and on this computer's own addresses only. */
const hashes = Boolean(globalThis.crypto?.subtle);

/**
 * What the model can do.
 * @param {URL} api
 * @param {string} model
 * @param {AbortSignal} signal
 * @returns {Promise<Abilities>}
 */
export async function abilities(api, model, signal) {
  const response = await fetch(new URL("v1/models", api), { headers: authorization(), signal });
  const menu = response.ok ? await response.json() : {};
  const found = menu.data?.find((/** @type {{id: string}} */ { id }) => id === model)?.capabilities;
  return { adapters: found?.adapters ?? [], logprobs: Boolean(found?.logprobs) };
}

/**
 * @param {URL} api
 * @param {string} model
 * @param {Recipe} recipe
 * @param {boolean} logprobs whether the model tells its tokens
 * @param {AbortSignal} signal
 * @returns {Promise<Dish>}
 * @throws {import("../kitchen/chat.js").ChatError} or an AbortError when the signal ended it
 */
export async function cooked(api, model, { prompt, ...recipe }, logprobs, signal) {
  const order = { model, messages: [{ role: "user", content: prompt }], ...recipe, ...(logprobs && { logprobs }) };
  /** @type {Token[]} */
  const tokens = [];
  let text = "";
  for await (const { choices = [] } of chunks(api, "v1/chat/completions", order, signal)) {
    text += choices[0]?.delta?.content ?? "";
    tokens.push(...(choices[0]?.logprobs?.content ?? []).map(token));
  }
  const data = new TextEncoder().encode(text);
  const characters = () => [...text].map((character) => token({ token: character, logprob: 0 }));
  return { text, bytes: data.length, hash: await digest(data), tokens: tokens.length ? tokens : characters() };
}

/** @param {Uint8Array<ArrayBuffer>} data */
async function digest(data) {
  if (!hashes) return null;
  const found = new Uint8Array(await crypto.subtle.digest("SHA-256", data));
  return [...found].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Where two answers part.
 * @param {Dish} one
 * @param {Dish} other
 * @returns {number} the first place at which their tokens differ; -1 where they are the same text
 */
export function parting(one, other) {
  if (one.text === other.text) return -1;
  const place = one.tokens.findIndex(({ data }, index) => String(data) !== String(other.tokens[index]?.data));
  return place < 0 ? one.tokens.length : place;
}
