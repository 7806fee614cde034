"""The parts of an account of a session: a Span that lasted, a Mark at one moment, and the Summary of all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

__all__ = ["Mark", "MarkKind", "Span", "SpanKind", "Summary"]

SpanKind = Literal["playing", "paused", "buffering", "break", "ad", "chapter", "state", "silence"]

MarkKind = Literal["start", "ping", "error", "bitrate", "complete", "end", "lost"]


@dataclass(frozen=True, slots=True)
class Span:
    """Something that lasted.

    Attributes
    ----------
    kind : str
        ``"playing"``, ``"paused"`` and ``"buffering"`` are the main content, which waits during an ad break; then
        ``"break"``, ``"ad"``, ``"chapter"``, ``"state"`` (of the player) and ``"silence"`` (no event came).
    from_ms, to_ms : int
        In milliseconds since 1970.
    label : str
        The name of the ad, break, chapter or state as the player gives it, or an empty text.
    from_playhead_s, to_playhead_s : float or None
        Where the main content stood, in seconds.
    """

    kind: SpanKind
    from_ms: int
    to_ms: int
    label: str
    from_playhead_s: float | None
    to_playhead_s: float | None

    @property
    def seconds(self) -> float:
        """How long it lasted."""
        return (self.to_ms - self.from_ms) / 1000


class Mark(NamedTuple):
    """Something that happened at one moment.

    Attributes
    ----------
    kind : str
        ``"start"``, ``"ping"``, ``"error"``, ``"bitrate"``, ``"complete"``, ``"end"``, or ``"lost"``: an event that
        counts nowhere, because the API refused it or the session was closed.
    at_ms : int
        In milliseconds since 1970.
    label : str
        The id of the error, the new bitrate, the type of a lost event; or an empty text.
    playhead_s : float or None
        In seconds.
    number : int
        The entry of the capture.
    """

    kind: MarkKind
    at_ms: int
    label: str
    playhead_s: float | None
    number: int


@dataclass(frozen=True, slots=True)
class Summary:
    """What a session adds up to.

    Attributes
    ----------
    started_ms : int
        When the first event happened, in milliseconds since 1970.
    lasted_s : float
        From the first event to the last, in seconds, lost events included.
    events, lost : int
        How many events there are, and how many of them count nowhere.
    whole_start : bool
        Whether the ``sessionStart`` is there. Without it the session is cut off, and the sums are too small.
    resumed : bool
        Whether it goes on with an earlier session (``media.resume``).
    content_started, completed : bool
        Whether the main content began to play, and whether ``sessionComplete`` came.
    playing_s, ads_s, paused_s, buffering_s : float
        How long the main content played, ads of an ad break played, the player was paused, and it waited for data; in
        seconds. Ads outside a break count as main content, as in the reports.
    ads_started, ads_completed, pauses, buffers, errors, bitrate_changes : int
        How often.
    progress : tuple of int
        The progress markers, in percent, that the playhead passed. Empty without a length.
    jumped : tuple of int
        Those of them that it only jumped over. Adobe's pages say both that they count and that they do not.
    average_minute_audience : float or None
        ``playing_s`` divided by the length: this session's share in it. None without a length.
    bitrate : float or None
        The average of the bitrates, each weighted by how long it held, in the unit of the player.
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
