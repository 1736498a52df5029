/**
 * Colours for the code in an answer, once it is complete: highlight.js, fetched with the first code block that
 * names its language. What it makes of the text is sanitised as the answer itself was.
 */

import DOMPurify from "dompurify";

const SELECTOR = "pre > code[data-language]";

/** @param {HTMLElement} root code blocks in it get coloured; without the library they stay as they are */
export async function highlight(root) {
  const blocks = [...root.querySelectorAll(SELECTOR)];
  if (!blocks.length) return;
  const library = await import("highlight.js").then((module) => module.default, () => null);
  if (!library) return;
  for (const block of blocks) {
    const language = block.getAttribute("data-language") ?? "";
    if (!block.isConnected || !library.getLanguage(language)) continue;
    const { value } = library.highlight(block.textContent ?? "", { language, ignoreIllegals: true });
    const options = { ALLOWED_TAGS: ["span", "#text"], ALLOWED_ATTR: ["class"], RETURN_DOM_FRAGMENT: true };
    block.replaceChildren(DOMPurify.sanitize(value, options));
  }
}
