"""Draft: an event being written, with fields left open, text that is no number yet, and undo. No widget needed."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from mctoolkit._core import clocks, input_parsing, json_io
from mctoolkit._core.errors import InputError, UsageError
from mctoolkit._core.json_io import NotJson, Place
from mctoolkit._core.messages import gettext as _
from mctoolkit._core.text import shorten
from mctoolkit.models import masking
from mctoolkit.models.event import Event
from mctoolkit.models.problem import Fix, PatchOperation, Verdict
from mctoolkit.spec import catalog
from mctoolkit.spec.catalog import Parameter

__all__ = ["Draft", "place_of"]

_UNDO_STEPS = 200
_LONGEST_IN_LABEL = 24
_CLOSE_BY = 3
"""Typing so few letters away from the last is going on typing: of letters that are alike, no one tells which is new."""
_CONTAINERS = {"eventType", "playerTime", "params", "customMetadata", "qoeData"}
_OPTIONAL_MEMBERS = ("customMetadata", "qoeData")
_JSON: Place = ("the whole body",)
"""Stands for the JSON text where undo asks which field is being typed in."""


def place_of(key: str) -> Place:
    """Return the place at which a key stands in a body.

    A key of the catalog has its own place. ``customMetadata.<name>`` and ``qoeData.<name>`` name an entry of that
    member; any other key is taken for one of ``params``, where the checker will have its say.

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


@dataclass(frozen=True, slots=True)
class _State:
    """All that undo brings back."""

    body: dict[str, Any]
    typed: dict[Place, str]
    json_text: str | None


class Draft:
    """An event being written.

    A field that nobody filled, or that was cleared, is absent from the event: unset is not zero. What is typed into
    a field is kept to the letter beside the value that it is read as.

    Parameters
    ----------
    event : str
        The event type.
    demo : bool
        Begin with demo values that make a valid event, or with nothing.
    now_ms : int, optional
        The time stamp to begin with, in milliseconds since 1970; now by default. Unused without ``demo``.

    Attributes
    ----------
    fields : tuple of Parameter
        The keys that this event type may carry and a person fills in, in the order of a form.

    Raises
    ------
    UsageError
        There is no such event type.

    Examples
    --------
    >>> draft = Draft(demo=False)
    >>> draft.enter("media.length", "60,39")
    >>> draft.event.params
    {'media.length': 60.39}
    >>> draft.clear("media.length")
    >>> draft.event.value
    {'eventType': 'sessionStart'}
    """

    def __init__(self, event: str = "sessionStart", *, demo: bool = True, now_ms: int | None = None) -> None:
        self.event_type = catalog.event_type(event)
        self.fields = tuple(p for p in catalog.parameters_of(event) if p.key not in _CONTAINERS)
        self._body: dict[str, Any] = {"eventType": event}
        self._typed: dict[Place, str] = {}
        self._json_text: str | None = None
        self._past: list[_State] = []
        self._future: list[_State] = []
        self._json_at = 0
        self._last_typed: Place | None = None
        if demo:
            for field in self.fields:
                if field.demo is not None:
                    self._put(field.place, field.demo)
            self._put(("playerTime", "ts"), clocks.default_clock().now_ms() if now_ms is None else now_ms)

    @property
    def event(self) -> Event:
        """The event as it stands; a new one at each call. JSON that was typed is kept to the byte."""
        return Event(copy.deepcopy(self._body) if self._json_text is None else self._json_text)

    @property
    def json_is_broken(self) -> bool:
        """Whether the JSON was edited as text and is no object now: the fields show the last one that was."""
        return self._json_text is not None and not isinstance(json_io.read(_utf8(self._json_text)), dict)

    @property
    def labels(self) -> Mapping[str, Any]:
        """The entries of ``customMetadata``; empty where there are none, or where it is no object."""
        found = self._body.get("customMetadata")
        return found if isinstance(found, dict) else {}

    def get(self, key: str) -> Any:
        """Return the value of a key as it will be sent, or None where it is unset."""
        return self._at(place_of(key))

    def is_set(self, key: str) -> bool:
        """Tell whether a key is in the event, be it with an empty text or null."""
        place = place_of(key)
        holder = self._at(place[:-1]) if len(place) > 1 else self._body
        return isinstance(holder, dict) and place[-1] in holder

    def text(self, key: str) -> str:
        """Return what a field shows: the text that was typed, or the value in words; empty where it is unset.

        A text where a number belongs shows in quotes, as it stands in JSON.
        """
        place = place_of(key)
        if place in self._typed:
            return self._typed[place]
        if not self.is_set(key):
            return ""
        value = self._at(place)
        known = catalog.parameters().get(key)
        if isinstance(value, str) and (known is None or known.type == "string" or typed_as(value, known) == value):
            return value
        return json_io.shown(value)

    def reading(self, key: str) -> input_parsing.ParsedNumber | None:
        """Return how a typed text was read as a number, where it reads as something else than it looks like."""
        place = place_of(key)
        text = self._typed.get(place)
        known = catalog.parameters().get(key)
        if text is None or known is None or known.type not in ("number", "integer"):
            return None
        read = input_parsing.parse_number(text)
        if read is None or (read.other is None and text.strip() == json_io.write(read.value).decode()):
            return None
        return read

    def set(self, key: str, value: Any) -> None:
        """Put a JSON value at a key, whatever its type: also a wrong one.

        Raises
        ------
        UsageError
            The key is no text.
        """
        place = self._place(key)
        self._remember(None)
        self._json_text = None
        self._typed.pop(place, None)
        self._put(place, value)

    def enter(self, key: str, text: str) -> None:
        """Take a text as it was typed into the field of a key; an empty one clears it.

        A number field reads ``60,39`` and ``60.39`` alike. What cannot be read as the type of the field is kept and
        sent as text, so that nothing that was typed is lost and the checker can say what is wrong with it.
        """
        place = self._place(key)
        self._text(text)
        known = catalog.parameters().get(key)
        self._remember(place)
        self._json_text = None
        if text == "":
            self._typed.pop(place, None)
            self._drop(place)
            return
        self._typed[place] = text
        self._put(place, text if known is None else typed_as(text, known))

    def clear(self, key: str) -> None:
        """Take a key out of the event."""
        place = self._place(key)
        self._remember(None)
        self._json_text = None
        self._typed.pop(place, None)
        self._drop(place)

    def enter_json(self, text: str) -> None:
        """Take the whole body as JSON text that somebody types; the fields follow where it is an object.

        Text that is no object is kept and would be sent as it is, so that nothing is lost; the fields then stay as
        they were, and a change in one of them goes on from there.

        Examples
        --------
        >>> draft = Draft(demo=False)
        >>> draft.enter_json('{"params": {"media.id": "x"}}')
        >>> draft.get("media.id")
        'x'
        >>> draft.enter_json('{"params": ')
        >>> draft.json_is_broken, draft.get("media.id")
        (True, 'x')
        """
        self._text(text)
        before = self._text_now()
        differ = (at for at, (old, new) in enumerate(zip(before, text, strict=False)) if old != new)
        at = next(differ, min(len(before), len(text)))
        goes_on = abs(len(text) - len(before)) <= 1 and abs(at - self._json_at) <= _CLOSE_BY
        self._json_at = at
        if not goes_on:  # a paste, or typing somewhere else
            self._last_typed = None
        self._remember(_JSON)
        self._json_text = text
        value = json_io.read(_utf8(text))
        if isinstance(value, dict):
            self._body, self._typed = value, {}

    def apply(self, fix: Fix) -> None:
        """Apply a fix; what was typed elsewhere stays as it was typed."""
        self._remember(None)
        self._json_text = None
        before = self._body
        self._body = fix.apply(before)
        for step in fix.steps:
            if step.do == "put" and _look(before, step.place) is None and _look(self._body, step.place) is not None:
                self._drop(step.place)
                self._put(step.place, copy.deepcopy(step.value))  # where the catalog wants it, and not at the end
        for place in list(self._typed):
            if _look(self._body, place) != _look(before, place):
                del self._typed[place]

    def offer_back(self, verdict: Verdict) -> Verdict:
        """Return a verdict on the event with one fix more at each missing key that had a value: to put it back.

        Where a misspelled name holds the value, the fix is to rename that.

        Examples
        --------
        >>> from mctoolkit import validate
        >>> draft = Draft()
        >>> draft.clear("media.channel")
        >>> print(draft.offer_back(validate(draft.event)).problems[0].fix.label)
        Put back "demo-channel"
        """
        if all(problem.rule != "missing" for problem in verdict.problems):
            return verdict
        meant = {problem.nearest for problem in verdict.problems}
        return Verdict(
            verdict.event,
            tuple(
                replace(problem, fix=self._way_back(problem.place))
                if problem.rule == "missing" and problem.fix is None and meant.isdisjoint(problem.place)
                else problem
                for problem in verdict.problems
            ),
        )

    def load(self, event: Event) -> None:
        """Replace everything by the body of an event.

        Raises
        ------
        UsageError
            The body is not a JSON object, so that it has no fields.
        """
        value, _unused = json_io.plain(event.value)
        if isinstance(value, NotJson) or not isinstance(value, dict):
            raise UsageError(_("Only a body that is a JSON object can be taken apart into fields."))
        self._remember(None)
        self._body, self._typed, self._json_text = copy.deepcopy(value), {}, None

    @property
    def can_undo(self) -> bool:
        """Whether there is a change to take back."""
        return bool(self._past)

    def forget(self) -> None:
        """Forget the changes so far: what stands now is what undo goes back to."""
        self._past.clear()
        self._future.clear()
        self._last_typed = None

    def undo(self) -> None:
        """Take back the last change; typing in one field without a break is one change."""
        self._go_back(self._past, self._future)

    def redo(self) -> None:
        """Make the last change again that undo has taken back; nothing, where something was changed since.

        Examples
        --------
        >>> draft = Draft(demo=False)
        >>> draft.set("media.id", "x")
        >>> draft.undo()
        >>> draft.redo()
        >>> draft.get("media.id")
        'x'
        """
        self._go_back(self._future, self._past)

    def _go_back(self, steps: list[_State], others: list[_State]) -> None:
        if steps:
            others.append(self._state())
            state = steps.pop()
            self._body, self._typed, self._json_text = state.body, state.typed, state.json_text
            self._last_typed = None

    def _state(self) -> _State:
        return _State(copy.deepcopy(self._body), dict(self._typed), self._json_text)

    def _place(self, key: object) -> Place:
        if not isinstance(key, str) or not key:
            raise UsageError(_("A key is a text such as 'media.id', but this is {value}.").format(value=repr(key)))
        return place_of(key)

    def _text(self, text: object) -> None:
        if not isinstance(text, str):
            raise UsageError(
                _("Only a text can be typed, but this is {value}. For other values there is set(key, value).").format(
                    value=repr(text)
                )
            )

    def _text_now(self) -> str:
        """Return the text that stands where JSON is typed; empty where the body cannot be written as such."""
        if self._json_text is not None:
            return self._json_text
        try:
            return self.event.to_text()
        except InputError:
            return ""

    def _remember(self, typing: Place | None) -> None:
        """Keep the present state for undo, except between two key presses in the same field."""
        if typing is None or typing != self._last_typed:
            self._past.append(self._state())
            del self._past[:-_UNDO_STEPS]
        self._future.clear()
        self._last_typed = typing

    def _way_back(self, place: Place) -> Fix | None:
        """Make the fix that puts back what stood at a place before it was taken out."""
        found = (_look(state.body, place) for state in reversed(self._past))
        value = next((value for value in found if value not in (None, "")), None)
        if value is None:
            return None
        name = str(place[-1])
        shown = isinstance(value, str | int | float) and masking.mask({name: value})[name] == value
        short = shorten(value, _LONGEST_IN_LABEL) if isinstance(value, str) else value
        what = json_io.write(short).decode() if shown else name
        return Fix(_("Put back {what}").format(what=what), (PatchOperation("put", place, copy.deepcopy(value)),))

    def _at(self, place: Place) -> Any:
        return _look(self._body, place)

    def _put(self, place: Place, value: Any) -> None:
        holder = self._body
        for part in place[:-1]:
            if not isinstance(holder.get(str(part)), dict):
                _insert(holder, str(part), {}, ())
            holder = holder[str(part)]
        _insert(holder, str(place[-1]), value, place[:-1])

    def _drop(self, place: Place) -> None:
        holder = self._at(place[:-1]) if len(place) > 1 else self._body
        if not isinstance(holder, dict):
            return
        holder.pop(str(place[-1]), None)
        if not holder and len(place) == 2 and (place[0] in _OPTIONAL_MEMBERS or place[0] in ("params", "playerTime")):
            self._body.pop(str(place[0]), None)


def typed_as(text: str, known: Parameter) -> Any:
    """Read a typed text as the type of its field, or else as the JSON that it is; any other text stays text.

    Examples
    --------
    >>> typed_as("60,39", catalog.parameter("media.length"))
    60.39
    >>> typed_as('"60.39"', catalog.parameter("media.length"))
    '60.39'
    """
    if known.type == "string":
        return text
    stripped = text.strip()
    if known.type in ("number", "integer"):
        read = input_parsing.parse_number(stripped)
        if read is not None:
            return read.value
    value = json_io.read(stripped.encode("utf-8", "surrogatepass"))
    return text if isinstance(value, NotJson) else value


def _look(body: Any, place: Place) -> Any:
    for part in place:
        if not isinstance(body, Mapping) or part not in body:
            return None
        body = body[part]
    return body


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _insert(holder: dict[str, Any], name: str, value: Any, at: Place) -> None:
    """Put a member where the catalog's order wants it, and leave the others in the order in which they are."""
    if name in holder:
        holder[name] = value
        return
    order = _order(at)
    rank = order.get(name, len(order))
    later = [other for other in holder if order.get(other, len(order)) > rank]
    moved = {other: holder.pop(other) for other in later}
    holder[name] = value
    holder.update(moved)


def _order(at: Place) -> dict[str, int]:
    if not at:
        return {name: n for n, name in enumerate(catalog.MEMBERS)}
    return {str(p.place[-1]): n for n, p in enumerate(catalog.parameters().values()) if p.place[:-1] == at}
