"""The differences between two JSON values."""

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

__all__ = ["MAX_SHOWN", "MISSING", "Change", "Difference", "distinguish", "json_differences"]

Change = Literal["changed", "only left", "only right"]

MAX_SHOWN = 120
"""Characters of a value that are shown."""


class _Missing(Enum):
    MISSING = "MISSING"

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = _Missing.MISSING
"""The value of a field that one side does not have."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that differs.

    Attributes
    ----------
    place : tuple
        The keys and indexes that lead to the value. For a body that is not JSON: the line number, from 1, on the left
        or, if only the right has the line, on the right. For a response: the part, such as ``("header", "Location")``.
    where : str
        The place as text.
    left, right : object
        The two values, not masked, or :data:`MISSING`.
    change : str
        ``"changed"``, ``"only left"`` or ``"only right"``.
    left_shown, right_shown : str
        The two values as text, shortened and with identifiers hidden. They differ even if both values are hidden.
    """

    place: Place
    where: str
    left: Any = field(repr=False)
    right: Any = field(repr=False)
    left_shown: str
    right_shown: str

    @property
    def change(self) -> Change:
        """Which sides have the field."""
        if self.left is MISSING:
            return "only right"
        return "only left" if self.right is MISSING else "changed"


def json_differences(left: Any, right: Any, place: Place = (), *, is_schema: bool = False) -> Iterator[Difference]:
    """Yield the differences between two JSON values.

    Parameters
    ----------
    left, right : object
        JSON values, or :data:`MISSING`.
    place : tuple
        The place of the values in the document.
    is_schema : bool
        Whether both are JSON Schemas. The keys of a schema describe identifiers and do not contain any, and the order
        of ``required`` and ``enum`` has no meaning. In other documents, the value of an identifying key is compared as
        a whole, so that no part of it is shown.
    """
    is_hidden = not is_schema and bool(place) and isinstance(place[-1], str) and masking.identifies(place[-1])
    if isinstance(left, dict) and isinstance(right, dict) and not is_hidden:
        for key in dict.fromkeys([*left, *right]):
            yield from json_differences(
                left.get(key, MISSING), right.get(key, MISSING), (*place, key), is_schema=is_schema
            )
    elif isinstance(left, list) and isinstance(right, list) and not is_hidden:
        pairs = _pair_names if is_schema and _are_names([*left, *right]) else _pair_items
        for part, one, other in pairs(left, right):
            yield from json_differences(one, other, (*place, part), is_schema=is_schema)
    elif not _is_same(left, right):
        missing = _("not present") if is_schema else _("not sent")
        shown = (missing if each is MISSING else _show(() if is_schema else place, each) for each in (left, right))
        yield Difference(place, where(place), left, right, *distinguish(*shown))


def _are_names(items: list[Any]) -> bool:
    return all(isinstance(item, str) for item in items)


def _pair_items(left: list[Any], right: list[Any]) -> Iterator[tuple[int | str, Any, Any]]:
    for index, (one, other) in enumerate(zip_longest(left, right, fillvalue=MISSING)):
        yield index, one, other


def _pair_names(left: list[str], right: list[str]) -> Iterator[tuple[int | str, Any, Any]]:
    for name in dict.fromkeys([*left, *right]):
        yield name, name if name in left else MISSING, name if name in right else MISSING


def _is_same(left: Any, right: Any) -> bool:
    """Return whether two values are written the same way: ``1``, ``1.0`` and ``true`` differ."""
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(_is_same(member, right[key]) for key, member in left.items())
    if isinstance(left, list):
        return len(left) == len(right) and all(map(_is_same, left, right))
    if isinstance(left, float):
        return repr(left) == repr(right)
    return bool(left == right)


def distinguish(left: str, right: str) -> tuple[str, str]:
    """Return two texts that differ; hidden or shortened values may look the same."""
    if left != right:
        return left, right
    return left, _("{value} (a different value)").format(value=right)


def _show(place: Place, value: Any) -> str:
    """Return a value as JSON, shortened and with identifiers hidden."""
    key = place[-1] if place and isinstance(place[-1], str) else ""
    masked = masking.mask({key: value})[key]
    if masked == masking.HIDDEN:
        return masking.HIDDEN
    try:
        written = json_io.write(masked).decode("utf-8", "replace")
    except InputError:
        written = repr(masked)
    return shorten(written, MAX_SHOWN)
