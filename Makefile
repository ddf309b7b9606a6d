# One command each; the same here and in CI. `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
TOOLS := .tools
PATH := $(CURDIR)/$(TOOLS):$(PATH)
export PATH

.DEFAULT_GOAL := help
.PHONY: help demo test test-slow lint docs bench kustomize

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 16

$(BIN)/lintkit: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(VENV)/.dev: pyproject.toml $(BIN)/lintkit
	$(BIN)/python tools/install_dev.py
	@touch $@

demo: $(BIN)/lintkit ## lint the example repository, and a copy of it with three classic mistakes
	$(BIN)/python tools/demo.py

kustomize: ## build the pinned kustomize, where none is at hand and Go is
	@sh tools/kustomize.sh

test: $(VENV)/.dev kustomize ## lint, types and every fast test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -n auto -m "not slow"

test-slow: $(VENV)/.dev kustomize ## the tests that take long
	$(BIN)/python -m pytest -n auto -m slow

lint: $(VENV)/.dev ## ruff and mypy alone
	$(BIN)/ruff check .
	$(BIN)/mypy
