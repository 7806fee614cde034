"""HTTP in, HTTP out: which request gets which reply, and what keeps any request from doing harm."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from starlette.routing import Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from mctoolkit._core.clocks import Clock, IdSource
from mctoolkit._core.html import shorten
from mctoolkit.models.event import Event
from mctoolkit.sandbox.faults import Fault, Faults, act, altered
from mctoolkit.sandbox.handlers import RequestHandlers
from mctoolkit.sandbox.request_log import LogEntry, RequestLog
from mctoolkit.sandbox.responses import Response, ResponseFactory
from mctoolkit.sandbox.sessions import SessionRegistry
from mctoolkit.spec.paths import DOWNLOADED_PATH, EVENTS_PATH, SCHEMAS_PATH, SESSIONS_PATH

__all__ = ["LARGEST_BODY_BYTES", "application"]

LARGEST_BODY_BYTES = 1024 * 1024
"""A longer body is answered with 413; those of the API have a few thousand bytes."""

_LONGEST_NAME = 64

_logger = logging.getLogger("mctoolkit.sandbox")


def application(
    clock: Clock,
    ids: IdSource,
    faults: Faults | None = None,
    *,
    registry: SessionRegistry | None = None,
    seen: RequestLog | None = None,
    lenient: bool = False,
) -> ASGIApp:
    """Return the sandbox as an ASGI application: what any ASGI server can run.

    Parameters
    ----------
    clock : Clock
        Tells the time of the headers ``Date``, by which a time stamp looks odd and sessions time out.
    ids : callable
        Makes the session ids; called once for each session, by one thread.
    faults : Faults, optional
        What goes wrong on purpose.
    registry : SessionRegistry, optional
        Holds the sessions.
    seen : RequestLog, optional
        Takes note of requests and answers.
    lenient : bool
        Take, and note, what the published schemas would refuse but a kinder server might not.

    Returns
    -------
    callable
        The endpoints of the API under ``/api/v1``, and ``GET /``, which says what this is. A page of another origin
        can read every response; nothing that was seen can be asked for.

    Examples
    --------
    >>> from mctoolkit._core.clocks import ManualClock, seeded_ids
    >>> callable(application(ManualClock(), seeded_ids(7)))
    True

    Notes
    -----
    Source: Experience League, "Sessions request", "Events request", "Validating event requests", "Track downloaded
    content". What a wrong path, a wrong method or a body of the wrong size gets is documented nowhere: those responses
    are our own.
    """
    replies = ResponseFactory(clock)
    desk = RequestHandlers(ids, registry if registry is not None else SessionRegistry(), replies, lenient=lenient)

    def begin(entry: LogEntry, event: Event, _: Scope) -> Response:
        return desk.begin(entry, event)

    def take(entry: LogEntry, event: Event, scope: Scope) -> Response:
        entry.session_id = scope["path_params"]["sid"]
        return desk.take(entry, event, closing=scope["closing"])

    def take_list(entry: LogEntry, event: Event, _: Scope) -> Response:
        return desk.take_list(entry, event)

    def schema(_: LogEntry, __: Event, scope: Scope) -> Response:
        return desk.schema(scope["path_params"]["event"])

    def home(_: LogEntry, __: Event, ___: Scope) -> Response:
        return replies.welcome()

    def spoilt(endpoint: str, scope: Scope) -> Response:
        return desk.as_if_taken(endpoint, closing=scope["closing"])

    def route(path: str, name: str, **handlers: _Handler) -> Route:
        return Route(path, _Endpoint(name, handlers, replies, faults, spoilt))

    sessions = route(SESSIONS_PATH, "sessions", POST=begin)
    routes = [
        route(EVENTS_PATH, "events", POST=take),  # most requests are for this one
        sessions,
        route(f"{SCHEMAS_PATH}/{{event}}", "schemas", GET=schema, HEAD=schema),
        route(DOWNLOADED_PATH, "downloaded", POST=take_list),
        route("/", "other", GET=home, HEAD=home),
    ]
    # A player that writes a slash too much shall see that it does.
    router = Router(routes, redirect_slashes=False, default=_Astray(replies))

    async def way(scope: Scope, receive: Receive, send: Send) -> None:
        # A path with nothing to look for in it needs no search, and most other requests are for this one.
        await (sessions.app if scope["path"] == SESSIONS_PATH else router)(scope, receive, send)

    return _Counter(way, clock, replies, seen if seen is not None else RequestLog())


_Handler = Callable[[LogEntry, Event, Scope], Response]


class _Endpoint:
    """A path of the API, as an ASGI application that does not answer: it leaves the reply in the scope."""

    def __init__(
        self,
        name: str,
        handlers: Mapping[str, _Handler],
        replies: ResponseFactory,
        faults: Faults | None,
        spoilt: Callable[[str, Scope], Response],
    ) -> None:
        self._name = name
        self._handlers = handlers
        self._replies = replies
        self._faults = faults if name != "other" else None
        self._spoilt = spoilt
        self._allowed = sorted({*handlers, "OPTIONS"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        entry: LogEntry = scope["entry"]
        handler = self._handlers.get(entry.method)
        if handler is not None:
            entry.endpoint = self._name
            event = Event(entry.request_body)
            entry.event_type = _event_type(event)
            fault = self._faults.choose(entry.event_type, self._name) if self._faults is not None else None
            scope["fault"] = fault
            if fault is None or fault.takes:
                scope["reply"] = handler(entry, event, scope)
            else:
                scope["reply"] = self._spoilt(self._name, scope)
        elif entry.method == "OPTIONS":
            entry.endpoint = "preflight"
            scope["reply"] = self._replies.preflight(self._allowed)
        else:
            scope["reply"] = self._replies.wrong_method(entry.method, scope["path"], self._allowed)


class _Astray:
    """Where there is nothing."""

    def __init__(self, replies: ResponseFactory) -> None:
        self._replies = replies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        entry: LogEntry = scope["entry"]
        if entry.method == "OPTIONS" and any(name == b"access-control-request-method" for name, _ in entry.headers):
            entry.endpoint = "preflight"
            scope["reply"] = self._replies.preflight([])
        else:
            scope["reply"] = self._replies.no_such_path(scope["path"])


class _Counter:
    """Serves one request: reads its body within the limits, records the response, then sends it.

    An exception in the sandbox itself becomes a 500.
    """

    def __init__(self, router: ASGIApp, clock: Clock, replies: ResponseFactory, seen: RequestLog) -> None:
        self._router = router
        self._clock = clock
        self._replies = replies
        self._seen = seen

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        try:
            body = await _body(scope, receive)
        except _ClientGoneError:
            return
        begun_ms = self._clock.monotonic_ms()
        scope["entry"] = entry = LogEntry.of(scope, body or b"", self._clock.now_ms())
        try:
            if body is not None:
                await self._router(scope, receive, send)
                reply: Response = scope["reply"]
            else:
                reply = self._replies.too_large(LARGEST_BODY_BYTES)
        except Exception:
            _logger.exception("%s %r could not be answered", scope["method"], scope["path"])
            reply = self._replies.failed()
        fault: Fault | None = scope.get("fault")
        if fault is not None:
            entry.fault = str(fault)
        _note(entry, altered(fault, reply, scope) if fault is not None else reply)
        entry.elapsed_ms = self._clock.monotonic_ms() - begun_ms
        self._seen.add(entry)
        if fault is not None:
            await act(fault, scope, send, reply)
        else:
            await send({"type": "http.response.start", "status": reply.status, "headers": reply.raw})
            await send({"type": "http.response.body", "body": reply.body, "more_body": False})


class _ClientGoneError(Exception):
    """The client closed the connection before its request was complete: there is nobody to answer."""


async def _body(scope: Scope, receive: Receive) -> bytes | None:
    """Read the body of a request; return None as soon as it is too large.

    Whether the connection ends with the response stands in the scope afterwards, as ``closing``.
    """
    closing = scope["http_version"] == "1.0"
    for name, value in scope["headers"]:
        if name == b"content-length":
            if value.isdigit() and int(value) > LARGEST_BODY_BYTES:
                return None
        elif name == b"connection":
            closing = closing or b"close" in value.lower()
    scope["closing"] = closing
    message = await receive()
    whole: bytes = message.get("body", b"")
    if message["type"] == "http.request" and not message.get("more_body", False) and len(whole) <= LARGEST_BODY_BYTES:
        return whole
    body = bytearray()
    while True:
        if message["type"] == "http.disconnect":
            raise _ClientGoneError
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > LARGEST_BODY_BYTES:
            return None
        if not more:
            return bytes(body)
        message = await receive()


def _note(entry: LogEntry, response: Response | None) -> None:
    """Put what is answered into the entry; nothing where the connection is cut before."""
    if response is not None:
        entry.status, entry.response_headers, entry.response_body = response.status, response.raw, response.body


def _event_type(event: Event) -> str | None:
    found = event.value.get("eventType") if type(event.value) is dict else None
    return shorten(found, _LONGEST_NAME) if isinstance(found, str) else None
