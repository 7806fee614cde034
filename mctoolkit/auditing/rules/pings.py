"""Rules about pings: they come often enough during the content, ads and pauses."""

from __future__ import annotations

from typing import Final

from mctoolkit.auditing.active_session import ActiveSession
from mctoolkit.auditing.rules.ads import AdState
from mctoolkit.auditing.session_event import SessionEvent, format_seconds

__all__ = ["MAX_AD_GAP_MS", "MAX_GAP_MS", "check_gap"]

MAX_GAP_MS: Final = 15_000
_MAX_DOWNLOADED_GAP_MS: Final = 75_000
MAX_AD_GAP_MS: Final = 2_000
"""The largest gap between pings that are sent every second; timers are not exact."""

_AD_OVERRUN_MS: Final = 2_000
"""How much longer than its length an ad may take."""


def check_gap(session: ActiveSession, event: SessionEvent) -> None:
    """Check the time without events before an event."""
    gap_ms = event.min_elapsed_ms
    if event.in_ad:
        ad = session.state(AdState)
        if ad.length_s is not None:  # an ad that stays open for longer was not closed, which is another finding
            ends_ms = round(ad.started_ts_ms + ad.length_s * 1000) + _AD_OVERRUN_MS
            gap_ms = min(gap_ms, ends_ms - session.ts_ms)
        if gap_ms > MAX_GAP_MS:
            session.flag(event, "ad-pings-rare", gap=format_seconds(gap_ms))
        elif gap_ms > MAX_AD_GAP_MS:
            session.flag(event, "ad-pings-slow", gap=format_seconds(gap_ms))
    elif gap_ms > (_MAX_DOWNLOADED_GAP_MS if session.is_downloaded else MAX_GAP_MS):
        if event.playback == "playing" or event.in_break:
            session.flag(event, "pings-rare", gap=format_seconds(gap_ms))
        elif event.playback in ("paused", "buffering") and event.type != "sessionEnd":  # an app in the background
            session.flag(event, "pings-stop-in-pause", gap=format_seconds(gap_ms), state=event.playback)
