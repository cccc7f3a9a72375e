// What a page can do with scripts: charts come to life, numbers and terms open, tables sort, things can be taken away.
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

  function save(name, type, text) {
    const address = URL.createObjectURL(new Blob([text], { type }));
    element("a", { href: address, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  }

  const cell = (value) => {
    const text = value === null || value === undefined ? "" : typeof value === "object" ? JSON.stringify(value) : String(value);
    return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
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
  let bundle;
  const loadVega = () =>
    (bundle ??= new Promise((resolve, reject) => {
      const script = element("script", { src: new URL("vega.js", here).href });
      script.onload = () => resolve(window.reviewVega.vegaEmbed);
      script.onerror = () => reject(new Error("vega.js could not be loaded"));
      document.head.append(script);
    }));

  const specOf = (chart) => JSON.parse(chart.querySelector("script").textContent);

  async function enliven(chart) {
    const view = chart.querySelector(".review-chart__view");
    try {
      const embed = await loadVega();
      const live = element("div");
      // The AST interpreter needs no eval, which the page's policy forbids.
      await embed(live, specOf(chart), { renderer: "svg", actions: false, ast: true, logLevel: 1, tooltip: { theme: "custom" } });
      live.querySelector("svg")?.setAttribute("aria-hidden", "true");
      view.replaceChildren(live);
      chart.dataset.state = "live";
    } catch (error) {
      chart.dataset.state = "static";
      console.warn("A chart stays a static picture:", error);
    }
  }

  function dataOf(spec) {
    const sets = Object.values(spec.datasets ?? {}).filter(Array.isArray);
    const inline = (node) => {
      if (!node || typeof node !== "object") return;
      if (Array.isArray(node.data?.values)) sets.push(node.data.values);
      for (const key of ["layer", "hconcat", "vconcat", "concat", "spec"]) [node[key]].flat().forEach(inline);
    };
    inline(spec);
    const columns = [...new Set(sets.flat().flatMap((row) => Object.keys(row)))];
    const several = sets.length > 1;
    const rows = sets.flatMap((set, i) => set.map((row) => [...(several ? [i + 1] : []), ...columns.map((c) => row[c])]));
    return csv([[...(several ? ["set"] : []), ...columns], ...rows]);
  }

  function pictureOf(chart) {
    const svg = chart.querySelector("svg").cloneNode(true);
    const style = getComputedStyle(chart);
    svg.setAttribute("xmlns", "http://www.w3.org/2000/svg");
    svg.setAttribute("color", style.color);
    svg.style.background = getComputedStyle(document.body).backgroundColor;
    return svg.outerHTML;
  }

  function citationOf(chart) {
    const version = document.querySelector('meta[name="review-version"]').content;
    const place = chart.closest("[id]");
    const address = location.href.split("#")[0] + (place && place.id !== "main-content" ? `#${place.id}` : "");
    return `${chart.getAttribute("aria-label")} Figure in: ${document.title}. ${version}. ${address}`;
  }

  function tools(chart) {
    const name = fileName(chart.getAttribute("aria-label"));
    const button = (text, label, act) => element("button", { type: "button", "aria-label": label, onclick: act }, text);
    chart.append(
      element(
        "div",
        { class: "review-chart__tools" },
        button("Data", "Data of this chart as CSV", () => save(`${name}.csv`, "text/csv", dataOf(specOf(chart)))),
        button("Image", "Image of this chart as SVG", () => save(`${name}.svg`, "image/svg+xml", pictureOf(chart))),
        button("Cite", "Cite this chart", (event) => copy(citationOf(chart), event.currentTarget)),
      ),
    );
  }

  function charts() {
    const all = document.querySelectorAll(".review-chart");
    all.forEach(tools);
    if (!("IntersectionObserver" in window)) return;
    const watch = new IntersectionObserver(
      (entries) => {
        for (const entry of entries.filter((e) => e.isIntersecting)) {
          watch.unobserve(entry.target);
          enliven(entry.target);
        }
      },
      { rootMargin: "200px" },
    );
    // Most charts are complete as pictures: Vega comes when a reader points at one, for its tooltips. A chart with inputs
    // needs it to show them at all, but not before the reader does something: a phone would wait for the script.
    const inputs = [...all].filter((chart) => /"bind":\s*\{/.test(chart.querySelector("script").textContent));
    for (const chart of all) {
      if (inputs.includes(chart)) continue;
      chart.addEventListener("pointerenter", () => enliven(chart), { once: true });
    }
    if (!inputs.length) return;
    const signs = ["scroll", "pointermove", "pointerdown", "keydown", "focusin"];
    const begin = (event) => {
      if (event.type === "scroll" && event.target !== document) return; // the theme scrolls its own side bar on loading
      signs.forEach((sign) => removeEventListener(sign, begin, true));
      inputs.forEach((chart) => watch.observe(chart));
    };
    signs.forEach((sign) => addEventListener(sign, begin, { capture: true, passive: true }));
  }

  // Numbers and terms --------------------------------------------------------------------------------------
  function place(num) {
    const card = num.querySelector(".num__card");
    card.style.removeProperty("--shift");
    const box = card.getBoundingClientRect();
    const over = box.right - document.documentElement.clientWidth + 12;
    if (over > 0) card.style.setProperty("--shift", `${-over}px`);
  }

  function numbers() {
    for (const num of document.querySelectorAll(".num")) {
      const link = num.querySelector("a");
      const card = num.querySelector(".num__card");
      if (!num.classList.contains("term"))
        card.append(
          element(
            "button",
            {
              type: "button",
              class: "review-copy",
              onclick: (event) => {
                const facts = [...card.querySelectorAll(":scope > span")].map((s) => s.innerText.trim()).join("; ");
                copy(`${link.textContent} (${facts}). ${document.title}, ${link.href}`, event.currentTarget);
              },
            },
            "Copy the citation",
          ),
        );
      let touched = false;
      num.addEventListener("pointerenter", () => place(num));
      num.addEventListener("focusin", () => place(num));
      num.addEventListener("mouseleave", () => num.classList.remove("num--closed"));
      num.addEventListener("focusout", () => num.classList.remove("num--closed", "num--open"));
      link.addEventListener("pointerdown", (event) => (touched = event.pointerType === "touch"));
      link.addEventListener("click", (event) => {
        if (touched && !num.classList.contains("num--open")) {
          event.preventDefault(); // the first tap opens the card, the second follows the link
          document.querySelectorAll(".num--open").forEach((other) => other.classList.remove("num--open"));
          num.classList.add("num--open");
          place(num);
        }
      });
    }
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      document.querySelectorAll(".num:hover, .num:focus-within, .num--open").forEach((num) => {
        num.classList.remove("num--open");
        num.classList.add("num--closed");
      });
    });
    document.addEventListener("click", (event) => {
      if (!event.target.closest(".num")) document.querySelectorAll(".num--open").forEach((num) => num.classList.remove("num--open"));
    });
  }

  // Tables -------------------------------------------------------------------------------------------------
  const asNumber = (text) => {
    const found = text.replaceAll(",", "").replace("−", "-").match(/-?\d+(\.\d+)?(e[+-]?\d+)?/i);
    return found ? Number(found[0]) : NaN;
  };

  function sortBy(table, column, header) {
    const body = table.tBodies[0];
    const up = header.getAttribute("aria-sort") !== "ascending";
    const numeric = [...body.rows].every((row) => !row.cells[column] || row.cells[column].classList.contains("number") || row.cells[column].textContent.trim() === "–");
    const key = (row) => row.cells[column]?.textContent.trim() ?? "";
    const missing = (text) => (numeric ? Number.isNaN(asNumber(text)) : text === "–" || text === "");
    const order = (a, b) => {
      const [x, y] = [key(a), key(b)];
      if (missing(x) || missing(y)) return missing(x) - missing(y); // what is missing stays last, either way
      const way = numeric ? asNumber(x) - asNumber(y) : x.localeCompare(y, "en", { numeric: true });
      return up ? way : -way;
    };
    const rows = [...body.rows].sort(order);
    table.querySelectorAll("thead th").forEach((th) => th.removeAttribute("aria-sort"));
    header.setAttribute("aria-sort", up ? "ascending" : "descending");
    body.append(...rows);
  }

  function tables() {
    for (const table of document.querySelectorAll(".review-table table")) {
      if (!table.tHead || !table.tBodies[0]) continue;
      if (table.tBodies[0].rows.length > 2)
        [...table.tHead.rows[0].cells].forEach((header, column) => {
          const button = element("button", { type: "button", class: "review-sort", onclick: () => sortBy(table, column, header) });
          button.append(...header.childNodes);
          header.append(button);
        });
      const rows = () => [...table.rows].map((row) => [...row.cells].map((c) => c.innerText.trim()));
      const name = fileName(table.caption?.textContent ?? "table");
      table.parentElement.after(
        element("div", { class: "review-table__tools" }, element("button", { type: "button", "aria-label": `This table as CSV: ${table.caption?.textContent ?? ""}`, onclick: () => save(`${name}.csv`, "text/csv", csv(rows())) }, "CSV")),
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
      form.querySelector("[role=status]").textContent = `${shown} of ${all.length} statements`;
    };
    form.addEventListener("input", filter);
    form.addEventListener("submit", (event) => event.preventDefault());
  }

  window.review = { element, copy, save, csv };
  const start = () => [charts, numbers, copying, tables, freshness, statements].forEach((part) => part());
  document.readyState === "loading" ? document.addEventListener("DOMContentLoaded", start) : start();
})();
