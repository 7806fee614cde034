"""Two bodies of which one is no JSON, line by line."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Any

from mctoolkit._core import json_io
from mctoolkit._core.json_io import NotJson
from mctoolkit._core.messages import gettext as _
from mctoolkit.models import masking
from mctoolkit.models.event import Event
from mctoolkit.reporting.diff.json_diff import LONGEST_SHOWN, MISSING, Difference, apart

__all__ = ["line_differences"]

_AROUND = 30
"""Characters before the place that differs, in what is shown of a long line."""


def line_differences(left: Event, left_value: Any, right: Event, right_value: Any) -> Iterator[Difference]:
    """Compare two bodies line by line; at least one of the two values is a :class:`mctoolkit._core.json_io.NotJson`."""
    yield from _line_differences(*_in_lines(left, left_value, right, right_value))


def _in_lines(left: Event, left_value: Any, right: Event, right_value: Any) -> tuple[bytes, bytes]:
    """Return the bytes to be compared line by line."""
    sides = left.to_bytes(), right.to_bytes()
    broken = isinstance(left_value, NotJson), isinstance(right_value, NotJson)
    if all(broken) or sides[broken.index(True)].count(b"\n") == 0 or b"\n" in sides[broken.index(False)]:
        return sides
    whole = (left, right)[broken.index(False)].to_text().encode("utf-8", "backslashreplace")
    return (sides[0], whole) if broken[0] else (whole, sides[1])


def _line_differences(left: bytes, right: bytes) -> Iterator[Difference]:
    ours, theirs = _lines(left), _lines(right)
    ours_shown, theirs_shown = _masked_lines(left), _masked_lines(right)
    matcher = difflib.SequenceMatcher(a=ours, b=theirs, autojunk=False)
    for change, begin, end, other_begin, other_end in matcher.get_opcodes():
        if change == "equal":
            continue
        pairs = min(end - begin, other_end - other_begin)
        for step in range(pairs):
            here, there = begin + step, other_begin + step
            yield _line(here, ours[here], theirs[there], ours_shown[here], theirs_shown[there])
        for here in range(begin + pairs, end):
            yield _line(here, ours[here], MISSING, ours_shown[here], None)
        for there in range(other_begin + pairs, other_end):
            yield _line(there, MISSING, theirs[there], None, theirs_shown[there])


def _line(index: int, left: Any, right: Any, left_shown: str | None, right_shown: str | None) -> Difference:
    words = _("line {line}").format(line=index + 1)
    if left is not MISSING and right is not MISSING:
        column = _first_difference(left, right)
        if column:
            words = _("line {line}, column {column}").format(line=index + 1, column=column + 1)
    around = _first_difference(left_shown or "", right_shown or "")
    nothing = _("not there")
    shown = (nothing if text is None else _excerpt(text, around) for text in (left_shown, right_shown))
    return Difference((index + 1,), words, left, right, *apart(*shown))


def _first_difference(left: str, right: str) -> int:
    """Return the index of the first character that differs; the length of the shorter text where none does."""
    return next(
        (n for n, pair in enumerate(zip(left, right, strict=False)) if pair[0] != pair[1]), min(len(left), len(right))
    )


def _excerpt(line: str, around: int) -> str:
    """Return a line in quotes, with escapes for what cannot be seen; of a long one what stands around an index."""
    begin = max(0, around - _AROUND) if len(line) > LONGEST_SHOWN else 0
    shown = json_io.write(line[begin : begin + LONGEST_SHOWN]).decode("utf-8")
    return f"{'…' if begin else ''}{shown}{'…' if len(line) > begin + LONGEST_SHOWN else ''}"


def _lines(data: bytes) -> list[str]:
    return data.decode("utf-8", "backslashreplace").split("\n") if data else []


def _masked_lines(data: bytes) -> list[str]:
    """Return the lines with the values of identifying keys hidden.

    A mark at the start keeps a side that is JSON from being read as such: its lines would no longer be those of the
    text.
    """
    text = data.decode("utf-8", "backslashreplace").encode("utf-8")
    return masking.mask_text(b"?" + text)[1:].split("\n") if data else []
