"""Read and change the values of a JSON body by place, in the order of keys that the catalog defines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mctoolkit._core import input_parsing, json_io
from mctoolkit._core.json_io import NotJson, Place
from mctoolkit.spec import catalog
from mctoolkit.spec.catalog import Parameter

__all__ = ["get_at", "parse_field", "place_of", "put_at", "remove_at"]

_REMOVED_WHEN_EMPTY = ("params", "playerTime", "customMetadata", "qoeData")


def place_of(key: str) -> Place:
    """Return the place of a key in a body.

    A key of the catalog has its own place. ``customMetadata.<name>`` and ``qoeData.<name>`` are entries of that
    member. An unknown key is a member of ``params``.

    Examples
    --------
    >>> place_of("media.id"), place_of("playerTime.ts"), place_of("customMetadata.season")
    (('params', 'media.id'), ('playerTime', 'ts'), ('customMetadata', 'season'))
    """
    known = catalog.parameters().get(key)
    if known is not None and known.status == "current":
        return known.place
    for member in ("customMetadata", "qoeData", "playerTime", "params"):
        if key.startswith(f"{member}."):
            return (member, key.removeprefix(f"{member}."))
    return ("params", key)


def parse_field(text: str, parameter: Parameter) -> Any:
    """Return the value of a typed text: of the type of its field, else any JSON value, else the text.

    Examples
    --------
    >>> parse_field("60,39", catalog.parameter("media.length"))
    60.39
    >>> parse_field('"60.39"', catalog.parameter("media.length"))
    '60.39'
    """
    if parameter.type == "string":
        return text
    stripped = text.strip()
    if parameter.type in ("number", "integer"):
        number = input_parsing.parse_number(stripped)
        if number is not None:
            return number.value
    value = json_io.read(stripped.encode("utf-8", "surrogatepass"))
    return text if isinstance(value, NotJson) else value


def get_at(body: Any, place: Place) -> Any:
    """Return the value at a place, or None when the body does not have it."""
    for part in place:
        if not isinstance(body, Mapping) or part not in body:
            return None
        body = body[part]
    return body


def put_at(body: dict[str, Any], place: Place, value: Any) -> None:
    """Set the value at a place and create the objects above it. A new key is inserted in catalog order."""
    holder = body
    for part in place[:-1]:
        if not isinstance(holder.get(str(part)), dict):
            _insert(holder, str(part), {}, ())
        holder = holder[str(part)]
    _insert(holder, str(place[-1]), value, place[:-1])


def remove_at(body: dict[str, Any], place: Place) -> None:
    """Remove the value at a place, and its member of the body when that becomes empty."""
    holder = get_at(body, place[:-1])
    if not isinstance(holder, dict):
        return
    holder.pop(str(place[-1]), None)
    if not holder and len(place) == 2 and place[0] in _REMOVED_WHEN_EMPTY:
        body.pop(str(place[0]), None)


def _insert(holder: dict[str, Any], name: str, value: Any, parent: Place) -> None:
    if name in holder:
        holder[name] = value
        return
    order = _key_order(parent)
    rank = order.get(name, len(order))
    later = [other for other in holder if order.get(other, len(order)) > rank]
    moved = {other: holder.pop(other) for other in later}
    holder[name] = value
    holder.update(moved)


def _key_order(parent: Place) -> dict[str, int]:
    if not parent:
        return {name: rank for rank, name in enumerate(catalog.MEMBERS)}
    siblings = (p for p in catalog.parameters().values() if p.place[:-1] == parent)
    return {str(p.place[-1]): rank for rank, p in enumerate(siblings)}
