"""Say in words how a published schema differs from ours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from mctoolkit import texts
from mctoolkit.markup import shorten
from mctoolkit.problems import where
from mctoolkit.wire import Place

__all__ = ["SchemaDifference", "schema_differences"]

_LIMITS = (
    "enum",
    "pattern",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "minLength",
    "maxLength",
    "format",
)
_LONGEST = 120


@dataclass(frozen=True, slots=True)
class SchemaDifference:
    """One thing that a host's schema asks for in another way than ours.

    Attributes
    ----------
    event : str
        The event type.
    place : tuple
        The way to the key concerned from the top of a body.
    kind : str
        ``"required"``, ``"optional"``, ``"new"``, ``"gone"``, ``"type"``, ``"limit"``, ``"open"`` or ``"closed"``.
    words : str
        What differs: ``media.channel became required``.
    """

    event: str
    place: Place
    kind: str
    words: str

    @property
    def where(self) -> str:
        """The place in words."""
        return where(self.place)


def schema_differences(event: str, ours: dict[str, Any], theirs: dict[str, Any]) -> tuple[SchemaDifference, ...]:
    """Return how their schema of an event type differs from ours, key by key, in the order of ours.

    Examples
    --------
    >>> ours = {"type": "object", "properties": {"ts": {"type": "integer"}}}
    >>> theirs = {"type": "object", "properties": {"ts": {"type": "integer"}}, "required": ["ts"]}
    >>> [difference.words for difference in schema_differences("ping", ours, theirs)]
    ['ts became required.']
    """
    here, there = _flat(ours), _flat(theirs)
    places = [*here, *(place for place in there if place not in here)]
    return tuple(
        SchemaDifference(event, place, kind, words)
        for place in places
        for kind, words in _at(place, here.get(place), there.get(place), there.get(place[:-1]))
        if not _above_is_new(place, here, there)
    )


@dataclass(slots=True)
class _Asked:
    """What a schema asks of the value at one place."""

    type: str
    required: bool
    limits: dict[str, Any] = field(default_factory=dict)
    closed: bool | None = None


def _flat(schema: dict[str, Any]) -> dict[Place, _Asked]:
    """Lay a schema out, one entry a place; an entry of a list has the place ``0``, any other name ``*``."""
    found: dict[Place, _Asked] = {}

    def walk(part: Any, place: Place, required: bool) -> None:
        part = part if isinstance(part, dict) else {}
        members, patterns = part.get("properties"), part.get("patternProperties")
        more = part.get("additionalProperties")
        has_members = isinstance(members, dict) or isinstance(patterns, dict) or isinstance(more, dict)
        found[place] = _Asked(
            _type(part.get("type"), "object" if has_members else None),
            required,
            {name: part[name] for name in _LIMITS if name in part},
            more is False if has_members else None,
        )
        wanted = part.get("required")
        for name, member in members.items() if isinstance(members, dict) else ():
            walk(member, (*place, str(name)), isinstance(wanted, list) and name in wanted)
        for name in wanted if isinstance(wanted, list) else ():
            if isinstance(name, str) and (*place, name) not in found:
                found[(*place, name)] = _Asked(_type(None, None), True)
        for name, member in patterns.items() if isinstance(patterns, dict) else ():
            walk(member, (*place, f"/{name}/"), False)
        if isinstance(more, dict):
            walk(more, (*place, "*"), False)
        if isinstance(part.get("items"), dict):
            walk(part["items"], (*place, 0), False)

    walk(schema, (), True)
    return found


def _type(found: object, default: str | None) -> str:
    if isinstance(found, list):
        return " | ".join(sorted(str(each) for each in found))
    return str(found) if found is not None else default or texts.say("published.any_type")


def _above_is_new(place: Place, here: dict[Place, _Asked], there: dict[Place, _Asked]) -> bool:
    """Tell whether a place lies inside one that only one side has: that one says it all."""
    return any((place[:end] in here) != (place[:end] in there) for end in range(1, len(place)))


def _at(place: Place, ours: _Asked | None, theirs: _Asked | None, around: _Asked | None) -> Iterator[tuple[str, str]]:
    named = _named(place)
    if ours is None and theirs is not None:
        key = "new_required" if theirs.required else "new"
        yield "new", texts.say(f"published.differs.{key}", key=named, type=theirs.type)
    elif theirs is None:
        key = "refused" if around is not None and around.closed else "not_named"
        yield "gone", texts.say(f"published.differs.{key}", key=named)
    elif ours is not None:
        if ours.required != theirs.required:
            kind = "required" if theirs.required else "optional"
            yield kind, texts.say(f"published.differs.{kind}", key=named)
        if ours.type != theirs.type:
            yield "type", texts.say("published.differs.type", key=named, theirs=theirs.type, ours=ours.type)
        for name in _LIMITS:
            left, right = ours.limits.get(name), theirs.limits.get(name)
            if left != right:
                yield (
                    "limit",
                    texts.say(
                        "published.differs.limit",
                        key=named,
                        limit=texts.say(f"published.limit.{name}"),
                        theirs=_shown(right),
                        ours=_shown(left),
                    ),
                )
        if ours.closed is not None and theirs.closed is not None and ours.closed != theirs.closed:
            kind = "closed" if theirs.closed else "open"
            yield kind, texts.say(f"published.differs.{kind}", key=named)


def _named(place: Place) -> str:
    return shorten(str(place[-1]), _LONGEST) if len(place) > 1 and isinstance(place[-1], str) else where(place)


def _shown(value: Any) -> str:
    return texts.say("published.no_limit") if value is None else shorten(str(value), _LONGEST)
