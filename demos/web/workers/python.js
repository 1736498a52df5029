/**
 * The Python of a page, in a worker: fetches the packed runtime, starts it, and calls functions by name. The page's
 * side of it is `../python.js`. Orders and results travel as JSON. Knows nothing of any calculator.
 *
 * In:  { home, own }, the address of the folder that `scripts/wheel.py` made and the package of ours to start with;
 *      then { id, module, name, order }.
 * Out: { step: "fetch", done, all } in bytes, { step: "start" }, { step: "ready" } or { failed };
 *      for each order { id, result }, { id, refused } (a sentence of the function's own) or { id, broken }.
 */

/** Calls a function by name. A ValueError is an answer to whoever ordered; anything else is a bug. */
const CALL = `
import importlib, json

def call(module, name, order):
    try:
        result = getattr(importlib.import_module(module), name)(**json.loads(order))
    except ValueError as error:
        return json.dumps({"refused": str(error)})
    return json.dumps({"result": result}, allow_nan=False)

call
`;
const KEPT = "two-bowls-python";
/** @type {Record<string, string>} */
const TYPES = { mjs: "text/javascript", wasm: "application/wasm", json: "application/json" };

/** @type {Promise<(module: string, name: string, order: string) => string> | undefined} */
let ready;

addEventListener("message", async ({ data }) => {
  if (data.home) {
    ready = start(data.home, data.own);
    ready.then(
      () => postMessage({ step: "ready" }),
      (error) => postMessage({ failed: String(error) }),
    );
    return;
  }
  try {
    const call = await ready;
    if (call) postMessage({ id: data.id, ...JSON.parse(call(data.module, data.name, data.order)) });
  } catch (error) {
    postMessage({ id: data.id, broken: String(error) });
  }
});

/**
 * @param {string} home
 * @param {string} own
 */
async function start(home, own) {
  const pantry = await Pantry.open(home, own);
  const files = await pantry.all();
  postMessage({ step: "start" });
  // Pyodide asks for the rest of its files by address: they are here already.
  const network = fetch;
  self.fetch = async (input, init) => {
    const { href } = new URL(input instanceof Request ? input.url : input, home);
    const name = href.startsWith(home) ? href.slice(home.length) : "";
    if (!files[name]) return network(input, init);
    return new Response(files[name], { headers: { "Content-Type": type(name) } });
  };
  const { loadPyodide } = await load(files["pyodide.mjs"]);
  const glue = await load(files["pyodide.asm.mjs"]);
  const python = await loadPyodide({
    indexURL: home,
    packageBaseUrl: home,
    lockFileContents: await files["pyodide-lock.json"].text(),
    createPyodideModule: glue.default,
    packages: [own],
  });
  return python.runPython(CALL);
}

/** The files of the runtime: from this browser's own store, else from the site, which fills the store. */
class Pantry {
  #home;
  #cache;
  #done = 0;
  /** @type {Record<string, number>} bytes on the way, by file */
  #sizes;

  /**
   * @param {string} home
   * @param {Cache | undefined} cache none where the browser keeps nothing: in a private window, without https
   * @param {Record<string, number>} sizes
   */
  constructor(home, cache, sizes) {
    this.#home = home;
    this.#cache = cache;
    this.#sizes = sizes;
  }

  /**
   * @param {string} home
   * @param {string} own the package that is wanted: the wheels of the others stay where they are
   */
  static async open(home, own) {
    const cache = await self.caches?.open(KEPT).catch(() => undefined);
    // The folder's name is the hash of its content, so whatever stands elsewhere is of an older site.
    for (const { url } of (await cache?.keys()) ?? []) if (!url.startsWith(home)) await cache?.delete(url);
    const manifest = await had(`${home}manifest.json`, cache);
    /** @type {{ wheels: Record<string, string>, sizes: Record<string, number> }} */
    const { wheels, sizes } = JSON.parse(await new Response(manifest.body).text());
    for (const [name, file] of Object.entries(wheels)) if (name !== own) delete sizes[file];
    return new Pantry(home, cache, sizes);
  }

  /** @returns {Promise<Record<string, Blob>>} every file, unpacked */
  async all() {
    const names = Object.keys(this.#sizes);
    return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await this.#take(name)])));
  }

  /** @param {string} name */
  async #take(name) {
    const response = await had(`${this.#home}${name}.gz`, this.#cache);
    const counted = response.body?.pipeThrough(this.#counter());
    const packed = await new Response(counted).blob();
    const [first, second] = new Uint8Array(await packed.slice(0, 2).arrayBuffer());
    // Some hosts say "this is gzip" of every .gz, and then the browser has unpacked it on the way.
    const here = first === 0x1f && second === 0x8b;
    if (here && packed.size !== this.#sizes[name]) {
      throw new Error(`${name}.gz has ${packed.size} bytes, not ${this.#sizes[name]}`);
    }
    const body = here ? packed.stream().pipeThrough(new DecompressionStream("gzip")) : packed.stream();
    return new Response(body, { headers: { "Content-Type": type(name) } }).blob();
  }

  #counter() {
    const all = Object.values(this.#sizes).reduce((sum, size) => sum + size, 0);
    return new TransformStream({
      transform: (chunk, controller) => {
        const before = this.#done;
        this.#done = Math.min(all, before + chunk.byteLength);
        // One word for each hundredth of the way is enough.
        if (Math.floor((100 * before) / all) !== Math.floor((100 * this.#done) / all) || before === 0) {
          postMessage({ step: "fetch", done: this.#done, all });
        }
        controller.enqueue(chunk);
      },
    });
  }
}

/**
 * @param {string} url
 * @param {Cache | undefined} cache
 */
async function had(url, cache) {
  const kept = await cache?.match(url);
  if (kept) return kept;
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${response.status} for ${url}`);
  cache?.put(url, response.clone()).catch(() => {}); // a full disk costs the next visit time, no more
  return response;
}

/** @param {string} name */
function type(name) {
  return TYPES[name.split(".").pop() ?? ""] ?? "application/octet-stream";
}

/** @param {Blob} script a module that imports nothing */
async function load(script) {
  const url = URL.createObjectURL(script);
  try {
    return await import(url);
  } finally {
    URL.revokeObjectURL(url);
  }
}

export {}; // a module for the type checker, too
