"""Time order, and the session of each request."""

from __future__ import annotations

from typing import Any

import pytest

from mctoolkit.captures import CaptureStats, ordering, read_requests
from mctoolkit.captures.ordering import SessionMatcher, sort_by_time
from mctoolkit.models.captured_request import CapturedRequest
from tests.captures.builders import SESSIONS, START, TS, event, events_url

OTHER_START = {**START, "params": {**START["params"], "media.id": "y"}}  # type: ignore[dict-item]


def start_line(after_ms: int = 0, body: Any = START, **more: Any) -> dict[str, Any]:
    return {"at": TS + after_ms, "url": SESSIONS, "body": body, **more}


def event_line(session: str, after_ms: int, kind: str = "ping", **more: Any) -> dict[str, Any]:
    return {"at": TS + after_ms, "url": events_url(session), "status": 204, "body": event(kind, after_ms), **more}


def keys(*lines: dict[str, Any]) -> list[tuple[str, str]]:
    return [(request.session_key, request.matched) for request in read_requests(list(lines))]


def captured(number: int, at_ms: int | None) -> CapturedRequest:
    return CapturedRequest(number, "events", {}, at_ms=at_ms)


def numbers(requests: list[CapturedRequest], window: int) -> list[int]:
    return [found.number for found in sort_by_time(requests, window)]


def test_equal_times_keep_their_order() -> None:
    assert numbers([captured(1, 5), captured(2, 3), captured(3, 5), captured(4, 3)], 10) == [2, 4, 1, 3]


def test_request_without_time_follows_its_predecessor() -> None:
    assert numbers([captured(1, 5), captured(2, None), captured(3, 3), captured(4, None)], 10) == [3, 4, 1, 2]


def test_window_sorts_and_keeps_every_request() -> None:
    requests = [captured(number, number + (7 if number % 5 == 0 else 0)) for number in range(1, 1001)]
    found = [each.at_ms for each in sort_by_time(requests, 16)]
    assert found == sorted(each.at_ms for each in requests if each.at_ms is not None)
    assert sorted(numbers(requests, 2)) == list(range(1, 1001))


def test_late_request_is_counted_in_its_own_session() -> None:
    capture = read_requests([event_line("a", 9_000), event_line("b", 9_500)])
    assert len(list(capture)) == 2
    assert capture.stats.out_of_order == 0

    def out_of_order(*requests: CapturedRequest) -> int:
        stats = CaptureStats()
        list(SessionMatcher(stats).assign(requests, ""))
        return stats.out_of_order

    def event_of(session: str, at_ms: int) -> CapturedRequest:
        return CapturedRequest(1, "events", {}, at_ms=at_ms, session_id=session, url="/x")

    assert out_of_order(event_of("a", 5), event_of("b", 3)) == 0
    assert out_of_order(event_of("a", 5), event_of("a", 3)) == 1


def test_interleaved_sessions_are_separated() -> None:
    found = keys(
        start_line(0, session="a", status=201),
        start_line(10, session="b", status=201),
        event_line("b", 20),
        event_line("a", 30),
    )
    assert found == [("a", "location"), ("b", "location"), ("b", "path"), ("a", "path")]


def test_start_without_response_gets_next_unknown_session() -> None:
    capture = read_requests([start_line(0), event_line("a", 20), event_line("a", 30)])
    assert [(each.session_key, each.matched, each.session_id) for each in capture] == [
        ("#1", "none", None),
        ("#1", "order", "a"),
        ("#1", "order", "a"),
    ]
    assert capture.stats.unmatched_sessions == 0


def test_session_seen_before_start_is_not_matched() -> None:
    assert keys(event_line("a", 0), start_line(10), event_line("a", 20), event_line("b", 30)) == [
        ("a", "path"),
        ("#2", "none"),
        ("a", "path"),
        ("#2", "order"),
    ]


def test_last_of_repeated_starts_is_matched() -> None:
    again = {**START, "playerTime": {"playhead": 0, "ts": TS + 60_000}}
    assert keys(start_line(0), start_line(60_000, again), event_line("a", 61_000))[-1] == ("#2", "order")


def test_two_different_starts_are_not_matched() -> None:
    capture = read_requests([start_line(0), start_line(5, OTHER_START), event_line("a", 20)])
    assert [each.session_key for each in capture] == ["#1", "#2", "a"]
    assert capture.stats.unmatched_sessions == 1
    assert "cannot be determined" in capture.advice[0]


@pytest.mark.parametrize(
    ("status", "after_ms", "matched"),
    [(201, 20, "order"), (None, 20, "order"), (400, 20, "path"), (500, 20, "path"), (None, 600_001, "path")],
)
def test_refused_or_old_start_is_not_matched(status: int | None, after_ms: int, matched: str) -> None:
    assert keys(start_line(0, status=status), event_line("a", after_ms))[-1][1] == matched


def test_start_on_another_host_is_not_matched() -> None:
    elsewhere = {**event_line("a", 20), "url": "https://other.hb-api.omtrdc.net/api/v1/sessions/a/events"}
    assert keys(start_line(0), elsewhere)[-1] == ("a", "path")


def test_memory_for_sessions_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ordering, "_MAX_SESSIONS", 10)
    stats = CaptureStats()
    matcher = ordering.SessionMatcher(stats)
    requests = [CapturedRequest(n, "events", {}, at_ms=n, session_id=f"s{n}", url="/x") for n in range(1000)]
    assert len(list(matcher.assign(requests, ""))) == 1000
    assert len(matcher._known) + len(matcher._known_before) + len(matcher._latest_ms) <= 30
