/**
 * A question as a model is asked it: the same text that the server makes (demos/server/local/prompt.py and
 * demos/server/topping/turns.py; a test compares them). A base model is shown a few questions with their answers,
 * `examples.json`; with the topping a question stands alone. Shows nothing.
 */

/**
 * @typedef {object} Examples how one language asks and answers
 * @property {string} intro
 * @property {string} question
 * @property {string} answer
 * @property {[string, string][]} pairs
 */

/** The text that ends an answer of either kind. */
export const STOP = ["\n"];

const HANGUL = /[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]/;
const KANA = /[\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9d]/;

/** @type {Promise<Record<string, Examples>> | undefined} */
let examples;

/**
 * Fetched while there is a network.
 * @throws {TypeError | SyntaxError} and asked for again the next time
 */
export function known() {
  examples ??= fetch(new URL("../examples.json", import.meta.url)).then((response) => response.json());
  examples.catch(() => (examples = undefined));
  return examples;
}

/** @param {string} question */
export function seasoned(question) {
  return `Q: ${oneLine(question)}\nA:`;
}

/** @param {string} question */
export async function bare(question) {
  const language = HANGUL.test(question) ? "ko" : KANA.test(question) ? "ja" : "en";
  const style = (await known())[language];
  if (!style) throw new Error(`no examples in ${language}`);
  const shown = style.pairs.flatMap(([asked, said]) => [`${style.question} ${asked}`, `${style.answer} ${said}`, ""]);
  return [style.intro, "", ...shown, `${style.question} ${oneLine(question)}`, style.answer].join("\n");
}

/** @param {string} text */
function oneLine(text) {
  return text.trim().split(/\s+/).join(" ");
}
