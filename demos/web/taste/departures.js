/** What has left the server's computer, and what the restaurant may still cost: two lines that are always there. */

import { Consent } from "./consent.js";
import { element } from "../page/dom.js";
import { exactly } from "../page/figures.js";
import { number } from "../page/format.js";
import { ChatError } from "../kitchen/chat.js";
import { ask } from "../kitchen/kitchen.js";
import { restaurant } from "../kitchen/menu.js";
import { t } from "../page/words.js";

/** @typedef {import("../kitchen/kitchen.js").Kitchen} Kitchen */
/** @typedef {import("../kitchen/menu.js").Restaurant} Restaurant */

export class Departures {
  #bytes = element("strong", { "data-figure": "left" });
  #hosts = element("span");
  #purse = element("span", { "data-figure": "purse" });
  #withdraw = element("button", { type: "button", class: "tt-link", hidden: true }, t("Ask me again before the next order"));
  root = element("p", { class: "tt-departures" }, this.#bytes, " ", this.#hosts, " ", this.#purse, " ", this.#withdraw);
  #api;
  #signal;

  /**
   * @param {URL} api
   * @param {AbortSignal} signal
   */
  constructor(api, signal) {
    this.#api = api;
    this.#signal = signal;
    this.#withdraw.addEventListener("click", () => (Consent.withdraw(), this.#offer()), { signal });
  }

  /**
   * @param {Kitchen["sent"]} [sent]
   * @param {Restaurant | null} [house]
   */
  show(sent = [], house) {
    const left = sent.filter(({ bytes }) => bytes > 0);
    const all = left.reduce((sum, { bytes }) => sum + bytes, 0);
    this.#bytes.textContent = t("Bytes sent to other hosts: %(bytes)s.", { bytes: number(all) });
    const hosts = left.map(({ host, bytes }) => `${host}: ${number(bytes)}`).join(", ");
    this.#hosts.textContent = hosts && t("Since the server started: %(hosts)s.", { hosts });
    this.#purse.textContent = house?.budget ? purse(house.budget) : "";
    this.#offer();
  }

  /** Ask the server again. It is no matter if it does not answer: the next time will do. */
  async refresh() {
    try {
      const [kitchen, house] = await Promise.all([
        ask(this.#api, this.#signal),
        restaurant(this.#api, this.#signal),
      ]);
      this.show(kitchen.sent, house);
    } catch (error) {
      const known = error instanceof TypeError || error instanceof ChatError;
      if (!known && !this.#signal.aborted) throw error;
    }
  }

  #offer() {
    this.#withdraw.hidden = !Consent.any;
  }
}

/** @param {NonNullable<Restaurant["budget"]>} budget */
function purse({ limit_usd: limit, spent_usd: spent, unreported_usd: unreported, held_usd: held }) {
  const rest = Math.max(0, limit - spent - unreported - held);
  return t("The server may still spend %(rest)s of %(limit)s on the restaurant.", {
    rest: exactly(rest, "USD"),
    limit: exactly(limit, "USD"),
  });
}
