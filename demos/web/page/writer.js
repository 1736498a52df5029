/**
 * The browser's own number formats, each made once: a new one costs a phone some milliseconds, and pages write dozens
 * of numbers. The language comes from `<html lang>`, which changes when a reader goes on in another one.
 */

/** @type {Map<string, Intl.NumberFormat>} */
const writers = new Map();

/**
 * @param {Intl.NumberFormatOptions} options
 * @param {string} [language]
 */
export function writer(options, language = document.documentElement.lang || "en") {
  const key = language + JSON.stringify(options);
  const known = writers.get(key);
  if (known) return known;
  const made = new Intl.NumberFormat(language, options);
  writers.set(key, made);
  return made;
}

// The first one of all costs most: it is made now, while the page's words are still on their way.
writer({ maximumFractionDigits: 1 });
