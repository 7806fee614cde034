"""Validate a list of events, which is how a session of downloaded content is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from mctoolkit._core.json_io import NotJson, Place
from mctoolkit.models.event import Event
from mctoolkit.models.problem import Fix, Problem, Verdict
from mctoolkit.spec import catalog
from mctoolkit.validation.schema_errors import kind_of

__all__ = ["validate_list"]

_MAX_ERRORS = 100
"""Stop validating a list at this many errors: the API rejects it as a whole, and it can have very many events."""


def validate_list(event: Event, endpoint: str, validate_item: Callable[[Event], Verdict]) -> Verdict:
    """Validate a list of events. The place of each problem starts with the index of its event, from 0.

    Parameters
    ----------
    event : Event
        The list.
    endpoint : {"downloaded", "sessions"}
        The endpoint; on ``sessions`` a list needs ``media.downloaded`` and is deprecated.
    validate_item : callable
        Validates a single event for any endpoint.
    """
    value = event.value
    if isinstance(value, NotJson):
        return validate_item(event)
    if not isinstance(value, list | tuple):
        return Verdict(event, (Problem("not-a-list", (), catalog.rule("not-a-list").message(kind=kind_of(value))),))
    errors: list[Problem] = [] if value else [Problem("list-start", (), catalog.rule("list-start").message("empty"))]
    hints: list[Problem] = []
    if endpoint == "sessions":
        errors += _downloaded_problems(value)
        hints.append(Problem("list-deprecated", (), catalog.rule("list-deprecated").message()))
    for index, item in enumerate(value):
        for problem in (*_order_problems(index, item), *_item_problems(item, validate_item)):
            (errors if problem.level == "error" else hints).append(_in_list(index, problem))
        if len(errors) >= _MAX_ERRORS:
            break
    return Verdict(event, (*errors, *hints))


def _item_problems(item: object, validate_item: Callable[[Event], Verdict]) -> Sequence[Problem]:
    if isinstance(item, dict):
        return validate_item(Event(item)).problems
    return (Problem("not-an-object", (), catalog.rule("not-an-object").message(kind=kind_of(item))),)


def _order_problems(index: int, item: Any) -> Iterator[Problem]:
    """Yield a problem unless the list has a sessionStart at its start and nowhere else."""
    name = item.get("eventType") if isinstance(item, dict) else None
    if index == 0 and isinstance(name, str) and name != "sessionStart":
        yield Problem("list-start", ("eventType",), catalog.rule("list-start").message(event=name))
    elif index > 0 and name == "sessionStart":
        yield Problem("list-start", ("eventType",), catalog.rule("list-start").message("second"))


def _downloaded_problems(value: Sequence[Any]) -> Iterator[Problem]:
    """Yield a problem unless the first event has ``media.downloaded: true``."""
    first = value[0] if value else None
    params = first.get("params") if isinstance(first, dict) else None
    if not isinstance(params, dict) or params.get("media.downloaded") is not True:
        place = (0, "params", "media.downloaded")
        yield Problem("list-downloaded", place, catalog.rule("list-downloaded").message())


def _in_list(index: int, problem: Problem) -> Problem:
    """Return a problem of an event, and its fix, with places in the list."""

    def in_list(place: Place) -> Place:
        return (index, *place)

    fix = problem.fix
    if fix is not None:
        steps = [replace(step, place=in_list(step.place), to=in_list(step.to) if step.to else ()) for step in fix.steps]
        fix = Fix(fix.label, tuple(steps))
    return replace(problem, place=in_list(problem.place), fix=fix)
