"""What happened in a session, as spans and marks in time, and what it adds up to.

The machine of :mod:`mctoolkit.models.session.state_machine` is asked after each event what is open; a span is as long as its response
stays the same. The sums are those that Adobe's pages on the metrics describe; a report may still differ, since it is
made later, by another program.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, get_args

from mctoolkit.models.session.events import TimedEvent, number
from mctoolkit.models.session.state_machine import Closing, SessionState
from mctoolkit.models.session.types import Mark, MarkKind, Span, SpanKind, Summary

__all__ = ["PROGRESS_MARKS", "SILENCE_MS", "TimelineData", "account"]

PROGRESS_MARKS: Final = (10, 25, 50, 75, 95)
"""The progress markers that Adobe's reports count, in percent of the length."""

SILENCE_MS: Final = 60_000
"""Without an event for longer is a silence. A player sends a ping every 10 seconds, from downloads every 50."""

_OUTER_FIRST: Final = get_args(SpanKind)

_MARKS: Final[dict[str, MarkKind]] = {
    "sessionStart": "start",
    "ping": "ping",
    "error": "error",
    "bitrateChange": "bitrate",
    "sessionComplete": "complete",
    "sessionEnd": "end",
}
_LABELS: Final = {
    "break": ("adBreakStart", "media.ad.podFriendlyName", "media.ad.podIndex"),
    "ad": ("adStart", "media.ad.name", "media.ad.id"),
    "chapter": ("chapterStart", "media.chapter.friendlyName", "media.chapter.index"),
}
_STATE: Final = "state "
_OPENS_NOTHING: Final = frozenset({"ping", "bitrateChange", "error"})
_JUMP_S: Final = 2.0
"""A playhead that went on by more than twice the time that passed, and this, has jumped."""


@dataclass(frozen=True, slots=True)
class TimelineData:
    """All that is made of the events of a session: its state at the end, spans by their start, marks, and sums."""

    state: SessionState
    spans: tuple[Span, ...]
    marks: tuple[Mark, ...]
    summary: Summary


def account(moments: Sequence[TimedEvent]) -> TimelineData:
    """Go through the events of one session, in order.

    Parameters
    ----------
    moments : sequence of TimedEvent
        At least one, as :func:`mctoolkit.models.session.events.moments` gives them. Without a ``sessionStart`` at their
        head, the content is taken to play from the start when the playhead moves on by itself.
    """
    walk = _Walk(moments)
    for moment in moments[1 if walk.whole_start else 0 :]:
        walk.take(moment)
    return walk.finish()


@dataclass
class _Open:
    """A span that has not ended yet."""

    kind: SpanKind
    from_ms: int
    label: str
    playhead_s: float | None


@dataclass
class _Sums:
    seconds: dict[SpanKind, float] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    passed: dict[int, bool] = field(default_factory=dict)
    """The progress markers that were passed, each with whether by a jump."""
    content_started: bool = False
    bitrate: float | None = None
    bitrate_s: float = 0.0
    bitrate_times_s: float = 0.0
    dropped_frames: int | None = None


class _Walk:
    def __init__(self, moments: Sequence[TimedEvent]) -> None:
        first = moments[0]
        self.moments = moments
        self.whole_start = first.event_type == "sessionStart"
        self.now_ms = min(first.at_ms, moments[1].at_ms) if len(moments) > 1 else first.at_ms
        self.state = SessionState(self.now_ms, first.body if self.whole_start else {})
        self.playhead_s = first.playhead_s
        self.length_s = number(first.member("params").get("media.length")) if self.whole_start else None
        self.passed_s = 0.0
        self.halted_in_break = False
        self.fell_silent = False
        self.open: dict[str, _Open] = {}
        self.spans: list[Span] = []
        self.marks: list[Mark] = []
        self.sums = _Sums()
        if self.whole_start:
            self._mark("start", first, "")
            self._quality(first)
        elif _moves_by_itself(moments):
            self.state.playback = "playing"
            self._hold("content", "playing", first)

    def take(self, moment: TimedEvent) -> None:
        """Take one event: what was open lasts until it, then it may open and close."""
        state, event_type = self.state, moment.event_type
        closing = state.closing(moment.at_ms)
        if moment.refused or closing is not None:
            if closing is not None:
                self._close_all(closing)
            if closing is not None and closing.why == "idle" and not self.fell_silent:
                self.fell_silent = True
                self._silence(moment.at_ms)
            self._mark("lost", moment, event_type)
            return
        was_s = self.playhead_s
        self._pass_time(moment.at_ms)
        state.take(moment.body, moment.at_ms)
        if moment.playhead_s is not None:
            self.playhead_s = moment.playhead_s
        if event_type in ("play", "adStart", "adBreakStart", "adBreakComplete"):
            self.halted_in_break = False
        elif event_type in ("pauseStart", "bufferStart"):
            self.halted_in_break = state.in_break
        self._count(moment)
        self._progress(was_s, moment)
        self._quality(moment)
        if event_type not in _OPENS_NOTHING:
            for key, kind in self._now_open():
                self._hold(key, kind, moment)
        if event_type in _MARKS:
            self._mark(_MARKS[event_type], moment, _mark_label(moment))

    def finish(self) -> TimelineData:
        """Close what is open at the last event, and add up."""
        moments, sums, counts = self.moments, self.sums, self.sums.counts
        self._close_all(self.state.closing(moments[-1].at_ms))
        times = [moment.at_ms for moment in moments]
        length_s = self.length_s if self.length_s is not None and self.length_s > 0 else None
        playing_s = sums.seconds.get("playing", 0.0)
        bitrate = sums.bitrate_times_s / sums.bitrate_s if sums.bitrate_s else sums.bitrate
        summary = Summary(
            started_ms=min(times),
            lasted_s=(max(times) - min(times)) / 1000,
            events=len(moments),
            lost=counts.get("lost", 0),
            whole_start=self.whole_start,
            resumed=self.whole_start and moments[0].member("params").get("media.resume") is True,
            content_started=sums.content_started,
            completed=self.state.completed,
            playing_s=playing_s,
            ads_s=sums.seconds.get("ad", 0.0),
            paused_s=sums.seconds.get("paused", 0.0),
            buffering_s=sums.seconds.get("buffering", 0.0),
            ads_started=counts.get("ad", 0),
            ads_completed=counts.get("ad done", 0),
            pauses=counts.get("pauseStart", 0),
            buffers=counts.get("bufferStart", 0),
            errors=counts.get("error", 0),
            bitrate_changes=counts.get("bitrateChange", 0),
            progress=tuple(sorted(sums.passed)),
            jumped=tuple(sorted(mark for mark, jumped in sums.passed.items() if jumped)),
            average_minute_audience=playing_s / length_s if length_s else None,
            bitrate=bitrate,
            dropped_frames=sums.dropped_frames,
        )
        return TimelineData(
            self.state,
            tuple(sorted(self.spans, key=lambda span: (span.from_ms, -span.to_ms, _OUTER_FIRST.index(span.kind)))),
            tuple(sorted(self.marks, key=lambda mark: mark.at_ms)),
            summary,
        )

    # --- what is open ----------------------------------------------------------------------------------------------

    @property
    def _content(self) -> SpanKind | None:
        """What the main content does; None before it began, after it was complete, and while it waits for ads."""
        state = self.state
        if state.completed or state.playback == "starting" or (state.in_break and not self.halted_in_break):
            return None
        return state.playback

    def _now_open(self) -> Iterator[tuple[str, SpanKind | None]]:
        """Give each key under which a span may be open, with what is open there now."""
        state = self.state
        yield "content", self._content
        flags: tuple[tuple[str, SpanKind, bool], ...] = (
            ("break", "break", state.in_break),
            ("ad", "ad", state.in_ad),
            ("chapter", "chapter", state.in_chapter),
        )
        for key, kind, is_open in flags:
            yield key, kind if is_open else None
        for name, on in (state.states or {}).items():
            yield _STATE + name, "state" if on else None

    def _hold(self, key: str, kind: SpanKind | None, moment: TimedEvent) -> None:
        held = self.open.get(key)
        anew = key in _LABELS and moment.event_type == _LABELS[key][0]
        if held is not None and (held.kind != kind or anew):
            self._close(key, self.now_ms)
            held = None
        if held is None and kind is not None:
            self.open[key] = _Open(kind, self.now_ms, _label(key, moment), self.playhead_s)

    def _close(self, key: str, at_ms: int) -> None:
        held = self.open.pop(key)
        if at_ms > held.from_ms or key in _LABELS:  # a play that an ad break follows at once shows nothing
            self.spans.append(Span(held.kind, held.from_ms, at_ms, held.label, held.playhead_s, self.playhead_s))

    def _close_all(self, closing: Closing | None) -> None:
        """Close what is open: at the last event, or when the playhead had stood still for too long."""
        if closing is not None and closing.why == "playhead" and closing.at_ms > self.now_ms:
            self._pass_time(closing.at_ms)
        for key in list(self.open):
            self._close(key, self.now_ms)

    def _silence(self, until_ms: int) -> None:
        if until_ms - self.now_ms > SILENCE_MS:
            self.spans.append(Span("silence", self.now_ms, until_ms, "", self.playhead_s, self.playhead_s))

    # --- sums ------------------------------------------------------------------------------------------------------

    def _pass_time(self, until_ms: int) -> None:
        passed_s = self.passed_s = (until_ms - self.now_ms) / 1000
        sums, content = self.sums, self._content
        if content is not None:
            sums.seconds[content] = sums.seconds.get(content, 0.0) + passed_s
        if self.state.in_break and self.state.in_ad and not self.halted_in_break:
            sums.seconds["ad"] = sums.seconds.get("ad", 0.0) + passed_s
        if sums.bitrate is not None:
            sums.bitrate_s += passed_s
            sums.bitrate_times_s += sums.bitrate * passed_s
        self._silence(until_ms)
        self.now_ms = until_ms

    def _count(self, moment: TimedEvent) -> None:
        counts, event_type, state = self.sums.counts, moment.event_type, self.state
        counts[event_type] = counts.get(event_type, 0) + 1
        if event_type == "adStart" and state.in_break:
            counts["ad"] = counts.get("ad", 0) + 1
        elif event_type == "adComplete" and state.in_break and "ad" in self.open:
            counts["ad done"] = counts.get("ad done", 0) + 1
        if self._content == "playing":
            self.sums.content_started = True

    def _progress(self, was_s: float | None, moment: TimedEvent) -> None:
        """Note the progress markers between the last playhead and this one, once the content has begun."""
        now_s, length_s = moment.playhead_s, self.length_s
        if was_s is None or now_s is None or length_s is None or length_s <= 0 or not self.sums.content_started:
            return
        held = self.open.get("content")
        jump = held is None or held.kind != "playing" or now_s - was_s > 2 * self.passed_s + _JUMP_S
        for mark in PROGRESS_MARKS:
            if was_s < mark / 100 * length_s <= now_s:
                self.sums.passed[mark] = jump and self.sums.passed.get(mark, True)

    def _quality(self, moment: TimedEvent) -> None:
        if "qoeData" not in moment.body:
            return
        data = moment.member("qoeData")
        bitrate, dropped = number(data.get("media.qoe.bitrate")), number(data.get("media.qoe.droppedFrames"))
        if bitrate is not None:
            self.sums.bitrate = bitrate
        if dropped is not None:
            self.sums.dropped_frames = int(dropped)

    def _mark(self, kind: MarkKind, moment: TimedEvent, label: str) -> None:
        self.marks.append(Mark(kind, moment.at_ms, label, moment.playhead_s, moment.number))
        if kind == "lost":
            self.sums.counts["lost"] = self.sums.counts.get("lost", 0) + 1


def _label(key: str, moment: TimedEvent) -> str:
    """Return the name that a player gave to a break, an ad, a chapter or a state, or else its number."""
    if key.startswith(_STATE):
        return key.removeprefix(_STATE)
    if key not in _LABELS:
        return ""
    _, *names = _LABELS[key]
    params = moment.member("params")
    found = next((params[name] for name in names if params.get(name) not in (None, "")), "")
    return str(found)


def _mark_label(moment: TimedEvent) -> str:
    if moment.event_type == "ping":
        return ""
    data = moment.member("qoeData")
    key = {"error": "media.qoe.errorID", "bitrateChange": "media.qoe.bitrate"}.get(moment.event_type, "")
    return str(data.get(key, ""))


def _moves_by_itself(moments: Sequence[TimedEvent]) -> bool:
    """Tell whether the playhead goes on before any event that would say why: then the content plays."""
    first_s: float | None = None
    for moment in moments:
        if moment.event_type not in ("ping", "bitrateChange", "error"):
            return False
        if moment.playhead_s is None:
            continue
        if first_s is not None and moment.playhead_s > first_s:
            return True
        first_s = moment.playhead_s if first_s is None else first_s
    return False
