"""Timeline: the spans, marks and totals of the events of a session.

The totals follow Adobe's documentation of the metrics. A report can differ, because Adobe computes it later with
other software.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, get_args

from mctoolkit.models.session.events import TimedEvent, finite_number
from mctoolkit.models.session.state_machine import Closing, SessionState
from mctoolkit.models.session.types import Mark, MarkKind, Span, SpanKind, Summary

__all__ = ["PROGRESS_MARKS", "SILENCE_MS", "Timeline"]

PROGRESS_MARKS: Final = (10, 25, 50, 75, 95)
"""The progress markers of Adobe's reports, in percent of the length."""

SILENCE_MS: Final = 60_000
"""A longer time without events is a silence. A player sends a ping every 10 seconds, for downloads every 50."""

_KIND_ORDER: Final = get_args(SpanKind)

_MARK_KINDS: Final[dict[str, MarkKind]] = {
    "sessionStart": "start",
    "ping": "ping",
    "error": "error",
    "bitrateChange": "bitrate",
    "sessionComplete": "complete",
    "sessionEnd": "end",
}
_LABEL_KEYS: Final = {
    "break": ("adBreakStart", "media.ad.podFriendlyName", "media.ad.podIndex"),
    "ad": ("adStart", "media.ad.name", "media.ad.id"),
    "chapter": ("chapterStart", "media.chapter.friendlyName", "media.chapter.index"),
}
"""For each span: the event that starts it, then the keys of its label."""
_STATE_PREFIX: Final = "state "
_STATELESS_EVENTS: Final = frozenset({"ping", "bitrateChange", "error"})
_JUMP_S: Final = 2.0
"""The playhead jumped when it advanced by more than this plus twice the elapsed time."""


@dataclass
class _OpenSpan:
    """A span without an end."""

    kind: SpanKind
    from_ms: int
    label: str
    playhead_s: float | None


@dataclass
class _Totals:
    """The totals up to the current event."""

    seconds: dict[SpanKind, float] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    passed: dict[int, bool] = field(default_factory=dict)
    """The progress markers that were passed; True when the playhead skipped the marker."""
    content_started: bool = False
    bitrate: float | None = None
    bitrate_s: float = 0.0
    bitrate_times_s: float = 0.0
    dropped_frames: int | None = None


class Timeline:
    """The spans, marks and totals of the events of one session.

    Parameters
    ----------
    events : sequence of TimedEvent
        At least one event, as :func:`mctoolkit.models.session.events.ordered_events` returns them. Without a
        ``sessionStart``, the content counts as playing from the first event when the playhead advances on pings.

    Attributes
    ----------
    state : SessionState
        The state after the last event.
    """

    def __init__(self, events: Sequence[TimedEvent]) -> None:
        first = events[0]
        self._events = events
        self._has_start = first.event_type == "sessionStart"
        self._now_ms = min(first.at_ms, events[1].at_ms) if len(events) > 1 else first.at_ms
        self.state = SessionState(self._now_ms, first.body if self._has_start else {})
        self._playhead_s = first.playhead_s
        self._length_s = finite_number(first.member("params").get("media.length")) if self._has_start else None
        self._elapsed_s = 0.0
        self._halted_in_break = False
        self._has_silence_after_close = False
        self._open: dict[str, _OpenSpan] = {}
        self._spans: list[Span] = []
        self._marks: list[Mark] = []
        self._totals = _Totals()
        if self._has_start:
            self._add_mark("start", first, "")
            self._read_quality(first)
        elif _advances_without_events(events):
            self.state.playback = "playing"
            self._update_span("content", "playing", first)
        for event in events[1 if self._has_start else 0 :]:
            self._add(event)
        self._close_spans(self.state.closing(events[-1].at_ms))

    def sorted_spans(self) -> tuple[Span, ...]:
        """Return the spans by start; of spans with the same start, the longer first."""
        return tuple(sorted(self._spans, key=lambda span: (span.from_ms, -span.to_ms, _KIND_ORDER.index(span.kind))))

    def sorted_marks(self) -> tuple[Mark, ...]:
        """Return the marks by time."""
        return tuple(sorted(self._marks, key=lambda mark: mark.at_ms))

    def summary(self) -> Summary:
        """Return the totals."""
        totals, counts = self._totals, self._totals.counts
        times = [event.at_ms for event in self._events]
        length_s = self._length_s if self._length_s is not None and self._length_s > 0 else None
        playing_s = totals.seconds.get("playing", 0.0)
        return Summary(
            started_ms=min(times),
            lasted_s=(max(times) - min(times)) / 1000,
            events=len(self._events),
            lost=counts.get("lost", 0),
            whole_start=self._has_start,
            resumed=self._has_start and self._events[0].member("params").get("media.resume") is True,
            content_started=totals.content_started,
            completed=self.state.completed,
            playing_s=playing_s,
            ads_s=totals.seconds.get("ad", 0.0),
            paused_s=totals.seconds.get("paused", 0.0),
            buffering_s=totals.seconds.get("buffering", 0.0),
            ads_started=counts.get("ads started", 0),
            ads_completed=counts.get("ads completed", 0),
            pauses=counts.get("pauseStart", 0),
            buffers=counts.get("bufferStart", 0),
            errors=counts.get("error", 0),
            bitrate_changes=counts.get("bitrateChange", 0),
            progress=tuple(sorted(totals.passed)),
            jumped=tuple(sorted(mark for mark, is_jump in totals.passed.items() if is_jump)),
            average_minute_audience=playing_s / length_s if length_s else None,
            bitrate=totals.bitrate_times_s / totals.bitrate_s if totals.bitrate_s else totals.bitrate,
            dropped_frames=totals.dropped_frames,
        )

    def _add(self, event: TimedEvent) -> None:
        """Extend the open spans to an event, then open and close spans by the state after it."""
        state, event_type = self.state, event.event_type
        closing = state.closing(event.at_ms)
        if event.refused or closing is not None:
            if closing is not None:
                self._close_spans(closing)
                if closing.why == "idle" and not self._has_silence_after_close:
                    self._has_silence_after_close = True
                    self._add_silence(event.at_ms)
            self._add_mark("lost", event, event_type)
            return
        previous_playhead_s = self._playhead_s
        self._advance_time(event.at_ms)
        state.apply(event.body, event.at_ms)
        if event.playhead_s is not None:
            self._playhead_s = event.playhead_s
        if event_type in ("play", "adStart", "adBreakStart", "adBreakComplete"):
            self._halted_in_break = False
        elif event_type in ("pauseStart", "bufferStart"):
            self._halted_in_break = state.in_break
        self._count(event)
        self._read_progress(previous_playhead_s, event)
        self._read_quality(event)
        if event_type not in _STATELESS_EVENTS:
            for key, kind in self._current_spans():
                self._update_span(key, kind, event)
        if event_type in _MARK_KINDS:
            self._add_mark(_MARK_KINDS[event_type], event, _mark_label(event))

    # --- spans -----------------------------------------------------------------------------------------------------

    @property
    def _content(self) -> SpanKind | None:
        """The kind of the main content's span; None before its start, after its completion, and during ads."""
        state = self.state
        if state.completed or state.playback == "starting" or (state.in_break and not self._halted_in_break):
            return None
        return state.playback

    def _current_spans(self) -> Iterator[tuple[str, SpanKind | None]]:
        """Yield the key of each possible span with its kind, or None when it is not open in the current state."""
        state = self.state
        yield "content", self._content
        flags: tuple[tuple[str, SpanKind, bool], ...] = (
            ("break", "break", state.in_break),
            ("ad", "ad", state.in_ad),
            ("chapter", "chapter", state.in_chapter),
        )
        for key, kind, is_open in flags:
            yield key, kind if is_open else None
        for name, is_on in (state.states or {}).items():
            yield _STATE_PREFIX + name, "state" if is_on else None

    def _update_span(self, key: str, kind: SpanKind | None, event: TimedEvent) -> None:
        span = self._open.get(key)
        restarts = key in _LABEL_KEYS and event.event_type == _LABEL_KEYS[key][0]
        if span is not None and (span.kind != kind or restarts):
            self._close_span(key)
            span = None
        if span is None and kind is not None:
            self._open[key] = _OpenSpan(kind, self._now_ms, _span_label(key, event), self._playhead_s)

    def _close_span(self, key: str) -> None:
        span, to_ms = self._open.pop(key), self._now_ms
        if to_ms > span.from_ms or key in _LABEL_KEYS:  # omit content of no duration, such as play before an ad break
            self._spans.append(Span(span.kind, span.from_ms, to_ms, span.label, span.playhead_s, self._playhead_s))

    def _close_spans(self, closing: Closing | None) -> None:
        """Close all spans at the last event, or later when an unchanged playhead closed the session."""
        if closing is not None and closing.why == "playhead" and closing.at_ms > self._now_ms:
            self._advance_time(closing.at_ms)
        for key in list(self._open):
            self._close_span(key)

    def _add_silence(self, until_ms: int) -> None:
        if until_ms - self._now_ms > SILENCE_MS:
            self._spans.append(Span("silence", self._now_ms, until_ms, "", self._playhead_s, self._playhead_s))

    def _add_mark(self, kind: MarkKind, event: TimedEvent, label: str) -> None:
        self._marks.append(Mark(kind, event.at_ms, label, event.playhead_s, event.number))
        if kind == "lost":
            self._totals.counts["lost"] = self._totals.counts.get("lost", 0) + 1

    # --- totals ----------------------------------------------------------------------------------------------------

    def _advance_time(self, until_ms: int) -> None:
        elapsed_s = self._elapsed_s = (until_ms - self._now_ms) / 1000
        totals, content = self._totals, self._content
        if content is not None:
            totals.seconds[content] = totals.seconds.get(content, 0.0) + elapsed_s
        if self.state.in_break and self.state.in_ad and not self._halted_in_break:
            totals.seconds["ad"] = totals.seconds.get("ad", 0.0) + elapsed_s
        if totals.bitrate is not None:
            totals.bitrate_s += elapsed_s
            totals.bitrate_times_s += totals.bitrate * elapsed_s
        self._add_silence(until_ms)
        self._now_ms = until_ms

    def _count(self, event: TimedEvent) -> None:
        counts, event_type, state = self._totals.counts, event.event_type, self.state
        counts[event_type] = counts.get(event_type, 0) + 1
        if event_type == "adStart" and state.in_break:
            counts["ads started"] = counts.get("ads started", 0) + 1
        elif event_type == "adComplete" and state.in_break and "ad" in self._open:
            counts["ads completed"] = counts.get("ads completed", 0) + 1
        if self._content == "playing":
            self._totals.content_started = True

    def _read_progress(self, previous_s: float | None, event: TimedEvent) -> None:
        """Record the progress markers between the last playhead and this one, after the content started."""
        playhead_s, length_s = event.playhead_s, self._length_s
        if previous_s is None or playhead_s is None or length_s is None or length_s <= 0:
            return
        if not self._totals.content_started:
            return
        content = self._open.get("content")
        is_playing = content is not None and content.kind == "playing"
        is_jump = not is_playing or playhead_s - previous_s > 2 * self._elapsed_s + _JUMP_S
        for mark in PROGRESS_MARKS:
            if previous_s < mark / 100 * length_s <= playhead_s:
                self._totals.passed[mark] = is_jump and self._totals.passed.get(mark, True)

    def _read_quality(self, event: TimedEvent) -> None:
        if "qoeData" not in event.body:
            return
        data = event.member("qoeData")
        bitrate = finite_number(data.get("media.qoe.bitrate"))
        dropped_frames = finite_number(data.get("media.qoe.droppedFrames"))
        if bitrate is not None:
            self._totals.bitrate = bitrate
        if dropped_frames is not None:
            self._totals.dropped_frames = int(dropped_frames)


def _span_label(key: str, event: TimedEvent) -> str:
    """Return the name that the player sent for a break, an ad, a chapter or a state, or else its number."""
    if key.startswith(_STATE_PREFIX):
        return key.removeprefix(_STATE_PREFIX)
    if key not in _LABEL_KEYS:
        return ""
    _, *keys = _LABEL_KEYS[key]
    params = event.member("params")
    return str(next((params[name] for name in keys if params.get(name) not in (None, "")), ""))


def _mark_label(event: TimedEvent) -> str:
    if event.event_type == "ping":
        return ""
    key = {"error": "media.qoe.errorID", "bitrateChange": "media.qoe.bitrate"}.get(event.event_type, "")
    return str(event.member("qoeData").get(key, ""))


def _advances_without_events(events: Sequence[TimedEvent]) -> bool:
    """Return whether the playhead advances before the first event that changes the playback state."""
    first_s: float | None = None
    for event in events:
        if event.event_type not in _STATELESS_EVENTS:
            return False
        if event.playhead_s is None:
            continue
        if first_s is not None and event.playhead_s > first_s:
            return True
        first_s = event.playhead_s if first_s is None else first_s
    return False
