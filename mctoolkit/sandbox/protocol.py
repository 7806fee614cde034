"""HTTP/1.1 on the wire: uvicorn's protocol, with the limits that it lacks."""

from __future__ import annotations

import asyncio
import contextlib
import http
import re
import socket
import struct
import sys
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from mctoolkit.sandbox.doors import refusal

__all__ = ["PlainProtocol"]

_MOST_CONNECTIONS = 512
"""Requests over more connections than these at once get a 503; beyond twice as many none is let in."""
_MOST_WAITING = 10_000
"""Requests of one connection that wait for the answer to the one before: uvicorn would keep any number."""
_MOST_HEAD_BYTES = 64 * 1024
_MOST_HEADERS = 100
_HEAD_S = 10.0
_BODY_S = 30.0
_UNREAD_S = 60.0
"""How long answers may wait for a client that does not read them."""
_LINGER_S = 2.0
"""How long what a refused client still sends is taken in: closed at once, its system would drop our answer."""
_SLACK = 8
"""Bytes on the wire for each byte of a body, at most: one sent in pieces of one byte has six."""

_HEAD_END = b"\r\n\r\n"
_NAME = re.compile(rb"\r\n([^:\r\n]+):")
_UPGRADE = re.compile(rb"\r\nupgrade[ \t]*:[^\r\n]*", re.IGNORECASE)
_ABSOLUTE = re.compile(rb"[a-z][a-z0-9+.-]*://(?:[^/?#@]*@)?([^/?#]*)", re.IGNORECASE)

_RESET = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)

_BETWEEN, _HEAD, _BODY = range(3)


class PlainProtocol(HttpToolsProtocol):
    """uvicorn's protocol with header names spelled, offers to upgrade ignored, and an end to what a client may do.

    uvicorn writes ``location``. To a client that is the same as ``Location``, but a person who holds an
    answer against the documented one, line by line, should find it as it stands there.

    An offer to go on in another protocol (``Upgrade: h2c``, which every Java client makes) may be ignored.
    The parser takes it for accepted, and loses the body.

    A client that says it will send no more (as ``nc -N`` does) still gets the answer that it waits for; one that
    sends and sends and reads no answers is cut off.

    Heads have a largest size, and requests a longest time to arrive; what is beyond is told so (431, 408, 503, or
    400 where it is no HTTP) after the answers that come before it, and the connection ends. A request line with
    a whole URL, as proxies get them, counts as one for the host in it.

    Notes
    -----
    Source: RFC 9110, 7.8 (Upgrade); RFC 9112, 3.2.2 (absolute form); RFC 6585, 5 (431); uvicorn, issue 2722.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a new connection, and write to it through a transport that spells."""
        super().connection_made(cast(asyncio.Transport, _Spelling(transport)))
        self._plain = transport
        self.app_state = {**self.app_state, "line": self}
        self._stage = _BETWEEN
        self._wire_bytes = self._body_bytes = 0
        self._begun = 0
        self._large = self._refused = False
        self._why = "no_http"
        self._parting: bytes | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self._unread: asyncio.TimerHandle | None = None
        self._crowded = len(self.connections) > _MOST_CONNECTIONS
        if len(self.connections) > 2 * _MOST_CONNECTIONS:
            self.transport.abort()
        else:
            idle_s = _HEAD_S if self._crowded else self.timeout_keep_alive
            self.timeout_keep_alive_task = self.loop.call_later(idle_s, self.timeout_keep_alive_handler)

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of everything that belongs to the connection."""
        for timer in (self._deadline, self._unread, self.timeout_keep_alive_task):
            if timer is not None:
                timer.cancel()
        self._deadline = self._unread = None
        self.app_state = {}
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, without the offer to upgrade that a head may have, and within the limits."""
        if self._refused:
            return
        if len(self.pipeline) > _MOST_WAITING:
            self.transport.abort()
            return
        current = self._current
        if not (current and current.more_body) and b"pgrade" in data:
            head, end, rest = data.partition(_HEAD_END)
            data = _UPGRADE.sub(b"", head) + end + rest
        self._large = self._wire_bytes + len(data) > _MOST_HEAD_BYTES
        began = self._stage == _BETWEEN
        self._begun = 0
        super().data_received(data)
        if self._stage == _BETWEEN:
            if self._waits_for_request() and not self._over:  # only line ends came, with which a request may begin
                self._allow(_HEAD_S)
            return
        if self._over:
            return
        if self._begun == began:  # of bytes that begin with the end of another request, some are not of this one
            self._wire_bytes += len(data)
            if self._wire_bytes > _MOST_HEAD_BYTES + _SLACK * self._body_bytes:
                self._refuse("head" if self._stage == _HEAD else "packing")
                return
        self._allow(_HEAD_S if self._stage == _HEAD else _BODY_S)

    def on_message_begin(self) -> None:
        """Count anew."""
        self._stage = _HEAD
        self._begun += 1
        self._wire_bytes = self._body_bytes = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Hold the head against the limits before anything is done with it."""
        if self._deadline is not None:
            self._allow(None)
        if len(self.headers) > _MOST_HEADERS or (self._large and self._head_bytes() > _MOST_HEAD_BYTES):
            raise self._stop("head")
        if self._crowded:
            raise self._stop("crowded")
        if self.parser.get_method() == b"CONNECT":
            raise self._stop("connect")
        absolute = None if self.url.startswith(b"/") else _ABSOLUTE.match(self.url)
        if absolute:
            self.headers[:] = [(b"host", absolute[1]), *(pair for pair in self.headers if pair[0] != b"host")]
            rest = self.url[absolute.end() :]
            self.url = rest if rest.startswith(b"/") else b"/" + rest
        super().on_headers_complete()
        self._stage = _BODY
        self.headers = []  # what the parser finds after the body is no part of the head

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body."""
        self._body_bytes += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Take the end of a request."""
        self._stage = _BETWEEN
        if self._deadline is not None:
            self._allow(None)
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Go on with the next request, or with the refusal that waits behind the last one."""
        last = not self.pipeline
        super().on_response_complete()
        if last and self._parting is not None:
            self._part()

    def send_400_response(self, msg: str) -> None:
        """Refuse what the parser stopped at."""
        self._refuse(self._why)

    def eof_received(self) -> bool:  # type: ignore[override]
        """Answer what has come in whole before the connection is closed."""
        current = self._current
        if self._refused or current is None or current.more_body or current.response_complete:
            return False
        current.keep_alive = False
        return True

    def pause_writing(self) -> None:
        """Wait for the client to read, but not for ever."""
        super().pause_writing()
        if self._unread is None:
            self._unread = self.loop.call_later(_UNREAD_S, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on: the client has read."""
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None
        super().resume_writing()

    def reset_when_closed(self) -> None:
        """Let the connection end with a reset (RST) instead of in good order (FIN)."""
        line = self.transport.get_extra_info("socket")
        if line is not None:
            with contextlib.suppress(OSError):  # it has ended already
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)

    def answer(self, scope: Any, whole: bytes) -> bool:
        """Write an answer that is ready to the byte, and go on with the next request.

        False: nothing was written, for the connection is to end with this answer, or another comes before it, or the
        client does not read. Then it goes by ASGI's own messages, for which uvicorn puts every head together anew.
        """
        cycle = self.cycle
        if cycle.scope is not scope or not cycle.keep_alive or cycle.response_started:
            return False
        if cycle.disconnected or self.flow.write_paused or self.transport.is_closing():
            return False
        cycle.waiting_for_100_continue = False
        cycle.response_started = cycle.response_complete = True
        self._plain.write(whole)
        cycle.message_event.set()
        self.on_response_complete()
        return True

    @property
    def _current(self) -> RequestResponseCycle | None:
        """The request that came last; there is none before the first."""
        return self.cycle

    @property
    def _over(self) -> bool:
        return self._refused or self.transport.is_closing()

    def _waits_for_request(self) -> bool:
        current = self._current
        return current is None or current.response_complete

    def _head_bytes(self) -> int:
        return len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)

    def _allow(self, seconds: float | None) -> None:
        """Give the client this long for what it has begun, unless a time is running; None: it has done it."""
        if seconds is None:
            if self._deadline is not None:
                self._deadline.cancel()
                self._deadline = None
        elif self._deadline is None:
            self._deadline = self.loop.call_later(seconds, self._refuse, "slow")

    def _stop(self, why: str) -> ValueError:
        """Return what makes the parser stop, for a reason that ``send_400_response`` will give."""
        self._why = why
        return ValueError(why)

    def _refuse(self, why: str) -> None:
        """Say why nothing more is read, after the answers that are still to come, and end the connection."""
        if self._over:
            return
        self._refused = True
        self._allow(None)
        self._unset_keepalive_if_required()
        headers, body = refusal(f"wire.{why}")
        headers.append((b"Connection", b"close"))
        status = http.HTTPStatus(_STATUS.get(why, 400))
        if status == 503:
            headers.append((b"Retry-After", b"1"))
        head = [b"HTTP/1.1 %d %s" % (status, status.phrase.encode()), *(b": ".join(pair) for pair in headers)]
        self._parting = b"\r\n".join([*head, b"", body])
        current = self._current
        if current is not None and self._stage == _BODY:  # it is the request that came last
            current.disconnected = True
            current.message_event.set()
            if self.pipeline and self.pipeline[0][0] is current:
                self.pipeline.popleft()
                return
            if current.response_started:
                self._parting = b""
        elif not self._waits_for_request():
            return
        self._part()

    def _part(self) -> None:
        """Write the last words and take in for a while what the client still sends."""
        if self.transport.is_closing() or self._parting is None:
            return
        self._unset_keepalive_if_required()
        self.transport.write(self._parting)
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self._parting = None
        self.flow.resume_reading()
        self._deadline = self.loop.call_later(_LINGER_S, self.transport.abort)


_STATUS = {"head": 431, "slow": 408, "crowded": 503}


class _Spelled(dict[bytes, bytes]):
    """How the names of headers are written; those seen once are remembered, as far as they are few."""

    def __missing__(self, name: bytes) -> bytes:
        spelled = b"\r\n" + name.title() + b":"
        if len(self) < _MOST_HEADERS:
            self[name] = spelled
        return spelled


_SPELLED = _Spelled()


class _Spelling:
    """A transport that capitalises the header names in each head that is written to it.

    uvicorn writes the head of an answer in one piece, and no body of ours begins as a head does. What is written
    after the end is dropped, as asyncio's transports do and uvloop's do not.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._write = transport.write
        self.is_closing = transport.is_closing  # asked for each request: not by way of __getattr__

    def write(self, data: bytes) -> None:
        if self.is_closing():
            return
        if data.startswith(b"HTTP/"):
            head, end, rest = data.partition(_HEAD_END)
            pieces = _NAME.split(head)
            pieces[1::2] = [_SPELLED[name] for name in pieces[1::2]]
            data = b"".join([*pieces, end, rest])
        self._write(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)
