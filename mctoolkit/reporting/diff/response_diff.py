"""The differences between two exchanges apart from the bodies: the addresses and the responses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mctoolkit._core.html import shorten
from mctoolkit._core.json_io import Place
from mctoolkit._core.messages import gettext as _
from mctoolkit.models import masking
from mctoolkit.models.exchange import Exchange
from mctoolkit.reporting.diff.json_diff import MAX_SHOWN, MISSING, Difference, distinguish

__all__ = ["address_differences", "response_differences"]


def address_differences(left: Exchange, right: Exchange) -> Iterator[Difference]:
    """Yield the difference between the methods and URLs of two requests, if there is one."""
    one, other = (f"{exchange.request.method} {exchange.request.url}" for exchange in (left, right))
    if one != other:
        yield Difference(("address",), _("address"), one, other, *distinguish(left.mask(one), right.mask(other)))


def response_differences(left: Exchange, right: Exchange) -> Iterator[Difference]:
    """Yield the differences in status, session id, message and headers."""
    parts = (
        (("status",), _("status"), _status),
        (("session id",), _("session id"), _session_id),
        (("message",), _("message of the server"), _message),
    )
    for place, where, read in parts:
        values = read(left), read(right)
        shown = (_show(exchange, value) for exchange, value in zip((left, right), values, strict=True))
        yield from _difference(place, where, *values, *shown)
    yield from _header_differences(left, right)


def _status(exchange: Exchange) -> str:
    if exchange.response is None or exchange.failure is not None:
        return exchange.in_words
    return f"{exchange.response.status_line}: {exchange.in_words}"


def _session_id(exchange: Exchange) -> str | None:
    return exchange.session_id


def _message(exchange: Exchange) -> str | None:
    """Return the message in the body of the response, or the whole body if it has no message."""
    if exchange.response is None or not exchange.response.body:
        return None
    return exchange.response.text if exchange.response.message is None else exchange.response.message


def _show(exchange: Exchange, value: str | None) -> str | None:
    if value is None:
        return None
    if exchange.response is not None and value == exchange.response.text:
        value = masking.mask_text(exchange.response.body)
    return exchange.mask(value)


def _header_differences(left: Exchange, right: Exchange) -> Iterator[Difference]:
    sides = _headers(left), _headers(right)
    for key in dict.fromkeys([*sides[0], *sides[1]]):
        name = next(headers[key][0][0] for headers in sides if key in headers)
        where = _("header {name}").format(name=shorten(name, 80))
        values = [tuple(value for _name, value in headers.get(key, ())) or None for headers in sides]
        shown = [
            ", ".join(exchange.mask_header(*header) for header in headers.get(key, ())) or None
            for exchange, headers in zip((left, right), sides, strict=True)
        ]
        yield from _difference(("header", name), where, values[0], values[1], *shown)


def _headers(exchange: Exchange) -> dict[str, list[tuple[str, str]]]:
    """Return the headers by lower-case name, each with its names as sent and its values."""
    found: dict[str, list[tuple[str, str]]] = {}
    for name, value in exchange.response.headers if exchange.response else ():
        found.setdefault(name.lower(), []).append((name, value))
    return found


def _difference(
    place: Place, where: str, left: Any, right: Any, left_shown: str | None, right_shown: str | None
) -> Iterator[Difference]:
    if left == right:
        return
    missing = _("not present")
    shown = (missing if text is None else shorten(text, MAX_SHOWN) for text in (left_shown, right_shown))
    one, other = (MISSING if value is None else value for value in (left, right))
    yield Difference(place, where, one, other, *distinguish(*shown))
