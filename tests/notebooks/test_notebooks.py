"""The notebooks as files: they store nothing private and nothing unchecked, and are short. nbval runs them."""

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
from tests.notebooks.guard import MAX_CODE_CELLS, MAX_FUNCTION_LINES, find_problems

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = [FOLDER / name for name in shipped() if name.endswith(".ipynb")]


def test_shipped_notebooks_exist() -> None:
    assert [path.stem for path in NOTEBOOKS] == [
        "00_start_here",
        "01_sessions_request",
        "02_break_it",
        "03_every_event_and_response",
        "04_play_a_session",
        "05_find_what_is_wrong",
    ]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_notebook_passes_guard(path: Path) -> None:
    assert find_problems(path) == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_cells_are_run_in_order_below_a_title(path: Path) -> None:
    notebook: Any = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    counts = [cell.execution_count for cell in notebook.cells if cell.cell_type == "code"]
    assert counts == list(range(1, len(counts) + 1))
    assert notebook.cells[0].source.startswith("# ")
    assert len(counts) <= MAX_CODE_CELLS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_functions_are_short(path: Path) -> None:
    notebook: Any = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    for cell in notebook.cells:
        if cell.cell_type == "code":
            for node in ast.walk(ast.parse(cell.source)):
                if isinstance(node, ast.FunctionDef) and node.end_lineno is not None:
                    assert node.end_lineno - node.lineno <= MAX_FUNCTION_LINES


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_notebook_stores_no_local_address_or_path(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "127.0.0.1:" not in text
    assert str(Path.home()) not in text
    assert str(FOLDER.parent) not in text


def test_first_notebook_has_short_cells() -> None:
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
    notebook = {"cells": [{**base, **cell}], "metadata": cell.pop("top", {}), "nbformat": 4, "nbformat_minor": 5}
    path = tmp_path / "n.ipynb"
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ({"execution_count": None}, "was not run"),
        ({"metadata": {"tags": ["nbval-skip"]}}, "no reason"),
        ({"metadata": {"tags": ["nbval-ignore-output"]}}, "no reason"),
        ({"outputs": [{"output_type": "stream", "name": "stderr", "text": "x"}]}, "stderr"),
        ({"outputs": [{"output_type": "error", "ename": "E", "evalue": "x", "traceback": []}]}, "traceback"),
    ],
)
def test_guard_finds_problem(cell: dict[str, Any], message: str, tmp_path: Path) -> None:
    assert message in find_problems(_notebook(tmp_path, **cell))[0]


def test_guard_accepts_correct_notebook(tmp_path: Path) -> None:
    assert find_problems(_notebook(tmp_path)) == []
    with_reason = {"tags": ["nbval-skip"], "mctoolkit": {"reason": "a reason"}}
    assert find_problems(_notebook(tmp_path, metadata=with_reason)) == []


def test_notebook_of_user_is_not_collected(tmp_path: Path) -> None:
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
