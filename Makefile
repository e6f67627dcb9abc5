# Two commands for everybody: `make demo` and `make test`. Both set up .venv by themselves.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

CLIENTS := $(VENV)/clients

.PHONY: help setup clients demo test lint types check build bench clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY)  ## create .venv with the package (editable) and what developing it needs

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("bilatdata needs Python 3.11 or newer, this is " + sys.version.split()[0] + ": make PYTHON=python3.12" if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) -m venv $(VENV) || { echo "cannot create $(VENV): install Python's venv module (on Debian: apt-get install python3-venv)"; exit 1; }
	@echo "installing into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1' --constraint constraints.txt
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[all]' --group dev
	@touch $@

clients: $(READY)  ## install the npm clients that the tests ask as well (needs node and npm)
	@mkdir -p $(CLIENTS) && cp tests/clients/package.json $(CLIENTS)
	@npm install --prefix $(CLIENTS) --no-package-lock --no-audit --no-fund --silent

demo: $(READY)  ## list the tables, show a meeting and a concession with their evidence, validate the package
	$(BIN)/bilatdata tables
	$(BIN)/bilatdata record MTG-0120
	$(BIN)/bilatdata record CON-0010
	$(BIN)/bilatdata validate datapackage.json

test: $(READY)  ## run the whole test suite
	$(BIN)/python -m pytest -n 2 --dist loadgroup

lint: $(READY)  ## ruff: lint and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)  ## mypy, strict
	$(BIN)/mypy

check: $(READY)  ## all that the repository must satisfy before a release
	$(BIN)/bilatdata check

build: $(READY)  ## regenerate derived columns, Parquet and datapackage.json
	$(BIN)/bilatdata build

bench: $(READY)  ## timings as ratios, side by side
	for script in benchmarks/*.py; do $(BIN)/python $$script; done

clean:  ## remove what the targets above made
	rm -rf $(VENV) dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
