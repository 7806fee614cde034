"""The parts of a session timeline: Span, Mark and Summary."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

__all__ = ["Mark", "MarkKind", "Span", "SpanKind", "Summary"]

SpanKind = Literal["playing", "paused", "buffering", "break", "ad", "chapter", "state", "silence"]

MarkKind = Literal["start", "ping", "error", "bitrate", "complete", "end", "lost"]


@dataclass(frozen=True, slots=True)
class Span:
    """An interval of a session.

    Attributes
    ----------
    kind : str
        ``"playing"``, ``"paused"`` and ``"buffering"`` are the main content, which stops during an ad break. The
        others are ``"break"``, ``"ad"``, ``"chapter"``, ``"state"`` (a player state) and ``"silence"`` (no events).
    from_ms, to_ms : int
        Start and end, in milliseconds since 1970.
    label : str
        The name of the ad, break, chapter or state; empty when the player sent none.
    from_playhead_s, to_playhead_s : float or None
        The playhead of the main content at start and end, in seconds.
    """

    kind: SpanKind
    from_ms: int
    to_ms: int
    label: str
    from_playhead_s: float | None
    to_playhead_s: float | None

    @property
    def seconds(self) -> float:
        """The duration, in seconds."""
        return (self.to_ms - self.from_ms) / 1000


class Mark(NamedTuple):
    """A single moment of a session.

    Attributes
    ----------
    kind : str
        ``"start"``, ``"ping"``, ``"error"``, ``"bitrate"``, ``"complete"``, ``"end"``, or ``"lost"`` for an event
        that is not counted, because the API refused it or the session was closed.
    at_ms : int
        The time, in milliseconds since 1970.
    label : str
        The id of the error, the new bitrate, or the type of the lost event; otherwise empty.
    playhead_s : float or None
        The playhead, in seconds.
    number : int
        The number of the entry in the capture.
    """

    kind: MarkKind
    at_ms: int
    label: str
    playhead_s: float | None
    number: int


@dataclass(frozen=True, slots=True)
class Summary:
    """The totals of a session.

    Attributes
    ----------
    started_ms : int
        The time of the first event, in milliseconds since 1970.
    lasted_s : float
        The time from the first event to the last, in seconds, lost events included.
    events, lost : int
        The number of events, and the number of those that are not counted.
    whole_start : bool
        Whether the ``sessionStart`` is present. Without it, the totals are too small.
    resumed : bool
        Whether the session continues an earlier one (``media.resume``).
    content_started, completed : bool
        Whether the main content started to play, and whether ``sessionComplete`` was sent.
    playing_s, ads_s, paused_s, buffering_s : float
        The seconds in which the main content played, ads of an ad break played, the player was paused, and it
        buffered. Ads outside a break count as main content, as in the reports.
    ads_started, ads_completed, pauses, buffers, errors, bitrate_changes : int
        The number of these events.
    progress : tuple of int
        The progress markers that the playhead passed, in percent. Empty without a length.
    jumped : tuple of int
        The markers in ``progress`` that the playhead skipped. Adobe's pages disagree on whether these count.
    average_minute_audience : float or None
        ``playing_s`` divided by the length: the share of this session. None without a length.
    bitrate : float or None
        The average bitrate weighted by time, in the unit that the player sent.
    dropped_frames : int or None
        The last number that the player sent.

    Notes
    -----
    Source: Experience League, "Streaming media metrics" (content time spent, ad time spent, total pause duration,
    total buffer duration, content starts, content completes, progress markers, average minute audience, average
    bitrate, dropped frames).
    """

    started_ms: int
    lasted_s: float
    events: int
    lost: int
    whole_start: bool
    resumed: bool
    content_started: bool
    completed: bool
    playing_s: float
    ads_s: float
    paused_s: float
    buffering_s: float
    ads_started: int
    ads_completed: int
    pauses: int
    buffers: int
    errors: int
    bitrate_changes: int
    progress: tuple[int, ...]
    jumped: tuple[int, ...]
    average_minute_audience: float | None
    bitrate: float | None
    dropped_frames: int | None
