"""Faults on request: how a client takes a 500, a cut connection or a lost event can be tried on purpose.

A :class:`Fault` says what goes wrong and when, :class:`Faults` holds those of one sandbox and chooses, and
:func:`act` plays one on the connection itself.
"""

from __future__ import annotations

import asyncio
import dataclasses
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple, NoReturn, Self

from starlette.types import Scope, Send

from mctoolkit._core import json_io
from mctoolkit._core.errors import InputError, UsageError
from mctoolkit._core.html import Markup, escape, join, shorten, style, table
from mctoolkit._core.messages import Message
from mctoolkit._core.messages import gettext as _
from mctoolkit.sandbox.responses import Response
from mctoolkit.spec import catalog

__all__ = ["ENDPOINTS", "KINDS", "Fault", "Faults", "Waiting", "act", "altered"]

KINDS = (
    "500", "503", "slow", "cut-before", "cut-status", "cut-after", "no-location", "absolute-location",
    "proxy-page", "lost",
)  # fmt: skip
"""What can go wrong; the sentence about each is ``sandbox.fault.<kind>``."""

ENDPOINTS = ("sessions", "events", "schemas", "downloaded")

_MAKING = ("sessions", "downloaded")
_ONLY_AT: Mapping[str, tuple[str, ...]] = {"no-location": _MAKING, "absolute-location": _MAKING, "lost": ("events",)}
"""Kinds that only some endpoints can have."""

_NOT_TAKEN = frozenset({"500", "503", "cut-before", "proxy-page", "lost"})
_PAGE_STATUSES = (200, 502)
_SLOW_S = 5.0
_SLOWEST_S = 3600.0
_ARRIVING_S = 0.05
"""How long what was written last may take to arrive: a reset throws away what has not."""

_OF_THE_BODY = frozenset({"content-type", "content-length", "location", "x-sandbox-problems"})


_FAULT_LABELS = {
    "fault": Message("Fault"),
    "what": Message("What happens"),
    "matched": Message("Requests seen"),
    "caption": Message("Faults that wait"),
    "none": Message("No fault waits: everything is answered as it should be."),
    "so_far": Message("Struck so far: {struck}."),
}
_FAULTS = {
    "500": Message("The response is 500; the event is not taken."),
    "503": Message("The response is 503; the event is not taken."),
    "slow": Message("The response is right, and comes late."),
    "cut-before": Message("The connection is cut before any response; the event is not taken."),
    "cut-status": Message(
        "The event is taken, and the connection ends in the middle of the first line of the response."
    ),
    "cut-after": Message("The event is taken and answered, and then the connection is cut."),
    "no-location": Message("The session begins, and the response does not say where: 201 without Location."),
    "absolute-location": Message("The session begins, and Location has a whole URL instead of a path."),
    "proxy-page": Message("A page of HTML as a proxy sends it, instead of a response; the event is not taken."),
    "lost": Message("The response is 204 as if all were well, and the event is lost."),
}
_WRONGS = {
    "head": Message('The fault "{text}": {why}'),
    "kind": Message('"{value}" is no fault that the sandbox can play. It plays: {known}.'),
    "option": Message(
        'Unknown fault option "{value}". After the kind of fault, each of these can be '
        "given once, with a value: {known}."
    ),
    "on": Message("on is a whole number from 1 to 1,000,000,000, as in on=3. This is {value}."),
    "seconds": Message("seconds is a number from 0 to {most}. This is {value}."),
    "event": Message('"{value}" is no event type of this API.{meant}'),
    "meant": Message("Did you mean {name}?"),
    "endpoint": Message('{kind} cannot be played at the endpoint "{value}". It can at: {known}.'),
    "status": Message("status is for proxy-page, and 200 or 502. This is {value}."),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong on purpose, and when.

    Parameters
    ----------
    kind : str
        ``"500"`` or ``"503"``; ``"slow"``: a right answer, late; ``"cut-before"``: the connection is reset before a
        byte of a response; ``"cut-status"``: it ends in the middle of the status line; ``"cut-after"``: it is reset
        after the whole response; ``"no-location"`` and ``"absolute-location"``: a 201 without ``Location``, or with a
        whole URL in it; ``"proxy-page"``: an HTML page as a proxy sends it; ``"lost"``: 204 for an event that goes
        nowhere.
    on : int, optional
        The number of the matching request that fails, counted from 1 since the fault was added; by default the
        first.
    event, endpoint : str, optional
        Only requests with this event type, or to this endpoint (``"sessions"``, ``"events"``, ``"schemas"`` or
        ``"downloaded"``).
    seconds : float, optional
        How long it waits first, up to 3600; 5 for ``"slow"``, otherwise 0.
    status : int, optional
        The status of a ``"proxy-page"``: 502, or 200.

    Raises
    ------
    UsageError
        A value is none of these.

    Examples
    --------
    >>> Fault("503", on=3, event="adStart")
    Fault(503 on=3 event=adStart)
    >>> Fault.read("lost event=ping") == Fault("lost", event="ping")
    True
    """

    kind: str
    on: int | None = None
    event: str | None = None
    endpoint: str | None = None
    seconds: float | None = None
    status: int | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            _refuse("kind", value=self.kind, known=", ".join(KINDS))
        if self.on is not None and not (type(self.on) is int and 1 <= self.on <= 1_000_000_000):
            _refuse("on", value=self.on)
        if self.seconds is not None and not (_is_number(self.seconds) and 0 <= self.seconds <= _SLOWEST_S):
            _refuse("seconds", value=self.seconds, most=int(_SLOWEST_S))
        if self.event is not None and self.event not in catalog.event_types():
            close = catalog.nearest(str(self.event), catalog.event_types())
            meant = f" {_('Did you mean {name}?').format(name=close)}" if close else ""
            _refuse("event", value=self.event, meant=meant)
        at = _ONLY_AT.get(self.kind, ENDPOINTS)
        if self.endpoint is not None and self.endpoint not in at:
            _refuse("endpoint", kind=self.kind, value=self.endpoint, known=", ".join(at))
        if self.status is not None and not (self.kind == "proxy-page" and self.status in _PAGE_STATUSES):
            _refuse("status", value=self.status)

    @classmethod
    def read(cls, text: str) -> Self:
        """Read a fault as the command line takes it: the kind, then ``name=value`` with a space before each.

        Raises
        ------
        InputError
            It is no fault; the message says what can stand there.
        """
        kind, *options = text.split() or [""]
        values: dict[str, Any] = {}
        try:
            for option in options:
                name, _unused, value = option.partition("=")
                if name not in _READ or not value or name in values:
                    _refuse("option", value=option, known=", ".join(f"{known}=" for known in _READ))
                values[name] = _READ[name](value)
            return cls(kind, **values)
        except UsageError as slip:
            raise InputError(_('The fault "{text}": {why}').format(text=shorten(text, 80), why=slip)) from None

    @property
    def takes(self) -> bool:
        """Whether the request is handled as usual and only the response is spoilt.

        Otherwise it has no effect on any session, whatever is answered.
        """
        return self.kind not in _NOT_TAKEN

    @property
    def help(self) -> str:
        """What goes wrong, in a sentence."""
        return str(_FAULTS[self.kind])

    @property
    def delay_s(self) -> float:
        """How long it waits before anything is answered."""
        return self.seconds if self.seconds is not None else _SLOW_S if self.kind == "slow" else 0.0

    def fits(self, event_type: str | None, endpoint: str) -> bool:
        """Tell whether a request is one that this fault is for."""
        return (
            (self.event is None or self.event == event_type)
            and (self.endpoint is None or self.endpoint == endpoint)
            and endpoint in _ONLY_AT.get(self.kind, ENDPOINTS)
        )

    def __str__(self) -> str:
        given = ((name, getattr(self, name)) for name in _READ)
        return " ".join([self.kind, *(f"{name}={value}" for name, value in given if value is not None)])

    def __repr__(self) -> str:
        return f"Fault({self})"


class Waiting(NamedTuple):
    """A fault that has not happened yet, and how many matching requests have come since it was added."""

    fault: Fault
    matched: int


class Faults:
    """The faults of one sandbox: added and cleared from code, chosen from for each request.

    Each fault happens once. A request gets at most one fault: of those that match, the one added first.

    Examples
    --------
    >>> faults = Faults()
    >>> faults.add("503", on=2)
    Fault(503 on=2)
    >>> [faults.choose("play", "events") for _ in range(3)]
    [None, Fault(503 on=2), None]
    >>> faults.struck["503"], faults.active
    (1, ())
    """

    def __init__(self) -> None:
        self._waiting: list[Waiting] = []
        self._struck: Counter[str] = Counter()
        self._lock = threading.Lock()

    def add(
        self,
        kind: str | Fault,
        *,
        on: int | None = None,
        event: str | None = None,
        endpoint: str | None = None,
        seconds: float | None = None,
        status: int | None = None,
    ) -> Fault:
        """Add a fault; without options it happens at the next request.

        Parameters
        ----------
        kind : str or Fault
            What goes wrong. A text may be as long as one of the command line: ``"503 on=3"``.
        on, event, endpoint, seconds, status
            As for :class:`Fault`.

        Returns
        -------
        Fault
            What was added.

        Raises
        ------
        UsageError
            There is no such kind, or a value is none that it takes.
        InputError
            A text with more than the kind cannot be read.
        """
        options: dict[str, Any] = {"on": on, "event": event, "endpoint": endpoint, "seconds": seconds, "status": status}
        given = {name: value for name, value in options.items() if value is not None}
        if isinstance(kind, str) and " " not in kind:
            fault = Fault(kind, **given)
        else:
            fault = kind if isinstance(kind, Fault) else Fault.read(str(kind))
            if given:
                fault = dataclasses.replace(fault, **given)
        with self._lock:
            self._waiting.append(Waiting(fault, 0))
        return fault

    @property
    def active(self) -> tuple[Waiting, ...]:
        """The faults that have not happened yet, in the order in which they were added."""
        with self._lock:
            return tuple(self._waiting)

    @property
    def struck(self) -> Mapping[str, int]:
        """How many requests each kind has struck, those of faults that are done included."""
        with self._lock:
            return MappingProxyType({kind: self._struck.get(kind, 0) for kind in KINDS})

    def clear(self) -> None:
        """Let nothing go wrong any more, and count from 0 again."""
        with self._lock:
            self._waiting.clear()
            self._struck.clear()

    def choose(self, event_type: str | None, endpoint: str) -> Fault | None:
        """Count a request and return what goes wrong with it, or None; to be called once for each request.

        Parameters
        ----------
        event_type : str or None
            What its body says; None where it says nothing.
        endpoint : str
            One of :data:`ENDPOINTS`.
        """
        if not self._waiting:
            return None
        with self._lock:
            chosen: Fault | None = None
            left: list[Waiting] = []
            for fault, matched in self._waiting:
                fits = fault.fits(event_type, endpoint)
                if fits and chosen is None and matched + 1 >= (fault.on or 1):
                    chosen = fault
                    self._struck[fault.kind] += 1
                else:
                    left.append(Waiting(fault, matched + fits))
            self._waiting = left
            return chosen

    def __repr__(self) -> str:
        return f"Faults({', '.join(str(waiting.fault) for waiting in self.active)})"

    def _repr_html_(self) -> str:
        header = [str(_FAULT_LABELS[name]) for name in ("fault", "what", "matched")]
        rows = [(str(waiting.fault), waiting.fault.help, f"{waiting.matched:,}") for waiting in self.active]
        struck = ", ".join(f"{kind}: {number:,}" for kind, number in self.struck.items() if number)
        parts = [table(_("Faults that wait"), header, rows) if rows else _line("none")]
        parts.append(_line("so_far", struck=struck) if struck else Markup(""))
        return str(Markup('{}<div class="mct">{}</div>').format(style(), join(parts)))


async def act(fault: Fault, scope: Scope, send: Send, reply: Response) -> None:
    """Answer a request with a fault, on the connection itself where the fault is one of the connection.

    Parameters
    ----------
    fault : Fault
        What :meth:`Faults.choose` returned for this request.
    scope : dict
        Of the request. Its state has the connection, as :class:`~mctoolkit.sandbox.protocol.Connection` puts it
        there.
    send : callable
        Of the request.
    reply : Response
        The right answer. For faults of which ``takes`` is False: what it would be if the event were taken.
    """
    if fault.delay_s:
        await asyncio.sleep(fault.delay_s)
    cut = fault.kind.startswith("cut-")
    if fault.kind in ("cut-before", "cut-after"):
        scope["state"]["connection"].reset_when_closed()
    response = altered(fault, reply, scope)
    if response is not None:
        await send({"type": "http.response.start", "status": response.status, "headers": response.raw})
        await send({"type": "http.response.body", "body": response.body, "more_body": False})
    if cut:
        transport = scope["state"]["connection"].transport
        if fault.kind == "cut-status":
            transport.write(b"HTTP/1.1 2")
        if fault.kind != "cut-before":
            await asyncio.sleep(_ARRIVING_S)
        transport.abort()  # what is sent from now on is dropped


def altered(fault: Fault, reply: Response, scope: Scope) -> Response | None:
    """Return what a fault makes of a response: another one, the same one, or None where no response arrives.

    Examples
    --------
    >>> response = Response(201, (("Location", "/api/v1/sessions/ab"), ("Content-Length", "0")))
    >>> altered(Fault("absolute-location"), response, {"scheme": "http", "headers": [(b"host", b"localhost:8765")]})
    Response(status=201, headers=(('Location', 'http://localhost:8765/api/v1/sessions/ab'), ('Content-Length', '0')), \
body=b'')
    """
    match fault.kind:
        case "500" | "503":
            words = _("Server error. You asked the sandbox for this one; it says nothing about your request.")
            body = f"{json_io.pretty({'message': words})}\n".encode()
            return _with_body(reply, int(fault.kind), "application/json", body)
        case "proxy-page":
            title, words = (
                _("Bad gateway"),
                _("The proxy could not reach the server. (You asked the sandbox for this page.)"),
            )
            page = Markup(
                "<!DOCTYPE html>\n<html><head><title>{}</title></head>\n<body><h1>{}</h1><p>{}</p></body></html>\n"
            ).format(title, title, words)
            plain = Response(reply.status, tuple(pair for pair in reply.headers if pair[0] == "Date"))
            return _with_body(plain, fault.status or _PAGE_STATUSES[1], "text/html; charset=utf-8", page.encode())
        case "no-location" | "absolute-location":
            return dataclasses.replace(reply, headers=tuple(_with_location(fault, reply, scope)))
        case "cut-before" | "cut-status":
            return None
        case _:
            return reply


def _with_body(reply: Response, status: int, content_type: str, body: bytes) -> Response:
    """Return a reply with another status and body, and the headers of the old one that still fit."""
    kept = [pair for pair in reply.headers if pair[0].lower() not in _OF_THE_BODY]
    place = 1 + next((number for number, pair in enumerate(kept) if pair[0] == "Date"), -1)
    kept[place:place] = [("Content-Type", content_type), ("Content-Length", str(len(body)))]
    return Response(status, tuple(kept), body)


def _with_location(fault: Fault, reply: Response, scope: Scope) -> list[tuple[str, str]]:
    if fault.kind == "no-location":
        return [pair for pair in reply.headers if pair[0] != "Location"]
    hosts = [value.decode("ascii", "replace") for name, value in scope["headers"] if name == b"host"]
    base = f"{scope['scheme']}://{hosts[0] if hosts else 'localhost'}"
    return [(name, base + value if name == "Location" else value) for name, value in reply.headers]


def _number(text: str) -> float | str:
    """Read a number of the command line; a whole one stays whole, and what is none stays as it is, to be refused."""
    try:
        value = float(text)
    except ValueError:
        return text
    return int(value) if value.is_integer() and "." not in text else value


_READ: Mapping[str, Any] = {
    "on": _number,
    "event": str,
    "endpoint": str,
    "seconds": _number,
    "status": _number,
}
"""How each option is read from a text."""


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _line(key: str, **values: object) -> Markup:
    return Markup("<p>{}</p>").format(escape(_FAULT_LABELS[key].format(**values)))


def _refuse(key: str, /, **values: object) -> NoReturn:
    shown = {name: shorten(str(value), 300) for name, value in values.items()}
    raise UsageError(_WRONGS[key].format(**shown))
