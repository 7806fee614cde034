"""Run the notebooks and store their outputs, which the tests compare: ``make notebooks``.

With ``MCTOOLKIT_SEED`` the clock does not move and the ids repeat, so that a run changes a file only if something has
changed. Review the diff before you commit it.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from mctoolkit.cli import working_copies

PROJECT = Path(__file__).parents[1]
NOTEBOOKS = PROJECT / "notebooks"
CAPTURE = "captures/example-player.har"
SHIPPED = PROJECT / "mctoolkit" / "cli" / working_copies.SHIPPED


def run(path: Path) -> None:
    """Run one notebook in its own kernel, and write it without widget state."""
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


def fingerprints(names: Iterable[str]) -> dict[str, str]:
    """Return the fingerprints of those files in ``notebooks/`` that exist, by name."""
    return {
        name: working_copies.fingerprint(NOTEBOOKS / name) for name in sorted(names) if (NOTEBOOKS / name).is_file()
    }


def main(names: list[str]) -> None:
    """Run the named notebooks, or all that mctoolkit ships, and record their fingerprints for `mctoolkit lab`.

    Name a new notebook once to ship it. Other files in the folder belong to the user and are not run.
    """
    os.environ.update(MCTOOLKIT_SEED="2026", MCTOOLKIT_LANGUAGE="en")
    ours = {CAPTURE, *working_copies.shipped(), *names}
    for name in names or fingerprints(ours):
        if name.endswith(".ipynb"):
            run(NOTEBOOKS / name)
            print(f"{name}: stored")
    SHIPPED.write_text(json.dumps(fingerprints(ours), indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
