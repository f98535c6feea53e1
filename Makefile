# Everything a person needs: `make demo` shows the platform at work, `make test` proves it.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed

export DAGSTER_HOME ?= $(CURDIR)/.dagster

.PHONY: setup demo test ui bench torture lint clean

setup: $(STAMP)

# Pinned versions; nothing happens when they are installed already.
$(STAMP): pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing into $(VENV) (a few minutes the first time) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test]'
	@touch $@

demo: setup
	@$(BIN)/odibi-dagster demo

ui: setup
	@$(BIN)/odibi-dagster ui

test: setup lint
	@$(BIN)/python -m odibi_dagster_tests.services.chromium
	@$(BIN)/python -m pytest -q -n 3 --dist loadgroup --no-loadscope-reorder

lint: setup
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy odibi_dagster

bench: setup
	@$(BIN)/python -m odibi_dagster_tests.bench

# make torture N=200 STORE=azurite: random kills and races, many times, on local, azurite or seaweedfs;
# with ENGINE=both, on Spark too.
N ?= 50
STORE ?= local
ENGINE ?= pandas
torture: setup
	@$(BIN)/python -m odibi_dagster_tests.torture $(N) --store $(STORE) --engine $(ENGINE)

clean:
	@rm -rf .lake .dagster .cache build *.egg-info
