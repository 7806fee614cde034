"""Rules about time: the order of time stamps, clocks that jump, and events after a session is closed."""

from __future__ import annotations

from typing import Final

from mctoolkit.auditing.active_session import ActiveSession
from mctoolkit.auditing.session_event import SessionEvent, format_seconds, printable
from mctoolkit.auditing.session_report import SessionReport
from mctoolkit.models.session import Closing

__all__ = ["check_arrival", "check_order", "flag_after_closing", "flag_duration"]

_LATE_MS: Final = 1000
"""The back end may not sort events that are later than this; Adobe's JS SDK sends events in parallel."""

_CLOCK_JUMP_MS: Final = 60_000


def check_arrival(session: ActiveSession, event: SessionEvent) -> None:
    """Check an event that arrives with a smaller time stamp than an event before it."""
    late_ms, early_ms = session.window.latest_ts_ms - event.ts_ms, session.started_ts_ms - event.ts_ms
    if session.is_complete and early_ms > _LATE_MS:
        session.flag(event, "before-start", event=printable(event.type), early=format_seconds(early_ms))
    elif _is_too_late(session, event, late_ms):
        session.flag(event, "ts-falling", event=printable(event.type), late=format_seconds(late_ms))


def _is_too_late(session: ActiveSession, event: SessionEvent, late_ms: int) -> bool:
    """Return whether the back end may not sort an event any more.

    Events that waited for the session id are sent in parallel, and arrive within milliseconds.
    """
    behind_ms = event.at_ms - session.window.latest_at_ms
    if event.ts_ms <= session.session_id_at_ms:
        return behind_ms > _LATE_MS
    return late_ms > _LATE_MS or (behind_ms > _LATE_MS and not session.is_downloaded)


def check_order(session: ActiveSession, event: SessionEvent, grown_ms: int, passed_ms: int) -> None:
    """Compare the time stamp of an event with the one before it.

    Parameters
    ----------
    grown_ms, passed_ms : int
        The time between the two, by their time stamps and by when they were sent.
    """
    if grown_ms == 0 and event.type == session.type and event.playhead_s == session.playhead_s:
        session.flag(event, "sent-twice", event=printable(event.type))
    elif grown_ms == 0:
        previous = printable(session.type or event.type)
        session.flag(event, "ts-equal", event=printable(event.type), previous=previous)
    elif grown_ms - passed_ms > _CLOCK_JUMP_MS:
        passed = format_seconds(max(0, passed_ms))
        session.flag(event, "clock-jumps", ts=format_seconds(grown_ms), passed=passed)


def flag_duration(session: ActiveSession, event: SessionEvent) -> None:
    """Flag the first event that is more than a day after the start."""
    if session.report.find("longer-than-day") is None:
        session.flag(event, "longer-than-day")


def flag_after_closing(report: SessionReport, event: SessionEvent, closing: Closing | None) -> None:
    """Flag an event that was sent to a closed session; a second sessionEnd is allowed."""
    if closing is None or (closing.why == "end" and event.type == "sessionEnd"):
        return
    if closing.why == "end":
        rule = "ping-after-end" if event.type == "ping" else "after-close"
    else:
        rule = "idle-timeout" if closing.why == "idle" else "playhead-timeout"
    report.flag(rule, event.number, event.at_ms, event.response, event=printable(event.type))
