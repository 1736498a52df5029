/** Numbers as the reader of this page writes them. The language comes from `<html lang>`; nothing else is read. */

/**
 * @param {number} value
 * @param {Intl.NumberFormatOptions} options
 */
function formatted(value, options) {
  return new Intl.NumberFormat(document.documentElement.lang || "en", options).format(value);
}

/**
 * @param {number} value a count, or a rate shown with one decimal
 * @param {number} [digits] after the point, at most
 */
export function number(value, digits = 1) {
  return formatted(value, { maximumFractionDigits: digits });
}

/** @param {number} milliseconds */
export function seconds(milliseconds) {
  const value = milliseconds / 1000;
  return formatted(value, { style: "unit", unit: "second", maximumFractionDigits: value < 10 ? 2 : 0 });
}

/** @param {number} share from 0 to 1 */
export function percent(share) {
  return formatted(share, { style: "percent" });
}
