/**
 * Enter sends, Shift+Enter breaks the line, and an input method keeps the Enter that belongs to it.
 *
 * Japanese: Enter confirms a candidate and must not send. Korean: the last syllable is still composing when the
 * writer is done, so the same Enter that ends it must send, once. Browsers order the events differently:
 *   Chromium, Firefox   keydown(composing) -> compositionend [-> keydown 13 again, macOS Korean]
 *   Safari              compositionend -> keydown(keyCode 229)
 * Hangul in the finished composition tells the two languages apart; until then an Enter is only remembered.
 */

const HANGUL = /^\p{Script=Hangul}+$/u;

/** What `keyCode` says when an input method has used the key; the only mark that Safari leaves. */
const USED_BY_INPUT_METHOD = 229;

/**
 * Windows names a key that an input method took "Process", and says only in `code` which one it was.
 * @param {KeyboardEvent} event
 */
function isEnter({ key, code }) {
  return key === "Enter" || (key === "Process" && code.endsWith("Enter"));
}

/**
 * @param {HTMLTextAreaElement} textarea
 * @param {() => void} send
 * @param {AbortSignal} signal takes the listeners off
 */
export function sendOnEnter(textarea, send, signal) {
  let enterWhileComposing = false;
  let composed = "";
  let sent = false; // by the Enter that is still down: its repeats and late events must not send or break the line

  const sendOnce = () => {
    if (sent) return;
    sent = true;
    // The browser first finishes putting the syllable into the box.
    setTimeout(() => signal.aborted || send());
  };

  /** @param {KeyboardEvent} event */
  const keydown = (event) => {
    if (!isEnter(event) || event.shiftKey || event.ctrlKey || event.altKey || event.metaKey) {
      sent = enterWhileComposing = false;
      composed = "";
      return;
    }
    if (event.isComposing) {
      enterWhileComposing = true;
      return;
    }
    if (event.keyCode === USED_BY_INPUT_METHOD && !HANGUL.test(composed)) return;
    event.preventDefault();
    sendOnce();
  };

  textarea.addEventListener("keydown", keydown, { signal });
  textarea.addEventListener("compositionstart", () => (composed = ""), { signal });
  textarea.addEventListener(
    "compositionend",
    ({ data }) => {
      composed = data;
      if (enterWhileComposing && HANGUL.test(data)) sendOnce();
      enterWhileComposing = false;
    },
    { signal },
  );
  textarea.addEventListener(
    "beforeinput",
    (event) => sent && event.inputType === "insertLineBreak" && event.preventDefault(),
    { signal },
  );
  textarea.addEventListener("keyup", (event) => isEnter(event) && (sent = false), { signal });
  textarea.addEventListener("blur", () => (sent = enterWhileComposing = false), { signal });
}
