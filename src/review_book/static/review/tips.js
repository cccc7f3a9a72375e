// What a mark of a chart says, shown where a reader points, taps or has come with the arrow keys. The data stand on the marks.
(() => {
  "use strict";
  let tip;
  let shown;

  function say(mark, x, y) {
    if (shown === mark && !tip.hidden) return;
    tip ??= document.body.appendChild(Object.assign(document.createElement("div"), { className: "review-tip", role: "status", hidden: true }));
    tip.replaceChildren(
      ...mark.dataset.t.split("; ").map((part) => {
        const line = document.createElement("span");
        const at = part.indexOf(": ");
        if (at < 0) line.textContent = part;
        else {
          const name = document.createElement("b");
          name.textContent = part.slice(0, at + 1);
          line.append(name, part.slice(at + 1));
        }
        return line;
      }),
    );
    tip.hidden = false;
    shown = mark;
    const box = tip.getBoundingClientRect();
    const [wide, high] = [document.documentElement.clientWidth, innerHeight];
    tip.style.left = `${Math.max(4, Math.min(x + 12, wide - box.width - 4))}px`;
    tip.style.top = `${y + 16 + box.height > high ? Math.max(4, y - box.height - 12) : y + 16}px`;
  }
  function hide() {
    if (tip) tip.hidden = true;
    shown = undefined;
  }

  // The nearest mark within a finger's breadth: a dot of five pixels is hard to hit.
  function nearest(svg, x, y) {
    let [best, least] = [null, 22 ** 2];
    for (const mark of svg.querySelectorAll("[data-t]")) {
      const box = mark.getBoundingClientRect();
      if (box.width > 60 && box.height > 60) continue; // a line: its box says nothing of where it runs
      const [dx, dy] = [Math.max(box.left - x, 0, x - box.right), Math.max(box.top - y, 0, y - box.bottom)];
      const far = dx * dx + dy * dy;
      if (far < least) [best, least] = [mark, far];
    }
    return best;
  }
  function look(event) {
    const svg = event.target.closest?.("svg");
    if (!svg?.querySelector("[data-t]")) return hide();
    const mark = event.target.closest("[data-t]") ?? nearest(svg, event.clientX, event.clientY);
    mark ? say(mark, event.clientX, event.clientY) : hide();
  }
  let waiting = false;
  document.addEventListener("pointermove", (event) => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      look(event);
    });
  }, { passive: true });
  document.addEventListener("pointerdown", look, { passive: true });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") hide();
    const view = event.target.closest?.(".review-chart__view");
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!view || !step) return;
    const marks = [...view.querySelectorAll("[data-t]")];
    if (!marks.length) return;
    event.preventDefault();
    const mark = marks[(marks.indexOf(shown) + step + marks.length) % marks.length];
    const box = mark.getBoundingClientRect();
    say(mark, box.left + box.width / 2, box.top + box.height / 2);
  });
  addEventListener("scroll", hide, { passive: true });
})();
