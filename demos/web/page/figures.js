/**
 * Figures as the pages show them: the same digits, signs and rounding as Babel wrote into the page when it was built
 * (`i18n/formatting.py`, `scripts/figures.py`), so that nothing changes when a script takes over. Half goes to even.
 */

import { t } from "./words.js";
import { writer } from "./writer.js";

/** How readers write the money of their own country in a sentence; the browser has only the sign. */
const OWN_CURRENCY = /** @type {Record<string, Record<string, string>>} */ ({ ko: { KRW: "원" }, ja: { JPY: "円" } });

/** @typedef {(value: number) => string} Writer */

const language = () => document.documentElement.lang || "en";

/**
 * @param {number | string} value a string is taken as the very decimal that it says
 * @param {Intl.NumberFormatOptions} options
 */
function written(value, options) {
  const rounding = /** @type {Intl.NumberFormatOptions} */ ({ roundingMode: "halfEven", ...options });
  return writer(rounding).format(/** @type {number} */ (value));
}

/** @type {Writer} 1048576 -> 1,048,576 */
export const number = (value) => written(String(value), { maximumFractionDigits: 3 });

/** @type {Writer} a figure with one decimal */
export const tenths = (value) => written(value, { maximumFractionDigits: 1 });

/** @type {Writer} a share from 0 to 1 */
export const percent = (value) => written(value, { style: "percent" });

/** @type {Writer} an estimate, to two significant digits */
export const estimate = (value) => number(rounded(value));

/** @type {Writer} US dollars, with cents below a hundred: $4.25, $1,551 */
export function dollars(value) {
  const digits = value < 100 ? 2 : 0;
  return currency(String(value), "USD", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** @type {Writer} US dollars for a million tokens, to a tenth of a cent where it has one: $0.75, $0.075 */
export const rate = (value) =>
  currency(String(value), "USD", { minimumFractionDigits: 2, maximumFractionDigits: 3 });

/**
 * Money as it is given: $0.18, 214.6원.
 * @param {number} value
 * @param {string} code ISO 4217
 */
export function price(value, code) {
  const own = OWN_CURRENCY[language()]?.[code];
  if (own) return written(String(value), { maximumFractionDigits: 2 }) + own;
  return currency(String(value), code, { minimumFractionDigits: 0, maximumFractionDigits: 2 });
}

/**
 * Money that is estimated, to two significant digits: $110, 130,000원.
 * @param {number} value
 * @param {string} code ISO 4217
 */
export const money = (value, code) => price(rounded(value), code);

/**
 * Money to the cent (or the won, or the yen), and where that says little to three digits: $1.63, $0.000117, 0.172원.
 * @param {number} value
 * @param {"USD" | "KRW" | "JPY"} code
 */
export function exactly(value, code) {
  const cents = code === "USD" ? 2 : 0;
  const telling = value > 0 ? 2 - Math.floor(Math.log10(value)) : 0;
  const digits = { minimumFractionDigits: cents, maximumFractionDigits: Math.min(12, Math.max(cents, telling)) };
  const own = OWN_CURRENCY[language()]?.[code];
  return own ? written(value, digits) + own : currency(String(value), code, digits);
}

/** @type {Writer} 2.9 GB */
export const gigabytes = (value) =>
  written(value, { style: "unit", unit: "gigabyte", unitDisplay: "short", maximumFractionDigits: 1 });

/** @type {Writer} a download: 6.7 MB */
export const megabytes = (bytes) =>
  written(bytes / 1e6, { style: "unit", unit: "megabyte", unitDisplay: "short", maximumFractionDigits: 1 });

/**
 * A day: November 12, 2026.
 * @param {string} day as 2026-11-12
 */
export function date(day) {
  return new Intl.DateTimeFormat(language(), { dateStyle: "long", timeZone: "UTC" }).format(new Date(day));
}

/**
 * A range, or one figure where both ends are written alike. The unit goes with the high end.
 * @param {number[]} ends
 * @param {Writer} high
 * @param {Writer} [low]
 */
export function span(ends, high, low = high) {
  const [least, most] = ends;
  if (low(least) === low(most)) return high(most);
  return t("%(low)s–%(high)s", { low: low(least), high: high(most) });
}

/** @type {(ends: number[]) => string} 2.6–5.8 GB */
export const gigabyteSpan = (ends) => span(ends, gigabytes, tenths);

/** @param {number} value */
export function rounded(value) {
  const two = { maximumSignificantDigits: 2, useGrouping: false, roundingMode: "halfEven" };
  return Number(writer(/** @type {Intl.NumberFormatOptions} */ (two), "en").format(value));
}

/**
 * @param {string} value
 * @param {string} code
 * @param {Intl.NumberFormatOptions} digits
 */
function currency(value, code, digits) {
  return written(value, { style: "currency", currency: code, ...digits });
}
