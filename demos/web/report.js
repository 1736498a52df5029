/** The comparison as a file to keep: Markdown, or a picture (report-card.js), with the day, the models, the settings. */

import { date } from "./figures.js";
import { t } from "./words.js";

/**
 * @typedef {object} Report
 * @property {string} day as 2026-11-22
 * @property {string} prompt
 * @property {[string, string][]} settings names and values
 * @property {{name: string, model: string, text: string, plain: string, figures: [string, string][]}[]} bowls
 * @property {string} verdict
 * @property {string} exchange by what dollars were turned into won and yen
 */

/** @param {Report} report */
export function markdown({ day, prompt, settings, bowls, verdict, exchange }) {
  const list = (/** @type {[string, string][]} */ rows) => rows.map(([name, value]) => `- ${name}: ${value}`).join("\n");
  const parts = bowls.flatMap(({ name, model, text, figures }) => [`## ${name}: ${model}`, text || "–", list(figures)]);
  return [
    `# ${t("Two bowls, one question")}`,
    quoted(prompt),
    list([[t("Date"), date(day)], ...settings]),
    ...parts,
    ...(verdict ? [verdict] : []),
    exchange,
    t("Tasted with Two Bowls. Models are often wrong; figures are of this one answer."),
  ].join("\n\n");
}

/** @param {string} text */
function quoted(text) {
  return text
    .split("\n")
    .map((line) => `> ${line}`)
    .join("\n");
}
