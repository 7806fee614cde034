"""The order of time, and which session a call belongs to."""

from __future__ import annotations

from typing import Any

import pytest

from mctoolkit.captures import CaptureStats, read_requests
from mctoolkit.captures.ordering import in_time_order
from mctoolkit.models.captured_request import CapturedRequest
from tests.captures.making import SESSIONS, START, TS, event, events_url

OTHER_START = {**START, "params": {**START["params"], "media.id": "y"}}  # type: ignore[dict-item]


def start_line(after_ms: int = 0, body: Any = START, **more: Any) -> dict[str, Any]:
    return {"at": TS + after_ms, "url": SESSIONS, "body": body, **more}


def event_line(session: str, after_ms: int, kind: str = "ping", **more: Any) -> dict[str, Any]:
    return {"at": TS + after_ms, "url": events_url(session), "status": 204, "body": event(kind, after_ms), **more}


def keys(*lines: dict[str, Any]) -> list[tuple[str, str]]:
    return [(call.session_key, call.matched) for call in read_requests(list(lines))]


def call(number: int, at_ms: int | None) -> CapturedRequest:
    return CapturedRequest(number, "events", {}, at_ms=at_ms)


def numbers(calls: list[CapturedRequest], window: int) -> list[int]:
    return [found.number for found in in_time_order(calls, window)]


def test_the_order_of_time_those_of_one_moment_as_they_came() -> None:
    assert numbers([call(1, 5), call(2, 3), call(3, 5), call(4, 3)], 10) == [2, 4, 1, 3]


def test_a_call_without_a_time_stays_behind_the_one_before_it() -> None:
    assert numbers([call(1, 5), call(2, None), call(3, 3), call(4, None)], 10) == [3, 4, 1, 2]


def test_a_window_mends_what_lies_within_it_and_loses_nothing() -> None:
    calls = [call(number, number + (7 if number % 5 == 0 else 0)) for number in range(1, 1001)]
    found = [each.at_ms for each in in_time_order(calls, 16)]
    assert found == sorted(each.at_ms for each in calls if each.at_ms is not None)
    assert sorted(numbers(calls, 2)) == list(range(1, 1001))


def test_a_call_that_is_late_in_its_own_session_is_counted_and_of_others_nobody_minds() -> None:
    capture = read_requests([event_line("a", 9_000), event_line("b", 9_500)])
    assert len(list(capture)) == 2
    assert capture.tally.late == 0
    from mctoolkit.captures.ordering import Sessions

    def late(*calls: CapturedRequest) -> int:
        tally = CaptureStats()
        list(Sessions(tally).of_source(calls, ""))
        return tally.late

    def of(session: str, at_ms: int) -> CapturedRequest:
        return CapturedRequest(1, "events", {}, at_ms=at_ms, session_id=session, url="/x")

    assert late(of("a", 5), of("b", 3)) == 0
    assert late(of("a", 5), of("a", 3)) == 1


def test_interleaved_sessions_are_told_apart() -> None:
    found = keys(
        start_line(0, session="a", status=201),
        start_line(10, session="b", status=201),
        event_line("b", 20),
        event_line("a", 30),
    )
    assert found == [("a", "location"), ("b", "location"), ("b", "path"), ("a", "path")]


def test_a_start_without_a_response_gets_the_first_session_that_nobody_started() -> None:
    capture = read_requests([start_line(0), event_line("a", 20), event_line("a", 30)])
    assert [(each.session_key, each.matched, each.session_id) for each in capture] == [
        ("#1", "none", None),
        ("#1", "order", "a"),
        ("#1", "order", "a"),
    ]
    assert (capture.tally.matched, capture.tally.unmatched) == (1, 0)


def test_a_session_that_was_under_way_before_is_not_taken_for_it() -> None:
    assert keys(event_line("a", 0), start_line(10), event_line("a", 20), event_line("b", 30)) == [
        ("a", "path"),
        ("#2", "none"),
        ("a", "path"),
        ("#2", "order"),
    ]


def test_of_the_same_start_sent_again_the_last_counts() -> None:
    again = {**START, "playerTime": {"playhead": 0, "ts": TS + 60_000}}
    assert keys(start_line(0), start_line(60_000, again), event_line("a", 61_000))[-1] == ("#2", "order")


def test_of_two_different_starts_none_is_guessed() -> None:
    capture = read_requests([start_line(0), start_line(5, OTHER_START), event_line("a", 20)])
    assert [each.session_key for each in capture] == ["#1", "#2", "a"]
    assert capture.tally.unmatched == 1
    assert "cannot be told" in capture.advice[0]


@pytest.mark.parametrize(
    ("status", "after_ms", "matched"),
    [(201, 20, "order"), (None, 20, "order"), (400, 20, "path"), (500, 20, "path"), (None, 600_001, "path")],
)
def test_a_refused_start_and_one_of_long_ago_wait_for_no_session(
    status: int | None, after_ms: int, matched: str
) -> None:
    assert keys(start_line(0, status=status), event_line("a", after_ms))[-1][1] == matched


def test_a_start_on_another_host_is_another_matter() -> None:
    elsewhere = {**event_line("a", 20), "url": "https://other.hb-api.omtrdc.net/api/v1/sessions/a/events"}
    assert keys(start_line(0), elsewhere)[-1] == ("a", "path")


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    from mctoolkit.captures import ordering

    monkeypatch.setattr(ordering, "_REMEMBERED", 10)
    tally = CaptureStats()
    sessions = ordering.Sessions(tally)
    calls = [CapturedRequest(n, "events", {}, at_ms=n, session_id=f"s{n}", url="/x") for n in range(1000)]
    assert len(list(sessions.of_source(calls, ""))) == 1000
    assert len(sessions._known) + len(sessions._known_before) + len(sessions._latest) <= 30
