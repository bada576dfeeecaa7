# Every target works on a machine with Python >= 3.11 and make; uv is used where it is, never needed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(shell command -v uv 2>/dev/null)

ifdef UV
INSTALL = $(UV) pip install --quiet --python $(BIN)/python --require-hashes -r $(1) && $(UV) pip install --quiet --python $(BIN)/python --no-deps --editable .
else
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(1) && $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
endif

.DEFAULT_GOAL := help
.PHONY: help demo run test scaled chaos bench sure fmt fmt-check lint types liff-sdk lock clean fuzz audit

help: ## What there is to make
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit("Musubi needs Python 3.11 or newer; this is %d.%d. Say which to use: make PYTHON=python3.12 …" % sys.version_info[:2] if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.txt pyproject.toml | $(BIN)/python
	@echo "Installing what Musubi runs on …"
	$(call INSTALL,requirements.txt)
	@touch $@

$(VENV)/.dev: requirements-dev.txt pyproject.toml | $(BIN)/python
	@echo "Installing what Musubi and its tests run on …"
	$(call INSTALL,requirements-dev.txt)
	@touch $@ $(VENV)/.run

demo: $(VENV)/.run ## The whole story on this machine: a phone in the browser, sample members, no LINE account needed
	$(BIN)/python -m simulator.demo

run: $(VENV)/.run ## Web and worker for a real LINE account, settings from the environment or .env
	$(BIN)/musubi run

test: $(VENV)/.dev ## All tests, on SQLite and PostgreSQL, with a browser where there is one
	$(BIN)/python -m pytest --numprocesses auto --dist loadscope --no-loadscope-reorder

scaled: $(VENV)/.dev ## PostgreSQL, Redis, two web processes, three workers and LINE, on this machine
	$(BIN)/python -m bench.scaled

chaos: $(VENV)/.dev ## Kill whatever runs 200 times on each database, and count what is lost or doubled
	$(BIN)/python -m bench.chaos --kills 200 --database sqlite
	$(BIN)/python -m bench.chaos --kills 200 --database postgresql

fuzz: $(VENV)/.dev ## A million webhook bodies and 100,000 requests that nobody thought of
	$(BIN)/python -m bench.fuzz --bodies 1000000 --requests 100000

audit: ## The locked dependencies against known holes (needs a reachable index; no part of `sure`)
	$(PYTHON) -m pip_audit --strict --require-hashes --disable-pip -r requirements.txt

bench: $(VENV)/.dev ## How fast it is beside its yardsticks, at reduced size (docs/benchmarks.md)
	$(BIN)/python -m bench

sure: $(VENV)/.dev fmt-check lint types test ## What CI asks: format, lint, types, tests, shape

fmt: $(VENV)/.dev ## Put every file into the one format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix --quiet . || true

fmt-check: $(VENV)/.dev
	$(BIN)/ruff format --check --quiet .

lint: $(VENV)/.dev ## Ruff
	$(BIN)/ruff check .

types: $(VENV)/.dev ## Mypy, strict
	$(BIN)/mypy

liff-sdk: ## LINE's own LIFF SDK for the browser tests (needs npm); never shipped
	npm install --silent --no-audit --no-fund --no-save --no-package-lock --prefix tests/liff_sdk @line/liff@2.31.0

lock: ## Lock the dependencies anew (needs uv)
	uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --python-version 3.11 pyproject.toml -o requirements.txt
	uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --python-version 3.11 pyproject.toml --group test --group dev -o requirements-dev.txt

clean: ## Forget the virtual environment and the demo's files
	rm -rf $(VENV) var
