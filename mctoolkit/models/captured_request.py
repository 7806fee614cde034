"""CapturedRequest: one request to the API in a capture, small enough to read a million of them.

:func:`mctoolkit.captures.read_requests` returns them from a HAR, a log, a journal or a sandbox, for the audit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from mctoolkit._core import json_io
from mctoolkit.models.exchange import Exchange, Failure, Headers, Request, Response
from mctoolkit.spec.paths import Endpoint

__all__ = ["NO_BODY", "CapturedRequest", "Matched"]

Matched = Literal["path", "location", "order", "none"]

NO_BODY = json_io.NotJson("empty", 1, 1, "")
"""The value of a request whose body is not in the capture."""


@dataclass(slots=True, eq=False)
class CapturedRequest:
    """One request to the API and what the capture has of its response. Treat it as read-only.

    Attributes
    ----------
    number : int
        The number of the entry in the capture, from 1: the line of a log, the entry of a HAR. In a redacted capture it
        is the number in the original.
    endpoint : {"sessions", "events", "downloaded", "schemas", "other"}
        From the path of the URL, or for a body without URL from its ``eventType``.
    value : object
        The JSON value of the body, or a :class:`mctoolkit._core.json_io.NotJson`. A list is a batch of events.
    raw : bytes or None
        The exact bytes of the body, if the capture has them.
    at_ms : int or None
        The time of sending, in milliseconds since 1970; None if unknown.
    session_id : str or None
        The id in the path; for a sessionStart the id in the header ``Location`` of its response, see
        :func:`mctoolkit.spec.paths.session_id_of_response`. None if unknown.
    session_key : str
        The key shared by the requests of a session: the session id, or ``"#12"`` for a sessionStart without one in
        entry 12, after the file name if there are several files. Empty without a session (schemas, other).
    matched : {"path", "location", "order", "none"}
        How the session was found. ``"order"``: the only sessionStart without a response before an unknown session id,
        or bodies without any id in sequence. That sessionStart itself is read earlier and has ``"none"``, with the
        same key.
    status : int or None
        The HTTP status; None if the capture has no response.
    host : str
        The host in lower case without the port; empty if unknown.
    url : str
        The URL in the capture.
    secure : bool or None
        Whether it was sent with https; None if unknown.
    method : str
        The HTTP method in capitals.
    elapsed_ms : float or None
        The time from sending to the end of the response, in milliseconds.
    source : str
        The file name, if the capture has several files.
    request_headers, response_headers : tuple of (str, str)
        The headers; empty if unknown.
    response_body : bytes
        The start of the response body, if the capture has it. The API sends one when it refuses a request.
    without_response : bool
        Whether the capture shows that there was no response: blocked, interrupted, or no network. It is also True if
        the capture ends before the response, and False if the capture has no responses at all.

    Examples
    --------
    >>> body = {"eventType": "ping", "playerTime": {"playhead": 10, "ts": 1509045334153}}
    >>> request = CapturedRequest(12, "events", body)
    >>> request.event_type, request.when_ms, request.has_body, request.body
    ('ping', 1509045334153, True, b'{"eventType":"ping","playerTime":{"playhead":10,"ts":1509045334153}}')
    """

    number: int
    endpoint: Endpoint
    value: Any
    raw: bytes | None = None
    at_ms: int | None = None
    session_id: str | None = None
    session_key: str = ""
    matched: Matched = "none"
    status: int | None = None
    host: str = ""
    url: str = ""
    secure: bool | None = None
    method: str = "POST"
    elapsed_ms: float | None = None
    source: str = ""
    request_headers: Headers = ()
    response_headers: Headers = ()
    response_body: bytes = b""
    without_response: bool = False

    @property
    def has_body(self) -> bool:
        """Whether the capture has the body. A body that is known to be empty counts."""
        return self.raw is not None or type(self.value) is not json_io.NotJson

    @property
    def has_response(self) -> bool:
        """Whether the capture has the response."""
        return self.status is not None

    @property
    def body(self) -> bytes | None:
        """The exact bytes of the body, or its value written as JSON; None if the capture does not have it."""
        if self.raw is not None:
            return self.raw
        return json_io.write(self.value) if self.has_body else None

    @property
    def event_type(self) -> str | None:
        """The member ``eventType``; None if it is not text, and for a batch."""
        value = self.value
        found = value.get("eventType") if type(value) is dict else None
        return found if type(found) is str else None

    @property
    def ts_ms(self) -> int | None:
        """The member ``ts`` of the body; None if it is not a whole number."""
        value = self.value
        player_time = value.get("playerTime") if type(value) is dict else None
        found = player_time.get("ts") if type(player_time) is dict else None
        return found if type(found) is int else None

    @property
    def when_ms(self) -> int | None:
        """The time of sending, or else the ``ts`` of the body; None without both."""
        return self.at_ms if self.at_ms is not None else self.ts_ms

    def to_exchange(self) -> Exchange:
        """Return the request as an Exchange. Unknown values are empty; without a response it has a failure.

        Examples
        --------
        >>> request = CapturedRequest(1, "events", {"eventType": "ping"}, status=204, host="company.hb-api.omtrdc.net")
        >>> request.to_exchange().status
        204
        """
        response = None
        if self.status is not None:
            response = Response(self.status, "", self.response_headers, self.response_body)
        return Exchange(
            target=self.host,
            request=Request(self.method, self.url, self.request_headers, self.body or b""),
            response=response,
            failure=Failure("other") if response is None else None,
            sent_at_ms=self.when_ms or 0,
            elapsed_ms=self.elapsed_ms or 0.0,
            endpoint=self.endpoint,
        )
