# One command each; `make help` lists them. Everything below needs only Debian (or another Linux), Python 3.11+ and make.
# `make env` builds .venv from uv.lock with uv, which it installs into .uv, a corner of its own.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help env system demo test check lint types imports docs reference format bench bench-detection drill clean

UV_VERSION := 0.13.8
UV := .uv/bin/uv
BIN := .venv/bin
STAMP := .venv/.synced

# Test processes. The suite is written for two cores.
WORKERS ?= 2
# Passed on to demo, test, bench, bench-detection and drill.
ARGS ?=

export UV_HTTP_TIMEOUT ?= 180
export UV_PROJECT_ENVIRONMENT := .venv
export UV_PYTHON ?= >=3.11,<3.15
unexport VIRTUAL_ENV

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 18

env: $(STAMP) ## Build the environment with every extra in .venv

$(UV): scripts/bootstrap-uv
	scripts/bootstrap-uv $(UV_VERSION)

$(STAMP): $(UV) pyproject.toml uv.lock
	$(UV) sync --locked --all-extras
	@touch $@

system: ## Install Debian's chromium and prometheus (for promtool) if they are missing
	@scripts/system-packages

demo: env ## Tell the story: real flights, replayed against a live server (ARGS=--once to run it and exit)
	$(BIN)/watchkeeper demo $(ARGS)

test: env system ## Run the whole test suite
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile $(ARGS)

check: lint types imports test ## Run all that CI runs: lint, types, imports, docs (they are tests) and every other test

lint: env ## Check style and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: env ## Check types
	$(BIN)/mypy

imports: env ## Check that imports point one way
	$(BIN)/lint-imports

docs: env ## Check the docs alone: everything documented, every link resolves, every example runs
	$(BIN)/python -m pytest tests/docs $(ARGS)

reference: env ## Write the generated parts of docs/reference from the code
	$(BIN)/python -m scripts.reference

format: env ## Rewrite the code in the house format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: env ## Measure speed and size beside peers (installs them in throw-away environments)
	$(BIN)/python -m bench $(ARGS)

bench-detection: env ## Measure false alarms, power, delay and speed against their goals (ARGS="--short", "--data DIR --peers", …)
	$(BIN)/python -m bench.detection $(ARGS)

drill: env ## Run the long forms of the chaos tests
	$(BIN)/python -m pytest tests/chaos -m drill --timeout 1800 $(ARGS)

clean: ## Remove the environment and every cache
	rm -rf .venv .uv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist build
