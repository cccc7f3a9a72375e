"""The distribution: what it needs is declared, and installed alone it imports and answers."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions

import pytest

from review_book.commands.main import EXTRAS

CARRIED = {"docutils", "IPython", "jupyter_client", "markdown_it", "myst_parser", "pydata_sphinx_theme"}
"""Imported with a package that brings it: Sphinx, ipykernel, nbclient, MyST-NB with its parser, Jupyter Book's theme."""


def _project(root):
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def _names(requirements):
    return {re.split(r"[><= ]", text)[0].lower() for text in requirements}


def test_ranges_are_those_of_the_requirements(root):
    """Every range in pyproject.toml is the one that requirements.txt gives with its reason."""
    project = _project(root)
    text = (root / "requirements.txt").read_text(encoding="utf-8")
    given = {line.split("#")[0].strip() for line in text.splitlines()}

    assert set(project["dependencies"]) <= given
    assert {line for extra in ("book", "search") for line in project["optional-dependencies"][extra]} <= given


def test_every_import_is_declared(root):
    """Each package that a module imports is a dependency of the part of the distribution that imports it."""
    project = _project(root)
    base = _names(project["dependencies"])
    extra = {k: base | _names(v) for k, v in project["optional-dependencies"].items()}
    allowed = {
        "review_utils": base, "emergence": base, "review_book": extra["book"] | extra["search"], "emergence_lab": extra["lab"],
    }  # fmt: skip
    distributions = packages_distributions()
    for package, declared in allowed.items():
        for path in (root / "src" / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
                names += [node.module] if isinstance(node, ast.ImportFrom) and not node.level else []
                for top in {name.split(".")[0] for name in names} - sys.stdlib_module_names - CARRIED - allowed.keys():
                    found = {name.lower().replace("_", "-") for name in distributions.get(top, [top])}

                    assert found & declared, f"{path.relative_to(root)} imports {top}"


@pytest.fixture(scope="module")
def installed(root, tmp_path_factory):
    """The wheel, unpacked where nothing of the repository is."""
    out = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)]
    subprocess.run(build, cwd=root, check=True, capture_output=True)
    (wheel,) = out.glob("*.whl")
    target = out / "site"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*pip, "--target", str(target), str(wheel)], check=True, capture_output=True)
    return target


def _run(target, cwd, *words, without=()):
    code = f"import sys; sys.path.insert(0, {str(target)!r}); sys.argv = ['review', *{list(words)!r}]\n"
    code += f"sys.modules.update(dict.fromkeys({sorted(without)!r}))\n"
    code += "import review_book.commands.main as m; assert m.__file__.startswith(sys.path[0]); m.main()"
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


def test_the_wheel_answers_alone(installed, tmp_path):
    """From a folder that is no review, the installed command shows its help."""
    done = _run(installed, tmp_path, "--help")

    assert done.returncode == 0, done.stderr
    assert "check" in done.stdout
    assert (installed / "review_book" / "static" / "review" / "review.js").is_file()


@pytest.mark.parametrize("words", [["check"], ["status"], ["build"], ["accept", "--check"], ["lab", "run", "grokking"]])
def test_outside_a_review_every_command_says_the_same(installed, tmp_path, words):
    """Where no review is, a command says so in one sentence, without a traceback."""
    done = _run(installed, tmp_path, *words)

    assert done.returncode == 2
    assert done.stderr.startswith("No review found at or above")
    assert "Traceback" not in done.stderr


def _brought_by(root, extra):
    """Return the modules that come with an extra and not without it."""
    declared = _names(_project(root)["optional-dependencies"][extra])
    return {module for module, names in packages_distributions().items() if declared & {name.lower() for name in names}}


@pytest.mark.parametrize(
    ("words", "extra"),
    [
        (["check"], "book"),
        (["build"], "book"),
        (["run", "tides/heights"], "book"),
        (["serve"], "book"),
        (["diff", "HEAD"], "book"),
        (["search", "status"], "search"),
        (["lab", "list"], "lab"),
    ],
)
def test_a_command_without_its_extra_says_which_is_wanted(root, installed, mini, words, extra):
    """With the distribution and what it depends on alone, a command that needs more names the extra, without a traceback."""
    without = {*_brought_by(root, "book"), *_brought_by(root, "search"), *CARRIED, *EXTRAS["lab"]}
    done = _run(installed, mini, *words, without=without)

    assert done.returncode == 1
    assert done.stderr.endswith(f" is not installed; needed: pip install 'review-utils[{extra}]'\n")
    assert done.stderr.count("\n") == 1


def test_every_package_of_an_extra_is_known_as_its(root):
    """What the error names for a package that is wanting is the extra by which the package is declared."""
    book, search = _brought_by(root, "book"), _brought_by(root, "search")

    assert set(EXTRAS["search"]) == search
    assert not book & {name for names in EXTRAS.values() for name in names}
    assert set(EXTRAS["lab"]) == _names(_project(root)["optional-dependencies"]["lab"])
