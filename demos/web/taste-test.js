/**
 * `<taste-test data-api="../">`: one prompt to the Gemma that the page's own server runs, its answer as it streams in.
 * `data-api` is the address, relative to the page, that `api/kitchen` and `v1/` hang from. What stands inside the
 * element is shown until a kitchen answers, and stays where none does. `data-state`: idle, loading, ready, running,
 * error, absent. Material's instant navigation connects and disconnects it on every visit: each connection has one
 * lifetime, and ending that ends requests, polling, timers and listeners.
 */

import { AnswerCard } from "./answer-card.js";
import { chat, ChatError } from "./chat.js";
import { element } from "./dom.js";
import { number, seconds } from "./format.js";
import { KitchenNotice } from "./kitchen-notice.js";
import { watchKitchen } from "./kitchen.js";
import { Meter } from "./meter.js";
import { PromptForm } from "./prompt-form.js";
import { reasonInWords } from "./reasons.js";
import { t } from "./words.js";

/** @typedef {import("./chat.js").Order} Order */
/** @typedef {import("./kitchen.js").Kitchen} Kitchen */

class TasteTest extends HTMLElement {
  /** @type {AbortController | undefined} */
  #life;

  connectedCallback() {
    this.#life = new AbortController();
    new Table(this, this.#life.signal).open();
  }

  disconnectedCallback() {
    this.#life?.abort();
  }
}

/** The interface for one connection of the element to a page. */
class Table {
  #host;
  #signal;
  #api;
  #fallback;
  #notice;
  #form;
  #card;
  #root;
  /** @type {Kitchen | null} */
  #kitchen = null;
  /** @type {AbortController | null} ends the answer that is being written */
  #answering = null;
  /** @type {Order | null} */
  #last = null;

  /**
   * @param {HTMLElement} host
   * @param {AbortSignal} signal the lifetime
   */
  constructor(host, signal) {
    this.#host = host;
    this.#signal = signal;
    this.#api = new URL(host.dataset.api ?? "", document.baseURI);
    this.#fallback = /** @type {HTMLElement[]} */ ([...host.children]);
    this.#notice = new KitchenNotice(() => this.open(), signal);
    this.#form = new PromptForm({ ask: (order) => this.#answer(order), stop: () => this.#stop() }, signal);
    this.#card = new AnswerCard({ retry: () => this.#retry(), clear: () => this.#clear() }, signal);
    const parts = [this.#notice.root, this.#form.root, this.#card.root];
    this.#root = element("div", { class: "tt", hidden: true }, ...parts);
    host.prepend(this.#root);
    host.dataset.state = "idle";
    signal.addEventListener("abort", () => this.#leave(), { once: true });
  }

  /** Ask after the kitchen and follow it until it is ready or is not going to be. */
  async open() {
    try {
      for await (const kitchen of watchKitchen(this.#api, this.#signal)) this.#show(kitchen);
    } catch (error) {
      if (this.#signal.aborted) return;
      this.#show(null);
    }
  }

  /** @param {Kitchen | null} kitchen null: nothing answered */
  #show(kitchen) {
    const live = kitchen?.state === "loading" || kitchen?.state === "ready";
    this.#kitchen = kitchen;
    this.#notice.show(kitchen);
    this.#root.hidden = kitchen?.state === "absent";
    this.#form.root.hidden = this.#card.root.hidden = !live;
    // The static words are for readers without a server.
    const served = kitchen !== null && kitchen.state !== "absent";
    for (const node of this.#fallback) node.hidden = served;
    this.#host.dataset.state = kitchen?.state.replace("failed", "error") ?? "error";
    this.#form.update({ canAsk: kitchen?.state === "ready", running: false });
  }

  /** @param {Order} order */
  async #answer(order) {
    const kitchen = this.#kitchen;
    if (!kitchen?.model || this.#answering) return;
    const stop = new AbortController();
    const meter = new Meter(performance.now());
    this.#answering = stop;
    this.#last = order;
    this.#form.update({ canAsk: true, running: true });
    this.#host.dataset.state = "running";
    this.#card.start({ model: kitchen.model.label, machine: machine(kitchen), place: place(this.#api) });
    let finish = "";
    let state = "ready";
    try {
      for await (const event of chat(this.#api, kitchen.model.id, order, stop.signal)) {
        if ("text" in event) {
          meter.piece(performance.now());
          this.#card.write(event.text);
        } else {
          finish = event.finish;
          if (event.timings) meter.finish(event.timings);
        }
        this.#card.measure(meter.reading);
      }
      this.#card.end("done", completion(finish, meter.reading));
    } catch (error) {
      if (this.#signal.aborted) return;
      if (stop.signal.aborted) {
        this.#card.end("stopped", t("Stopped. What was written stays."));
      } else if (error instanceof ChatError) {
        this.#card.fail(sentence(error), error.wait);
        state = "error";
      } else {
        throw error;
      }
    } finally {
      this.#answering = null;
      if (!this.#signal.aborted) {
        this.#host.dataset.state = state;
        this.#form.update({ canAsk: true, running: false });
      }
    }
  }

  #stop() {
    this.#answering?.abort();
  }

  #retry() {
    this.#form.focus(); // the pressed button goes away, and the keyboard would start again at the top of the page
    if (this.#last) this.#answer(this.#last);
  }

  #clear() {
    this.#form.focus();
    this.#card.rest();
  }

  #leave() {
    this.#stop();
    this.#root.remove();
    for (const node of this.#fallback) node.hidden = false;
  }
}

/** @param {Kitchen} kitchen */
function machine({ device = "?", threads = 0 }) {
  const name = device.toUpperCase();
  return threads ? t("%(device)s, threads: %(threads)s", { device: name, threads: number(threads) }) : name;
}

/** @param {URL} api */
function place({ hostname, host }) {
  const here = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
  if (here) return t("this computer (%(address)s) and nowhere else", { address: host });
  return t("the computer at %(address)s", { address: host });
}

/**
 * @param {string} finish the server's finish_reason
 * @param {import("./meter.js").Reading} reading
 */
function completion(finish, { tokens }) {
  if (tokens === 0) return t("The model wrote nothing. Another prompt may do better.");
  const count = { tokens: number(tokens) };
  if (finish === "length") return t("Cut at the longest answer you allowed. Tokens: %(tokens)s.", count);
  return t("Answer complete. Tokens: %(tokens)s.", count);
}

/** @param {ChatError} error */
function sentence({ kind, detail, code, wait }) {
  switch (kind) {
    case "gone":
      return t("The kitchen does not answer. Is the server still running?");
    case "busy":
      return t("The kitchen is busy. Try again in %(wait)s.", { wait: seconds(wait * 1000) });
    case "cut":
      return t("The stream broke off before the answer was complete. What came is kept.");
    case "refused":
      return t("The kitchen refused the order: %(reason)s", { reason: reasonInWords(code, detail) });
  }
}

// Two copies of this module can meet when a language has its own: the first one stays in charge.
if (!customElements.get("taste-test")) customElements.define("taste-test", TasteTest);
