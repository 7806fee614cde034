"""Draft: an event that is being edited, with incomplete fields, the text as typed, and undo."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mctoolkit._core import input_parsing, json_io
from mctoolkit._core.errors import InputError, UsageError
from mctoolkit._core.json_io import NotJson, Place
from mctoolkit._core.messages import gettext as _
from mctoolkit._core.text import shorten
from mctoolkit.models import masking
from mctoolkit.models.body_edit import get_at, parse_field, place_of, put_at, remove_at
from mctoolkit.models.edit_history import DraftState, EditHistory
from mctoolkit.models.event import Event
from mctoolkit.models.example import example
from mctoolkit.models.problem import Fix, PatchOperation, Verdict
from mctoolkit.spec import catalog

__all__ = ["Draft"]

_LONGEST_IN_LABEL = 24
_MERGE_DISTANCE = 3
"""JSON edits at most this many characters apart merge into one undo step.

More than 1, because an edit inside a run of equal characters has no exact position.
"""
_JSON_TEXT: Place = ("the whole body",)
"""The place of the JSON text field in the undo history."""
_CONTAINERS = {"eventType", "playerTime", "params", "customMetadata", "qoeData"}


class Draft:
    """An event that is being edited.

    An empty field is absent from the event. The text typed into a field is kept beside its parsed value.

    Parameters
    ----------
    event : str
        The event type.
    demo : bool
        Start with the values of :func:`mctoolkit.example`, or with the event type only.
    now_ms : int, optional
        The initial ``ts`` of the example, in milliseconds since 1970; the current time by default.

    Attributes
    ----------
    event_type : EventType
        The event type.
    fields : tuple of Parameter
        The keys of this event type that a user fills in, in the order of a form.

    Raises
    ------
    UsageError
        The API has no such event type.

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
        self._state = DraftState(example(event, now_ms=now_ms).value if demo else {"eventType": event}, {})
        self._history = EditHistory()
        self._last_json_edit = 0

    @property
    def event(self) -> Event:
        """A new Event with the current body. JSON typed as text keeps its exact bytes."""
        text = self._state.json_text
        return Event(copy.deepcopy(self._state.body) if text is None else text)

    @property
    def json_is_broken(self) -> bool:
        """Whether the JSON text is not an object. The fields then show the last object."""
        text = self._state.json_text
        return text is not None and not isinstance(json_io.read(_utf8(text)), dict)

    @property
    def labels(self) -> Mapping[str, Any]:
        """The entries of ``customMetadata``; empty when it is missing or not an object."""
        found = self._state.body.get("customMetadata")
        return found if isinstance(found, dict) else {}

    def get(self, key: str) -> Any:
        """Return the value of a key as it will be sent, or None when it is unset."""
        return get_at(self._state.body, place_of(key))

    def is_set(self, key: str) -> bool:
        """Return whether the event has a key. Empty text and null count as set."""
        place = place_of(key)
        holder = get_at(self._state.body, place[:-1])
        return isinstance(holder, dict) and place[-1] in holder

    def text(self, key: str) -> str:
        """Return the text of a field: as typed, or else the formatted value; empty when it is unset.

        Text in a field of another type is quoted, as in JSON.
        """
        place = place_of(key)
        if place in self._state.typed:
            return self._state.typed[place]
        if not self.is_set(key):
            return ""
        value = self.get(key)
        known = catalog.parameters().get(key)
        if isinstance(value, str) and (known is None or known.type == "string" or parse_field(value, known) == value):
            return value
        return json_io.to_text(value)

    def parsed_number(self, key: str) -> input_parsing.ParsedNumber | None:
        """Return the number in a field when it differs from the typed text, such as 60.39 for ``60,39``."""
        text = self._state.typed.get(place_of(key))
        known = catalog.parameters().get(key)
        if text is None or known is None or known.type not in ("number", "integer"):
            return None
        number = input_parsing.parse_number(text)
        if number is None or (number.other is None and text.strip() == json_io.write(number.value).decode()):
            return None
        return number

    def set(self, key: str, value: Any) -> None:
        """Set a key to a JSON value of any type, also an invalid one.

        Raises
        ------
        UsageError
            The key is not text, or it is empty.
        """
        place = _checked_place(key)
        self._record()
        self._state.typed.pop(place, None)
        put_at(self._state.body, place, value)

    def enter(self, key: str, text: str) -> None:
        """Set a key from the text typed into its field; empty text clears it.

        A number field accepts ``60,39`` and ``60.39``. Text that is not of the type of the field is kept as text, so
        that validation can report it.

        Raises
        ------
        UsageError
            The key is not text, or it is empty; or the value is not text.
        """
        place = _checked_place(key)
        _check_text(text)
        self._record(place)
        if text == "":
            self._state.typed.pop(place, None)
            remove_at(self._state.body, place)
            return
        known = catalog.parameters().get(key)
        self._state.typed[place] = text
        put_at(self._state.body, place, text if known is None else parse_field(text, known))

    def clear(self, key: str) -> None:
        """Remove a key from the event.

        Raises
        ------
        UsageError
            The key is not text, or it is empty.
        """
        place = _checked_place(key)
        self._record()
        self._state.typed.pop(place, None)
        remove_at(self._state.body, place)

    def enter_json(self, text: str) -> None:
        """Set the whole body from typed JSON text; the fields follow when it is an object.

        Text that is not an object is kept and sent as it is. The fields then keep their values, and the next change
        of a field replaces the text.

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
        _check_text(text)
        before = _text_of(self.event)
        position = _first_difference(before, text)
        if abs(len(text) - len(before)) > 1 or abs(position - self._last_json_edit) > _MERGE_DISTANCE:
            self._history.end_step()
        self._last_json_edit = position
        self._record(_JSON_TEXT)
        self._state.json_text = text
        value = json_io.read(_utf8(text))
        if isinstance(value, dict):
            self._state.body, self._state.typed = value, {}

    def apply(self, fix: Fix) -> None:
        """Apply a fix. The typed text of fields that it does not change is kept."""
        self._record()
        before = self._state.body
        after = self._state.body = fix.apply(before)
        for step in fix.steps:
            if step.do == "put" and get_at(before, step.place) is None and get_at(after, step.place) is not None:
                remove_at(after, step.place)  # a new key is appended by the fix: insert it in catalog order instead
                put_at(after, step.place, copy.deepcopy(step.value))
        for place in list(self._state.typed):
            if get_at(after, place) != get_at(before, place):
                del self._state.typed[place]

    def with_restore_fixes(self, verdict: Verdict) -> Verdict:
        """Return a verdict with a fix for each missing key that had a value: restore that value.

        A missing key whose value is under a misspelled name keeps the fix that renames it.

        Examples
        --------
        >>> from mctoolkit import validate
        >>> draft = Draft()
        >>> draft.clear("media.channel")
        >>> print(draft.with_restore_fixes(validate(draft.event)).problems[0].fix.label)
        Restore "demo-channel"
        """
        if all(problem.rule != "missing" for problem in verdict.problems):
            return verdict
        misspelled = {problem.nearest for problem in verdict.problems}
        problems = tuple(
            replace(problem, fix=_restore_fix(problem.place, self._history))
            if problem.rule == "missing" and problem.fix is None and misspelled.isdisjoint(problem.place)
            else problem
            for problem in verdict.problems
        )
        return Verdict(verdict.event, problems)

    def load(self, event: Event) -> None:
        """Replace the whole draft with the body of an event.

        Raises
        ------
        UsageError
            The body is not a JSON object.
        """
        value, _unused = json_io.to_json_value(event.value)
        if isinstance(value, NotJson) or not isinstance(value, dict):
            raise UsageError(_("Cannot load this body into fields: it is not a JSON object."))
        self._record()
        self._state = DraftState(copy.deepcopy(value), {})

    @property
    def can_undo(self) -> bool:
        """Whether there is a change to undo."""
        return self._history.can_undo

    def clear_history(self) -> None:
        """Make the current state the first one, so that nothing can be undone or redone."""
        self._history.clear()

    def undo(self) -> None:
        """Undo the last change. Consecutive edits of one field are one change."""
        self._state = self._history.undo(self._state)

    def redo(self) -> None:
        """Redo the last change that was undone, unless another change followed.

        Examples
        --------
        >>> draft = Draft(demo=False)
        >>> draft.set("media.id", "x")
        >>> draft.undo()
        >>> draft.redo()
        >>> draft.get("media.id")
        'x'
        """
        self._state = self._history.redo(self._state)

    def _record(self, field: Place | None = None) -> None:
        """Store the state for undo before a change. The change replaces JSON typed as text."""
        self._history.record(self._state, field)
        self._state.json_text = None


def _checked_place(key: object) -> Place:
    if not isinstance(key, str) or not key:
        raise UsageError(_("A key is text such as 'media.id', not {value}.").format(value=repr(key)))
    return place_of(key)


def _check_text(text: object) -> None:
    if not isinstance(text, str):
        raise UsageError(
            _("Only text can be entered, not {value}. Use set(key, value) for other values.").format(value=repr(text))
        )


def _text_of(event: Event) -> str:
    """Return the body as text; empty when it cannot be written as JSON."""
    if event.raw is not None:
        return event.raw.decode("utf-8", "surrogatepass")
    try:
        return event.to_text()
    except InputError:
        return ""


def _first_difference(before: str, after: str) -> int:
    """Return the position of the first character in which two texts differ."""
    differences = (at for at, (old, new) in enumerate(zip(before, after, strict=False)) if old != new)
    return next(differences, min(len(before), len(after)))


def _restore_fix(place: Place, history: EditHistory) -> Fix | None:
    """Return the fix that restores the last value of a place, or None when it had no value."""
    values = (get_at(body, place) for body in history.past_bodies())
    value = next((value for value in values if value not in (None, "")), None)
    if value is None:
        return None
    name = str(place[-1])
    is_short = isinstance(value, str | int | float)
    if is_short and masking.mask({name: value})[name] == value:
        label = json_io.write(shorten(value, _LONGEST_IN_LABEL) if isinstance(value, str) else value).decode()
    else:
        label = name
    return Fix(_("Restore {value}").format(value=label), (PatchOperation("put", place, copy.deepcopy(value)),))


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
