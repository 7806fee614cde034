"""Session: the events under one session id, and the state and totals that follow from them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cached_property
from typing import TYPE_CHECKING

from mctoolkit._core.errors import UsageError
from mctoolkit._core.messages import gettext as _
from mctoolkit.models.session.events import TimedEvent, ordered_events
from mctoolkit.models.session.state_machine import (
    IDLE_LIMIT_MS,
    MOST_STATES,
    PLAYHEAD_LIMIT_MS,
    Closing,
    Playback,
    SessionState,
)
from mctoolkit.models.session.timeline import PROGRESS_MARKS, SILENCE_MS, Timeline
from mctoolkit.models.session.types import Mark, MarkKind, Span, SpanKind, Summary

if TYPE_CHECKING:
    from mctoolkit.models.captured_request import CapturedRequest

__all__ = [
    "IDLE_LIMIT_MS",
    "MOST_STATES",
    "PLAYHEAD_LIMIT_MS",
    "PROGRESS_MARKS",
    "SILENCE_MS",
    "Closing",
    "Mark",
    "MarkKind",
    "Playback",
    "Session",
    "SessionState",
    "Span",
    "SpanKind",
    "Summary",
    "TimedEvent",
    "gather",
]


class Session:
    """The events of one session, with its spans, marks, totals and final state.

    Parameters
    ----------
    id : str
        The session id, or the key of a session without one.
    requests : iterable of CapturedRequest
        The requests of this session, in the order of the capture. The ``sessionStart`` may be missing.

    Attributes
    ----------
    id : str
        The session id, or the key of a session without one.
    key : str
        The ``session_key`` of its requests, or the id.
    events : tuple of TimedEvent
        The events: the ``sessionStart``, then the others by ``ts``.
    capture : str
        The file name, when the capture has several files.

    Raises
    ------
    UsageError
        There are no requests.

    Examples
    --------
    >>> from mctoolkit.models.captured_request import CapturedRequest
    >>> def request(number, event_type, playhead, ts):
    ...     body = {"eventType": event_type, "playerTime": {"playhead": playhead, "ts": 1509045324000 + ts}}
    ...     return CapturedRequest(number, "sessions" if number == 1 else "events", body)
    >>> session = Session("7f3a", [request(1, "sessionStart", 0, 0), request(2, "play", 0, 500),
    ...                            request(3, "pauseStart", 10, 10_500), request(4, "sessionEnd", 10, 14_500)])
    >>> [(span.kind, span.seconds) for span in session.spans]
    [('playing', 10.0), ('paused', 4.0)]
    >>> session.summary.playing_s, session.state.closing(1509045400000).why
    (10.0, 'end')
    """

    def __init__(self, id: str, requests: Iterable[CapturedRequest]) -> None:  # noqa: A002  the name of the attribute
        self.id = id
        requests = tuple(requests)
        if not requests:
            raise UsageError(_("A Session needs at least one request."))
        self.key = requests[0].session_key or id
        self.capture = requests[0].source
        self.events: tuple[TimedEvent, ...] = ordered_events(requests)

    @cached_property
    def _timeline(self) -> Timeline:
        return Timeline(self.events)

    @property
    def state(self) -> SessionState:
        """The state after the last event."""
        return self._timeline.state

    @cached_property
    def spans(self) -> tuple[Span, ...]:
        """The intervals, by start: playing, paused, buffering, ad breaks, ads, chapters, player states, silences."""
        return self._timeline.sorted_spans()

    @cached_property
    def marks(self) -> tuple[Mark, ...]:
        """The single moments, by time: start, pings, errors, bitrate changes, completion, end, lost events."""
        return self._timeline.sorted_marks()

    @cached_property
    def summary(self) -> Summary:
        """The totals: times, counts, progress, quality."""
        return self._timeline.summary()

    @cached_property
    def title(self) -> str:
        """The ``media.name`` of the content, or its ``media.id``, or empty."""
        params = self.events[0].member("params")
        return str(params.get("media.name") or params.get("media.id") or "")

    def at(self, entry: int) -> TimedEvent | None:
        """Return the first event of a capture entry, or None."""
        return self._by_entry.get(entry)

    @cached_property
    def _by_entry(self) -> dict[int, TimedEvent]:
        return {event.number: event for event in reversed(self.events)}

    def __repr__(self) -> str:
        return f"<Session {self.id}: {len(self.events)} events>"


def gather(requests: Iterable[CapturedRequest], keys: Collection[str] | None = None) -> dict[str, Session]:
    """Group the requests of a capture by session. All events are held in memory.

    Parameters
    ----------
    requests : iterable of CapturedRequest
        The requests, in the order of the capture. Those without a session are ignored.
    keys : collection of str, optional
        The keys (``session_key``) of the sessions to return; all by default.

    Returns
    -------
    dict of str to Session
        The sessions by key, in the order of their first requests.

    Examples
    --------
    >>> from mctoolkit.models.captured_request import CapturedRequest
    >>> ping = CapturedRequest(1, "events", {"eventType": "ping"}, session_key="7f3a")
    >>> list(gather([ping, CapturedRequest(2, "schemas", None)]))
    ['7f3a']
    """
    by_key: dict[str, list[CapturedRequest]] = {}
    for request in requests:
        if request.session_key and (keys is None or request.session_key in keys):
            by_key.setdefault(request.session_key, []).append(request)
    return {key: Session(found[0].session_id or key, found) for key, found in by_key.items()}
