"""The sessions of a sandbox: the state of each open session, and why each other session is closed."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from mctoolkit.models.session import SessionState

__all__ = ["MAX_CLOSED", "MAX_OPEN", "Closed", "SessionRegistry"]

MAX_OPEN = 200_000
"""Above this number of open sessions, a new session closes the one that was idle the longest."""
MAX_CLOSED = 200_000
"""How many closed sessions are remembered; the ids of older ones count as unknown."""

_EXPIRY_CHECKS = 4
"""How many old sessions each new session checks for a timeout. With more than one, they cannot accumulate."""


class Closed(NamedTuple):
    """Why a session is closed (``"end"``, ``"idle"``, ``"playhead"`` or ``"evicted"``), and since when."""

    why: str
    at_ms: int


class SessionRegistry:
    """Holds the sessions. Times are milliseconds since 1970 on the sandbox's clock.

    Open sessions are in the order of their last events, so that the first is the one that was idle the longest, and
    expired sessions are found without a search.

    Parameters
    ----------
    max_open, max_closed : int
        The limits.

    Examples
    --------
    >>> registry = SessionRegistry()
    >>> registry.start("7f3a", {}, 0)
    >>> registry.find("7f3a", 60_000).playback, registry.find("7f3a", 600_000), registry.find("other", 0)
    ('starting', Closed(why='idle', at_ms=600000), None)
    """

    def __init__(self, max_open: int = MAX_OPEN, max_closed: int = MAX_CLOSED) -> None:
        self._open: OrderedDict[str, SessionState] = OrderedDict()
        self._closed: OrderedDict[str, Closed] = OrderedDict()
        self._max_open = max_open
        self._max_closed = max_closed

    @property
    def open(self) -> Mapping[str, SessionState]:
        """The open sessions by id, those idle the longest first; expired ones may be among them until :meth:`find`."""
        return MappingProxyType(self._open.copy())

    @property
    def closed(self) -> Mapping[str, Closed]:
        """The closed sessions by id, in the order in which they were closed."""
        return MappingProxyType(self._closed.copy())

    def start(self, session_id: str, event: Mapping[str, Any], now_ms: int) -> None:
        """Open a session with its ``sessionStart``."""
        self._close_expired(now_ms)
        self._closed.pop(session_id, None)
        self._open[session_id] = SessionState(now_ms, event)
        self._open.move_to_end(session_id)
        if len(self._open) > self._max_open:
            self.close(next(iter(self._open)), Closed("evicted", now_ms))

    def find(self, session_id: str, now_ms: int) -> SessionState | Closed | None:
        """Return the state of a session, or why it is closed; None if the id is unknown or forgotten."""
        state = self._open.get(session_id)
        if state is None:
            return self._closed.get(session_id)
        closing = state.closing(now_ms)
        return state if closing is None else self.close(session_id, Closed(closing.why, closing.at_ms))

    def add_event(self, session_id: str, state: SessionState, body: Mapping[str, Any], now_ms: int) -> tuple[str, ...]:
        """Apply an event to an open session, and return the ids of the session rules that it violates."""
        violations = state.apply(body, now_ms)
        self._open.move_to_end(session_id)
        closing = state.closing(now_ms)
        if closing is not None:
            self.close(session_id, Closed(closing.why, closing.at_ms))
        return violations

    def close(self, session_id: str, closed: Closed) -> Closed:
        """Close a session, and return why it is closed."""
        self._open.pop(session_id, None)
        self._closed[session_id] = closed
        if len(self._closed) > self._max_closed:
            self._closed.popitem(last=False)
        return closed

    def _close_expired(self, now_ms: int) -> None:
        for _ in range(_EXPIRY_CHECKS):
            first = next(iter(self._open), None)
            if first is None or not isinstance(self.find(first, now_ms), Closed):
                return
