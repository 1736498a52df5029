/** The toppings that are there, each to be tasted, and all but the house's own to be thrown away. */

import { element } from "../page/dom.js";
import { number } from "../page/format.js";
import { precise } from "./loss-curve.js";
import { t } from "../page/words.js";
import { writer } from "../page/writer.js";

/** @typedef {import("./toppings-api.js").Topping} Topping */

export class Fridge {
  #taste;
  #remove;
  #signal;
  #list = element("ul", { class: "bar-fridge" });
  #nothing = element("p", {}, t("The fridge is empty."));
  root = element("div", { class: "bar-shelf", tabindex: "-1" }, this.#nothing, this.#list);

  /**
   * @param {{taste: (name: string) => void, remove: (name: string) => void}} actions
   * @param {AbortSignal} signal takes the listeners off
   */
  constructor({ taste, remove }, signal) {
    this.#taste = taste;
    this.#remove = remove;
    this.#signal = signal;
  }

  /** @param {Topping[]} toppings */
  show(toppings) {
    const pressed = this.#list.contains(document.activeElement) && document.activeElement?.getAttribute("aria-label");
    this.#nothing.hidden = toppings.length > 0;
    this.#list.replaceChildren(...toppings.map((topping) => this.#row(topping)));
    if (!pressed) return;
    const again = [...this.#list.querySelectorAll("button")].find((button) => button.getAttribute("aria-label") === pressed);
    (again ?? this.root).focus({ preventScroll: true }); // the rows are new, and what was thrown away has none
  }

  /** @param {Topping} topping */
  #row({ name, house, examples, losses, memory_bytes }) {
    const shown = house ? t("House topping") : name;
    const taste = element("button", { type: "button", class: "tt-button tt-small" }, t("Taste"));
    const remove = element("button", { type: "button", class: "tt-button tt-small" }, t("Throw away"));
    taste.setAttribute("aria-label", t("Taste: %(name)s", { name: shown }));
    remove.setAttribute("aria-label", t("Throw away: %(name)s", { name: shown }));
    taste.addEventListener("click", () => this.#taste(name), { signal: this.#signal });
    remove.addEventListener("click", () => this.#remove(name), { signal: this.#signal });
    const learnt = house
      ? t("comes with the kitchen")
      : t("examples: %(examples)s, steps: %(steps)s, last loss: %(loss)s", {
          examples: number(examples),
          steps: number(losses.length),
          loss: precise(losses[losses.length - 1] ?? 0),
        });
    const weighs = memory_bytes === null ? "" : t("%(size)s of memory", { size: megabytes(memory_bytes) });
    return element(
      "li",
      {},
      element("strong", {}, shown),
      element("span", {}, [learnt, weighs].filter(Boolean).join(" · ")),
      element("div", { class: "tt-actions" }, taste, ...(house ? [] : [remove])),
    );
  }
}

/** @param {number} bytes */
function megabytes(bytes) {
  return writer({ style: "unit", unit: "megabyte", maximumFractionDigits: 0 }).format(bytes / 1e6);
}
