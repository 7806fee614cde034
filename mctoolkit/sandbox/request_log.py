"""The log of a sandbox: the latest requests and responses in order, with the sandbox's notes on each."""

from __future__ import annotations

import threading
from collections import deque
from http import HTTPStatus
from itertools import chain

from starlette.types import Scope

from mctoolkit._core.messages import gettext as _
from mctoolkit.models.exchange import Exchange, Failure, Headers, Request, Response
from mctoolkit.sandbox.responses import RawHeaders
from mctoolkit.spec.paths import SESSIONS_PATH
from mctoolkit.validation import validate

__all__ = ["MAX_BYTES", "MAX_ENTRIES", "LogEntry", "RequestLog"]

MAX_ENTRIES = 10_000
"""How many requests are kept in memory; older ones are only counted."""
MAX_BYTES = 64 * 1024 * 1024
"""The limit for all kept requests together: fewer are kept if they are large."""

_VALIDATED = ("sessions", "events", "downloaded")


class LogEntry:
    """One request to a sandbox, its response, and the sandbox's notes on it.

    Attributes
    ----------
    number : int
        The position of the request, counted from 1.
    at_ms : int
        When the request was complete, in milliseconds since 1970 on the sandbox's clock.
    elapsed_ms : float
        The time until the response was ready, without a fault's delay.
    endpoint : str
        ``"sessions"``, ``"events"``, ``"downloaded"``, ``"schemas"``, ``"preflight"`` (a CORS preflight request) or
        ``"other"``. A list of events is ``"downloaded"`` at every path.
    session_id : str or None
        The session that the request started, or the id in its path, which may be unknown.
    event_type : str or None
        The event type in the body; None without one, and for a list.
    status : int or None
        The status of the response; None if a fault cut the connection before it.
    accepted : bool
        Whether the event was added to a session.
    violations : tuple of str
        The ids of the session rules that the event violates. The API accepts such events; the reports are wrong.
    notes : tuple of str
        The problems of an event that only a lenient sandbox accepts, each as ``rule:key``.
    fault : str or None
        The fault that the request triggered.
    """

    __slots__ = (
        "accepted",
        "at_ms",
        "elapsed_ms",
        "endpoint",
        "event_type",
        "fault",
        "headers",
        "method",
        "notes",
        "number",
        "request_body",
        "response_body",
        "response_headers",
        "session_id",
        "size",
        "status",
        "url",
        "violations",
    )  # fmt: skip

    number: int
    at_ms: int
    elapsed_ms: float
    endpoint: str
    session_id: str | None
    event_type: str | None
    status: int | None
    accepted: bool
    violations: tuple[str, ...]
    notes: tuple[str, ...]
    fault: str | None
    method: str
    url: tuple[str, tuple[str, int | None] | None, bytes, bytes]
    headers: RawHeaders
    request_body: bytes
    response_headers: RawHeaders
    response_body: bytes
    size: int

    @classmethod
    def of(cls, scope: Scope, body: bytes, at_ms: int) -> LogEntry:
        """Return the entry of a request that has no response yet."""
        entry = cls()
        entry.number = 0
        entry.at_ms = at_ms
        entry.elapsed_ms = 0.0
        entry.endpoint = "other"
        entry.session_id = entry.event_type = entry.status = entry.fault = None
        entry.accepted = False
        entry.violations = entry.notes = ()
        entry.method = scope["method"]
        entry.url = (scope["scheme"], scope["server"], scope["raw_path"], scope["query_string"])
        entry.headers = scope["headers"]
        entry.request_body = body
        entry.response_headers = ()
        entry.response_body = b""
        return entry

    @property
    def full_url(self) -> str:
        """The URL of the request, with the host in its ``Host`` header."""
        scheme, server, path, query = self.url
        host = next((value.decode("latin-1") for name, value in self.headers if name == b"host"), "")
        if not host and server is not None:
            host = f"{server[0]}:{server[1]}"
        return f"{scheme}://{host}{path.decode('latin-1')}" + (f"?{query.decode('latin-1')}" if query else "")

    @property
    def request(self) -> Request:
        """The request as it arrived."""
        return Request(self.method, self.full_url, _decode(self.headers), self.request_body)

    @property
    def response(self) -> Response | None:
        """The response; None if a fault cut the connection before it."""
        if self.status is None:
            return None
        body = b"" if self.method == "HEAD" else self.response_body
        return Response(self.status, HTTPStatus(self.status).phrase, _decode(self.response_headers), body)

    @property
    def exchange(self) -> Exchange:
        """The request and the response as an Exchange, validated at each access."""
        response = self.response
        # A list is "downloaded" at every path, but /sessions has its own rules for lists.
        endpoint = "sessions" if self.full_url.partition("?")[0].endswith(SESSIONS_PATH) else self.endpoint
        validated = self.method == "POST" and endpoint in _VALIDATED
        return Exchange(
            target=_("sandbox"),
            request=self.request,
            response=response,
            failure=Failure("cut", _("by a fault: no complete response was sent")) if response is None else None,
            sent_at_ms=self.at_ms,
            elapsed_ms=self.elapsed_ms,
            verdict=validate(self.request_body, endpoint=endpoint, now_ms=self.at_ms) if validated else None,  # type: ignore[arg-type]
            endpoint=self.endpoint,
            is_sandbox=True,
        )

    def __repr__(self) -> str:
        what = self.event_type or self.method
        more = "".join(f", {item}" for item in (*self.violations, *self.notes, self.fault) if item)
        return f"LogEntry({self.number}: {self.endpoint}, {what}, {self.status}{more})"


class RequestLog:
    """Keeps the latest requests in memory and counts all; thread-safe."""

    def __init__(self) -> None:
        self._entries: deque[LogEntry] = deque()
        self._bytes = 0
        self._total = 0
        self._lock = threading.Lock()

    @property
    def total(self) -> int:
        """The number of requests so far, with those that are no longer kept."""
        return self._total

    @property
    def entries(self) -> tuple[LogEntry, ...]:
        """The latest requests, oldest first: at most 10,000, and fewer if they are large."""
        with self._lock:
            return tuple(self._entries)

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """The latest requests as Exchanges, oldest first."""
        return tuple(entry.exchange for entry in self.entries)

    def add(self, entry: LogEntry) -> None:
        """Add a request whose response is about to be sent, and number it."""
        entry.size = (
            len(entry.request_body) + len(entry.response_body) + sum(map(len, chain.from_iterable(entry.headers)))
        )
        with self._lock:
            self._total += 1
            entry.number = self._total
            self._entries.append(entry)
            self._bytes += entry.size
            while len(self._entries) > MAX_ENTRIES or (self._bytes > MAX_BYTES and len(self._entries) > 1):
                self._bytes -= self._entries.popleft().size


def _decode(headers: RawHeaders) -> Headers:
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers)
