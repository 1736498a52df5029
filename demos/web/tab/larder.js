import { sha256 } from "./sha256.js";

/**
 * The files of models that this browser keeps, in the origin's private file system (OPFS): each is named by its
 * SHA-256 and checked whenever it is taken out. A download that was cut off goes on where it stopped. `taken` works
 * in workers only, because only there a file is written as the bytes come. Shows nothing.
 */

/**
 * @typedef {object} Part a file that can be fetched
 * @property {string} url
 * @property {number} bytes
 * @property {string} sha256 hex
 */

/**
 * Why a file is not to be had: `gone` no answer, `refused` by the host, `cut` off on the way, `changed` bytes,
 * `full` disk, `locked` by another tab, `insecure` page or a private window, of another `format`, too `large`.
 * @typedef {"gone" | "refused" | "cut" | "changed" | "full" | "locked" | "insecure" | "format" | "large"} Trouble
 */

/**
 * A file that is written in place, in a worker; the page's own types do not know it.
 * @typedef {object} Open
 * @property {() => number} getSize
 * @property {(bytes: Uint8Array, options: { at: number }) => number} write
 * @property {(size: number) => void} truncate
 * @property {() => void} flush
 * @property {() => void} close
 */

const FOLDER = "two-bowls-models";

export class LarderError extends Error {
  /**
   * @param {Trouble} kind
   * @param {Record<string, string>} [values] what the sentence about it names
   */
  constructor(kind, values = {}) {
    super(kind);
    this.kind = kind;
    this.values = values;
  }
}

/** @throws {LarderError} `insecure` */
async function folder() {
  try {
    const root = await navigator.storage.getDirectory();
    return await root.getDirectoryHandle(FOLDER, { create: true });
  } catch {
    throw new LarderError("insecure");
  }
}

/**
 * How many bytes of each file are here, by name.
 * @returns {Promise<Map<string, number>>} empty where the browser keeps nothing
 */
export async function shelf() {
  /** @type {Map<string, number>} */
  const found = new Map();
  const here = await folder().catch(() => undefined);
  for await (const handle of here?.values() ?? []) {
    if (handle.kind === "file") found.set(handle.name, (await handle.getFile()).size);
  }
  return found;
}

/**
 * Throw everything away.
 * @throws {LarderError} `locked`
 */
export async function clear() {
  const root = await navigator.storage.getDirectory();
  try {
    await root.removeEntry(FOLDER, { recursive: true });
  } catch (error) {
    if (named(error) === "NotFoundError") return;
    throw new LarderError("locked");
  }
}

/**
 * A file, fetched if it is not here yet, and checked.
 * @param {Part} part
 * @param {HeadersInit} headers for the host
 * @param {(bytes: number) => void} heard how many bytes of it are here
 * @param {(url: string) => void} asked of each host that is asked, when it is
 * @returns {Promise<File>}
 * @throws {LarderError}
 */
export async function taken(part, headers, heard, asked) {
  const here = await folder();
  const handle = await here.getFileHandle(part.sha256, { create: true });
  const file = await opened(handle);
  try {
    if (file.getSize() < part.bytes) await fetched(part, headers, file, heard, asked);
    heard(part.bytes);
  } catch (error) {
    throw named(error) === "QuotaExceededError" ? new LarderError("full") : error;
  } finally {
    file.close();
  }
  const whole = await handle.getFile();
  const found = await sha256(whole);
  if (found === part.sha256) return whole;
  await here.removeEntry(part.sha256);
  throw new LarderError("changed", { expected: part.sha256, found, host: new URL(part.url).host });
}

/**
 * @param {FileSystemFileHandle} handle
 * @returns {Promise<Open>}
 * @throws {LarderError}
 */
async function opened(handle) {
  try {
    return await /** @type {any} */ (handle).createSyncAccessHandle();
  } catch {
    throw new LarderError("locked");
  }
}

/**
 * @param {Part} part
 * @param {HeadersInit} headers
 * @param {Open} file holds the beginning, or nothing
 * @param {(bytes: number) => void} heard
 * @param {(url: string) => void} asked
 * @throws {LarderError}
 */
async function fetched({ url, bytes }, headers, file, heard, asked) {
  const { host } = new URL(url);
  let at = file.getSize();
  const wanted = new Headers(headers);
  if (at) wanted.set("Range", `bytes=${at}-`);
  asked(url);
  const response = await fetch(url, { headers: wanted, cache: "no-store" }).catch(() => {
    throw new LarderError("gone", { host });
  });
  if (response.redirected) asked(response.url); // a hub keeps its files in a store of another name
  if (!response.ok || !response.body) throw new LarderError("refused", { host, status: String(response.status) });
  if (response.status !== 206) at = 0; // a host that knows no ranges begins anew
  file.truncate(at);
  const reader = response.body.getReader();
  while (at < bytes) {
    const { done, value } = await reader.read().catch(() => ({ done: true, value: undefined }));
    if (done || !value) break;
    at += file.write(value, { at });
    heard(Math.min(at, bytes));
  }
  reader.cancel().catch(() => {}); // a file that is too long fails its hash
  file.flush();
  if (at < bytes) throw new LarderError("cut", { host });
}

/** @param {unknown} error */
function named(error) {
  return error instanceof DOMException ? error.name : "";
}
