"""Build fixes for wrong values and keys whose correct value or key is clear."""

from __future__ import annotations

import math
from typing import Any

from mctoolkit._core import input_parsing, json_io
from mctoolkit._core.html import shorten
from mctoolkit._core.json_io import Place
from mctoolkit._core.messages import gettext as _
from mctoolkit.models import masking
from mctoolkit.models.problem import Fix, PatchOperation, where
from mctoolkit.spec.types import Parameter

__all__ = ["SECONDS", "drop", "format_value", "looks_like_seconds", "move", "put", "retype"]

SECONDS = range(10**8, 10**11)
"""Time stamps that are probably in seconds: 1973 to 5138 in seconds, 1970 to 1973 in milliseconds."""


def put(place: Place, value: Any) -> Fix:
    """Return the fix that sets a value."""
    return Fix(_("Make it {value}").format(value=format_value(place, value)), (PatchOperation("put", place, value),))


def drop(place: Place) -> Fix:
    """Return the fix that removes a key."""
    return Fix(_("Remove {what}").format(what=where(place)), (PatchOperation("drop", place),))


def move(place: Place, to: Place) -> Fix:
    """Return the fix that renames a key, or moves it to another member."""
    if place[:-1] == to[:-1]:
        label = _("Rename it to {name}").format(name=shorten(str(to[-1]), 80))
    else:
        label = _("Move it to {to}").format(to=where(to))
    return Fix(label, (PatchOperation("move", place, to=to),))


def format_value(place: Place, value: Any) -> str:
    """Format a value as truncated JSON, masked if its key identifies a viewer or a company."""
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
    return shorten(json_io.to_text(value), 60)


def retype(place: Place, value: Any, wanted: str, parameter: Parameter | None, required: bool) -> Fix | None:
    """Return the fix that converts a value to a JSON type, or None if the intended value is not clear."""
    if value is None:
        return None if required else drop(place)
    converted: Any = None
    if wanted in ("number", "integer"):
        converted = _as_number(value, wanted, parameter)
    elif wanted == "string" and isinstance(value, bool | int | float):
        converted = json_io.to_text(value)
    elif wanted == "boolean":
        if isinstance(value, str):
            converted = input_parsing.parse_boolean(value)
        elif value in (0, 1):
            converted = bool(value)
    return None if converted is None else put(place, converted)


def looks_like_seconds(ts: Any) -> bool:
    """Return whether a time stamp is probably in seconds."""
    return isinstance(ts, int | float) and not isinstance(ts, bool) and SECONDS.start <= ts < SECONDS.stop


def _as_number(value: Any, wanted: str, parameter: Parameter | None) -> int | float | None:
    if isinstance(value, str):
        parsed = input_parsing.parse_number(value)
        if parsed is None or parsed.other is not None:
            return None
        value = parsed.value
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    if parameter is not None and parameter.key == "playerTime.ts" and looks_like_seconds(value):
        return round(value * 1000)
    if wanted == "number" or isinstance(value, int):
        return value
    return int(value) if value.is_integer() else round(value)
