/**
 * `<taste-test data-api="../">`: one prompt, two bowls. The packet is the Gemma that the page's own server runs, the
 * restaurant is Gemini (or Gemma in Google's kitchen) behind that server's key. `data-api` is the address, relative to
 * the page, that `api/` and `v1/` hang from. What stands inside the element is shown until a kitchen answers, and stays
 * where none does. `data-state`: idle, loading, ready, running, error, absent. Material's instant navigation connects
 * and disconnects it on every visit: each connection has one lifetime, and ending that ends requests, polling, timers
 * and listeners.
 */

import { Column } from "./taste/column.js";
import { Departures } from "./taste/departures.js";
import { element } from "./page/dom.js";
import { Keepsakes } from "./taste/keepsakes.js";
import { failure, KitchenNotice } from "./kitchen/kitchen-notice.js";
import { watchKitchen } from "./kitchen/kitchen.js";
import { menu } from "./kitchen/menu.js";
import { OrderExtras } from "./taste/order-extras.js";
import { PromptForm } from "./answer/prompt-form.js";
import { slip } from "./taste/report.js";
import { carried } from "./taste/setup-link.js";
import { exchange } from "./answer/tally.js";
import { verdict } from "./taste/verdict.js";
import { t } from "./page/words.js";

/** @typedef {import("./taste/column.js").TableOrder} TableOrder */
/** @typedef {import("./kitchen/kitchen.js").Kitchen} Kitchen */

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
  #extras;
  #form;
  #columns;
  #departures;
  #question = element("p", { class: "tt-asked" });
  #edit = element("button", { type: "button", class: "tt-button tt-small" }, t("Change it and ask again"));
  #asked = element("div", { class: "tt-question", hidden: true }, this.#question, this.#edit);
  #verdict = element("p", { class: "tt-verdict", role: "status" });
  #bowls = element("div", { class: "tt-bowls", hidden: true });
  #unknown = element(
    "p",
    { class: "tt-error", role: "alert", hidden: true },
    t("The restaurant's menu could not be read, so only the packet is served: look into the server's log, then load this page again."),
  );
  #rates = element("p", { class: "tt-price", hidden: true });
  #keepsakes;
  #root;
  #ready = false;
  #opening = false;
  /** @type {Map<Column, AbortController>} ends the answers that are being written */
  #cooking = new Map();
  /** Orders so far: the verdict is about both answers to one. */
  #orders = 0;
  #editing = false;
  /** @type {import("./taste/report.js").Asked | undefined} */
  #last;

  /**
   * @param {HTMLElement} host
   * @param {AbortSignal} signal the lifetime
   */
  constructor(host, signal) {
    this.#host = host;
    this.#signal = signal;
    this.#api = new URL(host.dataset.api ?? "", document.baseURI);
    const children = /** @type {HTMLElement[]} */ ([...host.children]);
    this.#fallback = children.filter(({ dataset }) => !dataset.part);
    const meanwhile = [...host.querySelectorAll("[data-part=meanwhile]")].map((part) => part.cloneNode(true));
    for (const part of meanwhile) /** @type {HTMLElement} */ (part).hidden = false;
    this.#notice = new KitchenNotice(() => this.open(), signal, meanwhile);
    this.#extras = new OrderExtras(() => this.#show(), signal);
    const { more, options } = this.#extras;
    const actions = { ask: () => this.#ask(), stop: () => this.#stop() };
    this.#form = new PromptForm(actions, signal, { more, options });
    this.#columns = [this.#column("packet", t("The packet")), this.#column("restaurant", t("The restaurant"))];
    this.#departures = new Departures(this.#api, signal);
    this.#keepsakes = new Keepsakes({ setup: () => this.#setup(), report: () => this.#report() }, signal);
    this.#root = element(
      "div",
      { class: "tt tt-table", hidden: true },
      ...[this.#notice.root, this.#form.root, this.#departures.root, this.#asked],
      ...[this.#unknown, this.#bowls, this.#verdict, this.#rates, this.#keepsakes.root],
    );
    this.#edit.addEventListener("click", () => this.#change(), { signal });
    addEventListener("online", () => this.#lookAgain(), { signal });
    document.addEventListener("visibilitychange", () => this.#lookAgain(), { signal });
    host.prepend(this.#root);
    host.dataset.state = "idle";
    signal.addEventListener("abort", () => this.#leave(), { once: true });
  }

  /**
   * @param {"packet" | "restaurant"} side
   * @param {string} name
   */
  #column(side, name) {
    /** @type {Column} */
    const column = new Column(
      name,
      side,
      this.#api,
      {
        retry: () => (column.last ? this.#again(column) : this.open()),
        again: () => this.#again(column),
        clear: () => this.#clear(column),
        current: () => this.#order(),
        chosen: () => this.#show(),
      },
      this.#signal,
    );
    return column;
  }

  /** Ask after the kitchen and follow it until it is ready or is not going to be. */
  async open() {
    if (this.#opening) return;
    this.#opening = true;
    try {
      for await (const kitchen of watchKitchen(this.#api, this.#signal)) await this.#receive(kitchen);
    } catch (error) {
      if (this.#signal.aborted) return;
      await this.#receive(null);
    } finally {
      this.#opening = false;
    }
  }

  /** After sleep, or when the network is back: a server that was gone may be there, one that was there may not. */
  #lookAgain() {
    if (document.visibilityState === "visible" && this.#cooking.size === 0 && this.#host.dataset.state !== "absent") this.open();
  }

  /** @param {Kitchen | null} kitchen null: nothing answered */
  async #receive(kitchen) {
    const first = !this.#ready;
    const failed = kitchen?.state === "failed";
    this.#ready = (kitchen?.state === "ready" || failed) && (await this.#offer(kitchen));
    if (this.#ready && first) this.#fill(carried());
    const live = this.#ready || kitchen?.state === "loading";
    this.#notice.show(kitchen);
    const apart = failed && live; // then it stands in the column that it is about
    this.#columns[0].excuse(apart ? failure(kitchen) : "");
    if (apart) this.#notice.root.hidden = true;
    this.#root.hidden = kitchen?.state === "absent";
    for (const part of [this.#form.root, this.#departures.root, this.#bowls]) part.hidden = !live;
    if (!live) this.#unknown.hidden = true;
    // The static words are for readers without a server.
    const served = kitchen !== null && kitchen.state !== "absent";
    for (const node of this.#fallback) node.hidden = served;
    if (this.#cooking.size === 0) this.#host.dataset.state = kitchen?.state.replace("failed", "error") ?? "error";
    this.#show();
  }

  /**
   * Set the table: a kitchen that could not open leaves the other cooks where they are.
   * @param {Kitchen} kitchen
   * @returns {Promise<boolean>} whether anybody can be asked
   */
  async #offer(kitchen) {
    const { packets, restaurant } = await menu(this.#api, this.#signal);
    this.#columns[0].offer(packets);
    // A menu that was read before stays.
    if (restaurant !== undefined) this.#columns[1].offer(restaurant?.bowls ?? [], restaurant?.open);
    this.#unknown.hidden = restaurant !== undefined || Boolean(this.#columns[1].bowl);
    const there = this.#columns.filter(({ bowl }) => bowl).map(({ root }) => root);
    if (!there.every((root) => root.isConnected)) this.#bowls.replaceChildren(...there);
    this.#departures.show(kitchen.sent, restaurant);
    return kitchen.state === "ready" || packets.some(({ ready }) => ready) || Boolean(restaurant?.open);
  }

  /** What is on offer, to the form; and whether it can be ordered. */
  #show() {
    const bowls = this.#columns.map(({ bowl }) => bowl);
    const chosen = this.#chosen().map(({ bowl }) => bowl);
    this.#extras.offer({
      choice: this.#columns.every(({ open }) => open),
      images: bowls.some((bowl) => bowl?.images),
      thinking: chosen.some((bowl) => bowl?.thinking),
    });
    this.#extras.offerFollowing(this.#columns.some(({ hasSpoken }) => hasSpoken));
    this.#form.update({ canAsk: this.#ready, running: this.#cooking.size > 0 });
  }

  #chosen() {
    const { who } = this.#extras;
    const [packet, restaurant] = this.#columns;
    return { both: this.#columns, packet: [packet], restaurant: [restaurant] }[who];
  }

  /** @returns {TableOrder} */
  #order() {
    const { system, thinking, picture } = this.#extras;
    return { ...this.#form.order, system, thinking, picture };
  }

  async #ask() {
    const order = this.#order();
    const { follow } = this.#extras;
    const columns = this.#chosen();
    if (follow && this.#editing) for (const column of columns) column.takeBack();
    this.#editing = false;
    this.#last = slip(order);
    this.#question.textContent = order.prompt;
    for (const column of this.#columns) if (!columns.includes(column)) column.leaveOut();
    this.#rates.textContent ||= exchange();
    this.#asked.hidden = this.#rates.hidden = this.#keepsakes.root.hidden = false;
    await this.#cook(columns, order, follow);
  }

  /** @param {Column} column its last order anew, with what was said before it */
  async #again(column) {
    this.#form.focus(); // the pressed button goes away, and the keyboard would start again at the top of the page
    if (!column.last || this.#cooking.has(column)) return; // the other bowl may cook on
    column.takeBack();
    await this.#cook([column], column.last, column.hasSpoken);
  }

  /**
   * @param {Column[]} columns
   * @param {TableOrder} order
   * @param {boolean} follow
   */
  async #cook(columns, order, follow) {
    const stop = new AbortController();
    const number = ++this.#orders;
    for (const column of columns) this.#cooking.set(column, stop);
    this.#verdict.textContent = "";
    this.#host.dataset.state = "running";
    this.#show();
    /** @type {Column[]} */
    const allowed = [];
    try {
      for (const column of columns) {
        if (await column.allowed(order, follow, stop.signal)) allowed.push(column);
        else this.#done(column, stop);
      }
      if (!stop.signal.aborted) {
        const answers = allowed.map(async (column) => {
          await column.answer(order, follow, stop.signal);
          this.#done(column, stop);
        });
        await Promise.all(answers);
        // After a bowl was cooked again, the two did not cook side by side.
        const sideBySide = allowed.length === 2 && number === this.#orders;
        if (sideBySide) this.#verdict.textContent = verdict(allowed.map(({ outcome }) => outcome));
      }
    } finally {
      for (const column of columns) this.#done(column, stop);
    }
    // Only now: while it is asked for, a press on Retry must not be lost.
    if (!this.#signal.aborted && allowed.some(({ bowl }) => bowl?.host)) await this.#departures.refresh();
  }

  /**
   * One bowl is finished, and can be cooked again while the other still cooks.
   * @param {Column} column
   * @param {AbortController} stop of the order that is over: by now there can be another
   */
  #done(column, stop) {
    if (this.#cooking.get(column) !== stop) return;
    this.#cooking.delete(column);
    if (this.#signal.aborted) return;
    if (this.#cooking.size === 0) {
      const failed = this.#columns.some(({ last, state }) => last && state === "error");
      this.#host.dataset.state = failed ? "error" : "ready";
    }
    this.#show();
  }

  #stop() {
    for (const stop of this.#cooking.values()) stop.abort();
  }

  /** The last question goes back into the box; what comes next takes its place in the conversation. */
  #change() {
    this.#form.fill({ prompt: this.#question.textContent ?? "" });
    this.#form.edit();
    this.#editing = true;
  }

  /** @param {Column} column */
  #clear(column) {
    this.#form.focus();
    column.clear();
    this.#verdict.textContent = "";
    this.#show();
  }

  // Links and files

  #setup() {
    const { prompt, max_tokens, temperature, seed } = this.#form.order;
    const { system, thinking, who } = this.#extras;
    const [packet, restaurant] = this.#columns.map(({ bowl }) => bowl?.id);
    return { prompt, max_tokens, temperature, seed, system, thinking, who, packet, restaurant };
  }

  /** @param {Record<string, string>} found */
  #fill(found) {
    this.#form.fill(found);
    this.#extras.fill(found);
    this.#columns[0].choose(found.packet);
    this.#columns[1].choose(found.restaurant);
  }

  /** @returns {import("./taste/report.js").Report} */
  #report() {
    return {
      last: this.#last ?? slip(this.#order()),
      bowls: this.#columns.filter(({ hasSpoken }) => hasSpoken).map(({ told }) => told),
      verdict: this.#verdict.textContent ?? "",
      exchange: exchange(),
    };
  }

  #leave() {
    this.#stop();
    this.#root.remove();
    for (const node of this.#fallback) node.hidden = false;
  }
}

// Two copies of this module can meet when a language has its own: the first one stays in charge.
if (!customElements.get("taste-test")) customElements.define("taste-test", TasteTest);
