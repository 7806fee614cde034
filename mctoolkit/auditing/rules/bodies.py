"""Bodies: the problems of single events, as findings of their session."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from mctoolkit._core.messages import Message
from mctoolkit._core.messages import gettext as _
from mctoolkit.auditing.session_event import SessionEvent, printable
from mctoolkit.auditing.session_report import FindingBuilder, SessionReport
from mctoolkit.models.captured_request import CapturedRequest
from mctoolkit.models.event import Event
from mctoolkit.models.problem import Problem
from mctoolkit.models.severity import Level
from mctoolkit.spec import catalog
from mctoolkit.validation import fast_path, validate

__all__ = ["check_body", "check_tracking_plan", "is_clean"]

_REPLACED: Final = frozenset({"playhead-range", "playhead-clock"})
"""Hints about a single body that the session rules replace, because a session shows more."""

_PLAUSIBLE_MS: Final = 365 * 86_400_000
"""A time stamp this close to the time of sending needs no further check."""

_ENDPOINTS: Final = frozenset({"sessions", "events", "downloaded"})

_WARNINGS: Final = frozenset({"length-milliseconds", "ts-seconds"})
"""Hints about a single body that are warnings in a session: all numbers computed from them are wrong."""

_EFFECTS: Final = {
    "event": Message("The API refuses such an event with 400: it is missing in the reports."),
    "session": Message(
        "The API refuses such a sessionStart with 400: there is no session, and all its events are lost."
    ),
    "accepted": Message(
        "The published schema does not allow this, but the API responded with {status}. "
        "Whether the value is counted is not known."
    ),
}


def is_clean(request: CapturedRequest, event: SessionEvent) -> bool:
    """Return whether a fast check already shows that the body of an event has no problems."""
    is_plausible = -_PLAUSIBLE_MS <= event.ts_ms - event.at_ms <= _PLAUSIBLE_MS and not event.has_odd_ts
    return is_plausible and fast_path.is_clean(request.value, request.raw, "events")


def check_body(report: SessionReport, request: CapturedRequest, at_ms: int) -> bool:
    """Validate the body of a request, report its problems, and return whether one is an error.

    Parameters
    ----------
    report : SessionReport
        What is reported of its session.
    request : CapturedRequest
        The request; without a body it is skipped.
    at_ms : int
        When it was sent, for the hint about a time stamp far from it.
    """
    endpoint = request.endpoint
    if not request.has_body or endpoint not in _ENDPOINTS:
        return False
    event = Event.parsed(request.raw, request.value)
    has_error = False
    for problem in validate(event, endpoint=endpoint, now_ms=at_ms).problems:  # type: ignore[arg-type]
        if problem.rule not in _REPLACED:
            has_error |= problem.level == "error"
            _flag_problem(report, request, at_ms, problem)
    return has_error


def check_tracking_plan(report: SessionReport, event: SessionEvent, problems: Iterable[Problem]) -> None:
    """Report where a body violates the company's tracking plan, as warnings."""
    for problem in problems:
        where = problem.where
        key = f"{where} {problem.source}"
        known = report.find(problem.rule, key)
        if known is not None:
            known.add(event.number)
            continue
        effect = catalog.rule(problem.rule).effect
        finding = _finding(printable(event.type), problem, "warning", effect, event.at_ms, event.response)
        report.add(finding, key, event.number)


def _flag_problem(report: SessionReport, request: CapturedRequest, at_ms: int, problem: Problem) -> None:
    if problem.place and type(problem.place[0]) is int:  # one finding for all events of a list
        problem = replace(problem, place=problem.place[1:])
    known = report.find(problem.rule, problem.where)
    if known is not None:
        known.add(request.number)
        return
    level: Level = "warning" if problem.rule in _WARNINGS else problem.level
    effect = catalog.rule(problem.rule).effect
    if level == "error":
        is_accepted = request.status is not None and request.status < 300
        kind = "accepted" if is_accepted else "event" if request.endpoint == "events" else "session"
        effect = _EFFECTS[kind].format(status=request.status)
    event_type = printable(request.event_type or _("A body without eventType"))
    report.add(_finding(event_type, problem, level, effect, at_ms, request.status), problem.where, request.number)


def _finding(
    event_type: str, problem: Problem, level: Level, effect: str, at_ms: int, response: int | None
) -> FindingBuilder:
    where = problem.where
    values = {"event": event_type, "where": where, "message": problem.text}
    message = Message("{event}, {where}: {message}", values)
    return FindingBuilder(problem.rule, level, message, effect, _ask(problem), problem.source, where, at_ms, response)


def _ask(problem: Problem) -> str:
    if problem.fix is None:
        return _("Correct {where}. Check a single event with mctoolkit validate.").format(where=problem.where)
    return _("Correct {where}: {fix}.").format(where=problem.where, fix=problem.fix.label)
