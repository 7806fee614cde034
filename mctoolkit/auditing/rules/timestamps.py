"""Time: the order of time stamps, clocks that jump, and what comes after a session is closed."""

from __future__ import annotations

from mctoolkit.auditing.active_session import ActiveSession
from mctoolkit.auditing.session_event import SessionEvent, seconds, shown
from mctoolkit.models.finding import MOST_ENTRIES
from mctoolkit.models.session import Closing

__all__ = ["after_closing", "arrival", "length", "order"]

_LATE_MS = 1000
"""Out of order by so much, and the back end may not sort it any more; Adobe's JS SDK posts in parallel."""

_CLOCK_MS = 60_000


def arrival(watched: ActiveSession, step: SessionEvent) -> None:
    """Look at an event that arrives with an earlier time stamp than one before it."""
    late_ms, early_ms = watched.top_ts_ms - step.ts_ms, watched.start_ms - step.ts_ms
    if watched.whole and early_ms > _LATE_MS:
        watched.note(step, "before-start", event=shown(step.kind), early=seconds(early_ms))
    elif _comes_too_late(watched, step, late_ms):
        watched.note(step, "ts-falling", event=shown(step.kind), late=seconds(late_ms))


def _comes_too_late(watched: ActiveSession, step: SessionEvent, late_ms: int) -> bool:
    """Tell whether the back end may not sort an event any more.

    Events that waited for the session id go out together, in parallel, and arrive within milliseconds.
    """
    behind_ms = step.at_ms - watched.top_at_ms
    if step.ts_ms <= watched.opened_ms:
        return behind_ms > _LATE_MS
    return late_ms > _LATE_MS or (behind_ms > _LATE_MS and not watched.downloaded)


def order(watched: ActiveSession, step: SessionEvent, grown_ms: int, passed_ms: int) -> None:
    """Look at an event beside the one before it by time stamp."""
    if grown_ms == 0:
        same = step.kind == watched.kind and step.playhead_s == watched.playhead_s
        if same and watched.record.cause("ts-equal") is None:
            watched.note(step, "sent-twice", event=shown(step.kind))
        else:
            _equal(watched, step)
    elif grown_ms - passed_ms > _CLOCK_MS:
        watched.note(step, "clock-jumps", ts=seconds(grown_ms), passed=seconds(max(0, passed_ms)))


def _equal(watched: ActiveSession, step: SessionEvent) -> None:
    """Note an equal time stamp; events alike before it were not sent twice, but have one as well."""
    twice = watched.record.cause("sent-twice")
    watched.note(step, "ts-equal", event=shown(step.kind), previous=shown(watched.kind or step.kind))
    equal = watched.record.cause("ts-equal")
    if twice is not None and equal is not None and equal.count == 1:
        watched.record.drop("sent-twice")
        equal.numbers = (*twice.numbers, *equal.numbers)[:MOST_ENTRIES]
        equal.count += twice.count
        equal.at_ms = twice.at_ms


def length(watched: ActiveSession, step: SessionEvent) -> None:
    """Say once that a session is longer than a day."""
    if watched.record.cause("longer-than-day") is None:
        watched.note(step, "longer-than-day")


def after_closing(closing: Closing, kind: str) -> str | None:
    """Return the rule that an event breaks by coming to a session that is closed; None for a second sessionEnd."""
    if closing.why == "end":
        return None if kind == "sessionEnd" else "ping-after-end" if kind == "ping" else "after-close"
    return "idle-timeout" if closing.why == "idle" else "playhead-timeout"
