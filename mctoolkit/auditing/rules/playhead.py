"""Rules about the playhead: it is within the content, in seconds, and moves only while the content plays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from mctoolkit.auditing.active_session import ActiveSession
from mctoolkit.auditing.session_event import SessionEvent, format_number, format_seconds

__all__ = [
    "TOLERANCE_S",
    "PlayheadState",
    "check_movement",
    "check_range",
    "flag_pending_jump",
    "is_unreliable",
    "on_error",
    "on_playback_change",
]

TOLERANCE_S: Final = 2
_DAY_S: Final = 86_400
_CLOCK_TIME: Final = 10**8
"""A playhead from here on is a clock time."""

_STILL_MS: Final = 20_000
_MAX_SPEED: Final = 2
"""A faster playhead is a jump, unless it continues at the same speed."""

_MIN_SPEED_MS: Final = 4_000
"""Over a shorter time, fast playback and a jump look alike."""

_MIN_STEADY_MOVES: Final = 2
"""This many events in a row with a playhead that moves in real time show that the content plays."""


@dataclass(slots=True)
class PlayheadState:
    """What the playhead rules know of a session.

    Attributes
    ----------
    is_wrong, is_stuck : bool
        Whether a playhead was out of range or in another unit; whether it has stopped although the content plays.
    in_milliseconds, counts_ads : bool
        Whether it is known to count milliseconds, or to move during ads.
    has_error : bool
        Whether error was sent since playback last changed.
    still_ms, still_events : int
        For how long, and in how many events, it has not moved.
    steady_moves : int
        In how many events in a row it moved in real time while the content should not play.
    pending_jump : tuple or None
        Speed, event and previous playhead of what is either a jump or fast playback.
    speed : float or None
        The speed of fast playback.
    content_ran : SessionEvent or None
        The first event that shows that the content played.
    """

    is_wrong: bool = False
    is_stuck: bool = False
    in_milliseconds: bool = False
    counts_ads: bool = False
    has_error: bool = False
    still_ms: int = 0
    still_events: int = 0
    steady_moves: int = 0
    pending_jump: tuple[float, SessionEvent, float] | None = None
    speed: float | None = None
    content_ran: SessionEvent | None = None


def is_unreliable(session: ActiveSession) -> bool:
    """Return whether the playhead is known to be wrong, so that nothing can be compared with it."""
    state = session.state(PlayheadState)
    return state.is_wrong or state.is_stuck or state.counts_ads


def on_playback_change(session: ActiveSession) -> None:
    """Note that play, pauseStart or bufferStart was sent."""
    state = session.state(PlayheadState)
    state.has_error = False
    state.steady_moves = 0


def on_error(session: ActiveSession) -> None:
    """Note that error was sent: the playhead may stop or jump until playback changes."""
    session.state(PlayheadState).has_error = True


def check_range(session: ActiveSession, event: SessionEvent, playhead_s: float) -> None:
    """Flag a playhead that is out of range, by the most likely cause."""
    state, length_s = session.state(PlayheadState), session.length_s
    if state.counts_ads and 0 <= playhead_s < _DAY_S:  # it then exceeds the length of the content
        return
    state.is_wrong = True
    session.can_compare_playhead = False
    value = format_number(playhead_s)
    if playhead_s < 0:
        session.flag(event, "playhead-negative", value=value)
    elif playhead_s >= _CLOCK_TIME:
        session.flag(event, "playhead-clock", value=value)
    elif (
        playhead_s >= 1000
        and playhead_s / 1000 <= (length_s or _DAY_S) + TOLERANCE_S
        and _is_too_fast_for_seconds(session, event)
    ):
        _flag_milliseconds(session, event, playhead_s)
    elif session.is_live:
        session.flag(event, "playhead-live", value=value)
    elif length_s is not None:
        session.flag(event, "playhead-beyond", value=value, length=format_number(length_s))


def _flag_milliseconds(session: ActiveSession, event: SessionEvent, playhead_s: float) -> None:
    session.state(PlayheadState).in_milliseconds = True
    session.flag(event, "playhead-milliseconds", value=format_number(playhead_s), meant=format_seconds(playhead_s))


def _is_too_fast_for_seconds(session: ActiveSession, event: SessionEvent) -> bool:
    """Return whether the playhead has moved so far since the start that it must count milliseconds."""
    if session.state(PlayheadState).in_milliseconds:
        return True
    passed_ms = event.ts_ms - session.started_ts_ms
    moved = (event.playhead_s or 0) - (session.machine.first_playhead_s or 0)
    return moved > passed_ms / 20 if passed_ms > 0 else moved > 0


def check_movement(session: ActiveSession, state: PlayheadState, event: SessionEvent, playhead_s: float) -> None:
    """Compare a playhead in the main content with the previous one."""
    before_s = session.playhead_s
    completed = session.machine.completed and session.type == "sessionComplete"
    if not session.can_compare_playhead or before_s is None or completed:
        return
    moved_s = playhead_s - before_s
    if event.playback == "playing" and not moved_s:
        _check_still(session, state, event, playhead_s)
        return
    if moved_s:
        state.still_ms = state.still_events = 0
        state.is_stuck = False
    if event.playback == "playing":
        max_s = _MAX_SPEED * event.max_elapsed_ms / 1000 + TOLERANCE_S
        if moved_s > max_s or moved_s < -TOLERANCE_S:
            _check_jump(session, state, event, before_s, playhead_s)
        elif state.pending_jump is not None and event.max_elapsed_ms >= _MIN_SPEED_MS:
            flag_pending_jump(session)
    elif event.type == "ping":
        _check_steady_move(session, state, event, moved_s)


def _check_steady_move(session: ActiveSession, state: PlayheadState, event: SessionEvent, moved_s: float) -> None:
    """Look for a playhead that moves in real time although the player has not sent play."""
    in_real_time = moved_s * 2000 >= event.min_elapsed_ms and moved_s * 500 <= event.max_elapsed_ms
    if moved_s <= TOLERANCE_S or not in_real_time:
        state.steady_moves = 0
        return
    state.steady_moves += 1
    if state.steady_moves < _MIN_STEADY_MOVES:
        return
    if event.playback == "starting":
        state.content_ran = state.content_ran or event
    elif not session.is_live:  # a live playhead is the time of day, which never stops
        session.flag(event, "play-missing", state=event.playback)


def _check_still(session: ActiveSession, state: PlayheadState, event: SessionEvent, playhead_s: float) -> None:
    if event.type == "error" or state.has_error:
        return
    state.still_ms += event.min_elapsed_ms
    state.still_events += 1
    if state.still_ms >= _STILL_MS and state.still_events > 1 and not session.machine.completed:
        state.is_stuck = True
        session.flag(event, "playhead-still", value=format_number(playhead_s), still=format_seconds(state.still_ms))


def _check_jump(
    session: ActiveSession, state: PlayheadState, event: SessionEvent, before_s: float, playhead_s: float
) -> None:
    if state.has_error or state.is_wrong or not event.max_elapsed_ms:
        return
    if session.is_live and before_s - playhead_s > _DAY_S - 3600:  # past midnight
        return
    moved_s = playhead_s - before_s
    speed = moved_s * 1000 / event.max_elapsed_ms
    if 500 <= speed <= 1500 and moved_s >= 1000:
        state.is_wrong = True
        _flag_milliseconds(session, event, playhead_s)
    elif not _MAX_SPEED < speed <= 2 * _MAX_SPEED:
        _flag_jump(session, event, before_s)
    elif not _is_similar(speed, state.speed):
        pending, state.pending_jump = state.pending_jump, None
        if pending is not None and _is_similar(speed, pending[0]):
            state.speed = speed
            return
        if pending is not None:
            _flag_jump(session, pending[1], pending[2])
        state.pending_jump = (speed, event, before_s)


def _is_similar(speed: float, other: float | None) -> bool:
    return other is not None and abs(speed - other) <= other / 4


def flag_pending_jump(session: ActiveSession) -> None:
    """Flag the movement that was either a jump or fast playback: the content did not continue as fast."""
    state = session.state(PlayheadState)
    if state.pending_jump is not None:
        (_, event, before_s), state.pending_jump = state.pending_jump, None
        _flag_jump(session, event, before_s)


def _flag_jump(session: ActiveSession, event: SessionEvent, before_s: float) -> None:
    session.flag(
        event,
        "playhead-jumps",
        before=format_number(before_s),
        value=format_number(event.playhead_s or 0),
        elapsed=format_seconds(event.max_elapsed_ms),
    )
