/**
 * Which hosts the browser asked for anything since the page was loaded, by its own records (Resource Timing), of which
 * every page has the browser keep more than the usual 250 from its first line on (`docs/overrides/main.html`). Workers
 * keep records of their own, which end with them: the one that cooks in the tab tells what it asks for, and the page's
 * own list of marks (User Timing) keeps that as long as the page is there. The one that runs Python asks the page's own
 * host alone, and tells nothing. Asks nothing, shows nothing.
 */

/** @typedef {Map<string, number>} Counts requests by host */

const TOLD = "two-bowls:request";

/**
 * Count what a worker asks for.
 * @param {string} url
 */
export function noted(url) {
  performance.mark(TOLD, { detail: url });
}

/**
 * @param {(counts: Counts) => void} changed called at once and whenever there are more
 * @param {AbortSignal} signal ends the watching
 */
export function watchRequests(changed, signal) {
  /** @type {Counts} */
  const counts = new Map();
  /** @param {PerformanceEntryList} entries */
  const note = (entries) => {
    for (const entry of entries) {
      const told = entry instanceof PerformanceMark;
      if (told && entry.name !== TOLD) continue;
      const { protocol, host } = new URL(told ? entry.detail : entry.name, location.href);
      if (/^(https?|wss?):$/.test(protocol)) counts.set(host, (counts.get(host) ?? 0) + 1);
    }
    changed(counts);
  };
  note(performance.getEntriesByType("navigation"));
  const observer = new PerformanceObserver((list) => note(list.getEntries()));
  for (const type of ["resource", "mark"]) observer.observe({ type, buffered: true });
  signal.addEventListener("abort", () => observer.disconnect(), { once: true });
}
