"""The facts of the API as typed, read-only objects.

The data lie beside this file in ``*.toml``, with the sentences about them. Nothing here is typed
twice: forms, schemas, checks, tables, the sandbox and the notebooks are made from what these functions return.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Any, Literal

from mctoolkit._core.errors import UsageError
from mctoolkit._core.messages import Message
from mctoolkit._core.messages import gettext as _
from mctoolkit.spec import loader

__all__ = [
    "EVERY_EVENT",
    "MEMBERS",
    "CommonMisspelling",
    "Contradiction",
    "DocumentedResponse",
    "EventType",
    "Header",
    "JsonType",
    "Member",
    "Parameter",
    "Rule",
    "contradictions",
    "event_type",
    "event_types",
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
    "slips",
]

EVERY_EVENT = "*"
"""In ``set_on`` and ``required_on``: holds for every event type."""

MEMBERS = ("playerTime", "eventType", "params", "customMetadata", "qoeData")
"""The members of a body, in the order in which they are written and reported."""

JsonType = Literal["string", "number", "integer", "boolean", "object", "array"]
Member = Literal["envelope", "params", "qoeData"]
Level = Literal["error", "warning", "hint"]

_FEW = 10
"""So many names are all told where none is like the one that was asked for."""


_UNKNOWN = {
    "key": Message("The API has no key {name}."),
    "event_type": Message("The API has no event type {name}."),
    "rule": Message("There is no rule {name}."),
    "preset": Message("There is no example {name}."),
    "mistake": Message("There is no mistake {name}."),
    "question": Message("There is no question {name}."),
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One key of the API: a member of the envelope, of ``params`` or of ``qoeData``.

    Attributes
    ----------
    key : str
        The name on the wire, such as ``media.length``; members of ``playerTime`` are written ``playerTime.ts``.
    member : str
        Where it belongs: ``"envelope"``, ``"params"`` or ``"qoeData"``.
    group, section : str
        The group of Adobe's tables, and the section of a form.
    type : str
        Its JSON type.
    set_on, required_on : tuple of str
        The event types that may carry it and those that must; ``"*"`` stands for all.
    unit : str or None
        Its unit: ``"seconds"``, ``"milliseconds"``, ...
    values : tuple of str
        The known values; others are taken too unless ``closed``.
    minimum, maximum : int or None
        The range that the API takes, ends included.
    pattern : str or None
        What a text must look like, as a regular expression of ECMA 262.
    non_empty : bool
        Whether an empty text is refused.
    example : object
        A value as the documentation writes it.
    demo : object
        The value that a form wakes with, or None where it leaves the field empty.
    identifies : str or None
        ``"person"`` or ``"tenant"`` when the value says who somebody is: then it is masked where past requests
        are shown.
    context, xdm : str or None
        What it becomes in Adobe Analytics and in the Experience Data Model.
    status : str
        ``"current"``, or ``"historic"`` for a key that the API had once.
    source : str
        The pages that say so.
    label, help : str
        Its name in plain words, and what it means, in a sentence or two.
    meanings : Mapping
        What its coded values mean, by value.
    place : tuple of str
        Where it stands in a body: ``("params", "media.length")``, ``("playerTime", "ts")``.
    """

    key: str
    member: Member
    group: str
    section: str
    type: JsonType
    set_on: tuple[str, ...]
    required_on: tuple[str, ...] = ()
    unit: str | None = None
    values: tuple[str, ...] = ()
    closed: bool = False
    minimum: int | None = None
    maximum: int | None = None
    pattern: str | None = None
    non_empty: bool = False
    example: Any = field(default=None, compare=False)
    demo: Any = field(default=None, compare=False)
    identifies: Literal["person", "tenant"] | None = None
    context: str | None = None
    xdm: str | None = None
    status: Literal["current", "historic"] = "current"
    source: str = ""
    label: str = field(default="", compare=False)
    help: str = field(default="", compare=False)
    meanings: Mapping[str, str] = field(default_factory=dict, compare=False)
    place: tuple[str, ...] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        place = tuple(self.key.split(".")) if self.member == "envelope" else (self.member, self.key)
        object.__setattr__(self, "place", place)

    def required(self, event: str) -> bool:
        """Tell whether this event type must carry it."""
        return EVERY_EVENT in self.required_on or event in self.required_on

    def allowed(self, event: str) -> bool:
        """Tell whether this event type may carry it."""
        return self.status == "current" and (EVERY_EVENT in self.set_on or event in self.set_on)


@dataclass(frozen=True, slots=True)
class EventType:
    """One kind of event.

    Attributes
    ----------
    name : str
        Its name on the wire, such as ``sessionStart``.
    endpoint : str
        ``"sessions"`` or ``"events"``.
    params : str
        ``"required"``, ``"optional"``, or ``"empty"`` where ``params`` may stand but has no keys.
    custom_metadata : bool
        Whether ``customMetadata`` may stand on it.
    source : str
        The pages that say so.
    help : str
        What it reports, in a sentence.
    formerly : tuple of str
        What it was called once; the API takes it no more.
    """

    name: str
    endpoint: Literal["sessions", "events"]
    params: Literal["required", "optional", "empty"]
    custom_metadata: bool
    source: str
    help: str = field(compare=False)
    formerly: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Header:
    """One header of a response: its name, the value that the documentation shows, who relies on it, what it is for."""

    name: str
    sample: str
    relied_on: bool
    help: str


@dataclass(frozen=True, slots=True)
class DocumentedResponse:
    """One documented response of one endpoint.

    Attributes
    ----------
    endpoint : str
        ``"sessions"``, ``"events"``, ...
    status : int
        The HTTP status.
    reason : str
        The words behind the status, such as ``Created``.
    outcome : str
        ``"accepted"``, ``"refused"`` or ``"failed"``.
    headers : tuple of Header
        In the order in which the documentation shows them; empty where it shows none.
    source : str
        The pages that say so.
    short : str
        What it means, in two or three words for a table.
    meaning : str
        What it means, in a sentence.
    next_step : str
        What a client does next.
    """

    endpoint: str
    status: int
    reason: str
    outcome: Literal["accepted", "refused", "failed"]
    headers: tuple[Header, ...]
    source: str
    short: str
    meaning: str
    next_step: str


@dataclass(frozen=True, slots=True)
class CommonMisspelling:
    """A key that people write by mistake, the key that they meant (None where the API has no such thing), and why."""

    key: str
    meant: str | None
    source: str
    why: str


@dataclass(frozen=True, slots=True)
class Rule:
    """What a check looks at.

    Attributes
    ----------
    id : str
        Its name: ``"ts-seconds"``.
    level : {"error", "warning", "hint"}
        ``"error"``: the API refuses the body. ``"hint"``: legal, but probably a slip.
    source : str
        The page that makes it a rule.
    help : str
        The rule itself, in a sentence; empty where its messages say it.
    lenient : bool
        Whether a lenient sandbox takes what breaks it.
    effect : str
        What breaking it does to the reports, for a hint.
    messages : Mapping
        The texts of its messages by variant.
    """

    id: str
    level: Level
    source: str = field(compare=False)
    help: str = field(default="", compare=False)
    lenient: bool = False
    effect: str = field(default="", compare=False)
    messages: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)

    def message(self, variant: str = "default", /, **values: object) -> Message:
        """Return what a check says where the rule is broken, in one of its variants, with its values.

        Examples
        --------
        >>> str(rule("show-type").message(value="9", known="0, 1"))
        '9 is not one of the known codes: 0, 1.'
        """
        return Message(self.messages[variant], values)


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Something about which the sources disagree, and the reading that mctoolkit follows.

    Attributes
    ----------
    id : str
        ``"C-1"`` and so on.
    response : int
        What the sandbox answers to what is in question.
    level : str or None
        What validation and audit make of it: ``"error"``, ``"warning"``, ``"hint"``; None where nothing is wrong.
    sources : tuple of str
        Who says what.
    question, reading, why : str
        What the sources disagree about, what mctoolkit follows, and why.
    """

    id: str
    response: int
    level: str | None
    sources: tuple[str, ...]
    question: str
    reading: str
    why: str


@cache
def contradictions() -> Mapping[str, Contradiction]:
    """Return what the sources disagree about, by id.

    Examples
    --------
    >>> contradictions()["C-12"].response
    410
    """
    blocks = loader.read("contradictions")
    return MappingProxyType(
        {
            id_: Contradiction(
                id_,
                block["response"],
                block.get("level"),
                tuple(block["sources"]),
                block["question"],
                block["reading"],
                block["why"],
            )
            for id_, block in blocks.items()
        }
    )


@cache
def parameters() -> Mapping[str, Parameter]:
    """Return every known key, historic ones too, in the order of the data file.

    Examples
    --------
    >>> parameters()["media.length"].unit
    'seconds'
    """
    return MappingProxyType({key: _parameter(key, block) for key, block in loader.read("parameters").items()})


def parameter(key: str) -> Parameter:
    """Return one key.

    Raises
    ------
    UsageError
        The API has no such key; the message has the nearest one.
    """
    found = parameters().get(key)
    if found is None:
        raise no_such("key", key, parameters())
    return found


def parameter_at(place: tuple[str | int, ...]) -> Parameter | None:
    """Return the key that stands at a place of a body; None where the API has none.

    Examples
    --------
    >>> parameter_at(("params", "media.id")).key
    'media.id'
    """
    return _by_place().get(place)


@cache
def _by_place() -> dict[tuple[str | int, ...], Parameter]:
    return {parameter.place: parameter for parameter in parameters().values()}


@cache
def parameters_of(event: str, member: Member | None = None) -> tuple[Parameter, ...]:
    """Return the keys that an event type may carry, all or those of one member."""
    return tuple(p for p in parameters().values() if p.allowed(event) and member in (None, p.member))


@cache
def event_types() -> Mapping[str, EventType]:
    """Return every event type by its name on the wire."""
    found = loader.read("events")
    blocks = {name: block | {"formerly": tuple(block.get("formerly", ()))} for name, block in found.items()}
    return MappingProxyType({name: EventType(name=name, **block) for name, block in blocks.items()})


def nearest_event(name: str) -> str | None:
    """Return the event type that was probably meant: one that once had this name, or the one with the nearest name.

    Examples
    --------
    >>> nearest_event("contentComplete"), nearest_event("pign")
    ('sessionComplete', 'ping')
    """
    former = (kind.name for kind in event_types().values() if name in kind.formerly)
    return next(former, None) or nearest(name, event_types())


def event_type(name: str) -> EventType:
    """Return one event type.

    Raises
    ------
    UsageError
        The API has no such event type; the message has the nearest one.
    """
    found = event_types().get(name)
    if found is None:
        raise no_such("event_type", name, event_types())
    return found


@cache
def responses(endpoint: str) -> Mapping[int, DocumentedResponse]:
    """Return the documented responses of an endpoint by status; none for an endpoint that the API does not have.

    Examples
    --------
    >>> sorted(responses("sessions"))
    [201, 400, 500]
    """
    found = loader.read("responses")
    help_of = found.pop("header_help")
    blocks = found.get(endpoint, {})
    return MappingProxyType(
        {int(status): _response(endpoint, int(status), block, help_of) for status, block in blocks.items()}
    )


def response(endpoint: str, status: int) -> DocumentedResponse | None:
    """Return one documented response, or None where the documentation has none."""
    return responses(endpoint).get(status)


@cache
def slips() -> Mapping[str, CommonMisspelling]:
    """Return the keys that people write by mistake."""
    return MappingProxyType(
        {
            key: CommonMisspelling(key, block.get("meant"), block["source"], block["why"])
            for key, block in loader.read("misspellings").items()
        }
    )


@cache
def rules() -> Mapping[str, Rule]:
    """Return every rule by its id."""
    return MappingProxyType({id_: Rule(id_, **block) for id_, block in loader.read("rules").items()})


def rule(id_: str) -> Rule:
    """Return one rule.

    Raises
    ------
    UsageError
        There is no such rule.
    """
    found = rules().get(id_)
    if found is None:
        raise no_such("rule", id_, rules())
    return found


def no_such(kind: str, name: object, among: Iterable[str]) -> UsageError:
    """Return the error for a name that does not exist, with the nearest one that does, or with all if they are few.

    Examples
    --------
    >>> print(no_such("event_type", "sesionStart", event_types()))
    The API has no event type 'sesionStart'. Did you mean 'sessionStart'?
    """
    words = [_UNKNOWN[kind].format(name=repr(name))]
    names = tuple(among)
    close = nearest(str(name), names)
    if close:
        words.append(_("Did you mean {name}?").format(name=repr(close)))
    elif len(names) <= _FEW:
        words.append(_("There are {names}.").format(names=", ".join(names)))
    return UsageError(" ".join(words))


def nearest(name: str, among: Iterable[str]) -> str | None:
    """Return the name most like this one, or None when none is like it.

    Examples
    --------
    >>> nearest("medai.lenght", parameters())
    'media.length'
    """
    folded = {candidate.casefold(): candidate for candidate in among}
    close = difflib.get_close_matches(name.casefold()[:100], folded, n=1, cutoff=0.7)
    return folded[close[0]] if close else None


def search(words: str, among: Iterable[Parameter] | None = None) -> tuple[Parameter, ...]:
    """Return the keys whose name, label or meaning has all of these words.

    Examples
    --------
    >>> [found.key for found in search("dropped frames")]
    ['media.qoe.droppedFrames']
    """
    wanted = words.casefold().split()
    pool = parameters().values() if among is None else among
    return tuple(
        found for found in pool if all(word in f"{found.key} {found.label} {found.help}".casefold() for word in wanted)
    )


def _parameter(key: str, block: dict[str, Any]) -> Parameter:
    lists: dict[str, Any] = {name: tuple(block.pop(name, ())) for name in ("set_on", "required_on", "values")}
    return Parameter(key=key, **lists, **block)


def _response(endpoint: str, status: int, block: dict[str, Any], help_of: Mapping[str, str]) -> DocumentedResponse:
    headers = tuple(
        Header(h["name"], h["sample"], h.get("relied_on", False), help_of[h["name"]]) for h in block.pop("header", ())
    )
    return DocumentedResponse(endpoint, status, headers=headers, **block)
