"""Run the notebooks afresh and store their outputs, as the tests will expect them: ``make notebooks``.

The clock stands still and the ids repeat (``MCTOOLKIT_SEED``), so that a run changes a file only where something
really changed. Review the difference before you commit it.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from mctoolkit.cli import lab

PROJECT = Path(__file__).parents[1]
NOTEBOOKS = PROJECT / "notebooks"
SHIPPED = PROJECT / "mctoolkit" / "cli" / lab.SHIPPED


def run(path: Path) -> None:
    """Run one notebook in its own kernel and write it back without widget state."""
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    client = NotebookClient(
        notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(path.parent)}}
    )
    client.store_widget_state = False
    client.execute()
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number:02}"
        cell.metadata.pop("execution", None)
    nbformat.write(notebook, path)  # type: ignore[no-untyped-call]


def fingerprints() -> dict[str, str]:
    """Return the fingerprints of the notebooks as they stand, by name."""
    return {path.name: lab.fingerprint(path) for path in sorted(NOTEBOOKS.glob("*.ipynb"))}


def main(names: list[str]) -> None:
    """Run the notebooks that are named, or all; then note what ours look like, so that `mctoolkit lab` trusts them."""
    os.environ.update(MCTOOLKIT_SEED="2026", MCTOOLKIT_LANGUAGE="en")
    for path in [NOTEBOOKS / name for name in names] or sorted(NOTEBOOKS.glob("*.ipynb")):
        run(path)
        print(f"{path.name}: run and stored")
    SHIPPED.write_text(json.dumps(fingerprints(), indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
