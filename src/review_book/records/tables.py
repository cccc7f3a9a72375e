"""Whether every table and every trace is what the data package says of it, and the data sets of others as a whole."""

from __future__ import annotations

from pathlib import Path

from review_utils.data import external
from review_utils.data.external import ExternalSet
from review_utils.data.tables import FOLDERS, TableEntry, read_columns, read_package, table_infos
from review_utils.data.traces import trace_content
from review_utils.records.reading import Located, Problem, RecordError, each_once, read_yaml
from review_utils.records.references import citation_keys, unknown_key
from review_utils.review import files_in


def check_tables(data: Path) -> list[Problem]:
    """Return the problems of all tables: undescribed files, missing files, bad cells, dangling citations."""
    problems: list[Problem] = []
    try:
        infos = table_infos(data)
        keys = citation_keys(data)
    except RecordError as error:
        return error.problems
    package = Located(data / "datapackage.json", None)
    for info in infos.values():
        problems += unknown_key(package, (info.name, "cite"), info.cite, keys)
        try:
            read_columns(info)
        except RecordError as error:
            problems += error.problems
    described = {info.path.resolve() for info in infos.values()}
    for path in (path for folder in FOLDERS for path in files_in(data / folder)):
        if path.resolve() not in described:
            problems.append(
                Located(path, None).problem((), "a file that no entry describes", "an entry in data/datapackage.json")
            )
    return problems


def check_traces(data: Path) -> list[Problem]:
    """Return the problems of all traces: changed or missing files, and ones that the data package does not describe."""
    try:
        described = {entry.path for entry in read_package(data) if not isinstance(entry, TableEntry)}
    except RecordError:
        return []  # reported where the tables are checked
    where = Located(data / "datapackage.json", None)
    problems = []
    for path in sorted(
        {f"lab/{p.stem}.parquet" for p in files_in(data / "lab", "*.*") if p.stem != "schema"} | described
    ):
        if path not in described:
            problems.append(where.problem(("resources",), f"no entry for {path}", "one that describes this trace"))
        try:
            trace_content(Path(path).stem, data)
        except RecordError as error:
            problems += error.problems
    return problems


def load_external(data: Path) -> list[ExternalSet]:
    """Return the data sets of ``data/external.yml``.

    Raises
    ------
    RecordError
        With every problem: those of a set by itself, ids given twice, citations that dangle.
    """
    sets, located, keys = external.load_external(data), read_yaml(data / "external.yml"), citation_keys(data)
    problems = [*each_once(located, sets)]
    for i, item in enumerate(sets):
        problems += unknown_key(located, (i, "cite"), item.cite, keys)
    if problems:
        raise RecordError(problems)
    return sets
