/** Why a model is not to be had in this tab, or stopped, in the reader's words. Shows nothing. */

import { gigabytes } from "../page/figures.js";
import { LarderError } from "./larder.js";
import { TabError } from "./tab-model.js";
import { LARGEST } from "./tab-stove.js";
import { t } from "../page/words.js";

/**
 * One sentence, or two where there is something to do.
 * @param {unknown} error
 * @returns {string}
 */
export function trouble(error) {
  if (!(error instanceof TabError) && !(error instanceof LarderError)) throw error;
  const { kind, values } = error;
  switch (kind) {
    case "gone":
      return t("%(host)s does not answer. What has come so far is kept: press the button again to go on.", values);
    case "refused":
      return t("%(host)s does not hand the file out (status %(status)s). Ask again later, or take another packet.", values);
    case "cut":
      return t("The download from %(host)s broke off. What has come so far is kept: press the button again to go on.", values);
    case "changed":
      return t(
        "What came from %(host)s is not this packet: its SHA-256 begins with %(found)s, not with %(expected)s. It was thrown away; fetch it again.",
        { host: values.host ?? "", found: short(values.found), expected: short(values.expected) },
      );
    case "full":
      return t("The browser has no room left for the file. Free some on the disk, then press the button again to go on.");
    case "locked":
      return t("Another tab of this site is using the file. Close that one, then try again.");
    case "insecure":
      return t("This browser keeps no files for this page, as in a private window. Take a file from your disk.");
    case "format":
      return t("%(name)s is no GGUF file: it does not begin with these four letters.", values);
    case "large":
      return t(
        "%(name)s is too large for a tab: %(found)s, and the program in here holds models up to %(most)s. Cook it with the local server or in your own kitchen.",
        { name: values.name ?? "", found: gigabytes(Number(values.bytes) / 1e9), most: gigabytes(LARGEST / 1e9) },
      );
    case "stopped":
      return t("Stopped. What has come so far is kept.");
    case "broken":
      return t("The stove went out: %(reason)s", values);
  }
}

/** @param {string} [hash] */
function short(hash = "") {
  return `${hash.slice(0, 12)}…`;
}
