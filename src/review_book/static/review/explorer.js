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
    shape: (f, value) => f.shapes.some((shape) => shape.id === value),
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

  function apply(index) {
    const wanted = chosen();
    const order = orders[form.elements.sort.value];
    const shown = index.filter((f) => wanted.every(([name, value]) => !tests[name] || tests[name](f, value)));
    const inOrder = order ? shown.toSorted(order) : shown;
    for (const row of rows.values()) row.hidden = true;
    for (const finding of inOrder) {
      const row = rows.get(finding.id);
      row.hidden = false;
      body.append(row);
    }
    count.textContent = `${shown.length} of ${index.length} findings`;
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
      if (field && (field.tagName !== "SELECT" || [...field.options].some((o) => o.value === value))) field.value = value;
    }
  }

  async function start() {
    const index = await (await fetch(box.dataset.index)).json();
    for (const row of body.rows) rows.set(row.querySelector("a").getAttribute("href").replace(/^.*\/|\.html.*$/g, ""), row);
    form.addEventListener("input", () => apply(index));
    form.addEventListener("submit", (event) => event.preventDefault());
    box.querySelector("[data-act=clear]").addEventListener("click", () => {
      form.reset();
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
