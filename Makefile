# Everything a newcomer needs: each target does its own set-up in .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SEEDS ?= 200
.PHONY: install demo run test check format simulate bench bench-yield lock clean

install: $(VENV)/.installed

$(VENV)/.installed: requirements/dev.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "prospectd needs Python 3.11 or newer; set PYTHON=... to one that is.")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

demo: install
	$(BIN)/prospectd demo

run: install
	$(BIN)/prospectd run

test: install
	$(BIN)/python -m pytest -n auto

check: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tests/architecture/dead_links.py

format: install
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

simulate: install
	$(BIN)/python -m tests.simulation --seeds $(SEEDS)

bench: install
	$(BIN)/python -m benchmarks.mirror

bench-yield: install
	$(BIN)/python -m benchmarks.yields

lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --output-file requirements/runtime.txt pyproject.toml
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --group dev --constraint requirements/runtime.txt --output-file requirements/dev.txt pyproject.toml
	echo hatchling | uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --constraint requirements/dev.txt --output-file requirements/build.txt -

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
