"""HTTP/1.1 connections: they limit what a client can send, and pass complete requests to uvicorn one at a time."""

from __future__ import annotations

import asyncio
import functools
import re
from collections import deque
from typing import Any

import httptools
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from mctoolkit.sandbox.app import MAX_BODY_BYTES
from mctoolkit.sandbox.host_check import reject

__all__ = ["Connection", "ServerConfig"]

_MAX_HEAD_BYTES = 64 * 1024
_MAX_HEADERS = 100
_HEAD_S = 10.0
_BODY_S = 30.0
_UNREAD_S = 60.0
"""How long a response can wait for a client that does not read it."""
_LINGER_S = 2.0
"""How long to read the rest of a rejected request: after an immediate close, a client could lose the response."""
_MAX_OVERHEAD = 8
"""The limit for received bytes per byte of a body; a body sent in chunks of one byte has six."""

_ABSOLUTE = re.compile(rb"[a-z][a-z0-9+.-]*://(?:[^/?#@]*@)?([^/?#]*)/?", re.IGNORECASE)
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_IDLE, _HEAD, _BODY = range(3)


class ServerConfig(uvicorn.Config):
    """uvicorn's configuration for servers that use :class:`Connection`.

    Parameters
    ----------
    app : callable
        The ASGI application.
    options : object
        Further options of :class:`uvicorn.Config`.

    Attributes
    ----------
    connections : set of Connection
        The open connections.
    """

    def __init__(self, app: ASGIApp, **options: Any) -> None:
        super().__init__(_with_connection(app), http=Connection, ws="none", interface="asgi3", **options)
        self.connections: set[Connection] = set()


def _with_connection(app: ASGIApp) -> ASGIApp:
    """Wrap an application: send the responses to rejected requests, and tell the connection when each is complete."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        connection: Connection = scope["state"]["connection"]
        if connection.rejection and not connection.queue:  # a rejected request is the last one of its connection
            await reject(connection.rejection, send)
        else:
            await app(scope, receive, send)
        connection.response_complete()

    return serve


class Connection(asyncio.Protocol):
    """A connection that reads and checks a whole request before it passes the request to uvicorn's own protocol.

    uvicorn creates one for each connection of a server with a :class:`ServerConfig`. Of uvicorn's protocol, only the
    methods of :class:`asyncio.Protocol` are called.

    A request that exceeds a limit gets 431, 408 or 400 after the responses to earlier requests, and the connection
    closes. While a request is queued, nothing is read. An offer to upgrade the protocol is ignored, its body is kept.
    The host of an absolute URL in the request line replaces the ``Host`` header.

    Notes
    -----
    Source: RFC 9110, 7.8 (Upgrade); RFC 9112, 3.2.2 (absolute form); RFC 6585, 5 (431); uvicorn, issue 2722.
    """

    transport: asyncio.Transport
    rejection: str | None = None
    is_lingering = False
    _client_closed = _stopped = _is_responding = False
    _stage = _IDLE
    _received = 0
    _deadline: asyncio.TimerHandle
    _unread: asyncio.TimerHandle

    def __init__(self, *, config: ServerConfig, app_state: dict[str, Any], **options: Any) -> None:
        self._state = {**app_state, "connection": self}
        self._inner = HttpToolsProtocol(config, app_state=self._state, **options)
        self._open = config.connections
        self._idle_s = config.timeout_keep_alive
        self._call_later = asyncio.get_running_loop().call_later
        self._parser = httptools.HttpRequestParser(self)
        self.queue: deque[bytes] = deque()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start a connection."""
        self.transport = transport
        self._open.add(self)
        self._inner.connection_made(_ResponseTransport(self))
        self._deadline = self._call_later(self._idle_s, transport.close)

    def connection_lost(self, exc: Exception | None) -> None:
        """Release the resources of the connection."""
        self._set_stage(_IDLE)
        self._open.discard(self)
        self.queue.clear()
        self._state.clear()
        self._inner.connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse data within the limits."""
        self._received += len(data)
        while data and not self._stopped:
            try:
                self._parser.feed_data(data)
                break
            except httptools.HttpParserUpgrade as offer:  # the parser skips the body: parse again without the offer
                self._parser = httptools.HttpRequestParser(self)
                data = self._head + data[offer.args[0] :]
            except httptools.HttpParserError:
                if not self._stopped:  # otherwise one of the methods below stopped the parser
                    self._reject("not_http")
        if self._stopped or self._stage == _IDLE:
            return
        if self._received > _MAX_HEAD_BYTES + _MAX_OVERHEAD * len(self._body):
            self._reject("head" if self._stage == _HEAD else "chunks")
        elif self._deadline.cancelled():
            if not self._is_responding:
                self._inner.data_received(b"\r\n")  # a line end before a request stops uvicorn's idle timeout
            self._deadline = self._call_later(_HEAD_S if self._stage == _HEAD else _BODY_S, self._reject, "slow")

    def on_message_begin(self) -> None:
        """Start a request; the parser calls this and the other ``on_`` methods."""
        self._set_stage(_HEAD)
        self._received = 0
        self._url, self._body = b"", bytearray()
        self._headers: list[tuple[bytes, bytes]] = []

    def on_url(self, url: bytes) -> None:
        """Add a part of the URL."""
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Add a header; trailers after the body are dropped."""
        name = name.lower()
        if self._stage == _HEAD and name != b"upgrade":
            self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        """Check the head and write it as uvicorn receives it."""
        method, version = self._parser.get_method(), self._parser.get_http_version().encode()
        if method == b"CONNECT":
            raise self._reject("connect")
        if not self._url.startswith(b"/"):
            if absolute := _ABSOLUTE.match(self._url):
                self._headers = [(b"host", absolute[1]), *(pair for pair in self._headers if pair[0] != b"host")]
                self._url = b"/" + self._url[absolute.end() :]
            httptools.parse_url(self._url)  # an error here is a 400
        lines = [b"%b %b HTTP/%b" % (method, self._url, version), *map(b": ".join, self._headers)]
        self._head = b"\r\n".join([*lines, b"", b""])
        if len(self._head) > _MAX_HEAD_BYTES or len(self._headers) > _MAX_HEADERS:
            raise self._reject("head")
        self._set_stage(_BODY)
        fields = dict(self._headers)
        self._is_chunked = b"transfer-encoding" in fields
        if int(fields.get(b"content-length", 0)) > MAX_BODY_BYTES:
            raise self._forward_last(self._head)
        if b"expect" in fields and not self._is_responding and not self._parser.should_upgrade():
            self.transport.write(_CONTINUE)

    def on_body(self, body: bytes) -> None:
        """Add a part of the body."""
        self._body += body
        if len(self._body) > MAX_BODY_BYTES:
            raise self._forward_last(self._request())

    def on_message_complete(self) -> None:
        """Forward the request."""
        self._set_stage(_IDLE)
        if not self._parser.should_upgrade():
            self._forward(self._request())

    def response_complete(self) -> None:
        """Continue with the next request, or close the connection if the client has closed its side."""
        if self.transport.is_closing() or self.is_lingering:
            return
        if self.queue:
            self._inner.data_received(self.queue.popleft())
            if not self.queue:
                self.transport.resume_reading()
        else:
            self._is_responding = False
            if self._client_closed:
                self.transport.close()

    def close(self) -> None:
        """Close the connection (called for uvicorn's protocol), after reading the rest of a rejected request."""
        if self.is_lingering or self._client_closed or not self._stopped:
            self.transport.close()
            return
        self.is_lingering = True
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.transport.resume_reading()
        self._deadline = self._call_later(_LINGER_S, self.transport.abort)

    def eof_received(self) -> bool:
        """Keep the connection open until complete requests have their responses."""
        self._stopped = self._client_closed = True
        return self._is_responding and not self.is_lingering

    def pause_writing(self) -> None:
        """Wait for the client to read, for a limited time."""
        self._inner.pause_writing()
        self._unread = self._call_later(_UNREAD_S, self.transport.abort)

    def resume_writing(self) -> None:
        """Continue after the client has read."""
        self._unread.cancel()
        self._inner.resume_writing()

    def _set_stage(self, stage: int) -> None:
        self._stage = stage
        self._deadline.cancel()

    def _request(self) -> bytes:
        """Return the request as uvicorn receives it, a chunked body in one chunk."""
        body = bytes(self._body)
        if self._is_chunked:
            body = (b"%x\r\n%b\r\n" % (len(body), body) if body else b"") + b"0\r\n\r\n"
        return self._head + body

    def _forward(self, request: bytes) -> None:
        if self._is_responding:
            self.queue.append(request)
            self.transport.pause_reading()
        else:
            self._is_responding = True
            self._inner.data_received(request)

    def _forward_last(self, request: bytes) -> ValueError:
        """Forward a request and stop reading; return the exception that stops the parser."""
        self._set_stage(self._stage)
        self._forward(request)
        self._stopped = True
        return ValueError(request)

    def _reject(self, reason: str) -> ValueError:
        """Reject the request after the responses to earlier ones."""
        self.rejection = reason
        return self._forward_last(b"GET / HTTP/1.1\r\n\r\n")


class _ResponseTransport(asyncio.Transport):
    """The transport of uvicorn's protocol: capitalises header names, which uvicorn writes in lower case.

    uvicorn writes the head of a response in one piece, and no body of the sandbox starts like a head.
    """

    def __init__(self, connection: Connection) -> None:
        super().__init__()
        self._connection, self._transport = connection, connection.transport

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._transport.get_extra_info(name, default)

    def close(self) -> None:
        self._connection.close()

    def abort(self) -> None:
        self._transport.abort()

    def is_closing(self) -> bool:
        return self._connection.is_lingering or self._transport.is_closing()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if not data or data == _CONTINUE or self.is_closing():  # the connection writes _CONTINUE itself
            return
        if data[:5] == b"HTTP/":
            head, end, body = bytes(data).partition(b"\r\n\r\n")
            data = b"\r\n".join(map(_capitalize_name, head.split(b"\r\n"))) + end + body
        self._transport.write(data)

    def pause_reading(self) -> None:
        """Do nothing: the connection decides when to read."""

    def resume_reading(self) -> None:
        """Do nothing: the connection decides when to read."""


@functools.lru_cache(maxsize=256)
def _capitalize_name(line: bytes) -> bytes:
    """Return a header line with a capitalised name; the status line has no name and stays the same."""
    name, colon, value = line.partition(b": ")
    return name.title() + colon + value if colon else line
