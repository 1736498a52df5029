/** Numbers as the reader of this page writes them. */

import { writer } from "./writer.js";

/**
 * @param {number} value a count, or a rate shown with one decimal
 * @param {number} [digits] after the point, at most
 */
export function number(value, digits = 1) {
  return writer({ maximumFractionDigits: digits }).format(value);
}

/** @param {number} milliseconds */
export function seconds(milliseconds) {
  const value = milliseconds / 1000;
  return writer({ style: "unit", unit: "second", maximumFractionDigits: value < 10 ? 2 : 0 }).format(value);
}

/** @param {number} share from 0 to 1 */
export function percent(share) {
  return writer({ style: "percent" }).format(share);
}
