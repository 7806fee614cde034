"""The order and times of the events of a session."""

from __future__ import annotations

from typing import Any

import pytest

from mctoolkit._core.errors import UsageError
from mctoolkit.models.captured_request import CapturedRequest
from mctoolkit.models.session import Session, gather
from mctoolkit.models.session.events import ordered_events

NOW_MS = 1_509_045_324_000
DAY_MS = 86_400_000


def _request(number: int, event_type: str, ts: Any = None, at_ms: int | None = None) -> CapturedRequest:
    time = {} if ts is None else {"ts": ts}
    return CapturedRequest(number, "events", {"eventType": event_type, "playerTime": time}, at_ms=at_ms)


def test_events_are_sorted_by_ts_then_as_captured() -> None:
    found = ordered_events(
        [
            _request(1, "sessionStart", NOW_MS + 9),
            _request(2, "play", NOW_MS + 5),
            _request(3, "ping", NOW_MS + 3),
            _request(4, "x", NOW_MS + 3),
        ]
    )
    assert [event.number for event in found] == [1, 3, 4, 2]  # sessionStart is always first


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([(NOW_MS, NOW_MS + 40), (NOW_MS + 500, NOW_MS + 900)], [0, 500]),  # reports use ts
        ([(NOW_MS // 1000, NOW_MS), (NOW_MS // 1000 + 1, NOW_MS + 1000)], [0, 1000]),  # ts in seconds
        ([(NOW_MS, NOW_MS + 3), (NOW_MS // 1000, NOW_MS + 700), (NOW_MS + 800, NOW_MS + 805)], [0, 700, 800]),
        ([(NOW_MS + 2 * DAY_MS, NOW_MS), (NOW_MS + 2 * DAY_MS + 5, NOW_MS + 9)], [0, 9]),  # player clock two days ahead
        (
            [(NOW_MS, None), (NOW_MS // 1000, None), (NOW_MS + 8, None)],
            [0, 0, 8],
        ),  # no other clock: the time of the previous event
        ([(None, NOW_MS), (NOW_MS + 5, NOW_MS + 20)], [0, 5]),
        ([("x", NOW_MS), (True, NOW_MS + 1), (-5, NOW_MS + 2), (10**30, NOW_MS + 3)], [0, 1, 2, 3]),
        ([(None, 10**30), (NOW_MS, None)], [0, 0]),
    ],
)
def test_event_times(pairs: list[tuple[Any, int | None]], expected: list[int]) -> None:
    found = ordered_events(_request(n, "ping", ts, at_ms) for n, (ts, at_ms) in enumerate(pairs, 1))
    assert [event.at_ms - NOW_MS for event in found] == expected


def test_events_without_times_are_at_zero() -> None:
    assert [event.at_ms for event in ordered_events([_request(1, "play"), _request(2, "ping")])] == [0, 0]


def test_batch_events_have_the_same_entry() -> None:
    events = [
        {"eventType": name, "playerTime": {"playhead": 0, "ts": NOW_MS + n}}
        for n, name in enumerate(["sessionStart", "play"])
    ]
    found = Session("x", [CapturedRequest(7, "downloaded", events)])
    assert [(event.number, event.event_type) for event in found.events] == [(7, "sessionStart"), (7, "play")]
    assert found.at(7) is found.events[0]
    assert found.at(8) is None


def test_session_without_requests_raises() -> None:
    with pytest.raises(UsageError, match="at least one request"):
        Session("x", [])


def test_gather_groups_by_session() -> None:
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
