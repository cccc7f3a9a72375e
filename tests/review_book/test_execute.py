"""Execution that cannot lie: what is executed again, what is not, and how failures read."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from conftest import write_notebook
from nbclient.exceptions import CellTimeoutError
from sphinx.errors import ExtensionError

from review_book.execute import fingerprint, run
from review_book.execute.bounded import BoundedClient
from review_book.execute.contents import PageError, notebook_pages, toc_pages
from review_book.execute.fingerprint import load_executed
from review_book.execute.run import ExecutionFailed, execute_all, execute_page, read_executed, seconds_of
from review_book.execute.unfit import unfit

ONE, TWO = "analyses/x/one", "analyses/x/two"


def _run(root, **options):
    lines = []
    done = execute_all(root, lines.append, workers=2, **options)
    return set(done), lines


def test_only_what_changed_is_executed_again(little, monkeypatch):
    """Each of code, a file read, a folder listed and the version of a package re-executes its readers, no more."""
    assert _run(little)[0] == {ONE, TWO}
    assert _run(little) == (set(), [])

    (little / "data" / "a.txt").write_text("changed")
    assert _run(little)[0] == {ONE}
    (little / "data" / "b.txt").write_text("changed")
    assert _run(little)[0] == set()
    (little / "data" / "c.txt").write_text("new")
    assert _run(little)[0] == {TWO}
    (little / "requirements.lock").write_text("unused==1")
    assert _run(little)[0] == set()
    monkeypatch.setattr(fingerprint, "installed", lambda name: "another" if name == "ipython" else "the same")
    assert _run(little)[0] == {ONE, TWO}
    write_notebook(little, ONE, "print(3)")
    assert _run(little)[0] == {ONE}


def test_what_is_written_while_a_notebook_runs_is_not_trusted(little, monkeypatch):
    """Where a file that is read changes during the run, which state was seen is not known: it runs again."""
    tidy = run._tidy

    def meanwhile(source, work):
        tidy(source, work)
        (little / "data" / "a.txt").write_text("later")

    monkeypatch.setattr(run, "_tidy", meanwhile)
    _run(little)
    monkeypatch.undo()

    assert _run(little)[0] == {ONE}
    assert _run(little)[0] == set()


def test_prose_is_not_executed(little):
    """An edit of prose alone executes nothing."""
    _run(little)
    path = little / f"{ONE}.md"
    path.write_text(path.read_text().replace("Prose.", "Other prose, and more of it."))

    assert _run(little)[0] == set()


def test_what_is_read_is_noted_from_any_folder(little, monkeypatch):
    """A root that is named from where one stands gives the same fingerprint as its full path."""
    monkeypatch.chdir(little)

    done = execute_page(Path("."), "analyses/x/one")

    assert "data/a.txt" in done.metadata["review"]["fingerprint"]["reads"]


def test_the_package_is_part_of_the_fingerprint(little):
    """A notebook depends on the modules that it loaded, and on no other."""
    write_notebook(little, ONE, "from emergence.shared import fitting\nprint(fitting.wilson(1, 2).estimate)")
    _run(little)
    kept = load_executed(little, ONE).metadata.review.fingerprint.modules

    assert "emergence/shared/fitting.py" in kept
    assert "status.py" not in kept


def test_a_change_of_the_engine_executes_nothing(little):
    """No notebook depends on the engine that executes it."""
    _run(little)
    kept = load_executed(little, ONE).metadata.review.fingerprint.modules

    assert not [name for name in kept if name.startswith("review_book")]


READS = {
    "a Parquet file through pandas": (
        "import pandas as pd\nprint(pd.read_parquet('../../data/t.parquet').x.sum())", "data/t.parquet",
    ),
    "a helper module beside it": ("import helper\nprint(helper.X)", "analyses/x/helper.py"),
    "a text of the review": ("print(open('../../words.txt').read())", "words.txt"),
    "a text beside it": ("print(open('note.txt').read())", "analyses/x/note.txt"),
    "Parquet files in a list": (
        "import pandas as pd\nprint(pd.read_parquet(['../../data/t.parquet']).x.sum())", "data/t.parquet",
    ),
    "a folder of Parquet files": (
        "import pandas as pd\nprint(pd.read_parquet('../../data/parts').x.sum())", "data/parts/t.parquet",
    ),
    "Parquet through the module that pandas has it in": (
        "from pandas.io.parquet import read_parquet\nprint(read_parquet('../../data/t.parquet').x.sum())", "data/t.parquet",
    ),
    "a database": (
        "import sqlite3\nfrom pathlib import Path\nwith sqlite3.connect(f\"{Path('../../data/t.db').absolute().as_uri()}?mode=ro\", uri=True) as base:\n    print(base.execute('select x from t').fetchall())",
        "data/t.db",
    ),
    "a database whose name is written with signs": (
        "import sqlite3\nfrom pathlib import Path\nwith sqlite3.connect(f\"{Path('../../data/höhe.db').absolute().as_uri()}?mode=ro\", uri=True) as base:\n    print(base.execute('select x from t').fetchall())",
        "data/höhe.db",
    ),
    "a file looked for": (
        "from pathlib import Path\nprint(Path('../../data/later.txt').exists())", "data/later.txt",
    ),
    "a file of the review looked for": (
        "from pathlib import Path\nprint(Path('../../later.txt').exists())", "later.txt",
    ),
    "a file that may be read": ("import os\nprint(os.access('../../data/later.txt', os.R_OK))", "data/later.txt"),
    "a file or a link": (
        "import os\ntry:\n    print(os.lstat('../../later.txt').st_size)\nexcept OSError:\n    print(0)", "later.txt",
    ),
    "the names beside it": ("import os\nprint(sorted(os.listdir()))", "analyses/x/later.txt"),
    "the names of another folder": (
        "from glob import glob\nprint(sorted(glob('../../texts/*.md')))", "texts/later.md",
    ),
    "the names of a folder by its path": (
        "from pathlib import Path\nprint(sorted(str(p) for p in Path('../../texts').glob('*.md')))", "texts/later.md",
    ),
    "a helper module looked for": (
        "try:\n    from later import X\nexcept ImportError:\n    X = 0\nprint(X)", "analyses/x/later.py",
    ),
    "a helper package looked for": (
        "from importlib.util import find_spec\nprint(find_spec('later') is None)", "analyses/x/later/__init__.py",
    ),
}  # fmt: skip


def _write(path, x):
    import pandas as pd

    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".parquet":
        pd.DataFrame({"x": [x]}).to_parquet(path)
    elif path.suffix == ".db":
        with contextlib.closing(sqlite3.connect(path)) as base, base:
            base.execute("create table if not exists t (x)")
            base.execute("insert into t values (?)", (x,))
    else:
        path.write_text(f"X = {x}\n")


@pytest.mark.parametrize("what", READS)
def test_reads_that_hide_are_seen(little, what):
    """Each re-executes its reader when it changes or appears: Parquet, a database, a helper, a text, names, what is looked for."""
    code, place = READS[what]
    path = little / place
    if "later" in place:
        path.parents["/later/" in place].mkdir(exist_ok=True)
    else:
        _write(path, 1)
    write_notebook(little, ONE, code)
    _run(little)
    assert _run(little)[0] == set()

    _write(path, 2)

    assert ONE in _run(little)[0]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import pyarrow.csv", "given pyarrow; needed: pandas, or review_utils.data"),
        (
            "y = import_module('pyarrow.parquet')",
            "given import_module('pyarrow.parquet'); needed: pandas, or review_utils",
        ),
        ("y = __import__('polars')", "given __import__('polars'); needed: pandas, or review_utils.data"),
        ("y = importlib.import_module(name)", "given import_module(name); needed: a module that is named where it is"),
        (
            "from importlib import import_module as im\ny = im('pyarrow.parquet')",
            "given from importlib import import_module as im; needed: import_module under its own name",
        ),
        ("im = importlib.import_module", "given importlib.import_module; needed: import_module under its own name"),
        ("y = [*map(__import__, names)]", "given __import__; needed: import_module under its own name"),
        ("y = sys.modules['pyarrow.parquet']", "given 'pyarrow.parquet'; needed: pandas, or review_utils.data"),
        ("exec('import polars as pl')", "given 'import polars as pl'; needed: pandas, or review_utils.data"),
        ("from review_utils.records import claims as c", "needed: the number computed here"),
        ("from review_utils.records import (\n    claims,\n)", "needed: the number computed here"),
        ("import review_utils.records.claims", "given review_utils.records.claims; needed: the number computed"),
        ("%timeit 1 + 1", "given %timeit; needed: no time of this machine"),
        ("pd.Timestamp.today()", "given Timestamp.today(); needed: no clock"),
        ("pd.read_csv('/mnt/runs.csv')", "given /mnt/runs.csv; needed: a file of the review"),
        ("breakpoint()", "given breakpoint(); needed: a cell that runs"),
        ("y = a.merge(b[['x']], on='x')", "given merge(b[['x']], on='x'); needed: how= and validate="),
        ("y = pd.merge(a, b.drop(columns=str(1)), how='left')", "needed: how= and validate="),
        ('z = [*zip(table("a").itertuples(), ["one", "two"])]', "needed: rows found by what they hold"),
        ('y = table("a").iloc[3].x', "needed: rows found by what they hold"),
        ("rng = np.random.default_rng()", "given default_rng(); needed: chance that is the same each time"),
        ("y = np.random.normal(3)", "given np.random.normal(); needed: chance that is the same"),
        ("y = frame.sample(n=len(x), weights=w())", "needed: chance that is the same each time, as random_state=0"),
        ("y = random.choice([1, 2])", "given random.choice(); needed: chance that is the same"),
        ("y = os.environ['HOME']", "given os.environ; needed: what every machine has"),
        ('y = open("/etc/hostname").read()', 'given open("/etc/hostname"); needed: what every machine has'),
        ("y = Path.home()", "given Path.home(); needed: what every machine has"),
        ("y = s.sample(1).iloc[0]", "given .sample(1); needed: chance that is the same each time, as random_state=0"),
        ("y = s.sample(frac=0.5, replace=True)", "given .sample(frac=0.5, replace=True); needed: chance that is"),
        ("y = stats.norm.rvs(size=len(x))", "given .rvs(size=len(x)); needed: chance that is the same each time"),
        ("from random import shuffle", "given from random import shuffle; needed: chance that is the same"),
        ("y = id(object()) % 100", "given id(object()); needed: a value that is the same in each process"),
        ("y = os.getpid() % 7", "given os.getpid(); needed: a value that is the same in each process"),
        ("y = hash('a')", "given hash('a'); needed: a value that is the same in each process"),
        ("y = time.perf_counter()", "given time.perf_counter(); needed: no clock"),
        ("y = pd.Timestamp('now')", "given Timestamp('now'); needed: no clock"),
        (
            "c.properties(title='Scores rise by 42 percent')",
            "given the typed 42 percent in 'Scores rise by 42 percent'",
        ),
        ("alt.Title(['They rise', f'in 7 of {n}, by ' '3%'])", "given the typed 3%"),
        ("Markdown('The share is **42** percent.')", "given the typed 42** percent in"),
        ("show.words('a', 'accuracy rises to 83 percent of answers', 'how far')", "given the typed 83 percent in"),
        ("show.words('a', how, label='up to 83 percent')", "given the typed 83 percent in"),
        ("alt.Title('It rises', subtitle=['late', 'to 83 percent'])", "given the typed 83 percent in"),
        ("show.table('a', t, 'Accuracy reaches 83 percent')", "given the typed 83 percent in"),
        ("show.table('a', t, caption='Seven of eight rise')", "given the typed Seven of eight in"),
        ("show.figure('a', c, 'A line that rises to 83 percent')", "given the typed 83 percent in"),
        ("show.words('a', text='7 of 9 rise', label='how many')", "given the typed 7 of 9"),
        (
            "alt.Title('Accuracy climbs twelvefold late')",
            "given the typed twelvefold in 'Accuracy climbs twelvefold late'",
        ),
        ("c.properties(title='Seven of eight tasks jump')", "given the typed Seven of eight in"),
        (
            "c = base(pd.DataFrame({'x': [1], 't': ['jumps by 42 percent']})).mark_text()",
            "given the typed 42 percent in 'jumps by 42 percent'",
        ),
        (
            "show.number('n', 42.0, '', 'a share', no_interval_because='a count')",
            "given the typed 42.0; needed: what the",
        ),
        ("show.number('n', value=-4, unit='', label='x')", "given the typed -4; needed: what the cell computes"),
        ("show.count('n', 42, 'seeds')", "given the typed 42; needed: what the cell computes"),
        (
            "show.table('t', pd.DataFrame({'a': [1, -2], 'b': ['u', 'v']}), 'Shares')",
            "given the typed table of typed numbers",
        ),
        ("t = pd.DataFrame([[1.5]], columns=['a'])\nshow.table('t', t, 'Shares')", "given the typed table of typed"),
        (
            "t = pd.DataFrame([[1.5]])\nshow.table('t', t.rename(columns=str)[['0']], 'Shares')",
            "given the typed table of",
        ),
        ("show.claim('one', 3.1428e23)", "given the typed 3.1428e+23; needed: the number computed here, or None"),
        ("v = 3.5\nshow.claim('one', v)", "given the typed 3.5; needed: the number computed here, or None"),
        ("y = 1  # number: a setting\nc.properties(title='It rises by 42 percent')", "given the typed 42 percent in"),
        ("show.claim('one', None)", "given the typed None; needed: the number computed here, or None"),
        ("y = x.recomputed.value", "given .recomputed; needed: the number computed here, given to show.claim"),
    ],
)
def test_code_that_no_analysis_holds_is_refused(little, code, said):
    """What reads unseen through Arrow itself, or a record to be held against, is refused with its line and what to use."""
    write_notebook(little, ONE, f"x = 1\n\n{code}")

    with pytest.raises(ExecutionFailed) as caught:
        _run(little)
    assert re.match(r"analyses/x/one\.md:1[56]: cell 2: given ", str(caught.value))
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "code",
    [
        "y = s.sample(1, random_state=0)",
        "y = a.merge(b.round(int(1)), on='x', how='left', validate='one_to_one')",
        "y = pd.merge(a, b, validate='many_to_one', how='inner').x",
        "y = s.sample(len(s), replace=True, random_state=rng)",
        "y = random.Random(0).sample(range(9), 3)",
        "y = law.sample(rng)",
        "y = stats.norm.rvs(size=3, random_state=0)",
        "y = record.id(3)",
        "y = pd.read_parquet(path, engine='pyarrow').astype('int64[pyarrow]')",
        "y = ['polars is a library', importlib.import_module('json')]",
        "c.properties(title=f'Scores rise by {rise:.0f} percent')",
        "t = pd.DataFrame({'n': [1, 2]})\nshow.table('t', t.assign(power=[f(n) for n in t.n]).round(1), 'Power')",
        "c.properties(title=alt.Title('It rises', subtitle='Bars: 95 percent intervals'))",
        "c.properties(title=f'Intervals of 95 percent hold {n} percent')",
        "c.properties(title='At 66 percent all is lost')  # number: a threshold that the authors set",
        "# number: a threshold that the authors set\nc.properties(title='At 66 percent all is lost')",
        "show.figure('a', c, 'Medians, and the middle eighty percent of runs')",
        "x = alt.X('a:Q').title('above 90 percent')",
        "Markdown(f'The share is **{share:.0f}** percent.')",
        "show.words('a', f'{share:.0f} percent of answers', 'how far')",
        "show.number('chance', 0.5, '', 'area of a signal that knows nothing', no_interval_because='exact')",
        "show.number('n', 7, '', 'seeds', no_interval_because='a count')  # number: how many are run below",
        "show.number('n', len(x), '', 'seeds', no_interval_because='a count')",
        "show.claim('one', value if files else None)",
        "show.claim('one', 6 * n * d)",
        "show.table('t', pd.DataFrame({'a': shares, 'b': [1, 2]}), 'Shares')",
        "show.table('t', pd.DataFrame({'a': ['u', 'v']}), 'What each word means')",
        "base.mark_text(text='no data').properties(title='Two kinds of five shapes')",
    ],
)
def test_code_that_says_its_seed_and_computes_its_numbers_passes(code):
    """A seed in the call, a number from the cell and a setting in a title are what an analysis is made of."""
    assert unfit(f"x = 1\n{code}\n") is None


def test_a_helper_is_asked_what_cells_are_asked(little):
    """A module beside a notebook that reads unseen through Arrow is refused with its own line."""
    (little / "analyses" / "x" / "helper.py").write_text("X = 1\nimport pyarrow.parquet as pq\n")
    write_notebook(little, ONE, "import helper\nprint(helper.X)")

    with pytest.raises(ExecutionFailed, match=r"^analyses/x/helper\.py:2: given pyarrow; needed: pandas"):
        execute_page(little, ONE)


def test_a_database_that_may_be_written_is_refused(little):
    """A database of the review that is opened to be written is refused: what is read from it could be another's each time."""
    _write(little / "data" / "t.db", 1)
    write_notebook(little, ONE, "import sqlite3\nsqlite3.connect('../../data/t.db').close()")

    with pytest.raises(ExecutionFailed, match=r"writes data/t\.db"):
        execute_page(little, ONE)


def test_chance_that_no_word_of_a_cell_shows_is_seen(little):
    """What draws from NumPy's common generator fails its cell, by whatever name it is called."""
    code = "import pandas as pd\ndraw = getattr(pd.Series(range(9)), 'sam' + 'ple')\nprint(draw(1).iloc[0])"
    write_notebook(little, ONE, code)

    with pytest.raises(
        ExecutionFailed, match=r"one\.md:13: cell 2: the cell draws from the common chance.*; needed: a seed"
    ):
        execute_page(little, ONE)


@pytest.mark.parametrize("tag", ["skip-execution", "raises-exception", "remove-cel"])
def test_a_tag_that_turns_a_guard_off_is_refused(little, tag):
    """A cell that does not run, or that may fail, is refused before anything runs; so is a tag that nothing knows."""
    write_notebook(little, ONE, f":tags: [hide-input, {tag}]\n\nassert False")

    with pytest.raises(ExecutionFailed, match=f"given the tag {tag}; needed: one of hide-input"):
        _run(little)


CLAIM = """- id: one
  statement: It is {value}.
  published: {value: 1.0, cite: x2020y, locator: Table 2, verified: primary}
  recomputed: {value: 1.0, tolerance: 0.1, agrees_within: 0.1, by: x/one, because: it is one}
  verdict: reproduced
"""
PASSED_OVER = {
    "a thread": (
        "import threading, time\nthreading.Thread(target=time.sleep, args=(2,), name='late').start()",
        "the cell leaves the thread late running, whose output nobody waits for; needed: its join()",
    ),
    "a pool of threads": (
        "from concurrent.futures import ThreadPoolExecutor\np = ThreadPoolExecutor(1)\np.submit(print, 1).result()",
        "the cell leaves the thread ThreadPoolExecutor-",
    ),
    "a number that is not as held": (
        "from review_utils import show\ntry:\n    show.held('a', 2.0, 1.0, 0.1, '', 'a number')\nexcept ValueError:\n    pass",
        "the cell goes on after a refusal: a: computed 2, but the page records 1",
    ),
    "a task": (
        "import asyncio\nasync def late():\n    await asyncio.sleep(1)\n    raise ValueError\nt = asyncio.ensure_future(late())",
        "the cell leaves the task late behind, whose end nobody waits for; needed: its await",
    ),
    "a function of NumPy under which others compute": (
        "import numpy as np\nnp.log = lambda values: 0",
        "the cell gives numpy.log another meaning, for all that follows; needed: a function under a name of its own",
    ),
    "a function of ours": (
        "import review_utils.show as s\ns.number = lambda *a, **k: None",
        "the cell gives review_utils.show.number another meaning",
    ),
    "a method of ours": (
        "from review_utils.records.reading import Located as L\ndef place(self, *a):\n    return ('', 1)\nsetattr(L, 'place', place)",
        "the cell gives review_utils.records.reading.Located another meaning",
    ),
    "warnings that are not heard": (
        "from warnings import filterwarnings as quiet\nquiet('ignore')",
        "the cell silences warnings for all that follows; needed: with warnings.catch_warnings(), or np.errstate",
    ),
    "errors of NumPy that are not heard": (
        "import numpy as np\nnp.seterr(all='ignore')",
        "the cell silences warnings for all that follows",
    ),
    "an ear that is stopped": (
        "import io, sys\nsys.stderr = io.StringIO()",
        "the cell puts something in the place of sys.stderr, where warnings are heard",
    ),
    "a claim that does not hold": (
        "from review_utils import show\ntry:\n    show.claim('one', max([12345.0]))\nexcept BaseException:\n    pass",
        "the cell goes on after a refusal: data/claims/x.yml:1: one: recomputed 12345",
    ),
    "a claim for which nothing was computed": (
        "from review_utils import show\n\ndef computed():\n    pass\n\nshow.claim('one', computed())",
        "the cell computes nothing for the claim one, though no set of others is missing",
    ),
}


@pytest.mark.parametrize("what", PASSED_OVER)
def test_what_a_cell_leaves_or_passes_over_fails_it(little, what):
    """A thread that runs on, and a claim whose refusal is caught, are told with the cell that did it."""
    code, said = PASSED_OVER[what]
    (little / "data" / "claims").mkdir()
    (little / "data" / "claims" / "x.yml").write_text(CLAIM)
    write_notebook(little, ONE, f"{code}\n```\n\n```{{code-cell}} python\nx = 1")

    with pytest.raises(ExecutionFailed) as caught:
        execute_page(little, ONE)
    assert "cell 2: " + said in str(caught.value)


def test_what_is_silent_in_a_block_of_its_own_passes(little):
    """A warning that is meant may be passed over around its one line; a task that is awaited leaves nothing behind."""
    code = "import asyncio, warnings, numpy as np\nwith warnings.catch_warnings():\n    warnings.simplefilter('ignore')\n    np.log(np.zeros(1))\nwith np.errstate(all='ignore'):\n    np.log(np.zeros(1))\nawait asyncio.ensure_future(asyncio.sleep(0))\nprint(1)"
    write_notebook(little, ONE, code)

    assert execute_page(little, ONE).cells[-1].outputs[0].text == "1\n"


def test_a_module_that_changes_between_cells_is_seen(little):
    """A constant of ours that a later cell sets anew is told with that cell."""
    write_notebook(little, ONE, "import review_utils.show as s\n```\n\n```{code-cell} python\ns.VEGA_LITE = '5'")

    with pytest.raises(ExecutionFailed, match=r"cell 3: the cell gives review_utils\.show\.VEGA_LITE another meaning"):
        execute_page(little, ONE)


def test_threads_that_end_with_their_cell_pass(little):
    """A pool that is closed leaves nothing running."""
    code = "from concurrent.futures import ThreadPoolExecutor\nwith ThreadPoolExecutor(2) as p:\n    print(list(p.map(abs, [1])))"
    write_notebook(little, ONE, code)

    assert execute_page(little, ONE).cells[-1].outputs[0].text == "[1]\n"


@pytest.mark.parametrize("attempt", ["cold", "warm"])
def test_a_raising_cell_fails_with_its_place(little, attempt):
    """A raising cell fails the run, the first time and every time, with notebook, line, cell and error."""
    if attempt == "warm":
        _run(little)
    write_notebook(little, ONE, "x = 1\n\n1 / 0")

    for _ in range(2):
        with pytest.raises(ExecutionFailed) as caught:
            _run(little)
        assert str(caught.value) == "analyses/x/one.md:15: cell 2: ZeroDivisionError: division by zero"


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("input('how many? ')", "asks whoever runs it (input), and a build is run by nobody; needed: the answer"),
        ("import sys\nsys.exit(0)", "ends the program; needed: no exit"),
        ("raise KeyError('no claim x; there are: y')", "KeyError: no claim x; there are: y"),
        ("{}['x']", "KeyError: 'x'"),
        ("low = 3\nassert low < 2", "AssertionError: assert low < 2, which is not so; needed: what it asserts"),
        ("!ls data", "the cell starts another process"),
    ],
)
def test_a_cell_that_a_build_cannot_run_is_told_what_to_do(little, cell, said):
    """A question to nobody, an end of the program and a sentence in a KeyError come out as sentences, in our form."""
    write_notebook(little, ONE, cell)

    with pytest.raises(ExecutionFailed) as caught:
        _run(little)
    assert f": {said}" in str(caught.value)


def test_all_failures_are_reported(little):
    """One notebook's failure does not hide another's, and what ran well is kept."""
    write_notebook(little, ONE, "raise ValueError('first')")
    write_notebook(little, TWO, "raise ValueError('second')")

    with pytest.raises(ExecutionFailed) as caught:
        _run(little)

    assert sorted(f.notebook for f in caught.value.failures) == [f"{ONE}.md", f"{TWO}.md"]


def test_progress_names_the_notebooks(little):
    """Progress is a line a notebook, by name, with its seconds or its error."""
    write_notebook(little, TWO, "raise ValueError('no')")
    lines = []
    with pytest.raises(ExecutionFailed):
        execute_all(little, lines.append, workers=2)

    assert lines[0] == "executing 2 of 2 notebooks, 2 at a time"
    assert any(f"done {ONE}" in line for line in lines)
    assert any(f"FAILED {TWO}" in line and "ValueError: no" in line for line in lines)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import warnings\nwarnings.warn('careful')", "careful"),
        ("import sys\nprint('oh', file=sys.stderr)", "wrote to standard error: oh"),
        (
            "import sys\nprint('first\\n  set in', file=sys.stderr)",
            "wrote to standard error: first; needed: nothing there",
        ),
        (
            "import traceback\ntry:\n    1 / 0\nexcept ZeroDivisionError:\n    traceback.print_exc()",
            "error: ZeroDivisionError: division by zero; needed",
        ),
        (
            "import no_such_package",
            "No module named 'no_such_package'; needed: a module beside the notebook or of src, or a package of requirements.txt",
        ),
        ("import os\nos._exit(3)", "the kernel died"),
    ],
)
def test_warnings_errors_and_deaths_fail(little, code, said, monkeypatch):
    """A warning, a line on standard error and a kernel that dies all fail the notebook, also where a shell silences warnings."""
    monkeypatch.setenv("PYTHONWARNINGS", "ignore")
    write_notebook(little, ONE, code)

    with pytest.raises(ExecutionFailed, match=said):
        _run(little)


def test_hours_are_those_of_utc_wherever_a_notebook_runs(little, monkeypatch):
    """What a cell computes from a moment does not hang on the zone of the machine."""
    monkeypatch.setenv("TZ", "America/Los_Angeles")
    write_notebook(little, ONE, "import datetime as dt\nprint(dt.datetime(2026, 3, 1).astimezone().isoformat())")

    assert execute_page(little, ONE).cells[-1].outputs[0].text == "2026-03-01T00:00:00+00:00\n"


def test_a_slow_cell_says_that_it_was_slow(little):
    """A cell beyond the limit is ended, and the message says which limit."""
    write_notebook(little, ONE, "import time\ntime.sleep(60)")

    with pytest.raises(ExecutionFailed, match=r"analyses/x/one\.md:13: cell 2: ran longer than 2 seconds"):
        _run(little, timeout=2)


@pytest.mark.parametrize(
    ("waited", "computed", "ends"),
    [(300, 200, False), (300, 310, True), (300, 299, True), (300, 2, True), (900, 250, False), (1200, 250, True)],
)
def test_the_limit_is_of_computing_and_not_of_a_busy_machine(monkeypatch, waited, computed, ends):
    """A cell that a busy machine keeps waiting goes on; one that computed for as long, that sleeps, or that never ends, does not."""
    client = BoundedClient(nbformat.v4.new_notebook(), timeout=300)
    monkeypatch.setattr(client, "_clocks", lambda: (float(waited), float(computed)))
    asked = client._async_handle_timeout(300, nbformat.v4.new_code_cell("pass"))

    if ends:
        with pytest.raises(CellTimeoutError):
            asyncio.run(asked)
    else:
        assert asyncio.run(asked) is None
    assert (client.waited, client.computed) == (waited, computed)


def test_what_is_refused_is_named_with_its_brackets_closed():
    """A call is told as it is written, not up to its first bracket."""
    for code, said in (("n = os.cpu_count()", "os.cpu_count()"), ("x = open('/etc/host')", "open('/etc/host')")):
        assert unfit(code)[1] == said


def test_a_kernel_that_does_not_exist_is_named(little):
    """A notebook whose kernel is not installed fails with the kernel's name."""
    path = little / f"{ONE}.md"
    path.write_text(path.read_text().replace("name: python3", "name: julia-9"))

    with pytest.raises(ExecutionFailed, match="julia-9"):
        _run(little)


@pytest.mark.parametrize("failing", [1, 3])
def test_a_kernel_whose_port_was_taken_starts_again(little, monkeypatch, failing):
    """A kernel that dies before it answers is started anew, twice at most; then the page says what happened."""
    from jupyter_client.asynchronous import AsyncKernelClient

    wait, starts = AsyncKernelClient.wait_for_ready, []

    async def taken(self, timeout=None):
        starts.append(timeout)
        if len(starts) <= failing:
            raise RuntimeError("Kernel died before replying to kernel_info")
        await wait(self, timeout=timeout)

    monkeypatch.setattr(AsyncKernelClient, "wait_for_ready", taken)

    if failing == 1:
        assert execute_page(little, ONE)
        assert len(starts) == 2
    else:
        with pytest.raises(ExecutionFailed, match="died before replying"):
            execute_page(little, ONE)
        assert len(starts) == 3


def test_a_notebook_without_a_kernel_is_refused(little):
    """A page under analyses without a kernelspec would be shown unexecuted; it is refused."""
    (little / f"{ONE}.md").write_text("# No head\n")

    with pytest.raises(PageError, match="needed: a kernelspec"):
        notebook_pages(little)


def test_the_table_of_contents_is_checked(little):
    """A page that does not exist, and an analysis that no entry names, are refused with line and remedy."""
    (little / "_toc.yml").write_text(
        "format: jb-book\nroot: index\nchapters:\n- file: analyses/x/one\n- file: chapters/nothing\n- glob: '**/*'\n"
    )

    with pytest.raises(PageError) as caught:
        toc_pages(little)

    assert "_toc.yml:5: given chapters/nothing, which does not exist" in str(caught.value)
    assert "_toc.yml:6: given **/*; needed: the pages of one folder" in str(caught.value)
    assert "analyses/x/two.md:1: not in _toc.yml" in str(caught.value)


def test_a_broken_cache_is_executed_anew(little):
    """A kept execution that was cut short or altered is not used."""
    _run(little)
    kept = little / "_build" / "executed" / f"{ONE}.ipynb"
    whole = kept.read_text()
    for other in (whole[:200], whole.replace("outputs", "output", 1), whole.replace("7", "9")):
        assert other != whole
        kept.write_text(other)

        assert load_executed(little, ONE) is None
        assert _run(little)[0] == {ONE}


def test_a_name_shown_twice_is_refused(little):
    """Two outputs of one name would make a quote ambiguous."""
    write_notebook(
        little,
        ONE,
        "from review_utils import show\nfor i in range(2):\n    show.number('x', i, '', 'l', no_interval_because='a test')",
    )

    with pytest.raises(ExecutionFailed, match="the name x is shown twice"):
        _run(little)


JOINED = "import pandas as pd\na, b = pd.DataFrame({'k': [1, 2]}), pd.DataFrame({'k': [1, 3], 'v': [4, 5]})\n"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (JOINED + "a.join(b.set_index('k'), on='k')", "by join without how= and validate="),
        (JOINED + "pd.merge_asof(a, b, on='k')", "by merge_asof without direction= and tolerance="),
        (JOINED + "print(open('OUTSIDE').read())", "which lies outside the review"),
        (JOINED + "pd.read_csv('OUTSIDE')", "which lies outside the review"),
    ],
)
def test_rows_that_nobody_could_check_are_refused(little, tmp_path_factory, code, said):
    """Tables set side by side say how; what is read lies in the review; what a cell itself wrote for a moment may be read."""
    outside = tmp_path_factory.mktemp("elsewhere") / "x.csv"
    outside.write_text("a\n1\n")
    write_notebook(little, ONE, code.replace("OUTSIDE", str(outside)))
    with pytest.raises(ExecutionFailed, match=said):
        _run(little)

    write_notebook(little, ONE, JOINED + "import tempfile\na.join(b.set_index('k'), on='k', how='left', validate='one_to_one')\nwith tempfile.TemporaryDirectory() as f:\n    open(f + '/x', 'w').write('1')\n    print(open(f + '/x').read())")  # fmt: skip
    _run(little)


def test_an_interruption_keeps_what_was_done(little):
    """Interrupted while one notebook runs, the next run uses what had ended and executes the rest."""
    write_notebook(little, TWO, "import time\ntime.sleep(600)")
    code = f"from pathlib import Path; from review_book.execute.run import execute_all; execute_all(Path({str(little)!r}), print, workers=2)"
    process = subprocess.Popen(
        [sys.executable, "-u", "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    for line in process.stdout:
        if f"done {ONE}" in line:
            break
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    write_notebook(little, TWO, "print(1)")

    assert load_executed(little, ONE) is not None
    assert _run(little)[0] == {TWO}
    assert not list((little / "_build").rglob("*.part"))
    shutil.rmtree(little)


def _runs(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_what_may_take_long_is_begun_first(little):
    """The slowest of the last time comes first, where none ran here the slowest on record, and else the longest source, whatever the contents say."""

    def order(code):
        write_notebook(little, ONE, code)
        write_notebook(little, TWO, code + "# a long source\n" * 50)
        lines = []
        execute_all(little, lines.append, workers=1)
        return re.findall(r"done (\S+)", "\n".join(lines))

    assert order("1\n") == [TWO, ONE]
    assert seconds_of(little).keys() == {ONE, TWO}
    for page, seconds in ((ONE, 900), (TWO, 100)):
        kept = fingerprint.executed_path(little, page)
        text = kept.read_text(encoding="utf-8")
        kept.write_text(re.sub(r'"seconds": [0-9.]+', f'"seconds": {seconds}', text), encoding="utf-8")
    assert order("2\n") == [ONE, TWO]

    shutil.rmtree(little / "_build" / "executed")
    record = little / "data" / "execution.json"
    for slowest, first in (
        ({ONE: 9.5}, [ONE, TWO]),
        ({TWO: 9.5, ONE: 0.5}, [TWO, ONE]),
        (7, [TWO, ONE]),
        ({ONE: "long"}, [TWO, ONE]),
    ):
        record.write_text(json.dumps({"slowest": slowest}), encoding="utf-8")
        shutil.rmtree(little / "_build" / "executed", ignore_errors=True)
        assert order("2\n") == first


def test_warm_kernels_are_apart_and_end_with_their_fork_server(little):
    """Kernels forked from one process share nothing that a notebook does, and none is left when it ends."""
    from review_book.execute.warm import end_fork_server

    write_notebook(little, ONE, "import builtins, os\nbuiltins.planted = 1\nprint(getattr(os, 'getpid')())")
    write_notebook(
        little, TWO, "import builtins, os\nprint(hasattr(builtins, 'planted'))\nprint(getattr(os, 'getpid')())"
    )
    execute_all(little, lambda line: None, workers=1)
    one, two = (load_executed(little, page).cells[-1].outputs[0].text.split() for page in (ONE, TWO))
    end_fork_server()

    assert two[0] == "False"
    for pid in (one[0], two[1]):
        while _runs(int(pid)):
            time.sleep(0.01)  # it ends by itself


def test_the_fork_server_loads_nothing_of_the_review(little):
    """A kernel imports the package as it stands: of it, the process that it was forked from holds the fork server alone."""
    write_notebook(little, ONE, "import sys\nprint(sorted(m for m in sys.modules if m.startswith('review_utils')))")
    _run(little)

    loaded = load_executed(little, ONE).cells[-1].outputs[0].text
    assert "register" not in loaded
    assert "execute" not in loaded


REFUSED = {
    "open('../../data/a.txt', 'w')": r"writes data/a\.txt; needed",
    "from pathlib import Path\nPath('../../data/new').mkdir()": "writes data/new; needed",
    "import os\nos.rename('../../data/a.txt', '/tmp/a.txt')": r"writes data/a\.txt; needed",
    "import os\nos.remove('one.md')": r"writes analyses/x/one\.md; needed",
    "import pandas as pd\npd.DataFrame({'a': [1]}).to_csv('../../index.md')": r"writes index\.md; needed",
    "import pandas as pd\npd.DataFrame({'a': [1]}).to_parquet('../../data/a.parquet')": r"writes data/a\.parquet; needed",
    "try:\n    open('../../data/a.txt', 'a')\nexcept OSError:\n    pass": r"cell 2: the cell writes data/a\.txt; needed",
    "import subprocess\nsubprocess.run(['true'])": "starts another program, 'true', whose reads nobody sees",
    "import os\nos.system('true')": "starts another program, .*true.*, whose reads nobody sees",
    "import multiprocessing as mp\nwith mp.Pool(1) as pool:\n    print(pool.map(len, ['ab']))": "starts another process, whose reads nobody sees; needed: a function of Python",
    "import multiprocessing as mp\np = mp.get_context('spawn').Process(target=print)\np.start()": "starts another process, whose reads nobody sees",
    "from concurrent.futures import ProcessPoolExecutor\nwith ProcessPoolExecutor(1) as p:\n    print(p.submit(abs, 1).result())": "starts another process, whose reads nobody sees",
    "import os\nif os.fork() == 0:\n    os._exit(0)": "starts another process, whose reads nobody sees",
    "import ctypes\nctypes.CDLL(None).system(b'true')": "calls a library of this machine, .*, whose reads nobody sees; needed: a function of Python",
    "import ctypes\ntry:\n    ctypes.pythonapi.system(b'true')\nexcept OSError:\n    pass": "cell 2: the cell calls a library of this machine, 'system', whose reads",
    "from urllib.request import urlopen\ntry:\n    urlopen('http://example.org', timeout=1)\nexcept OSError:\n    pass": r"cell 2: the cell asks another host, http://example\.org, whose answer is another on each day; needed: a file of data",
    "import socket as s\ns.socket().connect(('192.0.2.1', 80))": r"asks another host, 192\.0\.2\.1, whose answer",
    "import pandas as pd\ntry:\n    pd.read_csv('http://127.0.0.1:9/a.csv')\nexcept OSError:\n    pass": r"asks another host, http://127\.0\.0\.1:9/a\.csv, whose answer",
    "import socket as s\ns.socket(type=s.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 80))": r"asks another host, 192\.0\.2\.1, whose answer",
    "from pathlib import Path\nPath('../../_build/html/index.html').exists()": "reads _build/html/index.html, which a build makes, so that it says what was published before; needed: the records",
    "open('../../findings/one.md').read()": "reads findings/one.md, which a build makes",
}


@pytest.mark.parametrize("code", REFUSED)
def test_a_cell_that_writes_into_the_review_is_refused(little, code):
    """Data and sources stay as they are, also where the cell passes over the refusal; so with programs it starts."""
    before = {p: p.read_bytes() for p in little.rglob("*") if p.is_file()}
    path = write_notebook(little, ONE, code)
    before[path] = path.read_bytes()

    with pytest.raises(ExecutionFailed, match=REFUSED[code]):
        execute_page(little, ONE)
    assert {p: p.read_bytes() for p in before} == before
    assert not (little / "data" / "new").exists()


def test_a_cell_may_speak_to_its_own_machine(little):
    """The loopback interface is no other host, where no address is read there, and numerical packages may load what they are made of."""
    code = "import socket as s\nwith s.create_server(('127.0.0.1', 0)) as door:\n    s.create_connection(('localhost', door.getsockname()[1])).close()\nimport scipy.optimize, ctypes\nprint(1)"
    write_notebook(little, ONE, code)

    assert execute_page(little, ONE).cells[-1].outputs[0].text == "1\n"


def test_what_a_cell_writes_elsewhere_is_its_own(little, tmp_path):
    """A temporary folder is no part of the review."""
    write_notebook(little, ONE, "import tempfile\nwith tempfile.TemporaryFile() as f:\n    print(f.write(b'x'))")

    assert execute_page(little, ONE).cells[-1].outputs[0].text == "1\n"


@pytest.mark.parametrize(
    "code",
    [
        "_t = _j = json = None\nprint = list",
        "import builtins\nbuiltins.print = None",
        "%reset -f",
        "import io, sys\nsys.stdout = io.StringIO()",
    ],
)
def test_names_of_the_executor_are_out_of_reach(little, code):
    """A cell may give any name another meaning; what the notebook read is known all the same."""
    write_notebook(little, ONE, f"open('../../data/a.txt').read()\n{code}")

    kept = execute_page(little, ONE).metadata.review.fingerprint
    assert "data/a.txt" in kept.reads


def test_a_notebook_sees_nothing_of_the_executor(little):
    """Before its first cell its names are IPython's own."""
    write_notebook(little, ONE, "print(sorted(n for n in dir() if 'review' in n or n in ('_t', '_j', '_tracing')))")

    assert execute_page(little, ONE).cells[-1].outputs[0].text == "[]\n"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("print('x' * 6_000_000)", "shows more than 5,000,000 characters"),
        ("while True:\n    print('x' * 100_000)", "shows more than 5,000,000 characters"),
        ("for i in range(10_000):\n    display(i)", "shows more than 500 outputs"),
    ],
)
def test_a_cell_that_shows_too_much_is_stopped(little, code, said):
    """Output that no page could hold ends the notebook while it still runs, with its cell and what to do instead."""
    write_notebook(little, ONE, code)

    with pytest.raises(ExecutionFailed, match=rf"analyses/x/one\.md:13: cell 2: {said}.*; needed"):
        execute_page(little, ONE)


@pytest.mark.parametrize(
    "code",
    [
        "exit()",
        "try:\n    exit()\nexcept BaseException:\n    pass\nprint('on')",
        "import sys\nsys.exit()",
        "raise SystemExit(1)",
        "import signal\nsignal.raise_signal(signal.SIGKILL)",
    ],
)
def test_a_cell_that_ends_its_kernel_fails(little, code):
    """However a cell ends its own process, the page fails, and names the cell."""
    write_notebook(little, ONE, code)

    with pytest.raises(ExecutionFailed, match=r"analyses/x/one\.md:\d+: cell 2: "):
        execute_page(little, ONE)


def test_a_page_whose_execution_is_no_longer_true_is_told_in_a_line(little):
    """Where something that a notebook reads was saved while the book was built, Sphinx says so as its own, without a traceback."""
    write_notebook(little, "analyses/x/one", "1 + 1")

    with pytest.raises(ExtensionError, match=r"analyses/x/one\.md.*build again"):
        read_executed("", str(little), "analyses/x/one")
