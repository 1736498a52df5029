/** The request to the restaurant as a reader sees it: where it would go, how long it is, every character of it. */

import { element } from "../page/dom.js";
import { number } from "../page/format.js";
import { t } from "../page/words.js";

/**
 * @typedef {object} Letter
 * @property {string} host
 * @property {string} path
 * @property {number} bytes of the body
 * @property {object} body
 */

/** A picture is this many characters or more; words are shown whole. */
const PICTURE = 400;

/**
 * @param {Letter} letter
 * @returns {HTMLElement}
 */
export function shown({ host, path, bytes, body }) {
  const line = element("p", { class: "tt-address" }, element("code", {}, `POST https://${host}${path}`));
  const text = element("code", {}, JSON.stringify(body, shortened, 2));
  const paper = element("pre", { tabindex: 0, "aria-label": t("The request, word for word") }, text);
  const size = t("%(bytes)s bytes. The key travels in a header of its own; this page never gets to see it.", {
    bytes: number(bytes),
  });
  return element("div", { class: "tt-letter" }, line, paper, element("small", {}, size));
}

/**
 * @param {string} name
 * @param {unknown} value
 */
function shortened(name, value) {
  if (name !== "data" || typeof value !== "string" || value.length < PICTURE) return value;
  return t("%(start)s… (your picture, %(count)s characters)", { start: value.slice(0, 24), count: number(value.length) });
}
