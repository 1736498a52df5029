/**
 * A picture for the order: chosen, or taken with a phone's camera, made small here, and shown before it is sent.
 * Drawing it anew leaves behind what cameras write into their files: place, time and owner.
 */

import { element } from "../page/dom.js";
import { t } from "../page/words.js";

const LONGEST_SIDE = 896;
const QUALITY = 0.85;

export class Picture {
  #file = element("input", { type: "file", accept: "image/*" });
  #show = element("img", { alt: t("Your picture"), class: "tt-thumb", hidden: true });
  #drop = element("button", { type: "button", class: "tt-button tt-small", hidden: true }, t("Without the picture"));
  #problem = element("span", { role: "alert" });
  root = element(
    "div",
    { class: "tt-picture", hidden: true },
    element("label", { class: "tt-button tt-small" }, element("span", {}, t("Add a picture")), this.#file),
    this.#show,
    this.#drop,
    this.#problem,
  );
  #changed;
  /** as a data: URL, "" for none */
  url = "";

  /**
   * @param {() => void} changed
   * @param {AbortSignal} signal takes the listeners off
   */
  constructor(changed, signal) {
    this.#changed = changed;
    this.#file.addEventListener("change", () => this.#take(), { signal });
    this.#drop.addEventListener("click", () => this.clear(), { signal });
  }

  clear() {
    this.#put("");
    this.#file.value = "";
    this.#file.focus();
  }

  async #take() {
    const [file] = this.#file.files ?? [];
    if (!file) return;
    this.#problem.textContent = "";
    try {
      this.#put(await small(file));
    } catch {
      this.#put("");
      this.#problem.textContent = t("This browser cannot read that picture. A JPEG or PNG will do.");
    }
  }

  /** @param {string} url */
  #put(url) {
    this.url = url;
    if (url) this.#show.src = url;
    else this.#show.removeAttribute("src");
    this.#show.hidden = this.#drop.hidden = !url;
    this.#changed();
  }
}

/** @param {File} file */
async function small(file) {
  const image = await createImageBitmap(file);
  const scale = Math.min(1, LONGEST_SIDE / Math.max(image.width, image.height));
  const canvas = element("canvas", {
    width: Math.max(1, Math.round(image.width * scale)),
    height: Math.max(1, Math.round(image.height * scale)),
  });
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  image.close();
  return canvas.toDataURL("image/jpeg", QUALITY);
}
