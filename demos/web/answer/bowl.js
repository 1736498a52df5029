/** The drawn bowl beside an answer. Its steam is moved by demos.css while the card says that it is running. */

const DRAWING = `
<svg class="tt-bowl" viewBox="0 0 64 64" aria-hidden="true" focusable="false">
  <g class="tt-steam" fill="none" stroke="currentColor" stroke-width="3" stroke-linecap="round">
    <path d="M22 26c-4-4 4-7 0-12s3-6 1-9"/>
    <path d="M33 25c-4-4 4-7 0-12s3-7 1-11"/>
    <path d="M44 26c-4-4 4-7 0-12s3-6 1-9"/>
  </g>
  <g stroke="currentColor" stroke-width="3" stroke-linejoin="round" stroke-linecap="round">
    <path class="tt-stick" d="M60 19 36 34M62 24 39 36"/>
    <path class="tt-ware" d="M5 35c1 13 8 20 16 23v3c7 2 15 2 22 0v-3c8-3 15-10 16-23z"/>
    <ellipse class="tt-broth" cx="32" cy="35" rx="27" ry="7"/>
    <path class="tt-noodle" fill="none" d="M14 36c4-3 7 2 11-1s7 3 10 0"/>
    <ellipse class="tt-egg" cx="44" cy="35" rx="6" ry="3.4"/>
    <path class="tt-trim" fill="none" d="m12 47 4 3 4-3 4 3 4-3 4 3 4-3 4 3 4-3 4 3 4-3"/>
  </g>
</svg>`;

/** @returns {Element} */
export function bowl() {
  const holder = document.createElement("template");
  holder.innerHTML = DRAWING.trim();
  return /** @type {Element} */ (holder.content.firstElementChild);
}
