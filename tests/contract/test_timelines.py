"""The documented timelines played against the sandbox: mended they are taken, unmended they get the 400s foretold."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mctoolkit import Sandbox
from mctoolkit._core.clocks import ManualClock
from tests.contract.player import Player
from tests.contract.timelines import BEGUN_MS, TIMELINES, Step, step


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(clock=ManualClock(BEGUN_MS)) as running:
        yield running


def play(sandbox: Sandbox, session_id: str, steps: list[Step]) -> list[tuple[int, str | None]]:
    """Send each event at its time; return the statuses, each with the rule of a refusal."""
    found: list[tuple[int, str | None]] = []
    with Player(sandbox) as player:
        for each in steps:
            sandbox.clock.advance(milliseconds=BEGUN_MS + each.at_s * 1000 - sandbox.clock.now_ms())
            answered = player.send(session_id, each.body)
            rule = answered.content["sandbox"]["problems"][0]["rule"] if answered.status == 400 else None
            found.append((answered.status, rule))
    return found


@pytest.mark.parametrize("name", TIMELINES)
def test_mended_every_event_is_taken_and_in_order(sandbox: Sandbox, name: str) -> None:
    first, *rest = TIMELINES[name](mended=True)
    with Player(sandbox) as player:
        begun = player.begin(first.body)
    assert begun.status == 201
    assert play(sandbox, begun.session_id, rest) == [(204, None)] * len(rest)
    noted = [slip for entry in sandbox.seen.entries for slip in entry.slips]
    assert noted == (["ad-open-at-end"] if name.startswith("2") else [])


@pytest.mark.parametrize("name", TIMELINES)
def test_unmended_the_broken_samples_are_refused_and_no_others(sandbox: Sandbox, name: str) -> None:
    first, *rest = TIMELINES[name](mended=False)
    with Player(sandbox) as player:
        begun = player.begin(first.body)
        if first.refused_for is not None:
            assert begun.status == 400
            assert begun.headers["X-Sandbox-Problems"] == f"1; {first.refused_for}"
            begun = player.begin(TIMELINES[name](mended=True)[0].body)
    expected = [(400, each.refused_for) if each.refused_for else (204, None) for each in rest]
    assert play(sandbox, begun.session_id, rest) == expected
    assert sum(status == 400 for status, _ in expected) == {"1": 1, "2": 2, "3": 1}[name[0]]


def test_a_refused_ad_start_shows_in_what_follows(sandbox: Sandbox) -> None:
    first, *rest = TIMELINES["1: to the end"](mended=False)
    with Player(sandbox) as player:
        begun = player.begin(TIMELINES["1: to the end"](mended=True)[0].body)
    play(sandbox, begun.session_id, rest)
    assert first.refused_for == "not-json"
    slips = [(entry.event_type, entry.slips) for entry in sandbox.seen.entries if entry.slips]
    assert slips == [("adComplete", ("ad-end-without-start",))]


def test_the_first_timeline_stays_open_until_it_expires_and_the_second_does_not(sandbox: Sandbox) -> None:
    opened = {}
    for name in ("1: to the end", "2: abandoned"):
        first, *rest = TIMELINES[name](mended=True)
        with Player(sandbox) as player:
            opened[name] = player.begin(first.body).session_id
        play(sandbox, opened[name], rest)
    late = step(90, 45, "ping").body
    with Player(sandbox) as player:
        assert player.send(opened["1: to the end"], late).status == 204
        assert player.send(opened["2: abandoned"], late).status == 410
        sandbox.clock.advance(minutes=11)
        assert player.send(opened["1: to the end"], late).status == 410
