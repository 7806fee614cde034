"""Look up what the API defines: keys, event types, responses and rules.

The data are in ``spec/data/*.toml``. Forms, schemas, validation, tables, the sandbox and the notebooks are generated
from what these functions return.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from mctoolkit.spec import loader
from mctoolkit.spec.search import nearest, unknown_name_error
from mctoolkit.spec.types import (
    EVERY_EVENT,
    MEMBERS,
    CommonMisspelling,
    Contradiction,
    DocumentedResponse,
    EventType,
    Header,
    Member,
    Parameter,
    Rule,
)

__all__ = [
    "EVERY_EVENT",
    "MEMBERS",
    "Member",
    "Parameter",
    "contradictions",
    "event_type",
    "event_types",
    "misspellings",
    "nearest",
    "nearest_event",
    "parameter",
    "parameter_at",
    "parameters",
    "parameters_of",
    "response",
    "responses",
    "rule",
    "rules",
    "search",
    "unknown_name_error",
]


@cache
def parameters() -> Mapping[str, Parameter]:
    """Return all known keys, including historic ones, in the order of the data file.

    Examples
    --------
    >>> parameters()["media.length"].unit
    'seconds'
    """
    return MappingProxyType({key: _parameter(key, block) for key, block in loader.read("parameters").items()})


def parameter(key: str) -> Parameter:
    """Return a key.

    Raises
    ------
    UsageError
        The API has no such key; the message suggests the most similar one.
    """
    found = parameters().get(key)
    if found is None:
        raise unknown_name_error("key", key, parameters())
    return found


def parameter_at(place: tuple[str | int, ...]) -> Parameter | None:
    """Return the key at a place of a body, or None if the API has no key there.

    Examples
    --------
    >>> parameter_at(("params", "media.id")).key
    'media.id'
    """
    return _parameters_by_place().get(place)


@cache
def _parameters_by_place() -> dict[tuple[str | int, ...], Parameter]:
    return {parameter.place: parameter for parameter in parameters().values()}


@cache
def parameters_of(event: str, member: Member | None = None) -> tuple[Parameter, ...]:
    """Return the keys that an event type allows, all or those of one member."""
    return tuple(p for p in parameters().values() if p.allowed(event) and member in (None, p.member))


def search(words: str, among: Iterable[Parameter] | None = None) -> tuple[Parameter, ...]:
    """Return the keys whose name, label or help has all the words of a query.

    Examples
    --------
    >>> [found.key for found in search("dropped frames")]
    ['media.qoe.droppedFrames']
    """
    wanted = words.casefold().split()
    pool = parameters().values() if among is None else among
    return tuple(p for p in pool if all(word in f"{p.key} {p.label} {p.help}".casefold() for word in wanted))


@cache
def misspellings() -> Mapping[str, CommonMisspelling]:
    """Return the common misspellings of keys, by the wrong key."""
    return MappingProxyType(
        {
            key: CommonMisspelling(key, block.get("meant"), block["source"], block["why"])
            for key, block in loader.read("misspellings").items()
        }
    )


@cache
def event_types() -> Mapping[str, EventType]:
    """Return all event types by name."""
    blocks = loader.read("events")
    return MappingProxyType(
        {
            name: EventType(name=name, formerly=tuple(block.pop("formerly", ())), **block)
            for name, block in blocks.items()
        }
    )


def event_type(name: str) -> EventType:
    """Return an event type.

    Raises
    ------
    UsageError
        The API has no such event type; the message suggests the most similar one.
    """
    found = event_types().get(name)
    if found is None:
        raise unknown_name_error("event_type", name, event_types())
    return found


def nearest_event(name: str) -> str | None:
    """Return the event type that formerly had a name, or the one with the most similar name.

    Examples
    --------
    >>> nearest_event("contentComplete"), nearest_event("pign")
    ('sessionComplete', 'ping')
    """
    renamed = (event.name for event in event_types().values() if name in event.formerly)
    return next(renamed, None) or nearest(name, event_types())


@cache
def responses(endpoint: str) -> Mapping[int, DocumentedResponse]:
    """Return the documented responses of an endpoint by status; empty for an unknown endpoint.

    Examples
    --------
    >>> sorted(responses("sessions"))
    [201, 400, 500]
    """
    blocks = loader.read("responses")
    header_help = blocks["header_help"]
    return MappingProxyType(
        {
            int(status): _response(endpoint, int(status), block, header_help)
            for status, block in blocks.get(endpoint, {}).items()
        }
    )


def response(endpoint: str, status: int) -> DocumentedResponse | None:
    """Return a documented response, or None if the status is not documented."""
    return responses(endpoint).get(status)


@cache
def rules() -> Mapping[str, Rule]:
    """Return all rules of validation by id."""
    return MappingProxyType({id_: Rule(id_, **block) for id_, block in loader.read("rules").items()})


def rule(id_: str) -> Rule:
    """Return a rule of validation.

    Raises
    ------
    UsageError
        There is no such rule.

    Examples
    --------
    >>> rule("ts-seconds").level
    'hint'
    """
    found = rules().get(id_)
    if found is None:
        raise unknown_name_error("rule", id_, rules())
    return found


@cache
def contradictions() -> Mapping[str, Contradiction]:
    """Return the questions on which the sources disagree, by id.

    Examples
    --------
    >>> contradictions()["C-12"].response
    410
    """
    blocks = loader.read("contradictions")
    return MappingProxyType(
        {
            id_: Contradiction(id=id_, level=block.pop("level", None), sources=tuple(block.pop("sources")), **block)
            for id_, block in blocks.items()
        }
    )


def _parameter(key: str, block: dict[str, Any]) -> Parameter:
    lists: dict[str, Any] = {name: tuple(block.pop(name, ())) for name in ("set_on", "required_on", "values")}
    return Parameter(key=key, **lists, **block)


def _response(endpoint: str, status: int, block: dict[str, Any], header_help: Mapping[str, str]) -> DocumentedResponse:
    headers = tuple(
        Header(h["name"], h["sample"], h.get("relied_on", False), header_help[h["name"]])
        for h in block.pop("header", ())
    )
    return DocumentedResponse(endpoint, status, headers=headers, **block)
