# make demo | test | check; each sets up .venv by itself and installs pinned versions.
PYTHON ?= python3
BIN := .venv/bin
BENCH := .venv-bench/bin
INSTALL := -m pip install --disable-pip-version-check --quiet --constraint constraints.txt
PIP := $(BIN)/python $(INSTALL)

.PHONY: demo test slow check lint format types bench bench-quick clean

demo: .venv/ready-to-use
	$(BIN)/convatlas train lenet5-tanh
	$(BIN)/convatlas evaluate

test: .venv/ready-to-develop
	$(BIN)/pytest --numprocesses auto

slow: .venv/ready-to-develop
	$(BIN)/pytest -m slow --numprocesses auto

check: lint types test

lint: .venv/ready-to-develop
	$(BIN)/ruff format --check
	$(BIN)/ruff check

types: .venv/ready-to-develop
	$(BIN)/mypy

format: .venv/ready-to-develop
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

# half an hour on two cores, nothing else running; CONVATLAS_DATA may name the data
bench: .venv-bench/ready
	$(BENCH)/convatlas data download mnist
	$(BENCH)/convatlas data download fashion-mnist
	$(BENCH)/python -m benchmarks.peers --out docs/results/peers.md --picture docs/images/peers.svg

bench-quick: .venv-bench/ready
	$(BENCH)/convatlas data download mnist
	$(BENCH)/convatlas data download fashion-mnist
	$(BENCH)/python -m benchmarks.peers --quick --out build/peers.md --picture build/peers.svg

.venv-bench/ready: pyproject.toml constraints.txt
	@test -x $(BENCH)/python || $(PYTHON) -m venv .venv-bench
	@echo "installing PyTorch and other libraries to compare with into .venv-bench"
	$(BENCH)/python $(INSTALL) --editable '.[bench]'
	$(BENCH)/python $(INSTALL) --no-deps d2l
	@touch $@

.venv/ready-to-develop: .venv/ready-to-use
	$(PIP) --editable '.[dev]'
	@touch $@

.venv/ready-to-use: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "convatlas needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) --version): make PYTHON=python3.11 ..." >&2; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "installing into .venv (PyTorch is large: some minutes on the first time)"
	$(PIP) --editable .
	@touch $@

clean:
	rm -rf .venv .venv-bench .mypy_cache .ruff_cache .pytest_cache .hypothesis
