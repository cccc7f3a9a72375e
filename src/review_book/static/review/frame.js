// The frame of a page: light or dark, the menus, and the way to the search. All of it works from a folder too.
(() => {
  "use strict";
  const root = document.documentElement;
  const here = document.currentScript.src;
  const dark = matchMedia("(prefers-color-scheme: dark)");

  function setMode(mode) {
    root.dataset.mode = mode;
    root.dataset.theme = mode === "auto" ? (dark.matches ? "dark" : "light") : mode;
    document.querySelectorAll(".theme-switch-button").forEach((b) => b.setAttribute("aria-label", `Colours: ${mode === "auto" ? "as the system" : mode}`));
  }
  function switchMode() {
    const order = dark.matches ? ["auto", "light", "dark"] : ["auto", "dark", "light"];
    const mode = order[(order.indexOf(root.dataset.mode) + 1) % 3];
    setMode(mode);
    try {
      localStorage.setItem("mode", mode);
    } catch {
      /* storage may be closed to us */
    }
  }
  dark.addEventListener("change", () => setMode(root.dataset.mode));

  // A side bar opens in a dialogue where the screen is narrow, and is folded away where it is wide.
  function menu(toggle, bar, dialogue, wide) {
    if (!toggle || !bar || !dialogue) return;
    const back = () => bar.append(...dialogue.childNodes);
    dialogue.addEventListener("close", back);
    dialogue.addEventListener("click", (event) => {
      if (event.target === dialogue || event.target.closest("a")) dialogue.close();
    });
    toggle.addEventListener("click", () => {
      if (matchMedia(`(min-width: ${wide}px)`).matches) return bar.classList.toggle("pst-sidebar-hidden");
      dialogue.append(...bar.childNodes);
      dialogue.showModal();
    });
  }

  // The search comes when it is asked for.
  let engine;
  const searching = () =>
    (engine ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = new URL(`search.js${new URL(here).search}`, here).href;
      script.onload = resolve;
      script.onerror = () => reject(new Error("the search could not be loaded"));
      document.head.append(script);
    }));
  window.reviewSearch = { find: async (query) => (await searching(), window.reviewSearch.find(query)) };
  function search() {
    const dialogue = document.getElementById("pst-search-dialog");
    if (document.querySelector(".review-search--page")) searching();
    if (!dialogue) return;
    const open = () => {
      if (!dialogue.open) dialogue.showModal();
      dialogue.querySelector("input").select();
      searching();
    };
    document.querySelectorAll(".search-button__button").forEach((b) => b.addEventListener("click", open));
    document.addEventListener("keydown", (event) => {
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "k") return;
      event.preventDefault();
      dialogue.open ? dialogue.close() : open();
    });
  }

  // Where in the page the reader is, in its list of contents.
  function contents() {
    const links = new Map([...document.querySelectorAll("#pst-page-toc-nav a")].map((a) => [decodeURIComponent(a.hash.slice(1)), a]));
    if (!links.size || !("IntersectionObserver" in window)) return;
    const seen = new Set();
    const watch = new IntersectionObserver(
      (changed) => {
        for (const { target, isIntersecting } of changed) isIntersecting ? seen.add(target.id) : seen.delete(target.id);
        const now = [...links.keys()].find((id) => seen.has(id));
        if (now === undefined) return;
        for (const [id, a] of links) {
          a.classList.toggle("active", id === now);
          id === now ? a.setAttribute("aria-current", "true") : a.removeAttribute("aria-current");
        }
      },
      { rootMargin: "-10% 0px -60% 0px" },
    );
    for (const id of links.keys()) {
      const part = document.getElementById(id);
      if (part) watch.observe(part);
    }
  }

  function start() {
    setMode(root.dataset.mode ?? "auto");
    document.querySelectorAll(".theme-switch-button").forEach((b) => b.addEventListener("click", switchMode));
    menu(document.querySelector(".primary-toggle"), document.getElementById("pst-primary-sidebar"), document.getElementById("pst-primary-sidebar-modal"), 960);
    menu(document.querySelector(".secondary-toggle"), document.getElementById("pst-secondary-sidebar"), document.getElementById("pst-secondary-sidebar-modal"), 1200);
    search();
    contents();
  }
  document.readyState === "loading" ? document.addEventListener("DOMContentLoaded", start) : start();
})();
