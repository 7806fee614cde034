"""Who may come in: which hosts a request may be for, and what is said to one that may not.

A page on the web can send a browser here under a name of its own (DNS rebinding). Such a request is told from
others by its header ``Host``, which no page can choose.
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

__all__ = ["LOOPBACK", "HostCheck", "host_names", "refuse"]

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
"""The names that this computer has for itself; requests for them are always let in."""

_PORT = re.compile(rb":[0-9]*$")
_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")
_LONGEST_NAME = 253
_MOST_NAMES = 100
_STATUS = {"host": 421, "wire.head": 431, "wire.slow": 408}


_DOORS = {
    "host": Message(
        'This request is for the host "{host}", and the sandbox does not know '
        "this name. To let it in, start it with: mctoolkit sandbox --allow-host {name}, "
        'or in Python: Sandbox(allow_hosts=["{name}"]).'
    ),
    "no_name": Message(
        "{value} is no name of a host that can be let in. Write the name or the address "
        "alone, such as tv.local or 192.168.1.5, without http:// and without a port."
    ),
    "many": Message("At most {most} names can be let in."),
    "wire.no_http": Message("This is no HTTP request that can be read."),
    "wire.head": Message(
        "The request line and headers are larger than the sandbox reads: at most 65,536 bytes and 100 headers."
    ),
    "wire.packing": Message(
        "Far more was sent around the body than there is of it. Send the body in one piece, with Content-Length."
    ),
    "wire.slow": Message("The request took too long to arrive. Headers have 10 seconds, a body has 30."),
    "wire.connect": Message(
        "The sandbox does not pass encrypted connections on. Let a proxy such as "
        "Charles do that, with Map Remote to this server; or send http instead of https."
    ),
}


class HostCheck:
    """Lets those requests through to an application that are for a name of this computer, and refuses the others.

    A request without the header ``Host`` is let in: no browser sends one.

    Parameters
    ----------
    app : callable
        The ASGI application behind.
    port : int
        Where it listens.
    names : iterable of str
        The hosts that are let in besides :data:`LOOPBACK`, as :func:`host_names` returns them.
    own_addresses : bool
        Let those in, too, that are for the address at which they arrived.

    Notes
    -----
    Source: RFC 9110, 7.4 (421 Misdirected Request).
    """

    def __init__(self, app: ASGIApp, port: int, names: Iterable[str] = (), own_addresses: bool = False) -> None:
        self._app = app
        self._names = frozenset(name.encode("ascii") for name in (*LOOPBACK, *names))
        # As clients write them: one look into this set is all that most requests cost.
        self._written = self._names | {b"%s:%d" % (name, port) for name in self._names}
        self._own_addresses = own_addresses

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] == "http":
            for name, value in scope["headers"]:
                if name == b"host" and value not in self._written and not self._known(value, scope):
                    host = value.decode("latin-1")
                    name = _PORT.sub(b"", value).decode("latin-1")
                    await refuse("host", send, host=shorten(host, 100), name=shorten(name, 100))
                    return
        await self._app(scope, receive, send)

    def _known(self, value: bytes, scope: Scope) -> bool:
        name = _PORT.sub(b"", value.strip().lower()).removesuffix(b".")
        if name in self._names:
            return True
        server = scope.get("server")
        return self._own_addresses and server is not None and name == server[0].encode("ascii", "replace")


def host_names(names: Iterable[str]) -> tuple[str, ...]:
    """Read the names of hosts that somebody wants to let in, and return them as they stand in a header.

    Raises
    ------
    UsageError
        One is no name of a host, or it has more than the name: a scheme, a port or a path.

    Examples
    --------
    >>> host_names(["TV.local", "::1", "192.168.1.5"])
    ('tv.local', '[::1]', '192.168.1.5')
    """
    if isinstance(names, str):
        names = [names]
    found = tuple(dict.fromkeys(_host_name(name) for name in names))
    if len(found) > _MOST_NAMES:
        raise UsageError(_("At most {most} names can be let in.").format(most=_MOST_NAMES))
    return found


async def refuse(key: str, send: Send, **values: object) -> None:
    """Respond to a request that the API does not get to see: a status and a sentence of ours.

    Parameters
    ----------
    key : str
        What the request breaks, as in the messages: ``"host"``, ``"wire.head"``, ``"wire.slow"``.
    send : callable
        Of the request.
    values : object
        What the sentence names.
    """
    status = _STATUS.get(key, 400)
    body = f"{json_io.pretty({'message': _DOORS[key].format(**values)})}\n".encode()
    headers = [
        (b"Server", b"mctoolkit-sandbox"),
        (b"Content-Type", b"application/json"),
        (b"Content-Length", b"%d" % len(body)),
        (b"Access-Control-Allow-Origin", b"*"),
        *([(b"Connection", b"close")] if key != "host" else []),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})


def _host_name(written: str) -> str:
    if not isinstance(written, str):
        raise UsageError(
            _(
                "{value} is no name of a host that can be let in. Write the name or the address alone, "
                "such as tv.local or 192.168.1.5, without http:// and without a port."
            ).format(value=shorten(repr(written), 80))
        )
    text = written.strip().lower().removesuffix(".")
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
    if not _NAME.fullmatch(name) or len(name) > _LONGEST_NAME:
        raise UsageError(
            _(
                "{value} is no name of a host that can be let in. Write the name or the address alone, "
                "such as tv.local or 192.168.1.5, without http:// and without a port."
            ).format(value=shorten(repr(written), 80))
        )
    return name
