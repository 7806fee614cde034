"""The JSON Schema of each event type, made from the catalog.

Adobe serves one draft-04 document per event type and has published that of ``sessionStart`` only, as an excerpt of
2018. These have its structure: unknown members are refused at every level, and nothing is asked of a text beyond its
type unless the facts say so. The published excerpt has slips (an https ``$schema``, an empty ``required``); ours has
the true URI and leaves an empty ``required`` out.
"""

from __future__ import annotations

import copy
from functools import cache
from typing import Any

from mctoolkit.spec import catalog
from mctoolkit.spec.catalog import Parameter
from mctoolkit.spec.paths import SCHEMAS_PATH

__all__ = ["CUSTOM_NAME_PATTERN", "DRAFT_04", "schema"]

DRAFT_04 = "http://json-schema.org/draft-04/schema#"
CUSTOM_NAME_PATTERN = r"^[a-zA-Z0-9_\.]+$"
"""What the name of an entry of ``customMetadata`` looks like; ``$`` is the end of the text, not of a line."""


def schema(event: str) -> dict[str, Any]:
    """Return the draft-04 JSON Schema of an event type; a new dict at each call.

    Parameters
    ----------
    event : str
        The name on the wire, such as ``"sessionStart"``.

    Raises
    ------
    UsageError
        There is no such event type.

    Examples
    --------
    >>> schema("sessionStart")["required"]
    ['playerTime', 'eventType', 'params']
    """
    return copy.deepcopy(_schema(event))


@cache
def _schema(event: str) -> dict[str, Any]:
    kind = catalog.event_type(event)
    envelope = {p.key: p for p in catalog.parameters_of(event, "envelope")}
    properties: dict[str, Any] = {
        "playerTime": _closed_object(
            {key.removeprefix("playerTime."): p for key, p in envelope.items() if key.startswith("playerTime.")},
            event,
        ),
        "eventType": {"type": "string", "enum": [event]},
        "params": _closed_object({p.key: p for p in catalog.parameters_of(event, "params")}, event),
        "qoeData": _closed_object({p.key: p for p in catalog.parameters_of(event, "qoeData")}, event),
    }
    if kind.custom_metadata:
        properties["customMetadata"] = {
            "type": "object",
            "patternProperties": {CUSTOM_NAME_PATTERN: {"type": "string"}},
            "additionalProperties": False,
        }
    required = [name for name in properties if name in envelope and envelope[name].required(event)]
    return {
        "$schema": DRAFT_04,
        "id": f"{SCHEMAS_PATH}/{event}",
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def _closed_object(members: dict[str, Parameter], event: str) -> dict[str, Any]:
    made: dict[str, Any] = {
        "type": "object",
        "properties": {name: _value(p) for name, p in members.items()},
        "additionalProperties": False,
    }
    required = [name for name, p in members.items() if p.required(event)]
    return made | {"required": required} if required else made


def _value(p: Parameter) -> dict[str, Any]:
    if p.key in _SHAPES:
        return _SHAPES[p.key]
    if p.key in ("statesStart", "statesEnd"):
        state = {"media.state.name": _value(catalog.parameter("media.state.name"))}
        required = {"required": list(state), "additionalProperties": False}
        return {"type": "array", "items": {"type": "object", "properties": state, **required}}
    made: dict[str, Any] = {"type": p.type}
    if p.closed:
        made["enum"] = list(p.values)
    if p.minimum is not None:
        made["minimum"] = p.minimum
    if p.maximum is not None:
        made["maximum"] = p.maximum
    if p.pattern is not None:
        made["pattern"] = p.pattern
    if p.non_empty:
        made["minLength"] = 1
    return made


_SHAPES: dict[str, dict[str, Any]] = {
    "visitor.customerIDs": {
        "type": "object",
        "additionalProperties": {
            "type": "object",
            "properties": {"id": {"type": "string"}, "authState": {"type": "integer", "enum": [0, 1, 2]}},
            "required": ["id"],
            "additionalProperties": False,
        },
    },
}
"""The inside of the one value that is an object."""
