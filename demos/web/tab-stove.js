/** What this browser can cook with: memory, room for files, threads, a graphics chip. Shows nothing, asks nobody. */

const MOST_THREADS = 4;
const known = /** @type {{ deviceMemory?: number, gpu?: { requestAdapter(): Promise<object | null> } }} */ (navigator);

/**
 * @typedef {object} Stove
 * @property {boolean} secure whether the browser keeps and checks files for this page
 * @property {number} [memory] gigabytes, as the browser rounds them; it says 8 for more, too
 * @property {number} [room] bytes
 * @property {number} threads
 * @property {boolean} shared whether several threads are allowed at all
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
    gpu: Boolean(known.gpu),
  };
}

/**
 * Whether there is a chip to lend. Browsers have the interface without one, and then complain in the console: so this
 * is asked only for a reader who wants it.
 */
export async function chip() {
  return Boolean(await known.gpu?.requestAdapter().catch(() => null));
}
