"""Hold a body against the schema of its event type, and put every finding into words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from itertools import islice
from typing import Any

import jsonschema_rs

from mctoolkit._core import json_io
from mctoolkit._core.html import shorten
from mctoolkit._core.json_io import NonJsonValue, NotJson, Place
from mctoolkit._core.messages import Message, sentences
from mctoolkit._core.messages import gettext as _
from mctoolkit.models import masking
from mctoolkit.models.event import Event
from mctoolkit.models.problem import Problem
from mctoolkit.spec import catalog, schemas
from mctoolkit.spec.catalog import Parameter
from mctoolkit.validation import fixes

__all__ = ["judge", "judged_as", "kind"]

_DEFAULT_EVENT = "sessionStart"
_FIRST_ENDPOINT = {"sessions": "sessionStart"}
_DEFAULTS = {"events": "play", "downloaded": "play"}
"""As what a body of no known event type is judged there: as one that needs no more than every event does."""
_MOST_GUESSES = 100
"""For how many unknown keys the one that was meant is looked for; nobody misspells more, but a body can have more."""
_LOOKED_BACK = 10_000
"""How many characters before a slip are searched for a key whose value is nobody's business; a body can be long."""
_MOST_PROBLEMS = 2_000
"""How many problems with its schema a body can have; nobody reads on, and a body can be made of nothing else."""


_WANTED_KINDS = {
    "string": Message("text"),
    "number": Message("a number"),
    "integer": Message("a whole number"),
    "boolean": Message("true or false, without quotes"),
    "object": Message("an object, {{ ... }}"),
    "array": Message("a list, [ ... ]"),
}
_FOUND_KINDS = {
    "string": Message("text"),
    "number": Message("a number"),
    "boolean": Message("true or false"),
    "object": Message("an object"),
    "array": Message("a list"),
    "null": Message("null"),
}


def judge(
    event: Event, endpoint: str | None, live: Mapping[str, dict[str, Any]] | None = None
) -> tuple[list[Problem], Any]:
    """Return the errors of an event, in the order of the catalog, and the plain JSON value that was judged.

    The value is None where the body is not JSON. An event type that ``live`` has is held against its schema there.
    """
    if isinstance(event.value, NotJson):
        return [_not_json(event.value, event.to_bytes())], None
    value, oddities = json_io.plain(event.value)
    if not isinstance(value, dict):
        words = catalog.rule("not-an-object").message(kind=kind(value))
        return [Problem("not-an-object", (), words)], value
    name = judged_as(value.get("eventType"), endpoint)
    problems = [_odd(oddity) for oddity in oddities]
    odd_places = tuple(oddity.place for oddity in oddities)
    value = _without_oddities(value, oddities)
    validator, document = _validator(name), _document(name)
    if live is not None and name in live:
        document = live[name]
        validator = jsonschema_rs.Draft4Validator(document)
    found = islice(_schema_problems(name, value, validator, document), _MOST_PROBLEMS)
    problems += [p for p in found if not _lies_in(p.place, odd_places)]
    problems += _endpoint_problems(value, name, endpoint)
    return sorted(problems, key=_order), value


def _without_oddities(value: dict[Any, Any], oddities: list[NonJsonValue]) -> dict[str, Any]:
    """Return the body with null where JSON cannot carry a value, and without the keys that it cannot carry."""
    if not oddities:
        return value
    odd_keys = {(oddity.place, id(oddity.value)) for oddity in oddities if oddity.kind in ("key", "surrogate")}
    odd_values = {oddity.place for oddity in oddities}

    def clean(found: Any, place: Place) -> Any:
        if isinstance(found, dict):
            kept = {}
            for key, member in found.items():
                there = (*place, key if isinstance(key, str) else repr(key))
                if (there, id(key)) in odd_keys:  # its value may be odd as well, at the same place
                    continue
                kept[key] = None if there in odd_values else clean(member, there)
            return kept
        if isinstance(found, list):
            return [None if (*place, n) in odd_values else clean(item, (*place, n)) for n, item in enumerate(found)]
        return found

    cleaned: dict[str, Any] = clean(value, ())
    return cleaned


def _lies_in(place: Place, odd_places: tuple[Place, ...]) -> bool:
    return any(place[: len(odd)] == odd for odd in odd_places)


def judged_as(event_type: Any, endpoint: str | None = None) -> str:
    """Return the event type whose schema applies: the body's own where it has one."""
    if isinstance(event_type, str) and event_type in catalog.event_types():
        return event_type
    close = catalog.nearest_event(event_type) if isinstance(event_type, str) else None
    return _FIRST_ENDPOINT.get(endpoint or "") or close or _DEFAULTS.get(endpoint or "", _DEFAULT_EVENT)


@cache
def _document(name: str) -> dict[str, Any]:
    return schemas.schema(name)  # which copies it at each call


@cache
def _validator(name: str) -> jsonschema_rs.Draft4Validator:
    return jsonschema_rs.Draft4Validator(_document(name))


def _schema_problems(
    name: str, value: dict[str, Any], validator: jsonschema_rs.Draft4Validator, document: dict[str, Any]
) -> Iterator[Problem]:
    if validator.is_valid(value):
        return
    for error in validator.iter_errors(value):
        place: Place = tuple(error.instance_path)
        details = error.kind.as_dict()
        match error.kind.name:
            case "required":
                yield from _missing(name, (*place, details["property"]), document)
            case "additionalProperties":
                for number, key in enumerate(details["unexpected"]):
                    yield _not_wanted(name, (*place, key), value, guess=number < _MOST_GUESSES)
            case "type":
                yield _wrong_type(name, place, error.instance, _wanted(error.schema_path, document))
            case "enum":
                yield _not_in_list(name, place, error.instance)
            case "minimum" | "maximum" if _has_bounds(place):
                yield _out_of_range(place, error.instance)
            case "minLength":
                yield Problem("empty", place, catalog.rule("empty").message(what=_label(place)))
            case "pattern":
                words = catalog.rule("pattern").message(value=fixes.shown(place, error.instance), what=_label(place))
                yield Problem("pattern", place, words)
            case _:
                words = catalog.rule("schema").message(message=shorten(error.message, 200))
                yield Problem("schema", place, words)


def _wanted(schema_path: list[str | int], document: dict[str, Any]) -> str:
    """Return the type that a schema asks for at the place to which an error points, of several the first."""
    found: Any = document
    for part in schema_path:
        found = found[part]
    return str(found[0] if isinstance(found, list) else found)


def _missing(name: str, place: Place, document: dict[str, Any]) -> Iterator[Problem]:
    """Say what is missing; of a whole member, each key that must be in it: that is what a person has to fill in."""
    member = document.get("properties", {}).get(place[0], {}) if len(place) == 1 else {}
    inside: list[Place] = [(*place, key) for key in member.get("required", ())]
    for each in inside or [place]:
        yield _missing_one(name, each)


def _missing_one(name: str, place: Place) -> Problem:
    parameter = catalog.parameter_at(place)
    values = {"what": _label(place), "key": place[-1], "event": name}
    words = catalog.rule("missing").message(**values)
    if parameter is not None:
        words = sentences(words, parameter.help)
    return Problem("missing", place, words)


def _wrong_type(name: str, place: Place, value: Any, wanted: str) -> Problem:
    if len(place) == 2 and place[0] == "customMetadata":
        words = catalog.rule("metadata-value").message(value=fixes.shown(place, value), kind=kind(value))
        return Problem("metadata-value", place, words, fixes.retype(place, value, wanted, None, False))
    parameter = catalog.parameter_at(place)
    required = parameter is not None and parameter.required(name)
    fix = fixes.retype(place, value, wanted, parameter, required)
    shown = fixes.shown(place, value)
    rule = "type"
    if value is None:
        words = catalog.rule("type").message("null", wanted=str(_WANTED_KINDS[wanted]))
    elif isinstance(value, str) and wanted in ("number", "integer", "boolean") and fix is not None:
        words = catalog.rule("type").message("quoted", value=shown, wanted=str(_WANTED_KINDS[wanted]))
    elif wanted == "string" and isinstance(value, bool | int | float):
        words = catalog.rule("type").message("unquoted", value=shown, kind=kind(value))
    elif wanted == "integer" and isinstance(value, float):
        rule = "whole-number"
        key = "seconds" if fixes.looks_like_seconds(value) and place[-1] == "ts" else "default"
        words = catalog.rule(rule).message(key, value=shown)
    else:
        words = catalog.rule("type").message(value=shown, kind=kind(value), wanted=str(_WANTED_KINDS[wanted]))
    return Problem(rule, place, words, fix)


def _not_in_list(name: str, place: Place, value: Any) -> Problem:
    if place != ("eventType",):
        words = catalog.rule("value").message(value=fixes.shown(place, value), what=_label(place))
        return Problem("value", place, words)
    close = catalog.nearest_event(value) if isinstance(value, str) else None
    words = catalog.rule("event-type").message(value=fixes.shown(place, value))
    if close is None:
        return Problem("event-type", place, sentences(words, catalog.rule("event-type").message("known")))
    words = sentences(words, catalog.rule("unknown-key").message("nearest", name=close))
    return Problem("event-type", place, words, fixes.put(place, close), close)


def _has_bounds(place: Place) -> bool:
    parameter = catalog.parameter_at(place)
    return parameter is not None and (parameter.minimum, parameter.maximum) != (None, None)


def _out_of_range(place: Place, value: Any) -> Problem:
    parameter = catalog.parameter_at(place)
    low, high = (parameter.minimum, parameter.maximum) if parameter else (None, None)
    words = catalog.rule("range").message(value=fixes.shown(place, value), low=low, high=high)
    return Problem("range", place, words)


def _not_wanted(name: str, place: Place, body: dict[str, Any], *, guess: bool) -> Problem:
    """Say what is wrong with a key that the schema does not have at this place, and what was meant."""
    key, holder = str(place[-1]), place[:-1]
    if holder == ("customMetadata",):
        return _metadata_name(place, body)
    if not holder and key in catalog.MEMBERS:
        words = catalog.rule("member").message(member=key, event=name)
        return Problem("member", place, words, fixes.drop(place))
    known = catalog.parameters().get(key)
    if known is not None and known.allowed(name):
        words = catalog.rule("misplaced-key").message(key=key, member=_home(known), place=_holder(holder))
        return Problem("misplaced-key", place, words, _move(place, known.place, body), known.key)
    if known is not None and known.status == "current":
        events = ", ".join(known.set_on)
        words = catalog.rule("other-event-key").message(key=key, events=events, event=name)
        return Problem("other-event-key", place, words, fixes.drop(place))
    slip = _slip(key)
    if slip is not None:
        meant = catalog.parameters().get(slip.meant) if slip.meant else None
        if meant is not None and not meant.allowed(name):
            return _unknown(name, place, body, guess=guess)
        if meant is not None:
            words = catalog.rule("slip-key").message(key=key, meant=meant.key, member=_home(meant))
            words = sentences(words, slip.why)
            return Problem("slip-key", place, words, _move(place, meant.place, body), meant.key)
        words = sentences(catalog.rule("historic-key").message(key=key), slip.why)
        return Problem("historic-key", place, words, fixes.drop(place))
    return _unknown(name, place, body, guess=guess)


def _unknown(name: str, place: Place, body: dict[str, Any], *, guess: bool) -> Problem:
    key, holder = str(place[-1]), place[:-1]
    words = catalog.rule("unknown-key").message(key=shorten(key, 80), place=_holder(holder))
    goal = _nearest_place(name, key, holder) if guess else None
    if goal is not None:
        close = str(goal[-1])
        words = sentences(words, catalog.rule("unknown-key").message("nearest", name=close))
        return Problem("unknown-key", place, words, _move(place, goal, body), close)
    if holder == ("params",) and catalog.event_type(name).custom_metadata:
        words = sentences(words, catalog.rule("unknown-key").message("own"))
    return Problem("unknown-key", place, words, fixes.drop(place))


def _nearest_place(name: str, key: str, holder: Place) -> Place | None:
    """Return the place of the key that was probably meant, at this place first and anywhere else then."""
    here: dict[str, Place] = {str(p.place[-1]): p.place for p in catalog.parameters_of(name) if p.place[:-1] == holder}
    anywhere: dict[str, Place] = {p.key: p.place for p in catalog.parameters_of(name) if len(p.place) == 2}
    for pool in (here, anywhere):
        close = catalog.nearest(key, pool)
        if close is not None:
            return pool[close]
    return None


def _metadata_name(place: Place, body: dict[str, Any]) -> Problem:
    key = str(place[-1])
    mended = "".join(letter if letter in _NAME_LETTERS else "_" for letter in key.strip())
    bad = "".join(sorted({letter for letter in key if letter not in _NAME_LETTERS}))
    words = catalog.rule("metadata-name").message(key=shorten(key, 80), letters=_in_words(bad))
    taken = body.get("customMetadata")
    usable = bool(mended) and isinstance(taken, dict) and mended not in taken
    return Problem("metadata-name", place, words, fixes.move(place, ("customMetadata", mended)) if usable else None)


_NAME_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.")
_LETTER_WORDS = {" ": "space", "\n": "break", "\r": "break", "\t": "tab", "-": "hyphen"}


def _in_words(letters: str) -> str:
    if not letters:
        return str(catalog.rule("metadata-name").message("nothing"))
    named = [
        str(catalog.rule("metadata-name").message(_LETTER_WORDS[letter])) if letter in _LETTER_WORDS else repr(letter)
        for letter in letters[:5]
    ]
    return ", ".join(dict.fromkeys(named))


def _endpoint_problems(value: dict[str, Any], name: str, endpoint: str | None) -> Iterator[Problem]:
    if endpoint is None or value.get("eventType") != name:
        pass
    elif endpoint != "downloaded" and catalog.event_type(name).endpoint != endpoint:
        key = "start" if endpoint == "events" else "default"
        yield Problem("endpoint", ("eventType",), catalog.rule("endpoint").message(key, event=name))
    params = value.get("params")
    live = name == "sessionStart" and endpoint != "downloaded"
    if live and isinstance(params, dict) and params.get("media.downloaded") is True:
        place = ("params", "media.downloaded")
        yield Problem("downloaded", place, catalog.rule("downloaded").message(), fixes.put(place, False))


def _not_json(found: NotJson, data: bytes) -> Problem:
    before = data.decode("utf-8", "replace").split("\n", found.line - 1)
    at = sum(map(len, before[:-1])) + found.line - 1 + found.column
    around = "\n".join(before)[max(0, at - _LOOKED_BACK) : at + len(found.near)]
    near = found.near if masking.HIDDEN not in masking.mask_text(around.encode()) else masking.HIDDEN
    words = catalog.rule("not-json").message(found.reason, near=near, depth=json_io.MAX_DEPTH)
    return Problem("not-json", (), words, line=found.line, column=found.column)


def _odd(oddity: NonJsonValue) -> Problem:
    shown = shorten(ascii(oddity.value), 60) if oddity.kind != "depth" else ""
    if any(isinstance(part, str) and masking.identifies(part) for part in oddity.place):
        shown = masking.HIDDEN
    words = catalog.rule("odd-value").message(
        oddity.kind, value=shown, kind=type(oddity.value).__name__, depth=json_io.MAX_DEPTH
    )
    return Problem("odd-value", oddity.place, words)


def _order(problem: Problem) -> tuple[int, int, str]:
    member = problem.place[0] if problem.place else ""
    rank = catalog.MEMBERS.index(member) if member in catalog.MEMBERS else len(catalog.MEMBERS)
    return rank, _positions().get(problem.place, len(_positions())), str(problem.place)


@cache
def _positions() -> dict[Place, int]:
    return {p.place: number for number, p in enumerate(catalog.parameters().values())}


def _label(place: Place) -> str:
    parameter = catalog.parameter_at(place)
    return parameter.label if parameter else str(place[-1]) if place else _("the body")


def _slip(key: str) -> catalog.CommonMisspelling | None:
    return _slips().get(key.casefold())


@cache
def _slips() -> dict[str, catalog.CommonMisspelling]:
    return {slip.key.casefold(): slip for slip in catalog.slips().values()}


def _move(place: Place, to: Place, body: dict[str, Any]) -> Any:
    """Return the fix that moves a key to where it belongs, or the one that drops it where that place is taken."""
    holder: Any = body
    for part in to[:-1]:
        holder = holder.get(part, {}) if isinstance(holder, dict) else None
    if not isinstance(holder, dict):
        return None
    return fixes.drop(place) if to[-1] in holder else fixes.move(place, to)


def _home(parameter: Parameter) -> str:
    return _holder(parameter.place[:-1])


def _holder(place: Place) -> str:
    return ".".join(str(part) for part in place) if place else _("the top level")


def kind(value: Any) -> str:
    """Return what kind of JSON value this is, in words."""
    for types, name in (
        (bool, "boolean"),
        (str, "string"),
        (int | float, "number"),
        (dict, "object"),
        (list, "array"),
        (type(None), "null"),
    ):
        if isinstance(value, types):
            return str(_FOUND_KINDS[name])
    return type(value).__name__
