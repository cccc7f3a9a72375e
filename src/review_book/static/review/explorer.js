// The register's explorer: filters and orders the rows of the table that stands in the page, by one small index.
// The address holds the selection, so that it can be shared.
(() => {
  "use strict";
  const box = document.querySelector(".review-explorer");
  const form = box.querySelector("form");
  const count = box.querySelector(".review-explorer__count");
  const body = document.querySelector("#register .review-table tbody, .review-table tbody");
  const rows = new Map();

  const tests = {
    q: (f, value) => value.toLowerCase().split(/\s+/).every((word) => `${f.title} ${f.by} ${f.text} ${f.id}`.toLowerCase().includes(word)),
    role: (f, value) => f.role === value,
    shape: (f, value) => f.shapes.some((shape) => shape.id === value && shape.standing !== "declined"),
    criterion: (f, value) => f.criteria[value] === "met",
    test: (f, value) => f.tests.includes(value),
    family: (f, value) => f.families.includes(value),
    verified: (f, value) => (value === "all") === (f.verified === f.measurements),
    notes: (f, value) => (value === "yes") === f.notes,
    since: (f, value) => f.published >= value.slice(0, f.published.length),
  };
  const orders = {
    oldest: (a, b) => a.published.localeCompare(b.published),
    title: (a, b) => a.title.localeCompare(b.title, "en"),
    measurements: (a, b) => b.measurements - a.measurements,
  };

  const chosen = () => [...new FormData(form)].filter(([, value]) => value.trim() !== "");

  let ordered = null;
  const unknown = []; // what the address asks for and no finding can have
  function apply(index) {
    const since = form.elements.since;
    const odd = since.value && !/^\d{4}(-\d{2})?$/.test(since.value);
    since.setCustomValidity(odd ? "needed: a year, or a year and a month, such as 2025-01" : "");
    const wanted = chosen().filter(([name]) => name !== "since" || !odd);
    const order = form.elements.sort.value;
    const shown = index.filter((f) => wanted.every(([name, value]) => !tests[name] || tests[name](f, value)));
    const ids = new Set(shown.map((f) => f.id));
    for (const [id, row] of rows) row.hidden = !ids.has(id);
    if (order !== ordered) {
      // The order of a head that was clicked stays until another is chosen here.
      for (const f of orders[order] ? index.toSorted(orders[order]) : index) body.append(rows.get(f.id));
      if (ordered !== null) body.parentElement.querySelectorAll("[aria-sort]").forEach((th) => th.removeAttribute("aria-sort"));
      ordered = order;
    }
    const head = body.parentElement.querySelector("[aria-sort]"); // a head that was clicked orders the rows
    const words = head ? `by “${head.textContent.trim()}”${head.ariaSort === "descending" ? ", downwards" : ""}` : order ? form.elements.sort.selectedOptions[0].textContent : "the newest first";
    box.querySelectorAll("button").forEach((button) => (button.hidden = !wanted.length));
    count.textContent = `${shown.length} of ${index.length} findings${shown.length ? "" : ": none has all that is chosen, one choice fewer shows more"}${odd ? "; “published since” is no month and was left out" : ""}${unknown.length ? `; the address asks for ${unknown.join(", ")}, which nothing here has, and it was left out` : ""}`;
    const caption = body.parentElement.caption?.firstElementChild ?? body.parentElement.caption;
    if (caption) caption.textContent = shown.length === index.length ? `${index.length} findings, ${words}` : `${shown.length} of ${index.length} findings, ${words}`;
    const query = new URLSearchParams(wanted).toString();
    try {
      history.replaceState(null, "", query ? `?${query}` : location.pathname);
    } catch {
      /* a page read from a file may not change its address */
    }
  }

  function fromAddress() {
    for (const [name, value] of new URLSearchParams(location.search)) {
      const field = form.elements[name];
      if (field) field.value = value; // a field takes no value that it cannot have
      if (tests[name] && field?.value !== value) unknown.push(`${name} ${value}`);
    }
  }

  async function start() {
    if (matchMedia("(max-width: 40rem)").matches) document.querySelectorAll(".review-filters").forEach((part) => (part.open = box.contains(part) && location.search !== ""));
    const index = await (await fetch(box.dataset.index)).json();
    for (const row of body.rows) rows.set(row.querySelector("a").getAttribute("href").replace(/^.*\/|\.html.*$/g, ""), row);
    form.addEventListener("input", () => {
      unknown.length = 0;
      apply(index);
    });
    body.parentElement.tHead.addEventListener("click", () => apply(index));
    form.addEventListener("submit", (event) => event.preventDefault());
    box.querySelector("[data-act=clear]").addEventListener("click", () => {
      form.reset();
      unknown.length = 0;
      apply(index);
    });
    box.querySelector("[data-act=share]").addEventListener("click", (event) => window.review.copy(location.href, event.currentTarget));
    fromAddress();
    apply(index);
  }
  start().catch((error) => {
    count.textContent = "The index could not be read, so that the table stands whole; a site opened from a file may not read it.";
    console.warn(error);
  });
})();
