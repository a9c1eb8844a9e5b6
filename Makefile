# Everything here sets up what it needs, inside this folder only: `.tools`, `.venv`, `console/node_modules`,
# `console/dist` and `var`. A machine needs Python 3.11 or 3.12, Node 20.19 or later, and make.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup demo tour test faults check bench

# Tests and tour start programs by the dozen; each would compile all its libraries anew, instead of once for all.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= python3
UV := .tools/bin/uv
BIN := .venv/bin
ENVIRONMENT := .venv/.ready
PACKAGES := console/node_modules/.ready
CONSOLE := console/dist/.ready

# System programs that some tests need. `make test WITHOUT=chromium` leaves those tests out, and says so at the end.
NEEDED := chromium postgres
WITHOUT ?=
comma := ,
MARKED := $(if $(WITHOUT),not ($(subst $(comma), or ,$(WITHOUT))))

help: ## Show what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-7s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(ENVIRONMENT) $(CONSOLE) ## Bring in the Python environment and build the console

demo: setup ## Run the hub against its own CRM sandbox, and print a link to sign in
	$(BIN)/python -m server demo

tour: $(ENVIRONMENT) ## Drive the whole story against a running demo, from a second terminal
	$(BIN)/python -m server tour

# Three tests at a time keep two cores busy, because many of them wait for somebody. The slow files come first.
test: ## Check and test everything (WITHOUT=chromium leaves out the tests that need it)
	@$(PYTHON) tools/require.py $(NEEDED) --without "$(WITHOUT)"
	@$(MAKE) --no-print-directory setup check
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder -m "$(MARKED)"
	@$(PYTHON) tools/require.py --report --without "$(WITHOUT)"

faults: $(ENVIRONMENT) ## Strike the hub in every way, for about half an hour (ONLY="killed" SEED=7 repeats one run)
	$(BIN)/python -m tests.faults $(if $(ONLY),--only "$(ONLY)") $(if $(SEED),--seed $(SEED))

check: $(ENVIRONMENT) $(PACKAGES) ## Lint, formatting, types, import rules and the exported schema
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m server schema export --check
	cd console && npm run --silent check

bench: $(ENVIRONMENT) ## Measure, and print the figures
	$(BIN)/python -m tests.benchmarks

$(UV): tools/get_uv.py
	$(PYTHON) tools/get_uv.py
	@touch $@

$(ENVIRONMENT): pyproject.toml uv.lock | $(UV)
	$(UV) sync --frozen --quiet
	@touch $@

# The registry may lack the binaries of other platforms that a lock names; `npm ci` would stop there, `npm install` does not.
$(PACKAGES): console/package.json console/package-lock.json
	@$(PYTHON) tools/require.py node
	cd console && npm install --no-save --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

# Folders are listed too: their time changes when a file goes away.
$(CONSOLE): $(PACKAGES) $(shell find console/src console/*.html console/*.config.ts console/tsconfig.json schema.graphql 2>/dev/null)
	cd console && npm run --silent build
	@touch $@
