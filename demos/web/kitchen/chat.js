/**
 * One streamed answer from `POST /v1/chat/completions` (OpenAI's protocol, server-sent events), and its chunks for
 * whoever wants more of them than the text.
 * Aborting the signal closes the connection, which is how the server learns to stop. Shows nothing, keeps nothing.
 */

import { createParser } from "eventsource-parser";

import { authorization } from "./token.js";

/**
 * @typedef {object} Order what a form asks for
 * @property {string} prompt
 * @property {number} max_tokens
 * @property {number} temperature
 * @property {number} [seed]
 */

/** @typedef {{type: "text", text: string} | {type: "image_url", image_url: {url: string}}} Part */
/** @typedef {{role: "system" | "user" | "assistant", content: string | Part[]}} Message */

/**
 * @typedef {object} Conversation what is sent to one model
 * @property {string} model
 * @property {Message[]} messages
 * @property {number} max_tokens
 * @property {number} [temperature]
 * @property {number} [seed]
 * @property {"none" | "high"} [reasoning_effort]
 * @property {string} [adapter] the topping; "" for none
 */

/**
 * @typedef {object} Usage tokens so far, in OpenAI's names, and ours
 * @property {number} prompt_tokens
 * @property {number} completion_tokens thoughts included
 * @property {{reasoning_tokens: number}} completion_tokens_details
 * @property {number} [cost_usd] where somebody bills it
 * @property {number} [sent_bytes] of requests that left the server's machine, headers aside
 */

/**
 * @typedef {object} Timings what the server measured, in llama.cpp's field names
 * @property {number} predicted_n tokens written
 * @property {number | null} predicted_per_second null when one token gives no rate
 * @property {number} [ttft_ms] first-token time on the server's side
 */

/** @typedef {{text: string, thought: string, usage?: Usage}} Piece */
/** @typedef {Piece | {finish: string, timings?: Timings, usage?: Usage}} ChatEvent */

/** Why an answer did not come, or not to its end. */
export class ChatError extends Error {
  /**
   * @param {"gone" | "busy" | "refused" | "cut"} kind
   * @param {{detail?: string, code?: string, wait?: number}} [more] the server's own sentence and what kind of
   *   problem it is; seconds until a retry makes sense
   */
  constructor(kind, { detail = "", code = "", wait = 0 } = {}) {
    super(detail || kind);
    this.kind = kind;
    this.detail = detail;
    this.code = code;
    this.wait = wait;
  }
}

/**
 * @param {URL} api
 * @param {Conversation} conversation
 * @param {AbortSignal} signal
 * @returns {AsyncGenerator<ChatEvent, void, void>} pieces, then one `finish`
 * @throws {ChatError} or an AbortError when the signal ended it
 */
export async function* chat(api, conversation, signal) {
  const order = { ...conversation, stream_options: { continuous_usage_stats: true } };
  for await (const chunk of chunks(api, "v1/chat/completions", order, signal)) {
    const [choice] = chunk.choices ?? [];
    const { content: text = "", reasoning_content: thought = "" } = choice?.delta ?? {};
    if (text || thought) yield { text, thought, usage: chunk.usage };
    if (choice?.finish_reason) yield { finish: choice.finish_reason, timings: chunk.timings, usage: chunk.usage };
  }
}

/**
 * The chunks of one streamed answer as they come, up to the one that says why it ended.
 * @param {URL} api
 * @param {string} path of the endpoint below it
 * @param {object} order what is asked, `stream` aside
 * @param {AbortSignal} signal
 * @returns {AsyncGenerator<any, void, void>}
 * @throws {ChatError} or an AbortError when the signal ended it
 */
export async function* chunks(api, path, order, signal) {
  const headers = { "Content-Type": "application/json", ...authorization() };
  const request = { method: "POST", headers, body: JSON.stringify({ ...order, stream: true }), signal };
  const response = await fetch(new URL(path, api), request).catch((error) => {
    throw signal.aborted ? error : new ChatError("gone");
  });
  if (!response.ok || !response.body) throw await refusal(response);

  let finished = false;
  for await (const data of eventData(response.body, signal)) {
    if (data === "[DONE]") break;
    const chunk = parsed(data);
    if (chunk.error) throw new ChatError("refused", { detail: chunk.error.message, code: chunk.error.code });
    finished ||= Boolean(chunk.choices?.[0]?.finish_reason);
    yield chunk;
  }
  if (!finished) throw new ChatError("cut");
}

/** @param {string} data */
function parsed(data) {
  try {
    return JSON.parse(data);
  } catch {
    throw new ChatError("cut"); // half a chunk: the stream ended in the middle of it
  }
}

const LASTING = new Set(["billing_needed", "quota_exceeded"]);

/**
 * What an error of the server says.
 * @param {Response} response
 */
export async function refusal(response) {
  const { message, code } = await response.json().then((body) => body.error ?? {}, () => ({}));
  const detail = message || `HTTP ${response.status}`;
  const lasting = response.status !== 429 || LASTING.has(code); // an hour's wait is no queue
  if (lasting) return new ChatError("refused", { detail, code });
  return new ChatError("busy", { detail, code, wait: Number(response.headers.get("Retry-After")) || 1 });
}

/**
 * The `data` of each event. A chunk may end anywhere, in the middle of a line or of a character.
 * @param {ReadableStream<Uint8Array>} body
 * @param {AbortSignal} signal
 */
export async function* eventData(body, signal) {
  /** @type {string[]} */
  const arrived = [];
  const parser = createParser({ onEvent: (event) => arrived.push(event.data) });
  const decoder = new TextDecoder();
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((error) => {
        throw signal.aborted ? error : new ChatError("cut");
      });
      if (done) return;
      parser.feed(decoder.decode(value, { stream: true }));
      yield* arrived.splice(0);
    }
  } finally {
    reader.cancel().catch(() => {}); // left early: let go of the connection
  }
}
