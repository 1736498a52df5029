/**
 * Python for the elements of a page: one worker for all that want the same package, started by the first order, ended
 * with the last element that uses it. The worker's side is `workers/python.js`; without a network it starts from the
 * copy that it kept of itself. Shows nothing.
 */

/**
 * @typedef {object} Step how far a start is
 * @property {"fetch" | "start" | "ready"} step
 * @property {number} [done] bytes
 * @property {number} [all] bytes
 */

/** @typedef {{ id: number, module: string, name: string, order: string }} Order */
/** @typedef {{ order: Order, resolve: (result: any) => void, reject: (error: PythonError) => void }} Waiting */

const SCRIPT = new URL("../workers/python.js", import.meta.url).href;

/** Why there is no result: `refused` by the function in a sentence, a bug, no Python to be had, or stopped. */
export class PythonError extends Error {
  /**
   * @param {"refused" | "broken" | "absent" | "stopped"} kind
   * @param {string} message
   */
  constructor(kind, message) {
    super(message);
    this.kind = kind;
  }
}

/** @type {Map<string, Python>} by address and package */
const pythons = new Map();

/**
 * The page's Python.
 * @param {string} home the address of the runtime's folder
 * @param {AbortSignal} signal ends the caller's use of it
 * @param {string} own the package of ours that it starts with (`scripts/wheel.py`)
 */
export function python(home, signal, own = "two-bowls") {
  const key = `${home} ${own}`;
  const found = pythons.get(key) ?? new Python(home, own);
  pythons.set(key, found);
  found.join(signal);
  return found;
}

/** Sends "step" events, whose `detail` is a Step, while it starts. */
class Python extends EventTarget {
  #home;
  #own;
  #users = 0;
  #last = 0;
  /** @type {Worker | undefined} */
  #worker;
  /** @type {Map<number, Waiting>} */
  #waiting = new Map();

  /**
   * @param {string} home
   * @param {string} own
   */
  constructor(home, own) {
    super();
    this.#home = home;
    this.#own = own;
  }

  /** @param {AbortSignal} signal */
  join(signal) {
    this.#users += 1;
    const leave = () => (this.#users -= 1) || this.stop();
    signal.addEventListener("abort", leave, { once: true });
  }

  /**
   * Call a Python function with keyword arguments.
   * @param {string} module
   * @param {string} name
   * @param {object} order anything that JSON can say
   * @returns {Promise<any>}
   * @throws {PythonError}
   */
  ask(module, name, order) {
    this.#worker ??= this.#start();
    const id = (this.#last += 1);
    const told = { id, module, name, order: JSON.stringify(order) };
    this.#worker.postMessage(told);
    return new Promise((resolve, reject) => this.#waiting.set(id, { order: told, resolve, reject }));
  }

  /** End the worker at once, whatever it is doing. The next order starts another one. */
  stop() {
    this.#end(new PythonError("stopped", "stopped"));
  }

  /** @param {string} [kept] the address of a copy of the script, where the script itself cannot be had */
  #start(kept) {
    const worker = new Worker(kept ?? SCRIPT, { type: "module", name: "python" });
    worker.addEventListener("message", ({ data }) => this.#hear(data));
    worker.addEventListener("error", async (event) => {
      event.preventDefault();
      const copy = event.message || kept ? undefined : await copied(); // no message: it did not load
      if (this.#worker !== worker) return; // stopped meanwhile
      if (!copy) return this.#end(new PythonError("absent", event.message || "the worker did not load"));
      this.#worker = this.#start(copy);
      for (const { order } of this.#waiting.values()) this.#worker.postMessage(order);
    });
    worker.postMessage({ home: this.#home, own: this.#own });
    return worker;
  }

  /** @param {{ step?: string, failed?: string, id: number, result?: any, refused?: string, broken?: string }} data */
  #hear(data) {
    if (data.step) this.dispatchEvent(new CustomEvent("step", { detail: data }));
    if (data.failed) this.#end(new PythonError("absent", data.failed));
    const waiting = this.#waiting.get(data.id);
    if (!waiting) return;
    this.#waiting.delete(data.id);
    if (data.refused !== undefined) waiting.reject(new PythonError("refused", data.refused));
    else if (data.broken !== undefined) waiting.reject(new PythonError("broken", data.broken));
    else waiting.resolve(data.result);
  }

  /** @param {PythonError} error */
  #end(error) {
    this.#worker?.terminate();
    this.#worker = undefined;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(error);
  }
}

/** @returns {Promise<string | undefined>} the address of the script as the worker kept it, if it did */
async function copied() {
  const kept = await self.caches?.match(SCRIPT).catch(() => undefined);
  return kept && URL.createObjectURL(await kept.blob());
}
