/**
 * One side of the table: a choice of models, the card of the answer, and the conversation so far. It asks for leave
 * before anything goes to the restaurant, and asks the server for the answer. Knows nothing of the other side.
 */

import { AnswerCard } from "../answer/answer-card.js";
import { chat, ChatError } from "../kitchen/chat.js";
import { Consent } from "./consent.js";
import { completion, conversation } from "./conversation.js";
import { element } from "../page/dom.js";
import { rate } from "../page/figures.js";
import { number } from "../page/format.js";
import { shown } from "../kitchen/letter.js";
import { letter } from "../kitchen/menu.js";
import { Meter } from "../kitchen/meter.js";
import { origin } from "./origin.js";
import { slip } from "./report.js";
import { Sign } from "./sign.js";
import { Tally } from "../answer/tally.js";
import { trouble } from "../kitchen/trouble.js";
import { t } from "../page/words.js";

/** @typedef {import("../kitchen/chat.js").Conversation} Conversation */
/** @typedef {import("../kitchen/chat.js").Message} Message */
/** @typedef {import("./conversation.js").TableOrder} TableOrder */
/** @typedef {import("../kitchen/menu.js").Bowl} Bowl */

export class Column {
  #api;
  #signal;
  #select = element("select", {});
  #choice = element("label", { class: "tt-model" }, element("span", {}, t("Model")), this.#select);
  #price = element("p", { class: "tt-price" });
  #earlier = element("details", { class: "tt-more", hidden: true }, element("summary", {}, t("Said before")));
  #older = element("p", { class: "tt-older", hidden: true });
  #unsent = element("details", { class: "tt-more", hidden: true }, element("summary", {}, t("What would have left")));
  #consent;
  #tally;
  #card;
  #sign;
  /** @type {Bowl[]} */
  #bowls = [];
  /** @type {Message[]} the conversation up to the last answer */
  #said = [];
  /** @type {TableOrder | null} */
  #last = null;
  #kept = false;
  #takenBack = false;
  #cook = "";
  #served = slip({ prompt: "" });
  #open = true;
  /** @type {Bowl | undefined} the one that the last order may go to: the choice can change while leave is asked for */
  #asked;
  /** @type {import("./verdict.js").Outcome | null} */
  outcome = null;

  /**
   * @param {string} name of the bowl, for the reader
   * @param {string} side "packet" or "restaurant"
   * @param {URL} api
   * @param {{retry: () => void, clear: () => void, again: () => void, current: () => TableOrder, chosen: () => void}} actions
   * @param {AbortSignal} signal
   */
  constructor(name, side, api, { current, chosen, ...actions }, signal) {
    this.name = name;
    this.#api = api;
    this.#signal = signal;
    this.#tally = new Tally(signal);
    this.#card = new AnswerCard(actions, signal, this.#tally);
    this.#card.root.setAttribute("aria-label", `${name}: ${t("Answer")}`); // landmarks differ in name
    this.#card.root.append(this.#unsent);
    this.#consent = new Consent(signal);
    this.#sign = new Sign(() => this.#letter(current(), [], signal), signal);
    this.root = element("section", { class: "tt-column", "data-side": side, "aria-label": name });
    this.#select.addEventListener("change", () => (this.#show(), chosen()), { signal });
  }

  /**
   * @param {Bowl[]} bowls to choose from
   * @param {boolean} open whether they can be asked
   */
  offer(bowls, open = true) {
    const before = this.#select.value;
    const same = open === this.#open && bowls.map(({ id }) => id).join() === this.#bowls.map(({ id }) => id).join();
    this.#bowls = bowls;
    this.#open = open;
    if (same && this.root.isConnected) return this.#show(); // what the reader is at stays where it is
    this.#select.replaceChildren(...bowls.map(({ id, label }) => element("option", { value: id }, label)));
    if (bowls.some(({ id }) => id === before)) this.#select.value = before;
    this.#select.disabled = bowls.length < 2;
    const asks = bowls.some(({ hosted }) => hosted) ? [this.#consent.root] : [];
    const inside = open ? [...asks, this.#earlier, this.#older, this.#card.root] : [this.#sign.root];
    this.root.replaceChildren(element("p", { class: "tt-name" }, this.name), this.#choice, this.#price, ...inside);
    this.#show();
  }

  /** @returns {Bowl | undefined} */
  get bowl() {
    return this.#bowls[Math.max(0, this.#select.selectedIndex)];
  }

  /** @param {string} id */
  choose(id) {
    if (!this.#bowls.some((bowl) => bowl.id === id)) return;
    this.#select.value = id;
    this.#show();
  }

  get open() {
    return this.#open && this.#bowls.length > 0;
  }

  get state() {
    return this.#card.state;
  }

  get hasSpoken() {
    return this.#said.length > 0;
  }

  /** For a report: who answered what, and at what price. */
  get told() {
    const { source: text, plain } = this.#card;
    return { name: this.name, model: this.#cook, text, plain, figures: this.#tally.lines(), asked: this.#served };
  }

  /**
   * Say in place, until something is asked, why this side cannot cook.
   * @param {string} sentence "" when it can
   */
  excuse(sentence) {
    if (this.#last) return;
    if (sentence) this.#card.fail(sentence);
    else if (this.state === "error") this.#card.rest();
  }

  /**
   * Whether this order may go to this bowl; asks the reader where it would leave for the restaurant.
   * @param {TableOrder} order
   * @param {boolean} follow whether it goes on with the conversation
   * @param {AbortSignal} stop
   */
  async allowed(order, follow, stop) {
    const { bowl } = this;
    this.#asked = bowl;
    this.#older.hidden = this.#unsent.hidden = true;
    if (!bowl) return false;
    if (!this.#open) {
      await this.#sign.refresh();
      return false;
    }
    const picture = Boolean(order.picture && bowl.images);
    this.#last = order;
    if (!bowl.hosted || this.#consent.given(bowl, picture)) return true;
    try {
      const paper = await this.#letter(order, follow ? this.#said : [], stop, bowl);
      this.#card.root.hidden = true;
      const yes = await this.#consent.ask(bowl, picture, paper, stop);
      this.#card.root.hidden = false;
      if (!yes) {
        if (follow) this.leaveOut();
        else this.clear();
        this.#card.end("stopped", t("You said no, so nothing was sent."));
        this.#unsent.replaceChildren(...[...this.#unsent.children].slice(0, 1), shown(paper));
        this.#unsent.hidden = false;
      }
      return yes;
    } catch (error) {
      if (stop.aborted) return false;
      this.#card.start(origin(bowl, this.#api));
      this.#card.fail(trouble(error instanceof ChatError ? error : new ChatError("gone")));
      return false;
    }
  }

  /**
   * Answer, and show it. What goes wrong stands on the card.
   * @param {TableOrder} order
   * @param {boolean} follow
   * @param {AbortSignal} stop
   */
  async answer(order, follow, stop) {
    const bowl = this.#asked;
    if (!bowl) return;
    if (!follow) this.#said = [];
    this.#recall(follow);
    this.#served = slip(order);
    this.#cook = bowl.label;
    this.#kept = false;
    this.outcome = null;
    const asked = conversation(bowl, order, this.#said);
    const meter = new Meter(performance.now());
    let finish = "";
    this.#card.start(origin(bowl, this.#api), this.#remarks(bowl, order));
    try {
      for await (const event of chat(this.#api, asked, stop)) {
        if ("text" in event) {
          meter.piece(performance.now(), event.usage);
          this.#card.write(event.text, event.thought);
        } else {
          finish = event.finish;
          if (event.timings) meter.finish(event.timings, event.usage);
        }
        this.#card.measure(this.#reading(meter));
      }
      this.#keep(asked);
      this.#card.end("done", completion(finish, meter.reading, this.#card.source !== ""));
      const { firstTokenMs: firstMs, totalMs, costUsd } = this.#reading(meter);
      if (firstMs !== undefined && totalMs !== undefined) {
        this.outcome = { name: this.name, firstMs, totalMs, costUsd };
      }
    } catch (error) {
      if (this.#signal.aborted) return;
      if (stop.aborted) {
        this.#keep(asked);
        this.#card.end("stopped", t("Stopped. What was written stays."));
      } else if (error instanceof ChatError) {
        this.#card.fail(trouble(error), error.wait);
      } else {
        throw error;
      }
    }
  }

  /** @returns {TableOrder | null} what was asked last */
  get last() {
    return this.#last;
  }

  /** Take the last question and its answer out of the conversation, to ask them anew. */
  takeBack() {
    if (this.#kept) this.#said = this.#said.slice(0, -2);
    this.#kept = false;
    this.#takenBack = true;
  }

  /** Another question is asked, but not here: the answer says which one it belongs to. */
  leaveOut() {
    this.#older.hidden = !this.hasSpoken;
    this.#older.textContent = t("Not asked this time. It answered: %(question)s", { question: this.#served.prompt });
  }

  clear() {
    this.#older.hidden = this.#unsent.hidden = true;
    this.#said = [];
    this.outcome = null;
    this.#recall(false);
    this.#card.rest();
  }

  /**
   * The letter that an order would be; one about ramen while nothing is written.
   * @param {TableOrder} order
   * @param {Message[]} said
   * @param {AbortSignal} signal
   * @param {Bowl} [bowl]
   */
  #letter(order, said, signal, bowl = /** @type {Bowl} */ (this.bowl)) {
    const prompt = order.prompt || t("What is ramen?");
    return letter(this.#api, conversation(bowl, { ...order, prompt }, said), signal);
  }

  /** @param {Conversation} conversation the system prompt is no part of what was said */
  #keep({ messages }) {
    this.#kept = this.#card.source !== "";
    if (!this.#kept) return;
    const said = messages.filter(({ role }) => role !== "system");
    this.#said = [...said, { role: "assistant", content: this.#card.source }];
  }

  /** @param {boolean} follow move the last question and answer to those said before; else forget them */
  #recall(follow) {
    if (follow && this.#card.source && !this.#takenBack) {
      const question = element("p", { class: "tt-asked" }, this.#served.prompt);
      this.#earlier.append(question, element("div", { class: "tt-before" }, ...this.#card.copied()));
    } else if (!follow) {
      this.#earlier.replaceChildren(...[...this.#earlier.children].slice(0, 1));
    }
    this.#takenBack = false;
    this.#earlier.hidden = this.#earlier.children.length < 2;
  }

  /** @param {Meter} meter */
  #reading({ reading }) {
    const home = !this.#asked?.host;
    return home ? { ...reading, costUsd: 0, sentBytes: 0 } : reading;
  }

  /**
   * @param {Bowl} bowl
   * @param {TableOrder} order
   */
  #remarks({ images, sampling }, { picture }) {
    return [
      picture && !images && t("It takes no pictures, and got your words alone."),
      !sampling && t("Temperature does not apply to it."),
    ].filter((remark) => typeof remark === "string");
  }

  #show() {
    const { bowl } = this;
    const price = bowl?.price;
    this.#price.hidden = !bowl;
    if (!bowl) return;
    if (!price) {
      this.#price.textContent = bowl.host ? "" : t("No fee. Nothing leaves the kitchen.");
      return;
    }
    const values = { input: rate(price.input), output: rate(price.output), million: number(1e6) };
    const list = t("%(million)s tokens in: %(input)s, out: %(output)s, today.", values);
    const free = price.output === 0 ? t("Free, and only free: there is no paid tier.") : "";
    this.#price.textContent = free || [list, bowl.free ? t("A key without billing pays nothing.") : ""].join(" ");
  }
}
