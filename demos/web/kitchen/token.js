/**
 * The access token of a server that listens to more than its own computer. It comes once, behind the `#` of the
 * address that the server prints, which browsers send to nobody; it stays with this tab and leaves the address bar.
 */

const KEY = "bowl-token";
const GIVEN = /^#token=([\w-]+)$/;

/** @returns {string | null} */
function token() {
  const given = location.hash.match(GIVEN)?.[1];
  try {
    if (given) {
      sessionStorage.setItem(KEY, given);
      history.replaceState(history.state, "", location.pathname + location.search);
    }
    return sessionStorage.getItem(KEY);
  } catch {
    return given ?? null; // a browser that keeps nothing: the address keeps it
  }
}

/** @returns {Record<string, string>} the header that this server asks for, if it asks for one */
export function authorization() {
  const found = token();
  return found ? { Authorization: `Bearer ${found}` } : {};
}
