"""Types of the objects that ``catalog`` returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from mctoolkit._core.messages import Message

__all__ = [
    "EVERY_EVENT",
    "MEMBERS",
    "CommonMisspelling",
    "Contradiction",
    "DocumentedResponse",
    "EventType",
    "Header",
    "JsonType",
    "Level",
    "Member",
    "Parameter",
    "Rule",
]

EVERY_EVENT = "*"
"""Stands for all event types in ``set_on`` and ``required_on``."""

MEMBERS = ("playerTime", "eventType", "params", "customMetadata", "qoeData")
"""The members of a body, in the order in which they are written and reported."""

JsonType = Literal["string", "number", "integer", "boolean", "object", "array"]
Member = Literal["envelope", "params", "qoeData"]
Level = Literal["error", "warning", "hint"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A key of the API: in the envelope, in ``params`` or in ``qoeData``.

    Attributes
    ----------
    key : str
        The name in a request, such as ``media.length``; members of ``playerTime`` are written ``playerTime.ts``.
    member : str
        The member of the body that has it: ``"envelope"``, ``"params"`` or ``"qoeData"``.
    group, section : str
        The group in Adobe's tables, and the section of the form.
    type : str
        The JSON type.
    set_on, required_on : tuple of str
        The event types that may have the key, and those that must have it; ``"*"`` stands for all.
    unit : str or None
        The unit: ``"seconds"``, ``"milliseconds"``, ...
    values : tuple of str
        The known values. Other values are accepted, too, unless ``closed``.
    minimum, maximum : int or None
        The accepted range, both ends included.
    pattern : str or None
        The regular expression (ECMA 262) that a text must match.
    non_empty : bool
        Whether an empty text is rejected.
    example : object
        A value from the documentation.
    demo : object
        The initial value in a form; None if the field is empty at first.
    identifies : str or None
        ``"person"`` or ``"tenant"`` if the value identifies a viewer or a company. Such values are masked.
    context, xdm : str or None
        The name in Adobe Analytics and in the Experience Data Model.
    status : str
        ``"current"``, or ``"historic"`` for a key that the API no longer has.
    source : str
        The documentation of the key.
    label, help : str
        The display name, and the meaning in a sentence or two.
    meanings : Mapping
        The meanings of coded values, by value.
    place : tuple of str
        The path in a body: ``("params", "media.length")``, ``("playerTime", "ts")``.
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
        """Return whether the key is required on an event type."""
        return EVERY_EVENT in self.required_on or event in self.required_on

    def allowed(self, event: str) -> bool:
        """Return whether the key is allowed on an event type."""
        return self.status == "current" and (EVERY_EVENT in self.set_on or event in self.set_on)


@dataclass(frozen=True, slots=True)
class EventType:
    """An event type.

    Attributes
    ----------
    name : str
        The name in a request, such as ``sessionStart``.
    endpoint : str
        ``"sessions"`` or ``"events"``.
    params : str
        ``"required"``, ``"optional"``, or ``"empty"`` if ``params`` is allowed but has no keys.
    custom_metadata : bool
        Whether ``customMetadata`` is allowed.
    source : str
        The documentation of the event type.
    help : str
        The meaning in a sentence.
    formerly : tuple of str
        Former names that the API no longer accepts.
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
    """A response header: its name, the documented value, whether clients rely on it, and its meaning."""

    name: str
    sample: str
    relied_on: bool
    help: str


@dataclass(frozen=True, slots=True)
class DocumentedResponse:
    """A documented response of an endpoint.

    Attributes
    ----------
    endpoint : str
        ``"sessions"``, ``"events"``, ...
    status : int
        The HTTP status.
    reason : str
        The reason phrase, such as ``Created``.
    outcome : str
        ``"accepted"``, ``"refused"`` or ``"failed"``.
    headers : tuple of Header
        The documented headers, in their order.
    source : str
        The documentation of the response.
    short : str
        The meaning in two or three words, for a table.
    meaning : str
        The meaning in a sentence.
    next_step : str
        What the client should do.
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
    """A wrong key that is common, the correct key (None if the API has no such key), and an explanation."""

    key: str
    meant: str | None
    source: str
    why: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of validation.

    Attributes
    ----------
    id : str
        The name: ``"ts-seconds"``.
    level : {"error", "warning", "hint"}
        ``"error"``: the API rejects the body. ``"hint"``: the body is valid, but probably not what was meant.
    source : str
        The documentation of the rule.
    help : str
        The rule in a sentence; empty if its messages say it.
    lenient : bool
        Whether a lenient sandbox accepts violations of the rule.
    effect : str
        The effect of a violation on reports, for a hint.
    messages : Mapping
        The texts of the messages by variant.
    """

    id: str
    level: Level
    source: str = field(compare=False)
    help: str = field(default="", compare=False)
    lenient: bool = False
    effect: str = field(default="", compare=False)
    messages: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)

    def message(self, variant: str = "default", /, **values: object) -> Message:
        """Return the message of a violation.

        Examples
        --------
        >>> rule = Rule("type", "error", "", messages={"default": "{value} is not a number."})
        >>> str(rule.message(value="x"))
        'x is not a number.'
        """
        return Message(self.messages[variant], values)


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A question on which the sources disagree, and the interpretation of mctoolkit.

    Attributes
    ----------
    id : str
        ``"C-1"`` and so on.
    response : int
        The status of the sandbox's response to the case in question.
    level : str or None
        The level in validation and audit: ``"error"``, ``"warning"``, ``"hint"``; None if nothing is reported.
    sources : tuple of str
        The sources, with what each one says.
    question, reading, why : str
        The question, the interpretation of mctoolkit, and its reason.
    """

    id: str
    response: int
    level: str | None
    sources: tuple[str, ...]
    question: str
    reading: str
    why: str
