/**
 * Model text as safe, growing HTML.
 * A model can be made to write anything, so its words are only ever words: raw HTML is shown as text, images become
 * their description, links open elsewhere and only when pressed. DOMPurify is the second wall behind the renderer.
 * Knows nothing of requests or of the demo around it.
 */

import DOMPurify from "dompurify";
import { Marked } from "marked";

// Chromium looks up the host of every link on an http page: a request too, and the model would choose the name.
document.head.append(
  Object.assign(document.createElement("meta"), { httpEquiv: "x-dns-prefetch-control", content: "off" }),
);

/** @param {string} text */
function escaped(text) {
  return text.replace(/[&<>"]/g, (mark) => `&#${mark.charCodeAt(0)};`);
}

const marked = new Marked({
  gfm: true,
  breaks: true,
  renderer: {
    code({ text, lang }) {
      const language = /^[\w+#-]+/.exec(lang ?? "")?.[0].toLowerCase();
      return `<pre><code${language ? ` data-language="${escaped(language)}"` : ""}>${escaped(text)}\n</code></pre>`;
    },
    heading({ tokens }) {
      return `<p><strong>${this.parser.parseInline(tokens)}</strong></p>`; // the page keeps its own outline
    },
    html({ text, block }) {
      return block ? `<p>${escaped(text)}</p>` : escaped(text);
    },
    image({ text }) {
      return escaped(text);
    },
    link({ href, tokens }) {
      const label = this.parser.parseInline(tokens);
      if (!/^https?:\/\//i.test(href)) return label;
      return `<a href="${escaped(href)}" target="_blank" rel="noopener noreferrer nofollow">${label}</a>`;
    },
  },
});

/** What DOMPurify lets through: nothing here can load, run, name or submit anything. */
const ALLOWED_TAGS = [
  ..."p br hr strong em del code pre blockquote ul ol li a".split(" "),
  ..."table thead tbody tr th td".split(" "),
  "#text",
];
const ALLOWED_ATTR = ["href", "target", "rel", "start", "data-language"];

/**
 * @param {import("marked").Token[]} tokens
 * @returns {DocumentFragment}
 */
function rendered(tokens) {
  return DOMPurify.sanitize(marked.parser(tokens), { ALLOWED_TAGS, ALLOWED_ATTR, RETURN_DOM_FRAGMENT: true });
}

/**
 * Markdown that arrives in pieces, shown in `root`, at most once a frame.
 * A block that another block follows can no longer change: it is rendered once and left alone, so a frame costs the
 * length of the last block, not of the whole text, and what the reader selected or is reading stays put.
 */
export class MarkdownStream {
  #root;
  #source = "";
  #settled = 0;
  /** @type {ChildNode[]} */
  #tail = [];
  #frame = 0;

  /** @param {HTMLElement} root */
  constructor(root) {
    this.#root = root;
    root.replaceChildren();
  }

  /** All text so far, as the model wrote it. */
  get source() {
    return this.#source;
  }

  /** @param {string} piece */
  push(piece) {
    this.#source += piece.replace(/\r\n?/g, "\n"); // marked counts its tokens in these
    this.#frame ||= requestAnimationFrame(() => this.#paint());
  }

  /** Show what is there now. No frame follows unless more is pushed. */
  end() {
    cancelAnimationFrame(this.#frame);
    this.#paint();
  }

  #paint() {
    this.#frame = 0;
    try {
      this.#render();
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      // Nested deeper than the parser's stack ("> > > ..." by the thousand): the text as it is.
      this.#root.textContent = this.#source;
      this.#tail = [];
    }
  }

  #render() {
    const tokens = marked.lexer(this.#source.slice(this.#settled));
    const open = Math.max(0, tokens.findLastIndex((token) => token.type !== "space"));
    const closed = tokens.slice(0, open);
    for (const node of this.#tail) node.remove();
    this.#root.append(rendered(closed));
    this.#settled += closed.reduce((length, token) => length + token.raw.length, 0);
    const tail = rendered(tokens.slice(open));
    this.#tail = [...tail.childNodes];
    this.#root.append(tail);
  }
}
