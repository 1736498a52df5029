/** What a reader can take along: a link to the set-up, the comparison as Markdown, and as a picture. */

import { element } from "../page/dom.js";
import { card } from "./report-card.js";
import { markdown } from "./report.js";
import { linked } from "./setup-link.js";
import { t } from "../page/words.js";

export class Keepsakes {
  #said = element("span", { role: "status" });
  root = element("div", { class: "tt-tools", hidden: true });
  #setup;
  #report;

  /**
   * @param {{setup: () => Record<string, string | number | undefined>, report: () => import("./report.js").Report}} of
   * @param {AbortSignal} signal takes the listeners off
   */
  constructor({ setup, report }, signal) {
    this.#setup = setup;
    this.#report = report;
    /** @type {[string, () => void][]} */
    const actions = [
      [t("Copy a link to this set-up"), () => this.#link()],
      [t("Keep as Markdown"), () => this.#text()],
      [t("Keep as a picture"), () => this.#picture()],
    ];
    for (const [name, act] of actions) {
      const button = element("button", { type: "button", class: "tt-button tt-small" }, name);
      button.addEventListener("click", act, { signal });
      this.root.append(button);
    }
    this.root.append(this.#said);
  }

  async #link() {
    const link = linked(this.#setup());
    const copied = await navigator.clipboard?.writeText(link).then(() => true, () => false);
    if (copied) this.#said.textContent = t("Copied.");
    else location.href = link; // it stands in the address bar then
  }

  #text() {
    const report = this.#report();
    save(`two-bowls-${report.last.day}.md`, new Blob([markdown(report)], { type: "text/markdown" }));
  }

  async #picture() {
    const report = this.#report();
    save(`two-bowls-${report.last.day}.png`, await card(report));
  }
}

/**
 * @param {string} name of the file
 * @param {Blob} content
 */
function save(name, content) {
  const href = URL.createObjectURL(content);
  element("a", { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), 10_000);
}
