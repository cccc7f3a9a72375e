// The search: it comes when a reader opens it, and on its own page.
(() => {
  "use strict";
  const here = document.currentScript.src;

  // Search -------------------------------------------------------------------------------------------------
  // The index is cut by the first letters of words; a search fetches the parts that it needs, as scripts, so that a site
  // opened from a folder can search as well.
  const parts = new Map();
  const waiting = new Map();
  function part(name) {
    if (!parts.has(name))
      parts.set(
        name,
        new Promise((resolve) => {
          const script = document.createElement("script");
          waiting.set(name, resolve);
          script.src = new URL(`../../search/${name}.js`, here).href;
          script.onerror = () => resolve(null); // no word begins so
          document.head.append(script);
        }),
      );
    return parts.get(name);
  }
  const RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹";
  const power = (_, by, to) => `${by ?? 1}e${to.replace("⁻", "-").replace(/[⁰-⁹¹²³]/g, (sign) => RAISED.indexOf(sign))}`;
  const fold = (text) => text.replace(/(?:(\d+(?:\.\d+)?)\s*×\s*)?\b10\^?(?<=[0^])([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+|(?<=\^)-?\d+)/g, power).normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replace(/ø/g, "o").replace(/ł/g, "l").replace(/ß/g, "ss").replace(/\u00b5/g, "\u03bc").replace(/(\d),(?=\d{3})/g, "$1");
  const SHORES = [
    [/(?<=[a-z]{3})is(?=ations?$|es?$|ed$|ing$|ers?$)/g, "iz"],
    [/(?<=[a-z]{3})our(?=$|s$|al|ed$|ing$|able)/g, "or"],
    [/(?<=[a-z][^aeiou][aeiou])ll(?=(?:ed|ing|ers?)$)/g, "l"],
    [/(?<=[a-z]{2}[tb])re(?=s?$)/g, "er"],
    [/(?<=[aeiou]lo)gue(?=s?$)/g, "g"],
    [/(?<=^program)me(?=s?$)/g, ""],
    [/^skeptic/g, "sceptic"],
    [/^artefact/g, "artifact"],
    [/(?<=udg)e(?=ment)/g, ""],
    [/(?<=fen)ce(?=s?$)|(?<=licen)ce(?=s?$)/g, "se"],
    [/^grey/g, "gray"],
  ]; // as in search.py
  const stem = (word) => {
    if (/\d/.test(word)) return word;
    const one = SHORES.reduce((said, [pattern, by]) => said.replace(pattern, by), word);
    if (one.length > 4 && one.endsWith("ies")) return `${one.slice(0, -3)}y`;
    return one.length > 3 && /[^sui]s$/.test(one) ? one.slice(0, -1) : one;
  };
  const words = (text) => (fold(text).match(/\d+(?:\.\d+)+|[\p{L}\p{N}]+/gu) ?? []).map(stem);
  const shard = (word) => [...word.slice(0, 2)].map((c) => (/[a-z0-9]/.test(c) ? c : "_")).join("");

  // How many letters of two words differ: put in, left out, changed, or two that changed places.
  function apart(a, b) {
    let [older, old] = [[], [...Array(b.length + 1).keys()]];
    for (let i = 1; i <= a.length; i++) {
      const row = [i];
      for (let j = 1; j <= b.length; j++) {
        row[j] = Math.min(old[j] + 1, row[j - 1] + 1, old[j - 1] + (a[i - 1] !== b[j - 1]));
        if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) row[j] = Math.min(row[j], older[j - 2] + 1);
      }
      [older, old] = [old, row];
    }
    return old[b.length];
  }
  // What a word that nothing has may have been meant for.
  function meant(word, known) {
    if (word.length < 5 || /\d/.test(word)) return [];
    const most = word.length < 8 ? 1 : 2;
    const near = known.filter((other) => Math.abs(other.length - word.length) <= most).map((other) => [apart(word, other), other]);
    const least = Math.min(...near.map(([n]) => n));
    return least <= most ? near.filter(([n]) => n === least).map(([, other]) => other) : [];
  }

  // An identifier of arXiv, however it was pasted: as an address, with its prefix, with a version.
  const ARXIV = /(?:(?:https?:\/\/)?[\w.]*\barxiv\.org\/[a-z]+\/|\barxiv\s*:?\s*)?(?<![\d.])(\d{4}\.\d{4,5})(?:v\d+)?(?![\d.]*\d)(?:\.pdf)?(?:[#?]\S*)?/gi;

  async function find(typed) {
    const query = typed.replace(ARXIV, "$1"), asked = words(query);
    if (!asked.length) return [];
    const entries = await part("entries");
    if (!entries) throw new Error("the index could not be loaded");
    const [stop, parted] = [new Set(entries.stop), new Set(entries.parts)];
    const kept = asked.filter((word) => !stop.has(word));
    const wanted = [...new Set(kept.length ? kept : asked)];
    const last = asked.at(-1);
    const total = entries.list.length;
    const scores = new Map();
    for (const word of wanted) {
      const table = (parted.has(shard(word)) && (await part(shard(word)))) || {};
      const open = word === last && !/\s$/.test(query) && word.length > 1;
      const found = new Map();
      let fitting = Object.keys(table).filter((known) => known === word || (open && known.startsWith(word)));
      if (!fitting.length) fitting = meant(word, Object.keys(table));
      for (const known of fitting) {
        const places = table[known];
        const exact = known === word ? 1 : 0.6;
        const rare = Math.log(1 + total / (places.length / 2));
        let at = 0;
        for (let i = 0; i < places.length; i += 2) {
          at += places[i];
          found.set(at, Math.max(found.get(at) ?? 0, exact * rare * places[i + 1]));
        }
      }
      for (const [at, score] of found) {
        const held = scores.get(at) ?? [0, 0];
        scores.set(at, [held[0] + score, held[1] + 1]);
      }
    }
    const plain = words(query.replace(/_/g, " ")).join(" ");
    const most = Math.max(0, ...[...scores.values()].map(([, n]) => n));
    const ranked = [...scores]
      .filter(([, [, n]]) => n === most || n >= wanted.length - 1 || 2 * n > wanted.length) // of a whole question more than half
      .map(([at, [score, n]]) => {
        const [group, title, url, of] = entries.list[at];
        const name = words(title).join(" ");
        const id = words(`/${url}`.replace(/^.*[/#](?:(?:s|claim|term)-)?|\.html$/g, "").replace(/[_-]/g, " ")).join(" ");
        const fits = id === plain ? 3 : name === plain ? 3 : name.startsWith(plain) ? 1.6 : name.includes(plain) ? 1.3 : 1;
        return { group: entries.groups[group], title, url, of: of === undefined ? "" : entries.of[of], score: (score * fits * entries.weights[group] * n) / wanted.length / (1 + Math.log(1 + name.length / 60)) };
      });
    return ranked.sort((a, b) => b.score - a.score);
  }

  const element = (name, attributes, ...children) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  };
  const rootUrl = new URL("../../", here);
  function marked(text, query) {
    const asked = new Set(words(query));
    return text.split(/([\p{L}\p{N}]+)/u).map((piece) => (asked.has(stem(fold(piece))) ? element("mark", {}, piece) : piece));
  }
  async function showIn(box, query, most) {
    const said = box.querySelector("[role=status]") ?? box.appendChild(element("p", { role: "status" }));
    box.dataset.for = query;
    if (!query.trim()) return box.replaceChildren(said), (said.textContent = "");
    let found;
    try {
      found = await find(query);
    } catch (error) {
      said.textContent = `The search does not work here: ${error.message}.`;
      return;
    }
    if (box.dataset.for !== query) return; // a newer search is on its way
    const groups = Map.groupBy ? Map.groupBy(found, (f) => f.group) : found.reduce((all, f) => all.set(f.group, [...(all.get(f.group) ?? []), f]), new Map());
    said.textContent = found.length ? `${found.length} places, the best first in each group` : "Nothing found. Fewer words, or a name, may find more.";
    box.replaceChildren(
      said,
      ...[...groups].map(([group, items]) =>
        element(
          "section",
          { "aria-label": group },
          element("h2", {}, `${group} `, element("small", {}, String(items.length))),
          element("ul", {}, ...items.slice(0, most).map((f) => element("li", {}, element("a", { href: new URL(f.url, rootUrl).href }, ...marked(f.title, query)), f.of ? element("small", {}, ` ${f.of}`) : ""))),
        ),
      ),
    );
    box.dataset.shown = query;
  }
  function later(act) {
    let timer;
    return (...given) => {
      clearTimeout(timer);
      timer = setTimeout(() => act(...given), 120);
    };
  }
  function search() {
    const dialogue = document.getElementById("pst-search-dialog");
    const field = dialogue?.querySelector("input");
    if (dialogue && field) {
      const box = dialogue.appendChild(element("div", { class: "review-search" }));
      field.addEventListener("input", later(() => showIn(box, field.value, 5)));
      if (field.value) showIn(box, field.value, 5);
      dialogue.addEventListener("click", (event) => {
        if (event.target === dialogue || event.target.closest(".review-search a")) dialogue.close();
      });
      document.addEventListener("keydown", (event) => {
        if (!dialogue.open || !["ArrowDown", "ArrowUp"].includes(event.key)) return;
        const stops = [field, ...box.querySelectorAll("a")];
        const at = stops.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
        event.preventDefault();
        stops[Math.max(0, Math.min(at, stops.length - 1))].focus();
      });
    }
    const page = document.querySelector(".review-search--page");
    if (page) {
      const own = document.querySelector(".review-search__form input");
      const box = page;
      own.value = new URLSearchParams(location.search).get("q") ?? "";
      own.addEventListener("input", later(() => {
        try {
          history.replaceState(null, "", own.value ? `?q=${encodeURIComponent(own.value)}` : location.pathname);
        } catch {
          /* a page read from a file may not change its address */
        }
        showIn(box, own.value, 20);
      }));
      if (own.value) showIn(box, own.value, 20);
    }
  }

  window.reviewSearch = { find, take: (name, data) => waiting.get(name)?.(data) };
  if (!document.querySelector(".review-search--page")) part("entries"); // the page of search waits for a question
  search();
})();
