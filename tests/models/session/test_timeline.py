"""Spans, marks and totals of a session."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mctoolkit.models.captured_request import CapturedRequest
from mctoolkit.models.session import Session
from mctoolkit.spec import catalog
from tests.models.session.viewing import NOW_MS, TIMELINE_1, calls, session


def spans(lines: str) -> list[str]:
    """Return the spans as text: kind, start, end, label."""
    return [
        f"{span.kind} {(span.from_ms - NOW_MS) / 1000:g}-{(span.to_ms - NOW_MS) / 1000:g} {span.label}".rstrip()
        for span in session(lines).spans
    ]


def test_first_documented_timeline() -> None:
    assert spans(TIMELINE_1) == [
        "break 0-22 ad pod1",
        "ad 0-15 First",
        "ad 15-22 Second",
        "playing 22-33",
        "buffering 33-36",
        "playing 36-46",
        "break 46-54 ad pod2",
        "ad 46-54 Third",
        "playing 54-64",
        "paused 64-74",
        "playing 74-88",
    ]
    found = session(TIMELINE_1).summary
    assert (found.playing_s, found.ads_s, found.paused_s, found.buffering_s) == (45, 30, 10, 3)
    assert (found.ads_started, found.ads_completed, found.pauses, found.buffers) == (3, 3, 1, 1)
    assert (found.content_started, found.completed, found.whole_start, found.resumed) == (True, True, True, False)
    assert found.progress == (10, 25, 50)  # it ends at 45 of 60 seconds
    assert found.jumped == ()
    assert found.average_minute_audience == pytest.approx(45 / 60.33)
    assert (found.lasted_s, found.events, found.lost) == (88, 24, 0)


def test_span_playheads() -> None:
    pause = next(span for span in session(TIMELINE_1).spans if span.kind == "paused")
    assert (pause.from_playhead_s, pause.to_playhead_s) == (31, 31)
    last = session(TIMELINE_1).spans[-1]
    assert (last.from_playhead_s, last.to_playhead_s, last.seconds) == (31, 45, 14)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("0 0 sessionStart\n5 0 play\n9 4 sessionComplete\n20 4 sessionEnd", ["playing 5-9"]),
        # an ad break during a pause interrupts the paused span
        (
            "0 0 sessionStart\n1 0 play\n5 4 pauseStart\n6 4 adBreakStart\n6 4 adStart\n9 4 adComplete\n9 4 adBreakComplete\n12 4 ping",
            ["playing 1-5", "paused 5-6", "break 6-9", "ad 6-9", "paused 9-12"],
        ),
        # a pause inside an ad
        (
            "0 0 sessionStart\n1 0 adBreakStart\n1 0 adStart\n5 0 pauseStart\n8 0 play\n9 0 adComplete\n9 0 adBreakComplete\n12 3 ping",
            ["break 1-9", "ad 1-9", "paused 5-8", "playing 9-12"],
        ),
        # an ad without an end is closed by the next one, as in the SDKs
        (
            "0 0 sessionStart\n1 0 adBreakStart\n1 0 adStart media.ad.id=a\n4 0 adStart media.ad.id=b\n6 0 adSkip\n6 0 sessionEnd",
            ["break 1-6", "ad 1-4 a", "ad 4-6 b"],
        ),
        # an ad outside a break does not interrupt the content, as in the reports
        (
            "0 0 sessionStart\n0 0 play\n4 4 adStart media.ad.name=x\n8 4 adComplete\n9 9 ping",
            ["playing 0-9", "ad 4-8 x"],
        ),
        (
            "0 0 sessionStart\n0 0 play\n1 1 stateStart media.state.name=Mute\n3 3 stateEnd media.state.name=mute\n4 4 chapterStart media.chapter.index=2\n6 6 chapterSkip\n7 7 ping",
            ["playing 0-7", "state 1-3 mute", "chapter 4-6 2.0"],
        ),
        ("0 0 sessionStart\n0 0 play\n60 60 ping\n121 121 ping", ["playing 0-121", "silence 60-121"]),
    ],
)
def test_spans(lines: str, expected: list[str]) -> None:
    assert spans(lines) == expected


def test_pause_in_an_ad_is_not_ad_time() -> None:
    lines = (
        "0 0 sessionStart\n1 0 adBreakStart\n1 0 adStart\n5 0 pauseStart\n8 0 play\n9 0 adComplete\n9 0 adBreakComplete"
    )
    found = session(lines).summary
    assert (found.ads_s, found.paused_s, found.playing_s) == (5, 3, 0)
    assert found.content_started  # the content continues after the break, because play was sent


def test_ad_outside_a_break_counts_as_content() -> None:
    found = session("0 0 sessionStart\n0 0 play\n4 4 adStart\n8 4 adComplete\n9 9 ping").summary
    assert (found.playing_s, found.ads_s, found.ads_started, found.ads_completed) == (9, 0, 0, 0)


def test_session_that_ends_in_preroll_has_no_content_start() -> None:
    found = session("0 0 sessionStart\n0 0 adBreakStart\n0 0 adStart\n5 0 sessionEnd").summary
    assert not found.content_started
    assert (found.ads_started, found.ads_completed, found.completed) == (1, 0, False)


def test_play_before_preroll_is_a_content_start() -> None:
    assert session("0 0 sessionStart\n0 0 play\n0 0 adBreakStart\n0 0 adStart\n5 0 sessionEnd").summary.content_started


def test_skipped_markers_are_reported_as_jumped() -> None:
    found = session(
        "0 0 sessionStart media.length=100\n0 0 play\n12 12 ping\n13 60 ping\n20 67 ping\n30 77 ping"
    ).summary
    assert found.progress == (10, 25, 50, 75)
    assert found.jumped == (25, 50)


def test_marker_watched_after_a_seek_is_not_jumped() -> None:
    seek = "0 0 sessionStart media.length=100\n0 0 play\n5 5 pauseStart\n6 60 play\n"
    assert session(seek).summary.jumped == (10, 25, 50)
    assert session(seek + "7 61 pauseStart\n8 0 play\n20 12 ping").summary.jumped == (25, 50)


@pytest.mark.parametrize(("seconds", "jumped"), [(10, ()), (5, (10,))])
def test_double_speed_is_not_a_jump(seconds: int, jumped: tuple[int, ...]) -> None:
    found = session(f"0 0 sessionStart media.length=100\n0 0 play\n{seconds} 20 ping").summary
    assert (found.progress, found.jumped) == ((10,), jumped)


def test_watched_marker_is_not_jumped_by_a_later_seek() -> None:
    lines = "0 0 sessionStart media.length=100\n0 0 play\n12 12 ping\n13 13 pauseStart\n14 0 play\n15 40 ping"
    assert session(lines).summary.jumped == (25,)


@pytest.mark.parametrize("length", ["0", "-1", "x"])
def test_without_length_no_progress_and_no_audience(length: str) -> None:
    found = session(f"0 0 sessionStart media.length={length}\n0 0 play\n10 10 ping").summary
    assert (found.progress, found.average_minute_audience) == ((), None)


def test_no_progress_before_the_content_starts() -> None:
    found = session("0 0 sessionStart media.length=100\n1 0 adBreakStart\n2 50 adStart\n3 50 sessionEnd").summary
    assert found.progress == ()


def test_average_bitrate_is_weighted_by_time() -> None:
    lines = """
    0 0 sessionStart media.qoe.bitrate=1000 media.qoe.droppedFrames=7
    0 0 play
    30 30 bitrateChange media.qoe.bitrate=4000 media.qoe.droppedFrames=3
    40 40 sessionEnd
    """
    found = session(lines).summary
    assert found.bitrate == (1000 * 30 + 4000 * 10) / 40
    assert found.dropped_frames == 3  # the last value, as documented
    assert found.bitrate_changes == 1


def test_bitrate_of_a_single_event() -> None:
    assert session("0 0 sessionStart media.qoe.bitrate=1000").summary.bitrate == 1000


def test_events_after_ten_minutes_of_silence_are_lost() -> None:
    found = session("0 0 sessionStart\n0 0 play\n10 10 ping\n700 10 play\n710 20 ping")
    assert [f"{mark.kind} {mark.label}".strip() for mark in found.marks] == ["start", "ping", "lost play", "lost ping"]
    assert spans("0 0 sessionStart\n0 0 play\n10 10 ping\n700 10 play\n710 20 ping") == [
        "playing 0-10",
        "silence 10-700",
    ]
    assert (found.summary.lost, found.summary.playing_s, found.summary.lasted_s) == (2, 10, 710)


def test_events_after_thirty_minutes_on_one_playhead_are_lost() -> None:
    pings = "\n".join(f"{10 * n} 5 ping" for n in range(1, 200))
    found = session(f"0 0 sessionStart\n0 0 play\n5 5 pauseStart\n{pings}")
    assert found.summary.paused_s == 1800
    assert found.spans[-1].to_ms == NOW_MS + 1_805_000
    assert found.summary.lost == 19
    assert found.marks[-1].kind == "lost"


def test_refused_event_is_lost() -> None:
    made = calls("0 0 sessionStart\n1 0 play\n9 8 pauseStart\n12 8 ping")
    made[2] = replace(made[2], status=400)
    found = Session("7f3a", made)
    assert [span.kind for span in found.spans] == ["playing"]
    assert (found.summary.pauses, found.summary.lost, found.marks[1].label) == (0, 1, "pauseStart")


def test_events_after_the_end_are_lost() -> None:
    found = session("0 0 sessionStart\n0 0 play\n5 5 sessionEnd\n6 5 ping")
    assert [mark.kind for mark in found.marks] == ["start", "end", "lost"]
    assert found.spans[-1].to_ms == NOW_MS + 5_000


@pytest.mark.parametrize(
    ("lines", "playing"),
    [
        ("0 500 ping\n10 510 ping\n15 515 pauseStart", 15),  # the playhead advances on pings
        ("0 500 ping\n10 500 ping\n15 500 play\n20 505 ping", 5),
        ("0 500 pauseStart\n10 510 ping", 0),
    ],
)
def test_session_without_start(lines: str, playing: float) -> None:
    found = session(lines)
    assert found.summary.playing_s == playing
    assert not found.summary.whole_start
    assert found.summary.progress == ()


def test_resume_flag() -> None:
    request = CapturedRequest(
        1, "sessions", {"eventType": "sessionStart", "params": {"media.resume": True}}, at_ms=NOW_MS
    )
    assert Session("x", [request]).summary.resumed


def test_content_spans_agree_with_the_playback_state() -> None:
    for event_type in catalog.event_types():
        found = session(f"0 0 sessionStart\n0 0 play\n5 5 {event_type}\n9 9 ping\n10 10 ping")
        content = [span.kind for span in found.spans if span.kind in ("playing", "paused", "buffering")]
        assert content[0] == "playing"
        assert found.state.playback == (content[-1] if not found.state.in_break else "playing")


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
_BODIES = _VALUES | st.fixed_dictionaries(
    {},
    optional={
        "eventType": st.sampled_from([*catalog.event_types(), "x"]) | _VALUES,
        "playerTime": st.fixed_dictionaries(
            {}, optional={"ts": st.integers(NOW_MS, NOW_MS + 10**7) | _VALUES, "playhead": st.floats(0, 100) | _VALUES}
        ),
        "params": st.dictionaries(st.sampled_from(["media.length", "media.state.name", "media.ad.name"]), _VALUES),
        "qoeData": st.dictionaries(st.sampled_from(["media.qoe.bitrate", "media.qoe.droppedFrames"]), _VALUES),
    },
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.tuples(_BODIES, st.none() | st.integers(), st.sampled_from([None, 204, 400])), min_size=1, max_size=12)
)
def test_any_bodies_give_consistent_totals(found: list[tuple[Any, int | None, int | None]]) -> None:
    made = Session(
        "x", [CapturedRequest(n, "events", body, at_ms=at, status=status) for n, (body, at, status) in enumerate(found)]
    )
    assert all(span.from_ms <= span.to_ms for span in made.spans)
    total = made.summary
    assert min(total.playing_s, total.ads_s, total.paused_s, total.buffering_s, total.lasted_s) >= 0
    assert total.playing_s + total.ads_s + total.paused_s + total.buffering_s <= total.lasted_s + 1e-6
