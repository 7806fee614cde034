"""What is done with a request to each endpoint: judged, taken into its session, answered, and noted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from mctoolkit._core.clocks import IdSource
from mctoolkit.models.event import Event
from mctoolkit.models.problem import Problem, Verdict
from mctoolkit.models.session import SessionState
from mctoolkit.sandbox.request_log import LogEntry
from mctoolkit.sandbox.responses import Response, ResponseFactory, in_short
from mctoolkit.sandbox.sessions import Closed, SessionRegistry
from mctoolkit.spec import catalog
from mctoolkit.validation import Endpoint, is_certainly_valid, validate

__all__ = ["MOST_VALUES", "RequestHandlers"]

MOST_VALUES = 2_000
"""How many values one event may have. All that is wrong with it is looked for, and that takes its time for each."""


class RequestHandlers:
    """Answers the requests of the API, one method an endpoint. Each notes what it finds in the entry at hand.

    Parameters
    ----------
    ids : callable
        Makes the session ids.
    registry : SessionRegistry
        The sessions.
    replies : ResponseFactory
        What answers look like.
    lenient : bool
        Take what the published schemas would refuse but a kinder server might not, and note it: the rules that are
        ``lenient`` in the facts.
    """

    def __init__(
        self, ids: IdSource, registry: SessionRegistry, replies: ResponseFactory, *, lenient: bool = False
    ) -> None:
        self._ids = ids
        self._registry = registry
        self._replies = replies
        self._lenient = lenient

    def begin(self, entry: LogEntry, event: Event) -> Response:
        """``POST /sessions``: one ``sessionStart``; or, deprecated, a list of events."""
        if type(event.value) is list:
            entry.endpoint = "downloaded"
            return self._taken_whole(entry, event, "sessions")
        if _too_many_values(entry, event):
            return self._replies.too_many_values(MOST_VALUES)
        verdict, noted = self._judged(event, "sessions", entry.at_ms)
        if verdict is not None:
            return self._replies.refused(verdict)
        session_id = self._ids()
        reply = self._replies.created(session_id)
        self._registry.begin(session_id, event.value, entry.at_ms)
        entry.session_id, entry.taken = session_id, True
        return self._noted(entry, reply, noted)

    def take(self, entry: LogEntry, event: Event, *, closing: bool) -> Response:
        """``POST /sessions/{sid}/events``: any other event; ``closing`` as for :meth:`ResponseFactory.accepted`."""
        session_id = entry.session_id or ""
        state = self._registry.find(session_id, entry.at_ms)
        if state is None:
            return self._replies.unknown_session(session_id)
        if isinstance(state, Closed):
            return self._replies.closed_session(session_id, *state)
        if _too_many_values(entry, event):
            return self._replies.too_many_values(MOST_VALUES)
        verdict, noted = self._judged(event, "events", entry.at_ms)
        if verdict is not None:
            return self._replies.refused(verdict)
        entry.slips = self._registry.take(session_id, state, event.value, entry.at_ms)
        entry.taken = True
        return self._noted(entry, self._replies.accepted(closing=closing), noted)

    def take_list(self, entry: LogEntry, event: Event) -> Response:
        """``POST /downloaded``: a list of events, taken or refused as a whole."""
        return self._taken_whole(entry, event, "downloaded")

    def schema(self, name: str) -> Response:
        """``GET /schemas/{eventType}``."""
        return self._replies.schema(name) if name in catalog.event_types() else self._replies.no_such_schema(name)

    def as_if_taken(self, endpoint: str, *, closing: bool) -> Response:
        """Return the response to a request that is spoilt on purpose before anything is done with it."""
        return self._replies.accepted(closing=closing) if endpoint == "events" else self._replies.taken_whole()

    def _taken_whole(self, entry: LogEntry, event: Event, endpoint: Endpoint) -> Response:
        if _too_many_values(entry, event):
            return self._replies.too_many_values(MOST_VALUES)
        verdict, noted = self._judged(event, endpoint, entry.at_ms)
        if verdict is not None:
            return self._replies.refused(verdict)
        entry.slips, entry.taken = tuple(_slips(event.value)), True
        return self._noted(entry, self._replies.taken_whole(), noted)

    def _judged(self, event: Event, endpoint: Endpoint, now_ms: int) -> tuple[Verdict | None, Sequence[Problem]]:
        """Return the verdict by which a body is refused, or None; and what should be noted of one that is taken."""
        if is_certainly_valid(event, endpoint):
            return None, ()
        verdict = validate(event, endpoint=endpoint, now_ms=now_ms)
        spared = [p for p in verdict.errors if catalog.rule(p.rule).lenient] if self._lenient else []
        if len(spared) < len(verdict.errors):
            return Verdict(event, tuple(p for p in verdict.problems if p not in spared)), ()
        return None, [*spared, *(p for p in verdict.problems if p.rule == "list-deprecated")]

    def _noted(self, entry: LogEntry, reply: Response, noted: Sequence[Problem]) -> Response:
        if not noted:
            return reply
        entry.notes = tuple(in_short([problem]).removeprefix("1; ") for problem in noted)
        return self._replies.noted(reply, noted)


def _too_many_values(entry: LogEntry, event: Event) -> bool:
    """Tell whether an event, or one in a list, has more values than are looked at."""
    if entry.request_body.count(b",") < MOST_VALUES:
        return False
    events = event.value if isinstance(event.value, list) else [event.value]
    return any(_values(each) > MOST_VALUES for each in events)


def _values(value: Any) -> int:
    count, layer = 0, [value]
    while layer:
        members = [
            list(each.values()) if isinstance(each, dict) else each for each in layer if isinstance(each, dict | list)
        ]
        layer = [each for inner in members for each in inner]
        count += len(layer)
    return count


def _slips(events: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Yield the rules of a session that a list of events breaks; its time is that of the events themselves."""
    start, *rest = events
    state = SessionState(int(start["playerTime"]["ts"]), start)
    for event in rest:
        yield from state.apply(event, int(event["playerTime"]["ts"]))
