/**
 * Who can cook: the packets on the server's own stove (and on stoves that it was pointed to), and the restaurant's
 * menu with today's prices, open or closed. Asks the server once; shows nothing. Where the server cannot tell which
 * models are the restaurant's, whatever cooks on another machine may be one of them, and is left out.
 */

import { ChatError, refusal } from "./chat.js";
import { authorization } from "./token.js";
import { t } from "../page/words.js";

/**
 * @typedef {object} Price USD per million tokens, today
 * @property {number} input
 * @property {number} output thoughts included
 * @property {number | null} cached_input
 */

/**
 * @typedef {object} Bowl one model that can be asked
 * @property {string} id
 * @property {string} label
 * @property {string | null} host the other machine that cooks; null for the server's own
 * @property {boolean} [ready] whether its stove is hot
 * @property {boolean} images
 * @property {boolean} thinking
 * @property {boolean} sampling whether temperature means something to it
 * @property {boolean} [hosted] whether it is the restaurant's: nothing goes there without leave
 * @property {Price | null} [price] where somebody bills it
 * @property {boolean | null} [free] whether a key without billing may ask it
 * @property {number | null} [parameters]
 * @property {{device: string, threads: number} | null} [runsOn]
 */

/**
 * @typedef {object} Restaurant
 * @property {boolean} open whether the server has a key
 * @property {string} host
 * @property {string} day of the prices
 * @property {Bowl[]} bowls
 * @property {{limit_usd: number, spent_usd: number, unreported_usd: number, held_usd: number} | null} budget
 */

/** @typedef {{packets: Bowl[], restaurant: Restaurant | null | undefined}} Menu */

/**
 * @param {URL} api
 * @param {AbortSignal} signal
 * @returns {Promise<Menu>} `restaurant` is null where the server knows of none, undefined where it failed to say
 * @throws {ChatError} when the server fails to say what cooks on it; see `restaurant`
 */
export async function menu(api, signal) {
  const unknown = (/** @type {unknown} */ error) => {
    if (error instanceof ChatError) return undefined;
    throw error;
  };
  const [models, found] = await Promise.all([got(api, "v1/models", signal), restaurant(api, signal).catch(unknown)]);
  const hosted = new Set(found?.bowls.map(({ id }) => id));
  const isPacket = (/** @type {any} */ { id, host }) => (found === undefined ? !host : !hosted.has(id));
  const packets = (models?.data ?? []).filter(isPacket).flatMap(packetsOf);
  return { packets, restaurant: found };
}

/**
 * The restaurant as it is now, with what it may still spend.
 * @param {URL} api
 * @param {AbortSignal} signal
 * @returns {Promise<Restaurant | null>} null where the server knows of none
 * @throws {ChatError} when the server fails to say; a TypeError when nothing answers, an AbortError
 */
export async function restaurant(api, signal) {
  const found = await got(api, "api/restaurant", signal);
  if (!found) return null;
  const bowls = found.models.map((/** @type {any} */ model) => ({
    ...model,
    host: found.host,
    images: true,
    hosted: true,
    free: model.free_tier,
  }));
  return { ...found, bowls };
}

/**
 * The request that an order would be to the restaurant. It is not sent.
 * @param {URL} api
 * @param {import("./chat.js").Conversation} order
 * @param {AbortSignal} signal
 * @returns {Promise<import("./letter.js").Letter>}
 * @throws {ChatError} or an AbortError when the signal ended it
 */
export async function letter(api, order, signal) {
  const headers = { "Content-Type": "application/json", ...authorization() };
  const request = { method: "POST", headers, body: JSON.stringify(order), signal };
  const response = await fetch(new URL("api/restaurant/letter", api), request).catch((error) => {
    throw signal.aborted ? error : new ChatError("gone");
  });
  if (!response.ok) throw await refusal(response);
  return response.json();
}

/** What the server calls the topping that comes along, and a model without any. */
const [HOUSE, BASE] = ["house", "base"];

/** @param {any} model an entry of /v1/models: one bowl, or two where the house topping can be left off */
function packetsOf({ id, label, host, parameters, capabilities, state, runs_on: runsOn }) {
  const { image: images, thinking, adapters } = capabilities;
  const bowl = { id, label, host, parameters, images, thinking, sampling: true, ready: state === "ready", runsOn };
  if (!adapters.includes(HOUSE)) return [bowl];
  const topped = { ...bowl, label: t("%(model)s with the house topping", { model: label }) };
  return [topped, { ...bowl, id: `${id}:${BASE}` }];
}

/**
 * @param {URL} api
 * @param {string} path
 * @param {AbortSignal} signal
 * @returns {Promise<any>} null where the server has no such thing
 * @throws {ChatError}
 */
async function got(api, path, signal) {
  const response = await fetch(new URL(path, api), { signal, cache: "no-store", headers: authorization() });
  if (response.ok) return response.json();
  if (response.status === 404) return null;
  throw await refusal(response);
}
