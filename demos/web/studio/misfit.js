/** Why a strip cannot be drawn as it is, in the reader's words: a sentence for each code of `comics/`. */

import { t } from "../page/words.js";

/** @type {Record<string, (values: Record<string, string | number>) => string>} */
const SENTENCES = {
  room: () => t("This is too long for its bubble. Make it shorter."),
  empty: () => t("Somebody who speaks has to say something."),
  glyph: (values) => t("The comic's font cannot write this: %(characters)s", values),
  outside: () => t("This bubble sticks out of its panel. Make it shorter."),
  face: (values) => t("This bubble covers a face (%(name)s). Make it shorter.", values),
  "tail-face": (values) => t("The tail of this bubble crosses a face (%(name)s). Make one of the bubbles shorter.", values),
  overlap: (values) => t("This bubble runs into bubble %(other)s. Make one of them shorter.", values),
  "tail-bubble": (values) => t("The tail of this bubble crosses bubble %(other)s. Make one of them shorter.", values),
  inset: () => t("This bubble covers the small picture. Make it shorter."),
};

/** @param {import("./drawing.js").Misfit} misfit */
export function sentence({ code, values }) {
  return SENTENCES[code]?.(values) ?? code;
}
