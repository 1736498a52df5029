/** A language of the studio: the picture, the bubbles to write in, what is wrong with them, and files to take away. */

import { element } from "../page/dom.js";
import { t } from "../page/words.js";
import { save } from "./file.js";
import { sentence } from "./misfit.js";

/** @typedef {import("./book.js").Book} Book */
/** @typedef {import("./changes.js").Changes} Changes */
/** @typedef {import("./drawing.js").Picture} Picture */
/** @typedef {import("./drawing.js").Misfit} Misfit */

export class Column {
  #book;
  #language;
  #reader;
  #changed;
  #picture = element("div", { class: "studio-picture" });
  #elsewhere = element("p", { class: "studio-wrong", role: "status" });
  #fields = element("div", { class: "studio-fields" });
  #files;
  /** @type {Map<string, { field: HTMLTextAreaElement, wrong: HTMLElement }>} by place */
  #shown = new Map();
  /** @type {Picture | undefined} */
  #drawn;
  /** @type {Misfit | undefined} */
  #misfit;
  #panel = 0;
  #name = "";
  #drawnName = "";

  /**
   * @param {Book} book
   * @param {import("./book.js").Language} language
   * @param {string} reader the code of the language that the page is in
   * @param {(code: string, place: string, text: string) => void} changed
   */
  constructor(book, language, reader, changed) {
    this.#book = book;
    this.#language = language;
    this.#reader = reader;
    this.#changed = changed;
    this.#files = element("p", { class: "studio-files" }, this.#button("svg"), this.#button("png"));
    this.root = element(
      "section",
      { class: "studio-column", "data-code": language.code, "aria-label": language.name },
      element("p", { class: "studio-language", lang: language.code }, language.name),
      this.#picture,
      this.#elsewhere,
      this.#fields,
      this.#files,
    );
  }

  get code() {
    return this.#language.code;
  }

  /** Whether the strip does not fit in this language. */
  get misfit() {
    return Boolean(this.#misfit);
  }

  /** Whether the picture is still of another strip, or not there yet. */
  get outdated() {
    return this.#drawnName !== this.#name;
  }

  /**
   * Another panel, or another strip: other fields.
   * @param {Changes} changes
   * @param {number} panel from 1; 0 is the whole strip, whose title can be changed
   */
  turn(changes, panel) {
    this.#panel = panel;
    this.#name = `${changes.strip}.${this.code}`;
    const bubbles = panel ? this.#book.strips[changes.strip].panels[panel - 1].bubbles : [];
    const labels = panel
      ? bubbles.map(({ speaker }, index) => [`${panel}.${index + 1}`, `${index + 1}. ${this.#speaker(speaker)}`])
      : [["0", t("Title")]];
    this.#shown.clear();
    this.#fields.replaceChildren(...labels.map(([place, label]) => this.#field(changes, place, label)));
    this.#look();
    this.#tell();
  }

  /** @param {string | null} speaker */
  #speaker(speaker) {
    return speaker ? this.#book.said(this.#reader, speaker) : t("Caption");
  }

  /**
   * @param {Changes} changes
   * @param {string} place
   * @param {string} label
   */
  #field(changes, place, label) {
    const id = `studio-${this.code}-${place.replace(".", "-")}`;
    const field = element("textarea", { id, rows: 2, lang: this.code, spellcheck: "false", "aria-describedby": `${id}-wrong` });
    field.value = changes.text(this.code, place);
    field.addEventListener("input", () => this.#changed(this.code, place, field.value));
    const wrong = element("p", { id: `${id}-wrong`, class: "studio-wrong", role: "status" });
    this.#shown.set(place, { field, wrong });
    return element("div", { class: "studio-field" }, element("label", { for: id }, label), field, wrong);
  }

  /** @param {Picture | Misfit} drawn */
  show(drawn) {
    if ("svg" in drawn) {
      this.#drawn = drawn;
      this.#drawnName = this.#name;
      this.#misfit = undefined;
      const svg = new DOMParser().parseFromString(drawn.svg, "image/svg+xml").documentElement;
      this.#picture.replaceChildren(document.importNode(svg, true));
      this.#look();
    } else {
      this.#misfit = drawn;
    }
    this.#tell();
  }

  /** The picture, cut to the panel, under the name of what is seen of it. */
  #look() {
    const view = this.#panel ? this.#book.views[this.#panel - 1] : this.#book.whole;
    this.#picture.style.aspectRatio = `${view[2]} / ${view[3]}`;
    const svg = this.#picture.firstElementChild;
    if (!svg) return;
    const said = this.#panel ? svg.querySelectorAll(":scope > g > title")[this.#panel - 1] : svg.querySelector("desc");
    svg.setAttribute("aria-label", said?.textContent ?? "");
    svg.setAttribute("viewBox", view.join(" "));
    for (const side of ["width", "height"]) svg.removeAttribute(side);
  }

  /** Say what is wrong where it is wrong, or in which panel that is. */
  #tell() {
    const misfit = this.#misfit;
    this.root.classList.toggle("misfit", Boolean(misfit));
    const place = misfit && (misfit.panel ? `${misfit.panel}.${misfit.bubble || 1}` : "0");
    for (const [each, { field, wrong }] of this.#shown) {
      const here = each === place;
      field.setAttribute("aria-invalid", String(here));
      say(wrong, here && misfit ? sentence(misfit) : "");
    }
    say(this.#elsewhere, misfit && place && !this.#shown.has(place) ? this.#where(misfit) : "");
    for (const button of this.#files.querySelectorAll("button")) button.disabled = this.misfit || this.outdated;
  }

  /** @param {Misfit} misfit */
  #where(misfit) {
    const reason = sentence(misfit);
    if (!misfit.panel) return t("Title: %(reason)s", { reason });
    return t("Panel %(panel)s, bubble %(bubble)s: %(reason)s", { panel: misfit.panel, bubble: misfit.bubble, reason });
  }

  /** @param {"svg" | "png"} kind */
  #button(kind) {
    const button = element("button", { type: "button" }, kind.toUpperCase());
    const language = this.#language.name;
    button.setAttribute("aria-label", t("Save as %(kind)s: %(language)s", { kind: kind.toUpperCase(), language }));
    button.addEventListener("click", async () => {
      try {
        if (this.#drawn) await save(this.#drawn.svg, this.#name, kind);
      } catch (error) {
        say(this.#elsewhere, t("The file could not be made. (%(reason)s)", { reason: String(error) }));
      }
    });
    return button;
  }
}

/**
 * @param {HTMLElement} place
 * @param {string} sentence
 */
function say(place, sentence) {
  if (place.textContent !== sentence) place.textContent = sentence;
}
