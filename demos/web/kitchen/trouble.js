/** Why an answer did not come, or not to its end, in the reader's words. Shows nothing. */

import { seconds } from "../page/format.js";
import { reasonInWords } from "./reasons.js";
import { t } from "../page/words.js";

/** What is busy is not this kitchen: then say what is. */
const OTHERS = new Set(["rate_limited", "upstream_busy"]);

/** @param {import("./chat.js").ChatError} error */
export function trouble({ kind, detail, code, wait }) {
  const reason = reasonInWords(code, detail);
  switch (kind) {
    case "gone":
      return t("The kitchen does not answer. Is the server still running?");
    case "busy": {
      const when = { reason, wait: seconds(wait * 1000) };
      if (OTHERS.has(code)) return t("%(reason)s Try again in %(wait)s.", when);
      return t("The kitchen is busy. Try again in %(wait)s.", when);
    }
    case "cut":
      return t("The stream broke off before the answer was complete. What came is kept.");
    case "refused":
      // A reason with a code is a sentence of its own, and not always a refusal; others need an introduction.
      return code ? reason : t("The kitchen refused the order: %(reason)s", { reason });
  }
}
