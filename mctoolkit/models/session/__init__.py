"""Session: the events under one session id, and the state that they add up to."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cached_property
from typing import TYPE_CHECKING

from mctoolkit._core.errors import UsageError
from mctoolkit.models.session.events import TimedEvent, moments
from mctoolkit.models.session.state_machine import (
    IDLE_LIMIT_MS,
    MOST_STATES,
    PLAYHEAD_LIMIT_MS,
    Closing,
    Playback,
    SessionState,
)
from mctoolkit.models.session.timeline import PROGRESS_MARKS, SILENCE_MS, TimelineData, account
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
    """The events of one session, and what they add up to: spans and marks in time, sums, and the state at the end.

    Parameters
    ----------
    id : str
        The session id, or what stands for it.
    calls : iterable of CapturedRequest
        The calls of this session, in the order of the capture. Its ``sessionStart`` may be missing.

    Attributes
    ----------
    id : str
    key : str
        What its calls have in common in their capture: the id, or where there is none, what stands for it.
    events : tuple of TimedEvent
        The events in the order in which they happened: the ``sessionStart``, then by ``ts``.
    capture : str
        The name of the file, where there are several.

    Raises
    ------
    UsageError
        There is no call.

    Examples
    --------
    >>> from mctoolkit.models.captured_request import CapturedRequest
    >>> def call(number, event_type, playhead, ts):
    ...     body = {"eventType": event_type, "playerTime": {"playhead": playhead, "ts": 1509045324000 + ts}}
    ...     return CapturedRequest(number, "sessions" if number == 1 else "events", body)
    >>> session = Session("7f3a", [call(1, "sessionStart", 0, 0), call(2, "play", 0, 500),
    ...                            call(3, "pauseStart", 10, 10_500), call(4, "sessionEnd", 10, 14_500)])
    >>> [(span.kind, span.seconds) for span in session.spans]
    [('playing', 10.0), ('paused', 4.0)]
    >>> session.summary.playing_s, session.state.closing(1509045400000).why
    (10.0, 'end')
    """

    def __init__(self, id: str, calls: Iterable[CapturedRequest]) -> None:  # noqa: A002  the field's name
        self.id = id
        held = tuple(calls)
        self.key = held[0].session_key or id if held else id
        self.capture = held[0].source if held else ""
        self.events: tuple[TimedEvent, ...] = moments(held)
        if not self.events:
            raise UsageError("a Session has at least one event, and no call was given")

    @cached_property
    def _account(self) -> TimelineData:
        return account(self.events)

    @property
    def state(self) -> SessionState:
        """The state after the last event."""
        return self._account.state

    @property
    def spans(self) -> tuple[Span, ...]:
        """What lasted: content that plays, pauses or waits for data, ads, chapters, states, silences; by its start."""
        return self._account.spans

    @property
    def marks(self) -> tuple[Mark, ...]:
        """What happened at one moment: start, pings, errors, bitrates, completion, end, lost events; by time."""
        return self._account.marks

    @property
    def summary(self) -> Summary:
        """What it adds up to: times, counts, progress, quality."""
        return self._account.summary

    @cached_property
    def title(self) -> str:
        """The programme as the player names it, or an empty text."""
        params = self.events[0].member("params")
        return str(params.get("media.name") or params.get("media.id") or "")

    def at(self, entry: int) -> TimedEvent | None:
        """Return the event with a number of the capture, or None."""
        return self._by_entry.get(entry)

    @cached_property
    def _by_entry(self) -> dict[int, TimedEvent]:
        return {moment.number: moment for moment in reversed(self.events)}

    def __repr__(self) -> str:
        return f"<Session {self.id}: {len(self.events)} events>"


def gather(calls: Iterable[CapturedRequest], keys: Collection[str] | None = None) -> dict[str, Session]:
    """Sort the calls of a capture into sessions, holding all their events in memory.

    Parameters
    ----------
    calls : iterable of CapturedRequest
        In the order of the capture. Calls that belong to no session are passed over.
    keys : collection of str, optional
        Only the sessions with these keys (``session_key``); of a large capture, those to look at.

    Returns
    -------
    dict of str to Session
        By key, in the order in which they begin.

    Examples
    --------
    >>> from mctoolkit.models.captured_request import CapturedRequest
    >>> list(gather([CapturedRequest(1, "events", {"eventType": "ping"}, session_key="7f3a"), CapturedRequest(2, "schemas", None)]))
    ['7f3a']
    """
    held: dict[str, list[CapturedRequest]] = {}
    for call in calls:
        if call.session_key and (keys is None or call.session_key in keys):
            held.setdefault(call.session_key, []).append(call)
    return {key: Session(of[0].session_id or key, of) for key, of in held.items()}
