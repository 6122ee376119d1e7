# Two commands: make demo, make test. Both make .venv out of the hashed lock first.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help demo demo-reset test lint faults browser lock texts pictures bench bench-demo bench-pages environment environment-dev catalogues clean

VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
HOME_OF_DEMO ?= var/demo
# The newest Python that runs and is new enough; PYTHON=/path/to/python3 names another. Else the last
# one that runs at all, so that the sentence about its age can name it.
PYTHON ?= $(shell for name in python3.13 python3.12 python3.11 python3 python; do \
  "$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { command -v "$$name"; exit; }; \
  "$$name" -V >/dev/null 2>&1 && last=$$(command -v "$$name"); done; echo "$$last")
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input -qq
# The lock is complete, so nothing is resolved.
FROM_LOCK := $(PIP) install --require-hashes --only-binary :all: --no-deps

help:
	@echo "make demo    the whole portal on this machine (PORT=$(PORT)); Ctrl-C stops it"
	@echo "make test    every check; the cheapest first"
	@echo "Also: demo-reset lint faults bench pictures texts lock (docs/operations.md)"

demo: environment catalogues
	@$(BIN)/portal demo --home "$(HOME_OF_DEMO)" --port "$(PORT)"

demo-reset: environment
	@$(BIN)/portal demo --home "$(HOME_OF_DEMO)" --reset

test: environment-dev catalogues lint
	$(BIN)/pytest -n auto --cov -m "not browser and not faults"
	$(BIN)/coverage report --include='portal/*/rules/*' --fail-under=100 > /dev/null || \
	  { $(BIN)/coverage report --include='portal/*/rules/*' --skip-covered --show-missing; exit 1; }
	@$(MAKE) --no-print-directory browser

# From here on what the two commands are made of.

lint: environment-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/ruff check --select PLR2004 portal/*/rules
	$(BIN)/lint-imports --no-cache
	$(BIN)/mypy
	$(BIN)/deptry .
	$(BIN)/djlint --quiet --check portal
	$(BIN)/djlint --quiet --lint portal
	$(BIN)/bandit -q -r portal -c pyproject.toml

# A browser is found by PORTAL_CHROMIUM or on PATH; without one the stories are told as not run.
browser: environment-dev catalogues
	$(BIN)/pytest -p no:randomly -m browser

faults: environment-dev catalogues
	$(BIN)/pytest -n 0 -p no:randomly -m faults

bench: environment-dev catalogues
	$(BIN)/python bench/floor.py

bench-pages: environment-dev catalogues
	$(BIN)/python bench/pages.py

bench-demo: environment-dev catalogues
	$(BIN)/python bench/demo.py

pictures: environment-dev catalogues
	$(BIN)/python docs/pictures.py

lock: environment-dev
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header \
	  --python-version 3.11 requirements.in -o requirements.txt
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header \
	  --python-version 3.11 requirements-dev.in -o requirements-dev.txt

# Both catalogues; the English one is filled with the ids, the Indonesian one is written by hand.
texts: environment-dev
	$(BIN)/python docs/texts.py
	@$(MAKE) --no-print-directory catalogues

# Compiled when a catalogue is newer than what was compiled last; .mo files are never committed.
catalogues: environment
	@if [ ! -e $(VENV)/.catalogues ] || [ -n "$$(find portal/translations -name '*.po' -newer $(VENV)/.catalogues)" ] \
	  || [ "$$(find portal/translations -name '*.po' | wc -l)" != "$$(find portal/translations -name '*.mo' | wc -l)" ]; then \
	  touch $(VENV)/.catalogues.new && $(BIN)/pybabel -q compile -f -d portal/translations && \
	  mv $(VENV)/.catalogues.new $(VENV)/.catalogues; \
	fi

environment: $(VENV)/.run-time
environment-dev: $(VENV)/.development

$(VENV)/bin/python:
	@for python in $(PYTHON); do \
	  "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
	  "$$python" -c 'import ensurepip, venv' 2>/dev/null || \
	    { echo "$$python cannot make an environment: install the package python3-venv" >&2; exit 1; }; \
	  exec "$$python" -m venv $(VENV); \
	done; \
	echo "The portal needs Python 3.11 or newer and found none (python3 is: $$(python3 -V 2>&1)); say make PYTHON=/path/to/python3" >&2; \
	exit 1

# The lock as it was installed lies beside the environment; the same lock is not installed twice.
$(VENV)/.run-time: requirements.txt pyproject.toml | $(VENV)/bin/python
	@if [ "$$(cat requirements.txt pyproject.toml | cksum)" != "$$(cat $@ 2>/dev/null)" ]; then \
	  echo "Installing what the portal runs on ..."; \
	  $(FROM_LOCK) -r requirements.txt && $(PIP) install --no-deps --no-build-isolation -e . && \
	  cat requirements.txt pyproject.toml | cksum > $@; \
	else touch $@; fi

$(VENV)/.development: requirements.txt requirements-dev.txt $(VENV)/.run-time
	@if [ "$$(cat requirements.txt requirements-dev.txt | cksum)" != "$$(cat $@ 2>/dev/null)" ]; then \
	  echo "Installing what the tests need ..."; \
	  $(FROM_LOCK) -r requirements.txt -r requirements-dev.txt && \
	  cat requirements.txt requirements-dev.txt | cksum > $@; \
	else touch $@; fi

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis build *.egg-info
