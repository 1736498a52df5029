/**
 * `<bowl-fit data-name="fit" data-python="../assets/python/…/">`: does it fit the reader's kitchen? The table and its
 * worked example are in the page; here they are written anew for another machine, size, precision or length, from
 * what demos.kitchen reckons. Without scripts the page is as it was.
 */

import { amount, Calculator, filled } from "./python/calculator.js";
import { element } from "./page/dom.js";
import { estimate, gigabytes, gigabyteSpan, number, percent, span, tenths } from "./page/figures.js";
import { t } from "./page/words.js";

/** @type {{ fit: any }} the rows of docs/data */
const data = await (await fetch(new URL("kitchen.json", import.meta.url))).json();

const OWN = "own";
const MARKS = /** @type {Record<string, string>} */ ({ fits: "yes", tight: "some", no: "no" });

class BowlFit extends HTMLElement {
  /** @type {AbortController | undefined} */
  #life;

  connectedCallback() {
    this.#life = new AbortController();
    const fit = new Fit(this);
    new Calculator(this, { order: () => fit.order(), show: (result) => fit.show(result) }, this.#life.signal).open();
  }

  disconnectedCallback() {
    this.#life?.abort();
  }
}

class Fit {
  #host;
  #form;

  /** @param {HTMLElement} host */
  constructor(host) {
    this.#host = host;
    this.#form = /** @type {HTMLFormElement} */ (host.querySelector("form"));
  }

  /** @param {string} name */
  #value(name) {
    return /** @type {HTMLSelectElement} */ (this.#form.elements.namedItem(name)).value;
  }

  /** The machines of the table, and after them the one that is chosen. */
  #devices() {
    const known = Object.values(data.fit.devices);
    const chosen = this.#value("device");
    return [...known, chosen === OWN ? this.#ownDevice() : data.fit.devices[chosen]];
  }

  #ownDevice() {
    const bandwidth = amount(this.#form, "bandwidth");
    return {
      name: t("Your machine"),
      memory: amount(this.#form, "memory"),
      bandwidth: bandwidth ? { low: bandwidth, high: bandwidth } : null,
      shared: /** @type {HTMLInputElement} */ (this.#form.elements.namedItem("shared")).checked,
    };
  }

  order() {
    const models = Object.values(data.fit.models);
    const [precision, tokens] = [this.#value("precision"), amount(this.#form, "tokens")];
    return { name: "fits", order: { devices: this.#devices(), models, precision, tokens } };
  }

  /** @param {{ needs: any[], cells: any[][] }} result */
  show({ needs, cells }) {
    const size = Object.keys(data.fit.models).indexOf(this.#value("size"));
    const rows = [...this.#host.querySelectorAll("tr[data-machine]")];
    rows.forEach((row, machine) => {
      row.querySelectorAll("[data-cell=fit]").forEach((cell, index) => cell.replaceChildren(...verdict(cells[machine][index])));
    });
    this.#host.querySelectorAll("[data-cell=size]").forEach((cell, index) => {
      cell.textContent = needs[index].why ? reason(needs[index].why) : gigabyteSpan(needs[index].total);
    });
    this.#example(needs[size], cells[cells.length - 1][size]);
  }

  /**
   * @param {any} needed
   * @param {any} cell
   */
  #example(needed, cell) {
    const device = /** @type {any} */ (this.#devices().pop());
    const size = data.fit.models[this.#value("size")].name;
    const precision = this.#precision();
    const tokens = number(amount(this.#form, "tokens"));
    this.#part("caption").textContent = t(
      "Gemma 4 in %(precision)s with %(tokens)s tokens: does it fit, and at how many tokens per second?",
      { precision, tokens },
    );
    this.#say("drawer", { size, machine: device.name });
    this.#part("said").textContent = "";
    for (const name of ["sum", "speed"]) this.#part(name).textContent = "";
    this.#pot(needed, cell);
    if (needed.why) {
      this.#part("said").textContent = refusal(needed.why, size, precision);
      return;
    }
    const written = {
      weights: gigabyteSpan(needed.weights),
      context: gigabytes(needed.context),
      runtime: gigabyteSpan(needed.runtime),
      total: gigabyteSpan(needed.total),
      memory: gigabytes(device.memory),
      word: word(cell.verdict),
    };
    const values = { ...written, machine: device.name, size, precision, tokens };
    const sentences = [filled(this.#part("said").dataset.template, values)];
    this.#say("sum", written);
    if (cell.rate) {
      const rate = span(cell.rate, estimate);
      sentences.push(filled(this.#part("said").dataset.rate, { rate }));
      this.#say("speed", {
        share: span(cell.share, (value) => percent(value), (value) => number(Math.round(100 * value))),
        bandwidth: span([device.bandwidth.low, device.bandwidth.high], tenths),
        read: gigabyteSpan(cell.read),
        rate,
      });
    }
    this.#part("said").textContent = sentences.join(" ");
  }

  /**
   * How full the pot is: the high end of each part, beside the room that there is.
   * @param {any} needed
   * @param {any} cell
   */
  #pot(needed, cell) {
    const pot = /** @type {HTMLElement} */ (this.#host.querySelector(".calc-pot"));
    pot.hidden = Boolean(needed.why);
    if (needed.why) return;
    const scale = Math.max(needed.total[1], cell.usable) / 100;
    const parts = { weights: needed.weights[1], context: needed.context, runtime: needed.runtime[1], usable: cell.usable };
    for (const [name, value] of Object.entries(parts)) pot.style.setProperty(`--${name}`, `${value / scale}%`);
  }

  /** The precision as the reader calls it, as its option says. */
  #precision() {
    const select = /** @type {HTMLSelectElement} */ (this.#form.elements.namedItem("precision"));
    return select.selectedOptions[0].text;
  }

  /** @param {string} name */
  #part(name) {
    return /** @type {HTMLElement} */ (this.#host.querySelector(`[data-part=${name}]`));
  }

  /**
   * @param {string} name
   * @param {Record<string, string>} values
   */
  #say(name, values) {
    this.#part(name).textContent = filled(this.#part(name).dataset.template, values);
  }
}

/** @param {any} cell */
function verdict(cell) {
  if (cell.why) return [reason(cell.why)];
  const parts = [element("span", { class: `verdict ${MARKS[cell.verdict]}` }), word(cell.verdict)];
  if (cell.rate) parts.push(element("br"), element("small", {}, span(cell.rate, estimate)));
  return parts;
}

/** @param {string} found */
function word(found) {
  return found === "fits" ? t("fits") : found === "tight" ? t("tight") : t("too big");
}

/** @param {string} why */
function reason(why) {
  return why === "context" ? t("too long for it") : t("no figure found");
}

/**
 * @param {string} why
 * @param {string} size
 * @param {string} precision
 */
function refusal(why, size, precision) {
  if (why === "context") return t("Gemma 4 %(size)s takes no conversation of that length.", { size });
  return t("For Gemma 4 %(size)s we found no figure in %(precision)s.", { size, precision });
}

if (!customElements.get("bowl-fit")) customElements.define("bowl-fit", BowlFit);
