# Every call of cargo goes through tools/cargo: one target folder, one build at a time. All of them
# select the whole workspace, so that the features of dependencies never change between calls;
# each change of features would build DataFusion again, for ten minutes and more.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:

CACHE := $(HOME)/.cache/tracekeep
export CARGO_TARGET_DIR ?= $(CACHE)/target
CARGO := tools/cargo
BIN := $(CARGO_TARGET_DIR)/debug
TOOLS := $(CACHE)/tools
DENY := $(TOOLS)/bin/cargo-deny
FUZZ := $(TOOLS)/bin/cargo-fuzz
VENV := $(CACHE)/e2e-python
NODE_MODULES := e2e/js/node_modules/.package-lock.json

# What CI runs, in this order. The cheap and the likely to fail come first.
STAGES := setup fmt-check clippy build unit doc tidy e2e-python e2e-js deny

.PHONY: help run test check test-long bench bench-micro fuzz fmt openapi setup fmt-check clippy build unit doc deny tidy e2e-python e2e-js

help: ## Say what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

run: ## Build, and serve with lifelike traffic on http://127.0.0.1:4000
	tools/setup run
	$(CARGO) build --workspace
	exec $(BIN)/tracekeep demo

check: ## Format, lints and tests: for every edit
	@tools/stages fmt-check clippy unit

test: ## Everything that CI runs
	@tools/stages $(STAGES)

test-long: ## make test, long tests, more property cases, the kill loop and fuzzing
	@tools/stages $(STAGES) unit-long kill-loop fuzz

bench: ## Measure a release build and others (PARTS="ingest queries": only these; LONG=1: 10 M spans too)
	tools/setup test
	PYTHONDONTWRITEBYTECODE=1 python3 -m unittest discover --start-directory bench/tests --top-level-directory .
	$(CARGO) build --release --workspace
	tools/bench $(CARGO_TARGET_DIR)/release $(PARTS)

# Only these targets, so that the tests are not built in release too. ARGS=--quick is a first look.
bench-micro: ## Measure parts by themselves: journal, decoding, joining, sealing, queries
	$(CARGO) bench --workspace --bench journal --bench decode --bench join --bench seal \
		--bench query -- $(ARGS)

fuzz: $(FUZZ) ## Look for inputs that break a decoder, FUZZ_SECONDS for each
	tools/setup test
	PATH="$(TOOLS)/bin:$$PATH" tools/fuzz $(CACHE)/fuzz $(FUZZ_TARGETS)

fmt: ## Format all Rust code
	$(CARGO) fmt --all
	$(CARGO) fmt --manifest-path fuzz/Cargo.toml

openapi: build ## Write docs/openapi.json from the code
	$(BIN)/tracekeep openapi > docs/openapi.json.new
	mv docs/openapi.json.new docs/openapi.json

setup:
	tools/setup test

fmt-check:
	$(CARGO) fmt --all --check
	$(CARGO) fmt --manifest-path fuzz/Cargo.toml --check

clippy:
	$(CARGO) clippy --workspace --all-targets -- -D warnings

# With all targets, so that features are those of the tests.
build:
	$(CARGO) build --workspace --all-targets

unit:
	tools/summarise $(CARGO) test --workspace

doc:
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --workspace --no-deps

deny: $(DENY)
	$(DENY) check licenses bans sources

tidy: build
	$(BIN)/xtask tidy

e2e-python: build $(VENV)/installed
	TRACEKEEP_BIN=$(BIN)/tracekeep PYTHONDONTWRITEBYTECODE=1 \
		$(VENV)/bin/pytest -p no:cacheprovider e2e bench xtask/prices

e2e-js: build $(NODE_MODULES) $(VENV)/installed
	cd e2e/js && TRACEKEEP_BIN=$(BIN)/tracekeep E2E_PYTHON=$(VENV)/bin/python \
		PYTHONDONTWRITEBYTECODE=1 npm test

.PHONY: unit-long kill-loop
unit-long:
	PROPTEST_CASES=20000 TRACEKEEP_FAULTS=10000 tools/summarise $(CARGO) test --workspace -- --include-ignored --skip write_fixture

kill-loop: build
	data="$$(mktemp -d)" && $(BIN)/xtask crash --bin $(BIN)/tracekeep --data "$$data" --rounds 30 \
		&& rm -r "$$data"

$(DENY):
	CARGO_TARGET_DIR=$(TOOLS)/target $(CARGO) install --locked --root $(TOOLS) cargo-deny

$(FUZZ):
	CARGO_TARGET_DIR=$(TOOLS)/target $(CARGO) install --locked --root $(TOOLS) cargo-fuzz

$(VENV)/installed: e2e/python/requirements.txt
	python3 -m venv --clear $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --requirement $<
	touch $@

$(NODE_MODULES): e2e/js/package.json e2e/js/package-lock.json
	cd e2e/js && npm ci --no-audit --no-fund
	touch $@
