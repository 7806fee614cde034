"""What the runners need to know about responses."""

from __future__ import annotations

from typing import Final

from mctoolkit.models.exchange import Exchange

__all__ = ["SESSION_GONE", "format_response"]

SESSION_GONE: Final = (404, 410)
"""The statuses of a session that is unknown or closed."""


def format_response(exchange: Exchange) -> str:
    """Return the status and a short text, such as ``204 event accepted``; without a response, the reason."""
    return exchange.in_words if exchange.status is None else f"{exchange.status} {exchange.in_words}"
