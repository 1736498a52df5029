/**
 * The sign at a closed restaurant: how it is opened, and on demand the letter that a question would become. Nothing is
 * sent, and no answer is made up.
 */

import { ChatError } from "../kitchen/chat.js";
import { element } from "../page/dom.js";
import { shown } from "../kitchen/letter.js";
import { trouble } from "../kitchen/trouble.js";
import { t } from "../page/words.js";

const KEYS = "https://aistudio.google.com/apikey";
const COMMAND = "GEMINI_API_KEY=... make serve";

export class Sign {
  #paper = element("div");
  #peek = element(
    "details",
    { class: "tt-more" },
    element("summary", {}, t("What would leave for this question")),
    this.#paper,
  );
  #write;
  #signal;

  /**
   * @param {() => Promise<import("../kitchen/letter.js").Letter>} write the letter for what stands in the prompt box
   * @param {AbortSignal} signal takes the listener off and ends the writing
   */
  constructor(write, signal) {
    this.#write = write;
    this.#signal = signal;
    const key = element("a", { href: KEYS, target: "_blank", rel: "noopener noreferrer" }, t("Make a key in AI Studio"));
    this.root = element(
      "section",
      { class: "tt-sign" },
      element("p", { class: "tt-status" }, t("The restaurant is closed: this server has no key.")),
      element(
        "ol",
        {},
        element("li", {}, key, " ", t("It is free to begin with; what that costs in privacy stands below.")),
        element("li", {}, t("Start the server again with it:"), " ", element("code", {}, COMMAND)),
      ),
      element("p", {}, t("The key stays in the server's memory. No page, no log and no address ever shows it.")),
      this.#peek,
    );
    this.#peek.addEventListener("toggle", () => this.refresh(), { signal });
  }

  /** Write the letter anew, if it is being looked at. */
  async refresh() {
    if (!this.#peek.open) return;
    try {
      this.#paper.replaceChildren(shown(await this.#write()));
    } catch (error) {
      if (this.#signal.aborted) return;
      if (!(error instanceof ChatError)) throw error;
      this.#paper.textContent = trouble(error);
    }
  }
}
