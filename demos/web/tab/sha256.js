/**
 * SHA-256 of a file of any size. The browser's own `crypto.subtle` takes one buffer, and Chromium reads no blob above
 * 2 GB into one: larger files go to @noble/hashes, piece by piece. Shows nothing.
 */

/** Blobs up to this many bytes go to the browser's own hash, which is several times as fast. */
const AT_ONCE = 1_000_000_000;
/** By its address: this runs in a worker, where a page's import map does not count. */
const NOBLE = new URL("../../vendor/noble/sha2.js", import.meta.url);

/**
 * @param {Blob} blob
 * @param {number} [atOnce] bytes
 * @returns {Promise<string>} hex
 */
export async function sha256(blob, atOnce = AT_ONCE) {
  if (blob.size <= atOnce) return hex(new Uint8Array(await crypto.subtle.digest("SHA-256", await blob.arrayBuffer())));
  /** @type {typeof import("@noble/hashes/sha2.js")} */
  const noble = await import(NOBLE.href);
  const hash = noble.sha256.create();
  const reader = blob.stream().getReader();
  for (let next = await reader.read(); next.value; next = await reader.read()) hash.update(next.value);
  return hex(hash.digest());
}

/** @param {Uint8Array} digest */
function hex(digest) {
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
