"""What the tests of several widgets need."""

from __future__ import annotations

import pytest
from IPython.display import HTML


@pytest.fixture
def pictures(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the display handles of this process show, one after the other."""
    shown: list[str] = []

    class Handle:
        def display(self, picture: HTML) -> None:
            shown.append(str(picture.data))

        update = display

    monkeypatch.setattr("IPython.display.DisplayHandle", Handle)
    return shown
