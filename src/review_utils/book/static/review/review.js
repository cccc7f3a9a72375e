// Brings charts to life when they come near the screen. Until then, and without scripts, a static picture stands there.
(() => {
  "use strict";
  const here = document.currentScript.src;
  let bundle;
  const loadVega = () =>
    (bundle ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = new URL("vega.js", here).href;
      script.onload = () => resolve(window.reviewVega.vegaEmbed);
      script.onerror = () => reject(new Error("vega.js could not be loaded"));
      document.head.append(script);
    }));

  async function enliven(chart) {
    const view = chart.querySelector(".review-chart__view");
    try {
      const embed = await loadVega();
      const spec = JSON.parse(chart.querySelector("script").textContent);
      const live = document.createElement("div");
      await embed(live, spec, { renderer: "svg", actions: false, tooltip: { theme: "custom" } });
      live.querySelector("svg")?.setAttribute("aria-hidden", "true");
      view.replaceChildren(live);
      chart.dataset.state = "live";
    } catch (error) {
      chart.dataset.state = "static";
      console.warn("A chart stays a static picture:", error);
    }
  }

  function start() {
    const charts = document.querySelectorAll(".review-chart");
    if (!("IntersectionObserver" in window)) return;
    const watch = new IntersectionObserver(
      (entries) => {
        for (const entry of entries.filter((e) => e.isIntersecting)) {
          watch.unobserve(entry.target);
          enliven(entry.target);
        }
      },
      { rootMargin: "300px" },
    );
    charts.forEach((chart) => watch.observe(chart));
  }
  document.readyState === "loading" ? document.addEventListener("DOMContentLoaded", start) : start();
})();
