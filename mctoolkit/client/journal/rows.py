"""Convert an exchange to rows of the journal and back."""

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
    "SELECT_ENTRIES",
    "JournalEntry",
    "entry_row",
    "exchange_row",
    "parse_row",
    "replace_surrogates",
    "search_patterns",
]

INSERT_ENTRY = """INSERT INTO entries (
  sent_at_ms, endpoint, target, practice, event_type, status, session_id, media_id, errors, hints, search
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
INSERT_EXCHANGE = """INSERT INTO exchanges (
  number, elapsed_ms, request, request_body, answer, answer_body, failure
) VALUES (?, ?, ?, ?, ?, ?, ?)"""
SELECT_ENTRIES = """SELECT number, sent_at_ms, endpoint, target, practice, errors, hints,
  elapsed_ms, request, request_body, answer, answer_body, failure
FROM entries JOIN exchanges USING (number)"""

_LIKE_WILDCARD = re.compile(r"[%_\\]")
_ESCAPED = r"\\\g<0>"
_MAX_SEARCH_CHARACTERS = 2000


@dataclass(frozen=True, slots=True, repr=False)
class JournalEntry:
    """One exchange in a journal.

    Attributes
    ----------
    number : int
        The number of the entry in the journal, from 1.
    exchange : Exchange
        The exchange. Its ``verdict`` is from the installed version of mctoolkit; None if the body was not validated
        before it was sent.
    recorded_errors, recorded_hints : int or None
        The number of errors and hints found before the body was sent; None if it was not validated.
    """

    number: int
    exchange: Exchange
    recorded_errors: int | None
    recorded_hints: int | None

    @classmethod
    def from_exchange(cls, number: int, exchange: Exchange) -> JournalEntry:
        """Return the entry of an exchange that was appended under this number."""
        return cls(number, exchange, *_verdict_counts(exchange.verdict))

    @property
    def session_id(self) -> str | None:
        """The session id in the response, or in the URL of an event; None without one."""
        return _find_session_id(self.exchange)

    @property
    def verdict_changed(self) -> bool:
        """Whether the number of errors or hints differs from the number that was recorded."""
        verdict = self.exchange.verdict
        return verdict is not None and _verdict_counts(verdict) != (self.recorded_errors or 0, self.recorded_hints or 0)

    def __repr__(self) -> str:
        target = masking.mask_host(self.exchange.target)
        return f"JournalEntry({self.number}: {target}, {self.exchange.status}, {self.exchange.in_words})"


def entry_row(exchange: Exchange) -> tuple[Any, ...]:
    """Return the parameters of ``INSERT_ENTRY``: the columns for filters."""
    event = exchange.event
    session_id = replace_surrogates(_find_session_id(exchange))
    media_id = replace_surrogates(_find_media_id(event))
    errors, hints = _verdict_counts(exchange.verdict)
    return (
        exchange.sent_at_ms,
        exchange.endpoint,
        replace_surrogates(exchange.target),
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
    """Return the parameters of ``INSERT_EXCHANGE``: the exchange itself."""
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


def parse_row(row: tuple[Any, ...], *, always_validate: bool = False) -> JournalEntry:
    """Return the entry of a row of ``SELECT_ENTRIES``, validated if its body was validated before it was sent.

    Parameters
    ----------
    row : tuple
        The columns of ``SELECT_ENTRIES``.
    always_validate : bool
        Also validate a body that was not validated before.

    Raises
    ------
    ValueError, KeyError, TypeError
        The row has been changed.
    """
    number, sent_at_ms, endpoint, target, is_sandbox, errors, hints = row[:7]
    elapsed_ms, request, request_body, response, response_body, failure = row[7:]
    verdict = None
    if always_validate or errors is not None:
        verdict = validate(request_body, endpoint=endpoint, now_ms=sent_at_ms)
    exchange = Exchange(
        target=target,
        request=Request(**_parse_message(request), body=request_body),
        response=None if response is None else Response(**_parse_message(response), body=response_body),
        failure=None if failure is None else _parse_failure(json.loads(failure)),
        sent_at_ms=sent_at_ms,
        elapsed_ms=elapsed_ms,
        verdict=verdict,
        endpoint=endpoint,
        is_sandbox=bool(is_sandbox),
    )
    return JournalEntry(number, exchange, errors, hints)


def search_patterns(text: str) -> list[str]:
    r"""Return one LIKE pattern for each word of a search.

    Examples
    --------
    >>> search_patterns("Refused 50%")
    ['%refused%', '%50\\%%']
    """
    return [f"%{_LIKE_WILDCARD.sub(_ESCAPED, word)}%" for word in _fold(text).split()]


def replace_surrogates(text: Any) -> Any:
    """Return a str without lone surrogates, which have no UTF-8 form; any other value unchanged."""
    if not isinstance(text, str) or text.isascii():
        return text
    return text.encode("utf-8", "replace").decode("utf-8")


def _parse_failure(members: dict[str, Any]) -> Failure:
    if members["kind"] == "answer-timeout":  # the kind that mctoolkit 0.1.0 wrote
        members["kind"] = "response-timeout"
    return Failure(**members)


def _parse_message(text: str) -> dict[str, Any]:
    members: dict[str, Any] = json.loads(text)
    return members | {"headers": tuple((name, value) for name, value in members["headers"])}


def _verdict_counts(verdict: Verdict | None) -> tuple[int, int] | tuple[None, None]:
    return (None, None) if verdict is None else (len(verdict.errors), len(verdict.hints))


def _find_session_id(exchange: Exchange) -> str | None:
    return exchange.session_id or endpoint_of(exchange.request.path.partition("?")[0])[1]


def _find_media_id(event: Event) -> str | None:
    found = event.params.get("media.id")
    return str(found) if isinstance(found, str | int | float) else None


def _search_text(exchange: Exchange, event: Event, session_id: str | None, media_id: str | None) -> str:
    """Return the text that a search looks in: summary of the response, ids of session and content, names of keys.

    It has neither the name of the tenant nor values of keys, except ``media.id``.
    """
    problems = exchange.verdict.problems if exchange.verdict else ()
    parts = [
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
    return _fold(shorten("\n".join(part for part in parts if part), _MAX_SEARCH_CHARACTERS))


def _fold(text: str) -> str:
    return str(replace_surrogates(text.casefold())).replace("\0", "\N{REPLACEMENT CHARACTER}")  # LIKE stops at a null
