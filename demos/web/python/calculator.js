/**
 * What the calculators share: a form in the page, a Python function that answers it, and the state between the two.
 * The form and its first results are in the page already; Python is fetched when the reader changes something, or
 * came with a link that says what was chosen. `data-state` of the element: idle, loading, running, ready, error.
 *
 * Choices stand in the address, `#receipt?requests=500&batch=on`, those that differ from the page's own only, and money
 * with its language, `exchange.ko=1400`, because it is another one on the next page. What cannot be is left out.
 * Sliders are made here: they move the number field before them, which is the one that counts.
 */

import { element } from "../page/dom.js";
import { number } from "../page/figures.js";
import { python, PythonError } from "./python.js";
import { StartMeter } from "./start-meter.js";
import { t } from "../page/words.js";

/** @typedef {import("./python.js").Step} Step */
/** @typedef {{ name: string, order: object }} Order a function of demos.kitchen.orders and its arguments */

const MODULE = "demos.kitchen.orders";
const PAUSE_MS = 120;

export class Calculator {
  #host;
  #form;
  #signal;
  #order;
  #show;
  #python;
  #meter = new StartMeter();
  #stop = element("button", { type: "button", hidden: true }, t("Stop"));
  #retry = element("button", { type: "button", hidden: true }, t("Try again"));
  #link;
  #mine = [this.#stop, this.#retry, this.#meter.bar, this.#meter.words];
  #page = location.pathname;
  #timer = 0;
  #busy = false;
  #again = false;

  /**
   * @param {HTMLElement} host with `data-python`, the way to the runtime's folder, and a form
   * @param {{ order: (form: HTMLFormElement) => Order, show: (result: any) => void }} parts
   * @param {AbortSignal} signal the element's time on the page
   */
  constructor(host, { order, show }, signal) {
    this.#host = host;
    this.#form = /** @type {HTMLFormElement} */ (host.querySelector("form"));
    this.#link = /** @type {HTMLButtonElement} */ (this.#form.querySelector("[data-link]"));
    this.#signal = signal;
    this.#order = order;
    this.#show = show;
    this.#python = python(new URL(host.dataset.python ?? "", document.baseURI).href, signal);
  }

  open() {
    const signal = this.#signal;
    this.#form.querySelector(".calc-line")?.append(...this.#mine);
    const sliders = [...this.#form.querySelectorAll("input[data-slider]")].map((field) => {
      const slider = sliderOf(/** @type {HTMLInputElement} */ (field), signal);
      field.after(slider);
      return slider;
    });
    this.#form.addEventListener("submit", (event) => event.preventDefault(), { signal });
    this.#form.addEventListener("input", () => this.#changed(), { signal });
    this.#form.addEventListener("reset", () => setTimeout(() => signal.aborted || this.#reset()), { signal });
    this.#python.addEventListener("step", (event) => this.#step(/** @type {CustomEvent<Step>} */ (event).detail), {
      signal,
    });
    this.#stop.addEventListener("click", () => this.#python.stop(), { signal });
    this.#retry.addEventListener("click", () => this.#ask(), { signal });
    this.#link.addEventListener("click", () => this.#copy(), { signal });
    addEventListener("hashchange", () => this.#follow(), { signal });
    signal.addEventListener("abort", () => {
      clearTimeout(this.#timer);
      for (const node of [...this.#mine, ...sliders]) node.remove();
    });
    this.#host.dataset.state = "idle";
    this.#follow();
  }

  #changed() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#write();
      this.#ask();
    }, PAUSE_MS);
  }

  #reset() {
    for (const field of this.#form.querySelectorAll("input[data-slider]")) field.dispatchEvent(new Event("change"));
    this.#changed();
  }

  async #ask() {
    if (!this.#form.checkValidity()) {
      // A browser cannot point at a field in a closed drawer.
      for (const field of this.#form.querySelectorAll("details :invalid")) reveal(field);
      this.#form.reportValidity();
      return;
    }
    this.#again = this.#busy;
    if (this.#busy) return; // the answer that comes first is followed by the newest question
    this.#busy = true;
    this.#stop.hidden = false;
    this.#retry.hidden = true;
    this.#host.dataset.state = this.#host.dataset.state === "ready" ? "running" : "loading";
    try {
      const { name, order } = this.#order(this.#form);
      const result = await this.#python.ask(MODULE, name, order);
      if (this.#signal.aborted) return;
      for (const part of this.#host.querySelectorAll("[data-default]")) {
        /** @type {HTMLElement} */ (part).hidden = this.#hash() !== ""; // speaks of the first figures only
      }
      this.#show(result);
      this.#rest("ready", "");
    } catch (error) {
      if (this.#signal.aborted) return;
      if (!(error instanceof PythonError)) throw error;
      if (error.kind === "stopped" || error.kind === "absent") this.#wait();
      this.#rest("error", sentence(error));
      this.#retry.hidden = error.kind === "refused";
    } finally {
      this.#busy = false;
    }
    if (this.#again) this.#ask();
  }

  /** Ask nothing by itself any more: the reader has stopped it, or it cannot be had. */
  #wait() {
    this.#again = false;
    clearTimeout(this.#timer);
  }

  /**
   * @param {"ready" | "error"} state
   * @param {string} words
   */
  #rest(state, words) {
    const focused = document.activeElement === this.#stop;
    this.#stop.hidden = true;
    if (focused) this.#link.focus(); // the pressed button goes away
    this.#meter.rest(words);
    this.#host.dataset.state = state;
  }

  /** @param {Step} step */
  #step(step) {
    if (this.#busy) this.#meter.show(step); // else another element of the page started it
  }

  // The address

  get #own() {
    return `#${this.#host.dataset.name}?`;
  }

  #fields() {
    const fields = /** @type {Field[]} */ ([...this.#form.elements]);
    return fields.filter(({ name }) => name);
  }

  #hash() {
    const chosen = new URLSearchParams();
    for (const field of this.#fields()) if (value(field) !== initial(field)) chosen.set(key(field), value(field));
    return chosen.size ? this.#own + chosen : "";
  }

  #write() {
    if (location.pathname !== this.#page) return; // the reader is on the way to another page
    const hash = this.#hash();
    if (!hash && !location.hash.startsWith(this.#own)) return;
    history.replaceState(history.state, "", hash || location.pathname + location.search);
    dispatchEvent(new HashChangeEvent("hashchange")); // the language menu follows
  }

  /** Take over what the address says, if it says something of this form that is not chosen yet. */
  #follow() {
    if (!location.hash.startsWith(this.#own) || location.hash === this.#hash()) return;
    const chosen = new URLSearchParams(location.hash.slice(this.#own.length));
    for (const field of this.#fields()) {
      set(field, chosen.get(key(field)) ?? initial(field));
      if (!possible(field)) set(field, initial(field)); // a link may say anything
    }
    for (const field of this.#fields()) field.dispatchEvent(new Event("change"));
    this.#host.scrollIntoView();
    this.#ask();
  }

  async #copy() {
    const url = new URL(this.#hash() || `#${this.#host.dataset.name}`, location.href).href;
    try {
      await navigator.clipboard.writeText(url);
      this.#meter.say(t("The link is in your clipboard."));
    } catch {
      this.#meter.say(url); // a browser may forbid it
    }
  }
}

/**
 * The value of a field by its name, as a number; 0 where it is empty.
 * @param {HTMLFormElement} form
 * @param {string} name
 */
export function amount(form, name) {
  return Number(/** @type {HTMLInputElement} */ (form.elements.namedItem(name)).value);
}

/**
 * A sentence of the page with its figures: `{name}` marks their places.
 * @param {string | undefined} template
 * @param {Record<string, string>} values
 */
export function filled(template, values) {
  return (template ?? "").replace(/\{(\w+)\}/g, (place, name) => values[name] ?? place);
}

/** @param {PythonError} error */
function sentence(error) {
  switch (error.kind) {
    case "refused":
      return t("This cannot be reckoned: %(reason)s.", { reason: error.message });
    case "stopped":
      return t("Stopped. The figures are those of before.");
    case "absent":
      return t("Python could not be fetched or started, so the figures are those of before. (%(reason)s)", {
        reason: error.message,
      });
    case "broken":
      return t("Something broke in the sum, so the figures are those of before. (%(reason)s)", {
        reason: error.message,
      });
  }
}

/**
 * A slider for a number field. It moves in equal steps of the figure, or with `data-slider="log"` in equal ratios.
 * @param {HTMLInputElement} field
 * @param {AbortSignal} signal
 */
function sliderOf(field, signal) {
  const [low, high] = [Number(field.min), Number(field.max)];
  const log = field.dataset.slider === "log";
  const label = /** @type {HTMLElement} */ (field.labels?.[0]);
  const slider = element("input", { type: "range", min: 0, max: 100, step: "any", "aria-label": label.innerText });
  const place = () => {
    const at = Number(field.value);
    slider.value = String(100 * (log ? Math.log(at / low) / Math.log(high / low) : (at - low) / (high - low)));
    slider.setAttribute("aria-valuetext", number(at));
  };
  slider.addEventListener(
    "input",
    () => {
      const share = Number(slider.value) / 100;
      const step = Number(field.dataset.step ?? 1);
      const exact = log ? low * (high / low) ** share : low + (high - low) * share;
      const rough = log ? Number(exact.toPrecision(exact < 10 ? 1 : 2)) : Math.round(exact / step) * step;
      field.value = String(Math.min(high, Math.max(low, rough)));
      slider.setAttribute("aria-valuetext", number(Number(field.value)));
    },
    { signal },
  );
  for (const type of ["input", "change"]) field.addEventListener(type, place, { signal });
  place();
  return slider;
}

/** @param {Element} field in a drawer */
function reveal(field) {
  const drawer = field.closest("details");
  if (drawer) drawer.open = true;
}

/** @typedef {HTMLInputElement | HTMLSelectElement} Field */

/**
 * What a field is called in the address. What is in the money of the page's language carries its code.
 * @param {Field} field
 */
function key(field) {
  return "local" in field.dataset ? `${field.name}.${document.documentElement.lang}` : field.name;
}

/** @param {Field} field */
function possible(field) {
  return field.validity.valid && (field instanceof HTMLInputElement || field.selectedIndex >= 0);
}

/**
 * What a box or a button stands for: "" while it is off.
 * @param {Field} field
 */
function on(field) {
  if (field.type === "radio") return field.value;
  return field.type === "checkbox" ? "on" : undefined;
}

/** @param {Field} field */
function value(field) {
  if (field instanceof HTMLInputElement && on(field)) return field.checked ? on(field) ?? "" : "";
  return field.value;
}

/** @param {Field} field */
function initial(field) {
  if (field instanceof HTMLSelectElement) {
    return [...field.options].find((option) => option.defaultSelected)?.value ?? field.options[0]?.value ?? "";
  }
  if (on(field)) return field.defaultChecked ? on(field) ?? "" : "";
  return field.defaultValue;
}

/**
 * @param {Field} field
 * @param {string} text
 */
function set(field, text) {
  if (field instanceof HTMLInputElement && on(field)) field.checked = text === on(field);
  else field.value = text;
}
