"""An exchange as rows of the journal, and back."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from typing import Any

from mctoolkit._core.html import shorten
from mctoolkit.models import masking
from mctoolkit.models.event import Event
from mctoolkit.models.exchange import Exchange, Failure, Request, Response
from mctoolkit.models.problem import Verdict
from mctoolkit.spec.paths import endpoint_of
from mctoolkit.validation import validate

__all__ = [
    "INSERT_ENTRY",
    "INSERT_EXCHANGE",
    "READ",
    "JournalEntry",
    "clean",
    "entry_of",
    "entry_row",
    "exchange_row",
    "search_patterns",
]

INSERT_ENTRY = """INSERT INTO entries (
  sent_at_ms, endpoint, target, practice, event_type, status, session_id, media_id, errors, hints, search
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
INSERT_EXCHANGE = """INSERT INTO exchanges (
  number, elapsed_ms, request, request_body, answer, answer_body, failure
) VALUES (?, ?, ?, ?, ?, ?, ?)"""
READ = """SELECT number, sent_at_ms, endpoint, target, practice, errors, hints,
  elapsed_ms, request, request_body, answer, answer_body, failure
FROM entries JOIN exchanges USING (number)"""

_LIKE_SIGN = re.compile(r"[%_\\]")
_BACKSLASHED = r"\\\g<0>"
_LONGEST_SEARCH = 2000


@dataclass(frozen=True, slots=True, repr=False)
class JournalEntry:
    """One exchange in a journal.

    Attributes
    ----------
    number : int
        Which entry of the journal it is, from 1.
    exchange : Exchange
        The exchange as it was; its ``verdict`` is what the checker of today says of the body, or None where none
        was asked.
    errors_then, hints_then : int or None
        How many errors and hints the checker of that day found; None where it was not asked.
    """

    number: int
    exchange: Exchange
    errors_then: int | None
    hints_then: int | None

    @classmethod
    def of(cls, number: int, exchange: Exchange) -> JournalEntry:
        """Return the entry of an exchange that was just appended under this number."""
        return cls(number, exchange, *_verdict_counts(exchange.verdict))

    @property
    def session_id(self) -> str | None:
        """The session that it began, or the one in the URL of an event; None without."""
        return _session_id(self.exchange)

    @property
    def judged_otherwise(self) -> bool:
        """Whether the checker of today finds another number of errors or hints than that of the day of sending."""
        verdict = self.exchange.verdict
        return verdict is not None and _verdict_counts(verdict) != (self.errors_then or 0, self.hints_then or 0)

    def __repr__(self) -> str:
        target = masking.mask_host(self.exchange.target)
        return f"Entry({self.number}: {target}, {self.exchange.status}, {self.exchange.in_words})"


def entry_row(exchange: Exchange) -> tuple[Any, ...]:
    """Return the values of ``INSERT_ENTRY``: what an exchange is found by."""
    event = exchange.event
    session_id = clean(_session_id(exchange))
    media_id = clean(_media_id(event))
    errors, hints = _verdict_counts(exchange.verdict)
    return (
        exchange.sent_at_ms,
        exchange.endpoint,
        clean(exchange.target),
        exchange.is_sandbox,
        event.type,
        exchange.status,
        session_id,
        media_id,
        errors,
        hints,
        _search_text(exchange, event, session_id, media_id),
    )


def exchange_row(number: int, exchange: Exchange) -> tuple[Any, ...]:
    """Return the values of ``INSERT_EXCHANGE``: the exchange itself."""
    request, response, failure = exchange.request, exchange.response, exchange.failure
    return (
        number,
        exchange.elapsed_ms,
        json.dumps({"method": request.method, "url": request.url, "headers": request.headers}),
        request.body,
        response
        and json.dumps(
            {
                "status": response.status,
                "reason": response.reason,
                "headers": response.headers,
                "cut_short": response.cut_short,
            }
        ),
        response and response.body,
        failure and json.dumps(asdict(failure)),
    )


def entry_of(row: tuple[Any, ...], *, judge: bool = False) -> JournalEntry:
    """Return the entry in a row of ``READ``, judged anew where it was judged then, or where ``judge`` says so.

    Raises
    ------
    ValueError, KeyError, TypeError
        The row is not as it was written.
    """
    number, sent_at_ms, endpoint, target, is_sandbox, errors, hints = row[:7]
    elapsed_ms, request, request_body, response, response_body, failure = row[7:]
    verdict = None
    if judge or errors is not None:
        verdict = validate(request_body, endpoint=endpoint, now_ms=sent_at_ms)
    exchange = Exchange(
        target=target,
        request=Request(**_parts(request), body=request_body),
        response=None if response is None else Response(**_parts(response), body=response_body),
        failure=None if failure is None else Failure(**json.loads(failure)),
        sent_at_ms=sent_at_ms,
        elapsed_ms=elapsed_ms,
        verdict=verdict,
        endpoint=endpoint,
        is_sandbox=bool(is_sandbox),
    )
    return JournalEntry(number, exchange, errors, hints)


def search_patterns(text: str) -> list[str]:
    """Return one pattern of LIKE for each word that is searched for."""
    return [f"%{_LIKE_SIGN.sub(_BACKSLASHED, word)}%" for word in _folded(text).split()]


def clean(text: Any) -> Any:
    """Return a text that SQLite takes: half a surrogate pair has no UTF-8. Anything else comes back as it is."""
    if not isinstance(text, str) or text.isascii():
        return text
    return text.encode("utf-8", "replace").decode("utf-8")


def _parts(text: str) -> dict[str, Any]:
    parts: dict[str, Any] = json.loads(text)
    return parts | {"headers": tuple((name, value) for name, value in parts["headers"])}


def _verdict_counts(verdict: Verdict | None) -> tuple[int, int] | tuple[None, None]:
    return (None, None) if verdict is None else (len(verdict.errors), len(verdict.hints))


def _session_id(exchange: Exchange) -> str | None:
    return exchange.session_id or endpoint_of(exchange.request.path.partition("?")[0])[1]


def _media_id(event: Event) -> str | None:
    found = event.params.get("media.id")
    return str(found) if isinstance(found, str | int | float) else None


def _search_text(exchange: Exchange, event: Event, session_id: str | None, media_id: str | None) -> str:
    """Return what a search looks through: words of the response, ids of session and programme, names of keys.

    No value of a key is in it but ``media.id``, and no name of a tenant.
    """
    problems = exchange.verdict.problems if exchange.verdict else ()
    words = [
        str(exchange.status or ""),
        exchange.in_words,
        session_id or "",
        media_id or "",
        event.type or "",
        masking.mask_host(exchange.target),
        *(str(problem.place[-1]) for problem in problems if problem.place),
        *event.params,
        *event.custom_metadata,
        *event.qoe_data,
    ]
    return _folded(shorten("\n".join(word for word in words if word), _LONGEST_SEARCH))


def _folded(text: str) -> str:
    return str(clean(text.casefold())).replace("\0", "\N{REPLACEMENT CHARACTER}")  # where LIKE stops reading
