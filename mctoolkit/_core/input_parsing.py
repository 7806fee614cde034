"""Parse user input: numbers with a decimal comma or point, yes and no.

If a number is ambiguous, both readings are returned.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

__all__ = ["ParsedNumber", "parse_boolean", "parse_number"]


@dataclass(frozen=True, slots=True)
class ParsedNumber:
    """A number parsed from a text, and the other reading of an ambiguous one (``1.800``: 1.8 or 1800)."""

    value: int | float
    other: int | None = None


_WHOLE = re.compile(r"[+-]?\d+")
_DECIMAL = re.compile(r"(?P<sign>[+-]?)(?P<before>\d*)[.,](?P<after>\d*)(?P<power>[eE][+-]?\d{1,3})?")
_POWER = re.compile(r"[+-]?\d+[eE][+-]?\d{1,3}")
_GROUPED = re.compile(
    r"(?P<whole>[+-]?\d{1,3}(?P<group>[.,' ])\d{3}(?:(?P=group)\d{3})*)(?:(?P<mark>[.,])(?P<rest>\d+))?"
)
_SPACES = re.compile("[\u00a0\u2007\u2009\u202f]")
_TRUE = frozenset({"true", "yes", "1", "waar", "ja"})
_FALSE = frozenset({"false", "no", "0", "onwaar", "nee"})
_MAX_LENGTH = 300


def parse_number(text: str) -> ParsedNumber | None:
    """Parse a number in the notation of most countries.

    Parameters
    ----------
    text : str
        ``60.39``, ``60,39``, ``1 800``, ``1.800,5``, ``1,800.5``, ``6e2``, ...

    Returns
    -------
    ParsedNumber or None
        A whole number as ``int``. None if the text is not a number, or if it is too large for a double.

    Examples
    --------
    >>> parse_number("60,39").value
    60.39
    >>> parse_number("1.800")
    ParsedNumber(value=1.8, other=1800)
    >>> parse_number("1.800,50").value
    1800.5
    >>> parse_number("soon") is None
    True
    """
    text = _SPACES.sub(" ", text).strip()
    if not text or not text.isascii() or len(text) > _MAX_LENGTH:
        return None
    if _WHOLE.fullmatch(text):
        return ParsedNumber(int(text))
    decimal = _DECIMAL.fullmatch(text)
    if decimal and (decimal["before"] or decimal["after"]):
        before, after = decimal["before"] or "0", decimal["after"] or "0"
        other = None
        if len(after) == 3 and 1 <= len(decimal["before"]) <= 3 and before[0] != "0" and not decimal["power"]:
            other = int(decimal["sign"] + before + after)
        return _finite(float(f"{decimal['sign']}{before}.{after}{decimal['power'] or ''}"), other)
    if _POWER.fullmatch(text):
        return _finite(float(text))
    grouped = _GROUPED.fullmatch(text)
    if grouped and grouped["mark"] != grouped["group"]:
        whole = grouped["whole"].replace(grouped["group"], "")
        return _finite(float(f"{whole}.{grouped['rest']}")) if grouped["rest"] else ParsedNumber(int(whole))
    return None


def parse_boolean(text: str) -> bool | None:
    """Parse yes or no, in English, in Dutch or as a spreadsheet writes them; None if it is neither.

    Examples
    --------
    >>> parse_boolean("TRUE"), parse_boolean("onwaar"), parse_boolean("maybe")
    (True, False, None)
    """
    folded = text.strip().casefold()
    return True if folded in _TRUE else False if folded in _FALSE else None


def _finite(value: float, other: int | None = None) -> ParsedNumber | None:
    return ParsedNumber(value, other) if math.isfinite(value) else None
