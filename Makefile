# The commands a newcomer types. Everything happens in .venv; nothing is installed elsewhere.

PYTHON ?= python3
BIN := .venv/bin
HOST ?= 127.0.0.1
PORT ?= 8000

.PHONY: run test check bench install vendor lock format

run: .venv/.installed-run  ## start the dashboard with a demo company
	@$(BIN)/dashboard serve --demo --host $(HOST) --port $(PORT)

test: .venv/.installed-dev  ## run all tests
	@$(BIN)/python -m pytest $(ARGS)

install: .venv/.installed-run  ## just the environment

check: .venv/.installed-dev  ## format, lint, types, layers, templates, migrations
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint dashboard/templates --lint --quiet
	$(BIN)/python scripts/check_migrations.py

format: .venv/.installed-dev  ## let the formatter have its way
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: .venv/.installed-dev  ## measure; see benchmarks/README.md
	@$(BIN)/python -m benchmarks $(ARGS)

vendor: .venv/.installed-dev  ## fetch the browser's libraries again (needs npm)
	$(BIN)/python scripts/vendor.py

lock: .venv/.installed-dev  ## resolve the dependencies anew
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --custom-compile-command "make lock" pyproject.toml --extra postgres --extra s3 -o locks/run.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --custom-compile-command "make lock" pyproject.toml --extra postgres --extra s3 --extra dev -o locks/dev.txt

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Sendscope needs Python 3.11 or newer; this is $$($(PYTHON) --version). Try: make PYTHON=python3.12 run"; exit 1; }
	@$(PYTHON) -m venv .venv

.venv/.installed-run: .venv/bin/python locks/run.txt pyproject.toml
	@echo "Installing into .venv ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r locks/run.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/.installed-dev: .venv/bin/python locks/dev.txt pyproject.toml
	@echo "Installing into .venv, with what the tests need ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r locks/dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch .venv/.installed-run $@
