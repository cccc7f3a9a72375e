"""Judge the built pages by Lighthouse, as a slow phone would load them, and print the scores: make audit.

With ``all`` every analysis that shows a chart, and every chapter, is judged, as each night: make audit AUDIT=all.
Then chapters are scrolled (``scroll.py``): the one with the most charts, or with ``all`` every one. Speed is judged as far
as this machine can judge it (``gauge.py``); what it cannot judge is said in the page's line and in the last one.
"""

from __future__ import annotations

import gzip
import io
import json
import shutil
import subprocess
import sys
import threading
from collections import Counter
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import gauge
import scroll
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("index", "chapters/phase_transitions", "analyses/scaling_laws/laws_side_by_side")
LEAST = {"performance": 95, "accessibility": 100, "best-practices": 100, "seo": 100}
TRIES = 3
WEIGHT, INDEX = "weight in KB", "index"
PLAIN = "_plain.html"
UNJUDGED = "speed not judged, this machine being too slow or too busy now"
TEXT = (".html", ".css", ".js", ".json", ".svg", ".xml", ".csv")


class Compressed(SimpleHTTPRequestHandler):
    """Serve text compressed, as any host of static pages does."""

    def log_message(self, *args):
        """Say nothing."""

    def send_head(self):
        """Send a file, compressed when it is text."""
        path = Path(self.translate_path(self.path))
        plain = self.path == f"/{PLAIN}"
        if not plain and not (path.is_file() and path.name.endswith(TEXT)):
            return super().send_head()
        body = gzip.compress(gauge.PLAIN.encode() if plain else path.read_bytes(), 6, mtime=0)
        self.send_response(200)
        self.send_header("Content-Type", f"{self.guess_type(str(path))}; charset=utf-8")
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "max-age=31536000")
        self.end_headers()
        return io.BytesIO(body)


def judge(address: str, chrome: str, slower: float) -> dict[str, float]:
    """Return the scores of one page, in percent, what it weighed compressed, and the index of the machine meanwhile."""
    program = Path(__file__).with_name("node_modules") / ".bin" / "lighthouse"
    command = [
        str(program),
        address,
        "--output=json",
        "--quiet",
        f"--throttling.cpuSlowdownMultiplier={slower:.2f}",
        "--chrome-flags=--headless=new --no-sandbox --disable-gpu",
    ]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        env={"CHROME_PATH": chrome, "PATH": "/usr/bin:/bin:/usr/local/bin"},
    )
    if done.returncode:
        raise SystemExit(f"lighthouse did not run: {done.stderr[-2000:]}")
    report = json.loads(done.stdout)
    if "-v" in sys.argv:
        for audit in report["audits"].values():
            if audit.get("score") is not None and audit["score"] < 1:
                print(f"    {audit['id']}: {audit['score']:.2f} {audit.get('displayValue', '')}")
    scores = {name: round(100 * c["score"]) for name, c in report["categories"].items()}
    weight = round(report["audits"]["total-byte-weight"]["numericValue"] / 1000)
    return scores | {WEIGHT: weight, INDEX: report["environment"]["benchmarkIndex"]}


def best_of(address: str, chrome: str, index: float) -> dict[str, float]:
    """Return the best scores of a page of some tries, the last index of the machine and the slowdown of the best speed."""
    best: dict[str, float] = {}
    for _ in range(TRIES):
        slower = gauge.slowdown(index)
        found = judge(address, chrome, slower)
        index = found.pop(INDEX)
        if found["performance"] > best.get("performance", -1):
            best["slower"] = slower
        for name, score in found.items():
            better = min if name == WEIGHT else max
            best[name] = better(score, best.get(name, score))
        if all(best[name] >= least for name, least in LEAST.items()):
            break
    return best | {INDEX: index}


def steady(address: str, chrome: str, index: float) -> bool:
    """Whether this machine can judge speed now: a plain page that costs as much is fast on it each time."""
    plain = (judge(f"{address}/{PLAIN}", chrome, gauge.slowdown(index)) for _ in range(TRIES))
    return gauge.can_judge(index) and all(found["performance"] >= LEAST["performance"] for found in plain)


def pages_of(site: Path, everything: bool) -> list[str]:
    """Return the pages that are judged: a few, or also every chapter and every analysis that shows a chart."""
    found = list(PAGES)
    for path in sorted([*site.glob("chapters/*.html"), *site.glob("analyses/*/*.html")]) if everything else ():
        if 'class="review-chart"' in path.read_text(encoding="utf-8"):
            found.append(path.relative_to(site).with_suffix("").as_posix())
    return list(dict.fromkeys(found))


def chapters_of(site: Path, everything: bool) -> list[str]:
    """Return the chapters that are scrolled, those with the most charts first."""
    charts = {
        path: path.read_text(encoding="utf-8").count('class="review-chart"') for path in site.glob("chapters/*.html")
    }
    found = [f"chapters/{path.stem}" for path in sorted(charts, key=lambda p: (-charts[p], p)) if charts[path]]
    return found if everything else found[:1]


def scrolled(pages: list[str], address: str, chrome: str) -> Counter[str]:
    """Scroll each page, print for how long it blocked, and return how many passed, failed and could not be judged."""
    count: Counter[str] = Counter()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chrome, args=["--no-sandbox", "--disable-gpu"])
        for page in pages:
            slower = gauge.slowdown(index := gauge.index(browser))
            found = scroll.readings(browser, f"{address}/{page}.html", slower)
            passed = max(found.own, found.clock) <= scroll.BOUND_MS
            able = passed or gauge.can_judge(min(index, gauge.index(browser)))
            count["passed" if passed else "failed" if able else UNJUDGED] += 1
            print(
                f"{page}: scrolled {slower:.1f} times slower, blocked for {found.own:.0f} ms of its own, {found.clock:.0f} ms "
                f"by the clock, load {gauge.load():.1f} a core{'' if able else f'; {UNJUDGED}'}",
                flush=True,
            )
        browser.close()
    return count


def main() -> int:
    """Judge every page; the best of some tries counts, since the machine is shared and the simulation is not exact."""
    chrome = next((p for n in ("chromium", "chromium-browser", "google-chrome") if (p := shutil.which(n))), None)
    site = ROOT / "_build" / "html"
    if chrome is None or not (site / "index.html").is_file():
        print("needed: Chromium (apt-get install chromium) and the built site (make book)")
        return 1
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Compressed, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_address[1]}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chrome, args=["--no-sandbox", "--disable-gpu"])
        index = gauge.index(browser)
        browser.close()
    count: Counter[str] = Counter()
    for page in pages_of(site, "all" in sys.argv):
        best = best_of(f"{address}/{page}.html", chrome, index)
        index = best[INDEX]
        fast = best["performance"] >= LEAST["performance"]
        able = fast or steady(address, chrome, index)
        count.update("passed" if best[name] >= LEAST[name] else "failed" for name in LEAST if name != "performance")
        count["passed" if fast else "failed" if able else UNJUDGED] += 1
        said = ", ".join(f"{name} {best[name]:.0f}" for name in (*LEAST, WEIGHT))
        print(f"{page}: {said}; {best['slower']:.1f} times slower{'' if able else f'; {UNJUDGED}'}", flush=True)
    count += scrolled(chapters_of(site, "all" in sys.argv), address, chrome)
    server.shutdown()
    print(
        ", ".join(f"{count[kind]} {kind}" for kind in ("passed", "failed", UNJUDGED) if kind == "failed" or count[kind])
    )
    return int(count["failed"] > 0)


if __name__ == "__main__":
    sys.exit(main())
