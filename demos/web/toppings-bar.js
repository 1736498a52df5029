/**
 * `<toppings-bar data-api="../">`: taste a topping beside the plain model, and train one's own on the server behind
 * the page. `data-tastes` holds questions, one a line, that no starter set teaches. What stands inside the element is
 * shown until a kitchen answers, and stays where none does. `data-state`: idle, loading, ready, running, error, absent.
 * A training belongs to the server: leaving the page only stops looking at it, and coming back finds it again.
 */

import { ChatError } from "./kitchen/chat.js";
import { element } from "./page/dom.js";
import { number } from "./page/format.js";
import { Fridge } from "./toppings/fridge.js";
import { KitchenNotice } from "./kitchen/kitchen-notice.js";
import { watchKitchen } from "./kitchen/kitchen.js";
import { LessonForm } from "./toppings/lesson-form.js";
import { reasonInWords } from "./kitchen/reasons.js";
import { ToppingsApi } from "./toppings/toppings-api.js";
import { trouble } from "./kitchen/trouble.js";
import { TrainingCard } from "./toppings/training-card.js";
import { TwoBowls } from "./toppings/two-bowls.js";
import { t } from "./page/words.js";

/** @typedef {import("./kitchen/kitchen.js").Kitchen} Kitchen */
/** @typedef {import("./toppings/toppings-api.js").Overview} Overview */

class ToppingsBar extends HTMLElement {
  /** @type {AbortController | undefined} */
  #life;

  connectedCallback() {
    this.#life = new AbortController();
    new Bar(this, this.#life.signal).open();
  }

  disconnectedCallback() {
    this.#life?.abort();
  }
}

/** The interface for one connection of the element to a page. */
class Bar {
  #host;
  #signal;
  #api;
  #toppings;
  #fallback;
  #notice;
  #bowls;
  #lesson;
  #training;
  #fridge;
  #counter;
  #problem = element("p", { class: "tt-error", role: "alert", hidden: true });
  #root;
  #tastes;
  /** @type {Kitchen | null} */
  #kitchen = null;
  #busy = false;

  /**
   * @param {HTMLElement} host
   * @param {AbortSignal} signal the lifetime
   */
  constructor(host, signal) {
    this.#host = host;
    this.#signal = signal;
    this.#api = new URL(host.dataset.api ?? "", document.baseURI);
    this.#tastes = (host.dataset.tastes ?? "").split("\n").filter(Boolean);
    this.#toppings = new ToppingsApi(this.#api);
    this.#fallback = /** @type {HTMLElement[]} */ ([...host.children]);
    const taste = (/** @type {string} */ name) => this.#bowls.taste(name, this.#tastes[0] ?? "");
    const remove = (/** @type {string} */ name) =>
      this.#do(async () => {
        await this.#toppings.remove(name, signal);
        if (this.#training.close(name)) this.#fridge.root.focus();
      });
    const cancel = (/** @type {string} */ name) => this.#do(() => this.#toppings.cancel(name, signal));
    this.#notice = new KitchenNotice(() => this.open(), signal);
    this.#bowls = new TwoBowls(this.#api, (running) => (host.dataset.state = running ? "running" : "ready"), signal);
    this.#bowls.suggest(this.#tastes);
    this.#lesson = new LessonForm((wish) => this.#train(wish), signal);
    this.#training = new TrainingCard({ cancel, taste, remove }, signal);
    this.#fridge = new Fridge({ taste, remove }, signal);
    this.#counter = element(
      "div",
      { class: "bar-counter" },
      section(t("Taste: the same question, two bowls"), this.#bowls.root),
      section(t("Train your own"), this.#lesson.root, this.#problem, this.#training.root),
      section(t("In the fridge"), this.#fridge.root),
    );
    this.#root = element("div", { class: "tt bar", hidden: true }, this.#notice.root, this.#counter);
    host.prepend(this.#root);
    host.dataset.state = "idle";
    signal.addEventListener("abort", () => this.#leave(), { once: true });
  }

  /** Ask after the kitchen and follow it until it is ready or is not going to be. */
  async open() {
    try {
      for await (const kitchen of watchKitchen(this.#api, this.#signal)) this.#show(kitchen);
      if (this.#kitchen?.state === "ready") await this.#refresh();
    } catch {
      if (!this.#signal.aborted) this.#show(null);
    }
  }

  /** @param {Kitchen | null} kitchen null: nothing answered */
  #show(kitchen) {
    const live = kitchen?.state === "loading" || kitchen?.state === "ready";
    this.#kitchen = kitchen;
    this.#notice.show(kitchen);
    this.#root.hidden = kitchen?.state === "absent";
    this.#counter.hidden = !live;
    const served = kitchen !== null && kitchen.state !== "absent";
    for (const node of this.#fallback) node.hidden = served;
    this.#host.dataset.state = kitchen?.state.replace("failed", "error") ?? "error";
  }

  /** Look again at what is kept and what is being trained. */
  async #refresh() {
    const overview = await this.#toppings.overview(this.#signal);
    const { model, refusal, limits, memory, training, toppings } = overview;
    this.#fridge.show(toppings);
    this.#bowls.offer(toppings);
    this.#bowls.open(model && !refusal ? this.#stove(model) : null);
    this.#lesson.limit(limits, memory);
    this.#lesson.allow(!refusal && !this.#busy);
    this.#complain(refusal ? reasonInWords(refusal.code, refusal.message) : "");
    const running = training?.state === "loading" || training?.state === "training";
    if (training && running && !this.#busy) this.#follow(training.name);
  }

  /** @param {import("./toppings/lesson-form.js").Wish} wish */
  async #train(wish) {
    if (this.#busy) return;
    this.#complain("");
    this.#lesson.allow(false);
    try {
      const { name } = await this.#toppings.train(wish, this.#signal);
      const followed = this.#follow(name);
      this.#training.root.focus(); // the form's button is disabled now
      await followed;
    } catch (error) {
      if (this.#signal.aborted) return;
      this.#lesson.allow(true);
      if (document.activeElement === document.body) this.#lesson.focus(); // a button that cannot be pressed loses it
      if (error instanceof ChatError) this.#complain(trouble(error));
      else throw error;
    }
  }

  /** @param {string} name of a topping that is being trained */
  async #follow(name) {
    this.#busy = true;
    this.#host.dataset.training = "running";
    this.#lesson.allow(false);
    this.#training.begin(name);
    let end = "failed";
    try {
      for await (const event of this.#toppings.follow(name, this.#signal)) {
        this.#training.show(event);
        end = event.state;
      }
    } catch (error) {
      if (this.#signal.aborted) return;
      if (!(error instanceof ChatError)) throw error;
      this.#training.fail(trouble(error));
    }
    this.#busy = false;
    this.#host.dataset.training = end;
    await this.#do(async () => {});
  }

  /**
   * Do something and look again; what goes wrong is said.
   * @param {() => Promise<void>} change
   */
  async #do(change) {
    let sentence = "";
    try {
      await change();
    } catch (error) {
      if (this.#signal.aborted) return;
      if (!(error instanceof ChatError)) throw error;
      sentence = trouble(error);
    }
    await this.#refresh().catch(() => {}); // a server that went away was named, or will be with the next press
    if (sentence) this.#complain(sentence);
  }

  /** @param {string} sentence "" when all is well */
  #complain(sentence) {
    this.#problem.hidden = !sentence;
    if (this.#problem.textContent !== sentence) this.#problem.textContent = sentence;
  }

  /** @param {string} model */
  #stove(model) {
    const { model: first, device = "?", threads = 0 } = this.#kitchen ?? {};
    const { hostname, host } = this.#api;
    const here = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
    const name = device.toUpperCase();
    const address = { address: host };
    return {
      model,
      label: first?.id === model ? first.label : model,
      machine: threads ? t("%(device)s, threads: %(threads)s", { device: name, threads: number(threads) }) : name,
      place: here
        ? t("this computer (%(address)s) and nowhere else", address)
        : t("the computer at %(address)s", address),
    };
  }

  #leave() {
    this.#root.remove();
    delete this.#host.dataset.training;
    for (const node of this.#fallback) node.hidden = false;
  }
}

/**
 * @param {string} title
 * @param {...Node} children
 */
function section(title, ...children) {
  return element("section", {}, element("h2", { class: "plain" }, title), ...children);
}

// Two copies of this module can meet when a language has its own: the first one stays in charge.
if (!customElements.get("toppings-bar")) customElements.define("toppings-bar", ToppingsBar);
