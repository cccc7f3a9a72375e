// What follows from the records, as the package computes it: the status of every shape from findings, and the grade of
// every statement from studies. The rules are read as data; a test compares the two on every record and on altered ones.
(() => {
  "use strict";
  const NOT_TESTED = new Set(["not-run", "not-reported", "not-applicable"]);
  const DISCLOSURE = "disclosure-removes-effect";
  const FRAMING = "framing-removes-effect";
  const STANDINGS = ["member", "open", "candidate", "declined"];

  const counts = (standing, reading) =>
    standing === "member" || (["candidate", "declined"].includes(standing) && reading.candidates_count) || (standing === "open" && reading.open_count);

  function wasTested(finding, test, reading) {
    const wanted = reading.framing_is_disclosure && test === DISCLOSURE ? [test, FRAMING] : [test];
    return finding.tests.some((t) => wanted.includes(t.test) && !NOT_TESTED.has(t.result));
  }

  // The size of the largest set of sources of which no two are of one group.
  function independent(sources, clashes) {
    const against = new Map(sources.map((s) => [s, sources.filter((t) => t !== s && clashes(s, t))]));
    const worst = [...against].sort((a, b) => b[1].length - a[1].length)[0];
    if (!worst || !worst[1].length) return sources.length;
    const [source, others] = worst;
    return Math.max(
      1 + independent(sources.filter((s) => s !== source && !others.includes(s)), clashes),
      independent(sources.filter((s) => s !== source), clashes),
    );
  }

  const clashesOf = (pairs) => {
    const kin = new Set(pairs.flatMap(([a, b]) => [`${a} ${b}`, `${b} ${a}`]));
    return (a, b) => kin.has(`${a} ${b}`);
  };

  function holds(condition, members, groups, reading) {
    if (condition.min_examples !== undefined) return (reading.by_group ? groups : members.length) >= condition.min_examples;
    if (condition.min_groups !== undefined) return groups >= condition.min_groups;
    if (condition.every_member_tested !== undefined)
      return members.length > 0 && members.every((f) => wasTested(f, condition.every_member_tested, reading));
    if (condition.example_outside !== undefined)
      return members.some((f) => !f.shapes.some((s) => s.id === condition.example_outside && s.standing !== "declined"));
    return false;
  }

  function status(shape, shapes, findings, reading, clashes) {
    const ids = new Set([shape.id, ...shapes.filter((s) => s.of === shape.id).map((s) => s.id)]);
    const members = findings.filter((f) => f.shapes.some((m) => ids.has(m.id) && counts(m.standing, reading)));
    const groups = independent(members.map((f) => f.id), clashes);
    const number = reading.by_group ? groups : members.length;
    const level = number === 0 ? "none" : number < shape.evidence_at ? "hint" : "evidence";
    let verdict = "open";
    if (members.length > 0 && !shape.codify_when.every((c) => c.decision !== undefined))
      verdict = shape.codify_when.every((c) => holds(c, members, groups, reading)) ? "codified" : "held";
    return { shape: shape.id, count: members.length, groups, level, verdict };
  }

  function statusOfAll(rules, findings, reading = {}) {
    const clashes = clashesOf(rules.kin);
    return rules.shapes.map((shape) => status(shape, rules.shapes, findings, reading, clashes));
  }

  function parse(text, rules) {
    const record = JSON.parse(text);
    const need = (ok, field, needed) => {
      if (!ok) throw new Error(`${field}: needed: ${needed}`);
    };
    need(record && typeof record === "object" && !Array.isArray(record), "record", "an object in braces");
    need(/^[a-z0-9]+(-[a-z0-9]+)*$/.test(record.id ?? ""), "id", "lower-case letters, digits and single dashes");
    need(Array.isArray(record.shapes) && Array.isArray(record.tests), "shapes, tests", "two lists, which may be empty");
    const shapes = rules.shapes.map((s) => s.id);
    for (const [i, m] of record.shapes.entries()) {
      need(shapes.includes(m?.id), `shapes[${i}].id`, `one of ${shapes.join(", ")}`);
      need(STANDINGS.includes(m.standing), `shapes[${i}].standing`, `one of ${STANDINGS.join(", ")}`);
    }
    const known = rules.tests.map((t) => t.id);
    for (const [i, t] of record.tests.entries()) {
      need(known.includes(t?.test), `tests[${i}].test`, `one of ${known.join(", ")}`);
      need(typeof t.result === "string", `tests[${i}].result`, "a result, such as removes-effect or not-run");
    }
    return record;
  }


  // Findings that could be known on a day (ISO), by the day they came out or were recorded.
  const knownOn = (findings, day, clock = "published") => findings.filter((f) => f.known[clock] <= day);

  // Grades every statement. `index` as the package writes it; `without` holds keys of studies that are taken out, `day` is
  // the day (ISO) whose studies are known (and our own analyses, from `since` on), `reading` the id of another reading of the rules.
  function gradesOfAll(index, { without = [], day = null, reading = "" } = {}) {
    const gone = new Set(without);
    const bit = 1 << index.readings.findIndex((r) => r.id === reading);
    const clashes = clashesOf(index.kin.filter(([, , bits]) => bits & bit));
    const stands = index.studies.map((s) => !gone.has(s.key) && (day === null ? s.until === null : s.from <= day && !(s.until && s.until <= day)));
    const ours = day === null || (index.since !== null && day >= index.since);
    const groups = (pieces) => independent([...new Set(pieces.map((p) => p.study))], clashes);
    return index.statements.map((statement) => {
      const left = statement.pieces.filter((p) => p.counts & bit && (p.study < 0 ? ours : stands[p.study]));
      const agree = left.filter((p) => !p.against);
      const direct = agree.filter((p) => p.direct);
      const tally = {
        direct_groups: groups(direct),
        groups: groups(agree),
        replications: direct.filter((p) => p.again & bit).length,
        against: left.filter((p) => p.against && p.direct).length,
      };
      const met = ([name, needed]) => (name === "against" && needed === 0 ? tally.against === 0 : tally[name] >= needed);
      return { id: statement.id, grade: index.grades.find((g) => Object.entries(g.needs).every(met)).grade };
    });
  }

  window.reviewRules = { statusOfAll, gradesOfAll, knownOn, parse };
})();
