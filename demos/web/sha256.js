/**
 * SHA-256 of a file of any size. The browser's own `crypto.subtle` takes one buffer, and Chromium reads no blob above
 * 2 GB into one: larger files are hashed here, piece by piece, after FIPS 180-4, section 6.2. Shows nothing.
 */

/** Blobs up to this many bytes go to the browser's own hash, which is several times as fast. */
const AT_ONCE = 1_000_000_000;

const ROUNDS = new Int32Array(64);
const START = new Int32Array(8);
for (let number = 2, count = 0; count < 64; number++) {
  if ([...Array(number).keys()].some((divisor) => divisor > 1 && number % divisor === 0)) continue; // primes only
  ROUNDS[count] = (Math.cbrt(number) % 1) * 2 ** 32;
  if (count < 8) START[count] = (Math.sqrt(number) % 1) * 2 ** 32;
  count++;
}

/**
 * @param {Blob} blob
 * @param {number} [atOnce] bytes
 * @returns {Promise<string>} hex
 */
export async function sha256(blob, atOnce = AT_ONCE) {
  if (blob.size <= atOnce) return hex(new DataView(await crypto.subtle.digest("SHA-256", await blob.arrayBuffer())));
  const state = START.slice();
  const rest = new Uint8Array(64);
  let kept = 0;
  const take = (/** @type {Uint8Array} */ piece) => {
    let at = Math.min(64 - kept, piece.length);
    rest.set(piece.subarray(0, at), kept);
    kept += at;
    if (kept < 64) return;
    mix(state, rest, 0, 64);
    const end = piece.length - ((piece.length - at) % 64);
    mix(state, piece, at, end);
    rest.set(piece.subarray(end));
    kept = piece.length - end;
  };
  const reader = blob.stream().getReader();
  for (let next = await reader.read(); next.value; next = await reader.read()) take(next.value);
  take(ending(blob.size));
  const digest = new DataView(new ArrayBuffer(32));
  state.forEach((word, at) => digest.setInt32(4 * at, word));
  return hex(digest);
}

/**
 * What is written behind the last byte: one bit, zeros up to a whole block, the length in bits.
 * @param {number} bytes
 */
function ending(bytes) {
  const tail = new DataView(new ArrayBuffer(9 + ((119 - (bytes % 64)) % 64)));
  tail.setUint8(0, 0x80);
  tail.setBigUint64(tail.byteLength - 8, 8n * BigInt(bytes));
  return new Uint8Array(tail.buffer);
}

const words = new Int32Array(64);

/**
 * Work whole blocks of 64 bytes into the state.
 * @param {Int32Array} state
 * @param {Uint8Array} data
 * @param {number} from
 * @param {number} to
 */
function mix(state, data, from, to) {
  const at = (/** @type {number} */ word) => /** @type {number} */ (words[word]);
  const view = new DataView(data.buffer, data.byteOffset);
  for (let block = from; block < to; block += 64) {
    for (let i = 0; i < 16; i++) words[i] = view.getInt32(block + 4 * i);
    for (let i = 16; i < 64; i++) {
      const early = at(i - 15);
      const late = at(i - 2);
      const sum = turned(early, 7) ^ turned(early, 18) ^ (early >>> 3);
      words[i] = at(i - 16) + sum + at(i - 7) + (turned(late, 17) ^ turned(late, 19) ^ (late >>> 10));
    }
    let [a, b, c, d, e, f, g, h] = /** @type {[number, number, number, number, number, number, number, number]} */ (
      /** @type {unknown} */ (state)
    );
    for (let i = 0; i < 64; i++) {
      const choice = (e & f) ^ (~e & g);
      const most = (a & b) ^ (a & c) ^ (b & c);
      const round = /** @type {number} */ (ROUNDS[i]);
      const first = (h + (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) + choice + round + at(i)) | 0;
      const second = ((turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) + most) | 0;
      h = g;
      g = f;
      f = e;
      e = (d + first) | 0;
      d = c;
      c = b;
      b = a;
      a = (first + second) | 0;
    }
    [a, b, c, d, e, f, g, h].forEach((word, i) => (state[i] = /** @type {number} */ (state[i]) + word));
  }
}

/**
 * A word turned to the right.
 * @param {number} word
 * @param {number} bits
 */
const turned = (word, bits) => (word >>> bits) | (word << (32 - bits));

/** @param {DataView} digest */
function hex(digest) {
  return Array.from({ length: digest.byteLength }, (_, at) => digest.getUint8(at).toString(16).padStart(2, "0")).join("");
}
