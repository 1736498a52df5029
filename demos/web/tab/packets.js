/** Where a model for this tab can come from: the page's own host, and the hub's files that the page names. Shows nothing. */

import { shelf } from "./larder.js";
import { authorization } from "../kitchen/token.js";

/** @typedef {import("./larder.js").Part} Part */

/**
 * @typedef {object} Packet
 * @property {string} label what is in it
 * @property {string} host where it comes from
 * @property {number} bytes of all files
 * @property {number} kept bytes that this browser has already
 * @property {Part[]} parts
 * @property {Part} [topping]
 * @property {Record<string, string>} headers for the host
 */

/**
 * The packet of the page's own host.
 * @param {URL} api the root that `api/model/` hangs from
 * @param {AbortSignal} signal
 * @returns {Promise<Packet | undefined>} none on a host that has none
 * @throws {TypeError} when nothing answers
 */
export async function own(api, signal) {
  const manifest = new URL("api/model/manifest.json", api);
  const headers = authorization();
  const response = await fetch(manifest, { signal, headers, cache: "no-store" });
  if (!response.ok) return undefined;
  const { model, topping } = await response.json().catch(() => ({})); // a host that answers every path with a page
  if (!model) return undefined;
  const part = (/** @type {any} */ { file, bytes, sha256 }) => ({ url: new URL(file, manifest).href, bytes, sha256 });
  return packed(model.label, manifest.host, model.parts.map(part), headers, topping ? part(topping) : undefined);
}

/**
 * The packets that the page names, of another host.
 * @param {string} named JSON: of each its label and its one file
 */
export function foreign(named) {
  const files = /** @type {(Part & { label: string })[]} */ (JSON.parse(named));
  return Promise.all(files.map(({ label, ...part }) => packed(label, new URL(part.url).host, [part], {})));
}

/**
 * @param {string} label
 * @param {string} host
 * @param {Part[]} parts
 * @param {Record<string, string>} headers
 * @param {Part} [topping]
 * @returns {Promise<Packet>}
 */
async function packed(label, host, parts, headers, topping) {
  const here = await shelf();
  const files = topping ? [...parts, topping] : parts;
  const sum = (/** @type {(part: Part) => number} */ size) => files.reduce((all, part) => all + size(part), 0);
  return {
    label,
    host,
    bytes: sum(({ bytes }) => bytes),
    kept: sum(({ sha256, bytes }) => Math.min(here.get(sha256) ?? 0, bytes)),
    parts,
    headers,
    ...(topping && { topping }),
  };
}
