/** From an order at the table to what one model is sent, and what the end of its answer means. Asks nobody. */

import { number } from "../page/format.js";
import { t } from "../page/words.js";

/** @typedef {import("../kitchen/chat.js").Message} Message */

/**
 * @typedef {import("../kitchen/chat.js").Order & {system: string, thinking: "" | "none" | "high", picture: string}} TableOrder
 */

/**
 * What a bowl cannot take is left out: pictures, thinking.
 * @param {import("../kitchen/menu.js").Bowl} bowl
 * @param {TableOrder} order
 * @param {Message[]} said before
 * @returns {import("../kitchen/chat.js").Conversation}
 */
export function conversation(bowl, { prompt, system, thinking, picture, ...settings }, said) {
  /** @type {Message["content"]} */
  let content = prompt;
  if (picture && bowl.images) {
    content = [
      { type: "image_url", image_url: { url: picture } },
      { type: "text", text: prompt },
    ];
  }
  /** @type {Message[]} */
  const rules = system ? [{ role: "system", content: system }] : [];
  return {
    model: bowl.id,
    messages: [...rules, ...said, { role: "user", content }],
    ...settings,
    ...(thinking && bowl.thinking && { reasoning_effort: thinking }),
  };
}

/**
 * @param {string} finish the server's finish_reason
 * @param {import("../kitchen/meter.js").Reading} reading
 * @param {boolean} said whether there is any answer behind the thoughts
 */
export function completion(finish, { tokens }, said) {
  if (tokens === 0) return t("The model wrote nothing. Another prompt may do better.");
  const count = { tokens: number(tokens) };
  if (finish === "length" && !said) {
    return t("It thought until the longest answer you allowed was used up. Allow a longer one. Tokens: %(tokens)s.", count);
  }
  if (finish === "length") return t("Cut at the longest answer you allowed. Tokens: %(tokens)s.", count);
  if (finish === "content_filter") return t("Google's filter ended the answer here. Tokens: %(tokens)s.", count);
  return t("Answer complete. Tokens: %(tokens)s.", count);
}
