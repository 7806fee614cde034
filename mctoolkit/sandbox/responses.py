"""What the sandbox answers: status, headers and body, without a word of how they travel."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from mctoolkit._core import json_io
from mctoolkit._core.clocks import Clock, utc
from mctoolkit._core.html import shorten
from mctoolkit._core.messages import Message, Plural
from mctoolkit._core.messages import gettext as _
from mctoolkit.models.problem import Problem, Verdict, where
from mctoolkit.spec import catalog, schemas
from mctoolkit.spec.paths import SESSIONS_PATH

__all__ = ["NOTES_HEADER", "PROBLEMS_HEADER", "SERVER", "Response", "ResponseFactory", "in_short"]

SERVER = "mctoolkit-sandbox"
"""What the headers ``Server`` and ``Via`` say; the documented values name programs that are not here."""

PROBLEMS_HEADER = "X-Sandbox-Problems"
"""Ours, the API has no such header: how many errors a body has, and each as ``rule:key``."""

NOTES_HEADER = "X-Sandbox-Notes"
"""Ours too: the same, of what was taken all the same."""

_MOST_PROBLEMS = 100
_MOST_NAMED = 5
_LONGEST_KEY = 60
_LONGEST_LIST = 400

_EXPOSE = "Access-Control-Expose-Headers"
_KEEP_ALIVE = ("Connection", "keep-alive")

Pairs = tuple[tuple[str, str], ...]
RawPairs = list[tuple[bytes, bytes]]


_REFUSED = {
    "missing": Plural("{keys} is missing", "{keys} are missing"),
    "unwanted": Plural("{keys} does not belong there", "{keys} do not belong there"),
    "wrong": Plural("{keys} has a value that is not taken", "{keys} have values that are not taken"),
}
_CLOSED = {
    "end": Message("The session {id} is closed: sessionEnd came at {at} UTC."),
    "idle": Message("The session {id} was closed at {at} UTC, after 10 minutes without an event."),
    "playhead": Message("The session {id} was closed at {at} UTC, after 30 minutes at the same playhead."),
    "crowded": Message(
        "The session {id} was closed at {at} UTC: the sandbox keeps a limited "
        "number of open sessions, and this one had been without an event for longest."
    ),
}
_NO_PATH = {
    "slash": Message(
        "There is nothing at {path}. Leave out the slash at the end: sessions begin with POST {sessions}."
    ),
    "events": Message(
        "There is nothing at {path}. Events go to POST {sessions}/<session id>/events, without a slash at the end."
    ),
    "schemas": Message(
        "There is nothing at {path}. Schemas are at GET /api/v1/schemas/<event type>, as "
        "in /api/v1/schemas/sessionStart."
    ),
    "downloaded": Message(
        "There is nothing at {path}. Lists of events of a downloaded programme go to "
        "POST /api/v1/downloaded, without a slash at the end."
    ),
    "other": Message("There is nothing at {path}. Sessions begin with POST {sessions}."),
}


@dataclass(frozen=True, slots=True)
class Response:
    """One response: status, headers as they are spelled on the wire and in their order, body to the byte."""

    status: int
    headers: Pairs
    body: bytes = b""
    raw: RawPairs = field(init=False, repr=False, compare=False)
    """The headers as bytes."""

    def __post_init__(self) -> None:
        raw = [(name.encode("ascii"), value.encode("ascii")) for name, value in self.headers]
        object.__setattr__(self, "raw", raw)


class ResponseFactory:
    """Makes the responses. Which headers the documented ones have, and with which values, comes from the facts.

    Parameters
    ----------
    clock : Clock
        Tells the time in the header ``Date``.

    Examples
    --------
    >>> from mctoolkit._core.clocks import ManualClock
    >>> reply = ResponseFactory(ManualClock(1_512_587_691_000)).created("ab" * 32)
    >>> reply.status, reply.headers[1], reply.headers[-1]
    (201, ('Date', 'Wed, 06 Dec 2017 19:14:51 GMT'), ('Via', '1.1 mctoolkit-sandbox'))

    Notes
    -----
    Source: Experience League, "Sessions request" and "Events request" (sample answers, response codes). No page shows
    any other response: the form of a refusal follows ``ApiError`` of Adobe's Swagger file, the rest is our reading.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def created(self, session_id: str) -> Response:
        """Answer that a session was made: 201 as documented, header by header, with no body."""
        location = ("Location", f"{SESSIONS_PATH}/{session_id}")
        headers = _documented("sessions", 201, self._now_s())
        return Response(201, tuple([location if pair[0] == "Location" else pair for pair in headers]))

    def accepted(self, *, closing: bool = False) -> Response:
        """Answer that an event was taken: 204 as documented.

        Parameters
        ----------
        closing : bool
            The connection ends with this response, so that it cannot say ``keep-alive``.
        """
        return _accepted(self._now_s(), closing)

    def taken_whole(self) -> Response:
        """Answer that a list of events was taken: 201, and no ``Location``, for nothing can be added to it."""
        return self._reply(201, b"", _values("downloaded", 201))

    def noted(self, reply: Response, problems: Sequence[Problem]) -> Response:
        """Return a response with a header of ours that names what was taken though it is not as it should be."""
        ours = {_EXPOSE: f"Location, {NOTES_HEADER}"}
        kept = tuple((name, ours.get(name, value)) for name, value in reply.headers)
        return replace(reply, headers=(*kept, (NOTES_HEADER, in_short(problems))))

    def refused(self, verdict: Verdict) -> Response:
        """Answer that a body cannot be taken: 400 with every problem of it.

        The member ``message`` is what the API documents. The member ``sandbox`` and the header
        ``X-Sandbox-Problems`` are ours. Of more than 100 problems the first 100 are sent; ``left_off``
        counts the others.
        """
        first = Verdict(verdict.event, verdict.problems[:_MOST_PROBLEMS])
        content = {
            "message": _in_words(verdict.errors),
            "sandbox": {
                "note": _("This list is the sandbox's own. The real service may say no more than one sentence."),
                "problems": first.to_dict()["problems"],
                "left_off": len(verdict.problems) - len(first.problems),
            },
        }
        ours = {_EXPOSE: f"Location, {PROBLEMS_HEADER}", PROBLEMS_HEADER: in_short(verdict.errors)}
        return self._json(400, content, ours)

    def unknown_session(self, session_id: str) -> Response:
        """Answer that no session was ever given this id: 404."""
        words = _(
            "No session has the id {id}. The id is what stood in the header Location of the 201, "
            "after /sessions/. A new session begins with POST {sessions}."
        ).format(id=shorten(session_id), sessions=SESSIONS_PATH)
        return self._json(404, {"message": words})

    def closed_session(self, session_id: str, why: str, at_ms: int) -> Response:
        """Answer that the session is closed: 410, with why and since when."""
        words = _CLOSED[why].format(id=shorten(session_id), at=f"{utc(at_ms):%H:%M:%S}")
        return self._json(
            410,
            {
                "message": (
                    f"{words} "
                    + _("This event is lost. Go on with a new session: POST {sessions}.").format(sessions=SESSIONS_PATH)
                )
            },
        )

    def schema(self, event: str) -> Response:
        """Answer with the schema of an event type: 200."""
        return self._reply(200, _schema(event), _values("schemas", 200))

    def no_such_schema(self, name: str) -> Response:
        """Answer that there is no such event type: 404 with the name that was probably meant."""
        close = catalog.nearest(name, catalog.event_types())
        if close:
            next_step = _("Did you mean {close}?").format(close=close)
        else:
            next_step = _("There are: {known}.").format(known=", ".join(catalog.event_types()))
        return self._json(
            404, {"message": f"{_('There is no kind of event called {name}.').format(name=shorten(name))} {next_step}"}
        )

    def no_such_path(self, path: str) -> Response:
        """Answer that there is nothing at a path: 404 with the path that was probably meant."""
        words = _NO_PATH[_astray(path)].format(path=shorten(path), sessions=SESSIONS_PATH)
        return self._json(404, {"message": words})

    def wrong_method(self, method: str, path: str, allowed: Sequence[str]) -> Response:
        """Answer that a path does not take a method: 405 with those that it takes."""
        methods = ", ".join(allowed)
        words = _("{path} does not take {method}. It takes: {allowed}.").format(
            method=method, path=shorten(path), allowed=methods
        )
        return self._json(405, {"message": words}, {"Allow": methods})

    def too_large(self, limit_bytes: int) -> Response:
        """Answer that a body is larger than the sandbox reads: 413, after which the connection is closed."""
        words = _(
            "The body is larger than the sandbox reads ({limit} bytes). A body of this API has a few thousand."
        ).format(limit=limit_bytes)
        return self._json(413, {"message": words}, {"Connection": "close"})

    def too_many_values(self, limit: int) -> Response:
        """Answer that an event has more values than the sandbox looks at: 413."""
        return self._json(
            413,
            {
                "message": _(
                    "An event has more values than the sandbox looks at ({limit}). An event of this "
                    "API has a few dozen."
                ).format(limit=limit)
            },
        )

    def failed(self) -> Response:
        """Answer that the sandbox itself has failed: 500, without a word of how."""
        return self._json(
            500,
            {
                "message": _(
                    "The sandbox made a mistake of its own. Your request may well be right. What "
                    "happened stands in the log of mctoolkit.sandbox."
                )
            },
        )

    def preflight(self, allowed: Sequence[str]) -> Response:
        """Answer a browser that asks whether a page of another origin may send something here: 204."""
        methods = {"Allow": ", ".join(allowed)} if allowed else {}
        return self._reply(204, b"", {**_values("preflight", 204), **methods})

    def welcome(self) -> Response:
        """Answer what this server is: 200 with a line of plain text."""
        body = (
            _(
                "This is the sandbox of mctoolkit, on this computer. It imitates Adobe's Media "
                "Collection API: send a sessionStart with POST {sessions}. Nothing is passed on to Adobe."
            ).format(sessions=SESSIONS_PATH)
            + "\n"
        ).encode()
        return self._reply(200, body, {**_values("sessions", 400), "Content-Type": "text/plain; charset=utf-8"})

    def _json(self, status: int, content: Any, ours: Mapping[str, str] | None = None) -> Response:
        """Make a response with a body in the form of all errors of this API."""
        return self._reply(
            status, f"{json_io.pretty(content)}\n".encode(), {**_values("sessions", 400), **(ours or {})}
        )

    def _reply(self, status: int, body: bytes, values: Mapping[str, str]) -> Response:
        """Make a response of which no sample is documented, its headers in the order of the documented 201."""
        headers = {**_computed(self._now_s()), **values, "Content-Length": str(len(body))}
        if status == 204:
            del headers["Content-Length"]
        order = list(_values("sessions", 201))
        names = sorted(headers, key=lambda name: order.index(name if name in order else "Age"))
        return Response(status, tuple((name, headers[name]) for name in names), body)

    def _now_s(self) -> int:
        return self._clock.now_ms() // 1000


def in_short(problems: Sequence[Problem]) -> str:
    """Write problems as the value of a header, in ASCII: ``2; missing:media.id; type:media.length``."""
    items = [str(len(problems))]
    for problem in problems:
        item = f"{problem.rule}:{quote(_key(problem), safe='._-[]')}" if problem.place else problem.rule
        if sum(map(len, items)) + len(item) > _LONGEST_LIST:
            items.append("...")
            break
        items.append(item)
    return "; ".join(items)


def _computed(at_s: int) -> dict[str, str]:
    """Return the headers whose values are not those of the sample."""
    return {"Server": SERVER, "Date": formatdate(at_s, usegmt=True), "Via": f"1.1 {SERVER}"}


@lru_cache(maxsize=2)
def _accepted(at_s: int, closing: bool) -> Response:
    headers = _documented("events", 204, at_s)
    return Response(204, tuple(pair for pair in headers if pair != _KEEP_ALIVE) if closing else headers)


@lru_cache(maxsize=2)
def _documented(endpoint: str, status: int, at_s: int) -> Pairs:
    """Return the headers of a documented response without a body, in their order; the same for a whole second."""
    computed = _computed(at_s)
    return tuple((name, computed.get(name, sample)) for name, sample in _values(endpoint, status).items())


@cache
def _values(endpoint: str, status: int) -> Mapping[str, str]:
    """Return the headers of a response as the facts have them, in their order."""
    return MappingProxyType({header.name: header.sample for header in catalog.responses(endpoint)[status].headers})


@cache
def _schema(event: str) -> bytes:
    return f"{json_io.pretty(schemas.schema(event))}\n".encode()


_UNWANTED = frozenset(
    {"unknown-key", "slip-key", "historic-key", "misplaced-key", "other-event-key", "member", "metadata-name"}
)
_OF_THE_WHOLE = frozenset(
    {"not-json", "not-an-object", "endpoint", "downloaded", "not-a-list", "list-start", "list-downloaded"}
)
"""Rules that are broken by more than the value of a key: their own words say it best."""


def _in_words(errors: Iterable[Problem]) -> str:
    """Say in a sentence or two what is wrong with a body, naming the keys concerned."""
    keys: dict[str, list[str]] = {"missing": [], "unwanted": [], "wrong": []}
    sentences: list[str] = []
    for problem in errors:
        if problem.rule in _OF_THE_WHOLE or not problem.place:
            sentences.append(problem.message)
        else:
            group = "unwanted" if problem.rule in _UNWANTED else problem.rule
            named = keys.get(group, keys["wrong"])
            if _key(problem) not in named:
                named.append(_key(problem))
    clauses = "; ".join(
        _REFUSED[group].format(len(named), keys=_joined(named)) for group, named in keys.items() if named
    )
    head = (
        _("Request had improper format: {clauses}.").format(clauses=clauses)
        if clauses
        else _("Request had improper format.")
    )
    return " ".join([head, *sentences[:_MOST_NAMED]])


def _joined(names: Sequence[str]) -> str:
    if len(names) > _MOST_NAMED:
        rest = _("{number} more").format(number=len(names) - _MOST_NAMED)
        names = [*names[:_MOST_NAMED], rest]
    if len(names) == 1:
        return names[0]
    return _("{first} and {last}").format(first=", ".join(names[:-1]), last=names[-1])


def _key(problem: Problem) -> str:
    """Return the key concerned as the API writes it: ``media.length``, ``playerTime.ts``; in a list behind ``[2].``."""
    place = problem.place
    index = f"[{place[0]}]" if place and isinstance(place[0], int) else ""
    if index:
        place = place[1:]
    in_a_member = len(place) == 2 and place[0] in ("params", "qoeData")
    key = shorten(str(place[1]) if in_a_member else where(place), _LONGEST_KEY) if place else ""
    return ".".join(part for part in (index, key) if part)


def _astray(path: str) -> str:
    """Return which sentence helps somebody who asked for this path."""
    parts = [part for part in path.casefold().split("/") if part]
    if path == f"{SESSIONS_PATH}/":
        return "slash"
    if parts[:3] == ["api", "v1", "sessions"] and (len(parts) > 3 or path.endswith("//events")):
        return "events"
    if len(parts) == 4 and parts[:2] == ["api", "v1"] and parts[3] == "events":
        return "events"
    if parts[:3] == ["api", "v1", "schemas"]:
        return "schemas"
    if parts[:3] == ["api", "v1", "downloaded"]:
        return "downloaded"
    return "other"
