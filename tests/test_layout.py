"""The layout of the project: its packages, its words, and what must never be in it."""

from __future__ import annotations

import ast
import doctest
import importlib
import io
import json
import re
import shutil
import subprocess
import sys
import tokenize
from pathlib import Path

import pytest

from review_book.review import Review

ORDER = [
    "scaling_laws",
    "phase_transitions",
    "capability_precursors",
    "training_dynamics",
    "emergence_theory",
    "emergent_capabilities",
]
PACKAGES = {
    "review_utils": set(),
    "emergence": {"review_utils"},
    "emergence_lab": {"review_utils"},
    "review_book": {"review_utils"},
}
"""The packages, and which others each may import. The commands alone may load science and laboratory, when they are asked for."""

COVERED = {
    "review_utils": {
        "review": "reading", "chain": "history", "kinds": "register", "quantities": "register", "tables": "show_tables",
    },
    "emergence": {
        "curves": "phase_transitions", "seeds": "phase_transitions", "accounts": "attribution", "cases": "attribution", "calibrate": "attribution", "laws": "scaling_laws", "published": "scaling_laws", "fits": "scaling_laws",
        "precursors": "capability_precursors", "ledger": "forecasts", "register_views": "emergent_capabilities",
        "training": "training_dynamics", "filling": "coverage", "dose": "training_dynamics", "linear": "training_dynamics",
        "design": "answer", "said": "answer", "page": "answer",
        "race": "training_dynamics", "crossings": "training_dynamics", "doses": "training_dynamics", "gpt3": "phase_transitions", "mitigations": "training_dynamics",
        "prose_checks": "emergent_capabilities", "pictures": "explorer", "timeline": "emergent_capabilities", "trial": "curve_page", "printed": "training_dynamics",
    },
    "review_book": {"shown": "ordinary", "views": "misread", "unfit": "execute",
        "shares": "recall", "sentences": "statements", "surroundings": "commands", "bibtex": "references", "fetching": "external", "git": "kept", "tables": "data_tables", "changes": "status", "review": "reading",
        "extension": "build", "transforms": "build", "stamp": "build", "assets": "browser",
        "tracing": "execute", "bounded": "execute", "fork_server": "execute", "warm": "execute", "run": "execute", "contents": "execute",
        "fingerprint": "execute", "regression": "notebooks", "main": "commands", "living": "commands_living",
        "watching": "searching", "progress": "searching", "drawings": "site_charts", "keys": "site_charts", "groups": "authoring", "ris": "context", "lab": "commands", "records": "commands", "site": "commands", "directives": "build", "findings": "pages", "claims": "pages", "overview": "pages", "formulas": "laws_page",
    },
    "emergence_lab": {},
}  # fmt: skip
"""Modules whose tests stand in a file of another name."""


def packages_of(root):
    """Return every module of ours with the name of its package."""
    for package in PACKAGES:
        for path in sorted((root / "src" / package).rglob("*.py")):
            yield package, path


def imports_of(nodes, inside=""):
    """Yield each import among nodes of code in a package, in whatever form: the name, in full, and the module that holds it."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from ((alias.name, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = inside.split(".")[: len(inside.split(".")) - node.level + 1] if node.level else []
            module = ".".join([*above, *([node.module] if node.module else [])])
            yield from ((f"{module}.{alias.name}", module) for alias in node.names)
        elif isinstance(node, ast.Call) and re.search(r"\b(?:import_module|__import__)$", ast.unparse(node.func)):
            yield from ((one.value, one.value) for one in node.args[:1] if isinstance(one, ast.Constant))


def package_of(path):
    """Return the package that a file below ``src`` stands in, as its relative imports mean it."""
    return ".".join(path.parts[path.parts.index("src") + 1 : -1])


def imported(path, package):
    """Return the packages of ours that a file imports, wherever in it."""
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return ({name.split(".")[0] for name, _ in imports_of(nodes, package_of(path))} & PACKAGES.keys()) - {package}


def forbidden(root):
    """Yield every import that the rule forbids."""
    for package, path in packages_of(root):
        allowed = PACKAGES[package] | ({"emergence", "emergence_lab"} if path.parent.name == "commands" else set())
        for other in imported(path, package) - allowed:
            yield f"{path.relative_to(root)} imports {other}"


def test_no_package_imports_another_but_as_the_rule_says(root):
    """Science, laboratory and engine import what notebooks import and not each other; the commands load science and laboratory."""
    assert not list(forbidden(root))


def test_a_forbidden_import_is_seen(tmp_path):
    """A planted import of the science by the engine is named, at the top of a file as inside a function."""
    for line in (
        "from emergence.shared import fitting",
        "def f():\n    import emergence_lab",
        "from importlib import import_module\nimport_module('emergence.shared')",
        "x = __import__('emergence_lab.engine')",
    ):
        path = tmp_path / "src" / "review_book" / "planted.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(line + "\n", encoding="utf-8")

        assert len(list(forbidden(tmp_path))) == 1


def led_to(root):
    """Return of every module of ours those that it imports when it runs, wherever in its file, and all that these do."""
    files = {".".join(path.relative_to(root / "src").with_suffix("").parts).removesuffix(".__init__"): path for _, path in packages_of(root)}  # fmt: skip
    found = {}
    for name, path in files.items():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        typed = [node for node in ast.walk(tree) if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"]  # fmt: skip
        apart = {part for node in typed for part in ast.walk(node)}
        named = imports_of((node for node in ast.walk(tree) if node not in apart), package_of(path))
        found[name] = {whole if whole in files else module for whole, module in named} & files.keys() - {name}
    for _ in found:  # until nothing is added
        more = {name: those.union(*(found[one] for one in those)) for name, those in found.items()}
        if more == found:
            break
        found = more
    return found


def test_no_module_leads_back_to_itself(root, tmp_path):
    """What a module imports does not import it, at once or by way of others, inside a function either."""
    lines = {"a": "from review_utils import b", "b": "def f():\n    from review_utils.a import x"}
    lines |= {"c": "from . import d", "d": "from .c import x"}
    for name, line in lines.items():
        path = tmp_path / "src" / "review_utils" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{line}\n", encoding="utf-8")

    assert {name for name, those in led_to(tmp_path).items() if name in those} == {
        f"review_utils.{one}" for one in lines
    }
    assert not [name for name, those in led_to(root).items() if name in those]


def test_notebooks_import_what_is_theirs(root):
    """An analysis imports `review_utils` and `emergence`, and neither engine nor laboratory."""
    for path in root.glob("analyses/*/*.md"):
        text = path.read_text(encoding="utf-8")

        assert not re.search(r"^\s*(?:from|import) (?:review_book|emergence_lab)", text, flags=re.MULTILINE), path


def chapters_named(text, inside=""):
    """Return the chapters whose science a piece of code imports, which stands in a package or in none."""
    names = [name for name, _ in imports_of(ast.walk(ast.parse(text)), inside)]
    return {name.split(".")[1] for name in names if name.startswith("emergence.")} & set(ORDER)


def test_a_chapter_uses_no_other_chapters_science(root):
    """What chapters share stands in `emergence.shared`, so that an edit of one chapter's science runs its notebooks alone."""
    for folder in (*ORDER, "shared"):  # a tool across chapters, such as `your_curve`, may use several
        for path in root.glob(f"src/emergence/{folder}/*.py"):
            assert chapters_named(path.read_text(encoding="utf-8"), package_of(path)) <= {folder}, path
    for path in root.glob("analyses/*/*.md"):
        cells = re.findall(r"^```\{code-cell\}[^\n]*\n(.*?)\n```", path.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)  # fmt: skip
        code = "\n".join(re.sub(r"^(?:---\n.*?\n---\n|(?::[^\n]*\n)+)", "", cell, flags=re.DOTALL) for cell in cells)

        assert chapters_named(code) <= {path.parent.name}, path


def test_another_chapters_science_is_seen():
    """An import of another chapter is named in each of its forms, and shared science is not."""
    assert chapters_named("from emergence import scaling_laws as sl, readers") == {"scaling_laws"}
    assert chapters_named("from emergence.phase_transitions.curves import linearity") == {"phase_transitions"}
    assert chapters_named("import emergence.scaling_laws.laws as ls") == {"scaling_laws"}
    assert chapters_named("from ..scaling_laws import laws", "emergence.shared") == {"scaling_laws"}
    assert chapters_named("import_module('emergence.scaling_laws')") == {"scaling_laws"}
    assert chapters_named("from emergence.shared import fitting") == set()


def code_lines(path):
    """Return on how many lines of a file code stands, without comments and docstrings."""
    text = path.read_text(encoding="utf-8")
    none = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
    tokens = [token for token in tokenize.generate_tokens(io.StringIO(text).readline) if token.type not in none]
    said = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Expr) and isinstance(getattr(node.value, "value", 0), str)]  # fmt: skip
    held = {row for token in tokens for row in range(token.start[0], token.end[0] + 1)}
    return len(held - {row for node in said for row in range(node.lineno, node.end_lineno + 1)})


def test_no_file_is_opened_before_its_text_is_encoded(root):
    """A text that cannot be written leaves a record as it was: what writes records encodes first, and then opens the file."""
    writers = ("living", "commands", "records", "emergence_lab")

    found = [
        f"{path.relative_to(root)}:{number}"
        for _, path in packages_of(root)
        if {*writers} & {*path.relative_to(root / "src").parts}
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(r"\.write_text\(|open\(\"[aw]\"", line)
    ]

    assert found == []


def test_what_every_notebook_rests_on_stays_small(root, tmp_path):
    """The package that notebooks import has fewer than 2,000 lines of code; comments and docstrings do not count."""
    path = tmp_path / "some.py"
    path.write_text('"""Says."""\n\nx = (\n    1,  # one\n)\n# no code\n', encoding="utf-8")

    assert code_lines(path) == 3
    assert sum(code_lines(path) for package, path in packages_of(root) if package == "review_utils") < 2000


def test_near_misses_are_found_in_one_place(root):
    """What is like what was given, `nearest` and `did_you_mean` find for all."""
    asks = [path.name for _, path in packages_of(root) if "get_close_matches" in path.read_text(encoding="utf-8")]

    assert asks == ["reading.py"]


def test_every_module_has_a_test_file(root):
    """One test file a module, under the module's name or under the one that `COVERED` gives."""
    for package, path in packages_of(root):
        name = COVERED[package].get(path.stem, path.stem)
        if package == "emergence_lab" and not (root / "tests" / package / f"test_{name}.py").is_file():
            name = "experiments"
        files = [root / "tests" / folder / f"test_{name}.py" for folder in PACKAGES]
        assert path.stem == "__init__" or any(file.is_file() for file in files), path


def test_every_test_states_its_fact(root):
    """Each test has a docstring that states the fact it checks."""
    for path in (root / "tests").rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                assert ast.get_docstring(node), f"{path.name}: {node.name}"


def test_the_chapters_stand_in_the_order_of_the_founding_notes(root):
    """The table of contents holds the six chapters in their order, and none is missing."""
    listed = re.findall(r"file: chapters/(\w+)", (root / "_toc.yml").read_text(encoding="utf-8"))

    assert [name for name in listed if name in ORDER] == ORDER
    assert set(listed) - set(ORDER) == {"before_you_deploy"}


PARTS = (
    "## In one minute",
    "```{headlines}",
    "## Why it matters and what the words mean",
    "## Disputes",
    "## For those who must decide",
    "## Open problems",
    "## Behind the chapter",
    "```{flow}",
    "```{studies}",
    "```{recomputations}",
    "```{terms}",
)


def test_every_chapter_has_its_parts_in_order(root):
    """A chapter opens with its headlines, argues, closes with disputes, decisions and open problems, and shows what is behind it."""
    for name in ORDER:
        text = (root / "chapters" / f"{name}.md").read_text(encoding="utf-8")
        places = [text.find(part) for part in PARTS]

        assert -1 not in places, (name, [p for p, at in zip(PARTS, places, strict=True) if at < 0])
        assert places[:7] == sorted(places[:7]), name
        assert min(places[7:]) > places[6], name


def test_every_headline_is_five_to_eight(root):
    """A chapter's first minute holds five to eight statements."""
    records = Review(root).records
    for name, items in records.statements.chapters.items():
        assert 5 <= sum(item.headline for item in items) <= 8, name


def test_every_analysis_answers_first(root):
    """An analysis has one question as its title, and says how we know, what else could have been chosen, and what would change our mind."""
    for path in root.glob("analyses/*/*.md"):
        text = path.read_text(encoding="utf-8")
        titles = re.findall(r"^# (.*)$", re.sub(r"```.*?```", "", text, flags=re.DOTALL), flags=re.MULTILINE)

        assert len(titles) == 1, path
        assert titles[0].endswith("?"), path
        for part in ("## How we know", "## What would change our mind"):
            assert part in text, (path, part)


def test_examples_in_docstrings_hold(root):
    """The examples of every module run and give what they say."""
    for package, path in packages_of(root):
        if package != "emergence_lab" and ">>>" in path.read_text(encoding="utf-8"):
            name = ".".join(path.relative_to(root / "src").with_suffix("").parts).removesuffix(".__init__")

            assert doctest.testmod(importlib.import_module(name)).failed == 0, name


def test_importing_the_package_is_light():
    """Importing the package loads neither pandas nor anything of the book."""
    code = (
        "import sys, review_utils; print([m for m in ('pandas', 'altair', 'sphinx', 'pydantic') if m in sys.modules])"
    )

    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
    )


def _tracked(root):
    names = subprocess.run(
        ["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True, check=False
    ).stdout.split("\0")
    return [root / name for name in names if name]


def test_no_third_party_file_is_in_the_project(root):
    """No file of the mirror of third-party data, where there is one, is committed."""
    import csv
    import hashlib

    manifest = root.parent / "shared" / "mirror" / "manifest.csv"
    known = (
        {row["sha256"] for row in csv.DictReader(manifest.read_text(encoding="utf-8").splitlines())}
        if manifest.is_file()
        else set()
    )
    for path in _tracked(root):
        assert hashlib.sha256(path.read_bytes()).hexdigest() not in known, path


def test_no_path_of_one_machine_is_in_the_project(root):
    """No file names a path of somebody's machine."""
    pattern = re.compile(rb"(?<!_build)/(?:work|root|home)/[a-z]")
    for path in _tracked(root):
        if (
            path.suffix in (".py", ".md", ".yml", ".toml", ".json", ".txt", ".cff", ".ipynb", "")
            and path.name != "test_layout.py"
        ):
            assert not pattern.search(path.read_bytes()), path


def test_the_lock_names_hashes_and_no_host(root):
    """The lock file pins every package with hashes, names no registry, and holds every direct dependency."""
    lock = (root / "requirements.lock").read_text(encoding="utf-8")
    direct = re.findall(
        r"^([a-z0-9-]+)[><=]", (root / "requirements.txt").read_text(encoding="utf-8"), flags=re.MULTILINE
    )

    assert "://" not in lock
    assert all(re.search(rf"^{name}==", lock, flags=re.MULTILINE) for name in direct)
    pins = re.split(r"^(?=[a-z0-9][a-z0-9._-]*==)", lock, flags=re.MULTILINE)[1:]
    assert all("--hash=sha256:" in pin for pin in pins)


def test_every_direct_dependency_says_why(root):
    """Each line of requirements.txt gives its range and its reason."""
    for line in (root / "requirements.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            assert re.fullmatch(r"[a-z0-9-]+>=[\d.]+,<[\d.]+\s+# .{8,}", line), line


@pytest.mark.parametrize(
    ("given", "said"),
    [("3.10", "Python 3.11 or later is needed, and this is 3.10"), ("3.14", "Python 3.14 is too new")],
)
def test_a_python_that_will_not_do_is_refused_at_once(root, tmp_path, given, said):
    """Before anything is installed the Makefile says which Python it was given and how to name another."""
    for name in ("Makefile", "requirements.lock", "pyproject.toml"):
        shutil.copyfile(root / name, tmp_path / name)
    pretended = tmp_path / "python"
    version = f"({given.replace('.', ', ')}, 0)"
    pretended.write_text(
        f'#!/bin/sh\nexec {sys.executable} -c "import sys; sys.version_info = {version}; exec(sys.argv[2])" "$@"\n',
        encoding="utf-8",
    )
    pretended.chmod(0o755)
    done = subprocess.run(
        ["make", "book", f"PYTHON={pretended}"], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert done.returncode != 0
    assert said in done.stderr
    assert "name another: make PYTHON=python3.1" in done.stderr
    assert not (tmp_path / ".venv").exists()


def test_the_readme_names_every_command_of_the_menu(root):
    """Each target of the Makefile's menu is in the README or in CONTRIBUTING, and none that is there is missing from it."""
    menu = set(re.findall(r"^([a-z]+):.*## ", (root / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
    texts = "".join((root / name).read_text(encoding="utf-8") for name in ("README.md", "CONTRIBUTING.md"))
    named = set(re.findall(r"`make ([a-z]+)`", texts))

    assert named == menu


def test_the_data_package_names_every_table_once(root):
    """Names and paths in the data package are unique."""
    resources = json.loads((root / "data" / "datapackage.json").read_text(encoding="utf-8"))["resources"]

    assert len({r["name"] for r in resources}) == len({r["path"] for r in resources}) == len(resources)
    assert all(Path(r["path"]).stem == r["name"] for r in resources)


def test_every_table_is_read_by_an_analysis(site, root):
    """No table lies unused: the build saw each opened by at least one notebook."""
    opened = set()
    for path in (root / "_build" / "executed").glob("analyses/*/*.ipynb"):
        opened |= set(json.loads(path.read_text(encoding="utf-8"))["metadata"]["review"]["fingerprint"]["reads"])
    tables = {
        f"data/{folder}/{path.name}"
        for folder in ("published", "derived")
        for path in (root / "data" / folder).glob("*.csv")
    }

    assert len(tables) > 15
    assert tables <= opened


@pytest.mark.parametrize("extra", ["lab", "notebook"])
def test_an_extra_is_pinned_like_the_rest(root, extra):
    """An extra's lock names no registry, pins every package with hashes, and agrees with the main lock where both pin."""
    names = ("requirements.lock", f"requirements-{extra}.lock")
    main, more = ((root / name).read_text(encoding="utf-8") for name in names)

    assert "://" not in more
    pins = re.split(r"^(?=[a-z0-9][a-z0-9._-]*==)", more, flags=re.MULTILINE)[1:]
    assert all("--hash=sha256:" in pin for pin in pins)
    versions = [dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", text, flags=re.MULTILINE)) for text in (main, more)]
    assert all(versions[0].get(name, version) == version for name, version in versions[1].items())
    listed = (root / "pyproject.toml").read_text(encoding="utf-8")
    wanted = re.search(rf"^{extra} = \[(.*?)^\]", listed, flags=re.MULTILINE | re.DOTALL)
    assert all(name in versions[1] for name in re.findall(r'"([a-z]+)[>=]', wanted[1]))


def test_asreview_is_pinned_apart(root):
    """The environment in which our exports are opened is pinned with hashes and names no registry."""
    lock = (root / "tests" / "asreview" / "requirements.lock").read_text(encoding="utf-8")
    pins = re.split(r"^(?=[a-z0-9][a-z0-9._-]*==)", lock, flags=re.MULTILINE)[1:]

    assert "://" not in lock
    assert all("--hash=sha256:" in pin for pin in pins)
    assert any(pin.startswith("asreview==") for pin in pins)


def test_the_book_needs_no_lab(root):
    """No analysis and no module outside the laboratory imports JAX."""
    modules = [path for package, path in packages_of(root) if package != "emergence_lab"]
    for path in [*modules, *root.glob("analyses/*/*.md")]:
        text = path.read_text(encoding="utf-8")

        assert not re.search(r"^\s*(import|from) (jax|optax|joblib|distributed)", text, flags=re.MULTILINE), path


def test_workflows_are_pinned_and_ask_for_little(root):
    """Every action is pinned by commit, every workflow names its permissions, and pull requests meet no secret."""
    import yaml

    for path in sorted((root / ".github" / "workflows").glob("*.yml")):
        text = path.read_text(encoding="utf-8")
        used = re.findall(r"uses: (\S+)", text)

        assert all(re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", name) for name in used), path
        assert "permissions" in yaml.safe_load(text), path
        assert "secrets." not in text, path
        assert "pull_request_target" not in text, path


def test_what_asks_the_indexes_may_write_nothing(root):
    """In the weekly search the job that runs packages reads alone, and the job that writes takes in the search log alone."""
    import yaml

    workflow = yaml.safe_load((root / ".github" / "workflows" / "search.yml").read_text(encoding="utf-8"))
    ask, propose = workflow["jobs"]["ask"], workflow["jobs"]["propose"]
    said = "\n".join(step.get("run", "") for step in propose["steps"])

    assert workflow["permissions"] == {}
    assert ask["permissions"] == {"contents": "read"}
    assert "review " not in re.sub(r"review search screen", "", said)
    assert "--include='data/searches/*'" in said
    assert all(
        not step["with"]["persist-credentials"]
        for job in (ask, propose)
        for step in job["steps"]
        if "checkout" in step.get("uses", "")
    )


def fixed_waits(text: str) -> list[str]:
    """Return the waits of a test for a time, but for pauses between two looks, its predicates left in a page, its stopwatches."""
    tree = ast.parse(text)
    loops = (n for n in ast.walk(tree) if isinstance(n, ast.For | ast.While))
    asked_again = {id(inner) for loop in loops for inner in ast.walk(loop)}
    never = ("wait_for_function", "perf_counter", "process_time", "thread_time")
    names = {"sleep": asked_again, "wait_for_timeout": asked_again, **{name: set() for name in never}}
    calls = [(getattr(n.func, "attr", getattr(n.func, "id", "")), n) for n in ast.walk(tree) if isinstance(n, ast.Call)]
    return [ast.unparse(call) for name, call in calls if name in names and id(call) not in names[name]]


def test_no_test_waits_for_a_time(root):
    """A test waits for what it needs to see, and never for a time, which is too short on a busy machine; none takes the time."""
    for path in (root / "tests").rglob("*.py"):
        if path.name != "test_layout.py":
            assert fixed_waits(path.read_text(encoding="utf-8")) == [], path


def test_a_fixed_wait_is_seen():
    """A pause outside a loop is seen, and so is a predicate left in a page; a pause between two looks is none."""
    assert fixed_waits("def test_x():\n    begin()\n    time.sleep(1)\n    assert done()\n") == ["time.sleep(1)"]
    assert fixed_waits("def test_x():\n    if a:\n        page.wait_for_timeout(5)\n") == ["page.wait_for_timeout(5)"]
    assert fixed_waits("def test_x():\n    begin()\n    sleep(1)\n") == ["sleep(1)"]
    assert fixed_waits("def test_x():\n    assert perf_counter() - began < 2\n") == ["perf_counter()"]
    assert fixed_waits("def test_x(page):\n    page.wait_for_function('x')\n") == ["page.wait_for_function('x')"]
    assert fixed_waits("def test_x():\n    while not done():\n        time.sleep(0.1)\n") == []
