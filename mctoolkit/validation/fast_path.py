"""Recognise bodies without problems, so that full validation can be skipped.

Most bodies of a working player have no problems. The fast path validates a body with the schema of its event type,
restricted to values that no hint is about, with the limits of ``hints``. It reports nothing: a body that does not pass
may be valid or not, and is validated in full.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import jsonschema_rs

from mctoolkit._core import json_io
from mctoolkit._core.clocks import DAY_S
from mctoolkit.models.event import Event
from mctoolkit.spec import catalog, schemas
from mctoolkit.validation import fixes, hints

__all__ = ["is_certainly_valid", "is_clean"]

_NOTHING: dict[str, Any] = {}
_MINIMAL_KEYS = 4
_MINIMAL_EVENTS = frozenset(
    event.name for event in catalog.event_types().values() if event.endpoint == "events" and event.params != "required"
)
"""The event types that require only an event type and a time."""


@dataclass(frozen=True, slots=True)
class _Validators:
    """The validators of an event type: one for bodies without hints, one for valid bodies."""

    endpoint: str
    clean: jsonschema_rs.Draft4Validator
    valid: jsonschema_rs.Draft4Validator


def is_clean(body: Any, raw: bytes | None, endpoint: str | None) -> bool:
    """Return whether a body certainly has no problems, except perhaps a distant time stamp.

    Parameters
    ----------
    body : object
        The parsed body.
    raw : bytes or None
        The bytes that it was parsed from, if any.
    endpoint : str or None
        The endpoint that it is sent to.

    Returns
    -------
    bool
        False if the body has to be validated in full; it may be valid.

    Examples
    --------
    >>> body = {"eventType": "ping", "playerTime": {"playhead": 10, "ts": 1509045334153}}
    >>> is_clean(body, None, "events"), is_clean(body, None, "sessions")
    (True, False)
    """
    if type(body) is not dict:
        return False
    if endpoint == "events" and _is_minimal(body) and (raw is None or raw.count(b":") == _MINIMAL_KEYS):
        return True
    if raw is None and not json_io.is_json(body):
        return False
    name = body.get("eventType")
    validators = _validators(name) if type(name) is str else None
    if validators is None or endpoint not in (None, "downloaded", validators.endpoint):
        return False
    try:
        if not validators.clean.is_valid(body):
            return False
    except ValueError:  # a type that jsonschema_rs does not accept, such as a date
        return False
    playhead = body["playerTime"]["playhead"]
    if playhead > 0 and playhead > body.get("params", _NOTHING).get("media.length", DAY_S):
        return False
    return raw is None or not json_io.duplicate_keys(raw, body)


def is_certainly_valid(event: Event, endpoint: str) -> bool:
    """Return whether a body that was parsed from bytes is certainly valid; it may have hints.

    False means that the body has to be validated in full.

    Examples
    --------
    >>> is_certainly_valid(Event(b'{"eventType": "ping", "playerTime": {"playhead": 9e9, "ts": 1}}'), "events")
    True
    """
    body = event.value
    if event.raw is None or type(body) is not dict:
        return False
    if endpoint == "events" and _is_minimal(body):
        return True
    name = body.get("eventType")
    validators = _validators(name) if type(name) is str else None
    return validators is not None and endpoint == validators.endpoint and validators.valid.is_valid(body)


def _is_minimal(body: dict[Any, Any]) -> bool:
    """Return whether a body is a valid event type and time only, as most events of a session are.

    The schema gives the same result, but takes three times as long.
    """
    if len(body) != 2:
        return False
    name, time = body.get("eventType"), body.get("playerTime")
    if type(name) is not str or name not in _MINIMAL_EVENTS or type(time) is not dict or len(time) != 2:
        return False
    playhead, ts = time.get("playhead"), time.get("ts")
    return (
        type(ts) is int
        and fixes.SECONDS.stop <= ts <= _MAX_EXACT
        and (type(playhead) is float or type(playhead) is int)
        and 0 <= playhead <= DAY_S - 1
    )


@lru_cache(maxsize=32)
def _validators(name: str) -> _Validators | None:
    if name not in catalog.event_types():
        return None
    clean, valid = (jsonschema_rs.Draft4Validator(schema(name)) for schema in (_clean_schema, _valid_schema))
    return _Validators(catalog.event_type(name).endpoint, clean, valid)


def _valid_schema(name: str) -> dict[str, Any]:
    """Return the schema of an event type without objects, lists and numbers that parsers read differently."""
    schema = schemas.schema(name)
    members = schema["properties"]
    for member in ("playerTime", "params", "qoeData"):
        members[member]["properties"] = {
            key: _all_of(rules, _OF_KEY[key] if key == "media.downloaded" else _VALID_OF_TYPE[rules["type"]])
            for key, rules in members[member]["properties"].items()
            if rules["type"] in _VALID_OF_TYPE
        }
    return schema


def _clean_schema(name: str) -> dict[str, Any]:
    """Return the schema of an event type without objects, lists and values that a hint may be about."""
    schema = schemas.schema(name)
    members = schema["properties"]
    for member in ("playerTime", "params", "qoeData"):
        members[member]["properties"] = {
            key: _all_of(rules, _OF_KEY.get(key, _OF_TYPE[rules["type"]]))
            for key, rules in members[member]["properties"].items()
            if rules["type"] in _OF_TYPE
        }
    members["playerTime"]["required"] = ["playhead", "ts"]
    if name == "sessionStart":
        members["params"]["anyOf"] = [{"required": [key]} for key in hints.VISITORS]
    if "customMetadata" in members:
        names = members["customMetadata"]["patternProperties"]
        names[schemas.CUSTOM_NAME_PATTERN] |= _OF_TYPE["string"]
        names[r"^(a|media)\."] = {"not": {}}
    return schema


def _all_of(rules: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """Return the keywords that are satisfied if both arguments are."""
    merged = rules | more
    for name, stricter in (("minimum", max), ("maximum", min)):
        bounds = [found[name] for found in (rules, more) if name in found]
        if bounds:
            merged[name] = stricter(bounds)
    return merged if rules.keys() & more.keys() <= {"minimum", "maximum"} else {"allOf": [rules, more]}


def _casefold_pattern(text: str) -> str:
    """Return the pattern of all texts that ``str.casefold`` maps to a text; Unicode has another K and a ligature fi."""
    pattern = "".join(f"[{letter}{letter.upper()}]" if letter.isalpha() else letter for letter in text)
    return pattern.replace("[kK]", "[kK\u212a]").replace("[fF][iI]", "(?:[fF][iI]|\ufb01)")


_MAX_EXACT = 2**53
_SPACE = r"[\x00-\x20\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"
_SUSPICIOUS_TEXT = f"^{_SPACE}|{_SPACE}$|^(?:|{'|'.join(map(_casefold_pattern, sorted(hints.FILLERS)))})$"

_OF_TYPE: dict[str, dict[str, Any]] = {
    "string": {"not": {"pattern": _SUSPICIOUS_TEXT}},
    "number": {"minimum": -_MAX_EXACT, "maximum": _MAX_EXACT},
    "integer": {"minimum": -_MAX_EXACT, "maximum": _MAX_EXACT},
    "boolean": {},
}
"""The additional keywords of values without hints, by type."""

_VALID_OF_TYPE = {**_OF_TYPE, "string": {}}
"""The additional keywords of certainly valid values, by type."""

_OF_KEY: dict[str, dict[str, Any]] = {
    "playhead": {"minimum": 0, "maximum": DAY_S - 1},
    "ts": {"minimum": fixes.SECONDS.stop, "maximum": _MAX_EXACT},
    "media.length": {
        "minimum": 0,
        "exclusiveMinimum": True,
        "anyOf": [{"maximum": hints.LONGEST_S}, {"enum": [DAY_S]}],
    },
    "media.contentType": {
        "enum": sorted({v for name in catalog.parameter("media.contentType").values for v in (name, name.lower())})
    },
    "media.showType": {"enum": list(catalog.parameter("media.showType").values)},
    "media.downloaded": {"enum": [False]},
    "media.qoe.bitrate": {"minimum": hints.LOW_BITRATE, "maximum": hints.HIGH_BITRATE},
    "analytics.trackingServer": {"not": {"pattern": rf"{_SUSPICIOUS_TEXT}|://|\.hb-api\."}},
    "visitor.marketingCloudOrgId": {"pattern": "^<|@AdobeOrg$", "not": {"pattern": _SUSPICIOUS_TEXT}},
}
"""The additional keywords of values without hints, for keys that have a hint of their own."""
