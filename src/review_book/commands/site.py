"""Commands that make the site: build and serve it, fetch what its figures read, print and release it."""

from __future__ import annotations

import gc
import json
import math
import shutil
import sys
import threading
import time
from pathlib import Path

import click

from review_book.commands import Refusal, review, today
from review_book.commands.living import demand_history


@click.command()
@click.argument("names", nargs=-1)
@click.option(
    "--within", type=float, help="Seconds: bring what comes in that time, and say what did not. For make book."
)
def fetch(names: tuple[str, ...], within: float | None) -> None:
    """Bring the third-party data sets NAMES (default: all) into data/external, each file checked by its hash."""
    from review_book.living.fetching import Unreachable, fetch_set, is_there
    from review_utils.data.external import FetchError

    at = review()
    sets = {item.id: item for item in at.records.external}
    for name in names:
        if name not in sets:
            raise Refusal(f"given {name}; needed: one of {', '.join(sets)}")
    if within is not None and not 0 <= within < math.inf:
        raise Refusal(f"given --within {within:g}; needed: seconds, a finite number of at least 0")
    if within is not None:
        until, lacking = (
            time.monotonic() + within,
            [sets[one] for one in names or sets if not is_there(at.root, sets[one])],
        )
        not_brought: list[str] = []
        for i, item in enumerate(lacking):
            click.echo(f"bringing {item.id}")
            try:
                fetch_set(at.root, item, until=until)
            except Unreachable as error:
                click.echo(str(error))
                not_brought += [other.id for other in lacking[i:]]
                break
            except FetchError as error:
                click.echo(str(error))
                not_brought.append(item.id)
        if not_brought:
            click.echo(
                f"not brought: {', '.join(not_brought)}; the book builds without, and says under a figure which of its points are missing"
            )
        return
    for chosen in [sets[name] for name in names or sets]:
        with click.progressbar(length=len(chosen.files), label=chosen.id, show_eta=True) as bar:
            came = fetch_set(at.root, chosen, bar.update)
        click.echo(f"{chosen.id}: {len(chosen.files)} files, {came} of them new; {chosen.licence}; {chosen.cite}")


def _build() -> None:
    from review_book.site.build import BuildFailed, build_site

    try:
        build_site(review().root, click.echo)
    except BuildFailed as error:
        raise Refusal(f"the book was not built: {'for what is said above' if error.printed else error}") from None


@click.command()
def build() -> None:
    """Execute what changed and build the site into _build/html."""
    started = time.perf_counter()
    gc.disable()  # to look for cycles through the trees of all pages takes a seventh of the time, and the process ends soon
    try:
        _build()
    except KeyboardInterrupt:
        raise Refusal("interrupted; the site that stood before is untouched, and what was executed is kept") from None
    finally:
        gc.enable()
    click.echo(f"built in {time.perf_counter() - started:.1f} s")


@click.command()
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Where to serve.")
def serve(port: int) -> None:
    """Build, serve the site, and make each page anew when something that it shows changed."""
    from review_book.site.preview import Preview, Site, server_of

    site = Site(Preview(review().root, click.echo))
    try:
        server = server_of(site, port)
    except OSError as error:
        raise Refusal(f"port {port}: {error.strerror}; needed: a free one, with --port") from None
    stop = threading.Event()
    with server:
        site.begin()
        threading.Thread(target=site.watch, args=(stop,), daemon=True).start()
        click.echo(f"serving http://127.0.0.1:{port}; Ctrl-C ends")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            stop.set()


SLOWEST = 20
"""Pages whose time is written down."""


@click.command()
def cold() -> None:
    """Execute every notebook from nothing, build, and write down when that was done and how long it took."""
    from review_book.execute.contents import notebook_pages
    from review_book.execute.run import seconds_of
    from review_book.files import write_atomically

    at = review()
    shutil.rmtree(at.build / "executed", ignore_errors=True)
    started = time.perf_counter()
    _build()
    done = {
        "date": today().isoformat(),
        "notebooks": len(notebook_pages(at.root)),
        "seconds": round(time.perf_counter() - started),
        "python": ".".join(map(str, sys.version_info[:3])),
        "slowest": dict(sorted(seconds_of(at.root).items(), key=lambda item: -item[1])[:SLOWEST]),
    }
    write_atomically(at.data / "execution.json", json.dumps(done, indent=1) + "\n")
    click.echo(
        f"executed {done['notebooks']} notebooks and built in {done['seconds']} s; written to data/execution.json"
    )


def _site() -> Path:
    site = review().site
    if not (site / "index.html").is_file():
        raise Refusal("no site in _build/html; make book")
    return site


@click.command()
@click.option("--out", type=click.Path(path_type=Path), help="Folder to write to; default _build/release.")
def release(out: Path | None) -> None:
    """Build what changed, and make a release of the site: archives, bill of materials, checksums."""
    from review_book.site.release import make_release

    at = review()
    demand_history(at.data)
    _build()
    for path in make_release(at.root, out or at.build / "release"):
        click.echo(path)


@click.command()
@click.option("--out", type=click.Path(path_type=Path), help="File to write; default _build/<the review>.pdf.")
def pdf(out: Path | None) -> None:
    """Build what changed, and print the whole book into one PDF, with Chromium."""
    from review_book.execute.contents import toc_pages
    from review_book.site.release import print_book

    at = review()
    target = out or at.build / f"{at.records.about.slug}.pdf"
    if target.is_dir():
        raise Refusal(f"given --out {target}, a folder; needed: a file, as {target / at.records.about.slug}.pdf")
    _build()
    site = _site()
    sheets = print_book(site, toc_pages(at.root), target, click.echo, at.records.about.name)
    click.echo(f"{target}: {sheets} sheets")


@click.command()
@click.option("--kept", type=click.Path(path_type=Path), help="Where results are kept between checks.")
def links(kept: Path | None) -> None:
    """Try every link to another host; one is broken when it was gone on two different days."""
    from review_book.living.links import check_links, external_links, read_links, write_links

    path = kept or review().build / "links.json"
    found = external_links(_site())
    results = check_links(found, read_links(path), today())
    write_links(path, results)
    for link in results:
        if link.state == "broken":
            click.echo(f"broken since {link.gone_on[0]}: {link.address}, on {', '.join(found[link.address][:3])}")
    counts = {state: sum(link.state == state for link in results) for state in ("ok", "unknown", "broken")}
    click.echo(", ".join(f"{count} {state}" for state, count in counts.items()))
    sys.exit(1 if counts["broken"] else 0)


COMMANDS = (fetch, build, serve, cold, release, pdf, links)
