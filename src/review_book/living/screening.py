"""Screening what waits: the most relevant first, one decision after another, each kept at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import ValidationError

from review_book.files import append
from review_book.living.searching import Abstracts, SearchError, rows
from review_book.living.sources import Arxiv, Http, OpenAlex, Source
from review_book.records.screened import whose_title
from review_book.records.searches import (
    COLUMNS,
    Criterion,
    Decision,
    Protocol,
    Searches,
    Stage,
    load_searches,
    read_table,
)
from review_utils.records.reading import Problem, RecordError, did_you_mean, problems_of

TABLE = ("id", "title", "authors", "year", "chapter", "relevance", "reason")
FEWEST = 5
"""Decisions of each kind that a model needs to learn from; also the folds in which it is tried."""

USEFUL = 0.6
"""Share of held-out pairs that a model must rank rightly for the queue to follow it; a coin ranks half."""

_KEYS = {"include": "abcdefgh", "exclude": "123456789"}


def fetch_abstracts(abstracts: Abstracts, waiting: Sequence[Decision], http: Callable[[Source], Http]) -> int:
    """Ask arXiv, and OpenAlex for works with a DOI, for abstracts that are not at hand; return how many came.

    Raises
    ------
    SourceError
        When an index cannot be asked; what came before is kept.
    """
    lacking = {item.id for item in waiting if not abstracts.get(item.id)}
    preprints = sorted(name.removeprefix("arXiv:") for name in lacking if name.startswith("arXiv:"))
    dois = sorted(name.removeprefix("doi:") for name in lacking if name.startswith("doi:"))
    came = 0
    arxiv, openalex = Arxiv(), OpenAlex()
    for source, names, prefix in ((arxiv, preprints, "arXiv:"), (openalex, dois, "doi:")):
        for found in source.by_ids(http(source), names) if names else ():
            key = prefix + next((i.split(":", 1)[1] for i in sorted(found.ids) if i.startswith(prefix.lower())), "")
            if key in lacking and found.abstract:
                abstracts.add({key: found.abstract})
                came += 1
    return came


def ranked(
    searches: Searches, abstracts: Abstracts, waiting: Sequence[Decision]
) -> list[tuple[Decision, float | None]]:
    """Return what waits, the most relevant first, each with its chance of being included.

    The model is a logistic regression on the words and pairs of words of title and abstract, weighted by how rare they are,
    learned from the decisions so far on what is included and what has another subject. Where there are fewer than `FEWEST`
    decisions of a kind, or where the model tells decisions that it did not learn from apart no better than `USEFUL`, what
    waits longest comes first and has no chance.
    """
    decided = _taught(searches)
    kinds = [item.decision == "include" for item in decided]
    if not waiting or (ranking_quality(searches, abstracts) or 0.0) < USEFUL:
        return [(item, None) for item in waiting]
    model = _model()
    model.fit([_text(item, abstracts) for item in decided], kinds)
    chances = model.predict_proba([_text(item, abstracts) for item in waiting])[:, 1]
    order = np.argsort(-chances, kind="stable")
    return [(waiting[i], float(chances[i])) for i in order]


def _taught(searches: Searches) -> list[Decision]:
    """Return the decisions that a title and an abstract can teach: inclusions, and exclusions for another subject.

    Where no reason of the protocol is one of the subject, all exclusions are.
    """
    of_subject = {criterion.id for criterion in searches.protocol.reasons("exclude") if criterion.subject}
    return [
        item
        for item in searches.last_decisions()
        if item.decision == "include" or (item.decision == "exclude" and (item.reason in of_subject or not of_subject))
    ]


def ranking_quality(searches: Searches, abstracts: Abstracts) -> float | None:
    """Return in which share of pairs an included work ranks above one of another subject, when both were decided later.

    The model learns from the earlier decisions, as it does for what waits: titles that one query brought are alike, and
    held-out ones among them would be easy. Where no day parts the decisions with `FEWEST` of each kind on both sides, a
    fifth is held out at a time; None where there are fewer than `FEWEST` of a kind.
    """
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    decided = _taught(searches)
    kinds = np.array([item.decision == "include" for item in decided], dtype=bool)
    if min(kinds.sum(), (~kinds).sum()) < FEWEST:
        return None
    texts = [_text(item, abstracts) for item in decided]
    days = np.array([item.date.toordinal() for item in decided])
    for day in np.unique(days)[:0:-1]:
        late = days >= day
        if min(np.bincount(kinds[part], minlength=2).min() for part in (late, ~late)) >= FEWEST:
            model = _model().fit([text for text, later in zip(texts, late, strict=True) if not later], kinds[~late])
            chances = model.predict_proba([text for text, later in zip(texts, late, strict=True) if later])[:, 1]
            return float(roc_auc_score(kinds[late], chances))
    held_out = StratifiedKFold(FEWEST, shuffle=True, random_state=0)
    chances = cross_val_predict(_model(), texts, kinds, cv=held_out, method="predict_proba")[:, 1]
    return float(roc_auc_score(kinds, chances))


def _model() -> Any:  # noqa: ANN401  # scikit-learn has no types
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, stop_words="english")
    return make_pipeline(words, LogisticRegression(class_weight="balanced", C=10.0, max_iter=1000))


def _text(item: Decision, abstracts: Abstracts) -> str:
    return f"{item.title}. {abstracts.get(item.id)}"


def keys_of(protocol: Protocol) -> dict[str, Criterion]:
    """Return the key of each criterion: letters include, digits exclude."""
    return {
        key: criterion
        for decides, keys in _KEYS.items()
        for key, criterion in zip(keys, protocol.reasons(decides), strict=False)
    }


@dataclass
class Sitting:
    """One sitting of screening: each decision is in the table as soon as it is made, and can be taken back.

    Parameters
    ----------
    data : path
    day : date
    stage : {"title-abstract", "full-text"}
    """

    data: Path
    day: dt.date
    stage: Stage = "title-abstract"
    made: list[Decision] = field(default_factory=list)

    @property
    def table(self) -> Path:
        """Where decisions stand."""
        return self.data / "searches" / "decisions.csv"

    def decide(self, work: Decision, criterion: Criterion) -> Decision:
        """Write a decision on a work that waits."""
        made = work.model_copy(
            update={"stage": self.stage, "decision": criterion.decides, "reason": criterion.id, "date": self.day}
        )
        append(self.table, rows([made.model_dump()], COLUMNS))
        self.made.append(made)
        return made

    def undo(self) -> Decision | None:
        """Take back the last decision of this sitting; None where there is none.

        Raises
        ------
        SearchError
            When another program wrote into the table since.
        """
        if not self.made:
            return None
        line = rows([self.made[-1].model_dump()], COLUMNS).encode()
        with self.table.open("r+b") as file:
            content = file.read()
            if not content.endswith(line):
                raise SearchError("the table of decisions was changed by another program; nothing was taken back")
            file.truncate(len(content) - len(line))
        return self.made.pop()


def write_queue(path: Path, searches: Searches, queue: Sequence[tuple[Decision, float | None]]) -> int:
    """Write what waits as a table, to be decided in another program by filling the column `reason`.

    Raises
    ------
    SearchError
        When the file exists: it may hold decisions.
    """
    if path.exists():
        raise SearchError(f"{path} exists and may hold decisions; needed: another name, or --read {path} first")
    lines = [
        {
            "id": item.id,
            "title": item.title,
            "authors": about.authors if (about := searches.described.get(item.id)) else "",
            "year": item.year,
            "chapter": item.chapter,
            "relevance": "" if chance is None else f"{chance:.2f}",
            "reason": "",
        }
        for item, chance in queue
    ]
    path.write_bytes((",".join(TABLE) + "\n" + rows(lines, TABLE)).encode())
    return len(lines)


def read_queue(path: Path, data: Path, day: dt.date, stage: Stage = "title-abstract") -> int:
    """Take over the decisions of a table that `write_queue` wrote; return how many. All or none are taken over.

    Rows without a reason go on waiting; a row decided before, by the same reason, is passed over.

    Raises
    ------
    RecordError
        With every row of an unknown work, under the title of another work, by a reason that there is not, or against a decision that stands.
    """
    searches = load_searches(data)
    reasons = {criterion.id: criterion for criterion in searches.protocol.criteria}
    last = {(item.id, item.chapter): item for item in searches.decisions}
    other, problems = whose_title(searches), list[Problem]()
    made: dict[tuple[str, str], Decision] = {}
    for at, row in read_table(path, TABLE, problems):
        key = (row["id"], row["chapter"])
        reason = (row["reason"] or "").strip()
        if not reason:
            continue
        if key not in last:
            near = did_you_mean(row["id"], (name for name, chapter in last if chapter == row["chapter"]))
            problems.append(at.problem(("id",), row["id"], f"a work that waits for {row['chapter']}{near}"))
        elif need := other(row["id"], row["title"] or ""):
            problems.append(at.problem(("title",), row["title"], need))
        elif reason not in reasons:
            problems.append(
                at.problem(("reason",), reason, f"a criterion of the protocol{did_you_mean(reason, reasons)}")
            )
        elif key in made and made[key].reason != reason:
            problems.append(at.problem(("reason",), reason, f"one decision on a work; it says {made[key].reason} too"))
        elif last[key].decision != "wait" and last[key].reason != reason:
            problems.append(at.problem(("reason",), reason, f"a work that waits; it was decided by {last[key].reason}"))
        elif last[key].decision == "wait" and reasons[reason].decides != "wait":
            try:
                made[key] = Decision.model_validate(
                    last[key].model_dump()
                    | {"stage": stage, "decision": reasons[reason].decides, "reason": reason, "date": day}
                )
            except ValidationError as error:
                problems += problems_of(error, at, Decision)
    if problems:
        raise RecordError(problems)
    append(data / "searches" / "decisions.csv", rows((item.model_dump() for item in made.values()), COLUMNS))
    return len(made)
