"""What a sandbox saw: requests and answers in their order, and what was noted of each."""

from __future__ import annotations

import threading
from collections import deque
from http import HTTPStatus
from itertools import chain

from starlette.types import Scope

from mctoolkit._core.messages import gettext as _
from mctoolkit.models.exchange import Exchange, Failure, Headers, Request, Response
from mctoolkit.sandbox.responses import RawPairs
from mctoolkit.spec.paths import SESSIONS_PATH
from mctoolkit.validation import validate

__all__ = ["MOST_KEPT", "MOST_KEPT_BYTES", "LogEntry", "RequestLog"]

MOST_KEPT = 10_000
"""How many requests are kept in memory; older ones are counted."""
MOST_KEPT_BYTES = 64 * 1024 * 1024
"""How large they may be together: with large bodies, fewer are kept."""

_JUDGED = ("sessions", "events", "downloaded")


class LogEntry:
    """One request that a sandbox saw, what it answered, and what it noted.

    Attributes
    ----------
    number : int
        The position of the request, counted from 1.
    at_ms : int
        When it had come, in milliseconds since 1970, by the sandbox's clock.
    elapsed_ms : float
        How long the sandbox thought about it.
    endpoint : str
        ``"sessions"``, ``"events"``, ``"downloaded"``, ``"schemas"``, ``"preflight"`` (a browser that asks whether it
        may send) or ``"other"``. A list of events is ``"downloaded"`` wherever it was sent.
    session_id : str or None
        The session that it began, or that it named in its path, whether or not there is such a session.
    event_type : str or None
        What its body says; None where it does not say, and for a list.
    status : int or None
        The status of the response; None where the connection was cut on purpose before one.
    taken : bool
        Whether it counts in a session.
    slips : tuple of str
        The rules of a session that the event breaks. The service accepts it all the same; the reports will show it.
    notes : tuple of str
        What a lenient sandbox took although it is not as it should be, each as ``rule:key``.
    fault : str or None
        What went wrong on purpose.
    """

    __slots__ = (
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
        "slips",
        "status",
        "taken",
        "url",
    )  # fmt: skip

    number: int
    at_ms: int
    elapsed_ms: float
    endpoint: str
    session_id: str | None
    event_type: str | None
    status: int | None
    taken: bool
    slips: tuple[str, ...]
    notes: tuple[str, ...]
    fault: str | None
    method: str
    url: tuple[str, tuple[str, int | None] | None, bytes, bytes]
    headers: RawPairs
    request_body: bytes
    response_headers: RawPairs
    response_body: bytes
    size: int

    @classmethod
    def of(cls, scope: Scope, body: bytes, at_ms: int) -> LogEntry:
        """Return the entry of a request, before anything is known of its response."""
        entry = cls()
        entry.number = 0
        entry.at_ms = at_ms
        entry.elapsed_ms = 0.0
        entry.endpoint = "other"
        entry.session_id = entry.event_type = entry.status = entry.fault = None
        entry.taken = False
        entry.slips = entry.notes = ()
        entry.method = scope["method"]
        entry.url = (scope["scheme"], scope["server"], scope["raw_path"], scope["query_string"])
        entry.headers = scope["headers"]
        entry.request_body = body
        entry.response_headers = []
        entry.response_body = b""
        return entry

    @property
    def full_url(self) -> str:
        """The URL that was asked for, with the host as the request names it."""
        scheme, server, path, query = self.url
        host = next((value.decode("latin-1") for name, value in self.headers if name == b"host"), "")
        if not host and server is not None:
            host = f"{server[0]}:{server[1]}"
        return f"{scheme}://{host}{path.decode('latin-1')}" + (f"?{query.decode('latin-1')}" if query else "")

    @property
    def request(self) -> Request:
        """The request, to the byte."""
        return Request(self.method, self.full_url, _decoded(self.headers), self.request_body)

    @property
    def response(self) -> Response | None:
        """The response; None where the connection was cut on purpose before one."""
        if self.status is None:
            return None
        body = b"" if self.method == "HEAD" else self.response_body
        return Response(self.status, HTTPStatus(self.status).phrase, _decoded(self.response_headers), body)

    @property
    def exchange(self) -> Exchange:
        """The request and the response as an Exchange, validated at each access."""
        response = self.response
        # A list may have come to /sessions, where it is judged otherwise.
        address = self.full_url.partition("?")[0]
        endpoint = "sessions" if address.endswith(SESSIONS_PATH) else self.endpoint
        judged = self.method == "POST" and endpoint in _JUDGED
        return Exchange(
            target=_("sandbox"),
            request=self.request,
            response=response,
            failure=Failure("cut", _("on purpose: no whole response was sent")) if response is None else None,
            sent_at_ms=self.at_ms,
            elapsed_ms=self.elapsed_ms,
            verdict=validate(self.request_body, endpoint=endpoint, now_ms=self.at_ms) if judged else None,  # type: ignore[arg-type]
            endpoint=self.endpoint,
            is_sandbox=True,
        )

    def __repr__(self) -> str:
        what = self.event_type or self.method
        more = "".join(f", {word}" for word in (*self.slips, *self.notes, *([self.fault] if self.fault else ())))
        return f"Entry({self.number}: {self.endpoint}, {what}, {self.status}{more})"


class RequestLog:
    """Keeps the latest requests in memory, and counts them all. It can be read from any thread."""

    def __init__(self) -> None:
        self._kept: deque[LogEntry] = deque()
        self._bytes = 0
        self._total = 0
        self._lock = threading.Lock()

    @property
    def total(self) -> int:
        """How many requests there were, those included that are not kept any more."""
        return self._total

    @property
    def entries(self) -> tuple[LogEntry, ...]:
        """The last requests, oldest first: 10,000 at most, and fewer where they are large."""
        with self._lock:
            return tuple(self._kept)

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """The last requests as Exchanges, oldest first."""
        return tuple(entry.exchange for entry in self.entries)

    def add(self, entry: LogEntry) -> None:
        """Take note of a request that is about to be answered."""
        entry.size = (
            len(entry.request_body) + len(entry.response_body) + sum(map(len, chain.from_iterable(entry.headers)))
        )
        with self._lock:
            self._total += 1
            entry.number = self._total
            self._kept.append(entry)
            self._bytes += entry.size
            while len(self._kept) > MOST_KEPT or (self._bytes > MOST_KEPT_BYTES and len(self._kept) > 1):
                self._bytes -= self._kept.popleft().size


def _decoded(headers: RawPairs) -> Headers:
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers)
