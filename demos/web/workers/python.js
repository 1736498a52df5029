/**
 * The Python of a page, in a worker: fetches the packed runtime, starts it, and calls functions by name. The page's
 * side of it is `../python/python.js`. Orders and results travel as JSON. Knows nothing of any calculator. What it
 * fetches it keeps in this browser, itself too, so that the next visit needs no network.
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
  #sizes;
  #sha256;

  /**
   * @param {string} home
   * @param {Cache | undefined} cache none where the browser keeps nothing: in a private window, without https
   * @param {{ sizes: Record<string, number>, sha256: Record<string, string> }} manifest by file, its bytes on the way
   *     and the hash of it unpacked
   */
  constructor(home, cache, { sizes, sha256 }) {
    this.#home = home;
    this.#cache = cache;
    this.#sizes = sizes;
    this.#sha256 = sha256;
  }

  /**
   * @param {string} home
   * @param {string} own the package that is wanted: the wheels of the others stay where they are
   */
  static async open(home, own) {
    const cache = await self.caches?.open(KEPT).catch(() => undefined);
    // The folder's name is the hash of its content, so whatever stands beside it is of an older build of this site.
    // What stands elsewhere belongs to another copy of the site at the same host.
    const builds = new URL("..", home).href;
    for (const { url } of (await cache?.keys()) ?? []) {
      if (url.startsWith(builds) && !url.startsWith(home)) await cache?.delete(url);
    }
    const url = `${home}manifest.json`;
    const kept = await cache?.match(url);
    const text = await (kept ?? (await got(url))).text();
    /** @type {{ wheels: Record<string, string>, sizes: Record<string, number>, sha256: Record<string, string> }} */
    const manifest = JSON.parse(text);
    if (!kept) keep(url, new Response(text), cache);
    const here = location.href;
    if (cache && !here.startsWith("blob:")) got(here).then((script) => keep(here, script, cache), () => {});
    for (const [name, file] of Object.entries(manifest.wheels)) if (name !== own) delete manifest.sizes[file];
    return new Pantry(home, cache, manifest);
  }

  /** @returns {Promise<Record<string, Blob>>} every file, unpacked */
  async all() {
    const names = Object.keys(this.#sizes);
    return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await this.#take(name)])));
  }

  /** @param {string} name */
  async #take(name) {
    const url = `${this.#home}${name}.gz`;
    const kept = await this.#cache?.match(url);
    const counted = (kept ?? (await got(url))).body?.pipeThrough(this.#counter());
    const packed = await new Response(counted).blob();
    const file = await this.#unpacked(name, packed).catch(async (error) => {
      await this.#cache?.delete(url);
      throw error;
    });
    if (!kept) keep(url, new Response(packed), this.#cache);
    return file;
  }

  /**
   * @param {string} name
   * @param {Blob} packed
   * @throws {Error} these are not the bytes that the site was built with
   */
  async #unpacked(name, packed) {
    const [first, second] = new Uint8Array(await packed.slice(0, 2).arrayBuffer());
    // Some hosts say "this is gzip" of every .gz, and then the browser has unpacked it on the way.
    const here = first === 0x1f && second === 0x8b;
    if (here && packed.size !== this.#sizes[name]) {
      throw new Error(`${name}.gz has ${packed.size} bytes, not ${this.#sizes[name]}`);
    }
    const body = here ? packed.stream().pipeThrough(new DecompressionStream("gzip")) : packed.stream();
    const whole = new Response(body, { headers: { "Content-Type": type(name) } }).blob();
    // A browser has SHA-256 on https and for this computer; at a plain http address elsewhere the size has to do.
    if (!self.crypto.subtle) return whole;
    const file = await whole.catch(() => new Blob()); // what gzip cannot read has another hash, too
    const found = await sha256(file);
    if (found === this.#sha256[name]) return file;
    throw new Error(
      `${name}.gz is not the file that this site was built with: its SHA-256 begins with ${found.slice(0, 12)}, ` +
        `not with ${this.#sha256[name].slice(0, 12)}`,
    );
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

/** @param {string} url */
async function got(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${response.status} for ${url}`);
  return response;
}

/**
 * @param {string} url
 * @param {Response} response
 * @param {Cache | undefined} cache
 */
function keep(url, response, cache) {
  cache?.put(url, response).catch(() => {}); // a full disk costs the next visit time, no more
}

/** @param {Blob} file */
async function sha256(file) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
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
