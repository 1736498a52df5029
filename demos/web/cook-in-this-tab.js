/**
 * `<cook-in-this-tab data-api="../" data-wllama="../assets/wllama/…/" data-hub='{…}'>`: a Gemma inside the browser. It
 * offers packets, loads the chosen one into a worker, and asks it. What stands inside the element is for readers
 * without scripts. `data-state`: idle, loading, ready, running, error; `data-threads`: of the model on the stove.
 * Leaving the page ends the worker.
 */

import { AnswerCard } from "./answer/answer-card.js";
import { element } from "./page/dom.js";
import { megabytes, number, percent } from "./page/figures.js";
import { clear, LarderError, shelf } from "./tab/larder.js";
import { Meter } from "./kitchen/meter.js";
import { PacketChoice, refusal } from "./tab/packet-choice.js";
import { foreign, own } from "./tab/packets.js";
import { PromptForm } from "./answer/prompt-form.js";
import { bare, known, seasoned, STOP } from "./tab/prompts.js";
import { TabError, TabModel } from "./tab/tab-model.js";
import { heavy, lack, LARGEST, stove } from "./tab/tab-stove.js";
import { ToppingKnob } from "./tab/topping-knob.js";
import { trouble } from "./tab/tab-troubles.js";
import { t } from "./page/words.js";

/** @typedef {import("./kitchen/chat.js").Order} Order */
/** @typedef {import("./tab/packets.js").Packet} Packet */
/** @typedef {import("./tab/tab-model.js").Load} Load */
/** @typedef {import("./tab/tab-model.js").Loaded} Loaded */
/** @typedef {import("./tab/tab-model.js").Step} Step */
/** @typedef {import("./tab/tab-stove.js").Stove} Stove */

class CookInThisTab extends HTMLElement {
  /** @type {AbortController | undefined} */
  #life;

  connectedCallback() {
    this.#life = new AbortController();
    new Tab(this, this.#life.signal).open();
  }

  disconnectedCallback() {
    this.#life?.abort();
  }
}

/** The interface for one connection of the element to a page. */
class Tab {
  #host;
  #signal;
  #fallback;
  #model = new TabModel();
  #choice;
  #status = element("p", { role: "status" });
  #progress = element("progress", { hidden: true, "aria-label": t("Loading the model") });
  #leave = element("button", { type: "button", class: "tt-button", hidden: true });
  #knob;
  #form;
  #card;
  #root;
  /** @type {Loaded | undefined} */
  #loaded;
  /** What the answer card says of the model: its name, and what to know of it if it is not a very small one. */
  #origin = /** @type {{model: string, about?: string}} */ ({ model: "" });
  /** @type {AbortController | null} ends the answer that is being written */
  #answering = null;
  /** @type {Order | null} */
  #last = null;
  #fetching = false;
  /** @type {Stove | undefined} */
  #stove;

  /**
   * @param {HTMLElement} host
   * @param {AbortSignal} signal the lifetime
   */
  constructor(host, signal) {
    this.#host = host;
    this.#signal = signal;
    this.#fallback = /** @type {HTMLElement[]} */ ([...host.children]);
    this.#choice = new PacketChoice(
      { cook: (packet) => this.#cook(packet), open: (file) => this.#open(file), clear: () => this.#empty() },
      signal,
    );
    this.#knob = new ToppingKnob((question) => this.#suggest(question), signal);
    this.#form = new PromptForm({ ask: (order) => this.#answer(order), stop: () => this.#answering?.abort() }, signal);
    this.#card = new AnswerCard({ retry: () => this.#retry(), clear: () => this.#clearAnswer() }, signal);
    const notice = element("div", { class: "tt-notice" }, this.#status, this.#progress, this.#leave);
    const order = element("div", { class: "tab-order" }, this.#knob.root, this.#form.root);
    this.#root = element("div", { class: "tt" }, notice, this.#choice.root, order, this.#card.root);
    this.#leave.addEventListener("click", () => this.#unload(), { signal });
    this.#model.addEventListener("step", (event) => this.#step(/** @type {CustomEvent<Step>} */ (event).detail), {
      signal,
    });
    signal.addEventListener("abort", () => this.#end(), { once: true });
    for (const node of this.#fallback) node.hidden = true;
    host.prepend(this.#root);
    this.#rest("idle", t("Nothing is on the stove yet, and nothing has been fetched."));
  }

  /** Look what there is to cook, and with what. */
  async open() {
    const api = new URL(this.#host.dataset.api ?? "", document.baseURI);
    const [found, ours, theirs, kept] = await Promise.all([
      stove(),
      own(api, this.#signal).catch(() => undefined),
      foreign(this.#host.dataset.hub ?? ""),
      shelf(),
    ]);
    if (this.#signal.aborted) return;
    this.#stove = found;
    this.#choice.show(found, ours, theirs, [...kept.values()].reduce((sum, bytes) => sum + bytes, 0));
  }

  // Loading

  /** @param {Packet} packet */
  async #cook(packet) {
    this.#fetching = packet.kept < packet.bytes;
    const { parts, topping, headers, label: model, bytes } = packet;
    const about = t("Cooked by %(model)s. It knows a lot for its size, and is wrong at times, too.", { model });
    this.#knob.offer(Boolean(topping));
    await this.#load({ parts, headers, ...(topping && { topping }) }, { model, ...(heavy(bytes) && { about }) });
  }

  /** @param {File} file */
  async #open(file) {
    const { name: model, size: bytes } = file;
    // What is too large for every browser is left to the worker.
    const missed = this.#stove && bytes <= LARGEST && lack(this.#stove, { bytes, kept: bytes });
    if (this.#stove && missed) {
      const elsewhere = t("Cook it in your own kitchen, outside of the browser.");
      return this.#rest("error", refusal({ label: model, bytes }, this.#stove, missed, elsewhere));
    }
    this.#knob.offer(false);
    const about = t("Cooked by %(model)s, a file of yours: what it is good at, we cannot know.", { model });
    await this.#load({ parts: [], headers: {}, file }, { model, about });
  }

  /**
   * @param {Pick<Load, "parts" | "headers" | "topping" | "file">} what
   * @param {{model: string, about?: string}} origin
   */
  async #load(what, origin) {
    this.#origin = origin;
    this.#rest("loading", t("Getting the packet…"));
    this.#leave.focus(); // the pressed button goes away
    const home = new URL(this.#host.dataset.wllama ?? "", document.baseURI).href;
    try {
      const [loaded] = await Promise.all([
        this.#model.load({ ...what, home, threads: this.#stove?.threads ?? 1, gpu: this.#choice.gpu }),
        known().catch(() => {
          throw new TabError("gone", { host: location.host });
        }),
      ]);
      if (this.#signal.aborted) return;
      this.#loaded = loaded;
      this.#host.dataset.threads = String(loaded.threads);
      this.#card.rest();
      this.#rest("ready", t("On the stove: %(model)s. The first answer takes longest.", { model: origin.model }));
      this.#form.focus();
    } catch (error) {
      if (this.#signal.aborted) return;
      const stopped = error instanceof TabError && error.kind === "stopped";
      this.#model.stop();
      await this.open();
      if (this.#signal.aborted) return;
      this.#rest(stopped ? "idle" : "error", trouble(error));
      this.#choice.focus();
    }
  }

  /** @param {Step} step */
  #step({ step, done = 0, all = 0 }) {
    if (step === "load") {
      this.#progress.removeAttribute("value");
      this.#say(t("Lighting the stove: the model goes into memory…"));
      return;
    }
    this.#progress.max = all;
    this.#progress.value = done;
    // In tenths: a screen reader need not hear every piece.
    const values = { share: percent(Math.floor((10 * done) / all) / 10), size: megabytes(all) };
    this.#say(
      this.#fetching
        ? t("Fetching and checking: %(share)s of %(size)s", values)
        : t("Checking what is in the cupboard: %(share)s of %(size)s", values),
    );
  }

  async #unload() {
    this.#answering?.abort();
    this.#loaded = undefined;
    const loading = this.#host.dataset.state === "loading";
    this.#model.stop();
    if (loading) return; // its own end says so
    await this.open();
    if (this.#signal.aborted) return;
    this.#rest("idle", t("The stove is off, and its memory is free again."));
    this.#choice.focus();
  }

  async #empty() {
    let words = t("The cupboard is empty: the files are deleted.");
    try {
      await clear();
    } catch (error) {
      if (!(error instanceof LarderError)) throw error;
      words = trouble(error);
    }
    await this.open();
    if (this.#signal.aborted) return;
    this.#rest("idle", words);
    this.#choice.focus();
  }

  // Answering

  /** @param {Order} order */
  async #answer(order) {
    const loaded = this.#loaded;
    if (!loaded || this.#answering) return;
    const stop = new AbortController();
    const meter = new Meter(performance.now());
    this.#answering = stop;
    this.#last = order;
    this.#show("running");
    this.#card.start({ ...this.#origin, machine: machine(loaded), place: t("this tab, and nowhere else") });
    const strength = this.#knob.strength;
    const { prompt: question, ...rest } = order;
    /** @type {"ready" | "error"} */
    let state = "ready";
    try {
      const prompt = loaded.chat ? question : strength ? seasoned(question) : await bare(question);
      const asked = { ...rest, prompt, chat: loaded.chat, stop: loaded.chat ? [] : STOP, topping: strength };
      let finish = "";
      let begun = false;
      for await (const piece of this.#model.answer(asked, stop.signal)) {
        if ("text" in piece) {
          /** @type {string} */
          const text = begun ? piece.text : piece.text.trimStart();
          begun ||= Boolean(text);
          meter.piece(performance.now());
          this.#card.write(text);
        } else if ("finish" in piece) {
          finish = piece.finish;
          if (piece.timings) meter.finish(piece.timings);
        } else {
          this.#say(t("Reading the question: %(share)s", { share: percent(piece.read) }));
        }
        this.#card.measure(meter.reading);
      }
      this.#card.end(finish === "stopped" ? "stopped" : "done", completion(finish, meter.reading.tokens));
      this.#say(navigator.onLine ? OFFLINE_NEXT() : OFFLINE_NOW());
    } catch (error) {
      if (this.#signal.aborted) return;
      if (error instanceof TabError && error.kind === "stopped") return; // taken off the stove meanwhile
      this.#card.fail(trouble(error));
      state = "error";
    } finally {
      this.#answering = null;
      if (!this.#signal.aborted && this.#loaded) this.#show(state);
    }
  }

  /** @param {string} question */
  #suggest(question) {
    const box = this.#form.root.querySelector("textarea");
    if (!box) return;
    box.value = question;
    box.focus();
  }

  #retry() {
    this.#form.focus(); // the pressed button goes away
    if (this.#last) this.#answer(this.#last);
  }

  #clearAnswer() {
    this.#form.focus();
    this.#card.rest();
  }

  // Showing

  /** @param {"idle" | "loading" | "ready" | "running" | "error"} state */
  #show(state) {
    const loading = state === "loading";
    const hot = Boolean(this.#loaded);
    this.#host.dataset.state = state;
    this.#progress.hidden = !loading;
    this.#progress.removeAttribute("value");
    this.#leave.hidden = !loading && !hot;
    this.#leave.textContent = loading ? t("Stop") : t("Take it off the stove");
    this.#choice.root.hidden = loading || hot;
    for (const part of [this.#form.root, this.#knob.root, this.#card.root]) part.hidden = !hot;
    this.#form.update({ canAsk: hot, running: state === "running" });
  }

  /**
   * @param {"idle" | "loading" | "ready" | "error"} state
   * @param {string} words
   */
  #rest(state, words) {
    this.#show(state);
    this.#say(words);
  }

  /** @param {string} words */
  #say(words) {
    if (this.#status.textContent !== words) this.#status.textContent = words;
  }

  #end() {
    this.#model.stop();
    this.#root.remove();
    for (const node of this.#fallback) node.hidden = false;
  }
}

const OFFLINE_NEXT = () => t("Now switch off your network and ask again.");
const OFFLINE_NOW = () => t("You are offline, and it cooks all the same. This is what having the packet means.");

/** @param {Loaded} loaded */
function machine({ threads }) {
  return t("this browser, threads: %(threads)s", { threads: number(threads) });
}

/**
 * @param {string} finish
 * @param {number} count
 */
function completion(finish, count) {
  const tokens = number(count);
  if (finish === "stopped") return t("Stopped. What was written stays.");
  if (count === 0) return t("The model wrote nothing. Another prompt may do better.");
  if (finish === "length") return t("Cut at the longest answer you allowed. Tokens: %(tokens)s.", { tokens });
  return t("Answer complete. Tokens: %(tokens)s.", { tokens });
}

// Two copies of this module can meet when a language has its own: the first one stays in charge.
if (!customElements.get("cook-in-this-tab")) customElements.define("cook-in-this-tab", CookInThisTab);
