"""Build the fixes: from a wrong value or key to the one that was meant, where that is clear."""

from __future__ import annotations

import math
from typing import Any

from mctoolkit._core import input_parsing, json_io
from mctoolkit._core.html import shorten
from mctoolkit._core.json_io import Place
from mctoolkit._core.messages import gettext as _
from mctoolkit.models import masking
from mctoolkit.models.problem import Fix, PatchOperation, where
from mctoolkit.spec.catalog import Parameter

__all__ = ["SECONDS", "drop", "move", "put", "retype", "shown"]

SECONDS = range(10**8, 10**11)
"""Time stamps that read as seconds: 1973 to 5138; as milliseconds they lie between 1970 and 1973."""


def put(place: Place, value: Any) -> Fix:
    """Return the fix that puts a value at a place."""
    return Fix(_("Make it {value}").format(value=shown(place, value)), (PatchOperation("put", place, value),))


def drop(place: Place) -> Fix:
    """Return the fix that takes a key out."""
    return Fix(_("Remove {what}").format(what=where(place)), (PatchOperation("drop", place),))


def move(place: Place, to: Place) -> Fix:
    """Return the fix that renames a key, or moves it to another member."""
    if place[:-1] == to[:-1]:
        label = _("Rename it to {name}").format(name=shorten(str(to[-1]), 80))
    else:
        label = _("Move it to {to}").format(to=where(to))
    return Fix(label, (PatchOperation("move", place, to=to),))


def shown(place: Place, value: Any) -> str:
    """Write a value as it stands in JSON, cut short; hidden where its key says who somebody is."""
    if any(isinstance(part, str) and masking.identifies(part) for part in place[:-1]):
        value = masking.HIDDEN
    elif place and isinstance(place[-1], str) and masking.identifies(place[-1]):
        value = next(iter(masking.mask({place[-1]: value}).values()))
    elif isinstance(value, dict | list):
        value = masking.mask(value)
    elif isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        value = masking.mask_text(value.encode("utf-8", "replace"))
    if isinstance(value, float) and not math.isfinite(value):
        return repr(value)
    return shorten(json_io.shown(value), 60)


def retype(place: Place, value: Any, wanted: str, parameter: Parameter | None, required: bool) -> Fix | None:
    """Return the fix that gives a value the wanted JSON type, or None where no such value is clear."""
    if value is None:
        return None if required else drop(place)
    meant: Any = None
    if wanted in ("number", "integer"):
        meant = _as_number(value, wanted, parameter)
    elif wanted == "string" and isinstance(value, bool | int | float):
        meant = json_io.shown(value)
    elif wanted == "boolean":
        if isinstance(value, str):
            meant = input_parsing.parse_boolean(value)
        elif value in (0, 1):
            meant = bool(value)
    return None if meant is None else put(place, meant)


def looks_like_seconds(ts: Any) -> bool:
    """Tell whether a time stamp reads as seconds since 1970."""
    return isinstance(ts, int | float) and not isinstance(ts, bool) and SECONDS.start <= ts < SECONDS.stop


def _as_number(value: Any, wanted: str, parameter: Parameter | None) -> int | float | None:
    if isinstance(value, str):
        read = input_parsing.parse_number(value)
        if read is None or read.other is not None:
            return None
        value = read.value
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    if parameter is not None and parameter.key == "playerTime.ts" and looks_like_seconds(value):
        return round(value * 1000)
    if wanted == "number" or isinstance(value, int):
        return value
    return int(value) if value.is_integer() else round(value)
