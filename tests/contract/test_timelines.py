"""The documented timelines against the sandbox: all events are accepted once the mistakes are fixed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mctoolkit import Sandbox
from mctoolkit._core.clocks import ManualClock
from tests.contract.player import Player
from tests.contract.timelines import STARTED_MS, TIMELINES, Step, step


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(clock=ManualClock(STARTED_MS)) as running:
        yield running


def play(sandbox: Sandbox, session_id: str, steps: list[Step]) -> list[tuple[int, str | None]]:
    """Send each event at its time; return the statuses, with the rule for a 400."""
    found: list[tuple[int, str | None]] = []
    with Player(sandbox) as player:
        for each in steps:
            sandbox.clock.advance(milliseconds=STARTED_MS + each.at_s * 1000 - sandbox.clock.now_ms())
            response = player.send(session_id, each.body)
            rule = response.content["sandbox"]["problems"][0]["rule"] if response.status == 400 else None
            found.append((response.status, rule))
    return found


@pytest.mark.parametrize("name", TIMELINES)
def test_fixed_timeline_is_accepted(sandbox: Sandbox, name: str) -> None:
    first, *rest = TIMELINES[name](fixed=True)
    with Player(sandbox) as player:
        started = player.start_session(first.body)
    assert started.status == 201
    assert play(sandbox, started.session_id, rest) == [(204, None)] * len(rest)
    violations = [violation for entry in sandbox.log.entries for violation in entry.violations]
    assert violations == (["ad-open-at-end"] if name.startswith("2") else [])


@pytest.mark.parametrize("name", TIMELINES)
def test_original_timeline_fails_where_expected(sandbox: Sandbox, name: str) -> None:
    first, *rest = TIMELINES[name](fixed=False)
    with Player(sandbox) as player:
        started = player.start_session(first.body)
        if first.violated_rule is not None:
            assert started.status == 400
            assert started.headers["X-Sandbox-Problems"] == f"1; {first.violated_rule}"
            started = player.start_session(TIMELINES[name](fixed=True)[0].body)
    expected = [(400, each.violated_rule) if each.violated_rule else (204, None) for each in rest]
    assert play(sandbox, started.session_id, rest) == expected
    assert sum(status == 400 for status, _ in expected) == {"1": 1, "2": 2, "3": 1}[name[0]]


def test_rejected_ad_start_affects_later_events(sandbox: Sandbox) -> None:
    first, *rest = TIMELINES["1: to the end"](fixed=False)
    with Player(sandbox) as player:
        started = player.start_session(TIMELINES["1: to the end"](fixed=True)[0].body)
    play(sandbox, started.session_id, rest)
    assert first.violated_rule == "not-json"
    violations = [(entry.event_type, entry.violations) for entry in sandbox.log.entries if entry.violations]
    assert violations == [("adComplete", ("ad-end-without-start",))]


def test_only_timeline_1_stays_open(sandbox: Sandbox) -> None:
    session_ids = {}
    for name in ("1: to the end", "2: abandoned"):
        first, *rest = TIMELINES[name](fixed=True)
        with Player(sandbox) as player:
            session_ids[name] = player.start_session(first.body).session_id
        play(sandbox, session_ids[name], rest)
    late = step(90, 45, "ping").body
    with Player(sandbox) as player:
        assert player.send(session_ids["1: to the end"], late).status == 204
        assert player.send(session_ids["2: abandoned"], late).status == 410
        sandbox.clock.advance(minutes=11)
        assert player.send(session_ids["1: to the end"], late).status == 410
