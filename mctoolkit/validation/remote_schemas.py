"""Parse the JSON Schema that a host serves for an event type.

The excerpt that Adobe publishes accepts every body: misplaced braces disable its ``$ref`` and two
members, its ``required`` lists may be empty (draft-04 forbids that), and its ``$schema`` has an https address, which
validators do not recognise as draft-04. :func:`read_schema` corrects these mistakes.
"""

from __future__ import annotations

from typing import Any

import jsonschema_rs

from mctoolkit._core import json_io
from mctoolkit._core.errors import InputError
from mctoolkit._core.messages import gettext as _
from mctoolkit.spec import schemas

__all__ = ["read_schema"]

_MISPLACED = ("customMetadata", "qoeData")
_MAX_STEPS = 64
"""A chain of more ``$ref`` is circular."""


def read_schema(event: str, text: bytes | str) -> dict[str, Any]:
    """Parse the schema that a host serves for an event type.

    Parameters
    ----------
    event : str
        The event type.
    text : bytes or str
        The body of the response.

    Returns
    -------
    dict
        A draft-04 schema without ``$ref``, for ``validate(body, schemas={event: ...})``. ``$schema`` and ``id`` are
        those of the schema of mctoolkit, so that :func:`mctoolkit.compare` shows only differences that affect a body.

    Raises
    ------
    InputError
        The text is not a JSON object, it is not a draft-04 schema, or a ``$ref`` cannot be resolved inside it. Nothing
        is fetched.

    Examples
    --------
    >>> read_schema("ping", '{"type": "object", "required": []}')["type"]
    'object'
    """
    served = json_io.read(text.encode() if isinstance(text, str) else text)
    if not isinstance(served, dict):
        raise InputError(
            _("The schema of {event} is not a JSON object. Check the response of the host.").format(event=event)
        )
    root = {name: member for name, member in served.items() if name != "definitions"}
    if "properties" not in root and "$ref" not in root:
        root |= _misplaced_reference(event, served.get("definitions"))
    document = _resolved(event, served, root, 0)
    _move_members(document.get("properties"))
    own = schemas.schema(event)
    document = {**document, "$schema": own["$schema"], "id": own["id"]}
    try:
        jsonschema_rs.Draft4Validator(document)
    except ValueError as error:
        reason = str(error).partition("\n")[0]
        raise InputError(
            _("The schema of {event} is not a valid draft-04 JSON Schema: {reason}.").format(event=event, reason=reason)
        ) from None
    return document


def _misplaced_reference(event: str, definitions: Any) -> dict[str, Any]:
    """Return the ``$ref`` of the document, which a misplaced brace moved into the definitions or dropped."""
    if not isinstance(definitions, dict):
        return {}
    if isinstance(definitions.get("$ref"), str):
        return {"$ref": definitions["$ref"]}
    return {"$ref": f"#/definitions/{event}"} if isinstance(definitions.get(event), dict) else {}


def _move_members(members: Any) -> None:
    """Move the members that a misplaced brace put into ``params`` up one level."""
    params = members.get("params") if isinstance(members, dict) else None
    if isinstance(members, dict) and isinstance(params, dict):
        for name in _MISPLACED:
            if isinstance(params.get(name), dict):
                members.setdefault(name, params.pop(name))


def _resolved(event: str, document: dict[str, Any], schema: Any, steps: int) -> Any:
    """Return a schema with resolved ``$ref`` and without empty ``required`` lists."""
    if isinstance(schema, list):
        return [_resolved(event, document, item, steps) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if isinstance(schema.get("$ref"), str):
        pointer = schema["$ref"]
        found = _at(document, pointer)
        if not isinstance(found, dict) or steps > _MAX_STEPS:
            raise InputError(
                _('The schema of {event} has "$ref": "{ref}", which cannot be resolved inside the document.').format(
                    event=event, ref=pointer[:80]
                )
            )
        return _resolved(event, document, found, steps + 1)
    return {
        name: member if name in ("enum", "default") else _resolved(event, document, member, steps)
        for name, member in schema.items()
        if not (name == "required" and member == [])
    }


def _at(document: dict[str, Any], pointer: str) -> Any:
    """Return the target of a JSON pointer; None if it is not in the document."""
    found: Any = document if pointer.startswith("#/") else None
    for part in pointer[2:].split("/"):
        found = found.get(part.replace("~1", "/").replace("~0", "~")) if isinstance(found, dict) else None
    return found
