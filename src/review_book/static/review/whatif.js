// What if a study were retracted, a finding came in, changed or fell? Switches take studies out; every grade and every
// verdict that changes is shown. What is switched stands in the address. No server, no interpreter.
(() => {
  "use strict";
  const { statusOfAll, gradesOfAll, parse } = window.reviewRules;
  const { element, tableOf, copy } = window.review;
  const box = document.querySelector(".review-whatif");
  const at = (name) => box.querySelector(`[name=${name}]`);
  const [words, reading, rulesOf, base, area] = ["words", "reading", "rules", "base", "record"].map(at);
  const part = (name) => box.querySelector(`.review-whatif__${name}`);
  const FEW = 8;
  const fresh = { id: "my-finding", shapes: [], tests: [] };

  const table = (caption, heads, rows, none) => (rows.length ? tableOf(caption, heads, rows) : element("p", {}, none));

  async function start() {
    const [shapes, index, names] = await Promise.all([box.dataset.rules, box.dataset.grades, box.dataset.names].map(async (address) => (await fetch(address)).json()));
    for (const [name, column] of Object.entries(names)) index.studies.forEach((s, i) => (s[name] = column[i]));
    const shapeTitles = Object.fromEntries(shapes.shapes.map((s) => [s.id, s.title]));
    const gradeTitles = Object.fromEntries(index.grades.map((g) => [g.grade, g.title]));
    const gradeOf = (grade) => element("span", { class: `grade grade--${grade}` }, element("i", { class: `map__mark map__mark--${grade}`, "aria-hidden": "true" }), ` ${gradeTitles[grade]}`);
    const held = new Set(index.studies.map((s) => s.finding));
    const alone = shapes.findings.filter((f) => !held.has(f.id)).map((f) => ({ key: f.id, label: "Finding:", title: f.title, finding: f.id }));
    const studies = new Map([...index.studies, ...alone].map((s) => [s.key, s]));
    const moved = (before, after) => after.flatMap((now, i) => (now.grade === before[i].grade ? [] : [[index.statements[i], before[i].grade, now.grade]]));
    const now = gradesOfAll(index);
    const used = new Set(index.statements.flatMap((s) => s.pieces.map((p) => p.study)));
    // What the most rests on is offered first.
    const weights = new Map([...studies.values()].map((s, i) => [s.key, used.has(i) ? moved(now, gradesOfAll(index, { without: [s.key] })).length : 0]));
    const heaviest = [...studies.values()].sort((a, b) => weights.get(b.key) - weights.get(a.key) || a.label.localeCompare(b.label, "en")).slice(0, FEW);
    const out = new Set();
    // Titles and sentences come once something is asked; until then studies stand by their labels.
    let named = null;
    const name = () =>
      (named ??= fetch(box.dataset.words)
        .then((answer) => answer.json())
        .then(({ titles, texts }) => {
          index.studies.forEach((s, i) => (s.title = titles[i]));
          index.statements.forEach((s, i) => (s.text = texts[i]));
        }));

    const address = new URLSearchParams(location.search);
    const unknown = []; // what the address asks for and the review does not hold
    for (const key of (address.get("without") ?? "").split(",").filter(Boolean)) studies.has(key) ? out.add(key) : unknown.push(key);
    for (const [name, select] of [["reading", reading], ["rules", rulesOf]]) {
      const value = address.get(name) ?? "";
      if ([...select.options].some((o) => o.value === value)) select.value = value;
      else unknown.push(value);
    }
    words.value = address.get("words") ?? "";

    function switches() {
      const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
      const fits = (s) => wanted.every((word) => `${s.label} ${s.title ?? ""} ${s.key} ${s.finding ?? ""}`.toLowerCase().includes(word));
      const found = wanted.length ? [...studies.values()].filter(fits) : heaviest;
      const shown = [...[...out].map((key) => studies.get(key)), ...found.filter((s) => !out.has(s.key)).slice(0, FEW)];
      part("found").textContent = wanted.length ? `${found.length} of ${studies.size} studies fit${found.length > FEW ? `, the first ${FEW} are shown` : ""}.` : `Without words: the ${FEW} studies on which the most grades rest.`;
      part("switches").replaceChildren(
        ...shown.map((s) => {
          const input = element("input", { type: "checkbox", value: s.key, role: "switch" });
          input.checked = out.has(s.key);
          input.addEventListener("change", () => {
            input.checked ? out.add(s.key) : out.delete(s.key);
            update();
            switches();
            box.querySelector(`.review-whatif__switches [value="${s.key}"]`)?.focus();
          });
          const grades = weights.get(s.key);
          return element("label", {}, input, element("span", {}, element("b", {}, s.label), ` ${s.title ?? ""} `, element("span", { class: "review-note" }, `(${grades} ${grades === 1 ? "grade rests" : "grades rest"} on it)`)));
        }),
      );
    }

    // The record that is edited, or null where none is or where the text is no record.
    function edited() {
      part("error").textContent = "";
      if (!area.value.trim()) return null;
      try {
        return parse(area.value, shapes);
      } catch (error) {
        part("error").textContent = error.message;
        return null;
      }
    }

    function update() {
      const record = edited();
      const how = reading.value ? { [reading.value]: true } : {};
      const lost = new Set([...out].map((key) => studies.get(key).finding).filter(Boolean));
      const kept = shapes.findings.filter((f) => !lost.has(f.id) && f.id !== record?.id);
      const [before, after] = [shapes.findings, record ? [...kept, record] : kept].map((findings) => statusOfAll(shapes, findings, how));
      const rules = { reading: rulesOf.value };
      const regraded = moved(rulesOf.value ? now : gradesOfAll(index, rules), gradesOfAll(index, { ...rules, without: [...out] }));
      const link = (s) => element("a", { class: "reference internal", href: `${box.dataset.statements}${s.chapter}.html#s-${s.id}` }, s.text ?? s.id);
      const changed = after.flatMap((to, i) => ["count", "groups", "level", "verdict"].filter((key) => to[key] !== before[i][key]).map((key) => [shapeTitles[to.shape], key, String(before[i][key]), String(to[key])]));
      const lit = new Set(after.filter((to, i) => to.level !== before[i].level || to.verdict !== before[i].verdict).map((to) => to.shape));
      const strip = element("ul", { class: "review-strip", "aria-label": "Every shape; those whose level or verdict changes are marked" }, ...after.map((to) => element("li", lit.has(to.shape) ? { class: "review-strip__lit" } : {}, `${shapeTitles[to.shape]}: ${to.level}, ${to.verdict}`)));
      part("result").replaceChildren(
        ...(unknown.length ? [element("p", { role: "status" }, `The address names ${unknown.join(", ")}; nothing here has that name, and what follows leaves it aside. Needed: the key of a study as it is today, which its words above find.`)] : []),
        table(`Grades that change: ${regraded.length} of ${index.statements.length}`, ["Statement", "Now", "Then"], regraded.map(([s, a, b]) => [link(s), gradeOf(a), gradeOf(b)]), `No grade changes: none of ${index.statements.length} statements.`),
        table("Shapes that change", ["Shape", "What", "Now", "Then"], changed, "Nothing changes: no count, level or verdict of any shape."),
        strip,
      );
      const state = new URLSearchParams();
      for (const [name, value] of [["without", [...out].join(",")], ["rules", rulesOf.value], ["reading", reading.value], ["words", words.value]]) if (value) state.set(name, value);
      history.replaceState(null, "", `${location.pathname}${state.size ? `?${state}` : ""}${location.hash}`);
    }

    // Switches of the record that is edited: its places in shapes, and the tests for which a rule asks.
    function recordSwitches() {
      const record = edited();
      const asked = new Set(shapes.shapes.flatMap((s) => s.codify_when.map((c) => c.every_member_tested).filter(Boolean)));
      const toggle = (label, on, set) => {
        const input = element("input", { type: "checkbox", role: "switch" });
        input.checked = on;
        input.addEventListener("change", () => {
          const changed = edited();
          if (!changed) return;
          set(changed, input.checked);
          area.value = JSON.stringify(changed, null, 2);
          update();
        });
        return element("label", {}, input, element("span", {}, label));
      };
      const member = (s) => toggle(`counts for: ${s.title}`, record.shapes.some((m) => m.id === s.id && m.standing === "member"), (r, on) => (r.shapes = [...r.shapes.filter((m) => m.id !== s.id), ...(on ? [{ id: s.id, standing: "member" }] : [])]));
      const ran = (test) => toggle(`test was run: ${shapes.tests.find((t) => t.id === test)?.title ?? test}`, record.tests.some((t) => t.test === test && !["not-run", "not-reported", "not-applicable"].includes(t.result)), (r, on) => (r.tests = [...r.tests.filter((t) => t.test !== test), ...(on ? [{ test, result: "removes-effect" }] : [])]));
      part("record").replaceChildren(...(record ? [...shapes.shapes.map(member), ...[...asked].map(ran)] : []));
    }

    function choose() {
      const found = base.value === "new" ? fresh : shapes.findings.find((f) => f.id === base.value);
      area.value = found ? JSON.stringify({ id: found.id, shapes: found.shapes, tests: found.tests }, null, 2) : "";
      recordSwitches();
      update();
    }

    box.addEventListener("focusin", () => name().then(update), { once: true });
    words.addEventListener("input", () => (switches(), update(), name().then(switches)));
    for (const select of [reading, rulesOf]) select.addEventListener("input", update);
    base.addEventListener("input", choose);
    area.addEventListener("input", () => (update(), recordSwitches()));
    box.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
    box.querySelector("[data-act=clear]").addEventListener("click", () => {
      out.clear();
      unknown.length = 0;
      for (const field of [words, reading, rulesOf, base]) field.value = "";
      switches();
      choose();
    });
    box.querySelector("[data-act=share]").addEventListener("click", (event) => copy(location.href, event.currentTarget));
    if (location.search) await name();
    switches();
    update();
    box.dataset.state = "ready";
  }
  start().catch((error) => (part("error").textContent = `The rules could not be read: ${error.message}`));
})();
