"""What the sandbox answers: status, headers and body, without a word of how they travel."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from email.utils import formatdate
from typing import Any
from urllib.parse import quote

from mctoolkit import texts, wire
from mctoolkit.clocks import Clock
from mctoolkit.facts import catalog
from mctoolkit.markup import shorten
from mctoolkit.problems import Problem, Verdict, where

__all__ = ["PROBLEMS_HEADER", "SERVER", "SESSIONS_PATH", "Replies", "Reply"]

SESSIONS_PATH = "/api/v1/sessions"
SERVER = "mctoolkit-sandbox"
"""What the headers ``Server`` and ``Via`` say; the documented values name programs that are not here."""

PROBLEMS_HEADER = "X-Sandbox-Problems"
"""Ours, the API has no such header: how many errors a body has, and each as ``rule:key``."""

_MOST_PROBLEMS = 100
_MOST_NAMED = 5
_LONGEST_KEY = 60
_LONGEST_LIST = 400

_EXPOSE = "Access-Control-Expose-Headers"


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer: status, headers as they are spelled on the wire and in their order, body to the byte."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""


class Replies:
    """Makes the answers. Which headers the documented ones have, and with which values, comes from the facts.

    Parameters
    ----------
    clock : Clock
        Tells the time in the header ``Date``.

    Examples
    --------
    >>> from mctoolkit.clocks import HandClock
    >>> reply = Replies(HandClock(1_512_587_691_000)).created("ab" * 32)
    >>> reply.status, reply.headers[1], reply.headers[-1]
    (201, ('Date', 'Wed, 06 Dec 2017 19:14:51 GMT'), ('Via', '1.1 mctoolkit-sandbox'))

    Notes
    -----
    Source: Experience League, "Sessions request" (sample answer, response codes). No page shows any other
    answer: the form of a refusal follows ``ApiError`` of Adobe's Swagger file, the rest is our reading.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def created(self, session_id: str) -> Reply:
        """Answer that a session was made: 201 as documented, header by header, with no body."""
        values = {**self._computed(b""), "Location": f"{SESSIONS_PATH}/{session_id}"}
        return Reply(201, tuple((h.name, values.get(h.name, h.sample)) for h in _documented(201)))

    def refused(self, verdict: Verdict) -> Reply:
        """Answer that a body cannot be taken: 400 with every problem of it.

        The member ``message`` is what the API documents. The member ``sandbox`` and the header
        ``X-Sandbox-Problems`` are ours. Of more than 100 problems the first 100 are sent; ``left_off``
        counts the others.
        """
        first = Verdict(verdict.event, verdict.problems[:_MOST_PROBLEMS])
        content = {
            "message": _in_words(verdict.errors),
            "sandbox": {
                "note": texts.say("sandbox.refused.note"),
                "problems": first.to_dict()["problems"],
                "left_off": len(verdict.problems) - len(first.problems),
            },
        }
        exposed = [h.sample for h in _documented(400) if h.name == _EXPOSE]
        ours = {_EXPOSE: ", ".join([*exposed, PROBLEMS_HEADER]), PROBLEMS_HEADER: _in_short(verdict.errors)}
        return self._json(400, content, ours)

    def no_such_path(self, path: str) -> Reply:
        """Answer that there is nothing at a path: 404 with the path that was probably meant."""
        words = texts.say(f"sandbox.no_path.{_astray(path)}", path=shorten(path), sessions=SESSIONS_PATH)
        return self._json(404, {"message": words})

    def wrong_method(self, method: str, path: str, allowed: Sequence[str]) -> Reply:
        """Answer that a path does not take a method: 405 with those that it takes."""
        methods = ", ".join(allowed)
        words = texts.say("sandbox.wrong_method", method=method, path=shorten(path), allowed=methods)
        return self._json(405, {"message": words}, {"Allow": methods})

    def too_large(self, limit_bytes: int) -> Reply:
        """Answer that a body is larger than the sandbox reads: 413, after which the connection is closed."""
        words = texts.say("sandbox.too_large", limit=limit_bytes)
        return self._json(413, {"message": words}, {"Connection": "close"})

    def played_fault(self) -> Reply:
        """Return the 500 that somebody asked for, to see how a client takes it."""
        return self._json(500, {"message": texts.say("sandbox.played")})

    def failed(self) -> Reply:
        """Answer that the sandbox itself has failed: 500, without a word of how."""
        return self._json(500, {"message": texts.say("sandbox.failed")})

    def preflight(self, allowed: Sequence[str]) -> Reply:
        """Answer a browser that asks whether a page of another origin may send something here: 204."""
        cors = {h.name: h.sample for h in _documented(201) if h.name.startswith("Access-Control-")}
        return self._reply(204, b"", {**cors, "Allow": ", ".join(allowed)} if allowed else cors)

    def welcome(self) -> Reply:
        """Answer what this server is: 200 with a line of plain text."""
        documented = {h.name: h.sample for h in _documented(400)}
        body = f"{texts.say('sandbox.welcome', sessions=SESSIONS_PATH)}\n".encode()
        return self._reply(200, body, {**documented, "Content-Type": "text/plain; charset=utf-8"})

    def _json(self, status: int, content: Any, ours: Mapping[str, str] | None = None) -> Reply:
        documented = {h.name: h.sample for h in _documented(500 if status == 500 else 400)}
        return self._reply(status, f"{wire.pretty(content)}\n".encode(), {**documented, **(ours or {})})

    def _reply(self, status: int, body: bytes, values: Mapping[str, str]) -> Reply:
        """Make an answer of which no sample is documented, its headers in the order of the documented 201."""
        headers = {**self._computed(body), **values}
        if status == 204:
            del headers["Content-Length"]
        order = [header.name for header in _documented(201)]
        names = sorted(headers, key=lambda name: order.index(name if name in order else "Age"))
        return Reply(status, tuple((name, headers[name]) for name in names), body)

    def _computed(self, body: bytes) -> dict[str, str]:
        return {
            "Server": SERVER,
            "Date": formatdate(self._clock.now_ms() / 1000, usegmt=True),
            "Content-Length": str(len(body)),
            "Via": f"1.1 {SERVER}",
        }


def _documented(status: int) -> tuple[catalog.Header, ...]:
    return catalog.answers("sessions")[status].headers


_UNWANTED = frozenset(
    {"unknown-key", "slip-key", "historic-key", "misplaced-key", "other-event-key", "member", "metadata-name"}
)
_OF_THE_WHOLE = frozenset({"not-json", "not-an-object", "endpoint", "downloaded"})
"""Rules that are broken by more than the value of a key: their own words say it best."""


def _in_words(errors: Iterable[Problem]) -> str:
    """Say in a sentence or two what is wrong with a body, naming the keys concerned."""
    keys: dict[str, list[str]] = {"missing": [], "unwanted": [], "wrong": []}
    sentences: list[str] = []
    for problem in errors:
        if problem.rule in _OF_THE_WHOLE or not problem.place:
            sentences.append(problem.words)
        else:
            group = "unwanted" if problem.rule in _UNWANTED else problem.rule
            named = keys.get(group, keys["wrong"])
            if _key(problem) not in named:
                named.append(_key(problem))
    clauses = "; ".join(
        texts.count(f"sandbox.refused.{group}", len(named), keys=_joined(named))
        for group, named in keys.items()
        if named
    )
    head = texts.say("sandbox.refused.keys" if clauses else "sandbox.refused.format", clauses=clauses)
    return " ".join([head, *sentences[:_MOST_NAMED]])


def _joined(names: Sequence[str]) -> str:
    if len(names) > _MOST_NAMED:
        rest = texts.say("sandbox.refused.more", number=len(names) - _MOST_NAMED)
        names = [*names[:_MOST_NAMED], rest]
    if len(names) == 1:
        return names[0]
    return texts.say("sandbox.refused.and", first=", ".join(names[:-1]), last=names[-1])


def _in_short(errors: Sequence[Problem]) -> str:
    """Write errors as the value of a header, in ASCII: ``2; missing:media.id; type:media.length``."""
    items = [str(len(errors))]
    for problem in errors:
        item = f"{problem.rule}:{quote(_key(problem), safe='._-')}" if problem.place else problem.rule
        if sum(map(len, items)) + len(item) > _LONGEST_LIST:
            items.append("...")
            break
        items.append(item)
    return "; ".join(items)


def _key(problem: Problem) -> str:
    """Return the key concerned as the API writes it: ``media.length``, ``playerTime.ts``."""
    place = problem.place
    in_a_member = len(place) == 2 and place[0] in ("params", "qoeData")
    return shorten(str(place[1]) if in_a_member else where(place), _LONGEST_KEY)


def _astray(path: str) -> str:
    """Return which sentence helps somebody who asked for this path."""
    folded = "/" + "/".join(part for part in path.casefold().split("/") if part)
    if path == f"{SESSIONS_PATH}/":
        return "slash"
    if folded.startswith(f"{SESSIONS_PATH}/"):
        return "events"
    if folded.startswith(("/api/v1/schemas", "/api/v1/downloaded")):
        return "later"
    return "other"
