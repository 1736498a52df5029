/**
 * Asks the server that serves this page whether a model runs behind it, and waits while one loads. Shows nothing.
 * `/api/kitchen` always answers 200, so a page on a static host or beside a loading model logs no error.
 */

/**
 * @typedef {object} Kitchen what `/api/kitchen` says
 * @property {"absent" | "loading" | "ready" | "failed"} state
 * @property {number} [progress] from 0 to 1
 * @property {string} [step] what is being loaded
 * @property {string | null} [reason] one sentence, when failed
 * @property {string | null} [code] what kind of failure that is
 * @property {{id: string, label: string}} [model]
 * @property {string} [device]
 * @property {number} [threads]
 * @property {{host: string, bytes: number}[]} [sent] what has left that computer since the server started
 */

import { authorization } from "./token.js";

const POLL_MS = 700;

/**
 * @param {URL} api the root that `/api` and `/v1` hang from
 * @param {AbortSignal} signal
 * @returns {Promise<Kitchen>} `absent` when a plain file host answers
 * @throws {TypeError} when nothing answers at all
 */
export async function ask(api, signal) {
  const response = await fetch(new URL("api/kitchen", api), {
    signal,
    cache: "no-store",
    headers: authorization(),
  });
  try {
    return response.ok ? await response.json() : { state: "absent" };
  } catch (error) {
    if (error instanceof SyntaxError) return { state: "absent" }; // a host that answers every path with a page
    throw error;
  }
}

/**
 * The kitchen as it changes, until it is ready, failed or absent.
 * @param {URL} api
 * @param {AbortSignal} signal ends the waiting
 * @returns {AsyncGenerator<Kitchen, void, void>}
 */
export async function* watchKitchen(api, signal) {
  while (!signal.aborted) {
    const kitchen = await ask(api, signal);
    yield kitchen;
    if (kitchen.state !== "loading") return;
    await pause(signal);
  }
}

/** @param {AbortSignal} signal ends the pause early */
function pause(signal) {
  return /** @type {Promise<void>} */ (
    new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, POLL_MS);
      signal.addEventListener("abort", done);
    })
  );
}
