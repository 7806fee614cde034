"""Rules about quality: counters that only grow, values that come with their events, numbers that are fillers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mctoolkit.auditing.active_session import ActiveSession
from mctoolkit.auditing.session_event import SessionEvent, format_number

__all__ = ["QualityState", "check_bitrate_change", "check_error", "check_quality"]


@dataclass(slots=True)
class QualityState:
    """The last known values: dropped frames, and the time to start in milliseconds."""

    dropped_frames: int | None = None
    time_to_start: int | None = None


def check_quality(session: ActiveSession, event: SessionEvent, quality: dict[str, Any]) -> None:
    """Check the ``qoeData`` of any event."""
    for key, value in quality.items():
        if value == -1 and type(value) in (int, float):
            values = {"key_name": key, "value": format_number(value)}
            session.flag(event, "number-filler", key=key, place=f'qoeData["{key}"]', **values)
    state = session.state(QualityState)
    key = "media.qoe.droppedFrames"
    frames, before = quality.get(key), state.dropped_frames
    if type(frames) is int and frames >= 0:
        if before is not None and frames < before:
            session.flag(event, "dropped-frames-fall", place=f'qoeData["{key}"]', before=before, value=frames)
        state.dropped_frames = frames
    key = "media.qoe.timeToStart"
    time_ms, before = quality.get(key), state.time_to_start
    if type(time_ms) is int and time_ms >= 0:
        if before is not None and time_ms != before and session.has_played and event.playback != "starting":
            session.flag(event, "time-to-start-changes", place=f'qoeData["{key}"]', before=before, value=time_ms)
        state.time_to_start = time_ms


def check_bitrate_change(session: ActiveSession, event: SessionEvent) -> None:
    """Check a bitrateChange."""
    if "media.qoe.bitrate" not in event.quality:
        session.flag(event, "bitrate-missing", place='qoeData["media.qoe.bitrate"]')


def check_error(session: ActiveSession, event: SessionEvent) -> None:
    """Check an error."""
    if "media.qoe.errorID" not in event.quality:
        session.flag(event, "error-without-id", place='qoeData["media.qoe.errorID"]')
