# What CI runs, and nothing else. `make demo` needs only Python 3.11 or newer; `make test` installs what it needs besides.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := .tools/bin/uv
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help demo check test machine lint types floors vet go-test campaign fuzz parity bench screenshots clean

help: ## show this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(UV):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "flowrun needs Python 3.11 or newer; run: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -m venv .tools || \
	  { echo "Python's venv module is missing; on Debian: apt-get install python3-venv" >&2; exit 1; }
	@.tools/bin/pip install --quiet --disable-pip-version-check uv

$(READY): $(UV) pyproject.toml uv.lock
	@UV_PROJECT_ENVIRONMENT=$(VENV) $(UV) sync --quiet --frozen --python $(PYTHON)
	@touch $@

demo: $(READY) ## set up what is needed and run the example job
	$(BIN)/flowrun -j jobdefs/demo.yaml
	@cat reports/shop.md

check: lint types floors machine ## the quick loop: lint, types, import rules, unit tests
	$(BIN)/pytest -q tests/unit tests/conformance --ignore-glob 'tests/conformance/test_frq_*'

lint: $(READY) ## format and lint
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(READY) ## types
	$(BIN)/mypy

floors: $(READY) ## which room may import which
	$(BIN)/lint-imports

vet: machine ## format and vet of the Go worker
	@cd go_worker && unformatted=$$(gofmt -l .) && \
	  { test -z "$$unformatted" || { echo "gofmt would change: $$unformatted" >&2; exit 1; }; }
	cd go_worker && go vet ./... && go vet -tags otel ./...

machine: ## install what the tests need besides Python: Redis, a browser
	@sh tests/machine.sh

go-test: machine ## the tests of the Go worker, with the race detector
	cd go_worker && go test -race ./... && go test -race -tags otel -run Traces ./worker

test: $(READY) machine go-test ## every test, Python and Go
	$(BIN)/pytest -q

campaign: $(READY) ## 300 random kills of the runner, each followed by a restart
	$(BIN)/pytest -q -m full tests/acceptance/test_kill_campaign.py

fuzz: $(READY) ## 10,000 mutated job files
	$(BIN)/pytest -q -m full tests/acceptance/test_fuzz.py

parity: $(READY) ## rows of the inventory and the tests that show them
	$(BIN)/python tests/parity.py

bench: $(READY) ## the table of speed, beside the raw floors and other tools
	$(BIN)/python -m benchmarks

screenshots: $(READY) machine ## the pictures of the page in the docs, made anew
	$(BIN)/python docs/screenshots.py

clean: ## remove what was made here
	rm -rf $(VENV) .tools .flowrun logs reports dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
