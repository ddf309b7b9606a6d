# One command each; the same here and in CI. `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
TOOLS := .tools
PATH := $(CURDIR)/$(TOOLS):$(PATH)
export PATH

.DEFAULT_GOAL := help
.PHONY: help demo e2e test test-slow lint docs shown site bench kustomize lock

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 16

$(VENV)/.runtime: pyproject.toml constraints.txt
	@echo "installing lintkit into $(VENV)"
	@$(PYTHON) tools/install_dev.py --runtime
	@touch $@

$(VENV)/.dev: pyproject.toml constraints-dev.txt
	@echo "installing lintkit and the development tools into $(VENV)"
	@$(PYTHON) tools/install_dev.py
	@touch $@ $(VENV)/.runtime

demo: $(VENV)/.runtime ## lint the example repository, and a copy of it with three classic mistakes
	@$(BIN)/python tools/demo.py

kustomize: ## find a kustomize for the tests, or build the pinned one where Go is
	@sh tools/kustomize.sh

test: $(VENV)/.dev kustomize ## lint, types and every fast test
	$(BIN)/ruff check --quiet --output-format concise .
	$(BIN)/ruff format --quiet --check .
	$(BIN)/mypy --no-error-summary
	$(BIN)/python -m pytest -q -n auto -m "not slow and not e2e"

test-slow: $(VENV)/.dev kustomize ## the tests that take long
	$(BIN)/python -m pytest -q -n auto -m slow || [ $$? -eq 5 ] # 5: there is none

e2e: $(VENV)/.dev ## lintkit verify against real Kubernetes, Flux, Loki, PostgreSQL and Airflow, built once (docs/e2e.md)
	@$(BIN)/python -m tests.e2e

bench: $(VENV)/.dev kustomize ## how fast it is, and where the time goes
	$(BIN)/python -m pytest -q -s tests/bench

lint: $(VENV)/.dev ## ruff and mypy alone
	$(BIN)/ruff check --output-format concise .
	$(BIN)/mypy

docs: $(VENV)/.dev ## write the generated pages and schemas again
	$(BIN)/python tools/generate_docs.py

shown: $(VENV)/.dev ## write anew what the pages show of programs
	-@LINTKIT_WRITE_SHOWN=1 $(BIN)/python -m pytest -q tests/test_docs.py -k test_what_a_page_shows_is_what_happens >/dev/null
	@$(BIN)/python -m pytest -q tests/test_docs.py -k test_what_a_page_shows_is_what_happens

site: docs ## build the documentation site into site/
	$(BIN)/python -m zensical build --clean --strict

lock: ## write the lock files again, with the newest versions that fit (needs uv)
	@sh tools/lock.sh --upgrade
