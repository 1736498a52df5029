// The header stays while instant navigation swaps the page below it, so its language links have to follow the
// reader: same page, same place on it.
(() => {
  const follow = () => {
    const home = new URL(window.__md_scope ?? ".", location.href);
    const here = location.href.slice(home.href.length);
    if (!location.href.startsWith(home.href)) return;
    for (const link of document.querySelectorAll("a[data-language-root]")) {
      link.href = new URL(link.dataset.languageRoot, home).href + here;
    }
  };
  window.document$.subscribe(follow);
  addEventListener("hashchange", follow);
})();
