/**
 * One question to the plain base model and to the same model with a topping, both answers as they stream in. Knows
 * how to ask; which toppings there are it is told.
 */

import { AnswerCard } from "../answer/answer-card.js";
import { chat, ChatError } from "../kitchen/chat.js";
import { element } from "../page/dom.js";
import { sendOnEnter } from "../page/enter.js";
import { number } from "../page/format.js";
import { Meter } from "../kitchen/meter.js";
import { trouble } from "../kitchen/trouble.js";
import { t } from "../page/words.js";

/** @typedef {{model: string, label: string, machine: string, place: string}} Stove */

const LONGEST_ANSWER = 64;
/** Whatever comes before an order's `adapter`: the base model alone. */
const BASE = "";

export class TwoBowls {
  #api;
  #signal;
  /** @type {Stove | null} */
  #stove = null;
  #question = element("textarea", { rows: 2, required: true, maxlength: 500, enterkeyhint: "send" });
  #ideas = element("div", { class: "tt-ideas", role: "group", "aria-label": t("Prompt ideas") });
  #choice = element("select");
  #ask = element("button", { type: "button", class: "tt-button tt-main", disabled: true }, t("Ask both"));
  #title = element("h3");
  #plain;
  #topped;
  /** @type {Map<AnswerCard, AbortController>} ends the answers that are being written */
  #asking = new Map();
  /** @type {Map<AnswerCard, {prompt: string, adapter: string}>} */
  #last = new Map();
  #changed;

  /**
   * @param {URL} api
   * @param {(running: boolean) => void} changed told when answers begin and end
   * @param {AbortSignal} signal the lifetime
   */
  constructor(api, changed, signal) {
    this.#api = api;
    this.#changed = changed;
    this.#signal = signal;
    this.#plain = new AnswerCard({ retry: () => this.#again(this.#plain), clear: () => this.#plain.rest() }, signal);
    this.#topped = new AnswerCard({ retry: () => this.#again(this.#topped), clear: () => this.#topped.rest() }, signal);
    this.#plain.root.setAttribute("aria-label", t("Answer of the plain bowl"));
    this.#topped.root.setAttribute("aria-label", t("Answer with the topping"));
    this.root = element(
      "div",
      { class: "bar-tasting" },
      element(
        "form",
        { class: "tt-form" },
        element("label", {}, element("span", {}, t("Your question")), this.#question),
        this.#ideas,
        element("label", { class: "bar-choice" }, element("span", {}, t("Topping")), this.#choice),
        element("div", { class: "tt-actions" }, this.#ask),
      ),
      element(
        "div",
        { class: "bar-bowls" },
        element("div", {}, element("h3", {}, t("Plain: the base model")), this.#plain.root),
        element("div", {}, this.#title, this.#topped.root),
      ),
    );
    this.root.addEventListener("submit", (event) => event.preventDefault(), { signal });
    this.#choice.addEventListener("change", () => this.#name(), { signal });
    this.#ask.addEventListener("click", ({ detail }) => detail < 2 && this.#askOrStop(), { signal });
    this.#ask.addEventListener("keydown", (event) => event.repeat && event.preventDefault(), { signal });
    sendOnEnter(this.#question, () => this.ask(), signal);
    signal.addEventListener("abort", () => this.#stop(), { once: true });
    this.offer([]);
  }

  /** @param {Stove | null} stove null: nobody to ask */
  open(stove) {
    this.#stove = stove;
    this.#ask.disabled = !stove;
  }

  /** @param {string[]} questions that nobody was trained on */
  suggest(questions) {
    this.#ideas.replaceChildren(
      ...questions.map((text) => {
        const idea = element("button", { type: "button", class: "tt-idea" }, text);
        idea.addEventListener("click", () => (this.#question.value = text), { signal: this.#signal });
        return idea;
      }),
    );
  }

  /** @param {{name: string, house: boolean}[]} toppings the one that was chosen stays chosen */
  offer(toppings) {
    const chosen = this.#choice.value;
    this.#choice.replaceChildren(
      ...toppings.map(({ name, house }) => element("option", { value: name }, house ? t("House topping") : name)),
    );
    if (toppings.some(({ name }) => name === chosen)) this.#choice.value = chosen;
    this.#choice.disabled = toppings.length === 0;
    this.#name();
  }

  /**
   * Choose a topping and ask about something.
   * @param {string} name
   * @param {string} question
   */
  taste(name, question) {
    const there = [...this.#choice.options].some(({ value }) => value === name);
    if (!there) this.#choice.append(element("option", { value: name }, name)); // just trained, and not told of yet
    this.#choice.disabled = false;
    this.#choice.value = name;
    this.#name();
    this.#question.value = question;
    this.root.scrollIntoView({ block: "start" });
    this.#ask.focus({ preventScroll: true });
    this.ask();
  }

  /** Ask what is written, of both bowls at once. */
  async ask() {
    const stove = this.#stove;
    if (!stove || this.#asking.size > 0) return;
    if (!this.#question.value.trim()) this.#question.value = "";
    if (!this.#question.reportValidity()) return;
    const prompt = this.#question.value.trim();
    const bowls = [this.#cook(this.#plain, { prompt, adapter: BASE }, stove)];
    if (this.#choice.value) bowls.push(this.#cook(this.#topped, { prompt, adapter: this.#choice.value }, stove));
    await Promise.all(bowls);
  }

  /** @param {AnswerCard} card the one that failed: the other may cook on */
  #again(card) {
    const last = this.#last.get(card);
    this.#ask.focus(); // the pressed button goes away
    if (last && this.#stove && !this.#asking.has(card)) this.#cook(card, last, this.#stove);
  }

  /**
   * @param {AnswerCard} card
   * @param {{prompt: string, adapter: string}} order
   * @param {Stove} stove
   */
  async #cook(card, order, stove) {
    const stop = new AbortController();
    this.#last.set(card, order);
    this.#asking.set(card, stop);
    this.#show();
    try {
      await this.#answer(card, order, stove, stop.signal);
    } finally {
      this.#asking.delete(card);
      if (!this.#signal.aborted) this.#show();
    }
  }

  #show() {
    const running = this.#asking.size > 0;
    this.#ask.textContent = running ? t("Stop") : t("Ask both");
    this.#ask.classList.toggle("tt-stop", running);
    this.#changed(running);
  }

  /**
   * @param {AnswerCard} card
   * @param {{prompt: string, adapter: string}} order
   * @param {Stove} stove
   * @param {AbortSignal} stop
   */
  async #answer(card, { prompt, adapter }, stove, stop) {
    const meter = new Meter(performance.now());
    card.start({ model: stove.label, machine: stove.machine, place: stove.place });
    try {
      for await (const event of asked(this.#api, stove.model, prompt, adapter, stop)) {
        if ("text" in event) {
          meter.piece(performance.now());
          card.write(event.text);
        } else if (event.timings) meter.finish(event.timings);
        card.measure(meter.reading);
      }
      const { tokens } = meter.reading;
      const nothing = t("The model wrote nothing. Another prompt may do better.");
      card.end("done", tokens ? t("Answer complete. Tokens: %(tokens)s.", { tokens: number(tokens) }) : nothing);
    } catch (error) {
      if (this.#signal.aborted) return;
      if (stop.aborted) card.end("stopped", t("Stopped. What was written stays."));
      else if (error instanceof ChatError) card.fail(trouble(error), error.wait);
      else throw error;
    }
  }

  #askOrStop() {
    if (this.#asking.size > 0) this.#stop();
    else this.ask();
  }

  #stop() {
    for (const stop of this.#asking.values()) stop.abort();
  }

  #name() {
    const name = this.#choice.selectedOptions[0]?.textContent;
    this.#title.textContent = name ? t("With topping: %(name)s", { name }) : t("No topping yet: train one below");
  }
}

/**
 * @param {URL} api
 * @param {string} model
 * @param {string} prompt
 * @param {string} adapter
 * @param {AbortSignal} signal
 */
function asked(api, model, prompt, adapter, signal) {
  const messages = [{ role: /** @type {const} */ ("user"), content: prompt }];
  return chat(api, { model, messages, max_tokens: LONGEST_ANSWER, temperature: 0, adapter }, signal);
}
