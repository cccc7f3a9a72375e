"""Judge the built pages by Lighthouse, as a slow phone would load them, and print the scores: make audit.

With ``all`` every analysis that shows a chart, and every chapter, is judged, as each night: make audit AUDIT=all.
Then chapters are scrolled (``scroll.py``): the one with the most charts, or with ``all`` every one.
"""

from __future__ import annotations

import gzip
import io
import json
import shutil
import subprocess
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import scroll
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("index", "chapters/phase_transitions", "analyses/scaling_laws/laws_side_by_side")
LEAST = {"performance": 95, "accessibility": 100, "best-practices": 100, "seo": 100}
TEXT = (".html", ".css", ".js", ".json", ".svg", ".xml", ".csv")


class Compressed(SimpleHTTPRequestHandler):
    """Serve text compressed, as any host of static pages does."""

    def log_message(self, *args):
        """Say nothing."""

    def send_head(self):
        """Send a file, compressed when it is text."""
        path = Path(self.translate_path(self.path))
        if not (path.is_file() and path.name.endswith(TEXT)):
            return super().send_head()
        body = gzip.compress(path.read_bytes(), 6, mtime=0)
        self.send_response(200)
        self.send_header("Content-Type", f"{self.guess_type(str(path))}; charset=utf-8")
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "max-age=31536000")
        self.end_headers()
        return io.BytesIO(body)


def judge(address: str, chrome: str) -> dict[str, int]:
    """Return the scores of one page, in percent, and what it weighed compressed."""
    program = Path(__file__).with_name("node_modules") / ".bin" / "lighthouse"
    command = [
        str(program),
        address,
        "--output=json",
        "--quiet",
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
    return scores | {"weight in KB": round(report["audits"]["total-byte-weight"]["numericValue"] / 1000)}


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


def scrolled(pages: list[str], address: str, chrome: str) -> int:
    """Scroll each page, print for how long it blocked, and return how many were above the bound."""
    above = 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chrome, args=["--no-sandbox", "--disable-gpu"])
        for page in pages:
            found, quiet = scroll.readings(browser, f"{address}/{page}.html"), scroll.load() < 1
            above += max(found.own, found.clock if quiet else 0) > scroll.BOUND_MS
            print(
                f"{page}: scrolled at a quarter of the speed, blocked for {found.own:.0f} ms of its own, {found.clock:.0f} ms "
                f"by the clock{'' if quiet else ' (not judged: others use the machine)'}, load {scroll.load():.1f} a core",
                flush=True,
            )
        browser.close()
    return above


def main() -> int:
    """Judge every page; the best of three counts, since the machine is shared and the simulation is not exact."""
    chrome = next((p for n in ("chromium", "chromium-browser", "google-chrome") if (p := shutil.which(n))), None)
    site = ROOT / "_build" / "html"
    if chrome is None or not (site / "index.html").is_file():
        print("needed: Chromium (apt-get install chromium) and the built site (make book)")
        return 1
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Compressed, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    below = 0
    pages = pages_of(site, "all" in sys.argv)
    for page in pages:
        best: dict[str, int] = {}
        for _ in range(3):
            for name, score in judge(f"http://127.0.0.1:{server.server_address[1]}/{page}.html", chrome).items():
                better = min if name == "weight in KB" else max
                best[name] = better(score, best.get(name, score))
            if all(best[name] >= least for name, least in LEAST.items()):
                break
        print(f"{page}: {', '.join(f'{name} {score}' for name, score in best.items())}", flush=True)
        below += sum(best[name] < least for name, least in LEAST.items())
    chapters = chapters_of(site, "all" in sys.argv)
    below += scrolled(chapters, f"http://127.0.0.1:{server.server_address[1]}", chrome)
    server.shutdown()
    print(f"{len(pages) * len(LEAST) + len(chapters) - below} passed, {below} failed")
    return int(below > 0)


if __name__ == "__main__":
    sys.exit(main())
