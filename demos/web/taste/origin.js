/** Who wrote an answer, on what, and where the words went: the lines under a bowl. */

import { number } from "../page/format.js";
import { t } from "../page/words.js";

/** @typedef {import("../kitchen/menu.js").Bowl} Bowl */

/** Models below so many weights are told to be small. */
const SMALL = 1e9;

/**
 * @param {Bowl} bowl
 * @param {URL} api
 */
export function origin(bowl, api) {
  const { label: model, runsOn } = bowl;
  return { model, machine: runsOn ? machine(runsOn) : "", place: place(bowl, api), about: about(bowl) };
}

/** @param {Bowl} bowl */
function about({ label: model, host, hosted, price, parameters }) {
  if (price?.output === 0) return t("Cooked by %(model)s: the packet, on the restaurant's stove.", { model });
  if (hosted) return t("Cooked by %(model)s, in a kitchen that nobody gets to see.", { model });
  if (!host && parameters && parameters < SMALL) return undefined; // the card's own words for a small one
  return t("Cooked by %(model)s.", { model });
}

/** @param {{device: string, threads: number}} hardware */
function machine({ device, threads }) {
  const name = device.toUpperCase();
  return threads ? t("%(device)s, threads: %(threads)s", { device: name, threads: number(threads) }) : name;
}

/**
 * @param {Bowl} bowl
 * @param {URL} api
 */
function place({ host }, { hostname, host: address }) {
  if (host) return t("to %(host)s, over the network", { host });
  const here = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
  if (here) return t("this computer (%(address)s) and nowhere else", { address });
  return t("the computer at %(address)s", { address });
}
