"""The texts of timelines: labels of periods and moments, times, and the totals of a session."""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Iterator
from datetime import datetime

from mctoolkit._core import clocks
from mctoolkit._core.html import shorten
from mctoolkit._core.messages import Message, ngettext
from mctoolkit._core.messages import gettext as _
from mctoolkit.models import masking
from mctoolkit.models.session import Mark, Session, Span, Summary

__all__ = [
    "MARK_LABELS",
    "SPAN_LABELS",
    "describe_mark",
    "describe_pings",
    "describe_span",
    "display_name",
    "format_duration",
    "format_playhead",
    "format_time",
    "local_time",
    "session_period",
    "session_title",
    "short_id",
    "summary_rows",
    "summary_sentence",
    "time_zone",
]

_MAX_LABEL = 60
_MAX_CLOCK_S = 360_000

_SUMMARY_LABELS = {
    "playing": Message("Content played"),
    "ads": Message("Ads played"),
    "paused": Message("Paused"),
    "buffering": Message("Buffering"),
    "content_started": Message("Content started"),
    "completed": Message("Content completed"),
    "ads_started": Message("Ads started"),
    "ads_completed": Message("Ads completed"),
    "pauses": Message("Number of pauses"),
    "buffers": Message("Number of buffering periods"),
    "errors": Message("Number of errors"),
}
SPAN_LABELS = {
    "playing": Message("playing"),
    "paused": Message("paused"),
    "buffering": Message("buffering"),
    "break": Message("ad break"),
    "ad": Message("ad"),
    "chapter": Message("chapter"),
    "state": Message("player state"),
    "silence": Message("no events"),
}
MARK_LABELS = {
    "start": Message("session start"),
    "error": Message("error"),
    "bitrate": Message("bitrate change"),
    "complete": Message("content complete"),
    "end": Message("session end"),
    "lost": Message("lost event, not counted in reports"),
}


def format_duration(seconds: float) -> str:
    """Return a duration to the nearest second; from 100 hours on, in seconds.

    Examples
    --------
    >>> format_duration(46), format_duration(3722.9), format_duration(-5), format_duration(1509045324)
    ('0:46', '1:02:03', '-0:05', '1.51e+09 s')
    """
    if abs(seconds) >= _MAX_CLOCK_S:
        return f"{seconds:.3g} s"
    rounded = round(seconds)
    return ("-" if rounded < 0 else "") + clocks.format_duration(1000 * abs(rounded))


def format_playhead(seconds: float | None) -> str:
    """Return a playhead as text; empty if there is none."""
    return "" if seconds is None else format_duration(seconds)


def local_time(at_ms: int) -> datetime:
    """Return a moment in the time zone of this computer."""
    return clocks.utc(at_ms).astimezone()


def format_time(at_ms: int) -> str:
    """Return the local time of day."""
    return f"{local_time(at_ms):%H:%M:%S}"


def time_zone(at_ms: int) -> str:
    """Return the name of the local time zone."""
    return local_time(at_ms).tzname() or "UTC"


def short_id(session_id: str) -> str:
    """Return the first characters of a session id."""
    return shorten(session_id, 13)


def display_name(name: str) -> str:
    """Return a name from the player, shortened and with hosts hidden."""
    return shorten(masking.mask_host(name), _MAX_LABEL)


def session_title(session: Session) -> str:
    """Return the id of a session, and its content if the player named it."""
    if not session.title:
        return _("Session {id}").format(id=short_id(session.id))
    return _("Session {id}: {title}").format(id=short_id(session.id), title=display_name(session.title))


def session_period(session: Session) -> str:
    """Return the start, end and duration of a session and its number of events."""
    summary = session.summary
    end_ms = summary.started_ms + round(summary.lasted_s * 1000)
    return _("{start} to {end}, duration {duration}, {events}").format(
        start=clocks.format_timestamp(summary.started_ms) or "",
        end=f"{format_time(end_ms)} {time_zone(end_ms)}",
        duration=format_duration(summary.lasted_s),
        events=ngettext("{number} event", "{number} events", summary.events).format(number=summary.events),
    )


def summary_sentence(summary: Summary) -> str:
    """Return how long the session played, showed ads, paused and buffered."""
    times = ("playing", "ads", "paused", "buffering")
    return _("Content played {playing}, ads {ads}, paused {paused}, buffering {buffering}.").format(
        **{name: format_duration(getattr(summary, f"{name}_s")) for name in times}
    )


def describe_span(span: Span) -> str:
    """Return the kind of a period, and its name if the player gave one."""
    kind = str(SPAN_LABELS[span.kind])
    return f"{kind}: {display_name(span.label)}" if span.label else kind


def describe_mark(mark: Mark) -> str:
    """Return the kind of a moment, and its details if the player gave any."""
    kind = str(MARK_LABELS[mark.kind])
    return f"{kind}: {display_name(mark.label)}" if mark.label else kind


def describe_pings(session: Session) -> str:
    """Return the number of pings and their intervals; empty if there are none."""
    times = [mark.at_ms for mark in session.marks if mark.kind == "ping"]
    intervals = [after - before for before, after in itertools.pairwise(times)]
    if not intervals:
        return _("1 ping") if times else ""
    median, longest = (f"{ms / 1000:.0f} s" for ms in (statistics.median(intervals), max(intervals)))
    return _("{number} pings, median interval {median}, longest interval {longest}").format(
        number=len(times), median=median, longest=longest
    )


def summary_rows(summary: Summary) -> Iterator[tuple[str, str]]:
    """Yield the totals of a session as pairs of label and value.

    Examples
    --------
    >>> from mctoolkit.models.captured_request import CapturedRequest
    >>> body = {"eventType": "sessionStart", "playerTime": {"playhead": 0, "ts": 1509045324153}}
    >>> next(summary_rows(Session("7f3a", [CapturedRequest(1, "sessions", body)]).summary))
    ('Content played', '0:00')
    """
    for name in ("playing", "ads", "paused", "buffering"):
        yield str(_SUMMARY_LABELS[name]), format_duration(getattr(summary, f"{name}_s"))
    for name in ("content_started", "completed"):
        yield str(_SUMMARY_LABELS[name]), _("yes") if getattr(summary, name) else _("no")
    if summary.resumed:
        yield _("Resumes an earlier session"), _("yes")
    yield _("Progress markers passed"), _format_progress(summary)
    if summary.average_minute_audience is not None:
        yield _("Average minute audience"), f"{summary.average_minute_audience:.3g}"
    for name in ("ads_started", "ads_completed", "pauses", "buffers", "errors"):
        yield str(_SUMMARY_LABELS[name]), str(getattr(summary, name))
    if summary.bitrate is not None:
        yield _("Average bitrate, in the player's unit"), f"{summary.bitrate:,.0f}"
        yield _("Number of bitrate changes"), str(summary.bitrate_changes)
    if summary.dropped_frames is not None:
        yield _("Dropped frames"), str(summary.dropped_frames)
    if summary.lost:
        yield _("Lost events"), str(summary.lost)


def _format_progress(summary: Summary) -> str:
    if not summary.progress:
        return _("none")
    passed, skipped = (
        ", ".join(_("{mark} %").format(mark=mark) for mark in marks) for marks in (summary.progress, summary.jumped)
    )
    return _("{marks} (skipped by seeking: {skipped})").format(marks=passed, skipped=skipped) if skipped else passed
