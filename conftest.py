"""Settings for every pytest run: which notebooks are tests, what they may contain, which tests need a browser."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

os.environ["MCTOOLKIT_JOURNAL"] = "off"  # no test writes into the user's journal
os.environ["MCTOOLKIT_LANGUAGE"] = "en"  # whatever the locale of the machine

from mctoolkit.cli.working_copies import shipped
from tests.notebooks.guard import find_problems

ORIGINALS = Path(__file__).parent / "notebooks"
BROWSER = Path(__file__).parent / "tests" / "browser"


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leave out the user's own notebooks, which may be next to ours."""
    if collection_path.suffix != ".ipynb":
        return None
    return None if collection_path.parent == ORIGINALS and collection_path.name in shipped() else True


def pytest_configure(config: pytest.Config) -> None:
    """Make clocks and ids repeat in notebooks, as they do in the stored outputs."""
    if config.getoption("nbval", False):
        os.environ["MCTOOLKIT_SEED"] = "2026"


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> None:
    """Refuse a notebook with cells that nbval would not compare."""
    if file_path.suffix == ".ipynb" and parent.config.getoption("nbval", False):
        found = find_problems(file_path)
        if found:
            raise pytest.UsageError("\n".join([f"{file_path.name} would pass unseen:", *found]))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that need Chromium, so that `-m "not browser"` leaves them out."""
    for item in items:
        if BROWSER in item.path.parents:
            item.add_marker("browser")
