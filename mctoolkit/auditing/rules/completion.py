"""Rules about the end: sessionComplete at the end of the content and once, sessionEnd when the viewer leaves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from mctoolkit.auditing.active_session import ActiveSession
from mctoolkit.auditing.rules import playhead
from mctoolkit.auditing.session_event import SessionEvent, format_number

__all__ = ["CompletionState", "check_complete", "check_session"]

_TOLERANCE_S: Final = 2
_MIN_PINGED_MS: Final = 30_000
"""A session of this length must have pings."""

_MIN_PART: Final = 0.7
"""A timeline of the documentation completes at 75 % of its length (C-36), so credits can be this long."""


@dataclass(slots=True)
class CompletionState:
    """What the completion rules know of a session.

    Attributes
    ----------
    completed_s : float or None
        The playhead of the first sessionComplete.
    is_replayed : bool
        Whether the content was played again after it.
    """

    completed_s: float | None = None
    is_replayed: bool = False


def check_complete(session: ActiveSession, event: SessionEvent) -> None:
    """Check the first sessionComplete."""
    state = session.state(CompletionState)
    at_s, length_s = event.playhead_s, session.length_s
    if state.completed_s is not None:
        return
    state.completed_s = at_s
    first_s = session.machine.first_playhead_s
    if at_s is not None and first_s is not None and at_s - first_s > _TOLERANCE_S:
        head = session.state(playhead.PlayheadState)
        head.content_ran = head.content_ran or event
    if at_s is None or length_s is None or session.is_live or playhead.is_unreliable(session):
        return
    if 0 <= at_s < length_s * _MIN_PART:
        session.flag(event, "complete-early", value=format_number(at_s), length=format_number(length_s))


def check_session(session: ActiveSession, clock_ms: int) -> None:
    """Check a session as a whole, when it is closed or the capture ends.

    Parameters
    ----------
    session : ActiveSession
        The session.
    clock_ms : int
        The time at which the capture ends, in milliseconds since 1970.
    """
    report = session.report
    closing = session.machine.closing(0 if session.is_downloaded else clock_ms)
    if closing is not None:
        report.why_closed = closing.why
    if session.is_complete and not session.pings and session.has_played:
        _check_pings(session)
    content_ran = session.state(playhead.PlayheadState).content_ran
    if content_ran is not None and not session.has_played:
        session.flag(content_ran, "no-play")
    if closing is None:  # the player is not at fault if the capture ends early
        return
    completed = session.machine.completed
    if closing.why != "end" and not completed:
        report.flag("no-end", session.number, session.at_ms)
    at_s, length_s = session.playhead_s, session.length_s
    if completed or not session.is_complete or not session.has_played or at_s is None or length_s is None:
        return
    if at_s >= length_s - _TOLERANCE_S and not session.is_live and not playhead.is_unreliable(session):
        values = {"value": format_number(at_s), "length": format_number(length_s)}
        report.flag("complete-missing", session.number, session.at_ms, **values)


def _check_pings(session: ActiveSession) -> None:
    """Flag a session without pings."""
    report = session.report
    rare = report.find("pings-rare")
    if rare is not None:
        report.flag_entries_of(rare, "no-pings").response = None  # it is not about the response to one event
    elif session.ts_ms - session.started_ts_ms >= _MIN_PINGED_MS:
        report.flag("no-pings", session.number, session.at_ms)
