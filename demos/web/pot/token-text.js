/** A token on the page: its text, its spaces and line breaks made visible, or its bytes where it is half a character. */

import { element } from "../page/dom.js";
import { t } from "../page/words.js";

/**
 * @typedef {object} Token
 * @property {number} [id] its number in the model's vocabulary, where the server tells it
 * @property {string} text
 * @property {Uint8Array} data its bytes, which need not be whole characters
 * @property {number} logprob natural logarithm of its probability, before temperature and the like
 * @property {Token[]} others the likeliest ones at its place, the likeliest first
 */

/** Tokens that end a text, by the names that Gemma's vocabularies have for them. */
const ENDS = new Set(["<eos>", "<end_of_turn>", "<turn|>"]);
const strict = new TextDecoder("utf-8", { fatal: true });

/**
 * @param {any} told OpenAI's object for one token
 * @returns {Token}
 */
export function token({ id, token: text, bytes, logprob, top_logprobs: others = [] }) {
  const data = bytes ? Uint8Array.from(bytes) : new TextEncoder().encode(text);
  return { id, text, data, logprob, others: others.map(token) };
}

/** @param {Token} token */
export function ends({ text }) {
  return ENDS.has(text);
}

/**
 * What tokens say together: their bytes as text, what is no text left out, and no end.
 * @param {Token[]} tokens
 */
export function joined(tokens) {
  const decoder = new TextDecoder();
  const said = tokens.filter((token) => !ends(token)).map(({ data }) => decoder.decode(data, { stream: true }));
  return (said.join("") + decoder.decode()).replaceAll("\uFFFD", "");
}

/**
 * @param {Token} token
 * @returns {string | null} null where its bytes are no whole characters
 */
function whole({ data }) {
  try {
    return strict.decode(data);
  } catch {
    return null;
  }
}

/** @param {Token} token */
function hex({ data }) {
  return [...data].map((byte) => byte.toString(16).toUpperCase().padStart(2, "0")).join(" ");
}

/**
 * Words that are heard only.
 * @param {string} words
 */
export function heard(words) {
  return element("span", { class: "token-heard" }, ` ${words} `);
}

/**
 * A token to be seen, and heard.
 * @param {Token} token
 * @returns {HTMLElement}
 */
export function seen(token) {
  const text = whole(token);
  const node = element("span", { class: "token-text" });
  if (ends(token)) node.append(element("i", {}, t("the end")));
  else if (text === null) node.append(heard(t("part of a character")), element("code", {}, hex(token)));
  else {
    for (const part of text.split(/( |\n)/).filter(Boolean)) {
      if (part === " ") node.append(element("span", { class: "token-space" }, " "));
      else if (part === "\n") node.append(element("i", {}, t("line break")));
      else node.append(part);
    }
    if (/^ +$/.test(text)) node.append(heard(t("a space")));
  }
  return node;
}
