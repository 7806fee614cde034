"""Tell at a glance that there is nothing to say about a body, so that judging and hinting can be left out.

Most bodies of a player that works are of this kind. This is no second checker: it finds no problem and has no words. It
holds a body against the very schema of its event type, narrowed to the values of which no hint speaks (the bounds are
those of ``hints``). What does not fit may be right or wrong: ``judge`` and ``hints`` look at it, and say so.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import jsonschema_rs

from mctoolkit._core import json_io
from mctoolkit.models.event import Event
from mctoolkit.spec import catalog, schemas
from mctoolkit.validation import fixes, warnings

__all__ = ["is_clean", "is_right"]

_NOTHING: dict[str, Any] = {}
_BARE_KEYS = 4
_BARE_EVENTS = frozenset(
    event.name for event in catalog.event_types().values() if event.endpoint == "events" and event.params != "required"
)
"""The event types of which only type and time are wanted."""


@dataclass(frozen=True, slots=True)
class _CompiledSchema:
    """What a body of one event type has to pass."""

    endpoint: str
    schema: jsonschema_rs.Draft4Validator
    right: jsonschema_rs.Draft4Validator


def is_clean(body: Any, raw: bytes | None, endpoint: str | None) -> bool:
    """Tell whether a body is surely right, and no hint but that about a far time stamp can speak of it.

    Parameters
    ----------
    body : object
        What was read.
    raw : bytes or None
        What it was read from, where it came as bytes.
    endpoint : str or None
        The endpoint that it is meant for.

    Returns
    -------
    bool
        True: there is no error, and no hint but perhaps that one. False: nobody has looked yet.

    Examples
    --------
    >>> body = {"eventType": "ping", "playerTime": {"playhead": 10, "ts": 1509045334153}}
    >>> is_clean(body, None, "events"), is_clean(body, None, "sessions")
    (True, False)
    """
    if type(body) is not dict:
        return False
    if len(body) == 2 and endpoint == "events" and _is_bare(body) and (raw is None or raw.count(b":") == _BARE_KEYS):
        return True
    if raw is None and not json_io.is_json(body):
        return False
    name = body.get("eventType")
    gate = _gate(name) if type(name) is str else None
    if gate is None or endpoint not in (None, "downloaded", gate.endpoint):
        return False
    try:
        if not gate.schema.is_valid(body):
            return False
    except ValueError:  # a date, say: the schema's reader has no word for it
        return False
    playhead = body["playerTime"]["playhead"]
    if playhead > 0 and playhead > body.get("params", _NOTHING).get("media.length", warnings.DAY_S):
        return False
    return raw is None or not json_io.duplicate_keys(raw, body)


def is_right(event: Event, endpoint: str) -> bool:
    """Tell whether the API surely takes a body that came as bytes; whether a hint speaks of it is not asked.

    False: nobody has looked yet.

    Examples
    --------
    >>> is_right(Event(b'{"eventType": "ping", "playerTime": {"playhead": 9e9, "ts": 1}}'), "events")
    True
    """
    body = event.value
    if event.raw is None or type(body) is not dict:
        return False
    if len(body) == 2 and endpoint == "events" and _is_bare(body):
        return True
    name = body.get("eventType")
    gate = _gate(name) if type(name) is str else None
    return gate is not None and endpoint == gate.endpoint and gate.right.is_valid(body)


def _is_bare(body: dict[Any, Any]) -> bool:
    """Tell whether a body of two members is a right event type with a right time: what most events of a session are.

    The schema says the same of them; asking it takes three times as long.
    """
    name, time = body.get("eventType"), body.get("playerTime")
    if type(name) is not str or name not in _BARE_EVENTS or type(time) is not dict or len(time) != 2:
        return False
    playhead, ts = time.get("playhead"), time.get("ts")
    return (
        type(ts) is int
        and fixes.SECONDS.stop <= ts <= _EXACT
        and (type(playhead) is float or type(playhead) is int)
        and 0 <= playhead <= warnings.DAY_S - 1
    )


@lru_cache(maxsize=32)
def _gate(name: str) -> _CompiledSchema | None:
    if name not in catalog.event_types():
        return None
    quiet, right = (jsonschema_rs.Draft4Validator(narrowed(name)) for narrowed in (_narrowed, _with_plain_values))
    return _CompiledSchema(catalog.event_type(name).endpoint, quiet, right)


def _with_plain_values(name: str) -> dict[str, Any]:
    """Return the schema of an event type without objects, lists and the numbers that not every reader reads alike."""
    schema = schemas.schema(name)
    members = schema["properties"]
    for member in ("playerTime", "params", "qoeData"):
        members[member]["properties"] = {
            key: _both(rules, _OF_KEY[key] if key == "media.downloaded" else _PLAIN[rules["type"]])
            for key, rules in members[member]["properties"].items()
            if rules["type"] in _PLAIN
        }
    return schema


def _narrowed(name: str) -> dict[str, Any]:
    """Return the schema of an event type without objects, lists and the values of which a hint may speak."""
    schema = schemas.schema(name)
    members = schema["properties"]
    for member in ("playerTime", "params", "qoeData"):
        members[member]["properties"] = {
            key: _both(rules, _OF_KEY.get(key, _OF_TYPE[rules["type"]]))
            for key, rules in members[member]["properties"].items()
            if rules["type"] in _OF_TYPE
        }
    members["playerTime"]["required"] = ["playhead", "ts"]
    if name == "sessionStart":
        members["params"]["anyOf"] = [{"required": [key]} for key in warnings.VISITORS]
    if "customMetadata" in members:
        names = members["customMetadata"]["patternProperties"]
        names[schemas.CUSTOM_NAME_PATTERN] |= _OF_TYPE["string"]
        names[r"^(a|media)\."] = {"not": {}}
    return schema


def _both(rules: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """Return the rules that ask for both."""
    both = rules | more
    for name, stricter in (("minimum", max), ("maximum", min)):
        bounds = [found[name] for found in (rules, more) if name in found]
        if bounds:
            both[name] = stricter(bounds)
    return both if rules.keys() & more.keys() <= {"minimum", "maximum"} else {"allOf": [rules, more]}


def _folded(words: str) -> str:
    """Return the pattern of all that ``str.casefold`` makes these words of; Unicode has a K and an fi of its own."""
    pattern = "".join(f"[{letter}{letter.upper()}]" if letter.isalpha() else letter for letter in words)
    return pattern.replace("[kK]", "[kK\u212a]").replace("[fF][iI]", "(?:[fF][iI]|\ufb01)")


_EXACT = 2**53
_SPACE = r"[\x00-\x20\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"
_ODD_WORDS = f"^{_SPACE}|{_SPACE}$|^(?:|{'|'.join(map(_folded, sorted(warnings.FILLERS)))})$"

_OF_TYPE: dict[str, dict[str, Any]] = {
    "string": {"not": {"pattern": _ODD_WORDS}},
    "number": {"minimum": -_EXACT, "maximum": _EXACT},
    "integer": {"minimum": -_EXACT, "maximum": _EXACT},
    "boolean": {},
}
"""What a value of a type must be, besides right, to be quiet."""

_PLAIN = {**_OF_TYPE, "string": {}}
"""What it must be, besides right, for there to be no doubt that it is."""

_OF_KEY: dict[str, dict[str, Any]] = {
    "playhead": {"minimum": 0, "maximum": warnings.DAY_S - 1},
    "ts": {"minimum": fixes.SECONDS.stop, "maximum": _EXACT},
    "media.length": {
        "minimum": 0,
        "exclusiveMinimum": True,
        "anyOf": [{"maximum": warnings.LONGEST_S}, {"enum": [warnings.DAY_S]}],
    },
    "media.contentType": {
        "enum": sorted({v for name in catalog.parameter("media.contentType").values for v in (name, name.lower())})
    },
    "media.showType": {"enum": list(catalog.parameter("media.showType").values)},
    "media.downloaded": {"enum": [False]},
    "media.qoe.bitrate": {"minimum": warnings.LOW_BITRATE, "maximum": warnings.HIGH_BITRATE},
    "analytics.trackingServer": {"not": {"pattern": rf"{_ODD_WORDS}|://|\.hb-api\."}},
    "visitor.marketingCloudOrgId": {"pattern": "^<|@AdobeOrg$", "not": {"pattern": _ODD_WORDS}},
}
"""The same for a value of which a hint of its own may speak."""
