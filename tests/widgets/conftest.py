"""Fixtures for the tests of the widgets."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
import requests
from IPython.display import HTML

from mctoolkit import ManualClock, Sandbox, SessionForm, seeded_ids
from mctoolkit.simulation.presets import preset
from tests.widgets.form_page import LONG_S, FormPage

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


def start_session(sandbox: Sandbox) -> None:
    requests.post(f"{sandbox.url}/api/v1/sessions", json=preset("minimal", NOW_MS).value, timeout=10)


def wait_until(condition: Callable[[], bool]) -> None:
    """Poll until a condition is true, for panels that update in a background thread."""
    deadline_s = time.monotonic() + LONG_S
    while not condition():
        assert time.monotonic() < deadline_s, "the condition did not become true"
        time.sleep(0.01)
