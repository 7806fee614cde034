"""Fixtures for the tests of the widgets."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from IPython.display import HTML

from mctoolkit import ManualClock, Sandbox, SessionForm, seeded_ids
from tests.widgets.form_page import FormPage

NOW_MS = 1_795_421_642_000


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(clock=ManualClock(NOW_MS), ids=seeded_ids(7)) as running:
        yield running


@pytest.fixture
def form(sandbox: Sandbox) -> SessionForm:
    return SessionForm(sandbox, clock=ManualClock(NOW_MS, step_ms=4))


@pytest.fixture
def page(form: SessionForm) -> FormPage:
    return FormPage(form)


@pytest.fixture
def static_views(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The static views that the process displays, in order."""
    displayed: list[str] = []

    class Handle:
        def display(self, html: HTML) -> None:
            displayed.append(str(html.data))

        update = display

    monkeypatch.setattr("IPython.display.DisplayHandle", Handle)
    return displayed
