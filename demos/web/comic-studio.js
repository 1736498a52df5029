/**
 * `<comic-studio data-python data-studio data-root>`: change a strip and see it set anew in three languages at once, by
 * the very renderer that built the gallery, in the page's Python. The first pictures are those of the build; Python
 * comes with the first change. What was changed stands in the address and can be sent to somebody. `data-state`:
 * loading (the book of strips), idle, running, ready, error. Without scripts there is a link to the gallery.
 */

import { element } from "./page/dom.js";
import { PythonError } from "./python/python.js";
import { StartMeter } from "./python/start-meter.js";
import { Book } from "./studio/book.js";
import { Changes } from "./studio/changes.js";
import { menu, row } from "./studio/choice.js";
import { Column } from "./studio/column.js";
import { Drawing } from "./studio/drawing.js";
import { Stage } from "./studio/stage.js";
import { t } from "./page/words.js";

const PAUSE_MS = 200;

class ComicStudio extends HTMLElement {
  /** @type {AbortController | undefined} */
  #life;

  connectedCallback() {
    this.#life = new AbortController();
    open(this, this.#life.signal);
  }

  disconnectedCallback() {
    this.#life?.abort();
  }
}

/**
 * Fetch the book, then lay the table.
 * @param {HTMLElement} host
 * @param {AbortSignal} signal the element's time on the page
 */
async function open(host, signal) {
  host.dataset.state = "loading";
  const address = (/** @type {string | undefined} */ path) => new URL(path ?? "", document.baseURI).href;
  const { python, studio, root } = host.dataset;
  const drawing = new Drawing({ home: address(python), studio: address(studio), root: address(root) }, signal);
  try {
    const book = new Book(await drawing.plainBook());
    if (!signal.aborted) new Studio(host, book, drawing, signal).open();
  } catch (error) {
    if (signal.aborted) return;
    if (!(error instanceof PythonError)) throw error;
    const retry = element("button", { type: "button" }, t("Try again"));
    const said = element("p", { class: "studio-foot", role: "status" }, unable(error), retry);
    retry.addEventListener("click", () => (said.remove(), open(host, signal)));
    signal.addEventListener("abort", () => said.remove());
    host.append(said);
    host.dataset.state = "error";
  }
}

class Studio {
  #host;
  #book;
  #drawing;
  #signal;
  #columns;
  #stage;
  #changes;
  #strip = element("select");
  #meter = new StartMeter();
  #table = element("div", { class: "studio" });
  #stop = element("button", { type: "button", hidden: true }, t("Stop"));
  #retry = element("button", { type: "button", hidden: true }, t("Try again"));
  #page = location.pathname;
  #reader = document.documentElement.lang;
  /** @type {Map<string, Changes>} what was done to each strip, for the way back to it */
  #kept = new Map();
  #panel = 1;
  #timer = 0;
  #busy = false;
  #again = false;
  /** @type {Map<string, string>} what the picture of each language was last ordered as */
  #orders = new Map();

  /**
   * @param {HTMLElement} host
   * @param {Book} book
   * @param {Drawing} drawing
   * @param {AbortSignal} signal the element's time on the page
   */
  constructor(host, book, drawing, signal) {
    this.#host = host;
    this.#book = book;
    this.#drawing = drawing;
    this.#signal = signal;
    this.#columns = book.languages.map(
      (language) => new Column(book, language, this.#reader, (...said) => this.#change(() => this.#changes.say(...said))),
    );
    this.#stage = new Stage(book, this.#reader, (...acted) => this.#change(() => this.#changes.act(...acted)));
    this.#changes = Changes.read(book, location.hash) ?? new Changes(book, Object.keys(book.strips)[0]);
  }

  open() {
    const signal = this.#signal;
    const languages = element("div", { class: "studio-languages" }, ...this.#columns.map(({ root }) => root));
    this.#table.append(this.#head(), languages, this.#stage.root, this.#foot());
    this.#host.append(this.#table);
    signal.addEventListener("abort", () => {
      clearTimeout(this.#timer);
      this.#table.remove();
    });
    this.#stop.addEventListener("click", () => this.#drawing.stop(), { signal });
    this.#retry.addEventListener("click", () => this.#draw(), { signal });
    this.#drawing.python.addEventListener(
      "step",
      (event) => this.#meter.show(/** @type {CustomEvent<import("./python/python.js").Step>} */ (event).detail),
      { signal },
    );
    addEventListener("hashchange", () => this.#follow(), { signal });
    this.#tab(this.#columns.findIndex(({ code }) => code === this.#reader));
    if (Changes.read(this.#book, location.hash)) this.#host.scrollIntoView();
    this.#take(this.#changes);
  }

  // The table

  #head() {
    const names = Object.entries(this.#book.strips).map(([id, { title }]) =>
      element("option", { value: id }, this.#book.said(this.#reader, title)),
    );
    this.#strip.append(...names);
    this.#strip.addEventListener("change", () => {
      const id = this.#strip.value;
      this.#take(this.#kept.get(id) ?? new Changes(this.#book, id));
      this.#write();
    });
    const panels = [t("Whole strip"), ...this.#book.views.map((_, index) => t("Panel %(number)s", { number: index + 1 }))];
    const languages = row("studio-tab", t("Language"), this.#columns.map(({ code }, at) => [this.#book.languages[at].name, code]), (at) => this.#tab(at));
    languages.classList.add("studio-tabs");
    return element(
      "div",
      { class: "studio-head" },
      menu(t("Strip"), this.#strip),
      row("studio-panel", t("Panel"), panels.map((name) => [name]), (at) => this.#turn(at)),
      languages,
    );
  }

  #foot() {
    const reset = element("button", { type: "button" }, t("Back to the strip as it was"));
    const link = element("button", { type: "button" }, t("Copy a link to this strip"));
    reset.addEventListener("click", () => {
      this.#take(new Changes(this.#book, this.#changes.strip));
      this.#write();
    });
    link.addEventListener("click", () => this.#copy());
    return element("p", { class: "studio-foot" }, reset, link, this.#stop, this.#retry, this.#meter.bar, this.#meter.words);
  }

  /** @param {number} at which language a phone shows */
  #tab(at) {
    const shown = Math.max(0, at);
    this.#columns.forEach(({ root }, index) => root.toggleAttribute("data-shown", index === shown));
    this.#radio("studio-tab", shown).checked = true;
  }

  /** @param {number} panel from 1; 0 is the whole strip */
  #turn(panel) {
    this.#panel = panel;
    this.#table.dataset.panel = String(panel);
    for (const column of this.#columns) column.turn(this.#changes, panel);
    this.#stage.turn(this.#changes, panel);
    this.#radio("studio-panel", panel).checked = true;
  }

  /**
   * @param {string} name
   * @param {number} at
   */
  #radio(name, at) {
    return /** @type {HTMLInputElement} */ (this.#table.querySelectorAll(`input[name=${name}]`)[at]);
  }

  // Changes

  /** @param {Changes} changes */
  #take(changes) {
    this.#changes = changes;
    this.#kept.set(changes.strip, changes);
    this.#strip.value = changes.strip;
    this.#turn(this.#panel);
    this.#draw();
  }

  /** @param {() => void} made */
  #change(made) {
    made();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#write();
      this.#draw();
    }, PAUSE_MS);
  }

  /** Draw what is not drawn as it now should be. While one picture is made, only the newest order waits. */
  async #draw() {
    this.#again = this.#busy;
    if (this.#busy) return;
    this.#busy = true;
    this.#retry.hidden = true;
    this.#host.dataset.state = "running";
    try {
      do {
        this.#again = false;
        for (const column of this.#columns) await this.#drawOne(column);
      } while (this.#again && !this.#signal.aborted);
      this.#host.dataset.state = "ready";
      this.#meter.rest("");
    } catch (error) {
      this.#orders.clear();
      this.#fail(error);
    } finally {
      this.#busy = false;
      const focused = document.activeElement === this.#stop;
      this.#stop.hidden = true;
      if (focused) (this.#retry.hidden ? this.#strip : this.#retry).focus(); // the pressed button goes away
    }
  }

  /** @param {Column} column */
  async #drawOne(column) {
    const changes = this.#changes;
    const order = JSON.stringify([changes.strip, changes.order(column.code)]);
    if (this.#again || this.#signal.aborted || this.#orders.get(column.code) === order) return;
    if (changes.order(column.code)) this.#stop.hidden = false; // else the picture is only fetched
    const drawn = await this.#drawing.picture(this.#book, column.code, changes, this.#reader);
    // Somebody who chose another strip meanwhile must not see this one.
    if (this.#signal.aborted || changes !== this.#changes) return;
    if (!("svg" in drawn) && column.outdated) {
      // Better this strip as it was than the one before it.
      column.show(await this.#drawing.picture(this.#book, column.code, new Changes(this.#book, changes.strip), this.#reader));
    }
    this.#orders.set(column.code, order);
    column.show(drawn);
    // On a phone the others are out of sight.
    const at = this.#columns.indexOf(column);
    this.#radio("studio-tab", at).parentElement?.classList.toggle("misfit", column.misfit);
  }

  /** @param {unknown} error */
  #fail(error) {
    if (this.#signal.aborted) return;
    if (!(error instanceof PythonError)) throw error;
    clearTimeout(this.#timer); // nothing starts by itself now
    this.#host.dataset.state = "error";
    this.#retry.hidden = false;
    this.#meter.rest(unable(error));
  }

  // The address

  #write() {
    if (location.pathname !== this.#page) return; // the reader is on the way to another page
    history.replaceState(history.state, "", this.#changes.none ? location.pathname + location.search : this.#changes.hash);
    dispatchEvent(new HashChangeEvent("hashchange")); // the language menu follows
  }

  #follow() {
    if (location.pathname !== this.#page) return;
    const said = Changes.read(this.#book, location.hash);
    if (said && said.hash !== this.#changes.hash) this.#take(said);
  }

  async #copy() {
    const url = new URL(this.#changes.hash, location.href).href;
    try {
      await navigator.clipboard.writeText(url);
      this.#meter.say(t("The link is in your clipboard."));
    } catch {
      this.#meter.say(url); // a browser may forbid it
    }
  }
}

/** @param {PythonError} error */
function unable(error) {
  if (error.kind === "stopped") return t("Stopped. The pictures are those of before.");
  return t("The studio could not draw this. (%(reason)s)", { reason: error.message });
}

if (!customElements.get("comic-studio")) customElements.define("comic-studio", ComicStudio);
