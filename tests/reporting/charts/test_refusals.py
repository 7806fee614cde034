"""What is no session is refused in words, with the way to one."""

from __future__ import annotations

from typing import Any

import pytest

from mctoolkit import UsageError, simulate
from mctoolkit.reporting.charts import timeline
from tests.models.session.viewing import TIMELINE_1, session


@pytest.mark.parametrize("thing", ["captures/example-player.har", 5, []])
def test_no_session_no_picture(thing: Any) -> None:
    for draw in (lambda: timeline(thing), lambda: timeline(session(TIMELINE_1), thing)):
        with pytest.raises(UsageError, match="gather"):
            draw()


@pytest.mark.parametrize("what", [1, None, ["timeline-1"], {"do": "play"}])
def test_what_is_no_script_is_not_played(what: Any) -> None:
    with pytest.raises(UsageError, match="timeline-1"):
        simulate(what)


def test_a_scenario_is_played_to_a_sandbox_of_its_own_without_a_place() -> None:
    assert simulate("hand-over").ok
