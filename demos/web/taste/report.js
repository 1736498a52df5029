/** The comparison as a file to keep: Markdown, or a picture (report-card.js), with the day, the models, the settings. */

import { date } from "../page/figures.js";
import { t } from "../page/words.js";

/**
 * @typedef {object} Asked what a bowl was asked, and when
 * @property {string} day as 2026-11-22
 * @property {string} prompt
 * @property {[string, string][]} settings names and values
 */

/** @typedef {{name: string, model: string, text: string, plain: string, figures: [string, string][], asked: Asked}} Told */

/**
 * @typedef {object} Report
 * @property {Asked} last what was asked last
 * @property {Told[]} bowls each with what it was asked itself: one can have been left out the last time
 * @property {string} verdict
 * @property {string} exchange by what dollars were turned into won and yen
 */

/**
 * An order as a report tells it, today.
 * @param {Pick<import("./conversation.js").TableOrder, "prompt"> & Partial<import("./conversation.js").TableOrder>} order
 * @returns {Asked}
 */
export function slip({ prompt, max_tokens, temperature, seed, system, thinking }) {
  /** @type {[string, string | number | undefined][]} */
  const settings = [
    [t("Longest answer, in tokens"), max_tokens],
    [t("Temperature"), temperature],
    [t("Seed"), seed],
    [t("House rules"), system],
    [t("Thinking"), thinking],
  ];
  const set = settings.filter(([, value]) => value !== undefined && value !== "");
  return { day: today(), prompt, settings: set.map(([name, value]) => [name, String(value)]) };
}

/**
 * What all bowls were asked, where it was the same.
 * @param {Report} report
 * @returns {Asked | null}
 */
export function shared({ bowls, last }) {
  const all = bowls.length ? bowls.map(({ asked }) => asked) : [last];
  return new Set(all.map((each) => JSON.stringify(each))).size === 1 ? all[0] : null;
}

/** @param {Report} report */
export function markdown(report) {
  const { bowls, verdict, exchange } = report;
  const list = (/** @type {[string, string][]} */ rows) => rows.map(([name, value]) => `- ${name}: ${value}`).join("\n");
  const order = (/** @type {Asked} */ { day, prompt, settings }) => [
    quoted(prompt),
    list([[t("Date"), date(day)], ...settings]),
  ];
  const same = shared(report);
  const parts = bowls.flatMap(({ name, model, asked, text, figures }) => [
    `## ${name}: ${model}`,
    ...(same ? [] : order(asked)),
    text || "–",
    list(figures),
  ]);
  return [
    `# ${same ? t("Two bowls, one question") : t("Two bowls")}`,
    ...(same ? order(same) : []),
    ...parts,
    ...(verdict ? [verdict] : []),
    exchange,
    t("Tasted with Two Bowls. Models are often wrong; figures are of this one answer."),
  ].join("\n\n");
}

/** The reader's own day, as 2026-11-22. */
function today() {
  const now = new Date();
  return new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
}

/** @param {string} text */
function quoted(text) {
  return text
    .split("\n")
    .map((line) => `> ${line}`)
    .join("\n");
}
