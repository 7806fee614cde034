"""What a timeline says in words: times, spans, moments and sums, for its text twin and for reports."""

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
    "hms",
    "in_short",
    "local",
    "mark_words",
    "pings_in_words",
    "playhead",
    "short_id",
    "shown",
    "span_words",
    "sum_rows",
    "time_of_day",
    "title",
    "when",
    "zone",
]

_LONGEST_LABEL = 60
_MOST_S = 360_000


_SUMMARY = {
    "playing": Message("Programme played"),
    "ads": Message("Ads played"),
    "paused": Message("Paused"),
    "buffering": Message("Waited for data"),
    "content_started": Message("Programme began"),
    "completed": Message("Watched to the end"),
    "ads_started": Message("Ads begun"),
    "ads_completed": Message("Ads played out"),
    "pauses": Message("Pauses"),
    "buffers": Message("Waits for data"),
    "errors": Message("Errors"),
}
SPAN_LABELS = {
    "playing": Message("playing"),
    "paused": Message("paused"),
    "buffering": Message("waiting for data"),
    "break": Message("ad break"),
    "ad": Message("ad"),
    "chapter": Message("chapter"),
    "state": Message("player state"),
    "silence": Message("no event came"),
}
MARK_LABELS = {
    "start": Message("session starts"),
    "error": Message("error"),
    "bitrate": Message("bitrate changes"),
    "complete": Message("watched to the end"),
    "end": Message("session ends"),
    "lost": Message("lost event, counts nowhere"),
}


def hms(seconds: float) -> str:
    """Return a duration to the nearest second, as a clock shows it; beyond a hundred hours, in seconds.

    Examples
    --------
    >>> hms(46), hms(3722.9), hms(-5), hms(1509045324)
    ('0:46', '1:02:03', '-0:05', '1.51e+09 s')
    """
    if abs(seconds) >= _MOST_S:
        return f"{seconds:.3g} s"
    minutes, rest = divmod(round(abs(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    sign = "-" if round(seconds) < 0 else ""
    return f"{sign}{hours}:{minutes:02}:{rest:02}" if hours else f"{sign}{minutes}:{rest:02}"


def playhead(seconds: float | None) -> str:
    """Return a playhead in words; empty when there is none."""
    return "" if seconds is None else hms(seconds)


def local(at_ms: int) -> datetime:
    """Return a moment in the time of this computer."""
    return clocks.utc(at_ms).astimezone()


def time_of_day(at_ms: int) -> str:
    """Return the time of day of this computer."""
    return f"{local(at_ms):%H:%M:%S}"


def zone(at_ms: int) -> str:
    """Return the name of the time zone of this computer."""
    return local(at_ms).tzname() or "UTC"


def short_id(session: Session) -> str:
    """Return enough of the session id to know it by."""
    return shorten(session.id, 13)


def title(session: Session) -> str:
    """Return what a session is called: its id, and the programme where the player names it."""
    if not session.title:
        return _("Session {id}").format(id=short_id(session))
    return _("Session {id}: {title}").format(id=short_id(session), title=shown(session.title))


def when(session: Session) -> str:
    """Return when a session began and ended, how long it lasted, and how many events it has."""
    found = session.summary
    end_ms = found.started_ms + round(found.lasted_s * 1000)
    return _("{from_time} to {to_time}, {lasted} long, {events}").format(
        from_time=clocks.in_words(found.started_ms) or "",
        to_time=f"{time_of_day(end_ms)} {zone(end_ms)}",
        lasted=hms(found.lasted_s),
        events=ngettext("1 event", "{number} events", found.events).format(number=found.events),
    )


def in_short(summary: Summary) -> str:
    """Return the four times of a session in one sentence."""
    times = ("playing", "ads", "paused", "buffering")
    return _("Programme played {playing}, ads {ads}, paused {paused}, waited for data {buffering}.").format(
        **{name: hms(getattr(summary, f"{name}_s")) for name in times}
    )


def span_words(span: Span) -> str:
    """Return what a span is, with the name that the player gave it."""
    kind = str(SPAN_LABELS[span.kind])
    return _("{kind}: {label}").format(kind=kind, label=shown(span.label)) if span.label else kind


def mark_words(mark: Mark) -> str:
    """Return what a mark is, with what the player said of it."""
    kind = str(MARK_LABELS[mark.kind])
    return f"{kind}: {shown(mark.label)}" if mark.label else kind


def shown(label: str) -> str:
    """Return a name that a player gave, as people may see it."""
    return shorten(masking.mask_host(label), _LONGEST_LABEL)


def pings_in_words(session: Session) -> str:
    """Return how many pings there are and how far apart; empty without any."""
    times = [mark.at_ms for mark in session.marks if mark.kind == "ping"]
    gaps = [after - before for before, after in itertools.pairwise(times)]
    if not gaps:
        return _("1 ping") if times else ""
    usual, longest = (f"{gap / 1000:.0f} s" for gap in (statistics.median(gaps), max(gaps)))
    return _("{number} pings, mostly {usual} apart, at most {longest}").format(
        number=len(times), usual=usual, longest=longest
    )


def sum_rows(summary: Summary) -> Iterator[tuple[str, str]]:
    """Give what a session adds up to, as a label and a value in words.

    Examples
    --------
    >>> from mctoolkit.models.captured_request import CapturedRequest
    >>> call = CapturedRequest(1, "sessions", {"eventType": "sessionStart", "playerTime": {"playhead": 0, "ts": 1509045324153}})
    >>> next(sum_rows(Session("7f3a", [call]).summary))
    ('Programme played', '0:00')
    """
    for name in ("playing", "ads", "paused", "buffering"):
        yield str(_SUMMARY[name]), hms(getattr(summary, f"{name}_s"))
    for name in ("content_started", "completed"):
        yield (
            str(_SUMMARY[name]),
            _("yes") if getattr(summary, name) else _("no"),
        )
    if summary.resumed:
        yield _("Goes on with an earlier session"), _("yes")
    yield _("Progress marks passed"), _progress(summary)
    if summary.average_minute_audience is not None:
        yield _("Average minute audience"), f"{summary.average_minute_audience:.3g}"
    for name in ("ads_started", "ads_completed", "pauses", "buffers", "errors"):
        yield str(_SUMMARY[name]), str(getattr(summary, name))
    if summary.bitrate is not None:
        yield _("Average bitrate, in the unit of the player"), f"{summary.bitrate:,.0f}"
        yield _("Changes of bitrate"), str(summary.bitrate_changes)
    if summary.dropped_frames is not None:
        yield _("Dropped frames"), str(summary.dropped_frames)
    if summary.lost:
        yield _("Events that count nowhere"), str(summary.lost)


def _progress(summary: Summary) -> str:
    if not summary.progress:
        return _("none")
    passed, jumped = (
        ", ".join(_("{mark} %").format(mark=mark) for mark in marks) for marks in (summary.progress, summary.jumped)
    )
    return _("{marks} (only jumped over: {jumped})").format(marks=passed, jumped=jumped) if jumped else passed
