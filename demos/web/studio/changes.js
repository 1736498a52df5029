/**
 * What a reader has changed in a strip, and nothing else: other words by language and place, another pose, expression
 * or prop by place. As the fragment of an address: `#studio?strip=twins&ko.3.2=...&pose.1.4=cheer`. What a link says
 * is taken only where the book has such a place and such a name.
 */

/** @typedef {import("./book.js").Book} Book */
/** @typedef {import("./book.js").Kind} Kind */

const OWN = "#studio?";
/** @type {Kind[]} */
const KINDS = ["pose", "expression", "prop"];
/** The longest text that a link may bring; a bubble holds a tenth of it. */
const LONGEST = 1000;

export class Changes {
  #book;
  /** @type {Map<string, string>} by language and place, "ko.3.2" */
  #words = new Map();
  /** @type {Map<string, string>} by kind and place, "pose.1.4" */
  #acting = new Map();

  /**
   * @param {Book} book
   * @param {string} strip
   */
  constructor(book, strip) {
    this.#book = book;
    this.strip = strip;
  }

  /**
   * @param {Book} book
   * @param {string} hash
   * @returns {Changes | undefined} nothing where the address says nothing of a strip
   */
  static read(book, hash) {
    if (!hash.startsWith(OWN)) return undefined;
    const said = new URLSearchParams(hash.slice(OWN.length));
    const strip = said.get("strip") ?? "";
    if (!Object.hasOwn(book.strips, strip)) return undefined;
    const changes = new Changes(book, strip);
    for (const [key, value] of said) {
      const [first, ...rest] = key.split(".");
      const place = rest.join(".");
      const kind = KINDS.find((each) => each === first);
      if (kind) changes.act(kind, place, value);
      else if (book.languages.some(({ code }) => code === first)) changes.say(first, place, value.slice(0, LONGEST));
    }
    return changes;
  }

  get hash() {
    return OWN + new URLSearchParams([["strip", this.strip], ...this.#words, ...this.#acting]);
  }

  get none() {
    return !this.#words.size && !this.#acting.size;
  }

  /**
   * @param {string} code
   * @param {string} place
   * @returns {string} what it says now
   */
  text(code, place) {
    return this.#words.get(`${code}.${place}`) ?? this.#book.text(this.strip, code, place) ?? "";
  }

  /**
   * @param {string} code
   * @param {string} place
   * @param {string} text
   */
  say(code, place, text) {
    const first = this.#book.text(this.strip, code, place);
    if (first === undefined) return;
    if (text === first) this.#words.delete(`${code}.${place}`);
    else this.#words.set(`${code}.${place}`, text);
  }

  /**
   * @param {Kind} kind
   * @param {string} place
   * @returns {string}
   */
  acted(kind, place) {
    return this.#acting.get(`${kind}.${place}`) ?? this.#book.thing(this.strip, place)?.[kind] ?? "";
  }

  /**
   * @param {Kind} kind
   * @param {string} place
   * @param {string} name
   */
  act(kind, place, name) {
    const first = this.#book.thing(this.strip, place)?.[kind];
    if (!first || !this.#book.lists[kind].includes(name)) return;
    if (name === first) this.#acting.delete(`${kind}.${place}`);
    else this.#acting.set(`${kind}.${place}`, name);
  }

  /**
   * @param {string} code
   * @returns {{ words: Record<string, string>, acting: Record<string, Record<string, string>> } | undefined} what a
   *   drawing in a language is to differ in; nothing where it is as it was built
   */
  order(code) {
    const own = [...this.#words].filter(([key]) => key.startsWith(`${code}.`));
    if (!own.length && !this.#acting.size) return undefined;
    /** @type {Record<string, Record<string, string>>} */
    const acting = {};
    for (const [key, name] of this.#acting) {
      const [kind, ...place] = key.split(".");
      (acting[place.join(".")] ??= {})[kind] = name;
    }
    return { words: Object.fromEntries(own.map(([key, text]) => [key.slice(code.length + 1), text])), acting };
  }
}
