"""Arguments that are not a session or a scenario raise UsageError."""

from __future__ import annotations

from typing import Any

import pytest

from mctoolkit import UsageError, simulate
from mctoolkit.reporting.charts import timeline
from tests.models.session.viewing import TIMELINE_1, session


@pytest.mark.parametrize("thing", ["captures/example-player.har", 5, []])
def test_timeline_refuses_what_is_not_a_session(thing: Any) -> None:
    for draw in (lambda: timeline(thing), lambda: timeline(session(TIMELINE_1), thing)):
        with pytest.raises(UsageError, match="gather"):
            draw()


@pytest.mark.parametrize("scenario", [1, None, ["timeline-1"], {"do": "play"}])
def test_simulate_refuses_what_is_not_a_scenario(scenario: Any) -> None:
    with pytest.raises(UsageError, match="timeline-1"):
        simulate(scenario)


def test_simulate_without_host_uses_its_own_sandbox() -> None:
    assert simulate("hand-over").ok
