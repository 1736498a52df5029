/**
 * Pictures of a strip: as the site was built, or, where something was changed, by the same renderer in the page's
 * Python. A picture carries its font: the letters that the built strip needed, and the slices of the font that hold
 * others. Shows nothing.
 */

import { python, PythonError } from "../python/python.js";

/** @typedef {import("./book.js").Book} Book */
/** @typedef {import("./changes.js").Changes} Changes */
/** @typedef {{ code: string, panel: number, bubble: number, values: Record<string, string | number> }} Misfit */
/** @typedef {{ svg: string }} Picture with its font in it */

const PACKAGE = "two-bowls-comics";
const MODULE = "comics.studio";
const NO_FONT = "<style></style>";
const FONT = /<style>(.*?)<\/style>/s;

export class Drawing {
  #studio;
  #root;
  #signal;
  /** @type {Map<string, Promise<string>>} built pictures and fonts, by address */
  #had = new Map();
  /** @type {Promise<void> | undefined} */
  #stocked;
  #going = new AbortController();

  /**
   * @param {{ studio: string, root: string, home: string }} places addresses: of the studio's files, of the site and
   *   of the runtime's folder
   * @param {AbortSignal} signal the time on the page
   */
  constructor({ studio, root, home }, signal) {
    this.#studio = studio;
    this.#root = root;
    this.#signal = signal;
    this.python = python(home, signal, PACKAGE);
  }

  /**
   * @returns {Promise<any>} what `Book` is made of
   * @throws {PythonError} it could not be fetched
   */
  async plainBook() {
    return JSON.parse(await this.#file("book.json"));
  }

  /** @param {string} name */
  #file(name) {
    return this.#text(this.#studio + name);
  }

  /**
   * @param {Book} book
   * @param {string} code
   * @param {Changes} changes
   * @param {string} reader the code of the language that names in a misfit are in
   * @returns {Promise<Picture | Misfit>}
   * @throws {PythonError}
   */
  async picture(book, code, changes, reader) {
    const order = changes.order(code);
    const built = await this.built(book, changes.strip, code);
    if (!order) return { svg: built };
    const drawn = await this.drawn({ strip: changes.strip, language: code, reader, ...order });
    if (drawn.error) return drawn.error;
    const known = new Set(book.lettered(changes.strip, code));
    const others = [...new Set(Object.values(order.words).join(""))].filter((letter) => !known.has(letter) && /\S/.test(letter));
    const slices = others.length ? await this.#slices(`strip-${changes.strip}-${code}`, code, others) : "";
    return { svg: lettered(drawn.svg, font(built) + slices) };
  }

  /**
   * The picture of the build.
   * @param {Book} book
   * @param {string} strip
   * @param {string} code
   */
  built(book, strip, code) {
    const prefix = book.languages.find((language) => language.code === code)?.prefix ?? "";
    return this.#text(`${this.#root}${prefix}assets/comics/${strip}.${code}.svg`);
  }

  /**
   * What Python draws, without a font.
   * @param {object} order
   * @returns {Promise<{ svg: string, error?: undefined } | { svg?: undefined, error: Misfit }>}
   */
  async drawn(order) {
    try {
      this.#stocked ??= this.#stock();
      await this.#stocked;
      return await this.python.ask(MODULE, "draw", order);
    } catch (error) {
      this.#stocked = undefined; // the next order may meet another Python
      throw error;
    }
  }

  /** Draw nothing any more of what was ordered; the next order starts anew. */
  stop() {
    this.#going.abort();
    this.#going = new AbortController();
    this.python.stop();
  }

  async #stock() {
    const names = ["book.json", "strips.json", "faces.json"];
    const files = Promise.all(names.map((name) => this.#file(name)));
    const [book, strips, faces] = await Promise.race([files, stopped(this.#going.signal)]);
    await this.python.ask(MODULE, "stock", { book, strips, faces });
  }

  /**
   * @param {string} address
   * @returns {Promise<string>} what is there, asked for once
   */
  #text(address) {
    return this.#once(address, (response) => response.text());
  }

  /**
   * @param {string} address
   * @param {(response: Response) => Promise<string>} read
   */
  #once(address, read) {
    const had = this.#had.get(address);
    if (had) return had;
    const text = fetched(address, this.#signal).then(read);
    this.#had.set(address, text);
    text.catch(() => this.#had.delete(address)); // it may be there the next time
    return text;
  }

  /**
   * @param {string} family
   * @param {string} code
   * @param {string[]} letters
   * @returns {Promise<string>} the rules of the slices that have these letters, for these letters only
   */
  async #slices(family, code, letters) {
    /** @type {Record<string, string>} the unicode-range of each file */
    const spans = JSON.parse(await this.#file(`slices.${code}.json`));
    const rules = Object.entries(spans).map(async ([file, span]) => {
      const here = letters.filter((letter) => within(span, letter.codePointAt(0) ?? 0));
      if (!here.length) return "";
      const data = await this.#once(this.#studio + file, async (response) => dataUrl(await response.blob()));
      const range = here.map((letter) => `U+${letter.codePointAt(0)?.toString(16)}`);
      return `@font-face{font-family:${family};src:url(${data})format('woff2');unicode-range:${range}}`;
    });
    return (await Promise.all(rules)).join("");
  }
}

/**
 * @param {string} span a unicode-range: U+20-7e,U+a9
 * @param {number} point
 */
function within(span, point) {
  return span.split(",").some((part) => {
    const [low, high = low] = part.slice(2).split("-");
    return parseInt(low, 16) <= point && point <= parseInt(high, 16);
  });
}

/**
 * @param {string} address
 * @param {AbortSignal} signal
 */
async function fetched(address, signal) {
  try {
    const response = await fetch(address, { signal });
    if (response.ok) return response;
    throw new Error(`${response.status} for ${address}`);
  } catch (error) {
    throw new PythonError("absent", String(error));
  }
}

/**
 * @param {AbortSignal} signal
 * @returns {Promise<never>}
 */
function stopped(signal) {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(new PythonError("stopped", "stopped")), { once: true });
  });
}

/**
 * @param {string} built
 * @returns {string} the rule that a picture's font stands in
 */
export function font(built) {
  return FONT.exec(built)?.[1] ?? "";
}

/**
 * @param {string} svg as Python draws it
 * @param {string} rule
 */
export function lettered(svg, rule) {
  return svg.replace(NO_FONT, () => `<style>${rule}</style>`);
}

/**
 * @param {Blob} blob
 * @returns {Promise<string>}
 */
function dataUrl(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).replace(/^data:[^;]*/, "data:font/woff2"));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}
