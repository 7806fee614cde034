"""The order and the times of the events of a session."""

from __future__ import annotations

from typing import Any

import pytest

from mctoolkit._core.errors import UsageError
from mctoolkit.models.captured_request import CapturedRequest
from mctoolkit.models.session import Session, gather
from mctoolkit.models.session.events import moments

NOW_MS = 1_509_045_324_000
DAY_MS = 86_400_000


def _call(number: int, event_type: str, ts: Any = None, at_ms: int | None = None) -> CapturedRequest:
    time = {} if ts is None else {"ts": ts}
    return CapturedRequest(number, "events", {"eventType": event_type, "playerTime": time}, at_ms=at_ms)


def test_events_stand_in_the_order_of_their_ts_and_equal_ones_as_captured() -> None:
    found = moments(
        [
            _call(1, "sessionStart", NOW_MS + 9),
            _call(2, "play", NOW_MS + 5),
            _call(3, "ping", NOW_MS + 3),
            _call(4, "x", NOW_MS + 3),
        ]
    )
    assert [moment.number for moment in found] == [1, 3, 4, 2]  # the start is first, whatever its ts


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([(NOW_MS, NOW_MS + 40), (NOW_MS + 500, NOW_MS + 900)], [0, 500]),  # ts, since reports go by it
        ([(NOW_MS // 1000, NOW_MS), (NOW_MS // 1000 + 1, NOW_MS + 1000)], [0, 1000]),  # in seconds
        ([(NOW_MS, NOW_MS + 3), (NOW_MS // 1000, NOW_MS + 700), (NOW_MS + 800, NOW_MS + 805)], [0, 700, 800]),
        ([(NOW_MS + 2 * DAY_MS, NOW_MS), (NOW_MS + 2 * DAY_MS + 5, NOW_MS + 9)], [0, 9]),  # a clock two days ahead
        ([(NOW_MS, None), (NOW_MS // 1000, None), (NOW_MS + 8, None)], [0, 0, 8]),  # no other clock: as the one before
        ([(None, NOW_MS), (NOW_MS + 5, NOW_MS + 20)], [0, 5]),
        ([("x", NOW_MS), (True, NOW_MS + 1), (-5, NOW_MS + 2), (10**30, NOW_MS + 3)], [0, 1, 2, 3]),
        ([(None, 10**30), (NOW_MS, None)], [0, 0]),
    ],
)
def test_the_time_of_an_event(pairs: list[tuple[Any, int | None]], expected: list[int]) -> None:
    found = moments(_call(n, "ping", ts, at_ms) for n, (ts, at_ms) in enumerate(pairs, 1))
    assert [moment.at_ms - NOW_MS for moment in found] == expected


def test_without_any_clock_all_happens_at_once() -> None:
    assert [moment.at_ms for moment in moments([_call(1, "play"), _call(2, "ping")])] == [0, 0]


def test_a_batch_is_many_events_of_one_entry() -> None:
    events = [
        {"eventType": name, "playerTime": {"playhead": 0, "ts": NOW_MS + n}}
        for n, name in enumerate(["sessionStart", "play"])
    ]
    found = Session("x", [CapturedRequest(7, "downloaded", events)])
    assert [(moment.number, moment.event_type) for moment in found.events] == [(7, "sessionStart"), (7, "play")]
    assert found.at(7) is found.events[0]
    assert found.at(8) is None


def test_a_session_needs_an_event() -> None:
    with pytest.raises(UsageError, match="at least one event"):
        Session("x", [])


def test_gather_keeps_the_sessions_that_are_asked_for() -> None:
    made = [
        CapturedRequest(1, "sessions", {}, session_key="#1"),
        CapturedRequest(2, "events", {}, session_key="b", session_id="b", source="two.har"),
        CapturedRequest(3, "schemas", None),
        CapturedRequest(4, "events", {}, session_key="#1"),
    ]
    found = gather(made)
    assert {key: [event.number for event in each.events] for key, each in found.items()} == {"#1": [1, 4], "b": [2]}
    assert (found["#1"].id, found["b"].id, found["b"].capture) == ("#1", "b", "two.har")
    assert list(gather(made, {"b"})) == ["b"]
