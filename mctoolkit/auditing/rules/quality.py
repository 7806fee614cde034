"""Quality: counters that only grow, values that come with their events, numbers that stand for nothing."""

from __future__ import annotations

from typing import Any

from mctoolkit.auditing.active_session import ActiveSession
from mctoolkit.auditing.session_event import SessionEvent, plain

__all__ = ["bitrate", "error", "look"]


def look(watched: ActiveSession, step: SessionEvent, quality: dict[str, Any]) -> None:
    """Look at the ``qoeData`` of any event."""
    for key, value in quality.items():
        if value == -1 and type(value) in (int, float):
            values = {"key_name": key, "value": plain(value)}
            watched.note(step, "number-filler", key=key, place=f'qoeData["{key}"]', **values)
    frames = quality.get("media.qoe.droppedFrames")
    if type(frames) is int and frames >= 0:
        if watched.frames is not None and frames < watched.frames:
            place = 'qoeData["media.qoe.droppedFrames"]'
            watched.note(step, "dropped-frames-fall", place=place, before=watched.frames, value=frames)
        watched.frames = frames
    needed = quality.get("media.qoe.timeToStart")
    if type(needed) is int and needed >= 0:
        before = watched.time_to_start
        if before is not None and needed != before and watched.played and step.playback != "starting":
            place = 'qoeData["media.qoe.timeToStart"]'
            watched.note(step, "time-to-start-changes", place=place, before=before, value=needed)
        watched.time_to_start = needed


def bitrate(watched: ActiveSession, step: SessionEvent) -> None:
    """Look at a bitrateChange."""
    if "media.qoe.bitrate" not in _quality(step):
        watched.note(step, "bitrate-missing", place='qoeData["media.qoe.bitrate"]')


def error(watched: ActiveSession, step: SessionEvent) -> None:
    """Look at an error."""
    if "media.qoe.errorID" not in _quality(step):
        watched.note(step, "error-without-id", place='qoeData["media.qoe.errorID"]')


def _quality(step: SessionEvent) -> dict[str, Any]:
    found = step.body.get("qoeData")
    return found if type(found) is dict else {}
