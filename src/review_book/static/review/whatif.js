// What if a finding were added, changed or taken out? The rules are read as data, and this small script evaluates them
// as the package does; a test compares the two on every record. No server, no interpreter.
(() => {
  "use strict";
  const NOT_TESTED = new Set(["not-run", "not-applicable"]);
  const DISCLOSURE = "disclosure-removes-effect";
  const FRAMING = "framing-removes-effect";

  const counts = (standing, reading) =>
    standing === "member" || (standing === "candidate" && reading.candidates_count) || (standing === "open" && reading.open_count);

  function wasTested(finding, test, reading) {
    const wanted = reading.framing_is_disclosure && test === DISCLOSURE ? [test, FRAMING] : [test];
    return finding.tests.some((t) => wanted.includes(t.test) && !NOT_TESTED.has(t.result));
  }

  function holds(condition, members, reading) {
    const groups = new Set(members.map((f) => f.group)).size;
    if (condition.min_examples !== undefined) return (reading.by_group ? groups : members.length) >= condition.min_examples;
    if (condition.min_groups !== undefined) return groups >= condition.min_groups;
    if (condition.every_member_tested !== undefined)
      return members.length > 0 && members.every((f) => wasTested(f, condition.every_member_tested, reading));
    if (condition.example_outside !== undefined)
      return members.some((f) => !f.shapes.some((s) => s.id === condition.example_outside));
    return false;
  }

  function status(shape, shapes, findings, reading) {
    const ids = new Set([shape.id, ...shapes.filter((s) => s.of === shape.id).map((s) => s.id)]);
    const members = findings.filter((f) => f.shapes.some((m) => ids.has(m.id) && counts(m.standing, reading)));
    const number = reading.by_group ? new Set(members.map((f) => f.group)).size : members.length;
    const level = number === 0 ? "none" : number < shape.evidence_at ? "hint" : "evidence";
    let verdict = "open";
    if (members.length > 0 && !shape.codify_when.every((c) => c.decision !== undefined))
      verdict = shape.codify_when.every((c) => holds(c, members, reading)) ? "codified" : "held";
    return { shape: shape.id, count: members.length, level, verdict };
  }

  const statusOfAll = (rules, findings, reading = {}) => rules.shapes.map((shape) => status(shape, rules.shapes, findings, reading));

  function parse(text, rules) {
    const record = JSON.parse(text);
    const need = (ok, field, needed) => {
      if (!ok) throw new Error(`${field}: needed: ${needed}`);
    };
    need(record && typeof record === "object" && !Array.isArray(record), "record", "an object in braces");
    need(/^[a-z0-9]+(-[a-z0-9]+)*$/.test(record.id ?? ""), "id", "lower-case letters, digits and single dashes");
    need(typeof record.group === "string" && record.group !== "", "group", "the name of the group of authors");
    need(Array.isArray(record.shapes) && Array.isArray(record.tests), "shapes, tests", "two lists, which may be empty");
    const shapes = rules.shapes.map((s) => s.id);
    for (const [i, m] of record.shapes.entries()) {
      need(shapes.includes(m?.id), `shapes[${i}].id`, `one of ${shapes.join(", ")}`);
      need(["member", "open", "candidate"].includes(m.standing), `shapes[${i}].standing`, "member, open or candidate");
    }
    const known = rules.tests.map((t) => t.id);
    for (const [i, t] of record.tests.entries()) {
      need(known.includes(t?.test), `tests[${i}].test`, `one of ${known.join(", ")}`);
      need(typeof t.result === "string", `tests[${i}].result`, "a result, such as removes-effect or not-run");
    }
    return record;
  }

  window.reviewRules = { statusOfAll, parse };
  const box = document.querySelector(".review-whatif");
  if (!box) return;
  const [base, reading] = [box.querySelector("[name=base]"), box.querySelector("[name=reading]")];
  const [area, wrong, out] = [box.querySelector("textarea"), box.querySelector(".review-whatif__error"), box.querySelector(".review-whatif__result")];
  const { element } = window.review;
  const fresh = { id: "my-finding", group: "my-group", shapes: [{ id: "concealed-content", standing: "member" }], tests: [{ test: DISCLOSURE, result: "removes-effect" }] };

  function table(before, after, titles) {
    const rows = after.flatMap((now, i) => {
      const was = before[i];
      return ["count", "level", "verdict"]
        .filter((key) => was[key] !== now[key])
        .map((key) => element("tr", {}, element("th", { scope: "row" }, titles[now.shape]), element("td", {}, key), element("td", {}, String(was[key])), element("td", {}, String(now[key]))));
    });
    if (!rows.length) return element("p", {}, "Nothing changes: no count, level or verdict of any shape.");
    const head = element("tr", {}, ...["Shape", "What", "Now", "Then"].map((h) => element("th", { scope: "col" }, h)));
    return element("div", { class: "review-table", tabindex: "0", role: "region", "aria-label": "What would change" }, element("table", {}, element("caption", {}, "What would change"), element("thead", {}, head), element("tbody", {}, ...rows)));
  }

  async function start() {
    const rules = await (await fetch(box.dataset.rules)).json();
    const titles = Object.fromEntries(rules.shapes.map((s) => [s.id, s.title]));
    let dropped = false;
    const update = () => {
      wrong.textContent = "";
      try {
        const record = parse(area.value, rules);
        const others = rules.findings.filter((f) => f.id !== record.id);
        const how = reading.value ? { [reading.value]: true } : {};
        const before = statusOfAll(rules, rules.findings, how);
        out.replaceChildren(table(before, statusOfAll(rules, dropped ? others : [...others, record], how), titles));
      } catch (error) {
        wrong.textContent = error.message;
        out.replaceChildren();
      }
    };
    const choose = () => {
      dropped = false;
      const { id, group, shapes, tests } = rules.findings.find((f) => f.id === base.value) ?? fresh;
      area.value = JSON.stringify({ id, group, shapes, tests }, null, 2);
      update();
    };
    base.addEventListener("input", choose);
    reading.addEventListener("input", update);
    area.addEventListener("input", () => {
      dropped = false;
      update();
    });
    box.querySelector("[data-act=drop]").addEventListener("click", () => {
      dropped = true;
      update();
    });
    choose();
  }
  start().catch((error) => (wrong.textContent = `The rules could not be read: ${error.message}`));
})();
