"""For every pytest run in this project: a notebook that nbval would wave through stops the run."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

os.environ["MCTOOLKIT_JOURNAL"] = "off"  # no test writes into the journal of whoever runs it
os.environ["MCTOOLKIT_LANGUAGE"] = "en"  # English is pinned, whatever the machine speaks

from tests.notebooks.guard import faults


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> None:
    """Refuse a notebook with cells that nbval would not compare."""
    if file_path.suffix == ".ipynb" and parent.config.getoption("nbval", False):
        found = faults(file_path)
        if found:
            raise pytest.UsageError("\n".join([f"{file_path.name} would pass unseen:", *found]))
