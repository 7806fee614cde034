"""Problem, Fix and Verdict: what is wrong with an event, and how to mend it."""

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
    """Write a place as one would index the body in Python.

    Examples
    --------
    >>> where(("params", "media.length")), where(("playerTime", "ts")), where(())
    ('params["media.length"]', 'playerTime.ts', 'the body')
    """
    if not place:
        return _("the body")
    words = f"[{place[0]}]" if isinstance(place[0], int) else shorten(place[0], _LONGEST_NAME)
    for step in place[1:]:
        if isinstance(step, int):
            words += f"[{step}]"
        else:
            name = shorten(step, _LONGEST_NAME)
            words += f".{name}" if name.isidentifier() else f'["{name}"]'
    return words


@dataclass(frozen=True, slots=True)
class PatchOperation:
    """One change to a body: put a value at a place, drop a place, or move it (``to``)."""

    do: Literal["put", "drop", "move"]
    place: Place
    value: Any = None
    to: Place = ()


@dataclass(frozen=True, slots=True)
class Fix:
    """A change that mends a problem.

    Attributes
    ----------
    label : str
        What a button says: ``"Make it 60.39"``.
    steps : tuple of PatchOperation
        The changes, in order.
    """

    label: str
    steps: tuple[PatchOperation, ...]

    def apply(self, value: Any) -> Any:
        """Return a copy of a JSON value with the change made.

        A step whose place is not there, or whose goal is taken already, leaves the value as it is; a value that is put
        brings the objects around it along.

        Examples
        --------
        >>> fix = Fix("Make it 60", (PatchOperation("put", ("params", "media.length"), 60),))
        >>> fix.apply({"params": {"media.length": "60"}})
        {'params': {'media.length': 60}}
        """
        mended = copy.deepcopy(value)
        for step in self.steps:
            _take(step, mended)
        return mended


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with an event.

    Attributes
    ----------
    rule : str
        The id of the rule in ``spec/data/rules.toml``.
    place : tuple
        The way to the value concerned from the top of the body.
    text : Message or str
        What is wrong and what the rule is; ``words`` shows it in the language in use.
    fix : Fix or None
        How to mend it, where that is clear.
    nearest : str or None
        The key that was probably meant.
    line, column : int or None
        Where in the text, counted from 1, for a body that is not JSON.
    cited : str
        Where else the rule stands: the row of a tracking plan. Mostly empty.
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
        """What is wrong and what the rule is, in plain words."""
        return str(self.text)

    @property
    def level(self) -> Level:
        """``"error"``: the API refuses the body. ``"hint"``: legal, but probably a slip. The rule decides."""
        return "error" if catalog.rule(self.rule).level == "error" else "hint"

    @property
    def where(self) -> str:
        """The place as one would index the body in Python, or line and column."""
        if self.line is not None:
            return _("line {line}, column {column}").format(line=self.line, column=self.column)
        return where(self.place)

    @property
    def short(self) -> str:
        """The key alone, in a few words for a table: ``"media.channel missing"``, ``"media.length"``."""
        name = shorten(str(self.place[-1]), _LONGEST_NAME) if self.place[:1] == ("params",) else self.where
        return _("{what} missing").format(what=name) if self.rule == "missing" else name

    @property
    def source(self) -> str:
        """The page that makes it a rule, or the row of a tracking plan."""
        return self.cited or catalog.rule(self.rule).source

    def __str__(self) -> str:
        level = str(LEVEL_LABELS[self.level])
        fix = f" [{self.fix.label}]" if self.fix else ""
        line = f"{level}: {self.where}: {self.message}{fix}"
        return line.encode("utf-8", "backslashreplace").decode("utf-8")  # half a character cannot be printed


@dataclass(frozen=True, init=False)
class Verdict:
    """Everything that is wrong with one event, errors first.

    Attributes
    ----------
    event : Event
        What was judged.
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
        own = self.__dict__  # what a frozen dataclass does by itself takes twice as long, for every event of a log
        own["event"], own["problems"] = event, problems

    @property
    def ok(self) -> bool:
        """Whether the API takes the event: no problem is an error."""
        return not self.errors

    @cached_property
    def errors(self) -> tuple[Problem, ...]:
        """What the API refuses the event for."""
        return tuple(problem for problem in self.problems if problem.level == "error")

    @cached_property
    def hints(self) -> tuple[Problem, ...]:
        """What is legal, but probably a slip."""
        return tuple(problem for problem in self.problems if problem.level == "hint")

    @property
    def summary(self) -> str:
        """The number of errors and hints as text: ``"2 errors, 1 hint"``."""
        return summarize(problem.level for problem in self.problems) or _("No problems.")

    @property
    def headline(self) -> str:
        """The summary, or that the API accepts the event."""
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

    def mended(self, which: Iterable[Problem] | None = None) -> Event:
        """Return the event with fixes applied.

        Parameters
        ----------
        which : iterable of Problem, optional
            The problems to mend; all errors that have a fix unless told otherwise. Hints are mended only when named.

        Returns
        -------
        Event
            A new event; the one that was judged stays as it was. A body that is not JSON comes back as it is.
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
        """Return the verdict as JSON values, for machines."""
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


def _take(step: PatchOperation, value: Any) -> None:
    holder = _reach(value, step.place[:-1], make=step.do == "put")
    name = step.place[-1]
    if not isinstance(holder, dict):
        return
    if step.do == "put":
        holder[name] = step.value
    elif step.do == "drop":
        holder.pop(name, None)
    elif name in holder:
        goal = value
        for part in step.to[:-1]:
            if isinstance(goal, list) and isinstance(part, int) and part < len(goal):
                goal = goal[part]
            elif isinstance(goal, dict):
                goal = goal.setdefault(part, {})
            else:
                return
        if not isinstance(goal, dict) or step.to[-1] in goal:
            return
        if goal is holder:
            renamed = {step.to[-1] if key == name else key: member for key, member in holder.items()}
            holder.clear()
            holder.update(renamed)
        else:
            goal[step.to[-1]] = holder.pop(name)


def _reach(value: Any, place: Place, *, make: bool = False) -> Any:
    for part in place:
        if isinstance(value, dict):
            if make:
                value.setdefault(part, {})
            value = value.get(part)
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            value = value[part]
        else:
            return None
    return value
