// What was known when: shapes and grades as they could be known on any day, by the same rules as the package.
(() => {
  "use strict";
  const { statusOfAll, gradesOfAll, knownOn } = window.reviewRules;
  const { element, tableOf } = window.review;
  // Whole names: what no page and no script names is taken out of the style sheet.
  const COLOURS = { none: "", hint: "review-bar--hint", evidence: "review-bar--evidence" };
  const box = document.querySelector(".review-timemachine");
  const [slider, date] = [box.querySelector("[type=range]"), box.querySelector("[type=date]")];
  const part = (name) => box.querySelector(`.review-timemachine__${name}`);

  async function start() {
    const [shapes, index] = await Promise.all([box.dataset.rules, box.dataset.grades].map(async (address) => (await fetch(address)).json()));
    const dated = [...shapes.findings.flatMap((f) => Object.values(f.known)), ...index.studies.map((s) => s.from)];
    const days = [...new Set(dated)].sort();
    const last = days.at(-1);
    const most = Math.max(1, ...statusOfAll(shapes, shapes.findings).map((s) => s.count));
    const chapters = [...new Set(index.statements.map((s) => s.chapter))];
    const words = (chapter) => chapter.replaceAll("_", " ").replace(/\b[a-z]/g, (c) => c.toUpperCase());
    slider.max = days.length - 1;
    [date.min, date.max] = [days[0], last];

    function show() {
      const [day, clock] = [date.value, box.querySelector("[name=clock]:checked").value];
      slider.setAttribute("aria-valuetext", day);
      const known = knownOn(shapes.findings, day, clock);
      const bars = statusOfAll(shapes, known).map((s, i) => {
        const bar = element("span", { class: `review-bar ${COLOURS[s.level]}` });
        bar.style.width = `${(100 * s.count) / most}%`;
        return [shapes.shapes[i].title, element("span", { class: "review-bar__room" }, bar), s.count ? `${s.count}, ${s.level}, ${s.verdict}` : "none"];
      });
      part("shapes").replaceChildren(tableOf("Shapes on that day: examples, level and verdict", ["Shape", "Examples", "Level and verdict"], bars));
      const out = index.studies.filter((s) => s.from <= day).length;
      const grades = gradesOfAll(index, { day });
      const rows = chapters.map((chapter) => {
        const ours = grades.filter((g, i) => index.statements[i].chapter === chapter);
        return [words(chapter), ...index.grades.map((rule) => String(ours.filter((g) => g.grade === rule.grade).length))];
      });
      part("grades").replaceChildren(tableOf("Today’s statements, graded by the studies out on that day", ["Chapter", ...index.grades.map((rule) => rule.title)], rows));
      part("said").textContent = `${day}: ${known.length} of ${shapes.findings.length} findings ${clock === "recorded" ? "recorded" : "out"}, ${out} of ${index.studies.length} studies out.`;
    }

    const move = (day) => {
      date.value = day < days[0] ? days[0] : day > last ? last : day;
      slider.value = days.findLastIndex((d) => d <= date.value);
      show();
    };
    slider.addEventListener("input", () => move(days[slider.value]));
    date.addEventListener("change", () => move(date.value || last));
    for (const radio of box.querySelectorAll("[name=clock]")) radio.addEventListener("change", show);
    move(last);
    box.dataset.state = "ready";
  }
  start().catch((error) => (part("said").textContent = `The records could not be read: ${error.message}`));
})();
