/**
 * A set-up as a link: `#taste?prompt=...&seed=7`. It stands behind the `#`, which browsers send to nobody. Pictures and
 * answers are not in it.
 */

const START = "#taste?";

/** @param {Record<string, string | number | undefined>} setup empty values are left out */
export function linked(setup) {
  const fields = Object.entries(setup).filter(([, value]) => value !== undefined && value !== "");
  const words = new URLSearchParams(fields.map(([name, value]) => [name, String(value)]));
  return `${location.origin}${location.pathname}${START}${words}`;
}

/** @returns {Record<string, string>} the set-up that the address carries, {} for none */
export function carried() {
  if (!location.hash.startsWith(START)) return {};
  return Object.fromEntries(new URLSearchParams(location.hash.slice(START.length)));
}
