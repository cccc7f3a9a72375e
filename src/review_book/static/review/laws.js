// How published laws divide a training budget. The page carries each law as a straight line in logarithms; this works
// out what they say of a budget as the package does, and a test compares the two. No server, no interpreter.
(() => {
  "use strict";

  // "1e25", "3.8 e25", "10^25", "5.76 x 10^23": a budget in FLOP. A comma parts thousands, and where it cannot it is refused.
  function parse(text) {
    const typed = text.trim().toLowerCase().replace(/[\s_]/g, ""), plain = /,(?!\d{3}(?!\d))/.test(typed) ? "" : typed.replaceAll(",", "").replace(/flops?$/, "");
    const power = plain.match(/^(?:(\d+(?:\.\d+)?)[x×*])?10\^(\d+(?:\.\d+)?)$/);
    const value = power ? Number(power[1] ?? 1) * 10 ** Number(power[2]) : /^\d+(\.\d+)?(e\+?\d+)?$/.test(plain) ? Number(plain) : NaN;
    if (!(value >= 1e15 && value <= 1e30)) throw new Error("needed: a budget from 1e15 to 1e30 FLOP, such as 1e25 or 3.8e25");
    return value;
  }

  function spread(values) {
    const sorted = values.map(Math.log).sort((a, b) => a - b);
    const half = sorted.length >> 1;
    const middle = sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    return [sorted[0], middle, sorted.at(-1)].map(Math.exp);
  }

  function divide(lines, flop) {
    const laws = lines.map(({ id, name, live, log_size, exponent, beyond }) => {
      const size = Math.exp(log_size + exponent * Math.log(flop));
      const tokens = flop / (6 * size);
      return { id, name, live, size, tokens, ratio: tokens / size, beyond: beyond !== null && flop > beyond };
    });
    const standing = laws.filter((law) => law.live);
    const band = Object.fromEntries(["size", "tokens", "ratio"].map((key) => [key, spread(standing.map((law) => law[key]))]));
    return { laws, band };
  }

  function words(value) {
    for (const [size, word] of [[1e12, " trillion"], [1e9, " billion"], [1e6, " million"]])
      if (value >= size && value < 1e15) return `${Number((value / size).toPrecision(3))}${word}`;
    return value >= 1e15 || value < 1e-3 ? value.toExponential(2) : String(Number(value.toPrecision(3)));
  }

  window.reviewLaws = { parse, divide, words };
  const box = document.querySelector(".review-calculator");
  if (!box) return;
  const { element, tableOf } = window.review;
  const lines = JSON.parse(box.querySelector("script").textContent);
  const { flop: field, scale } = box.querySelector("form").elements;
  const wrong = box.querySelector(".review-calculator__error");
  const out = box.querySelector(".review-calculator__result");

  function show(flop) {
    const { laws, band } = divide(lines, flop);
    const range = ([low, middle, high]) => `${words(middle)} (${words(low)} to ${words(high)})`;
    const summary = element(
      "p",
      {},
      `At ${flop.toExponential(2)} FLOP the ${laws.filter((law) => law.live).length} laws that stand put the best size at `,
      element("strong", {}, `${range(band.size)} parameters`),
      ", trained on ",
      element("strong", {}, `${range(band.tokens)} tokens`),
      `: ${range(band.ratio)} tokens for each parameter. First the middle law, then the least and the greatest.`,
    );
    const columns = ["Law", "Parameters", "Tokens", "Tokens per parameter", "In the band", "Beyond its runs"];
    const rows = laws.map((law) => [law.name, words(law.size), words(law.tokens), words(law.ratio), law.live ? "yes" : "no", law.beyond ? "yes" : "not known to be"]);
    out.replaceChildren(summary, tableOf("What each law makes of this budget", columns, rows));
  }

  function update() {
    try {
      const flop = parse(field.value);
      wrong.textContent = "";
      scale.value = Math.log10(flop);
      show(flop);
    } catch (error) {
      wrong.textContent = error.message;
      out.replaceChildren();
    }
  }
  field.addEventListener("input", update);
  scale.addEventListener("input", () => {
    const flop = 10 ** Number(scale.value);
    field.value = flop.toExponential(2);
    wrong.textContent = "";
    show(Number(field.value));
  });
  box.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
  update();
})();
