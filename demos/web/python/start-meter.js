/**
 * How far a start of Python is, in a bar and a sentence: bytes while they come, then what is happening.
 * Whoever uses it places `bar` and `words`, and says other things in `words`, too.
 */

import { element } from "../page/dom.js";
import { megabytes, percent } from "../page/figures.js";
import { t } from "../page/words.js";

/** @typedef {import("./python.js").Step} Step */

export class StartMeter {
  bar = element("progress", { hidden: true, "aria-label": t("Start of Python") });
  words = element("span", { role: "status" });

  /** @param {Step} step */
  show({ step, done = 0, all = 0 }) {
    this.bar.hidden = step === "ready";
    if (step === "fetch") {
      this.bar.max = all;
      this.bar.value = done;
      // In tenths: a screen reader need not hear every piece.
      const share = percent(Math.floor((10 * done) / all) / 10);
      this.say(t("Fetching Python for this page: %(share)s of %(size)s", { share, size: megabytes(all) }));
    } else if (step === "start") {
      this.bar.removeAttribute("value");
      this.say(t("Starting Python…"));
    } else {
      this.say("");
    }
  }

  /** @param {string} sentence */
  say(sentence) {
    if (this.words.textContent !== sentence) this.words.textContent = sentence;
  }

  /** @param {string} sentence what to leave there when the start is over, or came to nothing */
  rest(sentence) {
    this.bar.hidden = true;
    this.say(sentence);
  }
}
