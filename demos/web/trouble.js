/** Why an answer did not come, or not to its end, in the reader's words. Shows nothing. */

import { seconds } from "./format.js";
import { reasonInWords } from "./reasons.js";
import { t } from "./words.js";

/** @param {import("./chat.js").ChatError} error */
export function trouble({ kind, detail, code, wait }) {
  switch (kind) {
    case "gone":
      return t("The kitchen does not answer. Is the server still running?");
    case "busy":
      return t("The kitchen is busy. Try again in %(wait)s.", { wait: seconds(wait * 1000) });
    case "cut":
      return t("The stream broke off before the answer was complete. What came is kept.");
    case "refused":
      return t("The kitchen refused the order: %(reason)s", { reason: reasonInWords(code, detail) });
  }
}
