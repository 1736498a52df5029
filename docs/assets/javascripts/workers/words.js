// The search worker: finds Korean and Japanese words inside longer ones and puts the page that is about them first.
//
// It takes the place of Material's worker (overrides/main.html names it) and speaks the same four messages. Material's
// looks words up by their beginning in a list of words between spaces, and Korean glues particles to its words while
// Japanese has no spaces at all: 라면을 and ラーメン店 are not found there by 라면 and ラーメン.

const [SETUP, READY, QUERY, RESULT] = [0, 1, 2, 3];

/** What Material's index holds: `location` "page/#section", `title`, `text` as HTML, perhaps `boost`, and our `words`.
 * @typedef {{location: string, title: string, text: string, boost?: number, words?: string[]}} Entry */
/** @typedef {{location: string, title: string, blocks: string[], body: string}} Section */
/** @typedef {{path: string, titles: string[], sections: Section[], words: string[], boost: number, length: number}} Page */

// What may hang on the end of a word without being a part of it. Longest first wins; 라면 and 이라면 ("if it is") are
// left out, because on this site they are noodles.
const KOREAN = (
  "은 는 이 가 을 를 의 에 도 만 과 와 로 으로 랑 이랑 나 이나 야 이야 란 이란 라 이라 라고 이라고 라는 이라는 라도 이라도 든지 이든지 " +
  "에서 에게 에게서 한테 한테서 께 께서 까지 부터 보다 처럼 마다 조차 마저 밖에 대로 만큼 뿐 하고 같은 같이 " +
  "에는 에도 에만 에서는 에서도 에서의 에게는 으로는 로는 으로도 로도 으로서 로서 으로써 로써 까지는 까지도 부터는 보다는 보다도 만은 만을 만이 " +
  "과는 와는 과의 와의 이랑은 랑은 하고는 들 들은 들이 들을 들의 들도 들과 들에게 " +
  "인 인데 인데요 인가 인가요 인지 인지요 이에요 예요 에요 이다 다 입니다 입니까 이죠 죠 이지 지 은요 는요 이요 요 이고 고 이며 며 이면 면 " +
  "한 할 함 해 해요 했다 했어요 하다 하는 하기 하는데 하는지 하나요 하려면 하려고 하면 하며 하지 하죠 하게 해서 해도 해야 합니다 합니까 했더니 할까 할까요 " +
  "된 될 됨 돼 돼요 되다 되는 되기 되나요 되면 되며 되고 됩니다 됐다 됐어요 시키다 시키기 있나요 없나요 있는 없는 있어요 없어요 있다 없다"
).split(" ");
const JAPANESE = (
  "は が を に で と の へ も や か ね よ な ば から まで より って では には とは へは にも でも とも への での との からの までの よりも からは までは " +
  "だけ しか ほど など なら なんて こそ さえ ごと ずつ のは のが のを のに ので のか のも だと だけで だけの について に関して に対して として にとって によって " +
  "です ですか でした でしょうか だ だった である ます ますか ません する した して しない される された させる させた させて できる できない できた したい すると すれば します しますか " +
  "ってなに って何 とは何 は何 とは何か とは何ですか って何ですか は何ですか どう はどう いくら はいくら はいくらですか"
).split(" ");
const ENGLISH = ["'s", "’s", "s", "es", "ing", "ed"];
const byLength = (/** @type {string[]} */ endings) => [...new Set(endings)].sort((a, b) => b.length - a.length);
const ENDINGS = { korean: byLength(KOREAN), japanese: byLength(JAPANESE), english: byLength(ENGLISH) };

// Japanese particles between two words that were typed without a space: 無料で使える.
const BETWEEN = /を|(?<=[\p{sc=Han}\p{sc=Kana}ー])(?:から|まで|より|[のがはにでとも])(?=[\p{sc=Han}\p{sc=Kana}])/u;
const TEASER = 90; // letters of a text to show on either side of the word that was found
const ENTITIES = /** @type {Record<string, string>} */ ({ amp: "&", lt: "<", gt: ">", quot: '"', "#x27": "'", "#39": "'", nbsp: " " });

/** @type {Page[]} */
let pages = [];
let corpus = "";
let meanLength = 1;

/** @param {string} html */
const plain = (html) =>
  html.replace(/<[^>]*>/g, "").replace(/&(#?\w+);/g, (whole, name) => ENTITIES[name] ?? whole).replace(/\s+/g, " ").trim();

/** @param {string} text */
const escaped = (text) => text.replace(/[&<>"]/g, (mark) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[mark] ?? mark);

/** @param {Entry[]} docs */
function setUp(docs) {
  /** @type {Map<string, Page>} */
  const found = new Map();
  for (const { location, title, text, boost, words } of docs) {
    const [path] = location.split("#");
    const blocks = text.split(/<\/?(?:p|ul|ol|li|pre|h\d|table|tr|div)\b[^>]*>/).map(plain).filter(Boolean);
    const section = { location, title: plain(title), blocks, body: blocks.join("\n") };
    const page = found.get(path);
    if (page) page.sections.push(section);
    else found.set(path, { path, titles: [], sections: [section], words: words ?? [], boost: boost ?? 1, length: 0 });
  }
  pages = [...found.values()];
  for (const page of pages) {
    // The name in the navigation, and where a page opens with a picture, its heading below that.
    page.titles = page.sections.slice(0, page.sections[1]?.location.endsWith("#top") ? 2 : 1).map(({ title }) => title);
    page.length = page.sections.reduce((sum, { body }) => sum + body.length, 0);
  }
  meanLength = pages.reduce((sum, { length }) => sum + length, 0) / pages.length || 1;
  corpus = pages.flatMap((page) => [...page.words, ...page.sections.flatMap(({ title, body }) => [title, body])]).join("\n");
}

/** A word as it may stand in a text: spaces inside it or not, hiragana or katakana, with or without a long vowel.
 * @param {string} word */
function pattern(word) {
  if (/^[\p{sc=Latn}\d]/u.test(word)) return new RegExp(`(?<![\\p{sc=Latn}\\d])${word.replace(/[^\p{L}\p{N}]/gu, "\\$&")}`, "giu");
  const letters = Array.from(word, (letter) => {
    const code = letter.charCodeAt(0);
    if (letter === "ー") return "ー?";
    if (code >= 0x3041 && code <= 0x3096) return `[${letter}${String.fromCharCode(code + 0x60)}]`;
    if (code >= 0x30a1 && code <= 0x30f6) return `[${letter}${String.fromCharCode(code - 0x60)}]`;
    return letter.replace(/[^\p{L}\p{N}]/u, "\\$&");
  });
  return new RegExp(letters.join(" ?"), "giu");
}

/** @param {string} text @param {string} word */
const count = (text, word) => text.match(pattern(word))?.length ?? 0;

/** How short a piece of a word may be: one ideograph can be a word, one syllable or kana cannot.
 * @param {string} word */
const longEnough = (word) => Array.from(word).length >= (/^\p{sc=Han}+$/u.test(word) ? 1 : /^[\p{sc=Latn}']+$/u.test(word) ? 4 : 2);

/** What is left of a word without each ending that it may have, the longest ending first.
 * @param {string} word */
function stems(word) {
  const last = word.at(-1) ?? "";
  const kind = /\p{sc=Hang}/u.test(last) ? "korean" : /[\p{sc=Hira}\p{sc=Kana}\p{sc=Han}]/u.test(last) ? "japanese" : "english";
  return ENDINGS[kind]
    .filter((ending) => word.endsWith(ending))
    .map((ending) => word.slice(0, -ending.length))
    .filter(longEnough);
}

/** The word, or what is left without its ending where that finds more; undefined when the site has neither.
 * @param {string} word @param {number} [depth] @returns {string | undefined} */
function stem(word, depth = 2) {
  const rests = stems(word);
  let [best, most] = [/** @type {string | undefined} */ (undefined), 0];
  for (const each of [word, ...rests]) {
    const found = count(corpus, each);
    if (found > most || (found === most && best && each.length > best.length)) [best, most] = [each, found];
  }
  for (const rest of depth ? rests : []) best ??= stem(rest, depth - 1);
  return best;
}

/** A word of the query as words of the site: itself, or those that it is made of.
 * @param {string} word @returns {string[]} */
function known(word) {
  const whole = stem(word);
  if (whole) return [whole];
  if (/^[\p{sc=Latn}\d'’.]+$/u.test(word)) return [];
  const clauses = word.split(BETWEEN).filter(Boolean);
  if (clauses.length > 1) return clauses.flatMap(known);
  const parts = pieces(word);
  const telling = parts.filter((part) => part.length > 1).join("").length * 2 > word.length;
  return telling && pages.some((page) => parts.every((part) => relevance(page, part))) ? parts : [];
}

/** Words of the site inside a longer one, each the longest from where it starts.
 * @param {string} word @returns {string[]} */
function pieces(word) {
  const letters = Array.from(word);
  for (let size = letters.length; size > 0; size -= 1) {
    const head = letters.slice(0, size).join("");
    if (longEnough(head) && count(corpus, head)) return [stem(head) ?? head, ...pieces(letters.slice(size).join(""))];
  }
  return letters.length > 1 ? pieces(letters.slice(1).join("")) : [];
}

/** How much a text is about a word, from 0 to 1; often helps less and less, and long texts have to say it oftener.
 * @param {string} text @param {string} word @param {number} length */
function density(text, word, length) {
  const times = count(text, word);
  return times / (times + 1 + (2 * length) / meanLength);
}

/** How much of the titles is the word: 0 without it, 2 for a title that is nothing else.
 * @param {string[]} titles @param {string} word */
const named = (titles, word) => Math.max(0, ...titles.map((title) => (count(title, word) ? 1 + word.length / Math.max(title.length, word.length) : 0)));

/** @param {Page} page @param {string} word */
function relevance(page, word) {
  const headings = page.sections.slice(page.titles.length).filter(({ title }) => count(title, word)).length;
  return (
    5 * named(page.titles, word) +
    3 * named(page.words, word) +
    2 * Math.log2(1 + headings) +
    6 * density(page.sections.map(({ body }) => body).join("\n"), word, page.length)
  );
}

/** @param {Section} section @param {string[]} words */
const strength = ({ title, body }, words) =>
  words.reduce((sum, word) => sum + (count(title, word) ? 1 : 0) + density(body, word, meanLength / 4), 0);

/** Text as HTML with the words marked.
 * @param {string} text @param {string[]} words */
function marked(text, words) {
  const spots = words.flatMap((word) => Array.from(text.matchAll(pattern(word)), (found) => [found.index, found.index + found[0].length]));
  let [html, end] = ["", 0];
  for (const [from, to] of spots.sort(([a], [b]) => a - b)) {
    if (from < end) continue;
    html += `${escaped(text.slice(end, from))}<mark>${escaped(text.slice(from, to))}</mark>`;
    end = to;
  }
  return html + escaped(text.slice(end));
}

/** A line or two of a section: around the words, or else its beginning.
 * @param {Section} section @param {string[]} words */
function teaser({ blocks }, words) {
  const telling = blocks.filter((block) => words.some((word) => count(block, word)));
  return (telling.length ? telling.slice(0, 2) : blocks.slice(0, 1))
    .map((block) => {
      const first = Math.max(0, Math.min(...words.map((word) => block.search(pattern(word))).filter((spot) => spot >= 0)));
      const [from, to] = [Number.isFinite(first) ? Math.max(0, first - TEASER) : 0, (Number.isFinite(first) ? first : 0) + TEASER];
      const text = `${from ? "…" : ""}${block.slice(from, to)}${to < block.length ? "…" : ""}`;
      return `<p>${marked(text, words)}</p>`;
    })
    .join("");
}

/** The results as Material shows them: per page its sections, the best first; scores fall from page to page.
 * @param {string} query */
function search(query) {
  const typed = query.normalize("NFKC").toLowerCase().split(/[^\p{L}\p{N}\p{M}'’.ー]+/u).map((word) => word.replace(/^[.'’]+|[.'’]+$/g, ""));
  const wanted = [...new Set(typed)].filter(Boolean).map((word) => ({ word, parts: known(word) }));
  const words = [...new Set(wanted.flatMap(({ parts }) => parts))];
  const whole = wanted.map(({ word }) => word).filter((word) => !words.includes(word));
  const rarity = new Map(
    [...words, ...whole].map((word) => [word, Math.log(1 + pages.length / (1 + pages.filter((page) => relevance(page, word)).length))]),
  );
  const worth = (/** @type {Page} */ page, /** @type {string} */ word) => (rarity.get(word) ?? 0) * relevance(page, word);
  const lost = wanted.filter(({ parts }) => !parts.length);
  return pages
    .map((page) => {
      const here = words.filter((word) => relevance(page, word));
      // The word as it was typed counts too: 전문가 is cut to 전문, and a page that says 전문가 is the better one.
      const sum = here.reduce((total, word) => total + worth(page, word), 0);
      const exact = whole.reduce((total, word) => total + worth(page, word), 0) * 0.6;
      return { page, here, score: page.boost * (sum + exact) * (here.length / (words.length + lost.length)) ** 2 };
    })
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .map(({ page, here, score }) => {
      const terms = Object.fromEntries([
        ...words.map((word) => [word, here.includes(word)]),
        ...lost.map(({ word }) => [word, false]),
      ]);
      const sections = page.sections
        .map((section) => ({ section, value: strength(section, here) }))
        .filter(({ section, value }) => value || section === page.sections[0])
        .sort((a, b) => b.value - a.value);
      const most = sections[0].value || 1;
      return sections.map(({ section, value }, place) => ({
        location: section.location,
        title: marked(section.title, here),
        text: teaser(section, here),
        score: place ? Math.min(0.99, value / most) * score : score,
        terms,
      }));
    });
}

/** Material asks before anybody has typed; the texts are fetched with the first word (i18n/search.py puts them there).
 * @type {Promise<void> | undefined} */
let ready;
const load = async () => setUp(await (await fetch(new URL("../../../search/texts.json", location.href))).json());

addEventListener("message", async ({ data: message }) => {
  if (message.type === SETUP) postMessage({ type: READY });
  if (message.type !== QUERY) return;
  const query = message.data.trim();
  if (query) await (ready ??= load());
  postMessage({ type: RESULT, data: { items: query ? search(query) : [] } });
});
