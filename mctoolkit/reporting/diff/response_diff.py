"""What differs between two exchanges besides their bodies: where they went, and what came back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mctoolkit._core.html import shorten
from mctoolkit._core.json_io import Place
from mctoolkit._core.messages import gettext as _
from mctoolkit.models import masking
from mctoolkit.models.exchange import Exchange
from mctoolkit.reporting.diff.json_diff import LONGEST_SHOWN, MISSING, Difference, apart

__all__ = ["address", "response_differences"]


def address(left: Exchange, right: Exchange) -> Iterator[Difference]:
    """Compare where two requests went."""
    ours, theirs = (f"{exchange.request.method} {exchange.request.url}" for exchange in (left, right))
    if ours != theirs:
        shown = apart(left.shown(ours), right.shown(theirs))
        yield Difference(("address",), _("address"), ours, theirs, *shown)


def response_differences(left: Exchange, right: Exchange) -> Iterator[Difference]:
    """Compare what came back: status, session id, what the server wrote, headers."""
    pairs = (
        (("status",), _("status"), _status),
        (("session id",), _("session id"), _session_id),
        (("message",), _("message of the server"), _message),
    )
    for place, words, read in pairs:
        ours, theirs = read(left), read(right)
        shown = (
            None if text is None else _response_shown(side, text) for side, text in ((left, ours), (right, theirs))
        )
        yield from _response_difference(place, words, ours, theirs, *shown)
    yield from _header_differences(left, right)


def _status(exchange: Exchange) -> str:
    if exchange.response is None or exchange.failure is not None:
        return exchange.in_words
    return f"{exchange.response.status_line}: {exchange.in_words}"


def _response_shown(exchange: Exchange, text: str) -> str:
    if exchange.response is not None and text == exchange.response.text:
        text = masking.mask_text(exchange.response.body)
    return exchange.shown(text)


def _session_id(exchange: Exchange) -> str | None:
    return exchange.session_id


def _message(exchange: Exchange) -> str | None:
    """Return what the server wrote: its one sentence, or else the whole body of the response."""
    if exchange.response is None or not exchange.response.body:
        return None
    return exchange.response.text if exchange.response.message is None else exchange.response.message


def _header_differences(left: Exchange, right: Exchange) -> Iterator[Difference]:
    ours, theirs = _headers(left), _headers(right)
    for name in [*ours, *(name for name in theirs if name not in ours)]:
        spelled = (ours.get(name) or theirs[name])[0][0]
        values = [tuple(value for _unused, value in side.get(name, ())) for side in (ours, theirs)]
        shown = [
            ", ".join(exchange.shown_value(key, value) for key, value in side.get(name, ())) or None
            for exchange, side in ((left, ours), (right, theirs))
        ]
        yield from _response_difference(
            ("header", spelled),
            _("header {name}").format(name=shorten(spelled, 80)),
            values[0] or None,
            values[1] or None,
            *shown,
        )


def _headers(exchange: Exchange) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for name, value in exchange.response.headers if exchange.response else ():
        found.setdefault(name.lower(), []).append((name, value))
    return found


def _response_difference(
    place: Place, words: str, left: Any, right: Any, left_shown: str | None, right_shown: str | None
) -> Iterator[Difference]:
    if left == right:
        return
    nothing = _("not there")
    shown = (nothing if text is None else shorten(text, LONGEST_SHOWN) for text in (left_shown, right_shown))
    ours, theirs = (MISSING if value is None else value for value in (left, right))
    yield Difference(place, words, ours, theirs, *apart(*shown))
