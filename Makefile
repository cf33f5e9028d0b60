# make demo   everything from a bare machine to pictures and JSON
# make test   the same, with the checks and the tests
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export OMP_WAIT_POLICY ?= PASSIVE

.PHONY: demo test test-all check bench docs wheel clean

demo: $(VENV)/installed
	$(BIN)/python examples/demo.py

test: check
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "not slow"

test-all: check
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev-all]'
	$(BIN)/python -m pytest -n 2 --dist loadfile

# style, types, generated pages, import rules, file sizes
check: $(VENV)/tools
	$(BIN)/ruff check openpose_py tests examples benchmarks
	$(BIN)/ruff format --check openpose_py tests examples benchmarks
	$(BIN)/mypy
	$(BIN)/python tests/rules/pages.py --check

bench: $(VENV)/tools
	$(BIN)/openpose-py bench --output benchmarks/results

docs: $(VENV)/tools
	$(BIN)/python tests/rules/pages.py --write

wheel: $(VENV)/tools
	$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir dist .

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: $(VENV)/bin/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable .
	touch $@

$(VENV)/tools: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $@

clean:
	rm -rf $(VENV) dist build output
