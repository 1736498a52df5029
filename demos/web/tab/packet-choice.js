/**
 * The shelf of packets: what this browser can cook with, where a model may come from, how large it is and who would be
 * asked. Nothing is fetched before a button is pressed. Knows nothing of loading.
 */

import { element } from "../page/dom.js";
import { gigabytes, megabytes, number, percent } from "../page/figures.js";
import { chip, heavy, lack, LARGE_PEAK_GB } from "./tab-stove.js";
import { t } from "../page/words.js";

/** @typedef {import("./packets.js").Packet} Packet */
/** @typedef {import("./tab-stove.js").Stove} Stove */

/** What a model of this size takes while it runs, in gigabytes: measured, and rounded up. */
const MEMORY_GB = 1;

/**
 * @typedef {object} Actions
 * @property {(packet: Packet) => void} cook
 * @property {(file: File) => void} open
 * @property {() => void} clear
 */

export class PacketChoice {
  #stove = element("dl", { class: "tab-stove" });
  #none = element("p", { hidden: true }, t("This site has no packet of its own in store. The local server brings one along."));
  #list = element("ul", { class: "tab-packets" });
  #file = element("input", { type: "file", accept: ".gguf" });
  #gpu = element("input", { type: "checkbox" });
  #chipWords = element("span", { "aria-live": "polite" }, t("Let the graphics chip help. We could not try this ourselves."));
  #chip = element("label", { class: "tab-check", hidden: true }, this.#gpu, this.#chipWords);
  #clear = element("button", { type: "button", class: "tt-button tt-small", hidden: true });
  root = element("section", { class: "tab-choice", "aria-label": t("Packets") });
  #cook;
  #signal;

  /**
   * @param {Actions} actions
   * @param {AbortSignal} signal takes the listeners off
   */
  constructor({ cook, open, clear }, signal) {
    this.#cook = cook;
    this.#signal = signal;
    this.#clear.addEventListener("click", clear, { signal });
    this.#file.addEventListener(
      "change",
      () => {
        const [file] = this.#file.files ?? [];
        if (file) open(file);
        this.#file.value = ""; // the same file can be chosen again
      },
      { signal },
    );
    this.#gpu.addEventListener("change", () => this.#borrow(), { signal });
    this.root.append(this.#stove, this.#chip, this.#none, this.#list, this.#clear);
  }

  async #borrow() {
    if (!this.#gpu.checked || (await chip())) return;
    this.#gpu.checked = false;
    this.#gpu.disabled = true;
    this.#chipWords.textContent = t("None to borrow (WebGPU). The processor does it.");
  }

  /** Whether the reader lets WebGPU in. */
  get gpu() {
    return this.#gpu.checked;
  }

  /** Give the keyboard the first thing to press. */
  focus() {
    this.root.querySelector("button")?.focus();
  }

  /**
   * @param {Stove} stove
   * @param {Packet | undefined} own
   * @param {Packet[]} foreign of the hub, the one for everybody first
   * @param {number} kept bytes of all files that are here, of older packets, too
   */
  show(stove, own, foreign, kept) {
    this.#stove.replaceChildren(...judged(stove));
    this.#chip.hidden = !stove.gpu;
    this.#none.hidden = Boolean(own);
    const fromDisk = element(
      "li",
      {},
      element("label", { class: "tab-file" }, element("span", {}, t("A GGUF file from your disk")), this.#file),
      element("p", {}, t("It is read where it lies and goes nowhere. It need not be a Gemma.")),
    );
    this.#list.replaceChildren(
      ...(own ? [this.#item(own, stove, ownWords(own), true)] : []),
      ...foreign.map((packet, at) => this.#item(packet, stove, foreignWords(packet), !own && at === 0)),
      fromDisk,
    );
    this.#clear.hidden = kept === 0;
    this.#clear.textContent = t("Clear the cupboard (%(size)s)", { size: megabytes(kept) });
  }

  /**
   * @param {Packet} packet
   * @param {Stove} stove
   * @param {string} words
   * @param {boolean} first
   */
  #item(packet, stove, words, first) {
    const missed = lack(stove, packet);
    const elsewhere = t("Cook it with the local server: two commands, further down.");
    if (missed) return element("li", {}, element("p", {}, refusal(packet, stove, missed, elsewhere)));
    const kind = first ? "tt-button tt-main" : "tt-button";
    const button = element("button", { type: "button", class: kind, disabled: !stove.secure }, wish(packet));
    button.addEventListener("click", () => this.#cook(packet), { signal: this.#signal });
    const missing = packet.bytes - packet.kept;
    const tight = stove.room !== undefined && stove.room < missing;
    const warning = tight ? [element("p", { class: "tt-error" }, TIGHT(stove.room ?? 0))] : [];
    return element("li", {}, button, element("p", {}, words), ...warning);
  }
}

/** @param {number} room bytes */
const TIGHT = (room) => t("The browser has room for %(room)s only.", { room: large(room) });

/** @param {number} bytes */
const large = (bytes) => (bytes < 1e9 ? megabytes(bytes) : gigabytes(bytes / 1e9));

/**
 * Why a packet is not offered here: what it needs, and what was found.
 * @param {{label: string, bytes: number}} packet
 * @param {Stove} stove
 * @param {NonNullable<ReturnType<typeof lack>>} missed
 * @param {string} elsewhere where it could be cooked, unless the local server's own pages would do
 */
export function refusal({ label, bytes }, { memory, room }, { kind, need = 0 }, elsewhere) {
  const values = { label, size: large(bytes), need: gigabytes(need) };
  const found = { ...values, found: kind === "memory" ? gigabytes(memory ?? 0) : large(room ?? 0) };
  if (kind === "threads") {
    return t("%(label)s, %(size)s, needs several threads, and this host does not send the two headers that they need. The local server does.", values);
  }
  const reasons = {
    wide: t("%(label)s, %(size)s, is not for this browser: it needs WebAssembly with 64-bit memory that can wait for files, which this one lacks.", values),
    memory:
      memory === undefined
        ? t("%(label)s, %(size)s, needs a computer with %(need)s of memory, and this browser does not say how much there is.", values)
        : t("%(label)s, %(size)s, needs a computer with %(need)s of memory, and this browser reports %(found)s.", found),
    room: t("%(label)s, %(size)s, needs a cupboard with room for %(need)s, and this one has %(found)s.", found),
  };
  return `${reasons[kind]} ${elsewhere}`;
}

/** @param {Packet} packet */
function wish({ bytes, kept, host }) {
  const size = large(bytes);
  if (kept === bytes) return t("Cook from your cupboard: all %(size)s are here", { size });
  const share = percent(Math.floor((100 * kept) / bytes) / 100);
  if (kept) return t("Go on fetching from %(host)s: %(share)s of %(size)s are here", { host, share, size });
  return t("Fetch %(size)s from %(host)s", { size, host });
}

/** @param {Packet} packet */
function ownWords({ label, topping }) {
  const bare = t("%(label)s, from the server of this page.", { label });
  if (!topping) return bare;
  const more = t("The house topping comes along, %(size)s of it.", { size: megabytes(topping.bytes) });
  return `${bare} ${more}`;
}

/** @param {Packet} packet */
function foreignWords({ label, host, bytes }) {
  const asked = t(
    "%(label)s. This asks another host: %(host)s and the store behind it learn your internet address and that you fetched this file, never your words. The house topping does not fit it.",
    { label, host },
  );
  if (!heavy(bytes)) return asked;
  const weighs = t("It knows far more and takes its time, and up to %(most)s of memory while it loads. We tried a file of the same shape and size filled with zeros, not this one.", {
    most: gigabytes(LARGE_PEAK_GB),
  });
  return `${asked} ${weighs}`;
}

/** @param {Stove} stove */
function judged({ secure, memory, room, threads, shared, gpu }) {
  const need = gigabytes(MEMORY_GB);
  const lines = [
    [
      t("Memory"),
      memory === undefined
        ? t("About %(need)s must be free. This browser does not say how much there is.", { need })
        : memory <= MEMORY_GB
          ? t("%(size)s, which will hardly do: about %(need)s must be free.", { size: gigabytes(memory), need })
          : t("%(size)s or more. About %(need)s must be free.", { size: gigabytes(memory), need }),
    ],
    [
      t("Cupboard"),
      !secure
        ? t("None, because this address is not a secure one. A file from your disk works.")
        : room === undefined
          ? t("This browser does not say how much fits in.")
          : t("Room for %(size)s.", { size: large(room) }),
    ],
    [
      t("Threads"),
      shared
        ? number(threads)
        : t("One, because this host does not send the two headers that more of them need."),
    ],
    [
      t("Graphics chip"),
      gpu ? t("This browser can lend one (WebGPU) if there is one.") : t("None to borrow (WebGPU). The processor does it."),
    ],
  ];
  return lines.map(([name, said]) => element("div", {}, element("dt", {}, name ?? ""), element("dd", {}, said ?? "")));
}
