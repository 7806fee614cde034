"""What each kind of fault does to a response and to its connection."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import socket
import struct
import sys

from starlette.types import Scope, Send

from mctoolkit._core import json_io
from mctoolkit._core.html import Markup
from mctoolkit._core.messages import gettext as _
from mctoolkit.sandbox.faults import PAGE_STATUSES, Fault
from mctoolkit.sandbox.responses import RawHeaders, Response

__all__ = ["fault_response", "send_response", "send_with_fault"]

_FLUSH_S = 0.05
"""How long to wait before a reset, which discards bytes that have not arrived."""

_RESET = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
"""The value of SO_LINGER with which the system resets a connection instead of closing it."""

_BODY_HEADERS = frozenset({b"content-type", b"content-length", b"location", b"x-sandbox-problems"})


async def send_response(response: Response, send: Send) -> None:
    """Send a complete response as ASGI messages."""
    await send({"type": "http.response.start", "status": response.status, "headers": response.raw_headers})
    await send({"type": "http.response.body", "body": response.body, "more_body": False})


async def send_with_fault(fault: Fault, scope: Scope, send: Send, response: Response) -> None:
    """Send a response with a fault; faults of the connection act on the connection itself.

    Parameters
    ----------
    fault : Fault
        The fault that this request triggered.
    scope : dict
        The ASGI scope; its state has the :class:`~mctoolkit.sandbox.protocol.Connection`.
    send : callable
        The ASGI send function.
    response : Response
        The response without the fault.
    """
    if fault.delay_s:
        await asyncio.sleep(fault.delay_s)
    if fault.kind in ("cut-before", "cut-after"):
        _reset_when_closed(scope["state"]["connection"].transport)
    changed = fault_response(fault, response, scope)
    if changed is not None:
        await send_response(changed, send)
    if fault.kind.startswith("cut-"):
        transport = scope["state"]["connection"].transport
        if fault.kind == "cut-status":
            transport.write(b"HTTP/1.1 2")
        if fault.kind != "cut-before":
            await asyncio.sleep(_FLUSH_S)
        transport.abort()


def fault_response(fault: Fault, response: Response, scope: Scope) -> Response | None:
    """Return the response that a fault sends instead, the same one if it changes nothing, or None if it sends none.

    Examples
    --------
    >>> response = Response.of(201, {"Location": "/api/v1/sessions/ab", "Content-Length": "0"})
    >>> scope = {"scheme": "http", "headers": [(b"host", b"localhost:8765")]}
    >>> fault_response(Fault("absolute-location"), response, scope).headers
    (('Location', 'http://localhost:8765/api/v1/sessions/ab'), ('Content-Length', '0'))
    """
    match fault.kind:
        case "500" | "503":
            message = _("Server error. A fault of the sandbox caused this response; your request may be valid.")
            body = f"{json_io.pretty({'message': message})}\n".encode()
            return _with_body(response, int(fault.kind), b"application/json", body)
        case "proxy-page":
            title = _("Bad gateway")
            message = _("The proxy could not reach the server. A fault of the sandbox caused this page.")
            page = Markup(
                "<!DOCTYPE html>\n<html><head><title>{}</title></head>\n<body><h1>{}</h1><p>{}</p></body></html>\n"
            ).format(title, title, message)
            date_only = Response(response.status, [pair for pair in response.raw_headers if pair[0] == b"Date"])
            return _with_body(date_only, fault.status or PAGE_STATUSES[-1], b"text/html; charset=utf-8", page.encode())
        case "no-location":
            without = [pair for pair in response.raw_headers if pair[0] != b"Location"]
            return dataclasses.replace(response, raw_headers=without)
        case "absolute-location":
            return dataclasses.replace(response, raw_headers=_with_absolute_location(response, scope))
        case "cut-before" | "cut-status":
            return None
        case _:
            return response


def _reset_when_closed(transport: asyncio.Transport) -> None:
    with contextlib.suppress(OSError):  # the connection has ended already
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)


def _with_body(response: Response, status: int, content_type: bytes, body: bytes) -> Response:
    """Return a response with another status and body; headers about the old body are dropped."""
    headers = [pair for pair in response.raw_headers if pair[0].lower() not in _BODY_HEADERS]
    after_date = 1 + next((index for index, pair in enumerate(headers) if pair[0] == b"Date"), -1)
    headers[after_date:after_date] = [(b"Content-Type", content_type), (b"Content-Length", b"%d" % len(body))]
    return Response(status, headers, body)


def _with_absolute_location(response: Response, scope: Scope) -> RawHeaders:
    host = next((value for name, value in scope["headers"] if name == b"host"), b"localhost")
    base = b"%b://%b" % (scope["scheme"].encode(), host)
    return [(name, base + value if name == b"Location" else value) for name, value in response.raw_headers]
