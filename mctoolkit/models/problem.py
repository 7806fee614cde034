"""Problem, Fix and Verdict: the result of the validation of an event."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from mctoolkit._core import display, json_io
from mctoolkit._core.json_io import Place
from mctoolkit._core.messages import Message
from mctoolkit._core.messages import gettext as _
from mctoolkit._core.text import shorten
from mctoolkit.models.event import Event
from mctoolkit.models.severity import LEVEL_LABELS, Level, summarize
from mctoolkit.spec import catalog

__all__ = ["Fix", "PatchOperation", "Problem", "Verdict", "where"]

_LONGEST_NAME = 80


def where(place: Place) -> str:
    """Format a place like an index into the body in Python.

    Examples
    --------
    >>> where(("params", "media.length")), where(("playerTime", "ts")), where(())
    ('params["media.length"]', 'playerTime.ts', 'the body')
    """
    if not place:
        return _("the body")
    text = f"[{place[0]}]" if isinstance(place[0], int) else shorten(place[0], _LONGEST_NAME)
    for part in place[1:]:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            name = shorten(part, _LONGEST_NAME)
            text += f".{name}" if name.isidentifier() else f'["{name}"]'
    return text


@dataclass(frozen=True, slots=True)
class PatchOperation:
    """One change to a body.

    Attributes
    ----------
    do : {"put", "drop", "move"}
        Set the value at a place, remove the place, or move it to another.
    place : tuple
        The place from the top of the body.
    value : object
        The value to put.
    to : tuple
        The new place for a move.
    """

    do: Literal["put", "drop", "move"]
    place: Place
    value: Any = None
    to: Place = ()


@dataclass(frozen=True, slots=True)
class Fix:
    """A change that fixes a problem.

    Attributes
    ----------
    label : str
        The label of its button: ``"Make it 60.39"``.
    steps : tuple of PatchOperation
        The changes, in order.
    """

    label: str
    steps: tuple[PatchOperation, ...]

    def apply(self, value: Any) -> Any:
        """Return a copy of a JSON value with the fix applied.

        A step is skipped if its place does not exist, or if the new place of a move already exists. A put creates the
        objects above its place.

        Examples
        --------
        >>> fix = Fix("Make it 60", (PatchOperation("put", ("params", "media.length"), 60),))
        >>> fix.apply({"params": {"media.length": "60"}})
        {'params': {'media.length': 60}}
        """
        fixed = copy.deepcopy(value)
        for step in self.steps:
            _apply_step(step, fixed)
        return fixed


@dataclass(frozen=True, slots=True)
class Problem:
    """One violation of a rule in an event.

    Attributes
    ----------
    rule : str
        The id of the rule in ``spec/data/rules.toml``.
    place : tuple
        The keys and indexes from the top of the body to the value.
    text : Message or str
        The message; ``message`` is its translation.
    fix : Fix or None
        The fix, if there is a single obvious one.
    nearest : str or None
        The key that the misspelled one is most similar to.
    line, column : int or None
        The position in a body that is not JSON, from 1.
    cited : str
        The row of the tracking plan that defines the rule; otherwise empty.
    """

    rule: str
    place: Place
    text: str | Message
    fix: Fix | None = None
    nearest: str | None = None
    line: int | None = None
    column: int | None = None
    cited: str = ""

    @property
    def message(self) -> str:
        """The message: the value, the rule and the next step."""
        return str(self.text)

    @property
    def level(self) -> Level:
        """The level of the rule: ``"error"`` if the API refuses the body, ``"hint"`` for a likely mistake."""
        return "error" if catalog.rule(self.rule).level == "error" else "hint"

    @property
    def where(self) -> str:
        """The place like an index into the body in Python, or line and column."""
        if self.line is not None:
            return _("line {line}, column {column}").format(line=self.line, column=self.column)
        return where(self.place)

    @property
    def short(self) -> str:
        """The key for a table cell: ``"media.channel missing"``, ``"media.length"``."""
        name = shorten(str(self.place[-1]), _LONGEST_NAME) if self.place[:1] == ("params",) else self.where
        return _("{what} missing").format(what=name) if self.rule == "missing" else name

    @property
    def source(self) -> str:
        """The documentation page of the rule, or the row of a tracking plan."""
        return self.cited or catalog.rule(self.rule).source

    def __str__(self) -> str:
        level = str(LEVEL_LABELS[self.level])
        fix = f" [{self.fix.label}]" if self.fix else ""
        line = f"{level}: {self.where}: {self.message}{fix}"
        return line.encode("utf-8", "backslashreplace").decode("utf-8")  # a lone surrogate cannot be printed


@dataclass(frozen=True, init=False)
class Verdict:
    """The result of the validation of one event.

    Attributes
    ----------
    event : Event
        The event that was validated.
    problems : tuple of Problem
        All problems, errors before hints.

    Examples
    --------
    >>> from mctoolkit import validate
    >>> verdict = validate('{"eventType": "sessionStart"')
    >>> verdict.ok, verdict.problems[0].where
    (False, 'line 1, column 29')
    """

    event: Event
    problems: tuple[Problem, ...]

    def __init__(self, event: Event, problems: tuple[Problem, ...]) -> None:
        own = self.__dict__  # twice as fast as the __init__ of a frozen dataclass, which matters for large captures
        own["event"], own["problems"] = event, problems

    @property
    def ok(self) -> bool:
        """Whether the API accepts the event: there are no errors."""
        return not self.errors

    @cached_property
    def errors(self) -> tuple[Problem, ...]:
        """The problems for which the API refuses the event."""
        return tuple(problem for problem in self.problems if problem.level == "error")

    @cached_property
    def hints(self) -> tuple[Problem, ...]:
        """The problems that the API accepts, but that are likely mistakes."""
        return tuple(problem for problem in self.problems if problem.level == "hint")

    @property
    def summary(self) -> str:
        """The number of errors and hints as text: ``"2 errors, 1 hint"``."""
        return summarize(problem.level for problem in self.problems) or _("No problems.")

    @property
    def headline(self) -> str:
        """The summary, or the message that the API accepts the event."""
        return self.summary if self.problems else _("No problems. The API will accept this event.")

    def at(self, *place: str | int) -> tuple[Problem, ...]:
        """Return the problems at one place.

        Examples
        --------
        >>> from mctoolkit import validate
        >>> [problem.rule for problem in validate({}).at("eventType")]
        ['missing']
        """
        return tuple(problem for problem in self.problems if problem.place == place)

    def fixed(self, which: Iterable[Problem] | None = None) -> Event:
        """Return the event with fixes applied.

        Parameters
        ----------
        which : iterable of Problem, optional
            The problems to fix; all errors with a fix by default. Hints are fixed only if given here.

        Returns
        -------
        Event
            A new event. A body that is not JSON is returned unchanged.
        """
        value = self.event.value
        if isinstance(value, json_io.NotJson):
            return self.event
        value, _ = json_io.to_json_value(value)
        for problem in self.errors if which is None else which:
            if problem.fix is not None:
                value = problem.fix.apply(value)
        return Event(value)

    def to_dict(self) -> dict[str, Any]:
        """Return the verdict as JSON values."""
        return {
            "ok": self.ok,
            "problems": [
                {
                    "rule": problem.rule,
                    "level": problem.level,
                    "place": list(problem.place),
                    "where": problem.where,
                    "message": problem.message,
                    "fix": problem.fix.label if problem.fix else None,
                    "nearest": problem.nearest,
                    "line": problem.line,
                    "column": problem.column,
                    "source": problem.source,
                }
                for problem in self.problems
            ],
        }

    def __str__(self) -> str:
        return "\n".join([self.headline, *(f"- {problem}" for problem in self.problems)])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return display.to_html(self)


def _apply_step(step: PatchOperation, body: Any) -> None:
    holder = _find_holder(body, step.place, create=step.do == "put")
    name = step.place[-1]
    if not isinstance(holder, dict):
        return
    if step.do == "put":
        holder[name] = step.value
    elif step.do == "drop":
        holder.pop(name, None)
    elif name in holder:
        _move(body, holder, name, step.to)


def _move(body: Any, holder: dict[str | int, Any], name: str | int, to: Place) -> None:
    destination = _find_holder(body, to, create=True)
    if not isinstance(destination, dict) or to[-1] in destination:
        return
    if destination is holder:  # a renamed key keeps its position
        renamed = {to[-1] if key == name else key: member for key, member in holder.items()}
        holder.clear()
        holder.update(renamed)
    else:
        destination[to[-1]] = holder.pop(name)


def _find_holder(body: Any, place: Place, *, create: bool) -> Any:
    """Return the object or list that has a place, or None; with ``create``, add the missing objects above it."""
    for part in place[:-1]:
        if isinstance(body, dict):
            if create:
                body.setdefault(part, {})
            body = body.get(part)
        elif isinstance(body, list) and isinstance(part, int) and part < len(body):
            body = body[part]
        else:
            return None
    return body
