"""The handlers of the endpoints: each validates a request, applies it to its session and returns the response."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from mctoolkit._core.clocks import IdSource
from mctoolkit.models.event import Event
from mctoolkit.models.problem import Problem, Verdict
from mctoolkit.models.session import SessionState
from mctoolkit.sandbox.request_log import LogEntry
from mctoolkit.sandbox.responses import Response, ResponseFactory, format_problem, with_notes
from mctoolkit.sandbox.sessions import Closed, SessionRegistry
from mctoolkit.spec import catalog
from mctoolkit.validation import Endpoint, is_certainly_valid, validate

__all__ = ["MAX_VALUES", "RequestHandlers"]

MAX_VALUES = 2_000
"""The limit for the values in one event: the time to find every problem grows with their number."""


class RequestHandlers:
    """Handles the requests of the API, one method per endpoint, and notes the result in the log entry.

    Parameters
    ----------
    ids : callable
        Generates the session ids.
    registry : SessionRegistry
        The sessions.
    responses : ResponseFactory
        Builds the responses.
    lenient : bool
        Accept events that violate only rules that the real service may not enforce (``lenient`` in the rules of
        ``mctoolkit.spec``), and note the violations.
    """

    def __init__(
        self, ids: IdSource, registry: SessionRegistry, responses: ResponseFactory, *, lenient: bool = False
    ) -> None:
        self._ids = ids
        self._registry = registry
        self._responses = responses
        self._lenient = lenient

    def post_session(self, entry: LogEntry, event: Event) -> Response:
        """Handle ``POST /sessions``: a ``sessionStart``, or (deprecated) a list of events."""
        if type(event.value) is list:
            entry.endpoint = "downloaded"
            return self._accept_list(entry, event, "sessions")
        rejection, noted = self._validate(entry, event, "sessions")
        if rejection is not None:
            return rejection
        session_id = self._ids()
        response = self._responses.created(session_id)
        self._registry.start(session_id, event.value, entry.at_ms)
        entry.session_id, entry.accepted = session_id, True
        return _note(entry, response, noted)

    def post_event(self, entry: LogEntry, event: Event, *, closing: bool) -> Response:
        """Handle ``POST /sessions/{sid}/events``; ``closing`` as for :meth:`ResponseFactory.accepted`."""
        session_id = entry.session_id or ""
        state = self._registry.find(session_id, entry.at_ms)
        if state is None:
            return self._responses.unknown_session(session_id)
        if isinstance(state, Closed):
            return self._responses.closed_session(session_id, *state)
        rejection, noted = self._validate(entry, event, "events")
        if rejection is not None:
            return rejection
        entry.violations = self._registry.add_event(session_id, state, event.value, entry.at_ms)
        entry.accepted = True
        return _note(entry, self._responses.accepted(closing=closing), noted)

    def post_downloaded(self, entry: LogEntry, event: Event) -> Response:
        """Handle ``POST /downloaded``: a list of events, which is accepted or rejected as a whole."""
        return self._accept_list(entry, event, "downloaded")

    def get_schema(self, event_type: str) -> Response:
        """Handle ``GET /schemas/{eventType}``."""
        if event_type in catalog.event_types():
            return self._responses.schema(event_type)
        return self._responses.unknown_schema(event_type)

    def unprocessed(self, endpoint: str, *, closing: bool) -> Response:
        """Return a response of success without processing the request: a fault replaces it."""
        return self._responses.accepted(closing=closing) if endpoint == "events" else self._responses.list_accepted()

    def _accept_list(self, entry: LogEntry, event: Event, endpoint: Endpoint) -> Response:
        rejection, noted = self._validate(entry, event, endpoint)
        if rejection is not None:
            return rejection
        entry.violations, entry.accepted = tuple(_list_violations(event.value)), True
        return _note(entry, self._responses.list_accepted(), noted)

    def _validate(self, entry: LogEntry, event: Event, endpoint: Endpoint) -> tuple[Response | None, Sequence[Problem]]:
        """Return the response to an invalid event, otherwise None; and the problems to note on an accepted one."""
        if _has_too_many_values(entry, event):
            return self._responses.too_many_values(MAX_VALUES), ()
        if is_certainly_valid(event, endpoint):
            return None, ()
        verdict = validate(event, endpoint=endpoint, now_ms=entry.at_ms)
        ignored = [p for p in verdict.errors if catalog.rule(p.rule).lenient] if self._lenient else []
        if len(ignored) < len(verdict.errors):
            problems = tuple(p for p in verdict.problems if p not in ignored)
            return self._responses.invalid(Verdict(event, problems)), ()
        return None, [*ignored, *(p for p in verdict.problems if p.rule == "list-deprecated")]


def _note(entry: LogEntry, response: Response, noted: Sequence[Problem]) -> Response:
    if not noted:
        return response
    entry.notes = tuple(map(format_problem, noted))
    return with_notes(response, noted)


def _has_too_many_values(entry: LogEntry, event: Event) -> bool:
    """Tell whether an event, or one in a list, has too many values; a count of commas avoids most of the work."""
    if entry.request_body.count(b",") < MAX_VALUES:
        return False
    events = event.value if isinstance(event.value, list) else [event.value]
    return any(_count_values(each) > MAX_VALUES for each in events)


def _count_values(value: Any) -> int:
    """Count the values at all depths, without recursion."""
    count, layer = 0, [value]
    while layer:
        members = [
            list(each.values()) if isinstance(each, dict) else each for each in layer if isinstance(each, dict | list)
        ]
        layer = [each for inner in members for each in inner]
        count += len(layer)
    return count


def _list_violations(events: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Yield the session rules that a list of events violates, by the time stamps of the events."""
    start, *rest = events
    state = SessionState(int(start["playerTime"]["ts"]), start)
    for event in rest:
        yield from state.apply(event, int(event["playerTime"]["ts"]))
