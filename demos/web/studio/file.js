/** Taking a picture away: as the SVG that it is, or as a PNG that the browser's canvas makes of it. */

import { element } from "../page/dom.js";

/** As wide as the PNG files of the gallery. */
const PNG_WIDTH = 1600;

/**
 * @param {string} svg with its font in it
 * @param {string} name of the file, without its ending
 * @param {"svg" | "png"} kind
 */
export async function save(svg, name, kind) {
  const drawing = new Blob([svg], { type: "image/svg+xml" });
  const url = URL.createObjectURL(kind === "svg" ? drawing : await png(drawing));
  element("a", { href: url, download: `${name}.${kind}` }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000); // a slow disk may still be reading
}

/**
 * @param {Blob} drawing
 * @returns {Promise<Blob>}
 */
async function png(drawing) {
  const url = URL.createObjectURL(drawing);
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = element("canvas");
    canvas.width = PNG_WIDTH;
    canvas.height = Math.round((PNG_WIDTH * image.naturalHeight) / image.naturalWidth);
    canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
    const made = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
    if (!made) throw new Error("the canvas gave no picture");
    return made;
  } finally {
    URL.revokeObjectURL(url);
  }
}
