/**
 * What a topping is to learn: its name, pairs of question and answer, and how long. Starter sets come from the page
 * (`[data-starter]`), what the reader typed stays with the tab. Knows nothing of servers: it calls `train(wish)`.
 */

import { element } from "../page/dom.js";
import { gigabytes } from "../page/figures.js";
import { number } from "../page/format.js";
import { t } from "../page/words.js";

/** @typedef {import("./toppings-api.js").Example} Example */
/** @typedef {import("./toppings-api.js").Overview["limits"]} Limits */
/** @typedef {{name: string, examples: Example[], steps: number}} Wish */

const KEPT = "two-bowls:topping";
const EMPTY_ROWS = 4;
/** Steps after which a topping has learnt the voice and has not yet forgotten everything else. */
const USUAL = 8;

/** How long, in steps. @returns {[number, string][]} */
const LENGTHS = () => [
  [6, t("A quick dip")],
  [USUAL, t("Well seasoned")],
  [20, t("Pickled overnight")],
];

export class LessonForm {
  #signal;
  #train;
  #starters;
  /** @type {Limits | null} */
  #limits = null;
  #name = element("input", { type: "text", required: true, autocomplete: "off" });
  #rows = element("ol", { class: "bar-examples" });
  #count = element("p", { class: "bar-count", role: "status" });
  #add = element("button", { type: "button", class: "tt-button tt-small" }, t("One more example"));
  #empty = element("button", { type: "button", class: "tt-button tt-small" }, t("Empty all"));
  #steps = element("fieldset", { class: "bar-steps" }, element("legend", {}, t("How long")));
  #start = element("button", { type: "submit", class: "tt-button tt-main", disabled: true }, t("Train it"));
  #cost = element("p", { class: "bar-cost" });

  /**
   * @param {(wish: Wish) => void} train
   * @param {AbortSignal} signal takes the listeners off
   */
  constructor(train, signal) {
    this.#train = train;
    this.#signal = signal;
    this.#starters = starters();
    const sets = this.#starters.map((starter) => {
      const button = element("button", { type: "button", class: "tt-idea" }, starter.name);
      button.addEventListener("click", () => this.#fill(starter.name, starter.examples), { signal });
      return button;
    });
    for (const [steps, name] of LENGTHS()) {
      const choice = element("input", { type: "radio", name: "steps", value: steps, checked: steps === USUAL });
      const text = t("%(name)s: about %(steps)s steps", { name, steps: number(steps) });
      this.#steps.append(element("label", {}, choice, element("span", {}, text)));
    }
    this.root = element(
      "form",
      { class: "tt-form bar-lesson" },
      element("div", { class: "tt-ideas", role: "group", "aria-label": t("Starter sets") }, ...sets),
      element("label", {}, element("span", {}, t("Name of the topping")), this.#name),
      this.#rows,
      this.#count,
      element("div", { class: "tt-actions" }, this.#add, this.#empty),
      this.#steps,
      this.#cost,
      element("div", { class: "tt-actions" }, this.#start),
    );
    this.root.addEventListener("submit", (event) => this.#submit(event), { signal });
    this.root.addEventListener("input", () => this.#changed(), { signal });
    this.#add.addEventListener("click", () => this.#append({ question: "", answer: "" }, true), { signal });
    this.#empty.addEventListener("click", () => this.#fill("", []), { signal });
    this.#restore();
  }

  /**
   * @param {Limits} limits
   * @param {{needed_bytes: number | null, free_bytes: number}} memory
   */
  limit(limits, { needed_bytes, free_bytes }) {
    this.#limits = limits;
    this.#name.maxLength = limits.name;
    for (const row of this.#rows.children) this.#bound(row);
    this.#cost.textContent = t(
      "While it trains, it takes about %(needed)s of memory and leaves the kitchen's answers their turn; %(free)s are free now.",
      { needed: gigabytes((needed_bytes ?? 0) / 1e9), free: gigabytes(free_bytes / 1e9) },
    );
    this.#changed();
  }

  /** @param {boolean} can whether a training could begin now */
  allow(can) {
    this.#start.disabled = !can;
  }

  /** Give the keyboard the button that trains. */
  focus() {
    this.#start.focus();
  }

  /** @returns {Example[]} */
  get #examples() {
    return [...this.#rows.children]
      .map((row) => {
        const [question, answer] = fields(row);
        return { question: question.value.trim(), answer: answer.value.trim() };
      })
      .filter(({ question, answer }) => question || answer);
  }

  /**
   * @param {string} name
   * @param {Example[]} examples
   */
  #fill(name, examples) {
    this.#name.value = name;
    this.#rows.replaceChildren();
    const rows = examples.length ? examples : Array.from({ length: EMPTY_ROWS }, () => ({ question: "", answer: "" }));
    for (const example of rows) this.#append(example, false);
    this.#changed();
  }

  /**
   * @param {Example} example
   * @param {boolean} focus
   */
  #append(example, focus) {
    const question = element("textarea", { rows: 2, "data-part": "question" });
    const answer = element("textarea", { rows: 2, "data-part": "answer" });
    const remove = element("button", { type: "button", class: "tt-button tt-small" }, t("Remove"));
    const row = element(
      "li",
      {},
      element("label", {}, element("span", {}, t("Question")), question),
      element("label", {}, element("span", {}, t("Answer")), answer),
      remove,
    );
    question.value = example.question;
    answer.value = example.answer;
    remove.addEventListener("click", () => this.#remove(row), { signal: this.#signal });
    this.#rows.append(row);
    this.#bound(row);
    if (focus) question.focus();
    this.#changed();
  }

  /** @param {HTMLElement} row */
  #remove(row) {
    const next = row.nextElementSibling ?? row.previousElementSibling;
    row.remove();
    (next?.querySelector("textarea") ?? this.#add).focus(); // the pressed button is gone
    this.#changed();
  }

  /** @param {Element} row */
  #bound(row) {
    const [question, answer] = fields(row);
    if (this.#limits) {
      question.maxLength = this.#limits.question;
      answer.maxLength = this.#limits.answer;
    }
  }

  #changed() {
    for (const row of this.#rows.children) {
      const [question, answer] = fields(row);
      question.required = answer.value.trim() !== "";
      answer.required = question.value.trim() !== "";
    }
    const count = this.#examples.length;
    const [least, most] = this.#limits?.examples ?? [0, 0];
    this.#add.disabled = most > 0 && this.#rows.children.length >= most;
    const values = { count: number(count), least: number(least), most: number(most) };
    const sentence = most ? t("Examples: %(count)s. It takes %(least)s to %(most)s.", values) : "";
    if (this.#count.textContent !== sentence) this.#count.textContent = sentence;
    keep({ name: this.#name.value, examples: this.#examples });
  }

  /** @param {SubmitEvent} event */
  #submit(event) {
    event.preventDefault();
    const examples = this.#examples;
    const [least, most] = this.#limits?.examples ?? [0, 0];
    if (this.#start.disabled || examples.length < least || examples.length > most) {
      fields(this.#rows.children[0] ?? this.root)[0]?.focus();
      return;
    }
    const chosen = /** @type {HTMLInputElement} */ (this.#steps.querySelector(":checked"));
    this.#train({ name: this.#name.value.trim(), examples, steps: Number(chosen.value) });
  }

  #restore() {
    const { name, examples } = kept() ?? { name: "", examples: [] };
    const [first] = this.#starters;
    if (examples.length || !first) this.#fill(name, examples);
    else this.#fill(first.name, first.examples);
  }
}

/**
 * @param {Element} row
 * @returns {HTMLTextAreaElement[]}
 */
function fields(row) {
  return [...row.querySelectorAll("textarea")];
}

/** The sets that stand in the page, for readers without scripts, too. */
function starters() {
  return /** @type {HTMLElement[]} */ ([...document.querySelectorAll("[data-starter]")]).map((set) => ({
    name: set.dataset.starter ?? "",
    examples: [...set.querySelectorAll("dt")].map((question) => ({
      question: question.textContent?.trim() ?? "",
      answer: question.nextElementSibling?.textContent?.trim() ?? "",
    })),
  }));
}

/** @returns {{name: string, examples: Example[]} | null} */
function kept() {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
  } catch {
    return null; // a browser may forbid storage
  }
}

/** @param {{name: string, examples: Example[]}} draft */
function keep(draft) {
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(draft));
  } catch {
    // Then it lasts as long as the page.
  }
}
