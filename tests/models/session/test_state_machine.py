"""SessionState: nesting, player states, timeouts, and arbitrary bodies."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mctoolkit.models.session import Closing, SessionState

MINUTE = 60_000
START = {"eventType": "sessionStart", "playerTime": {"playhead": 0, "ts": 0}}


def _event(event_type: str, playhead: float = 0, **params: Any) -> dict[str, Any]:
    return {"eventType": event_type, "playerTime": {"playhead": playhead, "ts": 0}, "params": params}


def _state(name: str, on: bool) -> dict[str, Any]:
    params: dict[str, Any] = {"media.state.name": name}
    return _event("stateStart" if on else "stateEnd", **params)


def _violations(*types: str, playhead: float = 0) -> list[str]:
    """Apply events one second apart and return the violated rules, in order."""
    state = SessionState(0, START)
    found: list[str] = []
    for number, event_type in enumerate(types, 1):
        found += state.apply(_event(event_type, playhead), number * 1_000)
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
        ("unknownType ping error bitrateChange", []),
    ],
)
def test_apply_returns_violated_rules(types: str, expected: list[str]) -> None:
    assert _violations(*types.split()) == expected


def test_later_break_is_not_a_preroll() -> None:
    state = SessionState(0, START)
    state.apply(_event("play"), 1_000)
    assert state.apply(_event("adBreakStart", 30), 31_000) == ()


def test_second_break_at_start_is_not_a_preroll() -> None:
    assert _violations("adBreakStart", "adBreakComplete", "play", "adBreakStart") == []


def test_resumed_session_has_preroll_at_its_first_playhead() -> None:
    state = SessionState(0, {**START, "playerTime": {"playhead": 900.5, "ts": 0}})
    state.apply(_event("play", 900.5), 1_000)
    assert state.apply(_event("adBreakStart", 900.9), 1_300) == ("play-before-preroll",)


def test_ads_do_not_change_playback() -> None:
    state = SessionState(0, START)
    for event_type in ("adBreakStart", "adStart", "adComplete", "adBreakComplete"):
        state.apply(_event(event_type), 1_000)
    seen = [state.playback]
    state.apply(_event("bufferStart"), 2_000)
    seen.append(state.playback)
    assert seen == ["starting", "buffering"]
    state.apply(_event("ping"), 3_000)
    assert (state.playback, state.events) == ("buffering", 7)


@pytest.mark.parametrize(("after_ms", "closed"), [(10 * MINUTE - 1, None), (10 * MINUTE, Closing("idle", 10 * MINUTE))])
def test_ten_minutes_without_events_close_the_session(after_ms: int, closed: Closing | None) -> None:
    state = SessionState(0, START)
    assert state.closing(after_ms) == closed
    assert state.apply(_event("ping"), after_ms) == (("after-close",) if closed else ())


def test_event_restarts_the_idle_timeout() -> None:
    state = SessionState(0, START)
    state.apply(_event("ping", 5), 9 * MINUTE)
    assert state.closing(18 * MINUTE) is None
    assert state.closing(40 * MINUTE) == Closing("idle", 19 * MINUTE)


@pytest.mark.parametrize(("moving", "closed"), [(True, None), (False, Closing("playhead", 30 * MINUTE))])
def test_thirty_minutes_on_one_playhead_close_the_session(moving: bool, closed: Closing | None) -> None:
    state = SessionState(0, START)
    for minute in range(5, 30, 5):
        assert state.apply(_event("ping", minute if moving else 0), minute * MINUTE) == ()
    assert state.closing(30 * MINUTE) == closed


def test_session_end_closes_once() -> None:
    state = SessionState(0, START)
    state.apply(_event("sessionEnd"), 5_000)
    assert state.apply(_event("sessionEnd"), 6_000) == ("after-close",)
    assert state.closing(60 * MINUTE) == Closing("end", 5_000)
    assert state.events == 2


def test_event_with_an_earlier_time_keeps_last_ms() -> None:
    state = SessionState(0, START)
    state.apply(_event("ping", 9), 5 * MINUTE)
    state.apply(_event("ping", 8), 4 * MINUTE)
    assert state.closing(15 * MINUTE - 1) is None
    assert state.last_ms == 5 * MINUTE


def test_eleventh_state_is_dropped() -> None:
    state = SessionState(0, START)
    for number in range(10):
        assert state.apply(_state(f"custom{number}", True), 1_000) == ()
    assert state.apply(_state("mute", True), 1_000) == ("too-many-states",)
    assert state.apply(_state("custom3", False), 1_000) == ()
    assert state.apply(_state("CUSTOM3", True), 1_000) == ()
    assert state.states is not None
    assert len(state.states) == 10


def test_states_start_and_end() -> None:
    state = SessionState(0, START)
    assert state.apply(_state("fullScreen", True), 1_000) == ()
    assert state.apply(_state("fullscreen", True), 1_000) == ("state-started-twice",)
    assert state.apply(_state("mute", False), 1_000) == ("state-end-without-start",)
    update = _event(
        "statesUpdate", statesStart=[{"media.state.name": "mute"}], statesEnd=[{"media.state.name": "FULLSCREEN"}]
    )
    assert state.apply(update, 1_000) == ()
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


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.fixed_dictionaries(
            {}, optional={"eventType": _types | _anything, "playerTime": _anything, "params": _anything}
        )
    )
)
def test_apply_accepts_any_body(bodies: list[dict[str, Any]]) -> None:
    state = SessionState(0, bodies[0] if bodies else {})
    for body in bodies:
        assert all(isinstance(rule, str) for rule in state.apply(body, 1_000))
    assert 1 <= state.events <= len(bodies) + 1


@given(st.lists(st.tuples(_types, st.integers(0, 12 * MINUTE), st.sampled_from([0, 1, 2]))))
def test_closing_agrees_with_an_independent_count(steps: list[tuple[str, int, float]]) -> None:
    state, now_ms = SessionState(0, START), 0
    applied: list[tuple[int, float]] = [(0, 0)]
    ended: int | None = None
    for event_type, pause_ms, playhead in steps:
        now_ms += pause_ms
        idle = now_ms - applied[-1][0] >= 10 * MINUTE
        unchanged_since = applied[-1][0]
        for at, value in reversed(applied):
            if value != applied[-1][1]:
                break
            unchanged_since = at
        unchanged = now_ms - unchanged_since >= 30 * MINUTE
        closed = ended is not None or idle or unchanged
        assert (state.closing(now_ms) is not None) == closed
        violations = state.apply(_event(event_type, playhead), now_ms)
        assert ("after-close" in violations) == closed
        if closed:
            return
        applied.append((now_ms, playhead))
        if event_type == "sessionEnd":
            ended = now_ms
