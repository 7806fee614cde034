"""JSON as it goes over the wire: strict reading with the place of a slip, and writing that loses nothing.

:func:`read` takes what RFC 8259 calls JSON in UTF-8 and nothing else: no NaN, no byte order mark, no lone surrogate,
no number too large for a double. :func:`plain` turns what Python code hands over (numpy numbers, tuples) into JSON
values and lists what cannot be one. :func:`write` is the way back.
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
    "plain",
    "pretty",
    "read",
    "write",
]

Place = tuple[str | int, ...]
"""The way to a value from the top of a body: ``("params", "media.length")``."""

MAX_DEPTH = 100
"""How many levels of objects and lists are read; a body of the API has four."""

_dumps, _AS_IT_STANDS = orjson.dumps, orjson.OPT_PASSTHROUGH_SUBCLASS
_KEY_END = re.compile(rb'"\s*:')
_NUMBER = re.compile(r"-?[0-9][0-9.eE+-]*")
_EXACT_UNTIL = float(2**53)
_DOUBLE_BITS = 1023
_GZIP = b"\x1f\x8b"
_NEAR = 20
"""How many characters of the text at a slip are shown."""


@dataclass(frozen=True, slots=True)
class NotJson:
    """Why bytes are not JSON.

    Attributes
    ----------
    reason : str
        A message of the rule ``not-json`` in ``spec/data/rules.toml``: ``"syntax"``, ``"encoding"``, ``"compressed"``,
        ``"mark"``, ``"empty"``, ``"surrogate"``, ``"infinite"``, ``"not-finite"``, ``"depth"``, ``"comma"``,
        ``"quotes"`` or ``"end"``.
    line, column : int
        Where, counted from 1; a column counts characters.
    near : str
        The text at that place, cut short.
    """

    reason: str
    line: int
    column: int
    near: str


@dataclass(frozen=True, slots=True)
class NonJsonValue:
    """A Python value that JSON cannot carry: where it stands, what kind it is and the value itself."""

    place: Place
    kind: Literal["not-finite", "infinite", "surrogate", "key", "type", "depth"]
    value: Any


def read(data: bytes) -> Any | NotJson:
    """Read bytes as JSON.

    Whole numbers keep all their digits.

    Returns
    -------
    object
        The value, or a :class:`NotJson` that says why there is none.

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
        return _why(data, error)
    except RecursionError:  # the parser of some platforms
        return NotJson("depth", 1, 1, "")
    depth, has_large = _survey(value)
    if depth > MAX_DEPTH:
        return NotJson("depth", 1, 1, "")
    return json.loads(data) if has_large else value


def write(value: Any) -> bytes:
    """Write a value as compact JSON in UTF-8; what strict JSON cannot say is written as Python's json would.

    So a body that is wrong on purpose can be sent: NaN becomes ``NaN``, a lone surrogate its escape.

    Raises
    ------
    InputError
        The value holds something that no JSON writer takes, such as a set.

    Examples
    --------
    >>> write({"media.length": 60.39})
    b'{"media.length":60.39}'
    """
    value, oddities = plain(value)
    if not oddities:
        try:
            return orjson.dumps(value)
        except orjson.JSONEncodeError:
            pass  # a whole number of more than 64 bits
    return _as_python_would(value, separators=(",", ":")).encode("utf-8")


def pretty(value: Any) -> str:
    """Write a value as JSON on indented lines, with letters of all languages as they are.

    Examples
    --------
    >>> print(pretty({"a": ["é"]}))
    {
      "a": [
        "é"
      ]
    }
    """
    value, oddities = plain(value)
    if not oddities:
        try:
            return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode("utf-8")
        except orjson.JSONEncodeError:
            pass
    return _as_python_would(value, indent=2)


def shown(value: Any) -> str:
    """Write a value for people: compact JSON, or where it cannot be that, as Python writes it.

    Examples
    --------
    >>> shown({"a": 1}), shown({1})
    ('{"a":1}', '{1}')
    """
    try:
        return write(value).decode("utf-8", "replace")
    except InputError:
        return repr(value)


def plain(value: Any) -> tuple[Any, list[NonJsonValue]]:
    """Return the JSON value that Python code means, and what in it JSON cannot carry.

    numpy numbers become numbers, members of an Enum their values, tuples lists, mappings dicts. Nothing is dropped: an
    odd value stays where it is.

    Examples
    --------
    >>> plain({"a": (1, 2)})
    ({'a': [1, 2]}, [])
    >>> plain({"a": float("nan")})[1][0].kind
    'not-finite'
    """
    oddities: list[NonJsonValue] = []
    return _plain(value, (), oddities), oddities


def is_json(value: dict[Any, Any]) -> bool:
    r"""Tell quickly that a dict can be written as it stands; what kinds of values are in it is for a schema to say.

    NaN counts as a number here. False means only that :func:`plain` has to look.

    Examples
    --------
    >>> is_json({"a": {"b": 1}}), is_json({"a": {1}}), is_json({1: "a"}), is_json({"a": "\ud800"})
    (True, False, False, False)
    """
    try:
        _dumps(value, None, _AS_IT_STANDS)  # refuses half letters, and keys that are no str
    except orjson.JSONEncodeError:
        return False
    return True


def duplicate_keys(data: bytes, value: Any) -> list[str]:
    """Return the keys that stand twice in one object of the JSON text from which ``value`` was read.

    A reader takes the last of them and says nothing.

    Examples
    --------
    >>> duplicate_keys(b'{"a": 1, "a": 2}', {"a": 2})
    ['a']
    """
    count = _count_keys(value)
    if data.count(b":") == count or len(_KEY_END.findall(data)) == count:
        return []
    twice: list[str] = []

    def note(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        seen: set[str] = set()
        for key, _unused in pairs:
            if key in seen and key not in twice:
                twice.append(key)
            seen.add(key)
        return dict(pairs)

    json.loads(data, object_pairs_hook=note)
    return twice


def _as_python_would(value: Any, **layout: Any) -> str:
    try:
        text = json.dumps(value, ensure_ascii=False, **layout)
        text.encode("utf-8")
    except UnicodeEncodeError:
        text = json.dumps(value, ensure_ascii=True, **layout)
    except (TypeError, ValueError, RecursionError) as error:
        raise InputError(_("This cannot be written as JSON: {reason}.").format(reason=error)) from None
    return text


def _plain(value: Any, place: Place, oddities: list[NonJsonValue]) -> Any:
    if isinstance(value, Enum):
        value = value.value
    kind = type(value)
    if isinstance(value, str):
        if not _encodes(value):
            oddities.append(NonJsonValue(place, "surrogate", value))
        return str(value)
    if kind is int:
        if value.bit_length() > _DOUBLE_BITS:
            oddities.append(NonJsonValue(place, "infinite", value))
        return value
    if kind is bool or value is None:
        return value
    if kind is float:
        if not math.isfinite(value):
            oddities.append(NonJsonValue(place, "not-finite", value))
        return value
    if len(place) >= MAX_DEPTH:
        oddities.append(NonJsonValue(place[:1], "depth", None))
        return None
    if isinstance(value, Mapping):
        return _plain_object(value, place, oddities)
    if kind.__module__ == "numpy" and hasattr(value, "tolist"):
        return _plain(value.tolist(), place, oddities)
    if isinstance(value, Sequence) and not isinstance(value, str | bytes | bytearray | memoryview):
        return [_plain(item, (*place, index), oddities) for index, item in enumerate(value)]
    oddities.append(NonJsonValue(place, "type", value))
    return value


def _plain_object(value: Mapping[Any, Any], place: Place, oddities: list[NonJsonValue]) -> dict[Any, Any]:
    members: dict[Any, Any] = {}
    for key, member in value.items():
        if not isinstance(key, str):
            oddities.append(NonJsonValue((*place, repr(key)), "key", key))
        elif not _encodes(key):
            oddities.append(NonJsonValue((*place, key), "surrogate", key))
        else:
            key = str(key.value if isinstance(key, Enum) else key)
        members[key] = _plain(member, (*place, key if isinstance(key, str) else repr(key)), oddities)
    return members


def _encodes(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _survey(value: Any) -> tuple[int, bool]:
    """Return how deep a value is, and whether it has a number that may have lost digits."""
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


def _why(data: bytes, error: orjson.JSONDecodeError) -> NotJson:
    """Turn the parser's message into a reason and a place that a person can use."""
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
    near = text[at : at + _NEAR].split("\n", 1)[0]
    if reason == "infinite" and (number := _NUMBER.match(text, at)) is not None:
        near = number[0] if len(number[0]) <= _NEAR else f"{near}…"
    return NotJson(reason, line, column, near)


def _line_column(before: str) -> tuple[int, int]:
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
