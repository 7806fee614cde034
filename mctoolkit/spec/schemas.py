"""Generate the JSON Schema of each event type from the catalog.

Adobe serves a draft-04 schema for each event type, and has published only an excerpt of that of ``sessionStart``, in
2018. The schemas of this module have the same structure: unknown members are rejected at every level, and a text has
no constraints but its type unless the catalog has one. Two mistakes of the excerpt are corrected: its ``$schema`` has
an https address, and its ``required`` lists may be empty.
"""

from __future__ import annotations

import copy
from functools import cache
from typing import Any

from mctoolkit.spec import catalog
from mctoolkit.spec.paths import SCHEMAS_PATH
from mctoolkit.spec.types import Parameter

__all__ = ["CUSTOM_NAME_PATTERN", "DRAFT_04", "schema"]

DRAFT_04 = "http://json-schema.org/draft-04/schema#"
CUSTOM_NAME_PATTERN = r"^[a-zA-Z0-9_\.]+$"
"""The pattern of names in ``customMetadata``; ``$`` is the end of the text, not of a line."""


def schema(event: str) -> dict[str, Any]:
    """Return the draft-04 JSON Schema of an event type, as a new dict at each call.

    Parameters
    ----------
    event : str
        The name of the event type, such as ``"sessionStart"``.

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
    event_type = catalog.event_type(event)
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
    if event_type.custom_metadata:
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
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {name: _value_schema(p) for name, p in members.items()},
        "additionalProperties": False,
    }
    required = [name for name, p in members.items() if p.required(event)]
    return schema | {"required": required} if required else schema


def _value_schema(p: Parameter) -> dict[str, Any]:
    if p.key in _NESTED_SCHEMAS:
        return _NESTED_SCHEMAS[p.key]
    if p.key in ("statesStart", "statesEnd"):
        state = {"media.state.name": _value_schema(catalog.parameter("media.state.name"))}
        required = {"required": list(state), "additionalProperties": False}
        return {"type": "array", "items": {"type": "object", "properties": state, **required}}
    schema: dict[str, Any] = {"type": p.type}
    if p.closed:
        schema["enum"] = list(p.values)
    if p.minimum is not None:
        schema["minimum"] = p.minimum
    if p.maximum is not None:
        schema["maximum"] = p.maximum
    if p.pattern is not None:
        schema["pattern"] = p.pattern
    if p.non_empty:
        schema["minLength"] = 1
    return schema


_NESTED_SCHEMAS: dict[str, dict[str, Any]] = {
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
"""The schemas of values that are objects."""
