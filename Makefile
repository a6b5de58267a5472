# Everything runs in .venv, which is made from requirements.lock when it is missing or older than the lock.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: demo test test-servers test-flink test-deploy check bench lock format clean

demo: $(READY) ## the sample wire, from feeds to search
	$(BIN)/newswire demo

test: $(READY) ## all tests that take seconds
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "not slow"

# Servers that live for minutes have nothing from Java's second compiler but its work: a third of all theirs.
test-servers: $(READY) ## the tests marked `servers`, on real Elasticsearch and OpenSearch, fetched and started for them
	NEWSWIRE_TEST_SERVERS_JAVA_OPTIONS=-XX:TieredStopAtLevel=1 $(BIN)/python -m tests.servers run -- $(BIN)/python -m pytest -n 2 --dist worksteal -m servers

test-flink: $(READY) ## the tests marked `flink`, on a real Flink cluster, fetched and started for them (Java 11 or 17, Maven)
	$(BIN)/python -m tests.cluster flink run -- $(BIN)/python -m pytest -s -m flink

test-deploy: $(READY) ## deploy/, with the tools that judge it fetched: Docker's compose, Airflow, linters (4 minutes the first time)
	tests/deploy/tools.sh
	$(BIN)/python -m pytest tests/deploy

check: $(READY) ## format, lint, types, architecture, and every test, the slow ones too; TESTS="slow": only those
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/pip check
	$(BIN)/python -m pytest -n 2 --dist worksteal $(if $(TESTS),-m "$(TESTS)")

bench: $(READY) ## each figure with what it is measured against, as JSON lines; the table of docs/benchmarks.md
	$(BIN)/python -m tests.benchmarks

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: ## new versions; needs `uv` (pip install uv)
	uv pip compile pyproject.toml --group dev --all-extras --universal --python-version 3.11 --generate-hashes --no-header -q --upgrade -o requirements.lock

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("newswire needs Python 3.11 or later, this is %s; make PYTHON=python3.11 ..." % sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $(READY)

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
