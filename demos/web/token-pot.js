/**
 * `<token-pot data-api="../">`: a text that the kitchen's model goes on with, every token with its odds and with what
 * else could have come; choosing another one cooks on from there. What was recorded for the page (JSON in the template
 * `data-part="recorded"`) can be looked into without a kitchen. `data-state`: see kitchen-door.js. Each connection to a
 * page has one lifetime, and ending that ends requests, polling and listeners.
 */

import { ChatError } from "./kitchen/chat.js";
import { goOn } from "./pot/completion.js";
import { element } from "./page/dom.js";
import { number } from "./page/format.js";
import { KitchenDoor } from "./kitchen/kitchen-door.js";
import { inPercent } from "./pot/odds.js";
import { PotForm } from "./pot/pot-form.js";
import { TokenChoices } from "./pot/token-choices.js";
import { BANDS, TokenRow } from "./pot/token-row.js";
import { ends, joined, token as tokenOf } from "./pot/token-text.js";
import { trouble } from "./kitchen/trouble.js";
import { t } from "./page/words.js";

/** @typedef {import("./pot/token-text.js").Token} Token */
/**
 * @typedef {object} Run
 * @property {string} model its id
 * @property {string} text what the answer goes on from
 * @property {number[]} prompt token ids of it; empty where they are not told
 * @property {Token[]} tokens
 * @property {string} origin who cooked it
 */

class TokenPot extends HTMLElement {
  /** @type {AbortController | undefined} */
  #life;

  connectedCallback() {
    this.#life = new AbortController();
    new Pot(this, this.#life.signal).open();
  }

  disconnectedCallback() {
    this.#life?.abort();
  }
}

/** The interface for one connection of the element to a page. */
class Pot {
  #signal;
  #door;
  #form;
  #row;
  #choices;
  #status = element("p", { class: "pot-status", role: "status" });
  #error = element("p", { class: "pot-error", role: "alert", hidden: true });
  #prompt = element("p", { class: "pot-prompt" });
  #whole = element("p", { class: "pot-whole" });
  #origin = element("p", { class: "pot-origin" });
  #back = element("button", { type: "button", class: "pot-back", hidden: true }, t("Back to the branch before"));
  /** @type {Run} */
  #run;
  /** @type {Run[]} */
  #earlier = [];
  /** @type {Set<Token>} tokens that the reader put there */
  #mine = new Set();
  #at = -1;
  /** @type {AbortController | null} ends what is being cooked */
  #cooking = null;

  /**
   * @param {HTMLElement} host
   * @param {AbortSignal} signal the lifetime
   */
  constructor(host, signal) {
    this.#signal = signal;
    this.#door = new KitchenDoor(host, () => this.#show(), signal);
    this.#form = new PotForm({ cook: ({ prompt }) => this.#begin(prompt), stop: () => this.#cooking?.abort() }, signal);
    this.#row = new TokenRow((place) => this.#look(place), signal);
    this.#choices = new TokenChoices((other) => this.#branch(other), signal);
    this.#back.addEventListener("click", () => this.#undo(), { signal });
    const table = /** @type {HTMLElement} */ (host.querySelector("[data-part=table]"));
    this.#run = recorded(host);
    this.#at = 0;
    const root = element(
      "div",
      { class: "pot" },
      this.#door.root,
      this.#form.root,
      element(
        "section",
        { class: "pot-bowl", "aria-label": t("The answer, token by token") },
        this.#status,
        this.#error,
        this.#prompt,
        this.#row.root,
        element("p", { class: "pot-key" }, ...keys()),
        this.#whole,
        this.#origin,
        this.#back,
      ),
      this.#choices.root,
    );
    table.hidden = true; // the same, to be read only
    host.prepend(root);
    signal.addEventListener("abort", () => {
      this.#cooking?.abort();
      root.remove();
      table.hidden = false;
    });
    this.#say(t("A recorded example. Choose a token to see what else could have come."));
    this.#show();
  }

  open() {
    this.#door.open();
  }

  /** @param {string} text */
  #begin(text) {
    this.#earlier = [];
    this.#mine.clear();
    this.#cook({ ...this.#fresh(), text }, text, []);
  }

  /** @param {Token} other goes in the place that is looked at, and the model goes on behind it */
  #branch(other) {
    if (this.#barred() || other.id === undefined) return;
    const { prompt, tokens, text } = this.#run;
    const kept = tokens.slice(0, this.#at);
    const mine = { ...other, others: tokens[this.#at].others };
    this.#cooking?.abort();
    this.#earlier.push(this.#run);
    this.#mine.add(mine);
    const run = { ...this.#fresh(), text, prompt };
    const ids = [...prompt, ...kept, mine].map((part) => (typeof part === "number" ? part : part.id ?? 0));
    const place = this.#at;
    this.#cook(run, ids, [...kept, mine]);
    this.#look(place);
    this.#row.focus(place); // the pressed button goes away
  }

  #fresh() {
    const { id = "", label = "?" } = this.#door.kitchen?.model ?? {};
    return { model: id, prompt: /** @type {number[]} */ ([]), origin: t("Cooked here by %(model)s.", { model: label }) };
  }

  #undo() {
    const run = this.#earlier.pop();
    if (!run) return;
    if (this.#cooking) {
      this.#cooking.abort(); // what it wrote is thrown away, so its end is nothing to tell of
      this.#cooking = null;
      this.#door.state = "ready";
    }
    this.#run = run;
    this.#at = Math.min(this.#at, run.tokens.length - 1);
    this.#error.hidden = true;
    this.#say(t("This is the branch before."));
    this.#show();
    this.#row.focus(this.#at);
  }

  /**
   * @param {Omit<Run, "tokens">} run
   * @param {string | number[]} prompt what the server goes on from
   * @param {Token[]} tokens those that the answer begins with
   */
  async #cook(run, prompt, tokens) {
    if (!this.#door.ready) return;
    const stop = new AbortController();
    this.#cooking = stop;
    this.#run = { ...run, tokens };
    this.#at = tokens.length ? this.#at : -1;
    this.#error.hidden = true;
    this.#door.state = "running";
    this.#say(t("Cooking…"));
    this.#show();
    const { temperature, topP } = this.#choices.seasoning;
    const order = { ...this.#form.options, prompt, temperature, top_p: topP };
    const over = tokens.length > 0 && ends(tokens[tokens.length - 1]);
    let state = /** @type {"ready" | "error"} */ ("ready");
    try {
      if (!over) {
        for await (const piece of goOn(this.#door.api, run.model, order, stop.signal)) {
          if (piece.prompt && this.#run.prompt.length === 0) this.#run.prompt = piece.prompt;
          tokens.push(...piece.tokens);
          if (this.#at < 0 && tokens.length) this.#at = 0;
          this.#show();
        }
      }
      this.#say(
        tokens.length
          ? t("Done. Tokens: %(tokens)s. Choose one to see what else could have come.", { tokens: number(tokens.length) })
          : t("This kitchen does not tell the odds of its tokens."),
      );
    } catch (error) {
      if (this.#signal.aborted || this.#cooking !== stop) return;
      if (stop.signal.aborted) this.#say(t("Stopped. What was written stays."));
      else if (error instanceof ChatError) {
        state = "error";
        this.#say("");
        this.#error.textContent = trouble(error);
        this.#error.hidden = false;
      } else throw error;
    } finally {
      if (!this.#signal.aborted && this.#cooking === stop) {
        this.#cooking = null;
        this.#door.state = state;
        this.#show();
      }
    }
  }

  /** @param {number} place */
  #look(place) {
    this.#at = place;
    this.#show();
  }

  /** Why no other token can be chosen now; "" where it can. */
  #barred() {
    const { model, prompt, tokens } = this.#run;
    if (!this.#door.ready) return t("With a kitchen behind this page you could choose one of these and cook on from it.");
    if (model !== this.#door.kitchen?.model?.id) {
      return t("This came from another model. Cook something here, and you can go on from every token.");
    }
    const known = prompt.length > 0 && tokens.every(({ id }) => id !== undefined);
    return known ? "" : t("This kitchen does not tell the numbers of its tokens, so there is no going on from one.");
  }

  #show() {
    const { text, tokens, origin } = this.#run;
    this.#form.root.hidden = (this.#door.kitchen?.state ?? "absent") === "absent";
    this.#form.update({ canCook: this.#door.ready, running: this.#cooking !== null });
    this.#prompt.textContent = text;
    this.#row.show(tokens, { at: this.#at, mine: this.#mine });
    this.#whole.replaceChildren(element("b", {}, t("As text:")), " ", text + joined(tokens));
    this.#origin.textContent = origin;
    this.#back.hidden = this.#earlier.length === 0;
    this.#choices.show(tokens[this.#at] ?? null, this.#at, this.#barred());
  }

  /** @param {string} sentence */
  #say(sentence) {
    if (this.#status.textContent !== sentence) this.#status.textContent = sentence;
  }
}

/**
 * What was recorded when the page was made.
 * @param {HTMLElement} host
 * @returns {Run}
 */
function recorded(host) {
  // A template and no script: Material would run that anew, as JavaScript, when it swaps pages.
  const template = /** @type {HTMLTemplateElement} */ (host.querySelector("template[data-part=recorded]"));
  const data = JSON.parse(template.content.textContent ?? "");
  const origin = host.querySelector("[data-part=origin]")?.textContent ?? "";
  return { model: data.model_id, text: data.prompt, prompt: data.prompt_ids, tokens: data.tokens.map(tokenOf), origin };
}

function keys() {
  return BANDS.map(([least, odds]) => {
    const words = least ? t("from %(odds)s", { odds: inPercent(least) }) : t("below");
    return element("span", { "data-odds": odds }, words);
  });
}

// Two copies of this module can meet when a language has its own: the first one stays in charge.
if (!customElements.get("token-pot")) customElements.define("token-pot", TokenPot);
