/**
 * The words that the demos show, in the language of the page. `t("...")` takes the English text as its key;
 * `strings.json` beside this module holds the translations ({} for English).
 */

/** @type {Record<string, string>} */
const translations = await fetch(new URL("../strings.json", import.meta.url))
  .then((response) => (response.ok ? response.json() : {}))
  .catch(() => ({})); // English words are better than no demo

/**
 * @param {string} msgid English text; `%(name)s` marks a place for a value
 * @param {Record<string, string | number>} [values]
 * @returns {string}
 */
export function t(msgid, values = {}) {
  const text = translations[msgid] || msgid;
  return text.replace(/%\((\w+)\)s/g, (placeholder, name) => String(values[name] ?? placeholder));
}
