/**
 * `<comic-strip>`: draws a strip when it comes near, and puts two buttons under it, one that turns it into the next
 * language where it stands, and one that shares it. The pictures are in the page, in a `noscript`: whoever runs no
 * scripts sees them at once, and for everybody else some thousand shapes wait until they are about to be seen.
 *
 * The other languages come from the same page in the other language's tree; the header's language menu knows
 * which pages those are.
 */

import { element } from "./page/dom.js";
import { t } from "./page/words.js";

/** @typedef {{ code: string, name: string, address: string }} Language */

/** @type {Set<Element>} figures that are still to be drawn */
const waiting = new Set();
const inView = new IntersectionObserver(drawSeen);
const near = new IntersectionObserver(drawSeen, { rootMargin: "100% 0px" });
addEventListener("scroll", () => waiting.forEach((figure) => near.observe(figure)), { passive: true });
addEventListener("beforeprint", () => waiting.forEach(draw));

class ComicStrip extends HTMLElement {
  /** @type {Map<string, Element>} figures by language, as far as they have been read */
  #figures = new Map();
  #turn = element("button", { type: "button", class: "strip-button" });
  #share = element("button", { type: "button", class: "strip-button" });
  #status = element("span", { role: "status", class: "strip-status" });

  connectedCallback() {
    const figure = this.querySelector("figure");
    if (!figure) return;
    waiting.add(figure);
    inView.observe(figure);
    if (this.querySelector(".strip-bar")) return;
    this.#figures.set(figure.lang, figure);
    this.#share.textContent = t("Share");
    this.#share.onclick = () => this.#shareIt();
    this.#turn.onclick = () => this.#turnIt();
    this.#name(figure.lang);
    this.append(element("p", { class: "strip-bar" }, this.#turn, this.#share, this.#status));
  }

  disconnectedCallback() {
    waiting.delete(this.#figure);
  }

  get #figure() {
    return /** @type {HTMLElement} */ (this.querySelector("figure"));
  }

  /** @param {string} shown the language that the strip is shown in */
  #name(shown) {
    const next = following(shown);
    this.#turn.hidden = !next;
    if (!next) return;
    this.#turn.lang = next.code;
    this.#turn.textContent = next.name;
    this.#turn.setAttribute("aria-label", t("Show this strip in: %(language)s", { language: next.name }));
  }

  async #turnIt() {
    const figure = this.#figure;
    const next = following(figure.lang);
    if (!next) return;
    this.#turn.disabled = true;
    this.#status.textContent = "";
    const other = this.#figures.get(next.code) ?? (await read(next.address, figure.id));
    this.#turn.disabled = false;
    if (!other) {
      this.#status.textContent = t("The other language could not be fetched.");
      return;
    }
    this.#figures.set(next.code, other);
    draw(other);
    this.#figure.replaceWith(other);
    this.#name(next.code);
    this.#turn.focus();
  }

  async #shareIt() {
    const title = this.#figure.querySelector("figcaption")?.textContent ?? "";
    const url = new URL(`#${this.#figure.id}`, location.href).href;
    try {
      if (navigator.share) {
        await navigator.share({ title, text: `${title} (Two Bowls)`, url });
      } else {
        await navigator.clipboard.writeText(`${title} (Two Bowls)\n${url}`);
        this.#status.textContent = t("The title and the link are in your clipboard.");
      }
    } catch (error) {
      // Who closes the share sheet has not met an error.
      if (!(error instanceof DOMException && error.name === "AbortError")) this.#status.textContent = url;
    }
  }
}

/**
 * Draw strips that have come into view, or, once the reader moves, within a screen of it.
 *
 * @param {IntersectionObserverEntry[]} entries
 */
function drawSeen(entries) {
  for (const entry of entries) if (entry.isIntersecting) draw(entry.target);
}

/**
 * Take the pictures of a strip out of their `noscript`. In a page that was parsed by a script (instant
 * navigation, another language's page) they are elements already, in the page itself they are text.
 *
 * @param {Element} figure
 */
function draw(figure) {
  waiting.delete(figure);
  inView.unobserve(figure);
  near.unobserve(figure);
  const wrapped = figure.querySelector("noscript");
  if (!wrapped) return;
  const pictures = document.createElement("template");
  if (wrapped.childElementCount) pictures.content.append(...wrapped.childNodes);
  else pictures.innerHTML = wrapped.textContent ?? "";
  wrapped.replaceWith(pictures.content);
}

/**
 * @param {string} code
 * @returns {Language | undefined} the language after this one in the menu
 */
function following(code) {
  const links = /** @type {NodeListOf<HTMLAnchorElement>} */ (
    document.querySelectorAll("a[data-language-root][hreflang]")
  );
  const languages = [...links].map((link) => ({
    code: link.hreflang,
    name: link.textContent ?? "",
    address: link.href.replace(/#.*/, ""),
  }));
  const here = languages.findIndex((language) => language.code === code);
  return languages.length > 1 ? languages[(here + 1) % languages.length] : undefined;
}

/**
 * @param {string} address
 * @param {string} id
 * @returns {Promise<Element | null>} the figure of that id on another page of this site
 */
async function read(address, id) {
  try {
    const response = await fetch(address);
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    return response.ok ? page.getElementById(id) : null;
  } catch {
    return null; // no network
  }
}

if (!customElements.get("comic-strip")) customElements.define("comic-strip", ComicStrip);
