# Two commands do all the set-up: make book, make test. The rest is on the menu: make help.
.DEFAULT_GOAL := help
.PHONY: help book test serve check audit bench accept drill pdf lab notebook asreview lock clean
PYTHON ?= python3
BIN := .venv/bin
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
export PYTHONHASHSEED := 0

help: ## show this menu
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

.venv/.installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or later is needed, and this is %d.%d; name another: make PYTHON=python3.12 ..." % sys.version_info[:2])'
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info < (3, 14) else "Python %d.%d is too new: ruptures, which finds change points, is built for 3.11 to 3.13 only; name another: make PYTHON=python3.13 ..." % sys.version_info[:2])'
	@echo "making the environment in .venv from requirements.lock (a minute or two, once)"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --disable-pip-version-check --require-hashes --no-deps -r requirements.lock \
	  | { grep --line-buffered -oE '^(Collecting|Installing|Successfully) [^ ]+' || true; } # it may all be there
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

book: .venv/.installed ## execute what changed and build _build/html/index.html
	@$(BIN)/review fetch --within 60
	@$(BIN)/review build

test: book ## package, data, every notebook executed and compared, the built pages in a browser
	@$(BIN)/python -m pytest -n 2 --dist loadfile

serve: .venv/.installed ## live preview that rebuilds what changed
	@$(BIN)/review serve

check: .venv/.installed ## lint, types and data
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/review format --check
	@$(BIN)/review check
	@$(BIN)/review accept --check

bench: .venv/.lab ## speed, as ratios against a peer or a floor in the same run
	@$(BIN)/python -c 'import torch' 2>/dev/null || $(BIN)/python -m pip install --quiet --disable-pip-version-check torch==2.13.0
	@$(BIN)/python bench/run.py $(PARTS)

audit: book ## the built pages judged by Lighthouse and scrolled, scores printed (needs npm)
	@command -v npm >/dev/null || { echo "npm is needed: apt-get install npm (Debian, Ubuntu), brew install node (macOS)"; exit 1; }
	@cd tests/audit && npm ci --silent --no-audit --no-fund
	@$(BIN)/python tests/audit/run.py $(AUDIT)

drill: book ## plant each fault, demand red, and write down the day
	@$(BIN)/python tests/drills.py $(DRILL)

pdf: book ## the whole book as one PDF
	@$(BIN)/review pdf

accept: book ## write the references of notebooks that say something else now; the change shows up in review as numbers
	@$(BIN)/python -m review_book.execute.regression

.venv/.lab: .venv/.installed requirements-lab.lock
	@echo "installing the lab's extra from requirements-lab.lock (once)"
	@$(BIN)/python -m pip install --disable-pip-version-check --require-hashes --no-deps -r requirements-lab.lock \
	  | { grep --line-buffered -oE '^(Collecting|Installing|Successfully) [^ ]+' || true; } # it may all be there
	@touch $@

lab: .venv/.lab .venv/.notebook ## test what needs the extras: the lab, every experiment in reduced form, an analysis in JupyterLab
	@$(BIN)/python -m pytest -n 2 tests/emergence_lab tests/notebook

.venv/.notebook: .venv/.installed requirements-notebook.lock
	@echo "installing JupyterLab and jupytext from requirements-notebook.lock (once)"
	@$(BIN)/python -m pip install --disable-pip-version-check --require-hashes --no-deps -r requirements-notebook.lock \
	  | { grep --line-buffered -oE '^(Collecting|Installing|Successfully) [^ ]+' || true; } # it may all be there
	@touch $@

notebook: .venv/.notebook ## open the analyses in JupyterLab, each as a notebook that runs cell by cell
	@JUPYTER_CONFIG_PATH=.jupyter $(BIN)/jupyter lab analyses

.venv-asreview/.installed: tests/asreview/requirements.lock
	@echo "installing ASReview in an environment of its own, .venv-asreview (once)"
	@$(PYTHON) -m venv .venv-asreview
	@.venv-asreview/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r tests/asreview/requirements.lock
	@touch $@

asreview: .venv/.installed .venv-asreview/.installed ## screen our export in ASReview itself, and take it back
	@$(BIN)/python -m pytest tests/asreview

lock: ## resolve the requirements anew into the lock files (needs uv)
	@uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-emit-package rfc3987-syntax --quiet requirements.txt -o requirements.lock
	@uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --quiet --constraint requirements.lock --extra lab pyproject.toml -o requirements-lab.lock
	@uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --quiet tests/asreview/requirements.txt -o tests/asreview/requirements.lock
	@uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-emit-package rfc3987-syntax --quiet --constraint requirements.lock --extra notebook pyproject.toml -o requirements-notebook.lock

clean: ## remove what was built, but not the environment
	@rm -rf _build findings tests/audit/node_modules
