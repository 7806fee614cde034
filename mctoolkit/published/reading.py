"""Read a schema document as a host serves it, with the slips that Adobe's published one has.

The excerpt in Adobe's documentation would check nothing at all as it stands: a brace in the wrong place hides its
``$ref``, its ``required`` lists may be empty (draft-04 forbids that), and its ``$schema`` is an https address by which
no validator knows draft-04. Each slip that is read past is noted in words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jsonschema_rs

from mctoolkit import texts, wire
from mctoolkit.errors import UnreadableInput
from mctoolkit.facts import schemas

__all__ = ["PublishedSchema", "read_schema"]

_MEMBERS = ("playerTime", "eventType", "params", "customMetadata", "qoeData")
_MISPLACED = ("customMetadata", "qoeData")
_SILENT = frozenset({"$ref", "id", "$schema", "title", "description", "type", "definitions"})
"""What may stand beside a ``$ref`` without meaning anything."""
_MOST_STEPS = 64


@dataclass(frozen=True, slots=True)
class PublishedSchema:
    """One schema as it was read.

    Attributes
    ----------
    event : str
        The event type that it is for.
    document : dict
        A draft-04 schema without ``$ref``: what bodies can be checked against.
    notes : tuple of str
        What was odd about the document as it came, in plain words.
    """

    event: str
    document: dict[str, Any]
    notes: tuple[str, ...]


def read_schema(event: str, text: bytes | str) -> PublishedSchema:
    """Read the document that a host serves for an event type.

    Parameters
    ----------
    event : str
        The event type that was asked for.
    text : bytes or str
        The body of the answer.

    Raises
    ------
    UnreadableInput
        It is no JSON object, or no JSON Schema of draft-04 even with all slips read past.

    Examples
    --------
    >>> found = read_schema("ping", '{"type": "object", "required": []}')
    >>> found.document["type"], len(found.notes)
    ('object', 2)
    """
    value = wire.read(text.encode() if isinstance(text, str) else text)
    if not isinstance(value, dict):
        raise UnreadableInput(texts.say("published.no_object", event=event))
    reader = _Reader(event, value)
    document = reader.read()
    try:
        jsonschema_rs.Draft4Validator(document)
    except ValueError as error:
        reason = str(error).partition("\n")[0]
        raise UnreadableInput(texts.say("published.no_schema", event=event, reason=reason)) from None
    return PublishedSchema(event, document, tuple(reader.notes))


class _Reader:
    """Takes one document apart, noting what is odd."""

    def __init__(self, event: str, value: dict[str, Any]) -> None:
        self._event = event
        self._whole = value
        self.notes: list[str] = []

    def read(self) -> dict[str, Any]:
        self._read_draft()
        root = {name: member for name, member in self._whole.items() if name not in ("$schema", "definitions")}
        root = self._lifted(root)
        found = self._resolved(root, ())
        made = found if isinstance(found, dict) else {}
        self._put_back(made)
        return {**made, "$schema": schemas.DRAFT_04}

    def _note(self, key: str, **values: object) -> None:
        words = texts.say(f"published.note.{key}", **values)
        if words not in self.notes:
            self.notes.append(words)

    def _read_draft(self) -> None:
        named = self._whole.get("$schema")
        if named is None:
            self._note("no_draft")
        elif not isinstance(named, str) or named.rstrip("#") != schemas.DRAFT_04.rstrip("#"):
            https = isinstance(named, str) and named.rstrip("#") == schemas.DRAFT_04.replace("http:", "https:").rstrip(
                "#"
            )
            self._note("https" if https else "other_draft", named=str(named)[:80])

    def _lifted(self, root: dict[str, Any]) -> dict[str, Any]:
        """Take the ``$ref`` out of the definitions, where a misplaced brace has put it."""
        inner = self._whole.get("definitions")
        if "$ref" in root or "properties" in root or not isinstance(inner, dict):
            return root
        if isinstance(inner.get("$ref"), str):
            self._note("brace", member="$ref")
            return {**root, "$ref": inner["$ref"]}
        if isinstance(inner.get(self._event), dict):
            self._note("brace", member="$ref")
            return {**root, "$ref": f"#/definitions/{self._event}"}
        return root

    def _put_back(self, document: dict[str, Any]) -> None:
        """Put members that stand inside ``params`` beside it, where another misplaced brace has put them."""
        members = document.get("properties")
        params = members.get("params") if isinstance(members, dict) else None
        if not isinstance(params, dict) or not isinstance(members, dict):
            return
        for name in _MISPLACED:
            if isinstance(params.get(name), dict) and name not in members:
                members[name] = params.pop(name)
                self._note("brace", member=name)

    def _resolved(self, schema: Any, trail: tuple[str, ...]) -> Any:
        """Return a schema with each ``$ref`` replaced by what it points to."""
        if isinstance(schema, list):
            return [self._resolved(entry, trail) for entry in schema]
        if not isinstance(schema, dict):
            return schema
        if isinstance(schema.get("$ref"), str):
            return self._followed(schema, trail)
        made: dict[str, Any] = {}
        for name, member in schema.items():
            if name == "required" and member == []:
                self._note("empty_required")
                continue
            made[name] = member if name in ("enum", "default") else self._resolved(member, trail)
        return made

    def _followed(self, schema: dict[str, Any], trail: tuple[str, ...]) -> Any:
        pointer = schema["$ref"]
        beside = sorted(name for name in schema if name not in _SILENT)
        if beside:
            self._note("siblings", ref=pointer, names=", ".join(beside))
        if pointer in trail or len(trail) > _MOST_STEPS:
            self._note("circle", ref=pointer)
            return {}
        found = self._at(pointer)
        if found is None:
            self._note("lost", ref=pointer)
            return {}
        return self._resolved(found, (*trail, pointer))

    def _at(self, pointer: str) -> Any:
        """Return what a pointer inside the document points to; nothing is ever fetched from elsewhere."""
        if not pointer.startswith("#/"):
            return None
        found: Any = self._whole
        for part in pointer[2:].split("/"):
            name = part.replace("~1", "/").replace("~0", "~")
            found = found.get(name) if isinstance(found, dict) else None
        return found
