# Needs git, make and Python 3.11 to 3.13, and nothing else: what PSMP runs on is pinned by hash in requirements.lock.

.DEFAULT_GOAL := help
.NOTPARALLEL:
.SUFFIXES:

SHELL := /bin/sh
# The interpreter to build .venv with; the first that fits when empty.
PYTHON :=
BIN := .venv/bin
# What is handed on to pytest, as in `make unit ARGS="-k lifecycle"`.
ARGS :=
PYTEST := $(BIN)/python -m pytest
# More than a small machine has processors: tests of servers wait more than they work. Each worker has servers, ports and
# folders of its own, and tests/sharing_out.py has one worker run whatever shares a stack.
WORKERS := 3

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1
export PIP_ROOT_USER_ACTION := ignore
# Tests start some thousand processes of ours, each of which would compile all our modules anew.
export PYTHONDONTWRITEBYTECODE :=

# What must be covered to the last branch: all that decides and touches nothing. In deep: all but urlpages, uv and verdict.
PURE := shared/psmp/compat/*,shared/psmp/deep/[_a-tw-z]*,shared/psmp/rules/*,shared/psmp/words/*,shared/psmp/ledger/*,shared/psmp/personal/*,services/*/rules.py,services/*/rules/*,services/*/limits.py,services/*/transitive.py
PURE := $(PURE),services/psmp_audit/growth.py,services/psmp_watchdog/conditions.py,services/psmp_watchdog/glance.py,services/psmp_watchdog/readings.py,services/psmp_webhooks/addresses.py,services/psmp_webhooks/condition.py,shared/psmp/auditor/[a-z]*
PURE := $(PURE),shared/psmp/store/chain.py,shared/psmp/store/projection.py,shared/psmp/store/restore/standing.py,shared/psmp/compliance/*,services/psmp_replay/[dim]*.py,services/psmp_replay/[rw]*.py
PURE := $(PURE),shared/psmp/mcp/a*.py,shared/psmp/mcp/prompts.py,shared/psmp/graphs/*,shared/psmp/client/chain.py,shared/psmp/log/folds.py,shared/psmp/log/view.py,shared/psmp/wire/message.py,services/psmp_checker/docket.py
PURE := $(PURE),shared/psmp/cli/exits.py,shared/psmp/cli/diffs/beside.py,shared/psmp/cli/diffs/quoting.py,shared/psmp/cli/diffs/unified.py,shared/psmp/cli/graphs/proving.py

# The dashboard: what it is built of, and the stamp of its build.
UI := services/psmp_gateway/dashboard
UI_BUILT := services/psmp_gateway/built/index.html
UI_SOURCES := $(wildcard $(addprefix $(UI)/,*.json *.html *.ts .npmrc public/* $(addsuffix .ts*,src/* src/*/* src/*/*/*) src/*/*.css)) docs/openapi.json

.PHONY: help demo dev dashboard ui test bench bench-million tamper-matrix cover lint format lock clean format-check ruff types contracts unit wheel integration system adapters

help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

demo: .venv/.installed dashboard-if-it-can ## start the whole stack, play a project from conflict to peace, stop clean
	@$(BIN)/psmp demo

dev: .venv/.installed dashboard-if-it-can ## run the stack in the foreground until Ctrl-C
	@$(BIN)/psmp dev

test: lint ui unit wheel integration system adapters ## run every check, cheapest first

bench: .venv/.installed ## measure speed beside the limit of this machine
	@$(BIN)/python -m tests.bench

# How many events; fewer show in a moment that it works.
EVENTS := 1000000

bench-million: .venv/.installed ## verify a bundle and replay logs of a million events (EVENTS=1000 for fewer)
	@$(BIN)/python -m tests.bench.audit --events $(EVENTS)
	@$(BIN)/python -m tests.bench.replaying --events $(EVENTS)

tamper-matrix: .venv/.installed ## tamper with a log in every way, and print which proof notices
	@$(BIN)/python -m tests.tampering

.PHONY: typescript
typescript: .venv/.installed ## draw the types of the TypeScript client anew, build it, pack it for npm
	@$(BIN)/python -m tests.typings
	@$(BIN)/python -c 'from tests.node import packed; print(packed())'

lint: format-check ruff types contracts ## check format, lint, types and import contracts

format: .venv/.installed ## format the code and mend what ruff can mend
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

format-check: .venv/.installed
	@echo "== format"
	@$(BIN)/ruff format --check .

ruff: .venv/.installed
	@echo "== ruff"
	@$(BIN)/ruff check .

types: .venv/.installed
	@echo "== types"
	@$(BIN)/mypy

contracts: .venv/.installed
	@echo "== import contracts"
	@$(BIN)/lint-imports --no-logo

dashboard: $(UI_BUILT) ## build the dashboard, with the Node that .venv has

.PHONY: dashboard-if-it-can
dashboard-if-it-can:
	@$(MAKE) --silent --no-print-directory dashboard || echo "going on without the dashboard: make dashboard says why"

ui: $(UI_BUILT) ## check the dashboard's types and run its unit tests
	@echo "== dashboard"
	@$(UI)/npm run --silent check
	@$(UI)/npm run --silent test

unit: .venv/.installed ## run the tests that need no server
	@echo "== unit"
	@$(PYTEST) tests/unit --numprocesses 2 --dist loadfile $(ARGS)

wheel: .venv/.installed $(UI_BUILT)
	@echo "== wheel"
	@$(PYTEST) tests/wheel $(ARGS)

integration: .venv/.installed $(UI_BUILT) ## run the tests against a real nats-server and a real Postgres
	@echo "== integration"
	@$(PYTEST) tests/integration --numprocesses $(WORKERS) --dist loadfile $(ARGS)

system: .venv/.installed $(UI_BUILT) ## run the tests of the whole stack
	@echo "== system"
	@$(PYTEST) tests/system --numprocesses 3 --dist loadfile $(ARGS)

ADAPTERS := ag2 crewai langgraph openai_agents

adapters: $(ADAPTERS:%=.venv/adapters/%/.installed) ## run the adapters in the real agent frameworks (ADAPTERS=ag2 for one)
	@echo "== adapters"
	@$(BIN)/python -m tests.adapters $(ADAPTERS)

cover: .venv/.installed ## show which branches of the pure modules no unit test takes
	@$(PYTEST) tests/unit -q --cov --cov-report= $(ARGS)
	@$(BIN)/coverage report --include='$(PURE)' --fail-under=100

lock: .venv/bin/pip ## pin anew what pyproject.toml names (ARGS=--upgrade for the newest versions)
	@$(BIN)/python -m pip install --quiet "uv>=0.13"
	@env -u UV_INDEX -u UV_EXTRA_INDEX_URL -u UV_FIND_LINKS UV_CUSTOM_COMPILE_COMMAND="make lock" \
	    $(BIN)/uv pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes \
	    --extra dev --group test $(ARGS) --output-file requirements.lock pyproject.toml
	@deploy/lock.sh

clean: ## remove .venv and all that was built or cached
	@rm -rf .venv build dist $(UI)/node_modules services/psmp_gateway/built .coverage .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# What is built is not newer than its sources when nothing in it has changed, hence the touch.
$(UI_BUILT): $(UI)/node_modules/.package-lock.json $(UI_SOURCES)
	@echo "building the dashboard ..."
	@$(UI)/npm run --silent types >/dev/null
	@$(UI)/npm run --silent build >/dev/null
	@touch $@

$(UI)/node_modules/.package-lock.json: .venv/.installed $(UI)/package-lock.json
	@echo "fetching what the dashboard is built with ..."
	@$(UI)/npm ci --loglevel=error >/dev/null
	@touch $@

# The lock names all there is, so pip has nothing to resolve: --no-deps. Left to look for what a pinned package needs, older
# pips take a newer release of what `coverage[toml]` asks for, which has no hash here. `pip check` sees a lock that lacks something.
.venv/.installed: .venv/bin/pip requirements.lock pyproject.toml
	@echo "installing $$(grep -c '==' requirements.lock) pinned packages into .venv (about a minute the first time) ..."
	@$(BIN)/python -m pip install -qq --no-deps --require-hashes --requirement requirements.lock
	@echo "installing psmp itself ..."
	@$(BIN)/python -m pip install -qq --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m pip check >/dev/null || { $(BIN)/python -m pip check; exit 1; }
	@touch $@

# Each framework in a venv of its own, for their pins are not ours.
.venv/adapters/%/.installed: deploy/adapters/%.lock | .venv/.installed
	@echo "installing $$(grep -c '==' $<) pinned packages for $* ..."
	@$(BIN)/uv venv --quiet --no-config --clear --python $(BIN)/python .venv/adapters/$*
	@$(BIN)/uv pip sync --quiet --no-config --system-certs --require-hashes --python .venv/adapters/$*/bin/python $<
	@touch $@

# A name on PATH proves nothing (pyenv's shims, Debian's Python without venv), so each candidate is run.
.venv/bin/pip:
	@set -e; lacking=; \
	for python in $(or $(PYTHON),python3.13 python3.12 python3.11 python3); do \
	    "$$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null || continue; \
	    if "$$python" -c 'import ensurepip, venv' 2>/dev/null; then \
	        echo "making .venv with $$("$$python" --version) ..."; \
	        exec "$$python" -m venv --clear .venv; \
	    fi; \
	    lacking=$${lacking:-$$("$$python" -c 'import sys; print("python%d.%d" % sys.version_info[:2])')}; \
	done; \
	if [ -n "$$lacking" ]; then \
	    echo "$$lacking cannot make virtual environments: apt install $$lacking-venv" >&2; \
	else \
	    echo "PSMP needs Python 3.11, 3.12 or 3.13: install one, or name it with make PYTHON=/path/to/python" >&2; \
	fi; \
	exit 1
