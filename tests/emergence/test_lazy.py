"""A chapter's package shows the names of all its modules and loads those that are asked for."""

import importlib
import subprocess
import sys

import pytest

CHAPTERS = [
    "capability_precursors",
    "emergent_capabilities",
    "phase_transitions",
    "scaling_laws",
    "training_dynamics",
]


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_name_of_a_chapter_is_there(chapter):
    """Each name that a package lists is found, by its module, and no other."""
    package = importlib.import_module(f"emergence.{chapter}")

    assert package.__all__
    for name in package.__all__:
        assert getattr(package, name) is not None, name
    with pytest.raises(AttributeError, match="has no attribute 'nowhere'"):
        _ = package.nowhere


def test_a_chapter_loads_the_module_that_is_asked_for():
    """Who asks a package for one name depends on that name's module, and on no other of the package."""
    code = (
        "import sys; from emergence import training_dynamics as td; td.read_at; "
        "print(*sorted(n for n in sys.modules if n.startswith('emergence.training_dynamics.')))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert said.split() == ["emergence.training_dynamics.organism"]
