"""Mistakes that player developers make in a ``sessionStart``; see ``spec/data/mistakes.toml``."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Any, Literal

from mctoolkit._core import json_io
from mctoolkit._core.messages import Message
from mctoolkit.models.event import Event
from mctoolkit.spec import catalog, loader

__all__ = ["Mistake", "MistakeStep", "known", "mistake"]

Expected = Literal["refused", "silent"]

_MAX_NUMBER = 1e300

_EXPECTED_LABELS = {
    "refused": Message("Refused: 400, no session."),
    "silent": Message("Accepted: 201, but the reports are wrong."),
}


@dataclass(frozen=True, slots=True)
class MistakeStep:
    """One change to a body.

    Attributes
    ----------
    do : str
        The operation; ``spec/data/mistakes.toml`` lists them.
    at : tuple of str
        The place that it changes.
    value, to, of, by, whole
        What the operation needs: a value, a new name, another place, a factor, whether to drop decimals.
    """

    do: str
    at: tuple[str, ...]
    value: Any = field(default=None, compare=False)
    to: str = ""
    of: tuple[str, ...] = ()
    by: int = 1
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Mistake:
    """A mistake that player developers make.

    Attributes
    ----------
    id : str
        Its name, such as ``"no-channel"``.
    steps : tuple of MistakeStep
        The changes to a body, in order.
    expected : str
        ``"refused"`` (400, no session) or ``"silent"`` (201, and the reports are wrong).
    rules : tuple of str
        The rules that a correct body then violates, in alphabetical order.
    card : int or None
        Its number in the notebook ``02_break_it``, if it is there.
    source : str
        Where it was found, and what makes it a mistake.
    label : str
        A short name for lists.
    story : str
        How it happens, in two sentences.
    reports : str
        The effect on the reports.
    """

    id: str
    steps: tuple[MistakeStep, ...]
    expected: Expected
    rules: tuple[str, ...]
    source: str
    label: str
    story: str
    reports: str
    card: int | None = None

    @property
    def outcome(self) -> str:
        """The response of the API, in a sentence."""
        return str(_EXPECTED_LABELS[self.expected])

    @property
    def place(self) -> tuple[str, ...]:
        """The place of the mistake in the body: that of the first step."""
        return self.steps[0].at

    def apply(self, event: Event) -> Event:
        """Return the event with the mistake.

        Parameters
        ----------
        event : Event
            Any body; it is not modified.

        Returns
        -------
        Event
            A new event. If the body is not a JSON object, the same event.

        Examples
        --------
        >>> broken = mistake("length-milliseconds").apply(Event({"params": {"media.length": 60.39}}))
        >>> broken.params
        {'media.length': 60390}
        """
        body, _ = json_io.to_json_value(event.value)  # a copy
        if isinstance(body, json_io.NotJson) or not isinstance(body, dict):
            return event
        for step in self.steps:
            text = _OPERATIONS[step.do](body, step)
            if text is not None:
                return Event(text)
        return Event(body)


@cache
def known() -> Mapping[str, Mistake]:
    """Return all mistakes by id, in the order of lists.

    Examples
    --------
    >>> list(known())[:3]
    ['no-channel', 'number-as-text', 'misspelt-name']
    """
    blocks = loader.read("mistakes")
    return MappingProxyType({id_: _parse_mistake(id_, block) for id_, block in blocks.items()})


def mistake(id_: str) -> Mistake:
    """Return one mistake.

    Raises
    ------
    UsageError
        There is no such mistake. The message suggests the most similar id.

    Examples
    --------
    >>> mistake("ts-seconds").label, mistake("ts-seconds").expected
    ('Time in seconds', 'silent')
    """
    found = known().get(id_)
    if found is None:
        raise catalog.unknown_name_error("mistake", id_, known())
    return found


def _parse_mistake(id_: str, block: dict[str, Any]) -> Mistake:
    steps = tuple(_parse_step(**step) for step in block["steps"])
    return Mistake(id_, **{**block, "steps": steps, "rules": tuple(block["rules"])})


def _parse_step(do: str, at: list[str], of: list[str] | None = None, **others: Any) -> MistakeStep:
    return MistakeStep(do, tuple(at), of=tuple(of or ()), **others)


# --- operations: each changes the body, or returns the body as text if no JSON value can hold the mistake ------------


def _drop(body: dict[str, Any], step: MistakeStep) -> None:
    parent = _value_at(body, step.at[:-1])
    if isinstance(parent, dict):
        parent.pop(step.at[-1], None)


def _put(body: dict[str, Any], step: MistakeStep) -> None:
    _set_value(body, step.at, copy.deepcopy(step.value))


def _rename(body: dict[str, Any], step: MistakeStep) -> None:
    parent = _value_at(body, step.at[:-1])
    old = step.at[-1]
    if isinstance(parent, dict) and old in parent:
        renamed = {step.to if key == old else key: value for key, value in parent.items()}
        parent.clear()
        parent.update(renamed)
    else:
        _set_value(body, (*step.at[:-1], step.to), _default_value(step.at))


def _quote(body: dict[str, Any], step: MistakeStep) -> None:
    value = _value_or_default(body, step.at)
    if not isinstance(value, str):
        _set_value(body, step.at, json_io.write(value).decode("utf-8"))


def _multiply(body: dict[str, Any], step: MistakeStep) -> None:
    product = round(_number_or_default(body, step.at) * step.by, 3)
    _set_value(body, step.at, int(product) if product % 1 == 0 else product)


def _divide(body: dict[str, Any], step: MistakeStep) -> None:
    number = _number_or_default(body, step.at)
    _set_value(body, step.at, int(number // step.by) if step.whole else number / step.by)


def _null(body: dict[str, Any], step: MistakeStep) -> None:
    _set_value(body, step.at, None)


def _copy(body: dict[str, Any], step: MistakeStep) -> None:
    _set_value(body, step.at, copy.deepcopy(_value_or_default(body, step.of)))


def _add_comma(body: dict[str, Any], step: MistakeStep) -> str | None:
    parent = _value_at(body, step.at)
    if not isinstance(parent, dict) or not parent:
        parent = body
    if not parent:
        return None
    placeholder = _unused_key(body)
    parent[placeholder] = None
    return re.sub(rf',\s*"{placeholder}": null', ",", json_io.pretty(body))


def _single_quotes(body: dict[str, Any], step: MistakeStep) -> str:
    return repr(body)


def _duplicate_key(body: dict[str, Any], step: MistakeStep) -> str:
    _set_value(body, step.at, _value_or_default(body, step.at))
    placeholder = _unused_key(body)
    _set_value(body, (*step.at[:-1], placeholder), step.value)
    return json_io.pretty(body).replace(f'"{placeholder}":', f'"{step.at[-1]}":')


_OPERATIONS: dict[str, Callable[[dict[str, Any], MistakeStep], str | None]] = {
    "drop": _drop,
    "put": _put,
    "rename": _rename,
    "quote": _quote,
    "multiply": _multiply,
    "divide": _divide,
    "null": _null,
    "copy": _copy,
    "comma": _add_comma,
    "quotes": _single_quotes,
    "twice": _duplicate_key,
}


def _value_at(body: Any, place: tuple[str, ...]) -> Any:
    for part in place:
        body = body.get(part) if isinstance(body, dict) else None
    return body


def _value_or_default(body: dict[str, Any], place: tuple[str, ...]) -> Any:
    value = _value_at(body, place)
    return _default_value(place) if value is None else value


def _default_value(place: tuple[str, ...]) -> Any:
    """Return the demo value of the key at a place; its example if it has none."""
    parameter = next(p for p in catalog.parameters().values() if p.place == place)
    return copy.deepcopy(parameter.example if parameter.demo is None else parameter.demo)


def _number_or_default(body: dict[str, Any], place: tuple[str, ...]) -> int | float:
    """Return the number at a place; the default if there is none that can be computed with."""
    value = _value_or_default(body, place)
    if isinstance(value, bool) or not isinstance(value, int | float) or not -_MAX_NUMBER < value < _MAX_NUMBER:
        value = _default_value(place)
    number: int | float = value
    return number


def _set_value(body: dict[str, Any], place: tuple[str, ...], value: Any) -> None:
    parent = body
    for part in place[:-1]:
        if not isinstance(parent.get(part), dict):
            parent[part] = {}
        parent = parent[part]
    parent[place[-1]] = value


def _unused_key(body: dict[str, Any]) -> str:
    """Return a key that does not occur in the body."""
    text, key = json_io.pretty(body), "mark"
    while key in text:
        key += "_"
    return key
