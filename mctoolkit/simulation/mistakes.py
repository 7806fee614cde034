"""Break a body as a player developer would. What the mistakes are stands in ``spec/data/mistakes.toml``."""

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

Outcome = Literal["refused", "silent"]

_BEYOND = 1e300


_OUTCOMES = {
    "refused": Message("Refused: 400, no session."),
    "silent": Message("Silent: 201, as if all were well."),
}


@dataclass(frozen=True, slots=True)
class MistakeStep:
    """One change to a body.

    Attributes
    ----------
    do : str
        What it does: a word from the head of ``spec/data/mistakes.toml``.
    at : tuple of str
        The place that it changes.
    value, to, of, by, whole
        What the words need: a value, a name, another place, a factor, whether decimals are dropped.
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
        What it does to a body, in order.
    expected : str
        ``"refused"`` (400, no session) or ``"silent"`` (201, and the numbers are wrong).
    rules : tuple of str
        The rules that a body without problems breaks afterwards, in the order of the alphabet.
    card : int or None
        Its card in the notebook of the ten commonest mistakes, where it has one.
    source : str
        Where it was seen, and what makes it a mistake.
    label : str
        What a list calls it.
    story : str
        How it comes about, in two sentences.
    reports : str
        What it does to the numbers, in words.
    """

    id: str
    steps: tuple[MistakeStep, ...]
    expected: Outcome
    rules: tuple[str, ...]
    card: int | None
    source: str
    label: str
    story: str
    reports: str

    @property
    def outcome(self) -> str:
        """What the API answers, in words."""
        return str(_OUTCOMES[self.expected])

    @property
    def place(self) -> tuple[str, ...]:
        """Where to look for it in the body: the place of the first step."""
        return self.steps[0].at

    def apply(self, event: Event) -> Event:
        """Return the event with the mistake in it.

        Parameters
        ----------
        event : Event
            Any body; it stays as it is.

        Returns
        -------
        Event
            A new event. A body that is no JSON object comes back as it is, for there is nothing in it to get wrong.

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
            written = _STEPS[step.do](body, step)
            if written is not None:
                return Event(written)
        return Event(body)


@cache
def known() -> Mapping[str, Mistake]:
    """Return every mistake by its id, in the order in which a list offers them.

    Examples
    --------
    >>> list(known())[:3]
    ['no-channel', 'number-as-text', 'misspelt-name']
    """
    blocks = loader.read("mistakes")
    return MappingProxyType({id_: _mistake(id_, block) for id_, block in blocks.items()})


def mistake(id_: str) -> Mistake:
    """Return one mistake.

    Raises
    ------
    UsageError
        There is no such mistake; the message has the nearest one.

    Examples
    --------
    >>> mistake("ts-seconds").label, mistake("ts-seconds").expected
    ('Time in seconds', 'silent')
    """
    found = known().get(id_)
    if found is None:
        raise catalog.unknown_name_error("mistake", id_, known())
    return found


def _mistake(id_: str, block: dict[str, Any]) -> Mistake:
    steps = tuple(_step(**step) for step in block["steps"])
    return Mistake(
        id_,
        steps,
        block["expected"],
        tuple(block["rules"]),
        block.get("card"),
        block["source"],
        block["label"],
        block["story"],
        block["reports"],
    )


def _step(do: str, at: list[str], of: list[str] | None = None, **others: Any) -> MistakeStep:
    return MistakeStep(do, tuple(at), of=tuple(of or ()), **others)


# --- the steps: each changes the body, or returns the text that it becomes -------------------------------------------


def _drop(body: dict[str, Any], step: MistakeStep) -> None:
    holder = _at(body, step.at[:-1])
    if isinstance(holder, dict):
        holder.pop(step.at[-1], None)


def _put(body: dict[str, Any], step: MistakeStep) -> None:
    _write(body, step.at, copy.deepcopy(step.value))


def _rename(body: dict[str, Any], step: MistakeStep) -> None:
    holder = _at(body, step.at[:-1])
    old = step.at[-1]
    if isinstance(holder, dict) and old in holder:
        renamed = {step.to if key == old else key: member for key, member in holder.items()}
        holder.clear()
        holder.update(renamed)
    else:
        _write(body, (*step.at[:-1], step.to), _usual(step.at))


def _quote(body: dict[str, Any], step: MistakeStep) -> None:
    value = _found(body, step.at)
    if not isinstance(value, str):
        _write(body, step.at, json_io.write(value).decode("utf-8"))


def _multiply(body: dict[str, Any], step: MistakeStep) -> None:
    _write(body, step.at, _tidy(round(_number(body, step.at) * step.by, 3)))


def _divide(body: dict[str, Any], step: MistakeStep) -> None:
    number = _number(body, step.at)
    _write(body, step.at, int(number // step.by) if step.whole else number / step.by)


def _null(body: dict[str, Any], step: MistakeStep) -> None:
    _write(body, step.at, None)


def _copy(body: dict[str, Any], step: MistakeStep) -> None:
    _write(body, step.at, copy.deepcopy(_found(body, step.of)))


def _comma(body: dict[str, Any], step: MistakeStep) -> str | None:
    holder = _at(body, step.at)
    if not isinstance(holder, dict) or not holder:
        holder = body
    if not holder:
        return None
    mark = _unused(body)
    holder[mark] = None
    return re.sub(rf',\s*"{mark}": null', ",", json_io.pretty(body))


def _quotes(body: dict[str, Any], step: MistakeStep) -> str:
    return repr(body)


def _twice(body: dict[str, Any], step: MistakeStep) -> str:
    _write(body, step.at, _found(body, step.at))
    mark = _unused(body)
    _write(body, (*step.at[:-1], mark), step.value)
    return json_io.pretty(body).replace(f'"{mark}":', f'"{step.at[-1]}":')


_STEPS: dict[str, Callable[[dict[str, Any], MistakeStep], str | None]] = {
    "drop": _drop,
    "put": _put,
    "rename": _rename,
    "quote": _quote,
    "multiply": _multiply,
    "divide": _divide,
    "null": _null,
    "copy": _copy,
    "comma": _comma,
    "quotes": _quotes,
    "twice": _twice,
}


def _at(body: Any, place: tuple[str, ...]) -> Any:
    for part in place:
        body = body.get(part) if isinstance(body, dict) else None
    return body


def _found(body: dict[str, Any], place: tuple[str, ...]) -> Any:
    """Return the value at a place, or the usual one where the body has none."""
    value = _at(body, place)
    return _usual(place) if value is None else value


def _usual(place: tuple[str, ...]) -> Any:
    """Return the demo value of the key at a place, or its example."""
    parameter = next(p for p in catalog.parameters().values() if p.place == place)
    return copy.deepcopy(parameter.example if parameter.demo is None else parameter.demo)


def _number(body: dict[str, Any], place: tuple[str, ...]) -> int | float:
    """Return the number at a place; the usual one where there is none, or one beyond all measure."""
    value = _found(body, place)
    if isinstance(value, bool) or not isinstance(value, int | float) or not -_BEYOND < value < _BEYOND:
        value = _usual(place)
    number: int | float = value
    return number


def _write(body: dict[str, Any], place: tuple[str, ...], value: Any) -> None:
    holder = body
    for part in place[:-1]:
        if not isinstance(holder.get(part), dict):
            holder[part] = {}
        holder = holder[part]
    holder[place[-1]] = value


def _tidy(number: int | float) -> int | float:
    return int(number) if isinstance(number, float) and number.is_integer() else number


def _unused(body: dict[str, Any]) -> str:
    """Return a key that stands nowhere in a body."""
    text, mark = json_io.pretty(body), "mark"
    while mark in text:
        mark += "_"
    return mark
