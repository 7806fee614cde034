"""HTTP in, HTTP out: which request gets which reply, and what keeps any request from doing harm."""

from __future__ import annotations

import asyncio
import contextlib
import logging

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mctoolkit.clocks import Clock, IdSource
from mctoolkit.sandbox.faults import Faults
from mctoolkit.sandbox.replies import SESSIONS_PATH, Replies, Reply
from mctoolkit.validation import validate

__all__ = ["LARGEST_BODY_BYTES", "application"]

LARGEST_BODY_BYTES = 1024 * 1024
"""A longer body is answered with 413; those of the API have a few thousand bytes."""

_LINGER_S = 2.0

_logger = logging.getLogger("mctoolkit.sandbox")


def application(clock: Clock, ids: IdSource, faults: Faults | None = None) -> ASGIApp:
    """Return the sandbox as an ASGI application: what any ASGI server can run.

    Parameters
    ----------
    clock : Clock
        Tells the time of the headers ``Date``, and by which a time stamp looks odd.
    ids : callable
        Makes the session ids; called once for each session, by one thread.
    faults : Faults, optional
        What is answered instead, for the next requests.

    Returns
    -------
    callable
        ``POST /api/v1/sessions`` begins a session; ``GET /`` says what this is. A page of another origin
        can read every answer. There is no state but that of ``clock`` and ``ids``.

    Examples
    --------
    >>> from mctoolkit.clocks import HandClock, seeded_ids
    >>> callable(application(HandClock(), seeded_ids(7)))
    True

    Notes
    -----
    Source: Experience League, "Sessions request". What a wrong path, a wrong method or a body of the wrong
    size gets is documented nowhere: those answers are our own.
    """
    replies = Replies(clock)

    async def sessions(request: Request) -> Response:
        if faults is not None and faults.take() is not None:
            return _response(replies.played_fault())
        # Whatever the Content-Type says, the body is read as JSON: the documented curl call sends none.
        verdict = validate(await request.body(), endpoint="sessions", now_ms=clock.now_ms())
        return _response(replies.created(ids()) if verdict.ok else replies.refused(verdict))

    async def home(_: Request) -> Response:
        return _response(replies.welcome())

    routes = [Route("/", home, methods=["GET"]), Route(SESSIONS_PATH, sessions, methods=["POST"])]

    async def astray(request: Request, _: Exception) -> Response:
        path = request.scope["path"]
        matching = [route for route in routes if route.matches(request.scope)[0] is not Match.NONE]
        methods = {method for route in matching for method in route.methods or ()}
        allowed = sorted(methods | {"OPTIONS"}) if methods else []
        if request.method == "OPTIONS" and (allowed or "access-control-request-method" in request.headers):
            return _response(replies.preflight(allowed))
        if allowed:
            return _response(replies.wrong_method(request.method, path, allowed))
        return _response(replies.no_such_path(path))

    gate = Middleware(_Gate, replies=replies)
    app = Starlette(routes=routes, middleware=[gate], exception_handlers={404: astray, 405: astray})
    app.router.redirect_slashes = False  # a player that writes a slash too much shall see that it does
    return app


class _Gate:
    """Reads the body within bounds before anything else happens, and turns a failure of ours into a 500."""

    def __init__(self, app: ASGIApp, replies: Replies) -> None:
        self._app = app
        self._replies = replies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answering = False

        async def watched(message: Message) -> None:
            nonlocal answering
            answering = True
            await send(message)

        try:
            await self._answer(scope, receive, watched)
        except _ClientGoneError:
            pass
        except Exception:
            _logger.exception("%s %r could not be answered", scope["method"], scope["path"])
            if answering:
                raise
            await _response(self._replies.failed())(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            body = await _body(scope, receive)
        except _TooLargeError as found:
            await _refuse_body(self._replies.too_large(LARGEST_BODY_BYTES), receive, send, found.more)
            return
        whole: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def again() -> Message:
            return whole.pop() if whole else await receive()

        await self._app(scope, again, send)


class _ClientGoneError(Exception):
    """The client closed the connection before its request was complete: there is nobody to answer."""


class _TooLargeError(Exception):
    """The body is larger than is read; ``more`` tells whether some of it is still to come."""

    def __init__(self, more: bool) -> None:
        self.more = more


async def _body(scope: Scope, receive: Receive) -> bytes:
    """Read the body of a request, but no further than it takes to know that it is too large."""
    declared = dict(scope["headers"]).get(b"content-length", b"")
    if declared.isdigit() and int(declared) > LARGEST_BODY_BYTES:
        raise _TooLargeError(more=True)
    body, more = bytearray(), True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _ClientGoneError
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > LARGEST_BODY_BYTES:
            raise _TooLargeError(more)
    return bytes(body)


async def _refuse_body(reply: Reply, receive: Receive, send: Send, more: bool) -> None:
    """Answer while the body may still be coming, and take in the rest for a while before closing.

    Closed at once, the client's system would throw the answer away together with what could not be sent.
    """
    await send({"type": "http.response.start", "status": reply.status, "headers": _raw(reply)})
    await send({"type": "http.response.body", "body": reply.body, "more_body": True})
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_LINGER_S):
            while more:
                more = (await receive()).get("more_body", False)
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def _response(reply: Reply) -> Response:
    response = Response(reply.body, reply.status)
    response.raw_headers = _raw(reply)
    return response


def _raw(reply: Reply) -> list[tuple[bytes, bytes]]:
    return [(name.encode("ascii"), value.encode("ascii")) for name, value in reply.headers]
