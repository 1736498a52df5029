/**
 * `<bowl-comparison>`: hides the rows of a table that touch on none of the reader's concerns. Inside it stand a form
 * with a checkbox per concern and a table whose rows name theirs in `data-concerns`; all words are in the page. The
 * choice lasts as long as the tab. Without scripts every row shows, and the style sheet hides the filter.
 */

const KEPT = "two-bowls:concerns";

class BowlComparison extends HTMLElement {
  /** @type {AbortController | undefined} */
  #life;

  connectedCallback() {
    const form = this.querySelector("form");
    const rows = /** @type {HTMLElement[]} */ ([...this.querySelectorAll("tr[data-concerns]")]);
    if (!form || rows.length === 0) return;
    this.#life = new AbortController();
    new Filter(form, rows).open(this.#life.signal);
  }

  disconnectedCallback() {
    this.#life?.abort();
  }
}

class Filter {
  #form;
  #rows;

  /**
   * @param {HTMLFormElement} form
   * @param {HTMLElement[]} rows
   */
  constructor(form, rows) {
    this.#form = form;
    this.#rows = rows;
  }

  /** @param {AbortSignal} signal ends with the visit */
  open(signal) {
    const kept = remembered();
    for (const box of this.#boxes()) box.checked = kept.includes(box.value);
    this.#form.addEventListener("change", () => this.#choose(), { signal });
    this.#form.addEventListener("reset", (event) => this.#reset(event), { signal });
    this.#form.addEventListener("submit", (event) => event.preventDefault(), { signal });
    addEventListener("hashchange", () => this.#reveal(), { signal });
    this.#show(kept);
    this.#reveal();
  }

  #boxes() {
    return /** @type {NodeListOf<HTMLInputElement>} */ (this.#form.querySelectorAll("input[name=concern]"));
  }

  #choose() {
    const chosen = [...this.#boxes()].filter((box) => box.checked).map((box) => box.value);
    remember(chosen);
    this.#show(chosen);
  }

  /** @param {Event} event the form's own reset would also bring back the ramen column */
  #reset(event) {
    event.preventDefault();
    for (const box of this.#boxes()) box.checked = false;
    this.#boxes()[0]?.focus(); // the button that was pressed goes away
    this.#choose();
  }

  /** A link to a row shows it, whatever was chosen. */
  #reveal() {
    const row = this.#rows.find(({ id }) => `#${id}` === location.hash);
    if (!row?.hidden) return;
    for (const box of this.#boxes()) box.checked = false;
    this.#choose();
    row.scrollIntoView();
  }

  /** @param {string[]} chosen none: all rows */
  #show(chosen) {
    for (const row of this.#rows) {
      const concerns = row.dataset.concerns?.split(" ") ?? [];
      row.hidden = chosen.length > 0 && !concerns.some((concern) => chosen.includes(concern));
    }
    const status = /** @type {HTMLElement} */ (this.#form.querySelector("[role=status]"));
    const shown = this.#rows.filter((row) => !row.hidden).length;
    status.textContent = (status.dataset.count ?? "")
      .replace("{shown}", String(shown))
      .replace("{all}", String(this.#rows.length));
    const button = /** @type {HTMLElement} */ (this.#form.querySelector("[type=reset]"));
    button.hidden = chosen.length === 0;
  }
}

/** @returns {string[]} */
function remembered() {
  try {
    return (sessionStorage.getItem(KEPT) ?? "").split(" ").filter(Boolean);
  } catch {
    return []; // a browser may forbid storage
  }
}

/** @param {string[]} chosen */
function remember(chosen) {
  try {
    sessionStorage.setItem(KEPT, chosen.join(" "));
  } catch {
    // Then the choice lasts as long as the page.
  }
}

if (!customElements.get("bowl-comparison")) customElements.define("bowl-comparison", BowlComparison);
