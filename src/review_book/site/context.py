"""What each page tells beyond its text: description, metadata for machines, citation, notebook, freshness."""

from __future__ import annotations

import hashlib
import html
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import yaml
from docutils import nodes
from sphinx.builders.html._assets import _JavaScript

from review_book.living.bibtex import as_tex
from review_book.records.about import About, load_about
from review_book.review import Review
from review_book.site import ris

KEEP_SCRIPTS = ("review/frame.js", "review/review.js", "review/tips.js")
"""Scripts that a page needs: our own. The theme's serve what this book does without, or does more lightly."""

DROP_STYLES = ("togglebutton", "copybutton", "sphinx-design", "thebe")
"""Styles of what is not used."""


@dataclass(frozen=True)
class Contributor:
    """An author of the review: a person, or a group whose name stays whole."""

    name: str
    family: str = ""
    orcid: str = ""

    @classmethod
    def of(cls, author: Mapping[str, str]) -> Contributor:
        """Return an author of ``CITATION.cff``."""
        if "name" in author:
            return cls(author["name"], orcid=author.get("orcid", ""))
        family = " ".join(filter(None, (author.get("name-particle"), author["family-names"])))
        return cls(f"{author.get('given-names', '')} {family}".strip(), family, author.get("orcid", ""))

    @property
    def inverted(self) -> str:
        """The name with the family's first, as reference managers have it."""
        return f"{self.family}, {self.name.removesuffix(self.family).strip()}" if self.family else self.name


@dataclass(frozen=True)
class Citation:
    """How to cite the review, from ``CITATION.cff``."""

    title: str
    authors: str
    version: str
    released: str
    abstract: str
    people: tuple[Contributor, ...]


@cache
def review_citation(root: Path) -> Citation:
    """Return what ``CITATION.cff`` says; its authors are groups (``name``) or persons, with their ORCID where given."""
    cff = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))
    people = tuple(Contributor.of(author) for author in cff["authors"])
    authors = " and ".join(p.name if p.family else f"{{{p.name}}}" for p in people)
    return Citation(cff["title"], authors, str(cff["version"]), str(cff["date-released"]), " ".join(cff["abstract"].split()), people)  # fmt: skip


def records_version(root: Path) -> str:
    """Return ten digits that name the records a site was built from: the digest of all of them."""
    stamp = root / "_build" / "records.stamp"
    return hashlib.sha256(stamp.read_bytes()).hexdigest()[:10]


def base_url() -> str:
    """Return where the site will stand, with a slash at its end; empty when nobody said (REVIEW_BASEURL)."""
    address = os.environ.get("REVIEW_BASEURL", "").strip()
    return f"{address.rstrip('/')}/" if address else ""


def page_citation(root: Path, page: str, title: str) -> str:
    """Return the BibTeX entry of a page, with the version of the review and of its records."""
    review = review_citation(root)
    name = load_about(root / "data").slug + page.rsplit("/", 1)[-1]
    key = re.sub(r"[^a-z0-9]", "", name.lower())
    where = f"  url = {{{base_url()}{page}.html}},\n" if base_url() else ""
    return (
        f"@misc{{{key},\n  author = {review.authors},\n  title = {{{as_tex(title)}}},\n  year = {{{review.released[:4]}}},\n"
        f"  howpublished = {{In: {as_tex(review.title)}}},\n{where}"
        f"  note = {{Version {review.version}, records {records_version(root)}, page {as_tex(page)}}}\n}}"
    )


def page_ris(root: Path, page: str, title: str) -> str:
    """Return the entry of a page in RIS, with the version of the review and of its records."""
    review = review_citation(root)
    fields = [
        *(("AU", person.inverted) for person in review.people),
        ("TI", title), ("T2", review.title), ("PY", review.released[:4]),
        ("UR", f"{base_url()}{page}.html" if base_url() else ""),
        ("N1", f"Version {review.version}, records {records_version(root)}, page {page}"),
    ]  # fmt: skip
    return ris.entry("ELEC", fields)


MADE = ("404", "search", "genindex")
"""Pages that no source stands behind."""


def source_of(page: str) -> str:
    """Return the file that a page is made from: its own, or the record whose page it is; empty where there is none."""
    if page in MADE or page.startswith("charts/"):
        return ""
    for folder, place in (
        ("findings/", "data/findings/{}.yml"),
        ("statements/", "data/statements/{}.yml"),
        ("laws/", "data/laws"),
    ):
        if page.startswith(folder):
            return place.format(page.removeprefix(folder))
    return "data/studies" if page.startswith("studies/") else f"{page}.md"


def launches(about: About, page: str, title: str) -> dict[str, str]:
    """Return where a page can be run, changed or complained of; nothing where the review names no repository.

    Parameters
    ----------
    about : About
        ``repository`` is the address of the sources, in one place: ``data/review.yml``.
    page, title : str

    Returns
    -------
    dict
        ``edit``, ``report``, ``suggest``, and for an analysis ``binder`` and ``colab``.
    """
    if not about.repository or page in MADE:
        return {}
    home, source = about.repository.rstrip("/"), source_of(page)
    found = {
        "report": f"{home}/issues/new?{urlencode({'template': 'error.yml', 'title': f'Error: {title}', 'page': page})}",
        "suggest": f"{home}/issues/new?{urlencode({'template': 'paper.yml', 'chapter': page})}",
    }
    if source:
        kind = "edit" if source.endswith((".md", ".yml")) else "tree"
        found["edit"] = f"{home}/{kind}/{about.branch}/{quote(source)}"
    if page.startswith("analyses/") and (at := re.fullmatch(r"https://github\.com/([^/]+/[^/]+)", home)):
        notebook = f"{page.removeprefix('analyses/')}.ipynb"
        found["binder"] = (
            f"https://mybinder.org/v2/gh/{at[1]}/{about.branch}?{urlencode({'urlpath': f'lab/tree/{page}.md'})}"
        )
        found["colab"] = f"https://colab.research.google.com/github/{at[1]}/blob/{NOTEBOOKS}/{quote(notebook)}"
    return found


NOTEBOOKS = "notebooks"
"""The branch on which the workflow keeps the executed notebooks, which Colab opens from there."""


def description_of(doctree: nodes.document | None, fallback: str) -> str:
    """Return a page's first paragraph as plain text of at most 200 characters, numbers included."""
    if doctree is None:
        return fallback
    for paragraph in doctree.findall(nodes.paragraph):
        parts = []
        for node in paragraph.findall():
            if isinstance(node, nodes.raw):
                value = re.search(r'class="num__value[^>]*>([^<]*)<', node.astext())
                parts.append(html.unescape(value[1]) if value else "")
            elif isinstance(node, nodes.Text) and not isinstance(node.parent, nodes.raw):
                parts.append(node.astext())
        text = " ".join("".join(parts).split())
        if len(text) > 40:
            return text if len(text) <= 200 else text[:199].rsplit(" ", 1)[0] + "…"
    return fallback


def _jsonld(root: Path, page: str, title: str, description: str) -> str:
    review = review_citation(root)
    license_ = "https://creativecommons.org/licenses/by/4.0/"
    part_of = {"@type": "Dataset", "name": review.title, "version": review.version}
    maker = [{"@type": "Person" if p.family else "Organization", "name": p.name} for p in review.people]
    if page == "index":
        downloads = [
            {"@type": "DataDownload", "encodingFormat": form, "contentUrl": f"{base_url()}{path}"}
            for form, path in (("application/json", "data/register.json"), ("application/zip", f"data/{load_about(root / 'data').slug}-data.zip"))
        ]  # fmt: skip
        data: dict[str, Any] = {
            "@type": "Dataset", "name": review.title, "description": review.abstract, "version": review.version,
            "datePublished": review.released, "license": license_, "creator": maker, "distribution": downloads,
        }  # fmt: skip
    elif page.startswith(("chapters/", "analyses/")):
        data = {
            "@type": "ScholarlyArticle", "headline": title, "description": description, "license": license_,
            "datePublished": review.released, "author": maker, "isPartOf": part_of,
        }  # fmt: skip
    else:
        return ""
    text = json.dumps({"@context": "https://schema.org", **data}, ensure_ascii=False, sort_keys=True)
    return text.replace("<", "\\u003c")


def forget() -> None:
    """Read what was kept of the records anew, where a process outlives a change of them."""
    review_citation.cache_clear()


def review_context(made: Review, page: str, title: str, doctree: nodes.document | None) -> dict[str, Any]:
    """Return what the templates show of a page of a review."""
    root = made.root
    review = review_citation(root)
    plain = html.unescape(re.sub(r"<[^>]+>", "", title))
    description = description_of(doctree, review.abstract)
    notebook = page.startswith("analyses/")
    known = doctree is not None
    return {
        "description": description,
        "version": f"{review.title}, version {review.version}, records {records_version(root)}",
        "og_type": "website" if page == "index" else "article",
        "base": base_url(),
        "card_alt": f"{review.title}: the map of its statements by chapter and grade",
        "jsonld": _jsonld(root, page, plain, description),
        "cite": page_citation(root, page, plain) if known else "",
        "notebook": f"notebooks/{page.removeprefix('analyses/')}.ipynb" if notebook else "",
        "rerun": f".venv/bin/review run {page.removeprefix('analyses/')}",
        "freshness": made.freshness,
        "ris": page_ris(root, page, plain) if known else "",
        "authors": ", ".join(person.name for person in review.people),
        "launch": launches(load_about(root / "data"), page, plain),
    }


def lighten(context: dict[str, Any]) -> None:
    """Keep only the scripts and styles that the book uses, and let them wait until the page is read."""

    def name_of(file: object) -> str:
        return str(getattr(file, "filename", file) or "").split("?")[0]

    context["script_files"] = [
        _JavaScript(name_of(s), priority=500, defer="defer")
        for s in context.get("script_files", [])
        if name_of(s).endswith(KEEP_SCRIPTS)
    ]
    context["css_files"] = [
        c for c in context.get("css_files", []) if not any(word in name_of(c) for word in DROP_STYLES)
    ]
    if body := context.get("body"):
        context["body"] = re.sub(r'<script type="text/x-thebe-config">.*?</script>|<script>kernelName = [^<]*</script>', "", body, flags=re.DOTALL)  # fmt: skip
