"""One field that differs, and all those in which two JSON values do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from itertools import zip_longest
from typing import Any, Final, Literal

from mctoolkit._core import json_io
from mctoolkit._core.errors import InputError
from mctoolkit._core.html import shorten
from mctoolkit._core.json_io import Place
from mctoolkit._core.messages import gettext as _
from mctoolkit.models import masking
from mctoolkit.models.problem import where

__all__ = ["LONGEST_SHOWN", "MISSING", "Change", "Difference", "apart", "differences"]

Change = Literal["changed", "only left", "only right"]

LONGEST_SHOWN = 120
"""Characters of a value that are shown."""


class _Missing(Enum):
    MISSING = "MISSING"

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = _Missing.MISSING
"""Stands for the value that one side does not have."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that differs.

    Attributes
    ----------
    place : tuple
        The way to the value from the top of the body. Of a body that is no JSON: the number of the line, from 1, on
        the left side or, where only the right side has it, on the right. Of a response: what it is, such as
        ``("header", "Location")``.
    where : str
        The place in words.
    left, right : object
        The two values as they are, or :data:`MISSING`; nothing in them is hidden.
    change : str
        ``"changed"``, ``"only left"`` or ``"only right"``.
    left_shown, right_shown : str
        The two values for people, cut short, with identifiers hidden. Two different hidden values still show as two.
    """

    place: Place
    where: str
    left: Any = field(repr=False)
    right: Any = field(repr=False)
    left_shown: str
    right_shown: str

    @property
    def change(self) -> Change:
        """What happened between left and right."""
        if self.left is MISSING:
            return "only right"
        return "only left" if self.right is MISSING else "changed"


def differences(left: Any, right: Any, place: Place = (), *, schema: bool = False) -> Iterator[Difference]:
    """Compare two JSON values.

    Parameters
    ----------
    left, right : object
        JSON values, or :data:`MISSING`.
    place : tuple
        Where they stand.
    schema : bool
        They are JSON Schemas: their keys describe identifiers and hold none, and the order in ``required`` and ``enum``
        has no meaning. In other values, what an identifying key holds is compared as a whole, so that no part shows.
    """
    hidden = not schema and bool(place) and isinstance(place[-1], str) and masking.identifies(place[-1])
    if isinstance(left, dict) and isinstance(right, dict) and not hidden:
        for key in [*left, *(key for key in right if key not in left)]:
            yield from differences(left.get(key, MISSING), right.get(key, MISSING), (*place, key), schema=schema)
    elif isinstance(left, list) and isinstance(right, list) and not hidden:
        for part, one, other in _names(left, right) if schema and _are_names(left, right) else _entries(left, right):
            yield from differences(one, other, (*place, part), schema=schema)
    elif not _same(left, right):
        yield Difference(place, where(place), left, right, *_both_shown(() if schema else place, left, right))


def _entries(left: list[Any], right: list[Any]) -> Iterator[tuple[int, Any, Any]]:
    for index, (one, other) in enumerate(zip_longest(left, right, fillvalue=MISSING)):
        yield index, one, other


def _are_names(left: list[Any], right: list[Any]) -> bool:
    return all(isinstance(entry, str) for entry in (*left, *right))


def _names(left: list[str], right: list[str]) -> Iterator[tuple[str, Any, Any]]:
    for name in dict.fromkeys([*left, *right]):
        yield name, name if name in left else MISSING, name if name in right else MISSING


def _same(left: Any, right: Any) -> bool:
    """Tell whether two values are the same on the wire: ``1``, ``1.0`` and ``true`` are three."""
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(_same(member, right[key]) for key, member in left.items())
    if isinstance(left, list):
        return len(left) == len(right) and all(map(_same, left, right))
    if isinstance(left, float):
        return repr(left) == repr(right)
    return bool(left == right)


def _both_shown(place: Place, left: Any, right: Any) -> tuple[str, str]:
    nothing = _("not sent")
    return apart(*(nothing if value is MISSING else _shown(place, value) for value in (left, right)))


def apart(left: str, right: str) -> tuple[str, str]:
    """Return what is shown of two different values so that they differ: one could be hidden, or cut, like the other."""
    if left != right:
        return left, right
    return left, _("{value} (another one)").format(value=right)


def _shown(place: Place, value: Any) -> str:
    """Write a value as it stands in JSON, with what identifies somebody hidden in it, cut short."""
    key = place[-1] if place and isinstance(place[-1], str) else ""
    masked = masking.mask({key: value})[key]
    if masked == masking.HIDDEN:
        return masking.HIDDEN
    try:
        written = json_io.write(masked).decode("utf-8", "replace")
    except InputError:
        written = repr(masked)
    return shorten(written, LONGEST_SHOWN)
