# Without make: `python3 start.py help`, or `py start.py help` on Windows.
# PYTHON is the first of these commands that works; start.py itself finds Python 3.11 or newer.

PYTHON ?= $(firstword $(foreach name,python3 python py,$(if $(shell $(name) -c "print(1)" 2>&1 | grep -x 1),$(name))))
START = $(or $(PYTHON),$(error This needs Python 3.11 or newer, and no Python was found)) start.py

.PHONY: lab app test lint notebooks screenshots bench lock help

lab:  ## run JupyterLab with the first notebook (the default)
	@$(START) lab $(ARGS)

app:  ## serve the form as a web page, without a notebook
	@$(START) app $(ARGS)

test:  ## run the tests, then the notebooks as tests; ARGS="-k word" is for pytest and skips the notebooks
	@$(START) test $(ARGS)

lint:  ## check style and types
	@$(START) lint

notebooks:  ## run the notebooks and store their outputs; ARGS="00_start_here.ipynb" for one
	@$(START) notebooks $(ARGS)

screenshots:  ## take the screenshots of the manual in a browser; ARGS="form dark" for some
	@$(START) screenshots $(ARGS)

bench:  ## run the benchmarks against other tools; ARGS="validation" for one
	@$(START) bench $(ARGS)

lock:  ## update requirements.lock from pyproject.toml with uv; ARGS=--upgrade updates all versions
	@$(START) lock $(ARGS)

help:  ## list the commands
	@$(START) help
