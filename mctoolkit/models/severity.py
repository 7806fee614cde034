"""Severity: the one scale on which problems and findings are rated."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from mctoolkit._core.messages import Message, Plural
from mctoolkit.spec.types import Level

__all__ = ["LEVEL_EFFECTS", "LEVEL_LABELS", "Level", "rank", "summarize"]

_RANKS: Final[dict[Level, int]] = {"error": 0, "warning": 1, "hint": 2}

LEVEL_LABELS: Final[dict[Level, Message]] = {
    "error": Message("Error"),
    "warning": Message("Warning"),
    "hint": Message("Hint"),
}
LEVEL_EFFECTS: Final[dict[Level, Message]] = {
    "error": Message("refused or lost: the event is missing in the reports"),
    "warning": Message("accepted, but numbers in the reports are wrong or inexact"),
    "hint": Message("allowed; worth checking"),
}
_COUNTS: Final[dict[Level, Plural]] = {
    "error": Plural("{number} error", "{number} errors"),
    "warning": Plural("{number} warning", "{number} warnings"),
    "hint": Plural("{number} hint", "{number} hints"),
}


def rank(level: Level) -> int:
    """Return the position of a level on the scale; 0 is the most severe.

    Examples
    --------
    >>> sorted(["hint", "error", "warning"], key=rank)
    ['error', 'warning', 'hint']
    """
    return _RANKS[level]


def summarize(levels: Iterable[Level]) -> str:
    """Count levels and return the counts as text; empty if there are none.

    Examples
    --------
    >>> summarize(["hint", "error", "error"])
    '2 errors, 1 hint'
    """
    found = list(levels)
    counts = ((level, found.count(level)) for level in _RANKS)
    return ", ".join(_COUNTS[level].format(number) for level, number in counts if number)
