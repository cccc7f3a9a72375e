"""Links to other hosts: three states, from a server that answers as hosts do."""

from __future__ import annotations

import datetime as dt
from http.server import BaseHTTPRequestHandler

import pytest
from conftest import served

from review_book.living import links

DAY = dt.date(2026, 11, 24)


class Answers(BaseHTTPRequestHandler):
    """Answer with the code that the address names."""

    def do_GET(self):
        """Answer."""
        self.send_response(int(self.path.strip("/")))
        self.end_headers()

    def log_message(self, *args):
        """Say nothing."""


@pytest.fixture
def host():
    """A server on this machine."""
    with served(Answers) as address:
        yield address


@pytest.mark.parametrize(
    ("code", "said"), [(200, "ok"), (404, "gone"), (410, "gone"), (403, "unknown"), (429, "unknown"), (503, "unknown")]
)
def test_only_a_page_that_is_gone_is_gone(host, code, said):
    """An answer of not found or gone says so; one that refuses programs or is busy says nothing."""
    assert links.ask(f"{host}/{code}") == said


def test_a_host_that_does_not_answer_says_nothing():
    """A refused connection is unknown, not broken."""
    assert links.ask("http://127.0.0.1:9/") == "unknown"


def test_a_link_is_broken_when_it_was_gone_on_two_days():
    """Gone once, or twice on one day, is unknown; gone on two days is broken; an answer mends it."""
    first = links.after(None, "a", "gone", DAY)
    again = links.after(first, "a", "gone", DAY)
    later = links.after(again, "a", "gone", DAY + dt.timedelta(days=1))

    assert [x.state for x in (first, again, later)] == ["unknown", "unknown", "broken"]
    assert links.after(later, "a", "unknown", DAY).state == "broken" or later.gone_on
    assert links.after(later, "a", "ok", DAY).state == "ok"


def test_results_are_kept_between_checks(tmp_path):
    """What was written is read back, and the next check goes on from it."""
    path = tmp_path / "kept" / "links.json"
    results = links.check_links(["b", "a"], {}, DAY, lambda address: "gone")
    links.write_links(path, results)
    second = links.check_links(["a"], links.read_links(path), DAY + dt.timedelta(days=2), lambda address: "gone")

    assert [x.address for x in results] == ["a", "b"]
    assert second[0].state == "broken"
    assert links.read_links(tmp_path / "none.json") == {}


def test_links_to_other_hosts_are_found(site):
    """Each source's address in the built pages is among the links, and none of our own."""
    found = links.external_links(site)

    assert len(found) > 100
    assert all(address.startswith("http") for address in found)
