/**
 * Counts one answer as the reader sees it: time to the first text, tokens, tokens per second.
 * The page's own clock measures while text streams; the server's exact count and rate replace it when they arrive.
 */

/**
 * @typedef {object} Reading
 * @property {number} [firstTokenMs] from send to the first text in the page
 * @property {number} tokens
 * @property {number} [tokensPerSecond] while writing, the wait before the first token left out
 * @property {number} [serverFirstTokenMs] the same wait as the server measured it
 */

export class Meter {
  #sent;
  #first = 0;
  #last = 0;
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
   * A piece of text came. Nearly every token is a piece of its own, so pieces are the live count.
   * @param {number} now ms, same clock as `sent`
   */
  piece(now) {
    const tokens = this.#reading.tokens + 1;
    if (tokens === 1) this.#first = now;
    this.#last = now;
    const writing = (this.#last - this.#first) / 1000;
    this.#reading = {
      firstTokenMs: this.#first - this.#sent,
      tokens,
      ...(writing > 0 && { tokensPerSecond: (tokens - 1) / writing }),
    };
  }

  /** @param {import("./chat.js").Timings} timings */
  finish(timings) {
    this.#reading = {
      ...this.#reading,
      tokens: timings.predicted_n,
      tokensPerSecond: timings.predicted_per_second ?? undefined,
      serverFirstTokenMs: timings.ttft_ms,
    };
  }
}
