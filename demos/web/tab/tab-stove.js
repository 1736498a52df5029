/**
 * What this browser can cook with: memory, room for files, threads, a graphics chip, and how large a model wllama can
 * hold. Shows nothing, asks nobody.
 */

const MOST_THREADS = 4;
/**
 * The largest model file, in bytes. wllama 3.8.1 is built with 4 GiB of memory (`MAXIMUM_MEMORY`), in which the weights,
 * the vocabulary, 2048 tokens of notes and the buffers lie together: a file of 3.34 GB fits with some air.
 */
export const LARGEST = 3_500_000_000;
/** What the browser takes while a packet of 3.34 GB is loaded: 5.6 GB measured, and rounded up. */
export const LARGE_PEAK_GB = 6;
/** The system and other tabs want some, too. */
const LARGE_MEMORY_GB = 8;
const known = /** @type {{ deviceMemory?: number, gpu?: { requestAdapter(): Promise<object | null> } }} */ (navigator);

/**
 * @typedef {object} Stove
 * @property {boolean} secure whether the browser keeps and checks files for this page
 * @property {number} [memory] gigabytes, as the browser rounds them; older ones say 8 for more, too
 * @property {number} [room] bytes
 * @property {number} threads
 * @property {boolean} shared whether several threads are allowed at all
 * @property {boolean} wide whether a file above 2 GB can be read: 64-bit memory, and a program that can wait for it
 * @property {boolean} gpu whether the browser may have a graphics chip to lend, see `chip`
 */

/** @returns {Promise<Stove>} */
export async function stove() {
  /** @type {StorageEstimate | undefined} */
  const room = await navigator.storage?.estimate().catch(() => undefined);
  // One core stays free for the page and for everything else.
  const spare = Math.max(1, Math.min(MOST_THREADS, navigator.hardwareConcurrency - 1));
  return {
    secure: isSecureContext,
    ...(known.deviceMemory && { memory: known.deviceMemory }),
    ...(room?.quota && { room: room.quota - (room.usage ?? 0) }),
    threads: crossOriginIsolated ? spare : 1,
    shared: crossOriginIsolated,
    wide: "Suspending" in WebAssembly && addresses64(),
    gpu: Boolean(known.gpu),
  };
}

/**
 * Whether a packet asks for more than most browsers have.
 * @param {number} bytes
 */
export const heavy = (bytes) => bytes > 1e9;

/**
 * What this stove lacks for a large packet; a small one is left to try.
 * @param {Stove} stove
 * @param {{ bytes: number, kept: number }} packet
 * @returns {{ kind: "wide" | "threads" | "memory" | "room", need?: number } | undefined} `need` in gigabytes
 */
export function lack({ wide, shared, memory, room }, { bytes, kept }) {
  if (!heavy(bytes)) return undefined;
  if (!wide) return { kind: "wide" };
  if (memory === undefined || memory < LARGE_MEMORY_GB) return { kind: "memory", need: LARGE_MEMORY_GB };
  if (room !== undefined && room < bytes - kept) return { kind: "room", need: (bytes - kept) / 1e9 };
  if (!shared) return { kind: "threads" };
  return undefined;
}

/** Whether WebAssembly counts its memory with 64 bits here. */
function addresses64() {
  try {
    // The page's own types do not know the address type yet.
    return Boolean(new WebAssembly.Memory(/** @type {any} */ ({ address: "i64", initial: 1n })));
  } catch {
    return false;
  }
}

/**
 * Whether there is a chip to lend. Browsers have the interface without one, and then complain in the console: so this
 * is asked only for a reader who wants it.
 */
export async function chip() {
  return Boolean(await known.gpu?.requestAdapter().catch(() => null));
}
