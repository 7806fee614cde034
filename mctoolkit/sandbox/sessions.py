"""The sessions of a sandbox: those that are open, each with its state, and the ids of those that are closed."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from mctoolkit.models.session import SessionState

__all__ = ["MOST_CLOSED", "MOST_OPEN", "Closed", "SessionRegistry"]

MOST_OPEN = 200_000
"""With so many open sessions, each new one closes the one that has been without an event for longest."""
MOST_CLOSED = 200_000
"""How many closed sessions are remembered; an id that is forgotten was never given, as far as answers go."""

_SWEPT = 4
"""How many sessions a new one looks at, to see whether their time is up: more than come in, so that none pile up."""


class Closed(NamedTuple):
    """Why a session is closed (``"end"``, ``"idle"``, ``"playhead"`` or ``"crowded"``), and since when."""

    why: str
    at_ms: int


class SessionRegistry:
    """Holds the sessions. Times are those of the sandbox's clock, in milliseconds since 1970.

    Sessions are kept in the order of their last events. So the one that is idle for longest is always the first, and
    to find those whose time is up none of the others is looked at.

    Parameters
    ----------
    most_open, most_closed : int
        The limits.

    Examples
    --------
    >>> registry = SessionRegistry()
    >>> registry.begin("7f3a", {}, 0)
    >>> registry.find("7f3a", 60_000).playback, registry.find("7f3a", 600_000), registry.find("other", 0)
    ('starting', Closed(why='idle', at_ms=600000), None)
    """

    def __init__(self, most_open: int = MOST_OPEN, most_closed: int = MOST_CLOSED) -> None:
        self._open: OrderedDict[str, SessionState] = OrderedDict()
        self._closed: OrderedDict[str, Closed] = OrderedDict()
        self._most_open = most_open
        self._most_closed = most_closed

    @property
    def open(self) -> Mapping[str, SessionState]:
        """The sessions that are open, or were when they were last looked at, by id; the idlest first."""
        return MappingProxyType(self._open.copy())

    @property
    def closed(self) -> Mapping[str, Closed]:
        """The sessions that are closed, by id, as long as they are remembered; the one closed first comes first."""
        return MappingProxyType(self._closed.copy())

    def begin(self, session_id: str, start: Mapping[str, Any], now_ms: int) -> None:
        """Open a session."""
        self._sweep(now_ms)
        self._closed.pop(session_id, None)
        self._open[session_id] = SessionState(now_ms, start)
        self._open.move_to_end(session_id)
        if len(self._open) > self._most_open:
            self.close(next(iter(self._open)), Closed("crowded", now_ms))

    def find(self, session_id: str, now_ms: int) -> SessionState | Closed | None:
        """Return the state of a session, or why it is closed; None for an id that was never given or is forgotten."""
        state = self._open.get(session_id)
        if state is None:
            return self._closed.get(session_id)
        closing = state.closing(now_ms)
        return state if closing is None else self.close(session_id, Closed(closing.why, closing.at_ms))

    def take(self, session_id: str, state: SessionState, body: Mapping[str, Any], now_ms: int) -> tuple[str, ...]:
        """Let an open session take an event; return the rules of a session by which it is out of order."""
        slips = state.apply(body, now_ms)
        self._open.move_to_end(session_id)
        closing = state.closing(now_ms)
        if closing is not None:
            self.close(session_id, Closed(closing.why, closing.at_ms))
        return slips

    def close(self, session_id: str, closed: Closed) -> Closed:
        """Close a session, and remember that it was."""
        self._open.pop(session_id, None)
        self._closed[session_id] = closed
        if len(self._closed) > self._most_closed:
            self._closed.popitem(last=False)
        return closed

    def _sweep(self, now_ms: int) -> None:
        for _ in range(_SWEPT):
            first = next(iter(self._open), None)
            if first is None or not isinstance(self.find(first, now_ms), Closed):
                return
