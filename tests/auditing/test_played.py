"""Scenarios of the simulated player are in order, and each of its defects is the only finding."""

from __future__ import annotations

import pytest

from mctoolkit import Sandbox, audit
from mctoolkit.simulation import DEFECTS
from mctoolkit.simulation.runner import simulate

HINTS = {"resume": {"no-end"}}  # its first session is closed by the timeout


def _found(scenario: str, *defects: str) -> set[str]:
    with Sandbox() as sandbox:
        run = simulate(scenario, sandbox, defects=defects, keep_going=True)
    return {finding.rule for finding in audit(run.exchanges).findings}


@pytest.mark.parametrize(
    "scenario",
    ["timeline-1", "timeline-2", "timeline-3", "live", "linear", "podcast", "resume", "hand-over", "downloaded"],
)
def test_scenario_is_in_order(scenario: str) -> None:
    assert _found(scenario) == HINTS.get(scenario, set())


FOUND = [
    ("no-pings", "timeline-3", {"no-pings"}),
    ("rare-pings", "podcast", {"pings-rare", "ad-pings-slow"}),
    ("ts-seconds", "timeline-3", {"ts-seconds"}),
    ("ts-seconds", "downloaded", {"ts-seconds"}),
    ("ts-equal", "timeline-3", {"ts-equal"}),
    ("ts-equal", "downloaded", {"ts-equal"}),
    ("playhead-ms", "timeline-1", {"playhead-milliseconds"}),
    ("playhead-ms", "live", {"playhead-milliseconds"}),
    ("playhead-still", "timeline-1", {"playhead-still"}),
    ("playhead-still", "live", {"playhead-still"}),
    ("playhead-in-ads", "timeline-1", {"playhead-moves-in-ad"}),
    ("play-before-preroll", "timeline-1", {"play-before-preroll"}),
    ("ad-outside-break", "timeline-1", {"ad-outside-break"}),
    ("ad-not-closed", "timeline-1", {"ad-not-closed"}),
    ("break-not-closed", "timeline-1", {"break-not-closed"}),
    ("chapter-not-closed", "timeline-3", {"chapter-not-closed"}),
    ("pings-after-end", "timeline-2", {"ping-after-end"}),
    ("pings-after-end", "timeline-3", {"after-complete"}),
    ("no-complete", "podcast", {"complete-missing"}),
    ("no-resume", "resume", {"resume-missing", "no-end"}),
    ("no-resume", "hand-over", {"resume-missing"}),
]


@pytest.mark.parametrize(("defect", "scenario", "rules"), FOUND)
def test_defect_is_only_finding(defect: str, scenario: str, rules: set[str]) -> None:
    assert _found(scenario, defect) == rules


def test_every_defect_has_case() -> None:
    assert set(DEFECTS) == {defect for defect, _, _ in FOUND}
