/**
 * What temperature and top-p do to the odds of tokens, as transformers' own warpers do it in the server
 * (`demos/server/local/sampling.py`): temperature, then the likeliest `CUP` ones, then top-p. Shows nothing.
 */

import { writer } from "../page/writer.js";

/** So many of the likeliest tokens the server names, and the page has it draw from no others: top-k. */
export const CUP = 20;
/** Below this temperature the likeliest token always wins. */
const COLDEST = 1e-5;

/** @typedef {{temperature: number, topP: number}} Seasoning */

/**
 * The odds by which the next token is drawn.
 * @param {number[]} logprobs natural logarithms, of all tokens that may be drawn at all
 * @param {Seasoning} seasoning
 * @returns {number[]} at the same places; together 1, and 0 for what top-p rules out
 */
export function seasoned(logprobs, { temperature, topP }) {
  const most = Math.max(...logprobs);
  if (temperature < COLDEST) return logprobs.map((_, place) => Number(place === logprobs.indexOf(most)));
  const odds = shares(logprobs.map((logprob) => Math.exp((logprob - most) / temperature)));
  const rising = odds.map((_, place) => place).sort((one, other) => odds[one] - odds[other]);
  let below = 0;
  for (const place of rising.slice(0, -1)) {
    below += odds[place];
    if (below > 1 - topP) break;
    odds[place] = 0;
  }
  return shares(odds);
}

/** @param {number[]} weights */
function shares(weights) {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

/**
 * A probability as readers write it, to two digits: 43%, 1.7%, <0.01%.
 * @param {number} odds
 */
export function inPercent(odds) {
  const least = 1e-4;
  const share = writer({ style: "percent", maximumSignificantDigits: 2 });
  return odds > 0 && odds < least ? `<${share.format(least)}` : share.format(odds);
}
