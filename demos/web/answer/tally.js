/**
 * What an answer took, as a list of figures. A press on a figure's name tells what it means; both bowls have the same
 * meanings. Knows no model.
 */

import { element } from "../page/dom.js";
import { date, exactly, price } from "../page/figures.js";
import { number, seconds } from "../page/format.js";
import { t } from "../page/words.js";

/** @typedef {import("../kitchen/meter.js").Reading} Reading */

const UNKNOWN = "–";

/** Won and yen for a dollar, and their day: facts of the page. */
function rates() {
  const page = /** @type {HTMLElement | null} */ (document.querySelector("[data-krw]"));
  const { krw = "", jpy = "", exchanged = "" } = page?.dataset ?? {};
  return { won: Number(krw), yen: Number(jpy), day: exchanged };
}

/** By what dollars are turned into won and yen. */
export function exchange() {
  const { won, yen, day } = rates();
  const values = { day: date(day), won: price(won, "KRW"), yen: price(yen, "JPY") };
  return t("Won and yen at the rates of %(day)s: %(won)s and %(yen)s for a dollar.", values);
}

/** @param {number | undefined} usd */
function money(usd) {
  if (usd === undefined) return [UNKNOWN];
  const { won, yen } = rates();
  const others = [exactly(usd * won, "KRW"), exactly(usd * yen, "JPY")];
  return [exactly(usd, "USD"), element("small", {}, others.join(" · "))];
}

/** @param {number | undefined} ms */
const time = (ms) => [ms === undefined ? UNKNOWN : seconds(ms)];

/** @param {number | undefined} count */
const count = (count) => [count === undefined ? UNKNOWN : number(count)];

/** @type {Record<string, {name: () => string, meaning: () => string, value: (reading: Reading) => (string | Node)[]}>} */
const FIGURES = {
  first: {
    name: () => t("First token"),
    meaning: () => t("From sending your prompt to the first text in this page, thoughts included, by the page's own clock."),
    value: ({ firstTokenMs }) => time(firstTokenMs),
  },
  rate: {
    name: () => t("Tokens per second"),
    meaning: () => t("How fast it writes once it has begun; the wait for the first token is not in it."),
    value: ({ tokensPerSecond }) => count(tokensPerSecond),
  },
  total: {
    name: () => t("Total time"),
    meaning: () => t("From sending your prompt to the last text in this page, by the page's own clock."),
    value: ({ totalMs }) => time(totalMs),
  },
  in: {
    name: () => t("Tokens in"),
    meaning: () => t("What the model was given to read, in its own tokens: your words, earlier turns, and what its kitchen adds."),
    value: ({ promptTokens }) => count(promptTokens),
  },
  out: {
    name: () => t("Tokens out"),
    meaning: () => t("What it wrote, as whoever cooks has counted it. Thoughts are tokens too, and are billed like the rest."),
    value: ({ tokens, thoughtTokens }) => [
      tokens === 0 ? UNKNOWN : number(tokens),
      ...(thoughtTokens ? [element("small", {}, t("%(count)s of them thought", { count: number(thoughtTokens) }))] : []),
    ],
  },
  cost: {
    name: () => t("This answer costs"),
    meaning: () =>
      t("Tokens times the list price in force today, as if the key were a paid one. At home there is no fee; the current is yours."),
    value: ({ costUsd }) => money(costUsd),
  },
  thousand: {
    name: () => t("A thousand like it"),
    meaning: () => t("The same price a thousand times."),
    value: ({ costUsd }) => money(costUsd === undefined ? undefined : costUsd * 1000),
  },
  sent: {
    name: () => t("Bytes to other hosts"),
    meaning: () => t("What left the computer that serves this page, for this answer: the request without its headers."),
    value: ({ sentBytes }) => count(sentBytes),
  },
};

export class Tally {
  #values;
  #meaning = element("p", { class: "tt-meaning", role: "status" });
  #told = "";
  /** @type {Record<string, string>} what stands there, so that only what changes is touched */
  #written = {};
  /** @type {number | undefined} */
  #serverFirst;

  /**
   * @param {AbortSignal} signal takes the listeners off
   * @param {string[]} [keys] the figures, in this order
   */
  constructor(signal, keys = Object.keys(FIGURES)) {
    this.#values = Object.fromEntries(keys.map((key) => [key, element("dd", { "data-figure": key })]));
    const rows = keys.map((key) => {
      const what = element("button", { type: "button", class: "tt-what" }, FIGURES[key].name());
      what.addEventListener("click", () => this.#explain(key), { signal });
      return element("div", {}, element("dt", {}, what), this.#values[key]);
    });
    this.root = element("div", { class: "tt-tally" }, element("dl", { class: "tt-figures" }, ...rows), this.#meaning);
  }

  /** @param {Reading} reading */
  show(reading) {
    this.#serverFirst = reading.serverFirstTokenMs;
    for (const key of Object.keys(this.#values)) {
      const found = FIGURES[key].value(reading);
      const text = found.map((part) => (typeof part === "string" ? part : part.textContent)).join(" · ");
      if (this.#written[key] === text) continue;
      this.#written[key] = text;
      this.#values[key].replaceChildren(...found);
    }
  }

  /** @returns {[string, string][]} names and figures as they stand there */
  lines() {
    return Object.keys(this.#values).map((key) => [FIGURES[key].name(), this.#written[key] ?? UNKNOWN]);
  }

  /** @param {string} key */
  #explain(key) {
    this.#told = this.#told === key ? "" : key;
    const words = this.#told ? [`${FIGURES[key].name()}: ${FIGURES[key].meaning()}`] : [];
    if (this.#told === "first" && this.#serverFirst !== undefined) {
      words.push(t("This time the server itself measured %(time)s.", { time: seconds(this.#serverFirst) }));
    }
    this.#meaning.textContent = words.join(" ");
  }
}
