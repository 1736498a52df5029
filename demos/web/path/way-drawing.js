/** A house with a laptop and a stove, a restaurant, a wire between them, and a slip of paper on its way. */

const WAYS = {
  home: "M70 84C78 56 116 54 124 82C114 100 84 102 70 86",
  tab: "M70 84C52 58 88 58 72 82",
  restaurant: "M70 84C84 40 150 56 196 82S276 92 304 94C280 112 206 118 160 112S92 108 70 86",
};
/** @typedef {keyof typeof WAYS} Way */

const DRAWING = `
<svg class="way-drawing" viewBox="0 0 360 124" aria-hidden="true" focusable="false">
  <g stroke="var(--bowl-text)" stroke-width="3" stroke-linejoin="round" stroke-linecap="round" fill="var(--bowl-surface)">
    <path d="M14 118V54L96 14l82 40v64Z"/>
    <path d="M262 118V40h84v78Z"/>
    <path d="M256 40h96l-8-16h-80Z" fill="var(--bowl-persimmon)"/>
    <path d="M292 118V84h24v34" fill="var(--bowl-broth)"/>
    <rect x="298" y="92" width="12" height="10" rx="2" fill="var(--bowl-yolk)" stroke-width="2"/>
    <path d="M178 106h84" fill="none" stroke-dasharray="2 7"/>
    <rect x="50" y="78" width="40" height="26" rx="3"/>
    <path d="M44 108h52" fill="none"/>
    <path d="M110 104h36v14h-36Z" fill="var(--bowl-plum)"/>
    <path d="M112 88h32l-3 16h-26Z" fill="var(--bowl-jade)"/>
    <path d="M108 88h40" fill="none"/>
  </g>
  <path class="way" fill="none" stroke="var(--bowl-accent)" stroke-width="3" stroke-dasharray="1 6" stroke-linecap="round"/>
  <g class="slip" stroke="var(--bowl-ink)" stroke-width="2" stroke-linejoin="round">
    <path d="M-9-7H9V7H-9Z" fill="var(--bowl-yolk)"/><path d="M-9-7 0 1 9-7" fill="none"/>
  </g>
</svg>`;

export class WayDrawing {
  root;
  #way;
  #slip;
  #frame = 0;

  /** @param {AbortSignal} signal ends what moves */
  constructor(signal) {
    const holder = document.createElement("template");
    holder.innerHTML = DRAWING.trim();
    this.root = /** @type {SVGSVGElement} */ (holder.content.firstElementChild);
    this.#way = /** @type {SVGPathElement} */ (this.root.querySelector(".way"));
    this.#slip = /** @type {SVGGElement} */ (this.root.querySelector(".slip"));
    signal.addEventListener("abort", () => cancelAnimationFrame(this.#frame), { once: true });
  }

  /**
   * Draw a way, the slip at its beginning.
   * @param {Way} way
   */
  show(way) {
    cancelAnimationFrame(this.#frame);
    this.#way.setAttribute("d", WAYS[way]);
    this.#put(0);
  }

  /**
   * Move the slip along the way, once.
   * @param {number} ms how long it takes; 0: it is there at once
   * @param {(share: number) => void} moved from 0 to 1; called with 1 at the end
   */
  go(ms, moved) {
    cancelAnimationFrame(this.#frame);
    const begun = performance.now();
    const step = () => {
      const share = ms > 0 ? Math.min(1, (performance.now() - begun) / ms) : 1;
      this.#put(share);
      moved(share);
      if (share < 1) this.#frame = requestAnimationFrame(step);
    };
    step();
  }

  /** @param {number} share of the way */
  #put(share) {
    const { x, y } = this.#way.getPointAtLength(share * this.#way.getTotalLength());
    this.#slip.setAttribute("transform", `translate(${x.toFixed(1)} ${y.toFixed(1)})`);
  }
}
