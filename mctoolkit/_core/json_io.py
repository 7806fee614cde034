"""Read and write JSON strictly, without losing information.

:func:`read` accepts JSON in UTF-8 as RFC 8259 defines it: without NaN, byte order marks, lone surrogates or numbers
that are too large for a double. :func:`to_json_value` converts Python objects (numpy numbers, tuples) to JSON values
and lists the values that JSON does not have. :func:`write` serializes a value.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Literal

import orjson

from mctoolkit._core.errors import InputError
from mctoolkit._core.messages import gettext as _

__all__ = [
    "MAX_DEPTH",
    "NonJsonValue",
    "NotJson",
    "Place",
    "duplicate_keys",
    "is_json",
    "pretty",
    "read",
    "to_json_value",
    "to_text",
    "write",
]

Place = tuple[str | int, ...]
"""The path to a value from the top of a body: ``("params", "media.length")``."""

MAX_DEPTH = 100
"""The deepest accepted nesting of objects and lists; a body of the API has four levels."""

_dumps, _NO_SUBCLASSES = orjson.dumps, orjson.OPT_PASSTHROUGH_SUBCLASS
_KEY_END = re.compile(rb'"\s*:')
_NUMBER = re.compile(r"-?[0-9][0-9.eE+-]*")
_EXACT_UNTIL = float(2**53)
_DOUBLE_BITS = 1023
_GZIP = b"\x1f\x8b"
_EXCERPT_LENGTH = 20
"""The number of characters of the text that are shown at a syntax error."""


@dataclass(frozen=True, slots=True)
class NotJson:
    """The reason why bytes are not JSON.

    Attributes
    ----------
    reason : str
        The variant of the message of rule ``not-json``: ``"syntax"``, ``"encoding"``, ``"compressed"``,
        ``"mark"``, ``"empty"``, ``"surrogate"``, ``"infinite"``, ``"not-finite"``, ``"depth"``, ``"comma"``,
        ``"quotes"`` or ``"end"``.
    line, column : int
        The position of the error, counted from 1; columns count characters.
    near : str
        The text at that position, truncated.
    """

    reason: str
    line: int
    column: int
    near: str


@dataclass(frozen=True, slots=True)
class NonJsonValue:
    """A Python value that JSON does not have: its place, its kind and the value."""

    place: Place
    kind: Literal["not-finite", "infinite", "surrogate", "key", "type", "depth"]
    value: Any


def read(data: bytes) -> Any | NotJson:
    """Read bytes as JSON.

    Whole numbers keep all their digits.

    Returns
    -------
    object
        The value, or a :class:`NotJson` with the reason why the bytes are not JSON.

    Examples
    --------
    >>> read(b'{"a": 1}')
    {'a': 1}
    >>> read(b'{"a": 1,}').reason
    'comma'
    """
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        return _explain(data, error)
    except RecursionError:  # the parser of some platforms
        return NotJson("depth", 1, 1, "")
    depth, has_large = _measure(value)
    if depth > MAX_DEPTH:
        return NotJson("depth", 1, 1, "")
    return json.loads(data) if has_large else value


def write(value: Any) -> bytes:
    """Serialize a value as compact JSON in UTF-8.

    A value that strict JSON does not have is written like Python's ``json`` does, so that an invalid body can be sent
    on purpose: NaN becomes ``NaN``, a lone surrogate its escape.

    Raises
    ------
    InputError
        The value has an object that cannot be serialized, such as a set.

    Examples
    --------
    >>> write({"media.length": 60.39})
    b'{"media.length":60.39}'
    """
    value, invalid = to_json_value(value)
    if not invalid:
        try:
            return orjson.dumps(value)
        except orjson.JSONEncodeError:
            pass  # a whole number of more than 64 bits
    return _dumps_leniently(value, separators=(",", ":")).encode("utf-8")


def pretty(value: Any) -> str:
    """Format a value as indented JSON, without escaping non-ASCII letters.

    Examples
    --------
    >>> print(pretty({"a": ["é"]}))
    {
      "a": [
        "é"
      ]
    }
    """
    value, invalid = to_json_value(value)
    if not invalid:
        try:
            return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode("utf-8")
        except orjson.JSONEncodeError:
            pass
    return _dumps_leniently(value, indent=2)


def to_text(value: Any) -> str:
    """Format a value for a message: as compact JSON, or with ``repr`` if it cannot be serialized.

    Examples
    --------
    >>> to_text({"a": 1}), to_text({1})
    ('{"a":1}', '{1}')
    """
    try:
        return write(value).decode("utf-8", "replace")
    except InputError:
        return repr(value)


def to_json_value(value: Any) -> tuple[Any, list[NonJsonValue]]:
    """Convert a Python object to a JSON value, and list the values in it that JSON does not have.

    numpy numbers become numbers, enum members their values, tuples lists, mappings dicts. A value that JSON does not
    have is kept.

    Examples
    --------
    >>> to_json_value({"a": (1, 2)})
    ({'a': [1, 2]}, [])
    >>> to_json_value({"a": float("nan")})[1][0].kind
    'not-finite'
    """
    invalid: list[NonJsonValue] = []
    return _convert(value, (), invalid), invalid


def is_json(value: dict[Any, Any]) -> bool:
    r"""Test whether a dict can be serialized without a conversion.

    This is faster than :func:`to_json_value`. NaN counts as a number here.

    Examples
    --------
    >>> is_json({"a": {"b": 1}}), is_json({"a": {1}}), is_json({1: "a"}), is_json({"a": "\ud800"})
    (True, False, False, False)
    """
    try:
        _dumps(value, None, _NO_SUBCLASSES)  # rejects lone surrogates, and keys that are not str
    except orjson.JSONEncodeError:
        return False
    return True


def duplicate_keys(data: bytes, value: Any) -> list[str]:
    """Return the keys that occur twice in one object of the JSON text from which ``value`` was parsed.

    A JSON parser keeps the last one silently.

    Examples
    --------
    >>> duplicate_keys(b'{"a": 1, "a": 2}', {"a": 2})
    ['a']
    """
    count = _count_keys(value)
    if data.count(b":") == count or len(_KEY_END.findall(data)) == count:
        return []
    duplicates: list[str] = []

    def collect(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        seen: set[str] = set()
        for key, _unused in pairs:
            if key in seen and key not in duplicates:
                duplicates.append(key)
            seen.add(key)
        return dict(pairs)

    json.loads(data, object_pairs_hook=collect)
    return duplicates


def _dumps_leniently(value: Any, **layout: Any) -> str:
    try:
        text = json.dumps(value, ensure_ascii=False, **layout)
        text.encode("utf-8")
    except UnicodeEncodeError:
        text = json.dumps(value, ensure_ascii=True, **layout)
    except (TypeError, ValueError, RecursionError) as error:
        raise InputError(
            _("The value cannot be written as JSON: {reason}. Use text, numbers, lists and dicts.").format(reason=error)
        ) from None
    return text


def _convert(value: Any, place: Place, invalid: list[NonJsonValue]) -> Any:
    if isinstance(value, Enum):
        value = value.value
    kind = type(value)
    if isinstance(value, str):
        if not _is_encodable(value):
            invalid.append(NonJsonValue(place, "surrogate", value))
        return str(value)
    if kind is int:
        if value.bit_length() > _DOUBLE_BITS:
            invalid.append(NonJsonValue(place, "infinite", value))
        return value
    if kind is bool or value is None:
        return value
    if kind is float:
        if not math.isfinite(value):
            invalid.append(NonJsonValue(place, "not-finite", value))
        return value
    if len(place) >= MAX_DEPTH:
        invalid.append(NonJsonValue(place[:1], "depth", None))
        return None
    if isinstance(value, Mapping):
        return _convert_object(value, place, invalid)
    if kind.__module__ == "numpy" and hasattr(value, "tolist"):
        return _convert(value.tolist(), place, invalid)
    if isinstance(value, Sequence) and not isinstance(value, str | bytes | bytearray | memoryview):
        return [_convert(item, (*place, index), invalid) for index, item in enumerate(value)]
    invalid.append(NonJsonValue(place, "type", value))
    return value


def _convert_object(value: Mapping[Any, Any], place: Place, invalid: list[NonJsonValue]) -> dict[Any, Any]:
    members: dict[Any, Any] = {}
    for key, member in value.items():
        if not isinstance(key, str):
            invalid.append(NonJsonValue((*place, repr(key)), "key", key))
        elif not _is_encodable(key):
            invalid.append(NonJsonValue((*place, key), "surrogate", key))
        else:
            key = str(key.value if isinstance(key, Enum) else key)
        members[key] = _convert(member, (*place, key if isinstance(key, str) else repr(key)), invalid)
    return members


def _is_encodable(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _measure(value: Any) -> tuple[int, bool]:
    """Return the depth of a value, and whether it has a number that may have lost digits."""
    deepest, has_large, level, layer = 0, False, 0, [value]
    while layer:
        level += 1
        below: list[Any] = []
        for item in layer:
            kind = type(item)
            if kind is str:
                continue
            if kind is dict:
                below += item.values()
                deepest = level
            elif kind is list:
                below += item
                deepest = level
            elif kind is float and (item >= _EXACT_UNTIL or item <= -_EXACT_UNTIL):
                has_large = True
        layer = below
    return deepest, has_large


def _count_keys(value: Any) -> int:
    count, layer = 0, [value]
    while layer:
        below: list[Any] = []
        for item in layer:
            if type(item) is dict:
                count += len(item)
                below.extend(item.values())
            elif type(item) is list:
                below.extend(item)
        layer = below
    return count


def _explain(data: bytes, error: orjson.JSONDecodeError) -> NotJson:
    """Convert the parser's error to a reason and a position."""
    if not data.strip():
        return NotJson("empty", 1, 1, "")
    if data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        return NotJson("mark", 1, 1, "")
    if data.startswith(_GZIP):
        return NotJson("compressed", 1, 1, data[:8].hex(" "))
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as bad:
        before = data[: bad.start].decode("utf-8")
        line, column = _line_column(before)
        return NotJson("encoding", line, column, data[bad.start : bad.start + 8].hex(" "))
    message, at = error.msg, min(error.pos, len(text))
    reason = "syntax"
    if "surrogate" in message:
        reason = "surrogate"
    elif "infinity" in message:
        reason = "infinite"
    elif "depth" in message or "recursion" in message:
        reason = "depth"
    elif "trailing comma" in message:
        reason = "comma"
    elif text[at : at + 3] in ("NaN", "Inf") or text[at : at + 4] == "-Inf":
        reason = "not-finite"
    elif not text[at:].strip() or "unexpected end" in message:
        reason = "end"
    elif text[at : at + 1] in ("'", "“", "”", "„"):
        reason = "quotes"
    line, column = _line_column(text[:at])
    near = text[at : at + _EXCERPT_LENGTH].split("\n", 1)[0]
    if reason == "infinite" and (number := _NUMBER.match(text, at)) is not None:
        near = number[0] if len(number[0]) <= _EXCERPT_LENGTH else f"{near}…"
    return NotJson(reason, line, column, near)


def _line_column(before: str) -> tuple[int, int]:
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
