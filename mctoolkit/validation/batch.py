"""Judge a list of events, as it is sent for a programme that was downloaded: one session, all of it at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from mctoolkit._core.json_io import NotJson, Place
from mctoolkit.models.event import Event
from mctoolkit.models.problem import Fix, Problem, Verdict
from mctoolkit.spec import catalog
from mctoolkit.validation.schema_errors import kind

__all__ = ["judge_list"]

_MOST_WRONG = 100
"""After so many errors the rest of a list is not looked at: it is refused as a whole, and can hold very many events."""


def judge_list(event: Event, endpoint: str, judge_one: Callable[[Event], Verdict]) -> Verdict:
    """Return the verdict on a list of events; the place of each problem begins with the index of its event, from 0.

    Parameters
    ----------
    event : Event
        What was handed over.
    endpoint : {"downloaded", "sessions"}
        On ``sessions`` a list needs ``media.downloaded``, and is deprecated.
    judge_one : callable
        Judges an event by itself, whichever endpoint takes it.
    """
    value = event.value
    if isinstance(value, NotJson):
        return judge_one(event)
    if not isinstance(value, list | tuple):
        return Verdict(event, (Problem("not-a-list", (), catalog.rule("not-a-list").message(kind=kind(value))),))
    errors: list[Problem] = [] if value else [Problem("list-start", (), catalog.rule("list-start").message("empty"))]
    tips: list[Problem] = []
    if endpoint == "sessions":
        errors += _unmarked(value)
        tips.append(Problem("list-deprecated", (), catalog.rule("list-deprecated").message()))
    for index, one in enumerate(value):
        for problem in (*_out_of_order(index, one), *_by_itself(one, judge_one)):
            (errors if problem.level == "error" else tips).append(_in_list(index, problem))
        if len(errors) >= _MOST_WRONG:
            break
    return Verdict(event, (*errors, *tips))


def _by_itself(one: object, judge_one: Callable[[Event], Verdict]) -> Sequence[Problem]:
    if isinstance(one, dict):
        return judge_one(Event(one)).problems
    return (Problem("not-an-object", (), catalog.rule("not-an-object").message(kind=kind(one))),)


def _out_of_order(index: int, one: Any) -> Iterator[Problem]:
    name = one.get("eventType") if isinstance(one, dict) else None
    if index == 0 and isinstance(name, str) and name != "sessionStart":
        yield Problem("list-start", ("eventType",), catalog.rule("list-start").message(event=name))
    elif index > 0 and name == "sessionStart":
        yield Problem("list-start", ("eventType",), catalog.rule("list-start").message("second"))


def _unmarked(value: Sequence[Any]) -> Iterator[Problem]:
    first = value[0] if value else None
    params = first.get("params") if isinstance(first, dict) else None
    if not isinstance(params, dict) or params.get("media.downloaded") is not True:
        place = (0, "params", "media.downloaded")
        yield Problem("list-downloaded", place, catalog.rule("list-downloaded").message())


def _in_list(index: int, problem: Problem) -> Problem:
    """Return a problem of one event as a problem of the list that holds it."""

    def moved(place: Place) -> Place:
        return (index, *place)

    fix = problem.fix
    if fix is not None:
        steps = [replace(step, place=moved(step.place), to=moved(step.to) if step.to else ()) for step in fix.steps]
        fix = Fix(fix.label, tuple(steps))
    return replace(problem, place=moved(problem.place), fix=fix)
