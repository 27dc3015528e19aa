# Two commands on a machine with Python 3.11 to 3.13 and make:
#   make demo   the design of an example network
#   make test   the whole check of the code; CI runs it, then the two after it
#   make docs   the documentation site, in docs/_build/html
#   make test-site   that site in a browser (Chromium)
#   make package   the wheel and the source archive, checked, and used where nothing else is installed
#   make long   the long profiles of the tests besides, with all examples of every property, before an issue is called resolved
#   make fuzz   command lines, networks and damaged files at random for MINUTES=30; what fails is kept in .fuzz with its seed
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := -m pip install --quiet --disable-pip-version-check
PIP_INSTALL := $(BIN)/python $(PIP) --constraint constraints.txt
PYTEST := $(BIN)/python -m pytest -n auto --dist worksteal -q
DEMO_OUT := demo-output
PACKAGE := build/package
# Of make fuzz: how long, and by how many processes.
MINUTES ?= 30
WORKERS ?= $(shell nproc 2>/dev/null || echo 1)

# Every reference has to lead somewhere (docs/conf.py: nitpicky), and a warning is an error.
SPHINX := $(BIN)/python -m sphinx -b html -d docs/_build/doctrees -j auto --nitpicky --fail-on-warning --keep-going
SITE := docs/_build/html

.PHONY: demo test suite long fuzz lint docs test-site package bench clean

demo: $(VENV)/.installed
	$(BIN)/psn design examples/five_phases.json --out $(DEMO_OUT)

# Side by side: the linters work while tests wait for processes and timeouts.
test: $(VENV)/.installed-dev
	$(MAKE) -j2 lint suite

suite: $(VENV)/.installed-dev
	$(PYTEST) -m "not long and not site"

long: $(VENV)/.installed-dev
	HYPOTHESIS_PROFILE=long $(PYTEST) -m "(long or hypothesis) and not site"

fuzz: $(VENV)/.installed-dev
	HYPOTHESIS_PROFILE=fuzz FUZZ_MINUTES=$(MINUTES) FUZZ_WORKERS=$(WORKERS) \
		$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup -q tests/fuzz

lint: $(VENV)/.installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/mypy examples benchmarks
	$(BIN)/lint-imports

docs: $(VENV)/.installed-docs
	$(SPHINX) docs $(SITE)

# Run by itself it says that the site is missing; here that is a failure.
test-site: $(VENV)/.installed-dev $(VENV)/.installed-docs
	SITE_MUST_BE_BUILT=1 $(PYTEST) tests/browser

# Tools and package each in an environment of its own: nothing of .venv can stand in for what the wheel lacks.
package: $(BIN)/python
	rm -rf dist $(PACKAGE)
	$(BIN)/python -m venv $(PACKAGE)/tools
	$(PACKAGE)/tools/bin/python $(PIP) --constraint constraints.txt build twine
	$(PACKAGE)/tools/bin/python -m build --outdir dist . > $(PACKAGE)/build.log
	$(PACKAGE)/tools/bin/python -m twine check --strict dist/*
	$(BIN)/python -m venv $(PACKAGE)/venv
	$(PACKAGE)/venv/bin/python $(PIP) --constraint constraints.txt dist/*.whl
	cd $(PACKAGE) && env -u PYTHONPATH bash ../../.ci/packaging/first_steps.sh venv/bin

bench: $(VENV)/.installed-bench
	$(BIN)/python benchmarks/before.py
	$(BIN)/python benchmarks/as_built.py
	$(BIN)/python benchmarks/main_job.py
	$(BIN)/python benchmarks/wmatrix.py
	$(BIN)/python benchmarks/wmatrix_peers.py
	$(BIN)/python benchmarks/light.py
	$(BIN)/python benchmarks/privacy.py
	$(BIN)/python benchmarks/estimation.py
	$(BIN)/python benchmarks/layout.py
	$(BIN)/python benchmarks/hardware.py

clean:
	rm -rf $(VENV) $(DEMO_OUT) build dist docs/_build docs/reference/api docs/reference/cli docs/gallery_built .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
		|| { echo "Python 3.11 to 3.13 is needed; name one with: make PYTHON=python3.12 ..." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP_INSTALL) --editable ".[hardware,sweep]"
	@touch $@

$(VENV)/.installed-dev: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP_INSTALL) --editable ".[dev]"
	@touch $@ $(VENV)/.installed

$(VENV)/.installed-docs: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP_INSTALL) --editable ".[docs]"
	@touch $@ $(VENV)/.installed

$(VENV)/.installed-bench: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP_INSTALL) --editable ".[dev,bench]"
	# Its declared pins (numpy < 2, The Walrus < 0.20) exclude today's packages, on which what we compare with runs all the same.
	$(PIP_INSTALL) --no-deps mrmustard
	@touch $@ $(VENV)/.installed-dev $(VENV)/.installed
