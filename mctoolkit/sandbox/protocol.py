"""HTTP/1.1 connections: limits in front of uvicorn's protocol, which gets one complete request at a time."""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import struct
import sys
from collections import deque
from typing import Any

import httptools
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from mctoolkit.sandbox.app import LARGEST_BODY_BYTES
from mctoolkit.sandbox.host_check import refuse

__all__ = ["Connection", "in_turn"]

_MOST_HEAD_BYTES = 64 * 1024
_MOST_HEADERS = 100
_HEAD_S = 10.0
_BODY_S = 30.0
_UNREAD_S = 60.0
"""How long responses may wait for a client that does not read them."""
_LINGER_S = 2.0
"""How long the rest of a refused request is read: closed at once, the client's system could drop the response."""
_SLACK = 8
"""Bytes on the wire for each byte of a body, at most: a body sent in chunks of one byte has six."""

_NAME = re.compile(rb"(\r\n[^:\r\n]+:)")
_ABSOLUTE = re.compile(rb"[a-z][a-z0-9+.-]*://(?:[^/?#@]*@)?([^/?#]*)/?", re.IGNORECASE)
_RESET = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_BETWEEN, _HEAD, _BODY = range(3)


def in_turn(app: ASGIApp) -> ASGIApp:
    """Wrap an application: respond to what its :class:`Connection` refuses, and tell it when a response is complete."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        connection: Connection = scope["state"]["connection"]
        if connection.refusal and not connection.waiting:  # a refused request is the last of its connection
            await refuse(f"wire.{connection.refusal}", send)
        else:
            await app(scope, receive, send)
        connection.responded()

    return serve


class Connection(asyncio.Protocol):
    """A connection that reads and checks each request in full before uvicorn's own protocol gets it.

    uvicorn makes one for each connection when given as ``Config(http=Connection)``; the application must be wrapped
    by :func:`in_turn`. uvicorn's protocol is an instance of the class that ``uvicorn.config.HTTP_PROTOCOLS`` names for
    "httptools", of which only the methods of :class:`asyncio.Protocol` are called.

    A request that breaks a limit gets 431, 408 or 400 after the responses to the requests before it, and the
    connection ends. While a request waits for its turn, nothing is read. An offer to upgrade the protocol is ignored,
    its body kept. The host of an absolute URL in the request line replaces the header ``Host``.

    Notes
    -----
    Source: RFC 9110, 7.8 (Upgrade); RFC 9112, 3.2.2 (absolute form); RFC 6585, 5 (431); uvicorn, issue 2722.
    """

    transport: asyncio.Transport
    refusal: str | None = None
    ended = _eof = _over = _busy = False
    _stage = _BETWEEN
    _wire_bytes = 0
    _deadline: asyncio.TimerHandle
    _unread: asyncio.TimerHandle

    def __init__(self, *, config: uvicorn.Config, app_state: dict[str, Any], **others: Any) -> None:
        self._state = {**app_state, "connection": self}
        self._inner = HttpToolsProtocol(config, app_state=self._state, **others)
        self._idle_s = config.timeout_keep_alive
        self._later = asyncio.get_running_loop().call_later
        self._parser = httptools.HttpRequestParser(self)
        self.waiting: deque[bytes] = deque()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a new connection."""
        self.transport = transport
        self._inner.connection_made(_Responses(self))
        self._deadline = self._later(self._idle_s, transport.close)

    def connection_lost(self, exc: Exception | None) -> None:
        """Release everything that belongs to the connection."""
        self._enter(_BETWEEN)
        self.waiting.clear()
        self._state.clear()
        self._inner.connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, within the limits."""
        self._wire_bytes += len(data)
        while data and not self._over:
            try:
                self._parser.feed_data(data)
                break
            except httptools.HttpParserUpgrade as offer:  # the parser has left out the body: begin again, without offer
                self._parser = httptools.HttpRequestParser(self)
                data = self._head + data[offer.args[0] :]
            except httptools.HttpParserError:
                if not self._over:  # the parser stopped at an error of the client, not at one of ours
                    self._refuse("no_http")
        if self._over or self._stage == _BETWEEN:
            return
        if self._wire_bytes > _MOST_HEAD_BYTES + _SLACK * len(self._body):
            self._refuse("head" if self._stage == _HEAD else "packing")
        elif self._deadline.cancelled():
            if not self._busy:
                self._inner.data_received(b"\r\n")  # a line end before a request, which ends the idle time
            self._deadline = self._later(_HEAD_S if self._stage == _HEAD else _BODY_S, self._refuse, "slow")

    def on_message_begin(self) -> None:
        """Begin a request; this and the next five are called by the parser."""
        self._enter(_HEAD)
        self._wire_bytes = 0
        self._url, self._body = b"", bytearray()
        self._headers: list[tuple[bytes, bytes]] = []

    def on_url(self, url: bytes) -> None:
        """Take a part of the URL."""
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; those after the body are dropped."""
        name = name.lower()
        if self._stage == _HEAD and name != b"upgrade":
            self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        """Check the head and write it as uvicorn gets it."""
        method, version = self._parser.get_method(), self._parser.get_http_version().encode()
        if method == b"CONNECT":
            raise self._refuse("connect")
        if not self._url.startswith(b"/"):
            if absolute := _ABSOLUTE.match(self._url):
                self._headers = [(b"host", absolute[1]), *(pair for pair in self._headers if pair[0] != b"host")]
                self._url = b"/" + self._url[absolute.end() :]
            httptools.parse_url(self._url)  # an error here is a 400
        lines = [b"%b %b HTTP/%b" % (method, self._url, version), *map(b": ".join, self._headers)]
        self._head = b"\r\n".join([*lines, b"", b""])
        if len(self._head) > _MOST_HEAD_BYTES or len(self._headers) > _MOST_HEADERS:
            raise self._refuse("head")
        self._enter(_BODY)
        fields = dict(self._headers)
        self._chunked = b"transfer-encoding" in fields
        if int(fields.get(b"content-length", 0)) > LARGEST_BODY_BYTES:
            raise self._hand_over_last(self._head)
        if b"expect" in fields and not self._busy and not self._parser.should_upgrade():
            self.transport.write(_CONTINUE)

    def on_body(self, body: bytes) -> None:
        """Take a part of the body."""
        self._body += body
        if len(self._body) > LARGEST_BODY_BYTES:
            raise self._hand_over_last(self._whole())

    def on_message_complete(self) -> None:
        """Hand the request over."""
        self._enter(_BETWEEN)
        if not self._parser.should_upgrade():
            self._hand_over(self._whole())

    def responded(self) -> None:
        """Go on with the next request, or end the connection if there is none to come."""
        if self.transport.is_closing() or self.ended:
            return
        if self.waiting:
            self._inner.data_received(self.waiting.popleft())
            if not self.waiting:
                self.transport.resume_reading()
        else:
            self._busy = False
            if self._eof:
                self.transport.close()

    def finish(self) -> None:
        """Close the connection (called for uvicorn's protocol), but first read what is left of a refused request."""
        if self.ended or self._eof or not self._over:
            self.transport.close()
            return
        self.ended = True
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.transport.resume_reading()
        self._deadline = self._later(_LINGER_S, self.transport.abort)

    def eof_received(self) -> bool:
        """Respond to what has arrived in full before the connection is closed."""
        self._over = self._eof = True
        return self._busy and not self.ended

    def pause_writing(self) -> None:
        """Wait for the client to read, for a limited time."""
        self._inner.pause_writing()
        self._unread = self._later(_UNREAD_S, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on: the client has read."""
        self._unread.cancel()
        self._inner.resume_writing()

    def reset_when_closed(self) -> None:
        """Let the connection end with a reset (RST) instead of a regular end (FIN)."""
        with contextlib.suppress(OSError):  # it has ended already
            self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)

    def _enter(self, stage: int) -> None:
        self._stage = stage
        self._deadline.cancel()

    def _whole(self) -> bytes:
        """Return the request as uvicorn gets it, a chunked body in one chunk."""
        body = bytes(self._body)
        if self._chunked:
            body = (b"%x\r\n%b\r\n" % (len(body), body) if body else b"") + b"0\r\n\r\n"
        return self._head + body

    def _hand_over(self, request: bytes) -> None:
        if self._busy:
            self.waiting.append(request)
            self.transport.pause_reading()
        else:
            self._busy = True
            self._inner.data_received(request)

    def _hand_over_last(self, request: bytes) -> ValueError:
        """Hand over a request and read no more; return what stops the parser."""
        self._enter(self._stage)
        self._hand_over(request)
        self._over = True
        return ValueError(request)

    def _refuse(self, why: str) -> ValueError:
        """Let the request be refused after the responses that come before it."""
        self.refusal = why
        return self._hand_over_last(b"GET / HTTP/1.1\r\n\r\n")


class _Responses(asyncio.Transport):
    """What uvicorn's protocol writes to: capitalises the names of headers, which uvicorn writes in lower case.

    uvicorn writes the head of a response in one piece, and no body of ours begins as a head does.
    """

    def __init__(self, connection: Connection) -> None:
        super().__init__()
        self._connection, self._transport = connection, connection.transport

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._transport.get_extra_info(name, default)

    def close(self) -> None:
        self._connection.finish()

    def abort(self) -> None:
        self._transport.abort()

    def is_closing(self) -> bool:
        return self._connection.ended or self._transport.is_closing()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if not data or data == _CONTINUE or self.is_closing():  # the connection writes _CONTINUE itself
            return
        if data[:5] == b"HTTP/":
            head, end, body = bytes(data).partition(b"\r\n\r\n")
            pieces = _NAME.split(head)
            pieces[1::2] = map(bytes.title, pieces[1::2])
            data = b"".join([*pieces, end, body])
        self._transport.write(data)

    def pause_reading(self) -> None:
        """Do nothing: the connection decides when to read."""

    def resume_reading(self) -> None:
        """Do nothing: the connection decides when to read."""
