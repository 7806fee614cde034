"""The notebooks as files: nothing unseen, nothing private, and short enough to read. nbval runs them."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

from mctoolkit.cli.working_copies import shipped
from tests.notebooks.guard import MOST_CELLS, MOST_LINES_OF_A_FUNCTION, faults

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = [FOLDER / name for name in shipped() if name.endswith(".ipynb")]


def test_the_notebooks_are_there() -> None:
    assert [path.stem for path in NOTEBOOKS] == [
        "00_start_here",
        "01_sessions_request",
        "02_break_it",
        "03_every_event_and_response",
        "04_play_a_session",
        "05_find_what_is_wrong",
    ]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_nothing_would_pass_unseen(path: Path) -> None:
    assert faults(path) == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_cells_were_run_in_order_and_the_notebook_begins_with_a_title(path: Path) -> None:
    notebook: Any = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    counts = [cell.execution_count for cell in notebook.cells if cell.cell_type == "code"]
    assert counts == list(range(1, len(counts) + 1))
    assert notebook.cells[0].source.startswith("# ")
    assert len(notebook.cells) <= MOST_CELLS + sum(cell.cell_type == "markdown" for cell in notebook.cells)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_functions_belong_in_the_package(path: Path) -> None:
    notebook: Any = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    for cell in notebook.cells:
        if cell.cell_type == "code":
            for node in ast.walk(ast.parse(cell.source)):
                if isinstance(node, ast.FunctionDef) and node.end_lineno is not None:
                    assert node.end_lineno - node.lineno <= MOST_LINES_OF_A_FUNCTION


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_no_address_of_a_machine_is_stored(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "127.0.0.1:" not in text
    assert str(Path.home()) not in text
    assert str(FOLDER.parent) not in text


def test_in_00_a_cell_has_two_lines_at_most_besides_the_imports() -> None:
    notebook: Any = nbformat.read(FOLDER / "00_start_here.ipynb", as_version=4)  # type: ignore[no-untyped-call]
    for cell in notebook.cells:
        if cell.cell_type == "code":
            lines = [
                line for line in cell.source.split("\n") if line.strip() and not line.startswith(("from ", "import "))
            ]
            assert len(lines) <= 3 if "Sandbox()" in cell.source else len(lines) <= 2


def _notebook(tmp_path: Path, **cell: Any) -> Path:
    base = {
        "cell_type": "code",
        "source": "1",
        "execution_count": 1,
        "metadata": {},
        "outputs": [],
        "id": "a",
    }
    whole = {"cells": [{**base, **cell}], "metadata": cell.pop("top", {}), "nbformat": 4, "nbformat_minor": 5}
    path = tmp_path / "n.ipynb"
    path.write_text(json.dumps(whole), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ({"execution_count": None}, "never run"),
        ({"metadata": {"tags": ["nbval-skip"]}}, "no reason"),
        ({"metadata": {"tags": ["nbval-ignore-output"]}}, "no reason"),
        ({"outputs": [{"output_type": "stream", "name": "stderr", "text": "x"}]}, "stderr"),
        ({"outputs": [{"output_type": "error", "ename": "E", "evalue": "x", "traceback": []}]}, "traceback"),
    ],
)
def test_the_guard_sees(cell: dict[str, Any], message: str, tmp_path: Path) -> None:
    assert message in faults(_notebook(tmp_path, **cell))[0]


def test_the_guard_takes_what_is_in_order(tmp_path: Path) -> None:
    assert faults(_notebook(tmp_path)) == []
    with_reason = {"tags": ["nbval-skip"], "mctoolkit": {"reason": "a reason"}}
    assert faults(_notebook(tmp_path, metadata=with_reason)) == []


def test_a_notebook_of_the_user_next_to_ours_is_not_a_test(tmp_path: Path) -> None:
    """Collect the notebooks in a project that has one of ours, and one of the user's that stores a traceback."""
    for name in ("conftest.py", "pyproject.toml", "tests/notebooks/guard.py", "notebooks/00_start_here.ipynb"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(FOLDER.parent / name, tmp_path / name)
    cell = {"cell_type": "code", "id": "a", "metadata": {}, "source": "1/0", "execution_count": 1}
    error = {"output_type": "error", "ename": "ZeroDivisionError", "evalue": "", "traceback": []}
    mine = {"cells": [{**cell, "outputs": [error]}], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (tmp_path / "notebooks" / "mine.ipynb").write_text(json.dumps(mine), "utf-8")
    command = [sys.executable, "-m", "pytest", "--nbval", "--collect-only", "-q", "-p", "no:cacheprovider", "notebooks"]
    environment = {**os.environ, "PYTHONPATH": str(FOLDER.parent)}
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env=environment, timeout=100)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "00_start_here.ipynb::" in done.stdout
    assert "mine" not in done.stdout
