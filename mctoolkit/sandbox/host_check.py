"""The check of the ``Host`` header, which rejects requests for unknown hosts with 421.

It prevents DNS rebinding: a web page can make a browser send requests to this computer under the page's own host name,
but it cannot choose their ``Host`` header.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable

from starlette.types import ASGIApp, Receive, Scope, Send

from mctoolkit._core import json_io
from mctoolkit._core.errors import UsageError
from mctoolkit._core.html import shorten
from mctoolkit._core.messages import Message
from mctoolkit._core.messages import gettext as _

__all__ = ["LOOPBACK", "HostCheck", "host_names", "reject"]

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
"""The names that this computer has for itself; requests for them are always accepted."""

_PORT = re.compile(rb":[0-9]*$")
_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")
_MAX_NAME_CHARS = 253
_MAX_NAMES = 100

_STATUS = {"host": 421, "head": 431, "slow": 408}
_REJECTIONS = {
    "host": Message(
        'This request is for the host "{host}", which the sandbox does not accept. To accept it, start the sandbox '
        "with: mctoolkit sandbox --allow-host {name}, "
        'or in Python: Sandbox(allow_hosts=["{name}"]).'
    ),
    "not_http": Message("This is not a valid HTTP request."),
    "head": Message("The request line and headers exceed the limit of 65,536 bytes or 100 headers."),
    "chunks": Message("The chunks of the body have too much overhead. Send the body as a whole, with Content-Length."),
    "slow": Message("The request took too long to arrive. The limit is 10 seconds for the headers, 30 for the body."),
    "connect": Message(
        "The sandbox does not forward encrypted connections. Use a proxy such as Charles with Map Remote to this "
        "server, or send http instead of https."
    ),
}


class HostCheck:
    """ASGI middleware that rejects requests for unknown hosts.

    A request without a ``Host`` header is accepted: browsers always send one.

    Parameters
    ----------
    app : callable
        The ASGI application.
    port : int
        The port of the server.
    names : iterable of str
        The accepted hosts, in addition to :data:`LOOPBACK`, as :func:`host_names` returns them.
    own_addresses : bool
        Also accept the address at which a request arrived.

    Notes
    -----
    Source: RFC 9110, 7.4 (421 Misdirected Request).
    """

    def __init__(self, app: ASGIApp, port: int, names: Iterable[str] = (), own_addresses: bool = False) -> None:
        self._app = app
        self._names = frozenset(name.encode("ascii") for name in (*LOOPBACK, *names))
        # The usual spellings, with and without the port: most requests need only this lookup.
        self._headers = self._names | {b"%s:%d" % (name, port) for name in self._names}
        self._own_addresses = own_addresses

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or reject it."""
        if scope["type"] == "http":
            for name, value in scope["headers"]:
                if name == b"host" and value not in self._headers and not self._is_accepted(value, scope):
                    host = value.decode("latin-1")
                    name = _PORT.sub(b"", value).decode("latin-1")
                    await reject("host", send, host=shorten(host, 100), name=shorten(name, 100))
                    return
        await self._app(scope, receive, send)

    def _is_accepted(self, value: bytes, scope: Scope) -> bool:
        name = _PORT.sub(b"", value.strip().lower()).removesuffix(b".")
        if name in self._names:
            return True
        server = scope.get("server")
        return self._own_addresses and server is not None and name == server[0].encode("ascii", "replace")


def host_names(names: Iterable[str]) -> tuple[str, ...]:
    """Validate host names, and return them as a ``Host`` header contains them.

    Raises
    ------
    UsageError
        A value is not a host name, or has more than the name: a scheme, a port or a path.

    Examples
    --------
    >>> host_names(["TV.local", "::1", "192.168.1.5"])
    ('tv.local', '[::1]', '192.168.1.5')
    """
    if isinstance(names, str):
        names = [names]
    found = tuple(dict.fromkeys(_host_name(name) for name in names))
    if len(found) > _MAX_NAMES:
        raise UsageError(
            _("{number} hosts are too many. Allow at most {most}.").format(number=len(found), most=_MAX_NAMES)
        )
    return found


async def reject(reason: str, send: Send, **values: object) -> None:
    """Send an error response to a request that the API does not process.

    Parameters
    ----------
    reason : str
        A key of the messages: ``"host"``, ``"head"``, ``"slow"``, ...
    send : callable
        The ASGI send function.
    values : object
        The values in the message.
    """
    body = f"{json_io.pretty({'message': _REJECTIONS[reason].format(**values)})}\n".encode()
    headers = [
        (b"Server", b"mctoolkit-sandbox"),
        (b"Content-Type", b"application/json"),
        (b"Content-Length", b"%d" % len(body)),
        (b"Access-Control-Allow-Origin", b"*"),
        *([(b"Connection", b"close")] if reason != "host" else []),
    ]
    await send({"type": "http.response.start", "status": _STATUS.get(reason, 400), "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})


def _host_name(value: str) -> str:
    invalid = UsageError(
        _(
            "{value} is not a valid host name. Write only the name or the address, such as tv.local or 192.168.1.5, "
            "without http:// and without a port."
        ).format(value=shorten(repr(value), 80))
    )
    if not isinstance(value, str):
        raise invalid
    text = value.strip().lower().removesuffix(".")
    try:
        address = ipaddress.ip_address(text.removeprefix("[").removesuffix("]"))
    except ValueError:
        pass
    else:
        return f"[{address.compressed}]" if address.version == 6 else str(address)
    try:
        name = text if text.isascii() else text.encode("idna").decode("ascii")
    except UnicodeError:
        name = ""
    if not _NAME.fullmatch(name) or len(name) > _MAX_NAME_CHARS:
        raise invalid
    return name
