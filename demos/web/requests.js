/**
 * Which hosts the browser asked for anything since the page was loaded, by its own records (Resource Timing). Threads
 * of the page, as the ones that run Python or a model, keep records of their own. Asks nothing, shows nothing.
 */

/** @typedef {Map<string, number>} Counts requests by host */

/**
 * @param {(counts: Counts) => void} changed called at once and whenever there are more
 * @param {AbortSignal} signal ends the watching
 */
export function watchRequests(changed, signal) {
  /** @type {Counts} */
  const counts = new Map();
  /** @param {PerformanceEntryList} entries */
  const note = (entries) => {
    for (const { name } of entries) {
      const { protocol, host } = new URL(name, location.href);
      if (/^(https?|wss?):$/.test(protocol)) counts.set(host, (counts.get(host) ?? 0) + 1);
    }
    changed(counts);
  };
  note(performance.getEntriesByType("navigation"));
  const observer = new PerformanceObserver((list) => note(list.getEntries()));
  observer.observe({ type: "resource", buffered: true });
  signal.addEventListener("abort", () => observer.disconnect(), { once: true });
}
