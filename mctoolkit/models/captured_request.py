"""Call: one request to the API as a capture holds it, light enough for a million of them to pass by.

:func:`mctoolkit.captures.read_requests` makes them, from a HAR, a log, a journal or a sandbox; the audit judges them.
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
"""The value of a call whose body the capture does not hold."""


@dataclass(slots=True, eq=False)
class CapturedRequest:
    """One request to the API, and what the capture knows of its response. Treat it as read-only.

    Attributes
    ----------
    number : int
        The entry of the capture, as a user would count: from 1, the lines of a log, all entries of a HAR. In a trimmed
        capture it is the number in the original.
    endpoint : {"sessions", "events", "downloaded", "schemas", "other"}
        By the path of the URL; of a bare body, by its ``eventType``.
    value : object
        The JSON value of the body, read once; or a :class:`mctoolkit._core.json_io.NotJson`. A list is a batch of events.
    raw : bytes or None
        The body to the byte, where the capture has it so.
    at_ms : int or None
        When it was sent, in milliseconds since 1970 UTC; None where the capture does not say.
    session_id : str or None
        Of an event from the path; of a sessionStart from the header ``Location`` of its response, see
        :func:`mctoolkit.spec.paths.session_id_of_response`. None when unknown.
    session_key : str
        What the calls of one session have in common: the session id, or where a sessionStart has none, ``"#12"`` for
        the one in entry 12 (before it the file, where there are several). Empty: no session (schemas, other).
    matched : {"path", "location", "order", "none"}
        How the session is known. ``"order"``: a sessionStart without a response was the only one that the first event
        of an unknown session could belong to, or the bodies have no session id and simply follow each other. Of the
        sessionStart itself, which passes by before that, it is ``"none"``; its key is the same.
    status : int or None
        The HTTP status; None when the capture has no response.
    host : str
        In lower case, without a port; empty when the capture does not say.
    url : str
        As the capture has it.
    secure : bool or None
        Whether it went over https; None when the capture does not say.
    method : str
        Of HTTP, in capitals.
    elapsed_ms : float or None
        From sending to the end of the response.
    source : str
        The name of the file, where there are several.
    request_headers, response_headers : tuple of (str, str)
        Where the capture has them.
    response_body : bytes
        The beginning of the body of the response, where the capture has it; the API writes one when it refuses.
    without_response : bool
        Whether the capture knows that no response came: blocked, cut off, or no network. A capture that ends before the
        answer says the same; one that holds no responses at all does not say so.

    Examples
    --------
    >>> call = CapturedRequest(12, "events", {"eventType": "ping", "playerTime": {"playhead": 10, "ts": 1509045334153}})
    >>> call.event_type, call.when_ms, call.has_body, call.body
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
        """Whether the capture holds the body; an empty one counts as held when the capture says that it was empty."""
        return self.raw is not None or type(self.value) is not json_io.NotJson

    @property
    def has_response(self) -> bool:
        """Whether the capture holds a response."""
        return self.status is not None

    @property
    def body(self) -> bytes | None:
        """The body: to the byte, or where only its value is known, written anew; None when it is not held."""
        if self.raw is not None:
            return self.raw
        return json_io.write(self.value) if self.has_body else None

    @property
    def event_type(self) -> str | None:
        """The member ``eventType`` where it is a text; of a batch, None."""
        value = self.value
        found = value.get("eventType") if type(value) is dict else None
        return found if type(found) is str else None

    @property
    def ts_ms(self) -> int | None:
        """The member ``ts`` of the body, where it is a whole number."""
        value = self.value
        moment = value.get("playerTime") if type(value) is dict else None
        found = moment.get("ts") if type(moment) is dict else None
        return found if type(found) is int else None

    @property
    def when_ms(self) -> int | None:
        """When it was sent; where the capture does not say, the ``ts`` of the body; None without either."""
        return self.at_ms if self.at_ms is not None else self.ts_ms

    def to_exchange(self) -> Exchange:
        """Return it as an Exchange; what the capture does not know is empty, and without a response there is a failure.

        Examples
        --------
        >>> call = CapturedRequest(1, "events", {"eventType": "ping"}, status=204, host="company.hb-api.omtrdc.net")
        >>> call.to_exchange().status
        204
        """
        known = self.status is not None
        return Exchange(
            target=self.host,
            request=Request(self.method, self.url, self.request_headers, self.body or b""),
            response=Response(self.status, "", self.response_headers, self.response_body)
            if self.status is not None
            else None,
            failure=None if known else Failure("other"),
            sent_at_ms=self.when_ms or 0,
            elapsed_ms=self.elapsed_ms or 0.0,
            endpoint=self.endpoint,
        )
