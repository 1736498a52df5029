/**
 * A model in a tab, in a worker: takes its files from the larder, puts them into wllama (llama.cpp as WebAssembly), and
 * answers. The page's side of it is `../tab-model.js`. Asks no host but those of the files it is told to take.
 *
 * In:  { load }, a Load; then { ask }, an Order, one at a time; { stop } ends the answer that is being written.
 * Out: { asked }, the address of each request when it begins; { step: "fetch", done, all } in bytes, { step: "load" },
 *      { ready }, a Loaded, or { trouble, values }; for each order { read }, the share of the question, and { text }s, then { finish, timings } or { broken }.
 */

import { LarderError, taken } from "../tab/larder.js";
import { LARGEST } from "../tab/tab-stove.js";

/** @typedef {import("../tab/tab-model.js").Load} Load */
/** @typedef {import("../tab/tab-model.js").Order} Order */
/** @typedef {import("@wllama/wllama").Wllama} Wllama */

/** Tokens of a question and its answer together. */
const CONTEXT = 2048;
/** How many tokens of a question are read at once: more would only cost memory. */
const BATCH = 64;

/** @type {Wllama | undefined} */
let model;
/** @type {AbortController | undefined} */
let stop;

addEventListener("message", ({ data }) => {
  if (data.load) load(data.load);
  else if (data.ask) answer(data.ask);
  else stop?.abort();
});

/** @param {string} url of what is fetched now: the page's records know nothing of it */
const asked = (url) => postMessage({ asked: url });

/** @param {Load} order */
async function load(order) {
  try {
    const blobs = order.file ? [await looked(order.file)] : await gathered(order);
    postMessage({ step: "load" });
    model = await started(order, blobs);
    const { general } = names(model);
    postMessage({
      ready: { name: general, threads: model.getNumThreads(), chat: Boolean(model.getChatTemplate()) },
    });
  } catch (error) {
    if (error instanceof LarderError) postMessage({ trouble: error.kind, values: error.values });
    else postMessage({ trouble: "broken", values: { reason: error instanceof Error ? error.message : String(error) } });
  }
}

/**
 * A file of the reader's: llama.cpp would only say that it failed, and a large one first fill the memory.
 * @param {File} file
 * @throws {LarderError} `format`, `large`
 */
async function looked(file) {
  if ((await file.slice(0, 4).text()) !== "GGUF") throw new LarderError("format", { name: file.name });
  if (file.size > LARGEST) throw new LarderError("large", { name: file.name, bytes: String(file.size) });
  return file;
}

/**
 * The base in one piece, and the topping where there is one.
 * @param {Load} order
 */
async function gathered({ parts, topping, headers }) {
  const all = [...parts, ...(topping ? [topping] : [])];
  const size = all.reduce((sum, part) => sum + part.bytes, 0);
  let before = 0;
  let said = -1;
  const files = [];
  for (const part of all) {
    const heard = (/** @type {number} */ bytes) => {
      const hundredths = Math.floor((100 * (before + bytes)) / size);
      if (hundredths !== said) postMessage({ step: "fetch", done: before + bytes, all: size });
      said = hundredths;
    };
    files.push(await taken(part, headers, heard, asked));
    before += part.bytes;
  }
  // Plain blobs: wllama would sort Files by their names.
  const base = new Blob(files.slice(0, parts.length));
  return topping ? [base, new Blob(files.slice(parts.length))] : [base];
}

/**
 * @param {Load} order
 * @param {Blob[]} blobs
 */
async function started({ home, threads, gpu }, blobs) {
  asked(`${home}index.js`);
  const { Wllama } = await import(`${home}index.js`);
  const wasm = URL.createObjectURL(await unpacked(`${home}wllama.wasm.gz`));
  let failed = (/** @type {Error} */ _error) => {};
  /** @type {Promise<never>} wllama logs the end of its own worker and then waits for it */
  const failure = new Promise((_, reject) => (failed = reject));
  const nothing = () => {};
  const error = (/** @type {unknown} */ first) => failed(new Error(first instanceof ErrorEvent ? first.message : String(first)));
  /** @type {Wllama} */
  const wllama = new Wllama(
    { default: wasm },
    { suppressNativeLog: true, logger: { debug: nothing, log: nothing, warn: nothing, error } },
  );
  wllama.setCompat(null); // else a browser that lacks something would be sent to another host
  // The second file is none of the model's own; llama.cpp takes it as an adapter when it is named.
  const lora = blobs.length > 1 ? { lora_adapters: [{ path: "models/model-00002-of-00002.gguf", scale: 1 }] } : {};
  const load = wllama.loadModel(blobs, {
    n_ctx: CONTEXT,
    n_batch: BATCH,
    n_ubatch: BATCH,
    n_parallel: 1,
    swa_full: true, // keeps what it has read of the examples, so that only the new question is read
    n_threads: threads,
    ...(gpu ? {} : { n_gpu_layers: 0 }),
    ...lora,
  });
  await Promise.race([load, failure]);
  URL.revokeObjectURL(wasm);
  if (!wllama.getModelMetadata().hparams.nVocab) throw new Error("no model in this file"); // it does not throw
  return wllama;
}

/** @param {Wllama} wllama */
function names(wllama) {
  return { general: wllama.getModelMetadata().meta["general.name"] ?? "GGUF" };
}

/** @param {Order} order */
async function answer({ prompt, chat, topping, ...order }) {
  if (!model) return;
  stop = new AbortController();
  const wanted = {
    ...order,
    stream: /** @type {true} */ (true),
    timings_per_token: true,
    return_progress: true,
    abortSignal: stop.signal,
    ...(topping === undefined ? {} : { lora: [{ id: 0, scale: topping }] }),
  };
  try {
    const chunks = chat
      ? await model.createChatCompletion({
          ...wanted,
          messages: [{ role: "user", content: prompt }],
          chat_template_kwargs: { enable_thinking: false }, // thoughts would be minutes of silence here
        })
      : await model.createCompletion({ ...wanted, prompt });
    let finish = "";
    let timings;
    for await (const chunk of /** @type {AsyncIterable<any>} */ (chunks)) {
      const [choice] = chunk.choices ?? [];
      const { processed, total } = chunk.prompt_progress ?? {};
      if (total) postMessage({ read: processed / total });
      const text = choice?.text ?? choice?.delta?.content;
      if (text) postMessage({ text });
      finish = choice?.finish_reason ?? finish;
      timings = chunk.timings ?? timings;
    }
    postMessage({ finish, timings });
  } catch (error) {
    if (stop.signal.aborted) postMessage({ finish: "stopped" });
    else postMessage({ broken: error instanceof Error ? error.message : String(error) });
  }
}

/** @param {string} url a file packed with gzip, or unpacked by the host on the way */
async function unpacked(url) {
  asked(url);
  const response = await fetch(url);
  if (!response.ok) throw new LarderError("refused", { host: new URL(url).host, status: String(response.status) });
  const packed = await response.blob();
  const [first, second] = new Uint8Array(await packed.slice(0, 2).arrayBuffer());
  const stream = packed.stream();
  const body = first === 0x1f && second === 0x8b ? stream.pipeThrough(new DecompressionStream("gzip")) : stream;
  return new Response(body, { headers: { "Content-Type": "application/wasm" } }).blob();
}
