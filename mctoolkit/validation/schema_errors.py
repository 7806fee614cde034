"""Validate a body with the schema of its event type, and turn schema errors into problems with messages and fixes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from itertools import islice
from typing import Any

import jsonschema_rs

from mctoolkit._core import json_io
from mctoolkit._core.html import shorten
from mctoolkit._core.json_io import NonJsonValue, NotJson, Place
from mctoolkit._core.messages import Message, join_sentences
from mctoolkit._core.messages import gettext as _
from mctoolkit.models import masking
from mctoolkit.models.event import Event
from mctoolkit.models.problem import Fix, Problem
from mctoolkit.spec import catalog, schemas
from mctoolkit.spec.types import CommonMisspelling
from mctoolkit.validation import fixes

__all__ = ["effective_event_type", "kind_of", "schema_problems"]

_DEFAULT_EVENT = "sessionStart"
_EVENT_OF_ENDPOINT = {"sessions": "sessionStart"}
_DEFAULT_OF_ENDPOINT = {"events": "play", "downloaded": "play"}
"""The event type that a body with an unknown one is validated as: ``play`` requires no more than every event does."""
_MAX_SUGGESTIONS = 100
"""Suggest a correct key for at most this many unknown keys of a member."""
_MASKING_WINDOW = 10_000
"""The number of characters before a syntax error that are searched for a key whose value must be masked."""
_MAX_PROBLEMS = 2_000
"""Report at most this many schema errors of a body."""


_EXPECTED_KINDS = {
    "string": Message("text"),
    "number": Message("a number"),
    "integer": Message("a whole number"),
    "boolean": Message("true or false, without quotes"),
    "object": Message("an object, {{ ... }}"),
    "array": Message("a list, [ ... ]"),
}
_ACTUAL_KINDS = {
    "string": Message("text"),
    "number": Message("a number"),
    "boolean": Message("true or false"),
    "object": Message("an object"),
    "array": Message("a list"),
    "null": Message("null"),
}


def schema_problems(
    event: Event, endpoint: str | None, remote_schemas: Mapping[str, dict[str, Any]] | None = None
) -> tuple[list[Problem], Any]:
    """Return the errors of an event in the order of the catalog, and its body as a JSON value.

    The value is None if the body is not JSON. ``remote_schemas`` replace the schemas of mctoolkit.
    """
    if isinstance(event.value, NotJson):
        return [_syntax_problem(event.value, event.to_bytes())], None
    value, invalid = json_io.to_json_value(event.value)
    if not isinstance(value, dict):
        message = catalog.rule("not-an-object").message(kind=kind_of(value))
        return [Problem("not-an-object", (), message)], value
    name = effective_event_type(value.get("eventType"), endpoint)
    problems = [_non_json_problem(found) for found in invalid]
    invalid_places = tuple(found.place for found in invalid)
    value = _without_non_json(value, invalid)
    validator, document = _validator(name), _document(name)
    if remote_schemas is not None and name in remote_schemas:
        document = remote_schemas[name]
        validator = jsonschema_rs.Draft4Validator(document)
    found = islice(_problems(name, value, validator, document), _MAX_PROBLEMS)
    problems += [problem for problem in found if not _is_inside(problem.place, invalid_places)]
    problems += _endpoint_problems(value, name, endpoint)
    return sorted(problems, key=_sort_key), value


def _without_non_json(value: dict[Any, Any], invalid: list[NonJsonValue]) -> dict[str, Any]:
    """Return a body with null for values that JSON does not have, and without keys that it does not have."""
    if not invalid:
        return value
    invalid_keys = {(found.place, id(found.value)) for found in invalid if found.kind in ("key", "surrogate")}
    invalid_places = {found.place for found in invalid}

    def clean(found: Any, place: Place) -> Any:
        if isinstance(found, dict):
            kept = {}
            for key, member in found.items():
                member_place = (*place, key if isinstance(key, str) else repr(key))
                if (member_place, id(key)) in invalid_keys:  # the value at the same place may be invalid, too
                    continue
                kept[key] = None if member_place in invalid_places else clean(member, member_place)
            return kept
        if isinstance(found, list):
            return [None if (*place, n) in invalid_places else clean(item, (*place, n)) for n, item in enumerate(found)]
        return found

    cleaned: dict[str, Any] = clean(value, ())
    return cleaned


def _is_inside(place: Place, outer_places: tuple[Place, ...]) -> bool:
    return any(place[: len(outer)] == outer for outer in outer_places)


def effective_event_type(event_type: Any, endpoint: str | None = None) -> str:
    """Return the event type whose schema applies: that of the body if it exists, otherwise the most probable one."""
    if isinstance(event_type, str) and event_type in catalog.event_types():
        return event_type
    close = catalog.nearest_event(event_type) if isinstance(event_type, str) else None
    return _EVENT_OF_ENDPOINT.get(endpoint or "") or close or _DEFAULT_OF_ENDPOINT.get(endpoint or "", _DEFAULT_EVENT)


@cache
def _document(name: str) -> dict[str, Any]:
    return schemas.schema(name)


@cache
def _validator(name: str) -> jsonschema_rs.Draft4Validator:
    return jsonschema_rs.Draft4Validator(_document(name))


def _problems(
    name: str, value: dict[str, Any], validator: jsonschema_rs.Draft4Validator, document: dict[str, Any]
) -> Iterator[Problem]:
    if validator.is_valid(value):
        return
    for error in validator.iter_errors(value):
        place: Place = tuple(error.instance_path)
        details = error.kind.as_dict()
        match error.kind.name:
            case "required":
                yield from _missing_problems(name, (*place, details["property"]), document)
            case "additionalProperties":
                for number, key in enumerate(details["unexpected"]):
                    yield _unexpected_key(name, (*place, key), value, suggest=number < _MAX_SUGGESTIONS)
            case "type":
                yield _wrong_type(name, place, error.instance, _expected_type(error.schema_path, document))
            case "enum":
                yield _unknown_value(place, error.instance)
            case "minimum" | "maximum" if _has_bounds(place):
                yield _out_of_range(place, error.instance)
            case "minLength":
                yield Problem("empty", place, catalog.rule("empty").message(what=_label(place)))
            case "pattern":
                message = catalog.rule("pattern").message(
                    value=fixes.format_value(place, error.instance), what=_label(place)
                )
                yield Problem("pattern", place, message)
            case _:
                message = catalog.rule("schema").message(message=shorten(error.message, 200))
                yield Problem("schema", place, message)


def _expected_type(schema_path: list[str | int], document: dict[str, Any]) -> str:
    """Return the type at a path of a schema; the first one of a list of types."""
    found: Any = document
    for part in schema_path:
        found = found[part]
    return str(found[0] if isinstance(found, list) else found)


def _missing_problems(name: str, place: Place, document: dict[str, Any]) -> Iterator[Problem]:
    """Yield a problem for a missing key; for a missing member, one for each required key in it."""
    member = document.get("properties", {}).get(place[0], {}) if len(place) == 1 else {}
    inside: list[Place] = [(*place, key) for key in member.get("required", ())]
    for missing in inside or [place]:
        parameter = catalog.parameter_at(missing)
        message = catalog.rule("missing").message(what=_label(missing), key=missing[-1], event=name)
        yield Problem("missing", missing, join_sentences(message, parameter.help) if parameter else message)


def _wrong_type(name: str, place: Place, value: Any, expected: str) -> Problem:
    if len(place) == 2 and place[0] == "customMetadata":
        message = catalog.rule("metadata-value").message(value=fixes.format_value(place, value), kind=kind_of(value))
        return Problem("metadata-value", place, message, fixes.retype(place, value, expected, None, False))
    parameter = catalog.parameter_at(place)
    required = parameter is not None and parameter.required(name)
    fix = fixes.retype(place, value, expected, parameter, required)
    shown = fixes.format_value(place, value)
    rule = "type"
    if value is None:
        message = catalog.rule("type").message("null", expected=str(_EXPECTED_KINDS[expected]))
    elif isinstance(value, str) and expected in ("number", "integer", "boolean") and fix is not None:
        message = catalog.rule("type").message("quoted", value=shown, expected=str(_EXPECTED_KINDS[expected]))
    elif expected == "string" and isinstance(value, bool | int | float):
        message = catalog.rule("type").message("unquoted", value=shown, kind=kind_of(value))
    elif expected == "integer" and isinstance(value, float):
        rule = "whole-number"
        variant = "seconds" if fixes.looks_like_seconds(value) and place[-1] == "ts" else "default"
        message = catalog.rule(rule).message(variant, value=shown)
    else:
        message = catalog.rule("type").message(
            value=shown, kind=kind_of(value), expected=str(_EXPECTED_KINDS[expected])
        )
    return Problem(rule, place, message, fix)


def _unknown_value(place: Place, value: Any) -> Problem:
    if place != ("eventType",):
        message = catalog.rule("value").message(value=fixes.format_value(place, value), what=_label(place))
        return Problem("value", place, message)
    close = catalog.nearest_event(value) if isinstance(value, str) else None
    message = catalog.rule("event-type").message(value=fixes.format_value(place, value))
    if close is None:
        return Problem("event-type", place, join_sentences(message, catalog.rule("event-type").message("known")))
    message = join_sentences(message, catalog.rule("unknown-key").message("nearest", name=close))
    return Problem("event-type", place, message, fixes.put(place, close), close)


def _has_bounds(place: Place) -> bool:
    parameter = catalog.parameter_at(place)
    return parameter is not None and (parameter.minimum, parameter.maximum) != (None, None)


def _out_of_range(place: Place, value: Any) -> Problem:
    parameter = catalog.parameter_at(place)
    low, high = (parameter.minimum, parameter.maximum) if parameter else (None, None)
    message = catalog.rule("range").message(value=fixes.format_value(place, value), low=low, high=high)
    return Problem("range", place, message)


def _unexpected_key(name: str, place: Place, body: dict[str, Any], *, suggest: bool) -> Problem:
    """Return the problem of a key that the schema does not have at a place."""
    key, holder = str(place[-1]), place[:-1]
    if holder == ("customMetadata",):
        return _metadata_name_problem(place, body)
    if not holder and key in catalog.MEMBERS:
        message = catalog.rule("member").message(member=key, event=name)
        return Problem("member", place, message, fixes.drop(place))
    known = catalog.parameters().get(key)
    if known is not None and known.allowed(name):
        message = catalog.rule("misplaced-key").message(
            key=key, member=_format_member(known.place[:-1]), place=_format_member(holder)
        )
        return Problem("misplaced-key", place, message, _move_fix(place, known.place, body), known.key)
    if known is not None and known.status == "current":
        events = ", ".join(known.set_on)
        message = catalog.rule("other-event-key").message(key=key, events=events, event=name)
        return Problem("other-event-key", place, message, fixes.drop(place))
    misspelling = _misspellings().get(key.casefold())
    if misspelling is None:
        return _unknown_key(name, place, body, suggest=suggest)
    if misspelling.meant is None:
        message = join_sentences(catalog.rule("historic-key").message(key=key), misspelling.why)
        return Problem("historic-key", place, message, fixes.drop(place))
    meant = catalog.parameter(misspelling.meant)
    if not meant.allowed(name):
        return _unknown_key(name, place, body, suggest=suggest)
    message = catalog.rule("slip-key").message(key=key, meant=meant.key, member=_format_member(meant.place[:-1]))
    message = join_sentences(message, misspelling.why)
    return Problem("slip-key", place, message, _move_fix(place, meant.place, body), meant.key)


def _unknown_key(name: str, place: Place, body: dict[str, Any], *, suggest: bool) -> Problem:
    key, holder = str(place[-1]), place[:-1]
    message = catalog.rule("unknown-key").message(key=shorten(key, 80), place=_format_member(holder))
    similar = _nearest_place(name, key, holder) if suggest else None
    if similar is not None:
        close = str(similar[-1])
        message = join_sentences(message, catalog.rule("unknown-key").message("nearest", name=close))
        return Problem("unknown-key", place, message, _move_fix(place, similar, body), close)
    if holder == ("params",) and catalog.event_type(name).custom_metadata:
        message = join_sentences(message, catalog.rule("unknown-key").message("own"))
    return Problem("unknown-key", place, message, fixes.drop(place))


def _nearest_place(name: str, key: str, holder: Place) -> Place | None:
    """Return the place of the most similar key, in the same member or else in another one."""
    here: dict[str, Place] = {str(p.place[-1]): p.place for p in catalog.parameters_of(name) if p.place[:-1] == holder}
    anywhere: dict[str, Place] = {p.key: p.place for p in catalog.parameters_of(name) if len(p.place) == 2}
    for pool in (here, anywhere):
        close = catalog.nearest(key, pool)
        if close is not None:
            return pool[close]
    return None


def _metadata_name_problem(place: Place, body: dict[str, Any]) -> Problem:
    key = str(place[-1])
    renamed = "".join(char if char in _NAME_CHARACTERS else "_" for char in key.strip())
    invalid = "".join(sorted({char for char in key if char not in _NAME_CHARACTERS}))
    message = catalog.rule("metadata-name").message(key=shorten(key, 80), characters=_format_characters(invalid))
    names = body.get("customMetadata")
    is_free = bool(renamed) and isinstance(names, dict) and renamed not in names
    fix = fixes.move(place, ("customMetadata", renamed)) if is_free else None
    return Problem("metadata-name", place, message, fix)


_NAME_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.")
_CHARACTER_NAMES = {" ": "space", "\n": "break", "\r": "break", "\t": "tab", "-": "hyphen"}


def _format_characters(characters: str) -> str:
    if not characters:
        return str(catalog.rule("metadata-name").message("nothing"))
    names = [
        str(catalog.rule("metadata-name").message(_CHARACTER_NAMES[char])) if char in _CHARACTER_NAMES else repr(char)
        for char in characters[:5]
    ]
    return ", ".join(dict.fromkeys(names))


def _endpoint_problems(value: dict[str, Any], name: str, endpoint: str | None) -> Iterator[Problem]:
    if endpoint is None or value.get("eventType") != name:
        pass
    elif endpoint != "downloaded" and catalog.event_type(name).endpoint != endpoint:
        variant = "start" if endpoint == "events" else "default"
        yield Problem("endpoint", ("eventType",), catalog.rule("endpoint").message(variant, event=name))
    params = value.get("params")
    live = name == "sessionStart" and endpoint != "downloaded"
    if live and isinstance(params, dict) and params.get("media.downloaded") is True:
        place = ("params", "media.downloaded")
        yield Problem("downloaded", place, catalog.rule("downloaded").message(), fixes.put(place, False))


def _syntax_problem(found: NotJson, data: bytes) -> Problem:
    before = data.decode("utf-8", "replace").split("\n", found.line - 1)
    at = sum(map(len, before[:-1])) + found.line - 1 + found.column
    around = "\n".join(before)[max(0, at - _MASKING_WINDOW) : at + len(found.near)]
    near = found.near if masking.HIDDEN not in masking.mask_text(around.encode()) else masking.HIDDEN
    message = catalog.rule("not-json").message(found.reason, near=near, depth=json_io.MAX_DEPTH)
    return Problem("not-json", (), message, line=found.line, column=found.column)


def _non_json_problem(found: NonJsonValue) -> Problem:
    shown = shorten(ascii(found.value), 60) if found.kind != "depth" else ""
    if any(isinstance(part, str) and masking.identifies(part) for part in found.place):
        shown = masking.HIDDEN
    kind = type(found.value).__name__
    message = catalog.rule("odd-value").message(found.kind, value=shown, kind=kind, depth=json_io.MAX_DEPTH)
    return Problem("odd-value", found.place, message)


def _sort_key(problem: Problem) -> tuple[int, int, str]:
    member = problem.place[0] if problem.place else ""
    rank = catalog.MEMBERS.index(member) if member in catalog.MEMBERS else len(catalog.MEMBERS)
    return rank, _positions().get(problem.place, len(_positions())), str(problem.place)


@cache
def _positions() -> dict[Place, int]:
    return {p.place: number for number, p in enumerate(catalog.parameters().values())}


def _label(place: Place) -> str:
    parameter = catalog.parameter_at(place)
    return parameter.label if parameter else str(place[-1]) if place else _("the body")


@cache
def _misspellings() -> dict[str, CommonMisspelling]:
    return {key.casefold(): misspelling for key, misspelling in catalog.misspellings().items()}


def _move_fix(place: Place, to: Place, body: dict[str, Any]) -> Fix | None:
    """Return the fix that moves a key to its place, or the one that removes it if the place has a value."""
    holder: Any = body
    for part in to[:-1]:
        holder = holder.get(part, {}) if isinstance(holder, dict) else None
    if not isinstance(holder, dict):
        return None
    return fixes.drop(place) if to[-1] in holder else fixes.move(place, to)


def _format_member(place: Place) -> str:
    return ".".join(str(part) for part in place) if place else _("the top level")


def kind_of(value: Any) -> str:
    """Return the JSON type of a value in words."""
    for types, name in (
        (bool, "boolean"),
        (str, "string"),
        (int | float, "number"),
        (dict, "object"),
        (list, "array"),
        (type(None), "null"),
    ):
        if isinstance(value, types):
            return str(_ACTUAL_KINDS[name])
    return type(value).__name__
