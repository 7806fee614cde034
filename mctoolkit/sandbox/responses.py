"""The responses of the sandbox: status, headers and body for each case, independent of any server."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from email.utils import formatdate
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Any, Self
from urllib.parse import quote

from mctoolkit._core import json_io
from mctoolkit._core.clocks import Clock, utc
from mctoolkit._core.html import shorten
from mctoolkit._core.messages import Message, Plural
from mctoolkit._core.messages import gettext as _
from mctoolkit.models.problem import Problem, Verdict, where
from mctoolkit.spec import catalog, schemas
from mctoolkit.spec.paths import SESSIONS_PATH

__all__ = [
    "NOTES_HEADER",
    "PROBLEMS_HEADER",
    "SERVER",
    "RawHeaders",
    "Response",
    "ResponseFactory",
    "format_problem",
    "with_notes",
]

SERVER = "mctoolkit-sandbox"
"""The value of the headers ``Server`` and ``Via``; the documented samples name servers of Adobe."""

PROBLEMS_HEADER = "X-Sandbox-Problems"
"""A header that only the sandbox sends: the number of errors of a body, then each as ``rule:key``."""

NOTES_HEADER = "X-Sandbox-Notes"
"""A header that only the sandbox sends: the same for problems of a body that was accepted."""

_MAX_PROBLEMS = 100
_MAX_KEYS_IN_MESSAGE = 5
_MAX_KEY_CHARS = 60
_MAX_HEADER_CHARS = 400

_EXPOSE = "Access-Control-Expose-Headers"

Headers = tuple[tuple[str, str], ...]
RawHeaders = Sequence[tuple[bytes, bytes]]

_KEEP_ALIVE = (b"Connection", b"keep-alive")

_DEFECTS = {
    "missing": Plural("{keys} is missing", "{keys} are missing"),
    "unwanted": Plural("{keys} is not allowed there", "{keys} are not allowed there"),
    "wrong": Plural("{keys} has an invalid value", "{keys} have invalid values"),
}
_CLOSED = {
    "end": Message("Session {id} is closed: sessionEnd arrived at {at} UTC."),
    "idle": Message("Session {id} was closed at {at} UTC, after 10 minutes without an event."),
    "playhead": Message("Session {id} was closed at {at} UTC, after 30 minutes at the same playhead."),
    "evicted": Message(
        "Session {id} was closed at {at} UTC: too many sessions were open, and this one had been idle the longest."
    ),
}
_NOT_FOUND = {
    "slash": Message("{path} does not exist. Remove the trailing slash: POST {sessions} starts a session."),
    "events": Message(
        "{path} does not exist. Send events to POST {sessions}/<session id>/events, without a trailing slash."
    ),
    "schemas": Message(
        "{path} does not exist. Get a schema from GET /api/v1/schemas/<event type>, such as "
        "/api/v1/schemas/sessionStart."
    ),
    "downloaded": Message(
        "{path} does not exist. Send the events of downloaded content as a list to POST /api/v1/downloaded, "
        "without a trailing slash."
    ),
    "other": Message("{path} does not exist. POST {sessions} starts a session."),
}


@dataclass(frozen=True, slots=True)
class Response:
    """One response.

    Attributes
    ----------
    status : int
        The status code.
    raw_headers : sequence of (bytes, bytes)
        The headers in the order and spelling in which they are sent, encoded as ASGI requires.
    body : bytes
        The body.

    Examples
    --------
    >>> Response.of(503, {"Retry-After": "120"}).raw_headers
    ((b'Retry-After', b'120'),)
    """

    status: int
    raw_headers: RawHeaders
    body: bytes = b""

    @classmethod
    def of(cls, status: int, headers: Mapping[str, str] | Headers, body: bytes = b"") -> Self:
        """Return a response with headers given as text."""
        return cls(status, _encode(headers), body)

    @property
    def headers(self) -> Headers:
        """The headers as text."""
        return tuple((name.decode("ascii"), value.decode("ascii")) for name, value in self.raw_headers)


class ResponseFactory:
    """Builds the responses. The headers of documented responses, with their values, come from ``mctoolkit.spec``.

    Parameters
    ----------
    clock : Clock
        Gives the time for the header ``Date``.

    Examples
    --------
    >>> from mctoolkit._core.clocks import ManualClock
    >>> response = ResponseFactory(ManualClock(1_512_587_691_000)).created("ab" * 32)
    >>> response.status, response.headers[1], response.headers[-1]
    (201, ('Date', 'Wed, 06 Dec 2017 19:14:51 GMT'), ('Via', '1.1 mctoolkit-sandbox'))

    Notes
    -----
    Source: Experience League, "Sessions request" and "Events request" (sample responses, response codes). No other
    response is documented. Error bodies follow ``ApiError`` of Adobe's Swagger file; the rest is our interpretation.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def created(self, session_id: str) -> Response:
        """Return 201 for a new session: the documented headers and no body."""
        location = (b"Location", f"{SESSIONS_PATH}/{session_id}".encode("ascii"))
        documented = _documented_headers("sessions", 201, self._now_s())
        return Response(201, [location if pair[0] == b"Location" else pair for pair in documented])

    def accepted(self, *, closing: bool = False) -> Response:
        """Return the documented 204 for an accepted event.

        Parameters
        ----------
        closing : bool
            Whether the connection closes after this response; then ``Connection: keep-alive`` is omitted.
        """
        return _accepted(self._now_s(), closing)

    def list_accepted(self) -> Response:
        """Return 201 for an accepted list of events, without ``Location``: no event can be added to it."""
        return self._response(201, b"", _sample_headers("downloaded", 201))

    def invalid(self, verdict: Verdict) -> Response:
        """Return 400 with every problem of a body.

        The API documents the member ``message`` only. The member ``sandbox`` and the header ``X-Sandbox-Problems`` are
        additions of the sandbox. The body lists up to 100 problems; ``left_off`` counts the others.
        """
        first = Verdict(verdict.event, verdict.problems[:_MAX_PROBLEMS])
        content = {
            "message": _summarize(verdict.errors),
            "sandbox": {
                "note": _("Only the sandbox sends this list. The real service may send a single sentence."),
                "problems": first.to_dict()["problems"],
                "left_off": len(verdict.problems) - len(first.problems),
            },
        }
        added = {_EXPOSE: f"Location, {PROBLEMS_HEADER}", PROBLEMS_HEADER: _format_problems(verdict.errors)}
        return self._json(400, content, added)

    def unknown_session(self, session_id: str) -> Response:
        """Return 404 for a session id that was never issued."""
        return self._error(
            404,
            _(
                "No session has the id {id}. Use the id in the Location header of the 201, after /sessions/, "
                "or start a new session with POST {sessions}."
            ).format(id=shorten(session_id), sessions=SESSIONS_PATH),
        )

    def closed_session(self, session_id: str, why: str, at_ms: int) -> Response:
        """Return 410 for a closed session, with the reason and the time in milliseconds since 1970."""
        reason = _CLOSED[why].format(id=shorten(session_id), at=f"{utc(at_ms):%H:%M:%S}")
        next_step = _("This event is lost. Start a new session with POST {sessions}.").format(sessions=SESSIONS_PATH)
        return self._error(410, f"{reason} {next_step}")

    def schema(self, event_type: str) -> Response:
        """Return 200 with the schema of an event type."""
        return self._response(200, _schema(event_type), _sample_headers("schemas", 200))

    def unknown_schema(self, name: str) -> Response:
        """Return 404 for an unknown event type, with the most similar name."""
        close = catalog.nearest(name, catalog.event_types())
        if close:
            next_step = _("Did you mean {name}?").format(name=close)
        else:
            next_step = _("Event types: {known}.").format(known=", ".join(catalog.event_types()))
        problem = _("{name} is not an event type.").format(name=shorten(name))
        return self._error(404, f"{problem} {next_step}")

    def not_found(self, path: str) -> Response:
        """Return 404 for a path that does not exist, with the path that was probably meant."""
        return self._error(404, _NOT_FOUND[_likely_target(path)].format(path=shorten(path), sessions=SESSIONS_PATH))

    def method_not_allowed(self, method: str, path: str, allowed: Sequence[str]) -> Response:
        """Return 405 with the methods that a path accepts."""
        methods = ", ".join(allowed)
        message = _("{path} does not accept {method}. It accepts: {allowed}.")
        return self._error(405, message.format(method=method, path=shorten(path), allowed=methods), {"Allow": methods})

    def too_large(self, limit_bytes: int) -> Response:
        """Return 413 for a body above the size limit; the connection is closed."""
        message = _(
            "The body is larger than the sandbox accepts ({limit} bytes). A typical body of this API has a few "
            "thousand bytes."
        )
        return self._error(413, message.format(limit=limit_bytes), {"Connection": "close"})

    def too_many_values(self, limit: int) -> Response:
        """Return 413 for an event with more values than the sandbox validates."""
        message = _("An event has more values than the sandbox validates ({limit}). A typical event has a few dozen.")
        return self._error(413, message.format(limit=limit))

    def internal_error(self) -> Response:
        """Return 500 for an exception in the sandbox, without its details."""
        return self._error(
            500,
            _("The sandbox failed; your request may be valid. The log mctoolkit.sandbox has the traceback."),
        )

    def preflight(self, allowed: Sequence[str]) -> Response:
        """Return 204 for a browser that asks whether a page of another origin may send a request."""
        methods = {"Allow": ", ".join(allowed)} if allowed else {}
        return self._response(204, b"", {**_sample_headers("preflight", 204), **methods})

    def welcome(self) -> Response:
        """Return 200 with a line of plain text that says what this server is."""
        message = _(
            "This is the mctoolkit sandbox on this computer. It imitates Adobe's Media Collection API: start a session "
            "with POST {sessions}. Nothing is sent to Adobe."
        ).format(sessions=SESSIONS_PATH)
        headers = {**_sample_headers("sessions", 400), "Content-Type": "text/plain; charset=utf-8"}
        return self._response(200, f"{message}\n".encode(), headers)

    def _error(self, status: int, message: str, added: Mapping[str, str] | None = None) -> Response:
        return self._json(status, {"message": message}, added)

    def _json(self, status: int, content: Any, added: Mapping[str, str] | None = None) -> Response:
        headers = {**_sample_headers("sessions", 400), **(added or {})}
        return self._response(status, f"{json_io.pretty(content)}\n".encode(), headers)

    def _response(self, status: int, body: bytes, values: Mapping[str, str]) -> Response:
        """Return a response without a documented sample, its headers in the order of the documented 201."""
        headers = {**_computed_headers(self._now_s()), **values, "Content-Length": str(len(body))}
        if status == 204:
            del headers["Content-Length"]
        order = list(_sample_headers("sessions", 201))
        names = sorted(headers, key=lambda name: order.index(name if name in order else "Age"))
        return Response.of(status, {name: headers[name] for name in names}, body)

    def _now_s(self) -> int:
        return self._clock.now_ms() // 1000


def with_notes(response: Response, problems: Sequence[Problem]) -> Response:
    """Return a response with a header that names the problems of a body that was accepted."""
    exposed = {_EXPOSE: f"Location, {NOTES_HEADER}"}
    headers = [*((name, exposed.get(name, value)) for name, value in response.headers)]
    return replace(response, raw_headers=_encode((*headers, (NOTES_HEADER, _format_problems(problems)))))


def format_problem(problem: Problem) -> str:
    """Return a problem as ``rule:key`` in ASCII, or ``rule`` if it concerns the whole body."""
    return f"{problem.rule}:{quote(_key(problem), safe='._-[]')}" if problem.place else problem.rule


def _format_problems(problems: Sequence[Problem]) -> str:
    """Return problems as the value of a header: ``2; missing:media.id; type:media.length``."""
    items = [str(len(problems))]
    for item in map(format_problem, problems):
        if sum(map(len, items)) + len(item) > _MAX_HEADER_CHARS:
            items.append("...")
            break
        items.append(item)
    return "; ".join(items)


def _encode(headers: Mapping[str, str] | Headers) -> RawHeaders:
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    return tuple((name.encode("ascii"), value.encode("ascii")) for name, value in pairs)


def _computed_headers(at_s: int) -> dict[str, str]:
    """Return the headers whose values differ from the documented sample."""
    return {"Server": SERVER, "Date": formatdate(at_s, usegmt=True), "Via": f"1.1 {SERVER}"}


@lru_cache(maxsize=2)
def _accepted(at_s: int, closing: bool) -> Response:
    headers = _documented_headers("events", 204, at_s)
    return Response(204, tuple(pair for pair in headers if pair != _KEEP_ALIVE) if closing else headers)


@lru_cache(maxsize=2)
def _documented_headers(endpoint: str, status: int, at_s: int) -> RawHeaders:
    """Return the headers of a documented response without a body, in their order; equal within a second."""
    computed = _computed_headers(at_s)
    return _encode({name: computed.get(name, sample) for name, sample in _sample_headers(endpoint, status).items()})


@cache
def _sample_headers(endpoint: str, status: int) -> Mapping[str, str]:
    """Return the headers of a documented response, in their order."""
    return MappingProxyType({header.name: header.sample for header in catalog.responses(endpoint)[status].headers})


@cache
def _schema(event_type: str) -> bytes:
    return f"{json_io.pretty(schemas.schema(event_type))}\n".encode()


_UNWANTED = frozenset(
    {"unknown-key", "slip-key", "historic-key", "misplaced-key", "other-event-key", "member", "metadata-name"}
)
_OF_THE_BODY = frozenset(
    {"not-json", "not-an-object", "endpoint", "downloaded", "not-a-list", "list-start", "list-downloaded"}
)
"""Rules about the whole body: their own message is used."""


def _summarize(errors: Iterable[Problem]) -> str:
    """Describe the errors of a body in a sentence or two that name the keys."""
    keys: dict[str, list[str]] = {"missing": [], "unwanted": [], "wrong": []}
    sentences: list[str] = []
    for problem in errors:
        if problem.rule in _OF_THE_BODY or not problem.place:
            sentences.append(problem.message)
        else:
            group = "unwanted" if problem.rule in _UNWANTED else problem.rule
            named = keys.get(group, keys["wrong"])
            if _key(problem) not in named:
                named.append(_key(problem))
    clauses = "; ".join(
        _DEFECTS[group].format(len(named), keys=_enumerate(named)) for group, named in keys.items() if named
    )
    head = (
        _("Request had improper format: {clauses}.").format(clauses=clauses)
        if clauses
        else _("Request had improper format.")
    )
    return " ".join([head, *sentences[:_MAX_KEYS_IN_MESSAGE]])


def _enumerate(names: Sequence[str]) -> str:
    if len(names) > _MAX_KEYS_IN_MESSAGE:
        rest = _("{number} more").format(number=len(names) - _MAX_KEYS_IN_MESSAGE)
        names = [*names[:_MAX_KEYS_IN_MESSAGE], rest]
    if len(names) == 1:
        return names[0]
    return _("{first} and {last}").format(first=", ".join(names[:-1]), last=names[-1])


def _key(problem: Problem) -> str:
    """Return the key of a problem as the API writes it: ``media.length``, ``playerTime.ts``, ``[2].media.length``."""
    place = problem.place
    index = f"[{place[0]}]" if place and isinstance(place[0], int) else ""
    if index:
        place = place[1:]
    in_a_member = len(place) == 2 and place[0] in ("params", "qoeData")
    key = shorten(str(place[1]) if in_a_member else where(place), _MAX_KEY_CHARS) if place else ""
    return ".".join(part for part in (index, key) if part)


def _likely_target(path: str) -> str:
    """Return the key of the message that helps with a path that does not exist."""
    parts = [part for part in path.casefold().split("/") if part]
    if path == f"{SESSIONS_PATH}/":
        return "slash"
    if parts[:3] == ["api", "v1", "sessions"] and (len(parts) > 3 or path.endswith("//events")):
        return "events"
    if len(parts) == 4 and parts[:2] == ["api", "v1"] and parts[3] == "events":
        return "events"
    if parts[:2] == ["api", "v1"] and parts[2:3] in (["schemas"], ["downloaded"]):
        return parts[2]
    return "other"
