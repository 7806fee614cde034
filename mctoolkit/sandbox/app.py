"""The sandbox as an ASGI application: routes, size limits, faults and the request log."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from starlette.routing import Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from mctoolkit._core.clocks import Clock, IdSource
from mctoolkit._core.html import shorten
from mctoolkit.models.event import Event
from mctoolkit.sandbox.fault_effects import fault_response, send_response, send_with_fault
from mctoolkit.sandbox.faults import Fault, Faults
from mctoolkit.sandbox.handlers import RequestHandlers
from mctoolkit.sandbox.request_log import LogEntry, RequestLog
from mctoolkit.sandbox.responses import Response, ResponseFactory
from mctoolkit.sandbox.sessions import SessionRegistry
from mctoolkit.spec.paths import DOWNLOADED_PATH, EVENTS_PATH, SCHEMAS_PATH, SESSIONS_PATH

__all__ = ["MAX_BODY_BYTES", "application"]

MAX_BODY_BYTES = 1024 * 1024
"""The limit for a body, above which the response is 413; typical bodies of this API have a few thousand bytes."""

_MAX_EVENT_TYPE_CHARS = 64

_logger = logging.getLogger("mctoolkit.sandbox")


def application(
    clock: Clock,
    ids: IdSource,
    faults: Faults | None = None,
    *,
    registry: SessionRegistry | None = None,
    log: RequestLog | None = None,
    lenient: bool = False,
) -> ASGIApp:
    """Return the sandbox as an ASGI application, for any ASGI server.

    Parameters
    ----------
    clock : Clock
        Gives the time for the ``Date`` headers, the checks of time stamps and the timeouts of sessions.
    ids : callable
        Generates the session ids; called once for each session, by one thread.
    faults : Faults, optional
        The faults that requests can trigger.
    registry : SessionRegistry, optional
        Holds the sessions.
    log : RequestLog, optional
        Records the requests and responses.
    lenient : bool
        Accept, with a note, events that violate only rules that the real service may not enforce.

    Returns
    -------
    callable
        The endpoints of the API under ``/api/v1``, and ``GET /``, which says what this server is. Pages of every
        origin can read the responses; no request returns what the log recorded.

    Examples
    --------
    >>> from mctoolkit._core.clocks import ManualClock, seeded_ids
    >>> callable(application(ManualClock(), seeded_ids(7)))
    True

    Notes
    -----
    Source: Experience League, "Sessions request", "Events request", "Validating event requests", "Track downloaded
    content". The responses to unknown paths, wrong methods and too large bodies are not documented; those here are
    the sandbox's own.
    """
    responses = ResponseFactory(clock)
    handlers = RequestHandlers(ids, registry if registry is not None else SessionRegistry(), responses, lenient=lenient)

    def post_session(entry: LogEntry, event: Event, _: Scope) -> Response:
        return handlers.post_session(entry, event)

    def post_event(entry: LogEntry, event: Event, scope: Scope) -> Response:
        entry.session_id = scope["path_params"]["sid"]
        return handlers.post_event(entry, event, closing=scope["closing"])

    def post_downloaded(entry: LogEntry, event: Event, _: Scope) -> Response:
        return handlers.post_downloaded(entry, event)

    def get_schema(_: LogEntry, __: Event, scope: Scope) -> Response:
        return handlers.get_schema(scope["path_params"]["event"])

    def get_root(_: LogEntry, __: Event, ___: Scope) -> Response:
        return responses.welcome()

    def unprocessed(endpoint: str, scope: Scope) -> Response:
        return handlers.unprocessed(endpoint, closing=scope["closing"])

    def route(path: str, endpoint: str, **methods: _Handler) -> Route:
        return Route(path, _Endpoint(endpoint, methods, responses, faults, unprocessed))

    sessions = route(SESSIONS_PATH, "sessions", POST=post_session)
    routes = [
        route(EVENTS_PATH, "events", POST=post_event),  # first, because most requests are for it
        sessions,
        route(f"{SCHEMAS_PATH}/{{event}}", "schemas", GET=get_schema, HEAD=get_schema),
        route(DOWNLOADED_PATH, "downloaded", POST=post_downloaded),
        route("/", "other", GET=get_root, HEAD=get_root),
    ]
    # No redirect for a trailing slash: a player should see the mistake.
    router = Router(routes, redirect_slashes=False, default=_NotFound(responses))

    async def dispatch(scope: Scope, receive: Receive, send: Send) -> None:
        # A path without parameters needs no search.
        await (sessions.app if scope["path"] == SESSIONS_PATH else router)(scope, receive, send)

    return _RequestPipeline(dispatch, clock, responses, log if log is not None else RequestLog())


_Handler = Callable[[LogEntry, Event, Scope], Response]


class _Endpoint:
    """An endpoint, as an ASGI application that puts its response into the scope instead of sending it."""

    def __init__(
        self,
        name: str,
        handlers: Mapping[str, _Handler],
        responses: ResponseFactory,
        faults: Faults | None,
        unprocessed: Callable[[str, Scope], Response],
    ) -> None:
        self._name = name
        self._handlers = handlers
        self._responses = responses
        self._faults = faults if name != "other" else None
        self._unprocessed = unprocessed
        self._allowed = sorted({*handlers, "OPTIONS"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        entry: LogEntry = scope["entry"]
        handler = self._handlers.get(entry.method)
        if handler is not None:
            entry.endpoint = self._name
            event = Event(entry.request_body)
            entry.event_type = _event_type(event)
            fault = self._faults.trigger(entry.event_type, self._name) if self._faults is not None else None
            scope["fault"] = fault
            if fault is None or fault.accepts_event:
                scope["response"] = handler(entry, event, scope)
            else:
                scope["response"] = self._unprocessed(self._name, scope)
        elif entry.method == "OPTIONS":
            entry.endpoint = "preflight"
            scope["response"] = self._responses.preflight(self._allowed)
        else:
            scope["response"] = self._responses.method_not_allowed(entry.method, scope["path"], self._allowed)


class _NotFound:
    """The endpoint for all other paths."""

    def __init__(self, responses: ResponseFactory) -> None:
        self._responses = responses

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        entry: LogEntry = scope["entry"]
        if entry.method == "OPTIONS" and any(name == b"access-control-request-method" for name, _ in entry.headers):
            entry.endpoint = "preflight"
            scope["response"] = self._responses.preflight([])
        else:
            scope["response"] = self._responses.not_found(scope["path"])


class _RequestPipeline:
    """Processes one request: reads its body within the limit, dispatches it, logs it and sends the response.

    An exception in the sandbox itself becomes a 500.
    """

    def __init__(self, dispatch: ASGIApp, clock: Clock, responses: ResponseFactory, log: RequestLog) -> None:
        self._dispatch = dispatch
        self._clock = clock
        self._responses = responses
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        try:
            body = await _read_body(scope, receive)
        except _ClientDisconnectedError:
            return
        started_ms = self._clock.monotonic_ms()
        scope["entry"] = entry = LogEntry.of(scope, body or b"", self._clock.now_ms())
        try:
            if body is not None:
                await self._dispatch(scope, receive, send)
                response: Response = scope["response"]
            else:
                response = self._responses.too_large(MAX_BODY_BYTES)
        except Exception:
            _logger.exception("%s %r failed", scope["method"], scope["path"])
            response = self._responses.internal_error()
        fault: Fault | None = scope.get("fault")
        sent = response if fault is None else fault_response(fault, response, scope)
        if sent is not None:
            entry.status, entry.response_headers, entry.response_body = sent.status, sent.raw_headers, sent.body
        if fault is not None:
            entry.fault = str(fault)
        entry.elapsed_ms = self._clock.monotonic_ms() - started_ms
        self._log.add(entry)
        if fault is not None:
            await send_with_fault(fault, scope, send, response)
        else:
            await send_response(response, send)


class _ClientDisconnectedError(Exception):
    """The client closed the connection before the request was complete."""


async def _read_body(scope: Scope, receive: Receive) -> bytes | None:
    """Read the body of a request; return None as soon as it is too large.

    Sets ``closing`` in the scope: whether the connection closes after the response.
    """
    closing = scope["http_version"] == "1.0"
    for name, value in scope["headers"]:
        if name == b"content-length":
            if value.isdigit() and int(value) > MAX_BODY_BYTES:
                return None
        elif name == b"connection":
            closing = closing or b"close" in value.lower()
    scope["closing"] = closing
    message = await receive()
    whole: bytes = message.get("body", b"")
    if message["type"] == "http.request" and not message.get("more_body", False) and len(whole) <= MAX_BODY_BYTES:
        return whole
    body = bytearray()
    while True:
        if message["type"] == "http.disconnect":
            raise _ClientDisconnectedError
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > MAX_BODY_BYTES:
            return None
        if not more:
            return bytes(body)
        message = await receive()


def _event_type(event: Event) -> str | None:
    found = event.value.get("eventType") if type(event.value) is dict else None
    return shorten(found, _MAX_EVENT_TYPE_CHARS) if isinstance(found, str) else None
