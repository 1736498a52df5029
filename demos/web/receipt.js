/**
 * `<bowl-receipt data-name="receipt" data-python="../assets/python/…/">`: the receipt for the reader's own workload.
 * The tables and sentences are in the page for the workload that it speaks of, each cell marked with what it shows;
 * here they are written anew from what demos.kitchen reckons. Without scripts the page is as it was.
 */

import { amount, Calculator, filled } from "./python/calculator.js";
import { element } from "./page/dom.js";
import { date, dollars, money, number, percent, price, rate, rounded, span, tenths } from "./page/figures.js";
import { t } from "./page/words.js";

/** @type {{ receipt: any }} the rows of docs/data, in the page's language */
const data = await (await fetch(new URL("kitchen.json", import.meta.url))).json();

class BowlReceipt extends HTMLElement {
  /** @type {AbortController | undefined} */
  #life;

  connectedCallback() {
    this.#life = new AbortController();
    new Receipt(this).open(this.#life.signal);
  }

  disconnectedCallback() {
    this.#life?.abort();
  }
}

class Receipt {
  #host;
  #form;

  /** @param {HTMLElement} host */
  constructor(host) {
    this.#host = host;
    this.#form = /** @type {HTMLFormElement} */ (host.querySelector("form"));
  }

  /** @param {AbortSignal} signal */
  open(signal) {
    const money = this.#field("currency");
    const fill = () => (this.#field("exchange").value = String(data.receipt.exchange[money.value] ?? ""));
    money.addEventListener("input", fill, { signal }); // a rate is one of its money
    const show = (/** @type {any} */ result) => this.#show(result);
    new Calculator(this.#host, { order: () => this.#order(), show }, signal).open();
  }

  /** @param {string} name */
  #field(name) {
    return /** @type {HTMLInputElement} */ (this.#form.elements.namedItem(name));
  }

  #workload() {
    const input = amount(this.#form, "input");
    return {
      requests: amount(this.#form, "requests"),
      input_tokens: input,
      output_tokens: amount(this.#form, "output"),
      thinking_tokens: amount(this.#form, "thinking"),
      cached_tokens: Math.round((input * amount(this.#form, "cached")) / 100),
    };
  }

  #order() {
    const { prices, day, machines, electricity, weighed, years } = data.receipt;
    const own = this.#field("kwh").value;
    const steps = own ? [Number(own)] : electricity.steps;
    return {
      name: "receipt",
      order: {
        workload: this.#workload(),
        day: this.#field("day").value || day,
        electricity: { ...electricity, steps },
        exchange: amount(this.#form, "exchange") || null,
        ...{ prices, machines, weighed, years },
      },
    };
  }

  /** @param {{ written: number, lines: any[], homes: any[] }} result */
  #show({ written, lines, homes }) {
    const { requests, input_tokens, output_tokens } = this.#workload();
    const counts = { requests: number(requests), input: number(input_tokens), output: number(output_tokens) };
    const chosen = lines.find(({ model }) => model === this.#field("model").value);
    this.#say("said", chosen ? this.#sentence(chosen, counts) : t("This model has no price on that day."));
    this.#exchange(chosen);
    this.#say("formula", chosen ? this.#formula(chosen) : "");
    this.#say("restaurant", filled(this.#part("restaurant").dataset.template, counts));
    this.#say("home", filled(this.#part("home").dataset.template, { tokens: number(written) }));
    for (const row of this.#rows("model")) this.#line(row, lines);
    homes.forEach((found, index) => this.#home(this.#rows("machine")[index], found));
  }

  /**
   * @param {any} line
   * @param {Record<string, string>} counts
   */
  #sentence(line, counts) {
    const batch = this.#field("batch").checked;
    const bill = batch ? line.batch : line.now;
    const model = data.receipt.names[line.model];
    if (!bill) return t("For %(model)s we found no batch price.", { model });
    const written = { day: dollars(bill.day), month: dollars(bill.month), year: dollars(bill.year) };
    const said = filled(this.#part("said").dataset.template, { ...counts, model, ...written });
    return [said, this.#uncached(line, batch)].filter(Boolean).join(" ");
  }

  /**
   * The year in the reader's money, at the rate that we know or at the reader's own.
   * @param {any} line
   */
  #exchange(line) {
    const year = (this.#field("batch").checked ? line?.batch : line?.now)?.own ?? null;
    const [part, code, exchange] = [this.#part("own"), this.#field("currency").value, this.#field("exchange").value];
    const known = Number(exchange) === data.receipt.exchange[code];
    /** @type {HTMLElement} */ (part.parentElement).hidden = year === null;
    this.#part("dated").hidden = !known;
    if (year === null) return;
    const said = { rate: price(Number(exchange), code), money: money(year, code) };
    this.#say("own", known ? filled(part.dataset.template, said) : t("At your rate of exchange the year is %(money)s.", said));
  }

  /**
   * @param {any} line
   * @param {boolean} batch
   */
  #uncached(line, batch) {
    const cached = amount(this.#form, "cached") > 0;
    if (cached && (batch || !line.cached)) return t("All input counts as fresh: we found no cached price for this.");
    return "";
  }

  /** @param {any} line */
  #formula({ price: tariff, now, batch, cached }) {
    const work = this.#workload();
    const half = this.#field("batch").checked;
    if (half && !batch) return "";
    const stored = cached && !half ? work.cached_tokens : 0;
    const parts = [`${number(work.input_tokens - stored)} × ${rate(tariff.input)}`];
    if (stored) parts.push(`${number(stored)} × ${rate(tariff.cached_input)}`);
    const { output_tokens, thinking_tokens } = work;
    const wrote = thinking_tokens ? `(${number(output_tokens)} + ${number(thinking_tokens)})` : number(output_tokens);
    parts.push(`${wrote} × ${rate(tariff.output)}`);
    const share = half ? ` × ${percent(tariff.batch)}` : "";
    const sum = `${number(work.requests)} × (${parts.join(" + ")}) ÷ ${number(1e6)}${share}`;
    return `${sum} = ${dollars(half ? batch.day : now.day)}`;
  }

  /**
   * @param {HTMLElement} row
   * @param {any[]} lines
   */
  #line(row, lines) {
    const line = lines.find(({ model }) => model === row.dataset.model);
    row.hidden = !line;
    if (!line) return;
    const { now, batch, next_day: day, next_year: year, worth } = line;
    cell(row, "day", dollars(now.day));
    cell(row, "month", dollars(now.month));
    cell(row, "year", dollars(now.year));
    const own = now.own !== null && t("about %(money)s", { money: money(now.own, this.#field("currency").value) });
    cell(row, "own", own || "");
    cell(row, "batch", batch ? dollars(batch.year) : t("not found"));
    const announced = day && t("From %(day)s: %(year)s a year", { day: date(day), year: dollars(year) });
    cell(row, "next", announced || t("Nothing"));
    cell(row, "worth", worth === null ? t("never even") : dollars(rounded(worth)));
    const most = Math.max(...lines.map((each) => each.now.year)) || 1;
    row.style.setProperty("--share", `${(100 * now.year) / most}%`);
  }

  /**
   * @param {HTMLElement} row
   * @param {any} found
   */
  #home(row, { hours, possible, kwh, year }) {
    const { currency } = data.receipt.electricity;
    const long = span(hours, tenths);
    const slow = t("%(hours)s: too slow for one day", { hours: long });
    const at = row.querySelector("[data-cell=hours]");
    at?.replaceChildren(...(possible ? [long] : [element("span", { class: "verdict no" }), slow]));
    at?.classList.toggle("words", !possible);
    cell(row, "kwh", kwh ? span(kwh, tenths) : t("not found"));
    cell(row, "electricity", year ? span(year, (value) => money(value, currency)) : t("not found"));
  }

  /** @param {string} name */
  #part(name) {
    return /** @type {HTMLElement} */ (this.#host.querySelector(`[data-part=${name}]`));
  }

  /**
   * @param {string} name
   * @param {string} text
   */
  #say(name, text) {
    this.#part(name).textContent = text;
  }

  /** @param {string} kind */
  #rows(kind) {
    return /** @type {HTMLElement[]} */ ([...this.#host.querySelectorAll(`tr[data-${kind}]`)]);
  }
}

/**
 * @param {HTMLElement} row
 * @param {string} name
 * @param {string} text
 */
function cell(row, name, text) {
  const found = row.querySelector(`[data-cell=${name}]`);
  if (found) found.textContent = text;
}

if (!customElements.get("bowl-receipt")) customElements.define("bowl-receipt", BowlReceipt);
