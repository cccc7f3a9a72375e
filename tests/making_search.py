"""A stand-in for the indexes of papers: it speaks their formats, and fails as they do when it is told to."""

from __future__ import annotations

import json
import urllib.parse
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from xml.sax.saxutils import escape

from conftest import served


@dataclass
class Indexes:
    """What the stand-in holds, how it fails, and what it was asked.

    Parameters
    ----------
    papers : list of dict
        number, title, authors, day, abstract, and what else a test needs (doi, version, updated, comment, retracted).
    faults : list
        What to do for the next answers: a status, ``("busy", seconds)``, ``"cut"`` or None for a sound answer.
    grows : list of dict
        Papers that appear on top after the first page was answered.
    """

    papers: list[dict]
    faults: list = field(default_factory=list)
    grows: list[dict] = field(default_factory=list)
    notices: dict[str, dict] = field(default_factory=dict)
    asked: list[tuple[str, dict]] = field(default_factory=list)
    agents: list[str] = field(default_factory=list)

    def answer(self, path, params):
        """Return the body of a sound answer."""
        if path.startswith("/arxiv"):
            return self.arxiv(params)
        if path.startswith("/openalex/works"):
            return self.openalex(params)
        if path.startswith("/scholar/paper/search/bulk"):
            return self.scholar(params)
        return self.crossref(urllib.parse.unquote(path.removeprefix("/crossref/works/")))

    def grown(self):
        """Return all papers; those that appear midway come on top from the second question on."""
        found = [*self.papers]
        self.papers = [*self.grows, *self.papers]
        self.grows = []
        return found

    def arxiv(self, params):
        """Atom, as arXiv's API User's Manual shows it."""
        held = self.grown()
        if "id_list" in params:
            wanted = params["id_list"].split(",")
            held = [p for p in held if p["number"] in wanted]
        start, size = int(params.get("start", 0)), min(int(params["max_results"]), 3)
        entries = "".join(self.entry(p) for p in held[start : start + size] if p)
        return (
            '<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom" '
            'xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" xmlns:arxiv="http://arxiv.org/schemas/atom">'
            f"<title>query</title><opensearch:totalResults>{len(held)}</opensearch:totalResults>"
            f"<opensearch:startIndex>{start}</opensearch:startIndex>{entries}</feed>"
        ).encode()

    @staticmethod
    def entry(p):
        """One entry of the feed."""
        authors = "".join(f"<author><name>{escape(a)}</name></author>" for a in p["authors"])
        doi = f"<arxiv:doi>{p['doi']}</arxiv:doi>" if p.get("doi") else ""
        comment = f"<arxiv:comment>{escape(p['comment'])}</arxiv:comment>" if p.get("comment") else ""
        return (
            f"<entry><id>http://arxiv.org/abs/{p['number']}v{p.get('version', 1)}</id>"
            f"<title>{escape(p['title'])}</title><summary>{escape(p['abstract'])}</summary>"
            f"<published>{p['day']}T00:00:00Z</published><updated>{p.get('updated', p['day'])}T00:00:00Z</updated>"
            f"{authors}{doi}{comment}</entry>"
        )

    def openalex(self, params):
        """JSON, as OpenAlex documents a list of works; without a key it knows pages alone."""
        held = self.grown()
        if params["filter"].startswith("doi:"):
            wanted = params["filter"].removeprefix("doi:").lower().split("|")
            held = [p for p in held if f"10.48550/arxiv.{p['number']}" in wanted or p.get("doi") in wanted]
        size = 3
        start = (
            int(params["cursor"].replace("*", "0")) if "cursor" in params else (int(params.get("page", 1)) - 1) * size
        )
        works = []
        for p in held[start : start + size]:
            words = p["abstract"].split()
            works.append(
                {
                    "id": f"https://openalex.org/W{p['number'].replace('.', '')}",
                    "doi": f"https://doi.org/{p['doi']}" if p.get("doi") else None,
                    "title": p["title"],
                    "publication_date": p["day"],
                    "is_retracted": p.get("retracted", False),
                    "authorships": [{"author": {"display_name": a}} for a in p["authors"]],
                    "primary_location": {"landing_page_url": f"https://arxiv.org/abs/{p['number']}", "source": None},
                    "locations": [{"landing_page_url": f"https://arxiv.org/abs/{p['number']}"}],
                    "abstract_inverted_index": {w: [i for i, v in enumerate(words) if v == w] for w in words},
                }
            )
        meta = {"count": len(held), "per_page": size}
        if "cursor" in params:
            meta["next_cursor"] = str(start + size) if start + size < len(held) else None
        return json.dumps({"meta": meta, "results": works}).encode()

    def scholar(self, params):
        """JSON, as Semantic Scholar documents its bulk search: a token leads on."""
        held, start, size = self.grown(), int(params.get("token", 0)), 3
        data = [
            {
                "paperId": f"{int(p['number'].replace('.', '')):040x}",
                "title": p["title"],
                "abstract": p["abstract"] or None,
                "authors": [{"authorId": "1", "name": a} for a in p["authors"]],
                "year": int(p["day"][:4]),
                "publicationDate": p["day"],
                "externalIds": {"ArXiv": p["number"]} | ({"DOI": p["doi"]} if p.get("doi") else {}),
                "venue": "",
                "url": "https://www.semanticscholar.org/paper/x",
            }
            for p in held[start : start + size]
        ]
        more = {"token": str(start + size)} if start + size < len(held) else {}
        return json.dumps({"total": len(held), "data": data, **more}).encode()

    def crossref(self, doi):
        """JSON, as Crossref documents one work; None where it knows no such DOI."""
        return json.dumps({"status": "ok", "message": self.notices[doi]}).encode() if doi in self.notices else None


def paper(number, title=None, **more):
    """A paper as the stand-in holds it."""
    return {
        "number": f"2601.{number:05d}",
        "title": title or f"{WORDS[number % len(WORDS)]} {WORDS[number * 7 % len(WORDS)]} of {WORDS[number * 3 % len(WORDS)]} {chr(97 + number % 26) * 5}",
        "authors": [f"Ada Person{chr(97 + number % 26)}", "Bo Second"],
        "day": "2026-01-05",
        "abstract": f"We measure {WORDS[number % len(WORDS)]} again and again.",
        **more,
    }  # fmt: skip


WORDS = [
    "Currents",
    "Harbours",
    "Moons",
    "Gauges",
    "Storms",
    "Estuaries",
    "Surges",
    "Basins",
    "Shelves",
    "Bores",
    "Swells",
]


def served_indexes(indexes, monkeypatch):
    """Serve the stand-in, and let the clients ask it."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            split = urllib.parse.urlsplit(self.path)
            params = dict(urllib.parse.parse_qsl(split.query))
            indexes.asked.append((split.path, params))
            indexes.agents.append(self.headers.get("User-Agent", ""))
            fault = indexes.faults.pop(0) if indexes.faults else None
            if isinstance(fault, int):
                self.send_error(fault)
                return
            if isinstance(fault, tuple):
                self.send_response(429)
                self.send_header("Retry-After", str(fault[1]))
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            body = indexes.answer(split.path, params)
            if body is None:
                self.send_error(404)
                return
            self.send_response(200)
            if fault == "cut":
                body = body[: len(body) // 2]
            self.send_header("Content-Length", str(len(body) + (50 if fault == "short" else 0)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    def address(base):
        for name, path in (
            ("ARXIV", "arxiv"),
            ("OPENALEX", "openalex"),
            ("SEMANTICSCHOLAR", "scholar"),
            ("CROSSREF", "crossref"),
        ):
            monkeypatch.setenv(f"REVIEW_{name}_API", f"{base}/{path}")

    return served(Handler), address
