// What a page can do with scripts: charts can be pointed at, numbers and terms open, tables sort, things can be taken away.
// Without it every chart is a picture, every number a link, every table a table.
(() => {
  "use strict";
  const here = document.currentScript.src;

  function element(name, attributes = {}, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
      else made.setAttribute(key, value);
    }
    made.append(...children);
    return made;
  }

  // A table as the package writes one: of four columns and more, cards on a phone.
  function tableOf(caption, columns, rows) {
    const cards = columns.length >= 4;
    const row = (cells) => element("tr", {}, ...cells.map((said, i) => (i ? element("td", cards ? { "data-label": columns[i] } : {}, said) : element("th", { scope: "row" }, said))));
    const head = element("tr", {}, ...columns.map((name) => element("th", { scope: "col" }, name)));
    return element("div", { class: cards ? "review-table review-table--cards" : "review-table", tabindex: "0", role: "region", "aria-label": caption }, element("table", {}, element("caption", {}, element("span", {}, caption)), element("thead", {}, head), element("tbody", {}, ...rows.map(row))));
  }

  function save(name, type, text) {
    const address = URL.createObjectURL(new Blob([text], { type }));
    element("a", { href: address, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  }

  const cell = (value) => {
    const text = value === null || value === undefined ? "" : typeof value === "object" ? JSON.stringify(value) : String(value);
    return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  // A page sets numbers as print does; a program wants them as they are typed: −3 is -3, and 6.8 × 10⁹ is 6.8e9.
  const typed = (text) =>
    text.replace(/−(?=\d)/g, "-").replace(/(?:(\d+(?:\.\d+)?)\s*×\s*)?\b10(⁻?)([⁰¹²³⁴⁵⁶⁷⁸⁹]+)/g, (_, first, sign, power) => `${first ?? 1}e${sign && "-"}${[...power].map((c) => "⁰¹²³⁴⁵⁶⁷⁸⁹".indexOf(c)).join("")}`);
  const csv = (rows) => rows.map((row) => row.map(cell).join(",")).join("\n") + "\n";
  const fileName = (label) => label.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "").slice(0, 60) || "data";

  async function copy(text, button) {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = element("textarea", { class: "review-offscreen" });
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
    const before = button.textContent;
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = before), 1500);
  }

  // Charts ------------------------------------------------------------------------------------------------
  // A chart is a picture. Near the screen the picture is put into the page, so that it has the page's ink and its marks
  // can be pointed at. Vega comes only where a chart has inputs and a reader asks for them.
  const narrow = matchMedia("(max-width: 47.99rem)");
  const files = location.protocol === "file:";

  const kindNow = () => (narrow.matches ? "phone" : "wide");
  const drawn = (chart, kind) => chart.dataset.state === "live" || chart.querySelector(".review-chart__view").dataset.kind === kind || files;
  const drawing = (chart, kind) => `${chart.dataset.chart}${kind === "phone" ? "-phone" : ""}.svg`;
  async function intoPage(chart) {
    const kind = kindNow();
    if (drawn(chart, kind)) return;
    const answer = await fetch(drawing(chart, kind));
    if (answer.ok) show(chart, kind, await answer.text());
  }
  // Paper does not wait for what is on its way: a picture that nobody came near is asked for at once, for the page's font.
  function forPaper(chart) {
    if (drawn(chart, kindNow())) return;
    const asked = new XMLHttpRequest();
    asked.open("GET", drawing(chart, kindNow()), false);
    asked.send();
    if (asked.status === 200) show(chart, kindNow(), asked.responseText);
  }

  function show(chart, kind, text) {
    const view = chart.querySelector(".review-chart__view");
    const svg = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
    if (svg.nodeName !== "svg" || chart.dataset.state === "live") return;
    if (kind !== kindNow()) return; // the screen turned back meanwhile, and has its drawing
    svg.querySelector("style")?.remove(); // the ink of a picture that stands alone
    const picture = view.querySelector("picture");
    const said = picture?.querySelector("img").alt ?? view.querySelector("svg").getAttribute("aria-label");
    svg.removeAttribute("aria-hidden");
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", said);
    view.tabIndex = 0; // the arrow keys go from mark to mark, and scroll what is wider than its place
    view.setAttribute("role", "group");
    view.setAttribute("aria-label", svg.querySelector("[data-t]") ? "Figure; arrow keys read its marks" : "Figure");
    view.dataset.kind = kind;
    view.replaceChildren(document.importNode(svg, true));
  }

  let bundle;
  const load = (address) =>
    new Promise((resolve, reject) => {
      const script = element("script", { src: address });
      script.onload = resolve;
      script.onerror = () => reject(new Error(`${address} could not be loaded`));
      document.head.append(script);
    });

  // What a tooltip of Vega says, as the drawings write it: 5.76e+23 is 5.76 × 10²³.
  const inWords = (value) => String(value).replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/^([−-]?[\d.]+)e\+?([−-]?)(\d+)$/, (_, digits, sign, power) => `${digits} × 10<sup>${sign && "−"}${power}</sup>`);

  async function explore(chart, button) {
    const view = chart.querySelector(".review-chart__view");
    button.disabled = true;
    try {
      bundle ??= load(new URL("vega.js", here).href);
      await Promise.all([bundle, load(`${chart.dataset.chart}.js`)]);
      const address = Object.keys(window.reviewSpecs).find((name) => chart.dataset.chart.endsWith(`charts/${name}`));
      const { datasets, ...specs } = window.reviewSpecs[address];
      const live = element("div");
      // The AST interpreter needs no eval, which the page's policy forbids.
      await window.reviewVega.vegaEmbed(live, { ...specs[narrow.matches ? "phone" : "wide"], datasets }, { renderer: "svg", actions: false, ast: true, logLevel: 1, tooltip: { theme: "custom", sanitize: inWords } });
      live.querySelector("svg")?.setAttribute("aria-hidden", "true");
      chart.dataset.state = "live";
      for (const name of ["tabindex", "role", "aria-label"]) view.removeAttribute(name);
      view.replaceChildren(live);
      button.remove();
      live.querySelector("input, select")?.focus();
    } catch (error) {
      button.disabled = false;
      button.textContent = "The inputs could not be loaded";
      console.warn(error);
    }
  }

  function charts(within) {
    const all = within.querySelectorAll(".review-chart");
    for (const chart of all) {
      const button = chart.querySelector("[data-act=explore]");
      button?.addEventListener("click", () => explore(chart, button));
    }
    if (!("IntersectionObserver" in window) || files) return;
    const near = new Set();
    const watch = new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting } of entries) {
          isIntersecting ? near.add(target) : near.delete(target);
          if (isIntersecting) intoPage(target).catch((error) => console.warn("A chart stays a plain picture:", error));
        }
      },
      { rootMargin: "400px" },
    );
    all.forEach((chart) => watch.observe(chart));
    narrow.addEventListener("change", () => near.forEach((chart) => intoPage(chart)));
    addEventListener("beforeprint", () => all.forEach(forPaper));
  }

  // Paper is white, whatever theme the reader chose.
  const root = document.documentElement.dataset;
  let chosen;
  addEventListener("beforeprint", () => {
    chosen ??= root.theme; // a browser may ask twice before it prints
    root.theme = "light";
  });
  addEventListener("afterprint", () => {
    root.theme = chosen ?? root.theme;
    chosen = undefined;
  });

  // Numbers and terms --------------------------------------------------------------------------------------
  // A card stands in the top layer, where no table cuts it off: in the margin where the screen has one, else below its
  // number, or above it near the foot of the screen; on a phone it is a sheet, on the half of the screen that its number
  // is not on. Without scripts, or without popovers, the style sheet shows it below its number.
  const report = document.querySelector('meta[name="review-report"]')?.content;
  const reporting = (record) => {
    const address = new URL(report);
    address.searchParams.set("record", record);
    return address.href;
  };

  function place(num) {
    const card = num.querySelector(".num__card");
    const [room, gap] = [document.documentElement.clientWidth, 6];
    for (const name of ["left", "top", "maxHeight"]) card.style[name] = "";
    card.classList.remove("num__card--margin");
    const lines = num.querySelector("a").getClientRects();
    const [first, last] = [lines[0], lines[lines.length - 1]];
    if (matchMedia("(max-width: 40rem)").matches) {
      card.style.top = first.top > innerHeight / 2 ? "4vw" : `${innerHeight - card.offsetHeight - 16}px`;
      return;
    }
    const column = (num.closest("p, li, dd, figcaption") ?? num).getBoundingClientRect();
    const bar = document.getElementById("pst-secondary-sidebar")?.getBoundingClientRect();
    const margin = Math.min(bar?.width ? bar.left : room, room) - column.right; // a narrow screen keeps its bar beyond the edge
    if (margin > 16.5 * parseFloat(getComputedStyle(document.documentElement).fontSize) && !num.closest("table, .review-card")) {
      card.classList.add("num__card--margin");
      card.style.left = `${scrollX + column.right + 24}px`;
      card.style.top = `${scrollY + Math.max(gap, Math.min(first.top - 4, innerHeight - card.offsetHeight - gap))}px`;
      return;
    }
    card.style.left = `${scrollX + Math.max(gap, Math.min(first.left, room - card.offsetWidth - gap))}px`;
    const [above, below] = [first.top - 2 * gap, innerHeight - last.bottom - 2 * gap];
    const up = below < card.offsetHeight && above > below;
    card.style.maxHeight = `${Math.max(up ? above : below, 120)}px`;
    card.style.top = `${scrollY + (up ? first.top - gap - card.offsetHeight : last.bottom + gap)}px`;
  }

  const cardOf = (num) => num.querySelector(".num__card");
  const shown = () => document.querySelector(".num__card:popover-open")?.closest(".num");
  function close(num) {
    clearTimeout(num.closing);
    cardOf(num).hidePopover();
  }
  function open(num) {
    clearTimeout(num.closing);
    const card = cardOf(num);
    if (!card || card.matches(":popover-open")) return;
    if (shown()) close(shown());
    if (!card.popover) dress(num, card);
    card.popover = "manual";
    card.showPopover();
    place(num);
  }
  // A card in the margin hides nothing, and stays until another opens; one over the text goes a moment after the pointer.
  function leave(num) {
    if (num !== shown() || num.contains(document.activeElement) || cardOf(num).classList.contains("num__card--margin")) return;
    clearTimeout(num.closing);
    num.closing = setTimeout(() => num.matches(":hover") || close(num), 250);
  }

  function dress(num, card) {
    if (num.classList.contains("term")) return;
    const link = num.querySelector("a");
    const said = () => `${link.textContent} (${[...card.querySelectorAll(":scope > span")].map((s) => s.innerText.trim()).join("; ")})`;
    card.append(element("button", { type: "button", class: "review-copy", onclick: (event) => copy(`${said()}. ${document.title}, ${link.href}`, event.currentTarget) }, "Copy the citation"));
    if (report) card.append(" ", element("a", { class: "review-copy", href: reporting(`${link.textContent}: ${link.href.replace(new URL("../../", here).href, "")}`) }, "Report an error in it"));
  }

  // The page listens, and not each number: a card that comes later is as good as one that was there.
  function numbers() {
    if (!HTMLElement.prototype.showPopover) return;
    const at = (event) => event.target.closest?.(".num");
    const out = (event) => at(event) && !at(event).contains(event.relatedTarget) && leave(at(event));
    let touched = false;
    document.addEventListener("pointerover", (event) => at(event) && event.pointerType !== "touch" && open(at(event)));
    document.addEventListener("pointerout", (event) => event.pointerType !== "touch" && out(event));
    document.addEventListener("focusin", (event) => event.target.matches(".num__value:focus-visible") && open(at(event)));
    document.addEventListener("focusout", out);
    document.addEventListener("pointerdown", (event) => {
      touched = event.pointerType === "touch";
      if (shown() && shown() !== at(event)) close(shown());
    });
    document.addEventListener("click", (event) => {
      if (!touched || !event.target.closest(".num > a") || !cardOf(at(event)) || shown() === at(event)) return;
      event.preventDefault(); // the first tap opens the card, the second follows the link
      open(at(event));
    });
    document.addEventListener("keydown", (event) => event.key === "Escape" && shown() && close(shown()));
    addEventListener("resize", () => shown() && close(shown()));
  }

  // What an address seeks within its page; one with a broken sign is taken as it stands, and seeks what there is not.
  function sought() {
    try {
      return decodeURIComponent(location.hash.slice(1));
    } catch {
      return location.hash.slice(1);
    }
  }

  // An error is reported with the place that the reader stands at: a statement, a row, an anchor of the address.
  function reportable(within) {
    if (!report) return;
    for (const one of within.querySelectorAll(".review-statement[id]"))
      one.append(element("p", { class: "review-note" }, element("a", { href: reporting(one.id.replace(/^s-/, "")) }, "Report an error in this statement")));
  }
  function reports() {
    if (!report) return;
    const link = [...document.querySelectorAll(".review-tools a")].find((a) => a.href === report);
    const follow = () => location.hash.length > 1 && link && (link.href = reporting(sought()));
    addEventListener("hashchange", follow);
    follow();
  }

  // The cards of a long page come when its reader first moves, and are there before a number is reached.
  function cards() {
    const file = document.querySelector("[data-cards]")?.dataset.cards;
    if (!file) return;
    const signs = ["pointermove", "pointerdown", "keydown", "focusin", "scroll", "wheel"];
    const come = async () => {
      signs.forEach((sign) => removeEventListener(sign, come, true));
      await load(file);
      const bare = [...document.querySelectorAll("[data-cards] .num:not(:has(.num__card))")];
      window.reviewCards.forEach(([id, said], i) => {
        const card = element("span", { class: "num__card", id });
        card.innerHTML = said;
        bare[i].querySelector("a").setAttribute("aria-describedby", id);
        bare[i].append(card);
        if (bare[i].matches(":hover, :has(:focus-visible)")) open(bare[i]);
      });
    };
    signs.forEach((sign) => addEventListener(sign, come, { capture: true, passive: true }));
  }

  // A citation says what it cites, and a mark of the map its sentence, when it is pointed at: their page is asked once.
  const asked = new Map();
  async function cite(event) {
    const link = event.target.closest?.('a[href*="#ref-"]:not([title]), a.map__mark[href*="#s-"]:not([data-said])');
    if (!link || files) return;
    link.title ||= link.textContent;
    link.dataset.said = "";
    const [address, id] = link.href.split("#");
    if (!asked.has(address)) asked.set(address, fetch(address).then(async (answer) => new DOMParser().parseFromString(await answer.text(), "text/html")));
    const entry = (await asked.get(address).catch(() => asked.delete(address) && null))?.getElementById?.(id);
    const said = entry?.querySelector("h2, p:not(.review-statement__grade)")?.textContent;
    if (said) link.title = link.classList.contains("map__mark") ? `${link.title}: ${said}` : said;
  }

  // The rest of a long table comes as its reader nears it, what stands behind a chapter for an address that leads into it;
  // where it does not come, its link stays.
  // It comes piece by piece, the rows of a long table a few at a time, and between the pieces the page answers.
  const coming = new Map();
  const AT_ONCE = 8;
  const breath = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  async function put(nodes, place) {
    for (let i = 0; i < nodes.length; i += AT_ONCE) {
      place(nodes.slice(i, i + AT_ONCE));
      await breath();
    }
  }
  async function fetched(box) {
    const into = box.dataset.of && document.querySelector(`[data-rest="${box.dataset.of}"]`);
    for (const link of [...box.querySelectorAll("a")]) {
      const answer = await fetch(link.href);
      if (!answer.ok) return;
      const text = await answer.text();
      await breath();
      const part = document.importNode(new DOMParser().parseFromString(text, "text/html").querySelector(".review-part"), true);
      await breath();
      ready(part);
      if (into) await put([...part.querySelectorAll("tbody > tr, .citation")], (some) => (into.querySelector("tbody") ?? into).append(...some));
      else
        for (const node of [...part.children]) {
          const body = node.querySelector("tbody");
          const rows = [...(body?.rows ?? [])].slice(AT_ONCE);
          rows.forEach((row) => row.remove());
          await put([node], ([one]) => box.before(one));
          await put(rows, (some) => body.append(...some));
        }
      link.remove();
    }
    box.remove();
  }
  function whole(box) {
    if (!coming.has(box)) coming.set(box, fetched(box).catch((error) => console.warn("The rest stays behind its link:", error)));
    return coming.get(box);
  }
  const restOf = (table) => document.querySelector(`.review-rest[data-of="${table.closest("[data-rest]")?.dataset.rest}"]`);

  async function followHash() {
    const id = sought();
    const found = () => document.getElementById(id);
    if (!id || (found() && !found().closest(".review-rest"))) return;
    const boxes = [...document.querySelectorAll(".review-rest")];
    const first = found()?.closest(".review-rest");
    for (const box of first ? [first, ...boxes] : boxes) {
      await whole(box);
      if (found() && !found().closest(".review-rest")) return found().scrollIntoView();
    }
  }
  function rests() {
    if (!document.querySelector(".review-rest") || files) return;
    addEventListener("hashchange", followHash);
    followHash();
    const boxes = document.querySelectorAll(".review-rest[data-of]"); // what stands behind a chapter has pages to go to
    if (!boxes.length || !("IntersectionObserver" in window)) return;
    const watch = new IntersectionObserver(
      (entries) => entries.filter((entry) => entry.isIntersecting).forEach(({ target }) => (watch.unobserve(target), whole(target))),
      { rootMargin: "900px" },
    );
    const signs = ["scroll", "wheel", "pointerdown", "keydown"]; // a page that is only opened asks for no more
    const near = () => {
      signs.forEach((sign) => removeEventListener(sign, near));
      boxes.forEach((box) => watch.observe(box));
    };
    signs.forEach((sign) => addEventListener(sign, near, { passive: true }));
  }

  // Tables -------------------------------------------------------------------------------------------------
  // A cell is sorted by its value: the number that stands first in it, wherever most cells of the column begin with one.
  const asNumber = (text) => {
    const found = typed(text).replace(/(\d),(?=\d{3})/g, "$1").replace(/[−–](?=\d)/g, "-").match(/^(?:about|at least|at most|over|under|up to|less than|more than)?[^\p{L}\d-]*(-?\d+(?:\.\d+)?)(?:\s*[x×]\s*10([-−⁻]?[\d⁰¹²³⁴⁵⁶⁷⁸⁹]+)|e([+-]?\d+)|\s(thousand|million|billion|trillion)\b)?/iu);
    if (!found) return NaN;
    const raised = (found[2] ?? "").replace(/[⁰¹²³⁴⁵⁶⁷⁸⁹]/g, (c) => "⁰¹²³⁴⁵⁶⁷⁸⁹".indexOf(c)).replace(/[⁻−]/, "-");
    const word = ["thousand", "million", "billion", "trillion"].indexOf(found[4]?.toLowerCase()) + 1;
    return Number(found[1]) * 10 ** (Number(found[3] ?? raised ?? 0) + 3 * word);
  };
  const firstLine = (cell) => (cell?.dataset.value ?? cell?.querySelector(":scope > div")?.textContent ?? cell?.textContent ?? "").trim();

  function sortBy(table, column, header) {
    const body = table.tBodies[0];
    const up = header.getAttribute("aria-sort") !== "ascending";
    const texts = new Map([...body.rows].map((row) => [row, firstLine(row.cells[column])]));
    const empty = (text) => text === "" || text === "–" || text === "not reported";
    const full = [...texts.values()].filter((text) => !empty(text));
    const dates = full.every((text) => /^\d{4}(-\d{2}){0,2}$/.test(text));
    const numeric = !dates && full.filter((text) => !Number.isNaN(asNumber(text))).length > full.length / 2;
    const missing = (text) => empty(text) || (numeric && Number.isNaN(asNumber(text)));
    const order = (a, b) => {
      const [x, y] = [texts.get(a), texts.get(b)];
      if (missing(x) || missing(y)) return missing(x) - missing(y); // what is missing stays last, either way
      const way = numeric ? asNumber(x) - asNumber(y) : x.localeCompare(y, "en", { numeric: !dates });
      return up ? way : -way;
    };
    const rows = [...body.rows].sort(order);
    table.querySelectorAll("thead th").forEach((th) => th.removeAttribute("aria-sort"));
    header.setAttribute("aria-sort", up ? "ascending" : "descending");
    body.append(...rows);
  }

  // A table is sorted and taken away with all its rows.
  function complete(table, act) {
    const box = !files && restOf(table);
    return box ? whole(box).then(act) : act();
  }

  function tables(within) {
    for (const table of within.querySelectorAll(".review-table table")) {
      if (!table.tHead || !table.tBodies[0]) continue;
      if (table.tBodies[0].rows.length > 2)
        [...table.tHead.rows[0].cells].forEach((header, column) => {
          const button = element("button", { type: "button", class: "review-sort", onclick: () => complete(table, () => sortBy(table, column, header)) });
          button.append(...header.childNodes);
          if (button.lastChild?.nodeType === Node.TEXT_NODE) button.lastChild.textContent = button.lastChild.textContent.trimEnd(); // a space before the arrow would part them
          button.append(element("span", { class: "review-sort__way" }));
          const unit = button.querySelector(".unit");
          if (unit?.previousSibling) {
            unit.previousSibling.textContent = unit.previousSibling.textContent.trimEnd();
            unit.before(button.lastChild, " "); // the arrow stands beside the name, not below its unit
          }
          header.append(button);
        });
      const rows = () => [...table.rows].filter((row) => !row.hidden).map((row) => [...row.cells].map((c) => typed(c.innerText.trim())));
      const name = () => `${fileName(table.caption?.textContent ?? "table")}${[...table.rows].some((row) => row.hidden) ? "-filtered" : ""}`;
      table.closest(".review-table").after(
        element("div", { class: "review-table__tools" }, element("button", { type: "button", "aria-label": `This table as CSV: ${table.caption?.textContent ?? ""}`, onclick: () => complete(table, () => save(`${name()}.csv`, "text/csv", csv(rows()))) }, "CSV")),
      );
    }
  }

  // The rest -----------------------------------------------------------------------------------------------
  function copying() {
    document.querySelectorAll("button.review-copy").forEach((button) => {
      const text = button.closest("details, section, div")?.querySelector("pre");
      if (text) button.addEventListener("click", () => copy(text.textContent, button));
    });
  }

  function freshness() {
    const strip = document.querySelector(".review-fresh[data-swept]");
    if (!strip) return;
    const days = Math.floor((Date.now() - Date.parse(strip.dataset.swept)) / 86400000);
    if (days <= Number(strip.dataset.warnAfter)) return;
    strip.classList.add("review-fresh--stale");
    strip.setAttribute("role", "status");
    strip.querySelector(".review-fresh__words").textContent =
      `Not fresh: the literature was last searched ${days} days ago, on ${strip.dataset.swept}. What came out since is not here.`;
  }

  // Statements of a page, filtered by grade, kind of evidence and words.
  function statements() {
    const form = document.querySelector(".review-filter");
    if (!form) return;
    const all = [...document.querySelectorAll(".review-statement")];
    const filter = () => {
      const words = form.elements.q.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const one of all) {
        const text = one.textContent.toLowerCase();
        one.hidden =
          (form.elements.grade.value && one.dataset.grade !== form.elements.grade.value) ||
          (form.elements.kind.value && !one.dataset.kinds.split(" ").includes(form.elements.kind.value)) ||
          !words.every((word) => text.includes(word));
        shown += !one.hidden;
      }
      form.querySelector("[role=status]").textContent = `${shown} of ${all.length} statements${shown ? "" : ": none has all that is chosen, one choice fewer shows more"}`;
    };
    form.addEventListener("input", filter);
    form.addEventListener("submit", (event) => event.preventDefault());
  }

  window.review = { element, tableOf, copy, save, csv };
  const ready = (within) => [charts, tables, reportable].forEach((part) => part(within));
  const start = () => {
    ready(document);
    [numbers, cards, rests, reports, copying, freshness, statements].forEach((part) => part());
    document.addEventListener("pointerover", cite, { passive: true });
    document.addEventListener("focusin", cite);
  };
  document.readyState === "loading" ? document.addEventListener("DOMContentLoaded", start) : start();
})();
