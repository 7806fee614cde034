"""Find what nbval does not compare, and what a stored notebook must not contain."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat

UNCOMPARED_TAGS = {"nbval-ignore-output", "nbval-skip", "nbval-test-listing"}
MAX_CODE_CELLS = 25
MAX_FUNCTION_LINES = 3


def find_problems(path: Path) -> list[str]:
    """Return everything in a notebook that a strict comparison would not see."""
    notebook: Any = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    problems = []
    if "widgets" in notebook.metadata:
        problems.append("stores widget state, which has typed values in clear: save it without")
    for number, cell in enumerate(notebook.cells, 1):
        if cell.cell_type != "code" or not cell.source.strip():
            continue
        if cell.execution_count is None:
            problems.append(f"cell {number} was not run, so nbval accepts any output")
        tags = set(cell.metadata.get("tags", ()))
        for tag in sorted(tags & UNCOMPARED_TAGS):
            if not cell.metadata.get("mctoolkit", {}).get("reason"):
                problems.append(f"cell {number} has the tag {tag} but no reason in its metadata (mctoolkit.reason)")
        for output in cell.outputs:
            if output.output_type == "stream" and output.name == "stderr":
                problems.append(f"cell {number} stores text on stderr")
            if output.output_type == "error" and "raises-exception" not in tags:
                problems.append(f"cell {number} stores a traceback")
    return problems
