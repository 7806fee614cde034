"""EventWindow: puts the events of a session in the order of their time stamps, as Adobe's back end does."""

from __future__ import annotations

from collections import deque
from typing import Final

from mctoolkit.auditing.session_event import SessionEvent

__all__ = ["MAX_EVENTS", "MAX_MS", "EventWindow"]

MAX_EVENTS: Final = 10
MAX_MS: Final = 5_000
"""The back end sorts events within these limits (EL events request)."""

_PARALLEL: Final = 3
"""Adobe's JS SDK sends up to this many events in parallel."""

_DEFAULT_RANK: Final = 7
_RANKS: Final = {
    "adComplete": 1, "adSkip": 1, "adBreakComplete": 2, "chapterComplete": 3, "chapterSkip": 3, "adBreakStart": 4,
    "adStart": 5, "sessionComplete": 8, "sessionEnd": 9,
}  # fmt: skip
"""The order of events with equal time stamps: ends, starts, other events, the end of the session."""


class EventWindow:
    """The events of a session that wait to be put in order.

    Attributes
    ----------
    events : deque of SessionEvent
        The events, the smallest time stamp first.
    latest_ts_ms, latest_at_ms : int
        The largest time stamp so far, and when that event was sent.
    """

    __slots__ = ("events", "latest_at_ms", "latest_ts_ms")

    def __init__(self, at_ms: int, ts_ms: int) -> None:
        self.events: deque[SessionEvent] = deque()
        self.latest_at_ms = at_ms
        self.latest_ts_ms = ts_ms

    def insert(self, event: SessionEvent, last_ts_ms: int) -> None:
        """Insert an event by its time stamp.

        Parameters
        ----------
        event : SessionEvent
            The event that arrived.
        last_ts_ms : int
            The time stamp of the last event that left the window.
        """
        events, ts_ms = self.events, event.ts_ms
        place = len(events)
        if ts_ms > self.latest_ts_ms:
            self.latest_ts_ms, self.latest_at_ms = ts_ms, event.at_ms
            events.append(event)
            return
        if ts_ms == self.latest_ts_ms:
            self.latest_at_ms = event.at_ms
        while place and ts_ms < events[place - 1].ts_ms:
            place -= 1
        events.insert(self._place_among_equals(event, place, last_ts_ms), event)

    def _place_among_equals(self, event: SessionEvent, place: int, last_ts_ms: int) -> int:
        """Return the place of an event among those with its time stamp, in the only order that makes sense.

        Adobe's JS SDK gives several events the same time stamp and sends them in parallel, so that their order of
        arrival is arbitrary.
        """
        events, first = self.events, place
        while first and events[first - 1].ts_ms == event.ts_ms:
            first -= 1
        clock_stands_still = place - first > _PARALLEL or (first == 0 and event.ts_ms == last_ts_ms)
        if event.ts_in_seconds or clock_stands_still:  # only the order of arrival is known
            return place
        rank = _RANKS.get(event.type, _DEFAULT_RANK)
        while place > first and _RANKS.get(events[place - 1].type, _DEFAULT_RANK) > rank:
            place -= 1
        return place
