/**
 * What the studio knows of the strips before Python comes: their words in three languages, who and what is on their
 * stages, and the renderer's own lists. `scripts/studio.py` writes it.
 */

/** @typedef {{ code: string, name: string, prefix: string }} Language */
/** @typedef {{ text: string, speaker: string | null }} Bubble msgids; a caption has no speaker */
/** @typedef {{ place: string, prop?: string, name?: string, pose?: string, expression?: string | null }} Thing */
/** @typedef {{ title: string, panels: { bubbles: Bubble[], things: Thing[] }[] }} Contents */
/** @typedef {"pose" | "expression" | "prop"} Kind */
/** @typedef {[left: number, top: number, width: number, height: number]} View */

export class Book {
  /** @type {Language[]} */ languages;
  /** @type {Record<Kind, string[]>} */ lists;
  /** @type {View[]} of each panel */ views;
  /** @type {View} */ whole;
  /** @type {Record<string, Contents>} */ strips;
  #words;

  /** @param {any} plain */
  constructor(plain) {
    this.languages = plain.languages;
    this.lists = plain.lists;
    this.views = plain.views;
    this.whole = plain.whole;
    this.strips = plain.strips;
    this.#words = plain.words;
  }

  /**
   * @param {string} code
   * @param {string} msgid
   * @returns {string} a text of the strips in a language
   */
  said(code, msgid) {
    return this.#words[code][msgid];
  }

  /**
   * What a place of a strip says before anybody changes it: "3.2" is bubble 2 of panel 3, "0" the title.
   * @param {string} strip
   * @param {string} code
   * @param {string} place
   * @returns {string | undefined} nothing where there is no such place
   */
  text(strip, code, place) {
    const { title, panels } = this.strips[strip];
    const [panel, bubble] = place.split(".").map(Number);
    const msgid = place === "0" ? title : panels[panel - 1]?.bubbles[bubble - 1]?.text;
    return msgid === undefined || `${panel}.${bubble}` !== place && place !== "0" ? undefined : this.said(code, msgid);
  }

  /**
   * Everything that is lettered in a strip as it was built.
   * @param {string} strip
   * @param {string} code
   */
  lettered(strip, code) {
    const { title, panels } = this.strips[strip];
    return [title, ...panels.flatMap(({ bubbles }) => bubbles.map(({ text }) => text))]
      .map((msgid) => this.said(code, msgid))
      .join("");
  }

  /**
   * @param {string} strip
   * @param {string} place
   * @returns {Thing | undefined} whoever or whatever stands there
   */
  thing(strip, place) {
    return this.strips[strip].panels.flatMap(({ things }) => things).find((thing) => thing.place === place);
  }
}
