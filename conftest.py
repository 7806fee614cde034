"""For every pytest run in this project: which notebooks are tests, and what they must not hold."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

os.environ["MCTOOLKIT_JOURNAL"] = "off"  # no test writes into the journal of whoever runs it
os.environ["MCTOOLKIT_LANGUAGE"] = "en"  # English is pinned, whatever the machine speaks

from mctoolkit.cli.working_copies import shipped
from tests.notebooks.guard import faults

ORIGINALS = Path(__file__).parent / "notebooks"


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leave out the notebooks of the user, which may lie next to ours: they are not tests."""
    if collection_path.suffix != ".ipynb":
        return None
    return None if collection_path.parent == ORIGINALS and collection_path.name in shipped() else True


def pytest_configure(config: pytest.Config) -> None:
    """Let the clock and the ids of the sandbox repeat themselves in notebooks, as they do in the stored outputs."""
    if config.getoption("nbval", False):
        os.environ["MCTOOLKIT_SEED"] = "2026"


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> None:
    """Reject a notebook with cells that nbval would not compare."""
    if file_path.suffix == ".ipynb" and parent.config.getoption("nbval", False):
        found = faults(file_path)
        if found:
            raise pytest.UsageError("\n".join([f"{file_path.name} would pass unseen:", *found]))
