# make demo | test | check; each sets up .venv by itself and installs pinned versions.
PYTHON ?= python3
BIN := .venv/bin
BENCH := .venv-bench/bin
BENCH_READER := .venv-bench-reader/bin
INSTALL := -m pip install --disable-pip-version-check --quiet --constraint constraints.txt
PIP := $(BIN)/python $(INSTALL)

.PHONY: demo test slow check lint format types bench bench-quick bench-serving bench-reader \
	bench-reader-test clean

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

# three quarters of an hour on two cores, nothing else running; CONVATLAS_DATA may name the data
bench: .venv-bench/ready
	$(BENCH)/convatlas data download mnist
	$(BENCH)/convatlas data download fashion-mnist
	$(BENCH)/python -m benchmarks.peers --out docs/results/peers.md --picture docs/images/peers.svg

bench-quick: .venv-bench/ready
	$(BENCH)/convatlas data download mnist
	$(BENCH)/convatlas data download fashion-mnist
	$(BENCH)/python -m benchmarks.peers --quick --out build/peers.md --picture build/peers.svg

# five minutes; nothing else may run
bench-serving: .venv-bench/ready
	$(BENCH)/python -m benchmarks.serving --out docs/results/serving.md

.venv-bench/ready: pyproject.toml constraints.txt
	@test -x $(BENCH)/python || $(PYTHON) -m venv .venv-bench
	@echo "installing PyTorch and other libraries to compare with into .venv-bench"
	$(BENCH)/python $(INSTALL) --editable '.[bench,serve]'
	$(BENCH)/python $(INSTALL) --no-deps d2l
	@touch $@

# CONVATLAS_DATA names the folder of house-numbers/; Tesseract is Debian's tesseract-ocr
bench-reader: .venv/ready-to-use .venv-bench-reader/ready
	$(BIN)/python -m benchmarks.reader

# once for the reader that is kept: it looks at the test pictures; half an hour
bench-reader-test: .venv/ready-to-use .venv-bench-reader/ready
	$(BIN)/python -m benchmarks.reader --split test --cache build/reader-answers \
		--out docs/results/reader.md --picture docs/images/reader-coverage.png

# the peers alone: no PyTorch, nothing of ours
.venv-bench-reader/ready: constraints.txt
	@test -x $(BENCH_READER)/python || $(PYTHON) -m venv .venv-bench-reader
	@echo "installing RapidOCR, ddddocr and pytesseract into .venv-bench-reader"
	$(BENCH_READER)/python $(INSTALL) rapidocr ddddocr pytesseract
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
	rm -rf .venv .venv-bench .venv-bench-reader .mypy_cache .ruff_cache .pytest_cache .hypothesis
