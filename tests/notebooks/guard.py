"""What nbval does not compare, and what a stored notebook must not hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat

UNCOMPARED = {"nbval-ignore-output", "nbval-skip", "nbval-test-listing"}
MOST_CELLS = 25
MOST_LINES_OF_A_FUNCTION = 3


def faults(path: Path) -> list[str]:
    """Return everything in a notebook that a strict comparison would not see, in words."""
    notebook: Any = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    found = []
    if "widgets" in notebook.metadata:
        found.append("it stores widget state, which holds typed values in clear: save it without")
    for number, cell in enumerate(notebook.cells, 1):
        if cell.cell_type != "code" or not cell.source.strip():
            continue
        if cell.execution_count is None:
            found.append(f"cell {number} was never run: nbval passes it whatever it prints")
        tags = set(cell.metadata.get("tags", ()))
        for tag in sorted(tags & UNCOMPARED):
            if not cell.metadata.get("mctoolkit", {}).get("reason"):
                found.append(f"cell {number} has the tag {tag} and no reason in its metadata (mctoolkit.reason)")
        for output in cell.outputs:
            if output.output_type == "stream" and output.name == "stderr":
                found.append(f"cell {number} stores words on stderr")
            if output.output_type == "error" and "raises-exception" not in tags:
                found.append(f"cell {number} stores a traceback")
    return found
