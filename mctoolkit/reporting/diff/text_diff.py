"""The differences between two bodies line by line, if one of them is not JSON."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Any

from mctoolkit._core import json_io
from mctoolkit._core.json_io import NotJson
from mctoolkit._core.messages import gettext as _
from mctoolkit.models import masking
from mctoolkit.models.event import Event
from mctoolkit.reporting.diff.json_diff import MAX_SHOWN, MISSING, Difference, distinguish

__all__ = ["line_differences"]

_CONTEXT = 30
"""Characters shown before the first difference in a long line."""


def line_differences(left: Event, left_value: Any, right: Event, right_value: Any) -> Iterator[Difference]:
    """Yield the lines that differ; one of the values, or both, is a :class:`mctoolkit._core.json_io.NotJson`."""
    yield from _compare_lines(*_to_lines(left, left_value, right, right_value))


def _to_lines(left: Event, left_value: Any, right: Event, right_value: Any) -> tuple[bytes, bytes]:
    """Return the two bodies; JSON on one line is indented if the other body has several lines."""
    bodies = left.to_bytes(), right.to_bytes()
    not_json = isinstance(left_value, NotJson), isinstance(right_value, NotJson)
    if all(not_json) or bodies[not_json.index(True)].count(b"\n") == 0 or b"\n" in bodies[not_json.index(False)]:
        return bodies
    indented = (left, right)[not_json.index(False)].to_text().encode("utf-8", "backslashreplace")
    return (bodies[0], indented) if not_json[0] else (indented, bodies[1])


def _compare_lines(left: bytes, right: bytes) -> Iterator[Difference]:
    lefts, rights = _lines(left), _lines(right)
    lefts_masked, rights_masked = _masked_lines(left), _masked_lines(right)
    matcher = difflib.SequenceMatcher(a=lefts, b=rights, autojunk=False)
    for change, left_start, left_end, right_start, right_end in matcher.get_opcodes():
        if change == "equal":
            continue
        both = min(left_end - left_start, right_end - right_start)
        for offset in range(both):
            at, other = left_start + offset, right_start + offset
            yield _difference(at, lefts[at], rights[other], lefts_masked[at], rights_masked[other])
        for at in range(left_start + both, left_end):
            yield _difference(at, lefts[at], MISSING, lefts_masked[at], None)
        for at in range(right_start + both, right_end):
            yield _difference(at, MISSING, rights[at], None, rights_masked[at])


def _difference(index: int, left: Any, right: Any, left_masked: str | None, right_masked: str | None) -> Difference:
    where = _("line {line}").format(line=index + 1)
    if left is not MISSING and right is not MISSING:
        column = _first_difference(left, right)
        if column:
            where = _("line {line}, column {column}").format(line=index + 1, column=column + 1)
    at = _first_difference(left_masked or "", right_masked or "")
    missing = _("not present")
    shown = (missing if line is None else _excerpt(line, at) for line in (left_masked, right_masked))
    return Difference((index + 1,), where, left, right, *distinguish(*shown))


def _first_difference(left: str, right: str) -> int:
    """Return the index of the first character that differs, or the length of the shorter text."""
    pairs = enumerate(zip(left, right, strict=False))
    return next((index for index, (one, other) in pairs if one != other), min(len(left), len(right)))


def _excerpt(line: str, at: int) -> str:
    """Return a line as a JSON string; of a long line, the part around an index."""
    start = max(0, at - _CONTEXT) if len(line) > MAX_SHOWN else 0
    shown = json_io.write(line[start : start + MAX_SHOWN]).decode("utf-8")
    return f"{'…' if start else ''}{shown}{'…' if len(line) > start + MAX_SHOWN else ''}"


def _lines(body: bytes) -> list[str]:
    return body.decode("utf-8", "backslashreplace").split("\n") if body else []


def _masked_lines(body: bytes) -> list[str]:
    """Return the lines with the values of identifying keys hidden.

    The ``?`` in front makes ``mask_text`` treat JSON as text, which keeps its lines.
    """
    text = body.decode("utf-8", "backslashreplace").encode("utf-8")
    return masking.mask_text(b"?" + text)[1:].split("\n") if body else []
