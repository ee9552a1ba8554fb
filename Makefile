# Everything that one does here. `make` alone prints this list.
#
#   make demo AUDIO=my.wav ROBOT=my.urdf OUT=folder
#   make live AUDIO=my.wav            (or the microphone, without AUDIO)
#   make test PYTEST="-k limits"      (further arguments for pytest)

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
EXTRAS := agent,ros,sim,view,train,published,interfaces,test
PIP_ARGS ?=
PYTEST ?=

# The ROS 2 of the environment alone: one that happens to be sourced in this shell is another Python's.
ROS := env -u PYTHONPATH -u LD_LIBRARY_PATH -u COLCON_PREFIX_PATH -u RMW_IMPLEMENTATION \
       AMENT_PREFIX_PATH=$(CURDIR)/$(VENV) ROS_AUTOMATIC_DISCOVERY_RANGE=LOCALHOST
# One thread is faster for networks this small, and leaves a core to the rest.
# Huge pages: a hop touches little of much memory, and address translation costs as much as the work (docs/latency.md).
RUN := $(ROS) OMP_NUM_THREADS=1 GLIBC_TUNABLES=glibc.malloc.hugetlb=1

.DEFAULT_GOAL := help
.PHONY: help venv demo live doctor test check lint types imports messages bench train docs clean

help:  ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F '\t' '{printf "  make %-9s %s\n", $$1, $$2}'

venv: $(STAMP)  ## the environment, .venv (made once; all others make it when needed)

$(STAMP): setup.py constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' \
	  || { echo "$(PYTHON) is older than 3.10. Give a newer one: make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) \
	  || { rm -rf $(VENV); echo "No virtual environment. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --disable-pip-version-check $(PIP_ARGS) -c constraints.txt -e '.[$(EXTRAS)]' \
	  || { echo "Installation failed: see above. It can be repeated: make venv"; exit 1; }
	@touch $@

demo: venv  ## the main job, seen and heard: speech in, the simulated robot gestures, files in demo/
	$(RUN) $(BIN)/speech-gesture demo $(if $(AUDIO),--audio '$(AUDIO)') $(if $(ROBOT),--robot '$(ROBOT)') $(if $(OUT),--out '$(OUT)')

live: venv  ## the same in a browser, moving while it speaks
	$(RUN) $(BIN)/speech-gesture live $(if $(AUDIO),--audio '$(AUDIO)') $(if $(ROBOT),--robot '$(ROBOT)')

doctor: venv  ## what is there, what is missing, what to do about it
	$(RUN) $(BIN)/speech-gesture doctor

test: lint types imports messages  ## all tests, on real ROS 2 too
	$(RUN) $(BIN)/python -m pytest -q $(PYTEST)

check: lint types imports  ## the quick look before a commit, under two minutes
	$(RUN) $(BIN)/python -m pytest -q -m "not slow and not ros" $(PYTEST)

lint: venv  ## style (ruff)
	$(BIN)/ruff check .

types: venv  ## types (mypy, strict)
	$(BIN)/mypy

imports: venv  ## who may import whom (import-linter)
	$(BIN)/lint-imports

messages: venv  ## robots' messages that no package index has, for the tests (needs a compiler: apt-get install g++ python3-dev)
	$(RUN) $(BIN)/python test/interfaces/build.py

bench: venv  ## measure: bench/report.json
	$(RUN) $(BIN)/speech-gesture bench

train: venv  ## make the model anew; CONFIG=paired DATA=folder trains one on your own data
	$(RUN) $(BIN)/speech-gesture train $(CONFIG) $(if $(DATA),--data '$(DATA)') $(if $(OUT),--out '$(OUT)')

docs: venv  ## write docs/reference/parameters.md and config/nodes/ from the parameter table
	$(BIN)/python -m speech_gesture_ros.nodes.reference

clean:  ## remove what was made here: environment, outputs, caches
	rm -rf $(VENV) build install log demo bench runs *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
