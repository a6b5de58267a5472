# Everything runs in .venv, which is made from requirements.lock when it is missing or older than the lock.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: demo test test-servers check bench lock format clean

demo: $(READY) ## the sample wire, from feeds to search
	$(BIN)/newswire demo

test: $(READY) ## all tests that take seconds
	$(BIN)/python -m pytest -m "not slow"

test-servers: $(READY) ## the tests marked `servers`, on real Elasticsearch and OpenSearch, fetched and started for them
	$(BIN)/python -m tests.servers run -- $(BIN)/python -m pytest -m servers

check: $(READY) ## format, lint, types, architecture, and every test, the slow ones too; TESTS="slow": only those
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/pip check
	$(BIN)/python -m pytest $(if $(TESTS),-m "$(TESTS)")

bench: $(READY) ## each figure with what it is measured against, as JSON lines
	$(BIN)/python -m tests.benchmarks

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: ## new versions; needs `uv` (pip install uv)
	uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-header -q --upgrade -o requirements.lock

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("newswire needs Python 3.11 or later, this is %s; make PYTHON=python3.11 ..." % sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $(READY)

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
