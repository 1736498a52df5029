/**
 * `<code-cell data-python="../assets/python/…/" data-size="7 MB">`: Python that the reader can change and run. The code
 * and what it prints are in the page; running it fetches Python on first use. What the code prints is text, never
 * markup, and Stop ends the worker, so that no endless loop outlives it. `data-state`: idle, loading, running, ready,
 * error.
 */

import { element } from "./page/dom.js";
import { number } from "./page/figures.js";
import { python, PythonError } from "./python/python.js";
import { StartMeter } from "./python/start-meter.js";
import { t } from "./page/words.js";

/** @typedef {{ output: string, error: string, line: number, full: boolean }} Printed what `demos.cell.run` says */

const MODULE = "demos.cell";
let cells = 0;

class CodeCell extends HTMLElement {
  /** @type {AbortController | undefined} */
  #life;

  connectedCallback() {
    this.#life = new AbortController();
    new Cell(this, this.#life.signal).open();
  }

  disconnectedCallback() {
    this.#life?.abort();
  }
}

class Cell {
  #host;
  #signal;
  #python;
  #shown;
  #label;
  #output;
  #code;
  #expected;
  #meter = new StartMeter();
  #editor = element("textarea", { class: "cell-editor", spellcheck: "false", autocapitalize: "off", translate: "no", hidden: true });
  #run = element("button", { type: "button" }, t("Run"));
  #change = element("button", { type: "button" }, t("Change the code"));
  #stop = element("button", { type: "button", hidden: true }, t("Stop"));
  #reset = element("button", { type: "button", hidden: true }, t("Back to the first code"));
  #error = element("p", { class: "cell-error", role: "status" });
  #line;
  #hint;

  /**
   * @param {HTMLElement} host
   * @param {AbortSignal} signal the element's time on the page
   */
  constructor(host, signal) {
    this.#host = host;
    this.#signal = signal;
    this.#python = python(new URL(host.dataset.python ?? "", document.baseURI).href, signal);
    this.#shown = /** @type {HTMLElement} */ (host.querySelector(".highlight"));
    this.#label = /** @type {HTMLElement} */ (host.querySelector(".cell-label"));
    this.#output = /** @type {HTMLElement} */ (host.querySelector(".cell-output samp"));
    this.#code = this.#shown.querySelector("code")?.textContent ?? "";
    this.#expected = { label: this.#label.textContent ?? "", output: this.#output.textContent ?? "" };
    this.#line = element("p", { class: "cell-line" }, this.#run, this.#stop, this.#change, this.#reset, this.#meter.bar, this.#meter.words);
    const size = host.dataset.size ?? "";
    const id = `cell-hint-${(cells += 1)}`;
    this.#hint = element("p", { class: "cell-hint", id }, t("%(keys)s runs it, too. The first run fetches Python into the page (%(size)s, from this site); nothing is sent.", { keys: "Ctrl+Enter", size }));
    this.#editor.setAttribute("aria-label", t("The code"));
    this.#editor.setAttribute("aria-describedby", id);
  }

  open() {
    const signal = this.#signal;
    this.#shown.after(this.#editor, this.#line);
    this.#host.append(this.#error, this.#hint);
    this.#output.setAttribute("role", "status");
    this.#run.addEventListener("click", () => this.#start(), { signal });
    this.#stop.addEventListener("click", () => this.#python.stop(), { signal });
    this.#change.addEventListener("click", () => this.#edit(), { signal });
    this.#reset.addEventListener("click", () => this.#back(), { signal });
    this.#editor.addEventListener("input", () => this.#grow(), { signal });
    this.#editor.addEventListener("keydown", (event) => this.#key(event), { signal });
    this.#python.addEventListener(
      "step",
      (event) => this.#busy && this.#meter.show(/** @type {CustomEvent<import("./python/python.js").Step>} */ (event).detail),
      { signal },
    );
    signal.addEventListener("abort", () => {
      // A page that is kept and shown again starts from what the build made.
      this.#first();
      for (const node of [this.#editor, this.#line, this.#error, this.#hint]) node.remove();
    });
    this.#host.dataset.state = "idle";
  }

  get #busy() {
    return !this.#stop.hidden;
  }

  #edit() {
    this.#editor.value = this.#code.replace(/\n$/, "");
    this.#grow();
    this.#shown.hidden = this.#change.hidden = true;
    this.#editor.hidden = this.#reset.hidden = false;
    this.#editor.focus();
    this.#editor.setSelectionRange(0, 0);
  }

  #back() {
    if (this.#busy) this.#python.stop();
    this.#first();
    this.#change.focus();
  }

  #first() {
    this.#shown.hidden = this.#change.hidden = false;
    this.#editor.hidden = this.#reset.hidden = true;
    this.#error.textContent = "";
    this.#label.textContent = this.#expected.label;
    this.#output.textContent = this.#expected.output;
    this.#meter.rest("");
    this.#host.dataset.state = "idle";
  }

  #grow() {
    this.#editor.rows = this.#editor.value.split("\n").length + 1;
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
    event.preventDefault();
    this.#start();
  }

  async #start() {
    if (this.#busy) return;
    const focused = document.activeElement === this.#run;
    this.#stop.hidden = false;
    this.#run.hidden = true;
    if (focused) this.#stop.focus();
    this.#error.textContent = "";
    this.#label.textContent = t("It is running…");
    this.#output.textContent = "";
    this.#host.dataset.state = "loading";
    const code = this.#editor.hidden ? this.#code : this.#editor.value;
    try {
      const printed = /** @type {Printed} */ (await this.#python.ask(MODULE, "run", { code }));
      if (!this.#signal.aborted) this.#show(printed);
    } catch (error) {
      if (this.#signal.aborted) return;
      if (!(error instanceof PythonError)) throw error;
      if (this.#host.dataset.state === "loading") this.#end("error", t("Nothing came of it."), sentence(error));
    } finally {
      const stopped = document.activeElement === this.#stop;
      this.#stop.hidden = true;
      this.#run.hidden = false;
      if (stopped) this.#run.focus();
    }
  }

  /** @param {Printed} printed */
  #show({ output, error, line, full }) {
    this.#output.textContent = output;
    const label = output ? t("This is what it printed:") : t("It printed nothing.");
    const more = full ? t("It printed more than %(count)s characters; the rest was left out.", { count: number(output.length) }) : "";
    const failed = error && line ? t("Line %(line)s: %(error)s", { line, error }) : error;
    this.#end(error ? "error" : "ready", label, failed || more);
  }

  /**
   * @param {"ready" | "error"} state
   * @param {string} label
   * @param {string} words what went wrong, or ""
   */
  #end(state, label, words) {
    this.#host.dataset.state = state;
    this.#label.textContent = label;
    this.#error.textContent = words;
    this.#meter.rest("");
  }
}

/** @param {PythonError} error */
function sentence(error) {
  if (error.kind === "stopped") return t("Stopped.");
  if (error.kind === "absent") return t("Python could not be fetched or started. (%(reason)s)", { reason: error.message });
  return t("Python broke. (%(reason)s)", { reason: error.message });
}

if (!customElements.get("code-cell")) customElements.define("code-cell", CodeCell);
