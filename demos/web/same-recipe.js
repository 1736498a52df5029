/**
 * `<same-recipe data-api="../">`: three answers by one recipe, compared byte by byte, then one more with a single thing
 * changed, and where it parts from them. `data-state`: see kitchen-door.js. Each connection to a page has one lifetime,
 * and ending that ends requests, polling and listeners.
 */

import { ChatError } from "./kitchen/chat.js";
import { element } from "./page/dom.js";
import { number } from "./page/format.js";
import { KitchenDoor } from "./kitchen/kitchen-door.js";
import { restaurant } from "./kitchen/menu.js";
import { RecipeForm } from "./recipe/recipe-form.js";
import { abilities, cooked, parting } from "./recipe/recipe.js";
import { joined, seen } from "./pot/token-text.js";
import { trouble } from "./kitchen/trouble.js";
import { t } from "./page/words.js";

/** @typedef {import("./recipe/recipe.js").Recipe} Recipe */
/** @typedef {import("./recipe/recipe.js").Dish} Dish */
/** @typedef {import("./recipe/recipe-form.js").Change} Change */

const RUNS = 3;
/** Of all temperatures that the server takes. */
const HOTTEST = 2;

class SameRecipe extends HTMLElement {
  /** @type {AbortController | undefined} */
  #life;

  connectedCallback() {
    this.#life = new AbortController();
    new Counter(this, this.#life.signal).open();
  }

  disconnectedCallback() {
    this.#life?.abort();
  }
}

/** The interface for one connection of the element to a page. */
class Counter {
  #signal;
  #door;
  #form;
  #root;
  #status = element("p", { class: "pot-status", role: "status" });
  #error = element("p", { class: "pot-error", role: "alert", hidden: true });
  #dishes = element("ol", { class: "recipe-dishes" });
  #changed = element("div", { class: "recipe-changed" });
  /** @type {{adapters: string[], logprobs: boolean}} */
  #able = { adapters: [], logprobs: false };
  /** @type {{recipe: Recipe, dish: Dish} | null} what the changed one is compared with */
  #first = null;
  /** @type {AbortController | null} */
  #cooking = null;

  /**
   * @param {HTMLElement} host
   * @param {AbortSignal} signal the lifetime
   */
  constructor(host, signal) {
    this.#signal = signal;
    this.#door = new KitchenDoor(host, () => this.#opened(), signal);
    const actions = {
      cook: (/** @type {Recipe} */ recipe) => this.#cook(recipe),
      change: (/** @type {Change} */ kind) => this.#change(kind),
      stop: () => this.#cooking?.abort(),
    };
    this.#form = new RecipeForm(actions, signal);
    const results = [this.#status, this.#error, this.#dishes, this.#changed];
    this.#root = element("div", { class: "pot recipe", hidden: true }, this.#door.root, this.#form.root, ...results);
    host.prepend(this.#root);
    signal.addEventListener("abort", () => {
      this.#cooking?.abort();
      this.#root.remove();
    });
  }

  open() {
    this.#door.open();
  }

  /**
   * Nothing goes to the restaurant without leave, and this counter asks for none.
   * @param {string | undefined} model
   * @throws {ChatError} when nobody can tell
   */
  async #isHosted(model) {
    const house = await restaurant(this.#door.api, this.#signal).catch((error) => {
      throw error instanceof ChatError ? error : new ChatError("gone");
    });
    return house?.bowls.some(({ id }) => id === model) ?? false;
  }

  async #opened() {
    const { kitchen, ready, api } = this.#door;
    this.#root.hidden = kitchen?.state === "absent";
    this.#show();
    if (!ready || !kitchen?.model) return;
    this.#able = await abilities(api, kitchen.model.id, this.#signal).catch(() => this.#able);
    if (!this.#signal.aborted) this.#form.offer(this.#able.adapters);
  }

  /** @param {Recipe} recipe */
  #cook(recipe) {
    this.#first = null;
    this.#dishes.replaceChildren();
    this.#changed.replaceChildren();
    this.#busy(async (signal) => {
      /** @type {Dish[]} */
      const dishes = [];
      for (let run = 1; run <= RUNS; run++) {
        this.#say(t("Cooking bowl %(run)s of %(all)s…", { run: number(run), all: number(RUNS) }));
        dishes.push(await this.#dish(recipe, signal));
        this.#dishes.append(element("li", {}, ...card(dishes[run - 1])));
      }
      this.#first = { recipe, dish: dishes[0] };
      const same = dishes.every(({ text }) => text === dishes[0].text);
      const bytes = number(dishes[0].bytes);
      this.#say(
        same ? t("All three are the same, byte for byte: %(bytes)s bytes.", { bytes }) : t("They are not the same."),
      );
    });
  }

  /** @param {Change} kind */
  #change(kind) {
    const first = this.#first;
    if (!first) return;
    const names = this.#able.adapters;
    const changed = { ...first.recipe };
    if (kind === "seed") changed.seed += 1;
    if (kind === "temperature") changed.temperature = beside(changed.temperature);
    if (kind === "adapter") changed.adapter = changed.adapter ? "" : names[0];
    this.#changed.replaceChildren();
    this.#busy(async (signal) => {
      this.#say(t("Cooking the changed one…"));
      const others = kind === "company" ? this.#company(first.recipe, signal) : null;
      try {
        this.#compare(first.dish, await this.#dish(changed, signal), told(kind, changed));
      } finally {
        others?.abort();
      }
    });
  }

  /**
   * Two other orders, so that the model has to cook several at once.
   * @param {Recipe} recipe
   * @param {AbortSignal} signal
   */
  #company(recipe, signal) {
    const enough = new AbortController();
    const until = AbortSignal.any([signal, enough.signal]);
    for (const seed of [1, 2]) {
      const prompt = t("List all the numbers from 1 to 500, separated by commas.");
      this.#dish({ ...recipe, prompt, seed, max_tokens: 200 }, until).catch(() => {}); // nobody wants to eat it
    }
    return enough;
  }

  /**
   * @param {Dish} first
   * @param {Dish} dish
   * @param {string} what was changed, in words
   */
  #compare(first, dish, what) {
    const place = parting(first, dish);
    this.#changed.append(element("h2", { class: "plain" }, what));
    if (place < 0) {
      this.#changed.append(...card(dish));
      this.#say(t("Still the same, byte for byte."));
      return;
    }
    const both = /** @type {[Dish, string][]} */ ([
      [first, t("before")],
      [dish, t("now")],
    ]);
    for (const [each, name] of both) {
      this.#changed.append(element("section", {}, element("b", {}, name), ...card(each, place)));
    }
    this.#say(t("They part at token %(place)s.", { place: number(place + 1) }));
  }

  /**
   * @param {Recipe} recipe
   * @param {AbortSignal} signal
   */
  #dish(recipe, signal) {
    return cooked(this.#door.api, this.#door.kitchen?.model?.id ?? "", recipe, this.#able.logprobs, signal);
  }

  /** @param {(signal: AbortSignal) => Promise<void>} work */
  async #busy(work) {
    if (!this.#door.ready || this.#cooking) return;
    const stop = new AbortController();
    this.#cooking = stop;
    this.#error.hidden = true;
    this.#door.state = "running";
    this.#show();
    let state = /** @type {"ready" | "error"} */ ("ready");
    try {
      if (await this.#isHosted(this.#door.kitchen?.model?.id)) this.#root.hidden = true;
      else await work(stop.signal);
    } catch (error) {
      if (this.#signal.aborted) return;
      if (stop.signal.aborted) this.#say(t("Stopped. What was written stays."));
      else if (error instanceof ChatError) {
        state = "error";
        this.#say("");
        this.#error.textContent = trouble(error);
        this.#error.hidden = false;
      } else throw error;
    } finally {
      this.#cooking = null;
      if (!this.#signal.aborted) {
        this.#door.state = state;
        this.#show();
      }
    }
  }

  #show() {
    const running = this.#cooking !== null;
    this.#form.update({ open: this.#door.ready, running, cooked: this.#first !== null });
  }

  /** @param {string} sentence */
  #say(sentence) {
    this.#status.textContent = sentence;
  }
}

/**
 * A little hotter; where the server takes no more, a little cooler.
 * @param {number} temperature
 */
function beside(temperature) {
  const step = temperature + 0.1 > HOTTEST ? -1 : 1;
  return Math.round(10 * temperature + step) / 10;
}

/**
 * @param {Change} kind
 * @param {Recipe} recipe
 */
function told(kind, { seed, temperature, adapter }) {
  if (kind === "seed") return t("With seed %(seed)s", { seed: String(seed) });
  if (kind === "temperature") return t("With temperature %(temperature)s", { temperature: number(temperature) });
  if (kind === "company") return t("With two other orders beside it");
  return adapter ? t("With the topping %(name)s", { name: adapter }) : t("Without a topping");
}

/**
 * @param {Dish} dish
 * @param {number} [place] where it parts from another
 */
function card({ hash, bytes, text, tokens }, place = -1) {
  const size = t("%(bytes)s bytes", { bytes: number(bytes) });
  const sum = hash ? element("code", {}, hash) : element("i", {}, t("no SHA-256 at this address"));
  const said = element("p", { class: "recipe-text" });
  if (place < 0) said.append(text);
  else {
    const mark = element("mark", {}, tokens[place] ? seen(tokens[place]) : t("the end"));
    const [before, after] = [tokens.slice(0, place), tokens.slice(place + 1)].map(joined);
    said.append(before.trimStart(), mark, element("span", {}, after.trimEnd()));
  }
  return [element("p", { class: "recipe-sum" }, size, " · SHA-256 ", sum), said];
}

// Two copies of this module can meet when a language has its own: the first one stays in charge.
if (!customElements.get("same-recipe")) customElements.define("same-recipe", SameRecipe);
