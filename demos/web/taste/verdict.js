/** One line of facts about two answers: who started first, who finished first, what they cost. No winner. */

import { exactly } from "../page/figures.js";
import { seconds } from "../page/format.js";
import { t } from "../page/words.js";

/**
 * @typedef {object} Outcome
 * @property {string} name of the bowl
 * @property {number} firstMs
 * @property {number} totalMs
 * @property {number} [costUsd]
 */

/**
 * @param {(Outcome | null)[]} outcomes null for an answer that did not come to its end
 * @returns {string} "" where there is nothing to compare
 */
export function verdict(outcomes) {
  const [one, other] = outcomes;
  if (outcomes.length !== 2 || !one || !other) return "";
  const [first, second] = one.firstMs <= other.firstMs ? [one, other] : [other, one];
  const [early, late] = one.totalMs <= other.totalMs ? [one, other] : [other, one];
  const price = (/** @type {Outcome} */ { name, costUsd }) =>
    `${name} ${costUsd === undefined ? "–" : exactly(costUsd, "USD")}`;
  return [
    t("Started first: %(name)s (%(time)s; the other %(later)s).", {
      name: first.name,
      time: seconds(first.firstMs),
      later: seconds(second.firstMs),
    }),
    t("Finished first: %(name)s (%(time)s; the other %(later)s).", {
      name: early.name,
      time: seconds(early.totalMs),
      later: seconds(late.totalMs),
    }),
    t("Price: %(one)s, %(other)s.", { one: price(one), other: price(other) }),
  ].join(" ");
}
