"""The machine of a session: nesting, states, time-outs, and that nothing makes it raise."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mctoolkit.models.session import Closing, SessionState

MINUTE = 60_000
START = {"eventType": "sessionStart", "playerTime": {"playhead": 0, "ts": 0}}


def _event(event_type: str, playhead: float = 0, **params: Any) -> dict[str, Any]:
    return {"eventType": event_type, "playerTime": {"playhead": playhead, "ts": 0}, "params": params}


def _state(name: str, on: bool) -> dict[str, Any]:
    params: dict[str, Any] = {"media.state.name": name}
    return _event("stateStart" if on else "stateEnd", **params)


def _slips(*types: str, playhead: float = 0) -> list[str]:
    """Play events a second apart and return every rule that they break, in order."""
    state = SessionState(0, START)
    found: list[str] = []
    for number, event_type in enumerate(types, 1):
        found += state.take(_event(event_type, playhead), number * 1_000)
    return found


@pytest.mark.parametrize(
    ("types", "expected"),
    [
        ("adBreakStart adStart adComplete adStart adSkip adBreakComplete play sessionComplete sessionEnd", []),
        ("play pauseStart play bufferStart play sessionEnd", []),
        ("adBreakStart adStart play adComplete adBreakComplete", []),  # as Adobe's SDKs do
        ("bufferStart adBreakStart adStart", []),
        ("adStart", ["ad-outside-break"]),
        ("adBreakStart adBreakComplete adStart", ["ad-outside-break"]),
        ("adBreakStart adStart adStart", ["ad-not-closed"]),
        ("adBreakStart adStart adBreakComplete", ["ad-not-closed"]),
        ("adBreakStart adStart adBreakStart", ["break-not-closed", "ad-not-closed"]),
        ("adBreakStart adBreakStart", ["break-not-closed"]),
        ("adBreakComplete", ["break-end-without-start"]),
        ("adBreakStart adComplete", ["ad-end-without-start"]),
        ("adSkip", ["ad-end-without-start"]),
        ("adBreakStart play", ["playback-between-ads"]),
        ("adBreakStart adStart adComplete pauseStart", ["playback-between-ads"]),
        ("adBreakStart bufferStart", ["playback-between-ads"]),
        ("play adBreakStart", ["play-before-preroll"]),
        ("bufferStart pauseStart", ["pause-while-buffering"]),
        ("chapterStart chapterComplete chapterStart chapterSkip", []),
        ("chapterStart chapterStart", ["chapter-not-closed"]),
        ("chapterComplete", ["chapter-end-without-start"]),
        ("sessionComplete sessionEnd", []),
        ("sessionComplete ping", ["after-complete"]),
        ("sessionComplete sessionComplete", ["completed-twice"]),
        ("sessionEnd play", ["after-close"]),
        ("adBreakStart adStart sessionEnd", ["ad-open-at-end"]),
        ("adBreakStart sessionComplete", ["break-open-at-end"]),
        ("chapterStart sessionComplete sessionEnd", ["chapter-open-at-end"]),
        ("adBreakStart adStart sessionComplete sessionEnd", ["ad-open-at-end"]),
        ("unheardOf ping error bitrateChange", []),
    ],
)
def test_what_is_out_of_order(types: str, expected: list[str]) -> None:
    assert _slips(*types.split()) == expected


def test_a_break_later_on_is_no_preroll() -> None:
    state = SessionState(0, START)
    state.take(_event("play"), 1_000)
    assert state.take(_event("adBreakStart", 30), 31_000) == ()


def test_a_second_break_at_the_start_is_no_preroll() -> None:
    assert _slips("adBreakStart", "adBreakComplete", "play", "adBreakStart") == []


def test_a_resumed_session_has_its_preroll_where_it_goes_on() -> None:
    state = SessionState(0, {**START, "playerTime": {"playhead": 900.5, "ts": 0}})
    state.take(_event("play", 900.5), 1_000)
    assert state.take(_event("adBreakStart", 900.9), 1_300) == ("play-before-preroll",)


def test_ads_leave_the_playback_as_it_is() -> None:
    state = SessionState(0, START)
    for event_type in ("adBreakStart", "adStart", "adComplete", "adBreakComplete"):
        state.take(_event(event_type), 1_000)
    seen = [state.playback]
    state.take(_event("bufferStart"), 2_000)
    seen.append(state.playback)
    assert seen == ["starting", "buffering"]
    state.take(_event("ping"), 3_000)
    assert (state.playback, state.events) == ("buffering", 7)


@pytest.mark.parametrize(("after_ms", "closed"), [(10 * MINUTE - 1, None), (10 * MINUTE, Closing("idle", 10 * MINUTE))])
def test_ten_silent_minutes_close(after_ms: int, closed: Closing | None) -> None:
    state = SessionState(0, START)
    assert state.closing(after_ms) == closed
    assert state.take(_event("ping"), after_ms) == (("after-close",) if closed else ())


def test_an_event_begins_the_silence_anew() -> None:
    state = SessionState(0, START)
    state.take(_event("ping", 5), 9 * MINUTE)
    assert state.closing(18 * MINUTE) is None
    assert state.closing(40 * MINUTE) == Closing("idle", 19 * MINUTE)


@pytest.mark.parametrize(("moving", "closed"), [(True, None), (False, Closing("playhead", 30 * MINUTE))])
def test_thirty_minutes_on_one_playhead_close(moving: bool, closed: Closing | None) -> None:
    state = SessionState(0, START)
    for minute in range(5, 30, 5):
        assert state.take(_event("ping", minute if moving else 0), minute * MINUTE) == ()
    assert state.closing(30 * MINUTE) == closed


def test_an_end_stays_the_end() -> None:
    state = SessionState(0, START)
    state.take(_event("sessionEnd"), 5_000)
    assert state.take(_event("sessionEnd"), 6_000) == ("after-close",)
    assert state.closing(60 * MINUTE) == Closing("end", 5_000)
    assert state.events == 2


def test_an_event_that_arrives_with_an_earlier_time_does_not_age_the_session() -> None:
    state = SessionState(0, START)
    state.take(_event("ping", 9), 5 * MINUTE)
    state.take(_event("ping", 8), 4 * MINUTE)
    assert state.closing(15 * MINUTE - 1) is None
    assert state.last_ms == 5 * MINUTE


def test_the_eleventh_state_is_dropped_and_an_old_one_is_not() -> None:
    state = SessionState(0, START)
    for number in range(10):
        assert state.take(_state(f"custom{number}", True), 1_000) == ()
    assert state.take(_state("mute", True), 1_000) == ("too-many-states",)
    assert state.take(_state("custom3", False), 1_000) == ()
    assert state.take(_state("CUSTOM3", True), 1_000) == ()
    assert state.states is not None
    assert len(state.states) == 10


def test_states_begin_and_end_in_turn() -> None:
    state = SessionState(0, START)
    assert state.take(_state("fullScreen", True), 1_000) == ()
    assert state.take(_state("fullscreen", True), 1_000) == ("state-started-twice",)
    assert state.take(_state("mute", False), 1_000) == ("state-end-without-start",)
    update = _event(
        "statesUpdate", statesStart=[{"media.state.name": "mute"}], statesEnd=[{"media.state.name": "FULLSCREEN"}]
    )
    assert state.take(update, 1_000) == ()
    assert state.states == {"fullscreen": False, "mute": True}


_anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["playhead", "media.state.name", "statesStart", "x"]), inner, max_size=3)
    ),
    max_leaves=6,
)
_types = st.sampled_from(
    [
        "play",
        "ping",
        "pauseStart",
        "bufferStart",
        "adBreakStart",
        "adStart",
        "adComplete",
        "adSkip",
        "adBreakComplete",
        "chapterStart",
        "chapterComplete",
        "stateStart",
        "stateEnd",
        "statesUpdate",
        "sessionComplete",
        "sessionEnd",
        "error",
    ]
)


@given(
    st.lists(
        st.fixed_dictionaries(
            {}, optional={"eventType": _types | _anything, "playerTime": _anything, "params": _anything}
        )
    )
)
def test_no_body_makes_it_raise(bodies: list[dict[str, Any]]) -> None:
    state = SessionState(0, bodies[0] if bodies else {})
    for body in bodies:
        assert all(isinstance(slip, str) for slip in state.take(body, 1_000))
    assert 1 <= state.events <= len(bodies) + 1


@given(st.lists(st.tuples(_types, st.integers(0, 12 * MINUTE), st.sampled_from([0, 1, 2]))))
def test_the_closing_agrees_with_a_plain_count(steps: list[tuple[str, int, float]]) -> None:
    """An independent count of the two time-outs, over any order of events on any clock."""
    state, now_ms = SessionState(0, START), 0
    heard: list[tuple[int, float]] = [(0, 0)]
    ended: int | None = None
    for event_type, pause_ms, playhead in steps:
        now_ms += pause_ms
        idle = now_ms - heard[-1][0] >= 10 * MINUTE
        first_of_run = heard[-1][0]
        for at, value in reversed(heard):
            if value != heard[-1][1]:
                break
            first_of_run = at
        still = now_ms - first_of_run >= 30 * MINUTE
        closed = ended is not None or idle or still
        assert (state.closing(now_ms) is not None) == closed
        slips = state.take(_event(event_type, playhead), now_ms)
        assert ("after-close" in slips) == closed
        if closed:
            return
        heard.append((now_ms, playhead))
        if event_type == "sessionEnd":
            ended = now_ms
