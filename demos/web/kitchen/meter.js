/**
 * Counts one answer as the reader sees it: time to the first piece, tokens, tokens per second, time, money, bytes.
 * The page's own clock measures while the answer streams; the server's exact count and rate replace it at the end.
 */

/** @typedef {import("./chat.js").Usage} Usage */

/**
 * @typedef {object} Reading
 * @property {number} [firstTokenMs] from send to the first piece in the page, thought or said
 * @property {number} tokens written, thoughts included
 * @property {number} [tokensPerSecond] while writing, the wait before the first piece left out
 * @property {number} [serverFirstTokenMs] the same wait as the server measured it
 * @property {number} [totalMs] from send to the last piece
 * @property {number} [promptTokens] as the model counts what it was sent
 * @property {number} [thoughtTokens] those of `tokens` that were thought and not said
 * @property {number} [costUsd] undefined where nobody says
 * @property {number} [sentBytes] that left the server's machine for another
 */

export class Meter {
  #sent;
  #first = 0;
  #last = 0;
  #atFirst = 0;
  #pieces = 0;
  /** @type {Reading} */
  #reading = { tokens: 0 };

  /** @param {number} sent the moment of sending, ms */
  constructor(sent) {
    this.#sent = sent;
  }

  get reading() {
    return this.#reading;
  }

  /**
   * A piece came. Where nobody counts along, pieces are the live count: nearly every token of a local model is one.
   * @param {number} now ms, same clock as `sent`
   * @param {Usage} [usage] tokens so far, as whoever cooks has counted them
   */
  piece(now, usage) {
    this.#pieces += 1;
    const tokens = usage?.completion_tokens || this.#pieces;
    if (this.#pieces === 1) {
      this.#first = now;
      this.#atFirst = tokens;
    }
    this.#last = now;
    const writing = (this.#last - this.#first) / 1000;
    const more = tokens - this.#atFirst;
    this.#reading = {
      ...this.#reading,
      ...counts(usage),
      firstTokenMs: this.#first - this.#sent,
      totalMs: now - this.#sent,
      tokens,
      ...(writing > 0 && more > 0 && { tokensPerSecond: more / writing }),
    };
  }

  /**
   * @param {import("./chat.js").Timings} timings
   * @param {Usage} [usage] all of it
   */
  finish(timings, usage) {
    this.#reading = {
      ...this.#reading,
      ...counts(usage),
      tokens: timings.predicted_n,
      tokensPerSecond: timings.predicted_per_second ?? undefined,
      serverFirstTokenMs: timings.ttft_ms,
    };
  }
}

/** @param {Usage} [usage] */
function counts(usage) {
  if (!usage) return {};
  return {
    promptTokens: usage.prompt_tokens,
    thoughtTokens: usage.completion_tokens_details.reasoning_tokens,
    costUsd: usage.cost_usd,
    sentBytes: usage.sent_bytes,
  };
}
