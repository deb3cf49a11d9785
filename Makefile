# Every target stands on its own: it installs what it needs first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
CLIENTS := tests/clients

.DEFAULT_GOAL := help
.PHONY: help setup demo test faults lint bench ci lock browser clients words docs clean

help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

setup: $(READY) ## create .venv with the locked dependencies

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Majlis needs Python 3.11 or newer; this is %s. Try: make PYTHON=python3.12 setup" % sys.version.split()[0])'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(READY) ## run the sample newsroom and print its addresses
	$(BIN)/majlis demo

test: $(READY) browser clients ## run every test: unit, both databases, HTTP, real clients, browser, documentation
	$(BIN)/python -m pytest

faults: $(READY) ## run the tests that kill, starve and overload real servers (long)
	$(BIN)/python -m pytest tests/faults --processes

browser: $(READY) ## find or install the Chromium that the browser tests drive
	@$(BIN)/python tests/browser/chromium.py

clients: $(READY) $(CLIENTS)/node_modules ## install the JavaScript clients that the tests drive

$(CLIENTS)/node_modules: $(CLIENTS)/package-lock.json | $(READY)
	cd $(CLIENTS) && $(CURDIR)/$(BIN)/npm ci --silent --no-audit --no-fund --ignore-scripts
	@touch $@

lint: $(READY) ## check formatting, style and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

bench: $(READY) ## measure beside Isso, and Remark42 with REMARK42=path; LARGE=10000000 for ten million comments, BENCH="--soak 1800" for half an hour more
	$(BIN)/python -m bench.run $(if $(REMARK42),--remark42 $(REMARK42)) $(if $(LARGE),--large $(LARGE)) $(BENCH)

ci: lint test ## what the continuous integration runs

docs: $(READY) ## write the generated parts of docs/
	$(BIN)/python docs/generate.py

lock: ## renew requirements.lock from pyproject.toml
	$(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --extra learn --extra nats --extra parquet --group dev \
		--generate-hashes --no-header --no-annotate --no-emit-index-url --output-file requirements.lock

clean: ## remove what make created
	rm -rf $(VENV) .venv-isso $(CLIENTS)/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis
