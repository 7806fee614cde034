"""No false positives: the documented timelines, and what Adobe's SDKs send."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from mctoolkit import audit
from mctoolkit.models.captured_request import CapturedRequest
from mctoolkit.simulation.presets import preset
from tests.auditing import timelines
from tests.auditing.scripts import START, T0, audited, calls, rules

LISTED = {
    "first": {"ts-equal", "pod-name-on-ad", "no-play-after-break", "ad-pings-slow"},
    "second": {
        "ts-equal",  # three events in one second
        "pod-name-on-ad",
        "ad-pings-slow",
        "ad-length-differs",  # 12 s of an ad of 7 s
        "slip-key",  # bitrate without its prefix
        "error-without-id",
        "playhead-jumps",  # 28 where 23 would be right
        "ad-open-at-end",
    },
    "third": {"ts-equal", "pod-name-on-ad", "no-play-after-break", "ad-pings-slow", "playhead-jumps"},
}


def _found(made: list[CapturedRequest]) -> set[str]:
    return {finding.rule for session in audited(made) for finding in session.findings}


@pytest.mark.parametrize("timeline", [timelines.first, timelines.second, timelines.third])
def test_printed_timeline_has_known_findings(timeline: Callable[[bool], list[Any]]) -> None:
    assert _found(timelines.calls(timeline(True), distinct=False)) == LISTED[timeline.__name__]


@pytest.mark.parametrize("timeline", [timelines.first, timelines.second, timelines.third])
@pytest.mark.parametrize("arrival", [True, False])
def test_corrected_timeline_is_in_order(timeline: Callable[[bool], list[Any]], arrival: bool) -> None:
    made = timelines.calls(timeline(False), distinct=True)
    if not arrival:
        for call in made:
            call.at_ms = call.status = None
    assert _found(made) == set()


def _sdk(**start: Any) -> list[CapturedRequest]:
    """A session as Adobe's JavaScript SDK sends it: timers of 500 ms, pings 11 s apart, play inside an ad."""
    made = calls(
        """0 start; 0.3 adBreakStart podIndex=1; 0.301 adStart; 0.302 play; 1.4 ping; 2.5 ping; 3.3 adComplete
        3.301 adBreakComplete; 3.302 play; 4.3 play 1; 15.3 ping 12; 26.3 ping 23; 37.3 ping 34; 40 pauseStart 36.7
        51 ping; 62 ping; 63 play; 63.2 stateStart state=fullScreen; 74 ping 47.7; 84 sessionComplete 57.7"""
    )
    made[0].value["params"] |= {
        "media.libraryVersion": "js-3.1.0",
        "media.downloaded": False,
        "media.resume": False,
        "media.streamType": "video",
        "visitor.customerIDs": {"user": {"id": "x", "authState": 0}},
        "media.length": 60,
    } | start
    for call in made[1:]:
        call.value.setdefault("params", {})
        call.value.setdefault("qoeData", {})
    return made


def test_sdk_is_in_order() -> None:
    assert _found(_sdk()) == set()


def test_sdk_with_parallel_requests_is_in_order() -> None:
    made = _sdk()
    order = [0, 2, 3, 1, 4, 5, 8, 7, 6, *range(9, len(made))]
    times = [call.at_ms for call in made]
    shuffled = [made[place] for place in order]
    for call, at_ms in zip(shuffled, times, strict=True):
        call.at_ms = at_ms
    assert _found(shuffled) == set()


def test_sdk_with_equal_time_stamps_has_one_finding() -> None:
    made = _sdk()
    made[3].value["playerTime"]["ts"] = made[2].value["playerTime"]["ts"]
    assert _found(made) == {"ts-equal"}


def test_ad_pings_every_ten_seconds_are_hint() -> None:
    found = rules(
        "0 start; 0.1 adBreakStart; 0.2 adStart adLength=25; 10.2 ping; 21.2 ping; 25.2 adComplete; 25.3 adBreakComplete; 25.4 play"
    )
    assert found == {"ad-pings-slow"}


def test_documented_endings_are_fine() -> None:
    body = "0 start length=30; 0.5 play; pings 10 20 9.5; 29.9 ping 29.4;"
    for end in ("30 sessionComplete 30", "30 sessionComplete 30; 30.1 sessionEnd", "15 sessionEnd 14.5"):
        script = body if not end.startswith("15") else "0 start length=30; 0.5 play; 10 ping 9.5;"
        assert rules(f"{script} {end}; until 5000") == set()


@pytest.mark.parametrize("cut", range(1, 24))
def test_capture_without_end_is_fine(cut: int) -> None:
    made = timelines.calls(timelines.third(False), distinct=True)
    assert _found(made[:cut]) == set()


@pytest.mark.parametrize("cut", range(1, 60))
def test_capture_without_beginning_is_fine(cut: int) -> None:
    made = timelines.calls(timelines.third(False), distinct=True)[cut:]
    found = audited(made)
    assert [finding.rule for session in found for finding in session.findings] == []
    assert not any(session.has_start for session in found)


def test_missing_body_disables_rules_that_need_all_bodies() -> None:
    made = timelines.calls(timelines.first(False), distinct=True)
    from mctoolkit.models.captured_request import NO_BODY

    for number, call in enumerate(made):
        if number and number % 3 == 0:
            call.value = NO_BODY
    found = _found(made)
    assert not found - {"ad-pings-slow"}, found


def test_simultaneous_sessions_are_separate() -> None:
    one = timelines.calls(timelines.first(False), distinct=True)
    other = timelines.calls(timelines.third(False), distinct=True)
    for call in other:
        call.session_key = call.session_id = "b"
        call.value["playerTime"]["ts"] += 300
        call.at_ms = (call.at_ms or 0) + 300
    other[0].value["params"] = other[0].value["params"] | {"analytics.visitorId": "somebody-else"}
    made = sorted([*one, *other], key=lambda call: call.at_ms or 0)
    assert _found(made) == set()
    assert [session.events for session in audited(made)] == [len(one), len(other)]


def test_fast_playback_is_not_jump() -> None:
    fast = "; ".join(f"{10 * n} ping {25 * n}" for n in range(1, 12))
    assert rules(f"0 start; 0.1 play; {fast}; 115 pauseStart 287") == set()
    assert rules("0 start; 0.1 play; 10 ping 9.9; 20 ping 40; 30 ping 50; 40 ping 60") == {"playhead-jumps"}
    assert rules("0 start; 0.1 play; 10 ping 9.9; 20 ping 40") == {"playhead-jumps"}


def test_events_queued_until_session_exists_are_fine() -> None:
    made = calls("0 start; 0.5 play; 10 ping 9.5; 20 ping 19.5; 30 ping 29.5")
    for call in made[1:3]:
        call.at_ms = T0 + 12_000
    assert _found(made) == set()


def test_downloaded_content_is_one_session() -> None:
    made = calls("0 start; 4.7 play; 54.7 ping 50; 104.7 ping 100; 154.7 ping 150; 160 sessionEnd 155.3")
    whole = CapturedRequest(1, "downloaded", [call.value for call in made], None, T0 + 10**8, None, "#1", status=201)
    assert _found([whole]) == set()
    old = replace_start(made, {"media.downloaded": True})
    assert _found([replace(whole, endpoint="sessions", value=old)]) == {"list-deprecated"}
    late = calls("0 start; 4.7 play; 154.7 ping 150; 160 sessionEnd 155.3")
    assert _found([replace(whole, value=[call.value for call in late])]) == {"pings-rare"}


def replace_start(made: list[CapturedRequest], more: dict[str, Any]) -> list[Any]:
    first = {**made[0].value, "params": {**START, **more}}
    return [first, *(call.value for call in made[1:])]


@pytest.mark.parametrize(
    ("script", "found"),
    [
        # the ad never ends, and the content continues
        ("0 start; 0.5 play; 5 adBreakStart 4.5; 5.1 adStart; 6 ping; 7 ping; 8.2 play; pings 18 58 14.5", "ad-not-closed"),
        # the break never ends, and the content continues
        (
            "0 start; 0.5 play; 5 adBreakStart 4.5; 5.1 adStart; 6 ping; 7 ping; 8.1 adComplete; 8.2 play; pings 18 58 14.5; 60 pauseStart 56.5; 61 play",
            "break-not-closed",
        ),
        # a player that counts the ad in its playhead, all the way to the end
        (
            """0 start length=30; 0.1 adBreakStart; 0.2 adStart adLength=6; 1.2 ping 1; 2.2 ping 2; 3.2 ping 3; 4.2 ping 4
            5.2 ping 5; 6.2 adComplete 6; 6.3 adBreakComplete; 6.4 play; pings 16 36 16; 37 sessionComplete 37""",
            "playhead-moves-in-ad",
        ),
        # milliseconds from the start on, with a chapter and a break that are in seconds
        (
            """0 start length=60; 0.5 play; 1 chapterStart 500 offset=0; pings 10 10 9500; 15 adBreakStart 14500 podSecond=14.5
            15.1 adStart; 16.1 ping; 17.1 ping; 18.1 adComplete; 18.2 adBreakComplete; 18.3 play; 21 chapterComplete 17200
            30 ping 26200; 40 ping 36200; 50 ping 46200; 60 sessionComplete 56200""",
            "playhead-milliseconds",
        ),
        # the same in live, from the second of the day
        (
            "0 start 50000000 type=Live length=86400; 0.5 play; 10 ping 50009500; 20 ping 50019500; 25 sessionEnd 50024500",
            "playhead-milliseconds",
        ),
        # -1 where the player does not know
        ("0 start; 0.5 play; 5 adBreakStart 4.5 podSecond=-1; 5.1 adStart; 6 ping; 7 ping; 8.1 adSkip; 8.2 adBreakComplete; 8.3 play", "number-filler"),
        ("0 start; 0.5 play; 5 adBreakStart 4.5; 5.1 adStart adLength=-1; 6 ping; 7 ping; 8.1 adSkip; 8.2 adBreakComplete; 8.3 play", "number-filler"),
        ("0 start; 0.5 play; 5 chapterStart 4.5 chapterLength=-1; 10 ping 9.5; 15 chapterSkip 14.5", "number-filler"),
        # a session that the API closed for a reason that the capture does not show
        ("0 start; 0.5 play; 10 ping 9.5 status=410; 20 ping 19.5 status=410; 30 ping 29.5 status=410", "ignored-410"),
        # one that it closed because it had ended
        ("0 start; 0.5 play; 10 sessionEnd 9.5; 10.5 ping status=410; 11 ping status=410", "ping-after-end"),
        # one that ran out, and was refused from then on
        ("0 start; 0.5 play; 10 ping 9.5; 11 pauseStart 10.5; 700 play status=410; 710 ping 20.5 status=410", "idle-timeout"),
    ],
)  # fmt: skip
def test_one_cause_is_one_finding(script: str, found: str) -> None:
    assert rules(script) == {found}


def test_linear_content_may_complete_anywhere() -> None:
    assert rules("0 start 100 type=Linear length=1800; 0.5 play; 10 ping 109.5; 20 sessionComplete 119.5") == set()


def test_live_chapter_offset_is_not_compared() -> None:
    script = "0 start 5000 type=Live length=86400; 0.5 play; 5 chapterStart 5004.5 offset=0; 10 ping 5009.5; 15 chapterSkip 5014.5"
    assert rules(script) == set()
    assert rules(f"{script}; 16 adBreakStart podSecond=3") == set()


def test_equal_time_stamps_in_any_order_are_one_finding() -> None:
    """As Adobe's JS SDK does: adBreakStart, adStart and play of one millisecond, in any order of arrival."""
    now = 1_795_204_800_000

    def event(kind: str, ms: int, playhead: float = 0, **params: Any) -> dict[str, Any]:
        return {"eventType": kind, "playerTime": {"playhead": playhead, "ts": now + ms}, "params": params}

    ad: dict[str, Any] = {
        "media.ad.id": "a",
        "media.ad.length": 15,
        "media.ad.podPosition": 1,
        "media.ad.playerName": "p",
    }
    pod: dict[str, Any] = {"media.ad.podIndex": 1, "media.ad.podSecond": 0}
    start = preset("minimal", now).value
    begun = [event("adBreakStart", 300, **pod), event("adStart", 300, **ad), event("play", 300)]
    pings = [event("ping", 300 + 1000 * n) for n in range(1, 15)]
    rest = [
        event("adComplete", 15_300),
        event("adBreakComplete", 15_301),
        event("play", 15_302),
        event("ping", 25_302, 10),
        event("sessionEnd", 26_000, 10.7),
    ]
    for order in itertools.permutations(begun):
        assert {finding.rule for finding in audit([start, *order, *pings, *rest]).findings} <= {
            "ts-equal",
            "no-visitor",
        }


def test_gap_before_end_is_found() -> None:
    now = 1_795_204_800_000
    body = dict(preset("minimal", now).value)
    body["params"] = body["params"] | {"media.length": 600}
    script = [("play", 100, 0.0), ("ping", 10_000, 10.0), ("ping", 20_000, 20.0), ("sessionComplete", 599_000, 599.0)]
    events = [{"eventType": kind, "playerTime": {"playhead": at, "ts": now + ms}} for kind, ms, at in script]
    assert "pings-rare" in {finding.rule for finding in audit([body, *events]).findings}


def test_queue_sent_in_parallel_is_not_ts_falling() -> None:
    """As Adobe's JS SDK does when the 201 comes late: three at a time, in any order of arrival."""
    begun = calls(
        "0 start took=29900; 30 play ts=0.5; 30.001 ping 19.5 ts=20; 30.003 ping 9.5 ts=10; 40 ping 39.5; 41 sessionEnd 40.5"
    )
    assert {finding.rule for session in audited(begun) for finding in session.findings} == set()
    late = calls("0 start; 0.5 play; 20 ping 19.5; 22 ping 9.5 ts=10; 30 ping 29.5; 31 sessionEnd 30.5")
    assert "ts-falling" in {finding.rule for session in audited(late) for finding in session.findings}


def test_unanswered_start_may_be_sent_again() -> None:
    again = calls("@a 0 start status=0; @b 5 start; @b 5.5 play; @b 15 ping 9.5; @b 20 sessionEnd 14.5")
    found = {finding.rule for session in audited(again) for finding in session.findings}
    assert "start-unanswered" in found
    assert "start-twice" not in found
