"""HTTP/1.1 on the wire: uvicorn's protocol, amended in four places."""

from __future__ import annotations

import asyncio
import re
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

__all__ = ["PlainProtocol"]

_MOST_WAITING = 10_000
"""Requests of one connection that wait for the answer to the one before: uvicorn would keep any number."""

_HEAD_END = b"\r\n\r\n"
_NAME = re.compile(rb"(?<=\r\n)[^:\r\n]+(?=:)")
_UPGRADE = re.compile(rb"\r\nupgrade[ \t]*:[^\r\n]*", re.IGNORECASE)


class PlainProtocol(HttpToolsProtocol):
    """uvicorn's protocol with header names spelled, offers to upgrade ignored, and two kinds of client seen to.

    uvicorn writes ``location``. To a client that is the same as ``Location``, but a person who holds an
    answer against the documented one, line by line, should find it as it stands there.

    An offer to go on in another protocol (``Upgrade: h2c``, which every Java client makes) may be ignored.
    The parser takes it for accepted, and loses the body.

    A client that says it will send no more (as ``nc -N`` does) still gets the answer that it waits for; one that
    sends and sends and reads no answers is cut off.

    Notes
    -----
    Source: RFC 9110, 7.8 (Upgrade); uvicorn, issue 2722.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a new connection, and write to it through a transport that spells."""
        super().connection_made(cast(asyncio.Transport, _Spelling(transport)))

    def data_received(self, data: bytes) -> None:
        """Read on, without the offer to upgrade that a head may have."""
        if len(self.pipeline) > _MOST_WAITING:
            self.transport.abort()
            return
        current = self._current
        if not (current and current.more_body) and b"pgrade" in data:
            head, end, rest = data.partition(_HEAD_END)
            data = _UPGRADE.sub(b"", head) + end + rest
        super().data_received(data)

    def eof_received(self) -> bool:  # type: ignore[override]
        """Answer what has come in whole before the connection is closed."""
        current = self._current
        if current is None or current.more_body or current.response_complete:
            return False
        current.keep_alive = False
        return True

    @property
    def _current(self) -> RequestResponseCycle | None:
        """The request that came last; there is none before the first."""
        return self.cycle


class _Spelling:
    """A transport that capitalises the header names in each head that is written to it.

    uvicorn writes the head of an answer in one piece, and no body of ours begins as a head does. What is written
    after the end is dropped, as asyncio's transports do and uvloop's do not.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport

    def write(self, data: bytes) -> None:
        if self._transport.is_closing():
            return
        if data.startswith(b"HTTP/"):
            head, end, rest = data.partition(_HEAD_END)
            data = _NAME.sub(lambda name: name[0].title(), head) + end + rest
        self._transport.write(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)
