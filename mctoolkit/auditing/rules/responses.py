"""Answers: refusals, and what the player made of them."""

from __future__ import annotations

from typing import Final

from mctoolkit.auditing.active_session import ActiveSession
from mctoolkit.auditing.session_event import shown
from mctoolkit.auditing.session_report import SessionReport
from mctoolkit.models import masking
from mctoolkit.models.captured_request import CapturedRequest

__all__ = ["of_event", "of_start", "settle"]

_GONE: Final = (404, 410)
_PATIENCE_MS: Final = 10_000
"""How long players wait for a response at most; Adobe's give up after 5 s."""

_FAILURES: Final = 4
"""So many errors of the server in one session, and in half of its events, happen more than now and then."""


def of_start(record: SessionReport, call: CapturedRequest, *, explained: bool) -> bool:
    """Look at the response to a sessionStart, and tell whether there may be a session.

    Parameters
    ----------
    record : SessionReport
        What is reported of the session.
    call : CapturedRequest
        The sessionStart.
    explained : bool
        Whether its body is known to be wrong, which explains a refusal.
    """
    status = call.status
    if status is None:
        if call.without_response:
            record.note("start-unanswered", call.number, call.when_ms)
        return True
    if status >= 500:
        record.note("server-error", call.number, call.when_ms, status, status=status)
    elif status >= 300 and not explained:
        record.note("start-refused", call.number, call.when_ms, status, status=status)
    elif status == 201 and call.session_id is None and call.response_headers and type(call.value) is not list:
        record.note("no-location", call.number, call.when_ms, status)
    return status < 300


def of_event(watched: ActiveSession, call: CapturedRequest, at_ms: int, *, explained: bool) -> None:
    """Look at the response to an event, and at events that come after a refusal."""
    gone, record, status = watched.gone, watched.record, call.status
    goes_on = gone is not None and at_ms > gone[1] and call.event_type != "sessionEnd"
    if gone is not None and goes_on and watched.state.closing(at_ms) is None:  # otherwise that is the finding
        record.note(f"ignored-{gone[0]}", call.number, at_ms, status)
    if call.without_response:
        record.note("unanswered", call.number, at_ms, event=shown(call.event_type or ""))
    if status is None or status < 300:
        return
    if status in _GONE:
        if gone is None:
            watched.gone = (status, at_ms + round(call.elapsed_ms or 0))
    elif status >= 500:
        record.note("server-error", call.number, at_ms, status, status=status)
    elif not explained:
        said = shown(masking.mask_text(call.response_body).strip().replace("\n", " "))
        variant = "default" if said else "silent"
        record.note("refused", call.number, at_ms, status, variant=variant, status=status, said=said)


def settle(record: SessionReport, clock_ms: int) -> None:
    """Look back on the responses of a session.

    That responses did not come is forgotten where the capture may have ended before they could; errors of the server
    that happened now and then are told from those that lost most of the viewing.
    """
    for rule in ("start-unanswered", "unanswered"):
        cause = record.cause(rule)
        if cause is not None and cause.at_ms is not None and clock_ms - cause.at_ms < _PATIENCE_MS:
            record.drop(rule)
    failed, events = record.cause("server-error"), record.events - record.has_start
    if failed is not None and failed.count >= _FAILURES and failed.count * 2 >= events:
        record.replace("server-error", "events-lost", failed=failed.count, events=events, status=failed.response)
