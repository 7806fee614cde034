"""Faults: errors that a sandbox makes on request, to test how a client handles them.

A :class:`Fault` describes an error and the request that triggers it; :class:`Faults` holds the faults of one sandbox.
:mod:`mctoolkit.sandbox.fault_effects` changes the responses.
"""

from __future__ import annotations

import dataclasses
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple, Self

from mctoolkit._core.errors import InputError, UsageError
from mctoolkit._core.html import Markup, join, shorten, style, table
from mctoolkit._core.messages import Message
from mctoolkit._core.messages import gettext as _
from mctoolkit.spec import catalog

__all__ = ["ENDPOINTS", "KINDS", "Fault", "Faults", "PendingFault"]

_DESCRIPTIONS: Mapping[str, Message] = {
    "500": Message("The response is 500; the event is not accepted."),
    "503": Message("The response is 503; the event is not accepted."),
    "slow": Message("The response is correct but late."),
    "cut-before": Message("The connection is reset before any response; the event is not accepted."),
    "cut-status": Message("The event is accepted; the connection ends in the middle of the status line."),
    "cut-after": Message("The event is accepted; the connection is reset after the response."),
    "no-location": Message("The session starts; the 201 has no Location header."),
    "absolute-location": Message("The session starts; Location is an absolute URL instead of a path."),
    "proxy-page": Message("The response is an HTML page of a proxy; the event is not accepted."),
    "lost": Message("The response is 204, but the event is lost."),
}

KINDS = tuple(_DESCRIPTIONS)
ENDPOINTS = ("sessions", "events", "schemas", "downloaded")
PAGE_STATUSES = (200, 502)
"""The statuses that a ``proxy-page`` can have; the last one is the default."""

_CREATING = ("sessions", "downloaded")
_ENDPOINTS_OF: Mapping[str, tuple[str, ...]] = {
    "no-location": _CREATING,
    "absolute-location": _CREATING,
    "lost": ("events",),
}
_NOT_ACCEPTED = frozenset({"500", "503", "cut-before", "proxy-page", "lost"})
_DEFAULT_DELAY_S = 5.0
_MAX_DELAY_S = 3600.0
_MAX_ON = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Fault:
    """One error that the sandbox makes, and the request that triggers it.

    Parameters
    ----------
    kind : str
        ``"500"`` or ``"503"``; ``"slow"``: a correct but late response; ``"cut-before"``: the connection is reset
        before the response; ``"cut-status"``: it ends in the middle of the status line; ``"cut-after"``: it is reset
        after the whole response; ``"no-location"`` and ``"absolute-location"``: a 201 without ``Location``, or with an
        absolute URL in it; ``"proxy-page"``: an HTML page as a proxy sends it; ``"lost"``: 204, but the event is lost.
    on : int, optional
        Which matching request triggers the fault, counted from 1 since it was added; the first by default.
    event, endpoint : str, optional
        Match only requests with this event type, or to this endpoint (``"sessions"``, ``"events"``, ``"schemas"`` or
        ``"downloaded"``).
    seconds : float, optional
        The delay before the response, up to 3600; 5 for ``"slow"``, otherwise 0.
    status : int, optional
        The status of a ``"proxy-page"``: 502 (the default) or 200.

    Raises
    ------
    UsageError
        The kind is unknown, or a value is out of range.

    Examples
    --------
    >>> Fault("503", on=3, event="adStart")
    Fault(503 on=3 event=adStart)
    >>> Fault.parse("lost event=ping") == Fault("lost", event="ping")
    True
    """

    kind: str
    on: int | None = None
    event: str | None = None
    endpoint: str | None = None
    seconds: float | None = None
    status: int | None = None

    def __post_init__(self) -> None:
        kind, on, seconds, status = self.kind, self.on, self.seconds, self.status
        if kind not in KINDS:
            message = _('Unknown fault "{value}". Use one of: {known}.')
            raise UsageError(message.format(value=_shown(kind), known=", ".join(KINDS)))
        if on is not None and not (type(on) is int and 1 <= on <= _MAX_ON):
            message = _("on must be a whole number from 1 to 1,000,000,000, such as on=3, not {value}.")
            raise UsageError(message.format(value=_shown(on)))
        if seconds is not None and not (_is_number(seconds) and 0 <= seconds <= _MAX_DELAY_S):
            message = _("seconds must be a number from 0 to {most}, not {value}.")
            raise UsageError(message.format(value=_shown(seconds), most=int(_MAX_DELAY_S)))
        if self.event is not None and self.event not in catalog.event_types():
            message = _('"{value}" is not an event type of this API.').format(value=_shown(self.event))
            close = catalog.nearest(str(self.event), catalog.event_types())
            hint = f" {_('Did you mean {name}?').format(name=close)}" if close else ""
            raise UsageError(message + hint)
        endpoints = _ENDPOINTS_OF.get(kind, ENDPOINTS)
        if self.endpoint is not None and self.endpoint not in endpoints:
            message = _('{kind} is not available at the endpoint "{value}". Use one of: {known}.')
            raise UsageError(message.format(kind=kind, value=_shown(self.endpoint), known=", ".join(endpoints)))
        if status is not None and not (kind == "proxy-page" and status in PAGE_STATUSES):
            message = _("status is only for proxy-page and must be 200 or 502, not {value}.")
            raise UsageError(message.format(value=_shown(status)))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a fault as it is written on the command line: the kind, then ``name=value`` options after spaces.

        Raises
        ------
        InputError
            The text is not a fault; the message says why.
        """
        kind, *options = text.split() or [""]
        values: dict[str, Any] = {}
        try:
            for option in options:
                name, _unused, value = option.partition("=")
                if name not in _PARSERS or not value or name in values:
                    message = _('Unknown or repeated option "{value}". Use each at most once, with a value: {known}.')
                    known = ", ".join(f"{name}=" for name in _PARSERS)
                    raise UsageError(message.format(value=_shown(option), known=known))
                values[name] = _PARSERS[name](value)
            return cls(kind, **values)
        except UsageError as error:
            raise InputError(_('Fault "{text}": {why}').format(text=shorten(text, 80), why=error)) from None

    @property
    def accepts_event(self) -> bool:
        """Whether the request is handled as usual and only the response changes.

        Otherwise the request has no effect on any session.
        """
        return self.kind not in _NOT_ACCEPTED

    @property
    def description(self) -> str:
        """What happens, in a sentence."""
        return str(_DESCRIPTIONS[self.kind])

    @property
    def delay_s(self) -> float:
        """The delay before the response, in seconds."""
        return self.seconds if self.seconds is not None else _DEFAULT_DELAY_S if self.kind == "slow" else 0.0

    def matches(self, event_type: str | None, endpoint: str) -> bool:
        """Tell whether the fault applies to requests with this event type to this endpoint."""
        return (
            (self.event is None or self.event == event_type)
            and (self.endpoint is None or self.endpoint == endpoint)
            and endpoint in _ENDPOINTS_OF.get(self.kind, ENDPOINTS)
        )

    def __str__(self) -> str:
        options = ((name, getattr(self, name)) for name in _PARSERS)
        return " ".join([self.kind, *(f"{name}={value}" for name, value in options if value is not None)])

    def __repr__(self) -> str:
        return f"Fault({self})"


class PendingFault(NamedTuple):
    """A fault that was not triggered yet, and the number of matching requests since it was added."""

    fault: Fault
    matched: int


class Faults:
    """The faults of one sandbox; thread-safe.

    Each fault is triggered once. A request triggers at most one: of the matching faults, the one added first.

    Examples
    --------
    >>> faults = Faults()
    >>> faults.add("503", on=2)
    Fault(503 on=2)
    >>> [faults.trigger("play", "events") for _ in range(3)]
    [None, Fault(503 on=2), None]
    >>> faults.triggered["503"], faults.pending
    (1, ())
    """

    def __init__(self) -> None:
        self._pending: list[PendingFault] = []
        self._triggered: Counter[str] = Counter()
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
        """Add a fault; without options the next request triggers it.

        Parameters
        ----------
        kind : str or Fault
            The kind. A text may have options as on the command line: ``"503 on=3"``.
        on, event, endpoint, seconds, status
            As for :class:`Fault`; they replace those of ``kind``.

        Returns
        -------
        Fault
            The fault that was added.

        Raises
        ------
        UsageError
            The kind is unknown, or a value is out of range.
        InputError
            A text with options cannot be read.
        """
        options: dict[str, Any] = {"on": on, "event": event, "endpoint": endpoint, "seconds": seconds, "status": status}
        given = {name: value for name, value in options.items() if value is not None}
        if isinstance(kind, str) and " " not in kind:
            fault = Fault(kind, **given)
        else:
            fault = kind if isinstance(kind, Fault) else Fault.parse(str(kind))
            if given:
                fault = dataclasses.replace(fault, **given)
        with self._lock:
            self._pending.append(PendingFault(fault, 0))
        return fault

    @property
    def pending(self) -> tuple[PendingFault, ...]:
        """The faults that were not triggered yet, in the order in which they were added."""
        with self._lock:
            return tuple(self._pending)

    @property
    def triggered(self) -> Mapping[str, int]:
        """How often faults of each kind were triggered."""
        with self._lock:
            return MappingProxyType({kind: self._triggered.get(kind, 0) for kind in KINDS})

    def clear(self) -> None:
        """Remove all faults and reset the counts."""
        with self._lock:
            self._pending.clear()
            self._triggered.clear()

    def trigger(self, event_type: str | None, endpoint: str) -> Fault | None:
        """Count a request and return the fault that it triggers, or None; call this once for each request.

        Parameters
        ----------
        event_type : str or None
            The event type in the body; None if there is none.
        endpoint : str
            One of :data:`ENDPOINTS`.
        """
        if not self._pending:
            return None
        with self._lock:
            triggered: Fault | None = None
            pending: list[PendingFault] = []
            for fault, matched in self._pending:
                matches = fault.matches(event_type, endpoint)
                if matches and triggered is None and matched + 1 >= (fault.on or 1):
                    triggered = fault
                    self._triggered[fault.kind] += 1
                else:
                    pending.append(PendingFault(fault, matched + matches))
            self._pending = pending
            return triggered

    def __repr__(self) -> str:
        return f"Faults({', '.join(str(pending.fault) for pending in self.pending)})"

    def _repr_html_(self) -> str:
        header = [_("Fault"), _("What happens"), _("Matching requests")]
        rows = [(str(fault), fault.description, f"{matched:,}") for fault, matched in self.pending]
        counts = ", ".join(f"{kind}: {number:,}" for kind, number in self.triggered.items() if number)
        paragraph = Markup("<p>{}</p>")
        parts = [table(_("Pending faults"), header, rows) if rows else paragraph.format(_("No faults are pending."))]
        if counts:
            parts.append(paragraph.format(_("Triggered: {counts}.").format(counts=counts)))
        return str(Markup('{}<div class="mct">{}</div>').format(style(), join(parts)))


def _parse_number(text: str) -> float | str:
    """Read a number, a whole one as int; return other text unchanged, which Fault then rejects."""
    try:
        value = float(text)
    except ValueError:
        return text
    return int(value) if value.is_integer() and "." not in text else value


_PARSERS: Mapping[str, Any] = {
    "on": _parse_number,
    "event": str,
    "endpoint": str,
    "seconds": _parse_number,
    "status": _parse_number,
}


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _shown(value: object) -> str:
    return shorten(str(value), 300)
