/** The comparison as a picture, drawn on a canvas in the page's own letters. Long answers are cut, and it says so. */

import { element } from "../page/dom.js";
import { date } from "../page/figures.js";
import { shared } from "./report.js";
import { t } from "../page/words.js";

const WIDTH = 1200;
const MARGIN = 56;
const GUTTER = 40;
const MOST_LINES = 14;
const COLOURS = { paper: "#fff8ec", ink: "#2b2036", muted: "#66586f", bowl: ["#d9f1e8", "#ffe3d6"] };
const COLUMN = (WIDTH - 2 * MARGIN - GUTTER) / 2;

/**
 * @param {import("./report.js").Report} report
 * @returns {Promise<Blob>} PNG
 */
export async function card(report) {
  await document.fonts.ready;
  const canvas = element("canvas", { width: WIDTH, height: 10 });
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  canvas.height = Math.ceil(draw(pen, report) + MARGIN); // measured first, which also empties it
  pen.fillStyle = COLOURS.paper;
  pen.fillRect(0, 0, canvas.width, canvas.height);
  draw(pen, report);
  return new Promise((resolve) => canvas.toBlob((blob) => resolve(/** @type {Blob} */ (blob)), "image/png"));
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {import("./report.js").Report} report
 * @returns {number} where it ends
 */
function draw(pen, report) {
  const { bowls, verdict, exchange } = report;
  const whole = WIDTH - 2 * MARGIN;
  const same = shared(report);
  let y = MARGIN;
  y = write(pen, same ? t("Two bowls, one question") : t("Two bowls"), MARGIN, y, whole, 26, COLOURS.muted, "bold");
  if (same) y = write(pen, same.prompt, MARGIN, y + 8, whole, 36, COLOURS.ink, "bold", 4);
  y += 20;
  const ends = bowls.map(({ name, model, asked, plain, figures }, index) => {
    const x = bowls.length === 1 ? MARGIN : MARGIN + index * (COLUMN + GUTTER);
    const width = bowls.length === 1 ? whole : COLUMN;
    pen.fillStyle = COLOURS.bowl[index % 2];
    pen.fillRect(x, y, width, 12);
    let line = write(pen, name, x, y + 26, width, 30, COLOURS.ink, "bold");
    line = write(pen, model, x, line, width, 20, COLOURS.muted, "normal", 2);
    if (!same) {
      line = write(pen, asked.prompt, x, line + 10, width, 24, COLOURS.ink, "bold", 4);
      line = write(pen, kept(asked), x, line, width, 18, COLOURS.muted, "normal", 3);
    }
    line = write(pen, plain || "–", x, line + 10, width, 24, COLOURS.ink, "normal", MOST_LINES);
    for (const [what, value] of figures) {
      line = write(pen, `${what}: ${value}`, x, line + 4, width, 20, COLOURS.muted, "normal", 2);
    }
    return line;
  });
  y = Math.max(y, ...ends) + 20;
  if (verdict) y = write(pen, verdict, MARGIN, y, whole, 22, COLOURS.ink, "bold", 3) + 8;
  if (same) y = write(pen, kept(same), MARGIN, y, whole, 18, COLOURS.muted, "normal", 3);
  return write(pen, exchange, MARGIN, y, whole, 18, COLOURS.muted, "normal", 2);
}

/** @param {import("./report.js").Asked} asked */
function kept({ day, settings }) {
  return [date(day), ...settings.map(([name, value]) => `${name}: ${value}`)].join(" · ");
}

/**
 * A text in lines that fit.
 * @param {CanvasRenderingContext2D} pen
 * @param {string} text
 * @param {number} x
 * @param {number} y its top
 * @param {number} width
 * @param {number} size
 * @param {string} colour
 * @param {string} weight
 * @param {number} [most] lines
 * @returns {number} where the next text may begin
 */
function write(pen, text, x, y, width, size, colour, weight, most = 2) {
  pen.font = `${weight} ${size}px ${getComputedStyle(document.body).fontFamily}`;
  pen.fillStyle = colour;
  pen.textBaseline = "top";
  const lines = broken(pen, text, width);
  const shown = lines.length > most ? [...lines.slice(0, most - 1), `${lines[most - 1]} …`] : lines;
  for (const line of shown) {
    pen.fillText(line, x, y, width);
    y += size * 1.4;
  }
  return y;
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {string} text
 * @param {number} width
 */
function broken(pen, text, width) {
  const words = new Intl.Segmenter(document.documentElement.lang || "en", { granularity: "word" });
  /** @type {string[]} */
  const lines = [];
  for (const paragraph of text.split("\n")) {
    let line = "";
    for (const { segment } of words.segment(paragraph)) {
      // A mark stays with its word: "。" begins no line.
      if (line && /[\p{L}\p{N}]/u.test(segment) && pen.measureText(line + segment).width > width) {
        lines.push(line.trimEnd());
        line = "";
      }
      line += segment;
    }
    lines.push(line.trimEnd());
  }
  return lines;
}
