"""Bodies: what is wrong with single events, as findings of their session."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from mctoolkit._core.clocks import DAY_MS
from mctoolkit._core.messages import Message
from mctoolkit._core.messages import gettext as _
from mctoolkit.auditing.session_event import SessionEvent, shown
from mctoolkit.auditing.session_report import Cause, SessionReport
from mctoolkit.models.captured_request import CapturedRequest
from mctoolkit.models.event import Event
from mctoolkit.models.problem import Problem
from mctoolkit.models.severity import Level
from mctoolkit.spec import catalog
from mctoolkit.validation import fast_path, validate

__all__ = ["is_clean", "judge", "violations"]

_OF_SESSIONS: Final = frozenset({"playhead-range", "playhead-clock"})
"""Hints about a single body of which a session knows more."""

_NEAR_MS: Final = 365 * DAY_MS
"""A time stamp so near to the time of sending is not looked at any further."""

_ENDPOINTS: Final = frozenset({"sessions", "events", "downloaded"})

_WRONG_IN_REPORTS = frozenset({"length-milliseconds", "ts-seconds"})
"""Hints of a single body that are more than that in a session: every number made of them is wrong."""


_EFFECTS = {
    "lost": Message("The API refuses such an event (400): it is missing in the reports."),
    "no_session": Message(
        "The API refuses such a sessionStart (400): there is no session, and everything after it is lost."
    ),
    "taken": Message(
        "By its published schema the API refuses this. Here it answered {status}; "
        "whether the value counts is not known."
    ),
}


def is_clean(call: CapturedRequest, step: SessionEvent) -> bool:
    """Tell at a glance that there is nothing to say about the body of an event, which is mostly so."""
    near = -_NEAR_MS <= step.ts_ms - step.at_ms <= _NEAR_MS and not step.odd
    return near and fast_path.is_clean(call.value, call.raw, "events")


def judge(record: SessionReport, call: CapturedRequest, at_ms: int) -> bool:
    """Check the body of a call, note what is wrong with it, and tell whether the API may refuse it.

    Parameters
    ----------
    record : SessionReport
        What is reported of its session.
    call : CapturedRequest
        The call; one without a body is not judged.
    at_ms : int
        When it was sent, for the hint about a time stamp far from it.
    """
    endpoint = call.endpoint
    if not call.has_body or endpoint not in _ENDPOINTS:
        return False
    event = Event.parsed(call.raw, call.value)
    refused = False
    for problem in validate(event, endpoint=endpoint, now_ms=at_ms).problems:  # type: ignore[arg-type]
        if problem.rule in _OF_SESSIONS:
            continue
        refused |= problem.level == "error"
        _note(record, call, at_ms, problem)
    return refused


def violations(record: SessionReport, step: SessionEvent, found: Iterable[Problem]) -> None:
    """Note where a body does not follow a company's own tracking plan: reports will lack what the plan promises."""
    for problem in found:
        where, source = problem.where, problem.source
        key = f"{where} {source}"
        known = record.cause(problem.rule, key)
        if known is not None:
            known.concerns(step.number)
            continue
        words = _of_event(shown(step.kind), problem)
        effect = catalog.rule(problem.rule).effect
        cause = Cause(problem.rule, "warning", words, effect, _ask(problem), source, where, step.at_ms)
        record.add(cause, key, step.number, step.response)


def _note(record: SessionReport, call: CapturedRequest, at_ms: int, problem: Problem) -> None:
    if problem.place and type(problem.place[0]) is int:  # one cause, however many events of a list have it
        problem = replace(problem, place=problem.place[1:])
    where = problem.where
    known = record.cause(problem.rule, where)
    if known is not None:
        known.concerns(call.number)
        return
    level: Level = "warning" if problem.rule in _WRONG_IN_REPORTS else "hint"
    if problem.level == "error":
        level = "error"
        taken = call.status is not None and call.status < 300
        kind = "taken" if taken else "no_session" if call.endpoint != "events" else "lost"
        effect = _EFFECTS[kind].format(status=call.status)
    else:
        effect = catalog.rule(problem.rule).effect
    event = shown(call.event_type or _("A body without eventType"))
    words = _of_event(event, problem)
    cause = Cause(problem.rule, level, words, effect, _ask(problem), problem.source, where, at_ms)
    record.add(cause, where, call.number, call.status)


def _of_event(event: str, problem: Problem) -> Message:
    return Message("{event}, {where}: {message}", {"event": event, "where": problem.where, "message": problem.text})


def _ask(problem: Problem) -> str:
    if problem.fix is None:
        return _("Mend {where} as said above; mctoolkit validate checks a single event by itself.").format(
            where=problem.where
        )
    return _("Mend {where}: {fix}.").format(where=problem.where, fix=problem.fix.label)
