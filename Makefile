# Everything here sets up what it needs, inside this folder only: `.tools`, `.venv`, `console/node_modules`,
# `console/dist` and `var`. A machine needs Python 3.11 or 3.12, Node 20.19 or later, and make.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup demo tour test faults check bench snapshots screenshots

# Tests and tour start dozens of processes. Without bytecode files, each would compile all its libraries again.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= python3
UV := .tools/bin/uv
BIN := .venv/bin
ENVIRONMENT := .venv/.ready
PACKAGES := console/node_modules/.ready
CONSOLE := console/dist/.ready

# System programs that some tests need. `make test WITHOUT=chromium` skips those tests, and says so at the end.
NEEDED := chromium pgbouncer postgres
WITHOUT ?=
comma := ,
MARKED := $(if $(WITHOUT),not ($(subst $(comma), or ,$(WITHOUT))))

help: ## Show the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(ENVIRONMENT) $(CONSOLE) ## Install the Python environment and build the console

demo: setup ## Run the hub with a CRM sandbox and sample data, and print a link to sign in (EMPTY=1: no sales yet, HISTORY=1: two years of them)
	@$(BIN)/python -m server demo $(if $(EMPTY),--empty) $(if $(HISTORY),--history)

tour: $(ENVIRONMENT) ## Play the whole story against a running demo, from a second terminal
	$(BIN)/python -m server tour

# Three tests at a time keep two cores busy, because many of them wait for something. The slow files come first.
# Without `exec`, a SIGTERM to make would end the shell between them and leave the tests running.
test: ## Check and test everything (WITHOUT=chromium skips the tests that need it)
	@$(PYTHON) tools/require.py $(NEEDED) --without "$(WITHOUT)"
	@$(MAKE) --no-print-directory setup check
	exec $(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder -m "$(MARKED)"
	@$(PYTHON) tools/require.py --report --without "$(WITHOUT)"

faults: $(ENVIRONMENT) ## Run the whole fault suite, for about an hour (ONLY="killed" SEED=7 repeats one run)
	$(BIN)/python -m tests.faults $(if $(ONLY),--only "$(ONLY)") $(if $(SEED),--seed $(SEED))

check: $(ENVIRONMENT) $(PACKAGES) ## Check lint, formatting, types, import contracts and the exported schema
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m server schema export --check
	cd console && npm run --silent check

# Tortoise orders some columns by their hash.
snapshots: $(ENVIRONMENT) ## Write the schema of a new database, after a migration was added
	PYTHONHASHSEED=0 $(BIN)/python -m tests.support.snapshots

screenshots: setup ## Take a picture of every screen of the console, into var/screenshots
	$(BIN)/python -m tests.support.screenshots
	@echo "The pictures are in var/screenshots."

bench: setup ## Measure speed and print the figures (ONLY=peers measures one part; docs/performance.md)
	$(BIN)/python -m tests.benchmarks $(ONLY)
	$(if $(ONLY),,CONSOLE_TIMED=true $(BIN)/python -m pytest tests/e2e/test_console_budgets.py -q --no-header)

$(UV): tools/get_uv.py
	@echo "Installing uv, which installs the Python packages."
	@$(PYTHON) tools/get_uv.py
	@touch $@

$(ENVIRONMENT): pyproject.toml uv.lock | $(UV)
	@echo "Installing about 70 Python packages: half a minute the first time."
	@$(UV) sync --frozen
	@touch $@

# A registry may lack the binaries of other platforms that the lock names. `npm ci` stops there, `npm install` does not.
$(PACKAGES): console/package.json console/package-lock.json
	@$(PYTHON) tools/require.py node
	@echo "Installing the packages that build the console: a minute or two the first time."
	@cd console && npm install --no-save --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

# Folders are listed too: their time changes when a file is deleted. What the build itself makes in them is not.
SOURCES = $(shell find console/src console/*.html console/*.ts console/*.mjs console/tsconfig.json schema.graphql \
	-not -path '*/api/schema.d.ts' -not -path '*/locales/*.ts' -not -path '*/words/locales' -not -path '*/src/api' 2>/dev/null)

$(CONSOLE): $(PACKAGES) $(SOURCES)
	@echo "Building the console: a minute."
	@cd console && npm run --silent build
	@touch $@
