"""Pings: signs of life often enough, in the programme, in ads and in pauses."""

from __future__ import annotations

from typing import Final

from mctoolkit.auditing.active_session import ActiveSession
from mctoolkit.auditing.session_event import SessionEvent, seconds

__all__ = ["EACH_SECOND_MS", "MOST_MS", "gap"]

MOST_MS: Final = 15_000
_MOST_OFFLINE_MS: Final = 75_000
EACH_SECOND_MS: Final = 2_000
"""How far two pings are apart at most to count as one a second; timers are not that exact."""

_OVER_MS: Final = 2_000
"""How much longer than its length an ad may take."""


def gap(watched: ActiveSession, step: SessionEvent) -> None:
    """Look at the silence before an event."""
    silent_ms = step.elapsed_ms
    if step.in_ad:
        length_s = watched.ad_length_s
        if length_s is not None:  # when it is longer open, it was not closed: another finding
            silent_ms = min(silent_ms, round(watched.ad_started_ms + length_s * 1000) + _OVER_MS - watched.ts_ms)
        if silent_ms > MOST_MS:
            watched.note(step, "ad-pings-rare", gap=seconds(silent_ms))
        elif silent_ms > EACH_SECOND_MS:
            watched.note(step, "ad-pings-slow", gap=seconds(silent_ms))
        return
    if silent_ms <= (_MOST_OFFLINE_MS if watched.downloaded else MOST_MS):
        return
    if step.playback == "playing" or step.in_break:
        watched.note(step, "pings-rare", gap=seconds(silent_ms))
    elif step.playback in ("paused", "buffering") and step.kind != "sessionEnd":  # an app that went to the background
        watched.note(step, "pings-stop-in-pause", gap=seconds(silent_ms), state=step.playback)
