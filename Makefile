# Five verbs: setup, demo, test, check, eval. Each installs what it needs; none needs a key or the network beyond PyPI.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
SHARED ?= ../shared/data
export OMP_NUM_THREADS ?= 1

.PHONY: help setup demo test check eval lock vectors screenshots clean

help:
	@echo "make demo         start LiveCrew with a demo shop and print the page to open"
	@echo "make test         run the tests"
	@echo "make check        format, lint, types, layers"
	@echo "make eval         run the evaluation suites whose data is at hand (SHARED=$(SHARED)) against their gates"
	@echo "make lock         pin dependencies anew"
	@echo "make vectors      rebuild the shipped vectors of law cards and demo documents"
	@echo "make screenshots  regenerate docs/images in headless Chromium"

setup: $(STAMP)

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("LiveCrew needs Python 3.11 or newer, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing pinned dependencies …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(STAMP)

demo: setup
	@LIVECREW_HOME=$${LIVECREW_HOME:-.livecrew/demo} $(BIN)/livecrew demo

test: setup
	@$(BIN)/python -m pytest

check: setup
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/livecrew vectors --check

eval: setup
	@evals/run_all.sh $(BIN)/livecrew "$(SHARED)"

lock:
	@$(BIN)/python -m pip install --quiet uv
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-annotate --group dev pyproject.toml -o requirements.lock

vectors: setup
	@$(BIN)/livecrew vectors

screenshots: setup
	@$(BIN)/python docs/screenshots.py

clean:
	rm -rf $(VENV) .livecrew .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
