PYTHON ?= python

.DEFAULT_GOAL := help
.PHONY: help check format test golden tables docs pages rules bench

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

check: ## Lint, check the formatting and the types
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy

format: ## Format the code and sort the imports
	$(PYTHON) -m ruff check --select I --fix .
	$(PYTHON) -m ruff format .

test: ## Run the tests
	$(PYTHON) -m pytest -n auto

golden: ## Rewrite the golden files and the samples from what is emitted now; review the diff
	$(PYTHON) -m pytest -q tests/test_golden.py tests/test_golden_modes.py tests/test_golden_arrays.py tests/test_golden_array_modes.py tests/test_backend.py --refresh-golden
	for file in samples/*_grad.py; do \
	    sed -n '1s|^.*: s2sad |$(PYTHON) -m s2sad |p' $$file; \
	done | sh -e

tables: ## Record in the tables of programs what is refused now; review the diff
	$(PYTHON) -m tests.language --open
	$(PYTHON) -m tests.wild

docs: ## Write the pages that are made from tables
	$(PYTHON) -m tests.language.page
	$(PYTHON) -m tests.wild.page
	$(PYTHON) -m tests.rules_page
	$(PYTHON) -m tests.architecture

pages: ## Build docs/ as pages to read in a browser: build/docs/index.html
	$(PYTHON) -m sphinx -W -q docs build/docs

rules: ## Derive the table of derivative rules again
	$(PYTHON) -m s2sad.ops.derive

bench: ## Measure against the hand-written gradients and other tools
	$(PYTHON) -m tests.bench --markdown docs/benchmarks.md
