"""Actions of a viewer on playback, player states and the session.

Each function changes an :class:`~mctoolkit.simulation.engine.Engine` and returns the events that follow. ``overrides``
change the event of the action; see :data:`mctoolkit.simulation.action_values.EVENT_OVERRIDES`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from mctoolkit._core.errors import UsageError
from mctoolkit._core.messages import Message
from mctoolkit._core.messages import gettext as _
from mctoolkit.models.session.state_machine import MOST_STATES
from mctoolkit.simulation.engine import Engine, PlannedEvent, to_seconds

__all__ = [
    "bitrate",
    "buffer",
    "complete",
    "continue_session",
    "end",
    "error",
    "pause",
    "play",
    "require_open",
    "seek",
    "send",
    "sleep",
    "start",
    "start_playing",
    "state",
    "wait",
]

_BUFFERING = Message("The player is buffering. Play ends that; a pause is not reported meanwhile.")
_NOT_OPEN = {
    "new": Message("No session has been started. Start one first."),
    "ended": Message("The session has ended. Start a new one to continue."),
    "expired": Message("The session expired after 30 minutes without progress. Play starts a new one."),
    "lost": Message("The session no longer exists on the server. Start a new one to continue."),
    "complete": Message("The content has been played to its end. End the session, or start a new one."),
}


def require_open(engine: Engine) -> None:
    """Raise a :class:`UsageError` unless the session is open and its content has not ended."""
    if not engine.is_open or engine.mode == "complete":
        raise UsageError(str(_NOT_OPEN[engine.mode]))


def start(engine: Engine, *, resume: bool = False, **overrides: Any) -> list[PlannedEvent]:
    """Start a session; ``resume`` continues an earlier one with ``media.resume``."""
    if engine.is_open and engine.mode != "complete":
        raise UsageError(_("A session is already running. End it before you start another."))
    if not resume:
        engine.playhead_ms = engine.first_playhead_ms
        engine.break_count = engine.chapter_count = 0
    if "playhead" in overrides:
        engine.playhead_ms = round(overrides["playhead"] * 1000)
    engine.ad_break = engine.ad = engine.chapter = None
    engine.state_flags = {}
    return _begin_session(engine, resume=resume, overrides=overrides)


def continue_session(engine: Engine, overrides: Mapping[str, Any]) -> list[PlannedEvent]:
    """Start a new session with ``media.resume`` where the last one was lost, and report again what is still open."""
    events = _begin_session(engine, resume=True, overrides={})
    if engine.chapter is not None:
        events += engine.emit("chapterStart", engine.chapter.params)
    if engine.ad_break is not None:
        events += engine.emit("adBreakStart", engine.ad_break)
    if engine.ad is not None:
        events += engine.emit("adStart", engine.ad.params)
    states, engine.state_flags = engine.states, {}
    for name in states:
        events += state(engine, name)
    before = engine.mode_before_loss
    if before in ("playing", "stalled") and engine.ad_break is None:
        events += start_playing(engine, overrides)
    elif before in ("paused", "buffering"):
        engine.mode = before
        events += engine.emit("pauseStart" if before == "paused" else "bufferStart")
    engine.schedule_ping()
    return events


def play(engine: Engine, **overrides: Any) -> list[PlannedEvent]:
    """Play: for the first time, or after a pause, buffering, an error or an ad break."""
    if engine.mode == "expired":
        engine.mode_before_loss = "playing"
        return continue_session(engine, overrides)
    require_open(engine)
    if engine.ad is not None and engine.mode not in ("paused", "buffering"):
        raise UsageError(_("An ad is running and ends by itself. To play now, skip it first."))
    return _close_finished_break(engine) + start_playing(engine, overrides)


def pause(engine: Engine, **overrides: Any) -> list[PlannedEvent]:
    """Pause."""
    if engine.mode == "paused":
        raise UsageError(_("The content is already paused. Play ends the pause."))
    return _stop(engine, "paused", "pauseStart", overrides)


def buffer(engine: Engine, **overrides: Any) -> list[PlannedEvent]:
    """Wait for data until ``play``."""
    return _stop(engine, "buffering", "bufferStart", overrides)


def seek(engine: Engine, to: float, **overrides: Any) -> list[PlannedEvent]:
    """Move the playhead, in seconds. The API has no event for it: the player sends a pause and a play, if playing."""
    if engine.ad_break is not None:
        raise UsageError(_("A viewer cannot seek during an ad break. Play closes it once its ads are over."))
    to_ms = round(to * 1000)
    if engine.length_ms is not None and to_ms > engine.length_ms:
        raise UsageError(
            _("{to} is beyond the end: the content has {length} seconds.").format(
                to=to_seconds(to_ms), length=to_seconds(engine.length_ms)
            )
        )
    is_playing = engine.mode == "playing"
    events = engine.emit("pauseStart", overrides=overrides) if is_playing else []
    engine.playhead_ms = to_ms
    if engine.chapter is not None and not engine.chapter.from_ms <= to_ms < engine.chapter.to_ms:
        engine.chapter = None
        events += engine.emit("chapterSkip")
    return events + (start_playing(engine) if is_playing else [])


def state(engine: Engine, name: str, *, on: bool = True, **overrides: Any) -> list[PlannedEvent]:
    """Turn a player state on or off, such as ``"fullScreen"``."""
    flags = engine.state_flags
    known = next((each for each in flags if each.lower() == name.lower()), name)
    if flags.get(known, False) is on:
        already_on = _("{name} is already on. Turn it off first.")
        not_on = _("{name} is not on, so it cannot be turned off.")
        raise UsageError((already_on if on else not_on).format(name=name))
    if known not in flags and len(flags) >= MOST_STATES:
        raise UsageError(
            _("{name} is one state too many. A session counts only {most} different player states.").format(
                name=name, most=MOST_STATES
            )
        )
    flags[known] = on
    return engine.emit("stateStart" if on else "stateEnd", {"media.state.name": known}, overrides=overrides)


def bitrate(engine: Engine, bits: int, **overrides: Any) -> list[PlannedEvent]:
    """Change the bitrate, in bits per second."""
    return engine.emit("bitrateChange", qoe={"media.qoe.bitrate": bits}, overrides=overrides)


def error(
    engine: Engine,
    *,
    id: str = "player-error",  # noqa: A002  the name in a scenario
    source: str = "player",
    stops: bool = False,
    **overrides: Any,
) -> list[PlannedEvent]:
    """Report an error of the player; with ``stops`` the content stops until ``play``."""
    if stops and engine.mode == "playing":
        engine.mode = "stalled"
    return engine.emit("error", qoe={"media.qoe.errorID": id, "media.qoe.errorSource": source}, overrides=overrides)


def complete(engine: Engine, **overrides: Any) -> list[PlannedEvent]:
    """Reach the end of the content. The session stays open."""
    if engine.mode == "complete":
        return []
    require_open(engine)
    return engine.complete(overrides)


def end(engine: Engine, **overrides: Any) -> list[PlannedEvent]:
    """Leave: close what is open, then end the session."""
    if engine.mode in ("expired", "lost"):
        engine.mode = "ended"
        return []
    events: list[PlannedEvent] = []
    if engine.mode != "complete":
        require_open(engine)
        events = engine.close_all()
    engine.mode = "ended"
    events += engine.emit("sessionEnd", overrides=overrides)
    engine.schedule_ping()
    return events


def send(engine: Engine, event: str, **overrides: Any) -> list[PlannedEvent]:
    """Send an event of any type. The state of the player does not change."""
    return engine.emit(event, overrides=overrides)


def sleep(engine: Engine, seconds: float) -> list[PlannedEvent]:
    """Let time pass while the device sleeps: nothing is sent, and playback continues afterwards."""
    elapsed_ms = round(seconds * 1000)
    engine.now_ms += elapsed_ms
    if engine.ping_due_ms is not None:
        engine.ping_due_ms += elapsed_ms
    return []


def wait(engine: Engine, seconds: float = 0) -> Sequence[PlannedEvent]:
    """Let time pass while the player runs; a ping that is due at the very end is included."""
    return engine.move_to(engine.now_ms + round(seconds * 1000))


def start_playing(engine: Engine, overrides: Mapping[str, Any] | None = None) -> list[PlannedEvent]:
    """Send ``play`` and let the content run."""
    engine.mode = "playing"
    events = engine.emit("play", overrides=overrides)
    engine.schedule_ping()
    return events


def _begin_session(engine: Engine, *, resume: bool, overrides: Mapping[str, Any]) -> list[PlannedEvent]:
    engine.sessions += 1
    engine.mode = "starting"
    engine.session_start_ms = engine.progress_ms = engine.now_ms
    engine.reported_playhead_ms = None
    params = {name: value for name, value in engine.start_params.items() if name != "media.resume"}
    if resume and "no-resume" not in engine.defects:
        params["media.resume"] = True
    events = engine.emit("sessionStart", params, overrides=overrides)
    engine.schedule_ping()
    return events


def _stop(
    engine: Engine, mode: Literal["paused", "buffering"], event_type: str, overrides: Mapping[str, Any]
) -> list[PlannedEvent]:
    if engine.mode == "buffering":
        raise UsageError(str(_BUFFERING))
    events = _close_finished_break(engine)
    engine.mode = mode
    events += engine.emit(event_type, overrides=overrides)
    engine.schedule_ping()
    return events


def _close_finished_break(engine: Engine) -> list[PlannedEvent]:
    """Close an ad break without a running ad: players report nothing about the content inside a break."""
    return engine.close_break() if engine.ad is None else []
