"""Rules about responses: refusals, and what the player does after them."""

from __future__ import annotations

from typing import Final

from mctoolkit.auditing.active_session import ActiveSession
from mctoolkit.auditing.session_event import printable
from mctoolkit.auditing.session_report import SessionReport
from mctoolkit.models import masking
from mctoolkit.models.captured_request import CapturedRequest

__all__ = ["check_event", "check_session", "check_start"]

_GONE: Final = (404, 410)
_TIMEOUT_MS: Final = 10_000
"""The longest time that players wait for a response; Adobe's SDKs wait 5 s."""

_MIN_FAILURES: Final = 4
"""From this many server errors in a session, and in half of its events, they are not occasional."""


def check_start(report: SessionReport, request: CapturedRequest, *, is_explained: bool) -> bool:
    """Check the response to a sessionStart, and return whether there may be a session.

    Parameters
    ----------
    report : SessionReport
        What is reported of the session.
    request : CapturedRequest
        The sessionStart.
    is_explained : bool
        Whether another finding explains a refusal, such as an error in the body.
    """
    status = request.status
    if status is None:
        if request.without_response:
            report.flag("start-unanswered", request.number, request.when_ms)
        return True
    if status >= 500:
        report.flag("server-error", request.number, request.when_ms, status, status=status)
    elif status >= 300 and not is_explained:
        report.flag("start-refused", request.number, request.when_ms, status, status=status)
    elif status == 201 and request.session_id is None and request.response_headers and type(request.value) is not list:
        report.flag("no-location", request.number, request.when_ms, status)
    return status < 300


def check_event(session: ActiveSession, request: CapturedRequest, at_ms: int, *, is_explained: bool) -> None:
    """Check the response to an event, and whether the event was sent after a refusal."""
    gone, report, status = session.gone, session.report, request.status
    ignores_refusal = gone is not None and at_ms > gone[1] and request.event_type != "sessionEnd"
    if gone is not None and ignores_refusal and session.machine.closing(at_ms) is None:  # otherwise that is flagged
        report.flag(f"ignored-{gone[0]}", request.number, at_ms, status)
    if request.without_response:
        report.flag("unanswered", request.number, at_ms, event=printable(request.event_type or ""))
    if status is None or status < 300:
        return
    if status in _GONE:
        if gone is None:
            session.gone = (status, at_ms + round(request.elapsed_ms or 0))
    elif status >= 500:
        report.flag("server-error", request.number, at_ms, status, status=status)
    elif not is_explained:
        body = printable(masking.mask_text(request.response_body).strip().replace("\n", " "))
        variant = "default" if body else "silent"
        report.flag("refused", request.number, at_ms, status, variant=variant, status=status, said=body)


def check_session(report: SessionReport, clock_ms: int) -> None:
    """Check the responses of a session as a whole.

    A response that is missing is not reported if the capture ended before it could arrive.
    """
    for rule in ("start-unanswered", "unanswered"):
        finding = report.find(rule)
        if finding is not None and finding.at_ms is not None and clock_ms - finding.at_ms < _TIMEOUT_MS:
            report.withdraw(rule)
    failed, events = report.find("server-error"), report.events - report.has_start
    if failed is not None and failed.count >= _MIN_FAILURES and failed.count * 2 >= events:
        report.flag_entries_of(failed, "events-lost", failed=failed.count, events=events, status=failed.response)
