# Without make: `python3 start.py help`, or `py start.py help` on Windows.
# PYTHON is the first of these names that runs; start.py looks for Python 3.11 or newer by itself.

PYTHON ?= $(firstword $(foreach name,python3 python py,$(if $(shell $(name) -c "print(1)" 2>&1 | grep -x 1),$(name))))
START = $(or $(PYTHON),$(error This needs Python 3.11 or newer, and there is no Python here that runs)) start.py

.PHONY: lab app test lint notebooks screenshots bench lock help

lab:  ## open JupyterLab on the first notebook (also what `make` does)
	@$(START) lab $(ARGS)

app:  ## open the form as a page by itself, without a notebook
	@$(START) app $(ARGS)

test:  ## run the tests, then the notebooks as tests; ARGS="-k word" goes to pytest and leaves the notebooks out
	@$(START) test $(ARGS)

lint:  ## check style and types
	@$(START) lint

notebooks:  ## run the notebooks afresh and store what they show; ARGS="00_start_here.ipynb" for one
	@$(START) notebooks $(ARGS)

screenshots:  ## take the pictures of the manual through a browser; ARGS="form dark" for some
	@$(START) screenshots $(ARGS)

bench:  ## measure what is claimed about speed, beside its peers; ARGS="validation" for one
	@$(START) bench $(ARGS)

lock:  ## renew requirements.lock from pyproject.toml, with uv; ARGS=--upgrade takes the newest versions
	@$(START) lock $(ARGS)

help:  ## say what there is
	@$(START) help
