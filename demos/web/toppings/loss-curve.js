/**
 * A training's losses as a curve that grows, with its text and its table. Knows nothing of servers. Loss is how
 * surprised the model still is by a token of the wished answers, in nats.
 */

import { element } from "../page/dom.js";
import { number } from "../page/format.js";
import { t } from "../page/words.js";
import { writer } from "../page/writer.js";

const NAMESPACE = "http://www.w3.org/2000/svg";
const WIDTH = 320;
const HEIGHT = 140;
const EDGE = { left: 30, right: 8, top: 10, bottom: 24 };

export class LossCurve {
  #line = svg("polyline", { class: "bar-line", fill: "none" });
  #points = svg("g", { class: "bar-points" });
  #axis = svg("g", { class: "bar-axis" });
  #drawing = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "bar-curve", role: "img" });
  #rows = element("tbody");
  root = element("figure", { class: "bar-figure" });

  constructor() {
    this.#drawing.append(this.#axis, this.#line, this.#points);
    const head = element("tr", {}, element("th", { scope: "col" }, t("Step")), element("th", { scope: "col" }, t("Loss")));
    const table = element("table", { class: "figures" }, element("thead", {}, head), this.#rows);
    this.root.append(
      this.#drawing,
      element(
        "figcaption",
        {},
        t("Loss, step by step: how much your answers still surprise the model. Lower is better; at zero it knows them by heart."),
      ),
      element("details", { class: "tt-more" }, element("summary", {}, t("The curve as a table")), table),
    );
  }

  /**
   * @param {number[]} losses so far
   * @param {number} of steps in all
   */
  show(losses, of) {
    const most = Math.max(1, Math.ceil(Math.max(0, ...losses)));
    const x = (/** @type {number} */ step) =>
      EDGE.left + ((WIDTH - EDGE.left - EDGE.right) * (step - 1)) / Math.max(1, of - 1);
    const y = (/** @type {number} */ loss) => EDGE.top + (HEIGHT - EDGE.top - EDGE.bottom) * (1 - loss / most);
    const places = losses.map((loss, index) => [x(index + 1), y(loss)].map((place) => place.toFixed(1)));
    this.#line.setAttribute("points", places.map((place) => place.join(",")).join(" "));
    this.#points.replaceChildren(...places.map(([cx, cy]) => svg("circle", { cx, cy, r: "3" })));
    this.#axis.replaceChildren(
      svg("path", { d: `M${EDGE.left} ${EDGE.top}V${HEIGHT - EDGE.bottom}H${WIDTH - EDGE.right}` }),
      label(EDGE.left - 5, y(most) + 4, number(most), "end"),
      label(EDGE.left - 5, y(0) + 4, number(0), "end"),
      label(x(1), HEIGHT - 8, number(1), "middle"),
      label(x(of), HEIGHT - 8, number(of), "end"),
    );
    this.#drawing.setAttribute("aria-label", described(losses));
    this.#rows.replaceChildren(
      ...losses.map((loss, index) =>
        element("tr", {}, element("th", { scope: "row" }, number(index + 1)), element("td", {}, precise(loss))),
      ),
    );
  }
}

/** @param {number[]} losses */
function described(losses) {
  if (losses.length === 0) return t("Loss curve, still empty");
  const [first, last] = [losses[0], losses[losses.length - 1]].map(precise);
  return t("Loss curve: from %(first)s at the first step to %(last)s at step %(step)s", {
    first,
    last,
    step: number(losses.length),
  });
}

/** @param {number} loss */
export function precise(loss) {
  return writer({ minimumFractionDigits: 2, maximumFractionDigits: 2 }).format(loss);
}

/**
 * @param {number} x
 * @param {number} y
 * @param {string} text
 * @param {string} anchor
 */
function label(x, y, text, anchor) {
  const node = svg("text", { x: String(x), y: String(y), "text-anchor": anchor });
  node.textContent = text;
  return node;
}

/**
 * @param {string} name
 * @param {Record<string, string>} attributes
 */
function svg(name, attributes) {
  const node = document.createElementNS(NAMESPACE, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return node;
}
