"""The end: completed at the end of the programme, once, and told when the viewer leaves."""

from __future__ import annotations

from typing import Final

from mctoolkit.auditing.active_session import ActiveSession
from mctoolkit.auditing.session_event import SessionEvent, plain

__all__ = ["complete", "over"]

_TOLERANCE_S: Final = 2
_LASTS_MS: Final = 30_000
"""A session that lasts so long has pings, whatever else it has."""

_EARLY: Final = 0.7
"""A timeline of the documentation completes at 75 % of its length (C-36), so credits can be as long."""


def complete(watched: ActiveSession, step: SessionEvent) -> None:
    """Look at the first sessionComplete."""
    at_s, length_s = step.playhead_s, watched.length_s
    if watched.completed_s is not None:
        return
    watched.completed_s = at_s
    begun_s = watched.state.first_playhead_s
    if at_s is not None and begun_s is not None and at_s - begun_s > _TOLERANCE_S:
        watched.ran = watched.ran or step
    if at_s is None or length_s is None or watched.live or watched.has_odd_playhead:
        return
    if 0 <= at_s < length_s * _EARLY:
        watched.note(step, "complete-early", value=plain(at_s), length=plain(length_s))


def over(watched: ActiveSession, clock_ms: int) -> None:
    """Look back on a session that goes on no more: the capture shows its end, or has come to its own.

    Parameters
    ----------
    watched : ActiveSession
        The session.
    clock_ms : int
        How far the capture goes, in milliseconds since 1970.
    """
    record = watched.record
    closing = watched.state.closing(0 if watched.downloaded else clock_ms)
    if closing is not None:
        record.why_closed = closing.why
    if watched.whole and not watched.pings and watched.played:
        _without_pings(watched)
    if record.cause("pings-rare"):
        record.drop("pings-stop-in-pause")
    if record.cause("ad-pings-rare"):
        record.drop("ad-pings-slow")
    if watched.ran is not None and not watched.played:
        watched.note(watched.ran, "no-play")
    if closing is None:  # a capture that was cut is no fault of the player
        return
    explained = any(record.cause(rule) for rule in ("idle-timeout", "playhead-timeout", "wrong-path"))
    if closing.why != "end" and not watched.state.completed and not explained:
        record.note("no-end", watched.number, watched.at_ms)
    at_s, length_s = watched.playhead_s, watched.length_s
    if watched.state.completed or at_s is None or length_s is None or watched.live or watched.has_odd_playhead:
        return
    if at_s >= length_s - _TOLERANCE_S and watched.played:
        values = {"value": plain(at_s), "length": plain(length_s)}
        if watched.whole:
            record.note("complete-missing", watched.number, watched.at_ms, None, **values)


def _without_pings(watched: ActiveSession) -> None:
    """Say that there was no ping at all, instead of all that follows from it."""
    record = watched.record
    rare = record.cause("pings-rare")
    if rare is None and watched.ts_ms - watched.start_ms < _LASTS_MS:
        return
    for consequence in ("pings-rare", "pings-stop-in-pause", "ad-pings-rare", "ad-pings-slow"):
        record.drop(consequence)
    for number in rare.numbers if rare else (watched.number,):
        record.note("no-pings", number, rare.at_ms if rare else watched.at_ms)
