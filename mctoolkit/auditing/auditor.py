"""Auditor: reads the requests of a capture one by one and audits every session in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from mctoolkit.auditing.active_session import ActiveSession
from mctoolkit.auditing.event_checks import check_event, check_start, player_of
from mctoolkit.auditing.rules import bodies, completion, hosts, paths, playhead, responses, timestamps
from mctoolkit.auditing.rules.session_starts import SessionStarts
from mctoolkit.auditing.session_event import SessionEvent
from mctoolkit.auditing.session_report import SessionReport
from mctoolkit.auditing.suppression import suppress_explained
from mctoolkit.auditing.window import MAX_EVENTS, MAX_MS
from mctoolkit.models.captured_request import CapturedRequest
from mctoolkit.models.finding import AuditedSession
from mctoolkit.models.problem import Problem
from mctoolkit.models.session import SessionState
from mctoolkit.spec.paths import is_placeholder_id

__all__ = ["Auditor", "TrackingPlanCheck"]

_SWEEP_AFTER: Final = 4096
"""Release a closed session after this many requests without one of its own."""

_GRACE_MS: Final = 15_000
"""Extends the playhead timeout: a ping that shows the playhead moving again is sent up to this much later."""

TrackingPlanCheck = Callable[[dict[str, Any], str], Iterable[Problem]]
"""Checks a body, sent by the player of a name, against a company's tracking plan."""


class Auditor:
    """Audits the sessions of a capture while reading it; it holds only open sessions in memory.

    Parameters
    ----------
    tracking_plan : callable, optional
        Checks a body against a company's tracking plan. It is called with the body and the name of the player, and
        returns the violations.

    Examples
    --------
    >>> from mctoolkit.models.captured_request import CapturedRequest
    >>> auditor = Auditor()
    >>> body = {"eventType": "sessionStart", "playerTime": {"playhead": 0, "ts": 1509045324153}, "params": {}}
    >>> auditor.feed(CapturedRequest(1, "sessions", body, session_id="7f3a", session_key="7f3a"))
    >>> [session.key for session in auditor.finish()]
    ['7f3a']
    """

    def __init__(self, tracking_plan: TrackingPlanCheck | None = None) -> None:
        self._tracking_plan = tracking_plan
        self._reports: dict[str, SessionReport] = {}
        self._active: dict[str, ActiveSession] = {}
        self._own_keys: dict[
            tuple[str, str], str
        ] = {}  # of sessions that an earlier capture has too, by capture and key
        self._clocks: dict[str, int] = {}  # the latest time, by capture
        self._latest: dict[str, SessionReport] = {}  # the session that started last, by capture
        self._with_responses: set[str] = set()  # the captures that hold responses
        self._starts = SessionStarts(self._catch_up)
        self._requests = 0
        self._next_sweep = _SWEEP_AFTER

    # --- requests ----------------------------------------------------------------------------------------------------

    def feed(self, request: CapturedRequest) -> None:
        """Read the next request of a capture.

        Parameters
        ----------
        request : CapturedRequest
            Requests come in the order of sending, as far as that is known.
        """
        self._requests += 1
        if request.status is not None:
            self._with_responses.add(request.source)
        if self._requests >= self._next_sweep:
            self._release_closed()
        if request.endpoint == "events":
            self._read_event(request)
        elif request.endpoint == "sessions" and type(request.value) is not list:
            self._read_start(request)
        elif request.endpoint == "sessions" or request.endpoint == "downloaded":
            self._read_batch(request)
        elif request.endpoint == "other" and paths.is_event(request):
            self._read_event_at_wrong_path(request)

    def finish(self) -> tuple[AuditedSession, ...]:
        """Check the sessions that are still open, and return all sessions in the order of their starts."""
        for session in list(self._active.values()):
            self._release(session)
        self._starts.flag_failed()
        for report in self._reports.values():
            suppress_explained(report)
        return tuple(report.to_session() for report in self._reports.values())

    # --- kinds of requests -------------------------------------------------------------------------------------------

    def _read_start(self, request: CapturedRequest) -> None:
        value = request.value
        event = SessionEvent(value if type(value) is dict else {}, request, request.at_ms)
        report = self._open_report(request, event.at_ms)
        has_error = bodies.check_body(report, request, event.at_ms)
        self._check_tracking_plan(report, event, player_of(event))
        self._check_host(report, request)
        if not self._is_accepted(report, request, has_error):
            return
        session = self._activate(report, request, event, event.at_ms)
        if request.at_ms is not None and request.elapsed_ms is not None:
            session.session_id_at_ms = request.at_ms + round(request.elapsed_ms)
        self._check_start(session, event)
        if type(value) is not dict:
            report.without_body += not request.has_body
            session.skip_event(event.at_ms)

    def _read_batch(self, request: CapturedRequest) -> None:
        """Read the list of events of offline playback, which is a session by itself."""
        batch = [body for body in request.value if type(body) is dict] if type(request.value) is list else []
        has_start = bool(batch) and batch[0].get("eventType") == "sessionStart"
        first = SessionEvent(batch.pop(0) if has_start else {}, request, None, request.at_ms)
        at_ms = request.at_ms if request.at_ms is not None else first.ts_ms
        report = self._open_report(request, at_ms)
        report.has_start = has_start
        report.events += len(batch)
        has_error = bodies.check_body(report, request, at_ms)
        self._check_host(report, request)
        if not self._is_accepted(report, request, has_error):
            return
        session = self._activate(report, request, first, 0)
        session.is_downloaded = True
        if has_start:
            self._check_start(session, first)
        for body in batch:
            event = SessionEvent(body, request, None, session.window.latest_ts_ms)
            self._check_tracking_plan(report, event, report.player)
            self._queue(session, event)
        self._release(session)

    def _read_event(self, request: CapturedRequest) -> None:
        key, value = request.session_key, request.value
        if self._own_keys:
            key = self._own_keys.get((request.source, key), key)
        has_no_id = request.session_id is not None and is_placeholder_id(request.session_id)
        report = self._reports.get(key)
        if report is None:
            report = self._reports[key] = SessionReport(request, key, has_start=False)
            hosts.check_host(report, request)
            if not has_no_id:
                self._latest[request.source] = report
        has_body = type(value) is dict
        event = SessionEvent(value if has_body else {}, request, request.at_ms, report.last_ms)
        at_ms = event.at_ms
        self._count(report, at_ms)
        has_error = not bodies.is_clean(request, event) and bodies.check_body(report, request, at_ms)
        if self._tracking_plan is not None and has_body:
            self._check_tracking_plan(report, event, report.player)
        if has_no_id:  # the events of many sessions may share it, so no other rule applies
            report.flag("no-session-id", request.number, at_ms, request.status, path=paths.short_path(request))
            self._skip_event(report, at_ms)
            report.without_body += not request.has_body
            return
        session = self._active.get(key)
        if session is None:
            if report.closing is not None:
                timestamps.flag_after_closing(report, event, report.closing)
                return
            if report.session_id is None:
                report.session_id = request.session_id
            session = self._activate(report, request, event, at_ms)
            session.is_complete = session.has_previous = False
        session.last_request = self._requests
        status = request.status
        if (status is not None and status >= 300) or session.gone is not None or request.without_response:
            self._catch_up(session)
            responses.check_event(session, request, at_ms, is_explained=has_error)
        if request.host != session.host:
            hosts.check_same_host(session, request)
        if request.request_headers:
            hosts.check_content_type(report, request)
        if has_body:
            self._queue(session, event)
        else:
            report.without_body += not request.has_body
            session.skip_event(at_ms)

    def _read_event_at_wrong_path(self, request: CapturedRequest) -> None:
        is_start = request.event_type == "sessionStart"
        key = f"{request.source}#{request.number}"
        report = self._reports.get(key) if is_start else self._report_of_path(request)
        if report is None:
            report = self._reports[key] = self._latest[request.source] = SessionReport(request, key, has_start=is_start)
            self._check_host(report, request)
            if is_start:
                report.why_closed = "refused"
        event = SessionEvent(request.value, request, request.at_ms, report.last_ms)
        self._count(report, event.at_ms)
        paths.flag_wrong_path(report, request, event.at_ms)
        self._skip_event(report, event.at_ms)

    def _report_of_path(self, request: CapturedRequest) -> SessionReport | None:
        """Return the session that a wrong path means: the one that it names, or the one that started last."""
        for part in paths.path_parts(request):
            report = self._reports.get(self._own_keys.get((request.source, part), part))
            if report is not None and not is_placeholder_id(part):
                return report
        return self._latest.get(request.source)

    # --- checks of a request ---------------------------------------------------------------------------------------

    def _check_start(self, session: ActiveSession, event: SessionEvent) -> None:
        check_start(session, event)
        self._starts.check(session, event)

    def _check_host(self, report: SessionReport, request: CapturedRequest) -> None:
        hosts.check_host(report, request)
        hosts.check_content_type(report, request)

    def _check_tracking_plan(self, report: SessionReport, event: SessionEvent, player: str) -> None:
        if self._tracking_plan is not None:
            bodies.check_tracking_plan(report, event, self._tracking_plan(event.body, player))

    def _is_accepted(self, report: SessionReport, request: CapturedRequest, has_error: bool) -> bool:
        """Return whether a sessionStart may have created a session."""
        is_explained = has_error or report.find("wrong-host") is not None
        if responses.check_start(report, request, is_explained=is_explained):
            self._starts.add_accepted(request)
            return True
        report.why_closed = "refused"
        if request.status is not None and request.status >= 500 and not is_explained:
            self._starts.add_failed(report, request)
        return False

    # --- sessions ----------------------------------------------------------------------------------------------------

    def _open_report(self, request: CapturedRequest, at_ms: int) -> SessionReport:
        """Return the report of a session that starts; for a known session id, the existing one."""
        key = self._own_keys.get((request.source, request.session_key), request.session_key)
        report = self._reports.get(key)
        if report is not None and report.capture != request.source:  # two captures of one session
            key = self._own_keys[request.source, request.session_key] = f"{request.source}: {request.session_key}"
            report = None
        if report is None:
            report = self._reports[key] = SessionReport(request, key, has_start=True)
        else:
            earlier = self._active.get(key)
            if earlier is not None:
                self._release(earlier)
            report.closing = None
            if report.has_start:
                report.flag("session-id-reused", request.number, at_ms, request.status)
        self._latest[request.source] = report
        self._count(report, at_ms)
        return report

    def _count(self, report: SessionReport, at_ms: int) -> None:
        report.events += 1
        if report.last_ms is None:
            report.started_ms = report.last_ms = at_ms
        elif at_ms > report.last_ms:
            report.last_ms = at_ms
        if at_ms > self._clocks.get(report.capture, 0):
            self._clocks[report.capture] = at_ms

    def _activate(
        self, report: SessionReport, request: CapturedRequest, event: SessionEvent, started_ms: int
    ) -> ActiveSession:
        machine = SessionState(started_ms, event.body if report.has_start else {}, grace_ms=_GRACE_MS)
        session = self._active[report.key] = ActiveSession(report, machine, event.at_ms, event.ts_ms)
        session.last_request = self._requests
        session.host = request.host
        session.ts_in_seconds = event.ts_in_seconds
        return session

    def _release(self, session: ActiveSession) -> None:
        """Check a session as a whole, and keep only its report."""
        self._catch_up(session)
        playhead.flag_pending_jump(session)
        report = session.report
        clock_ms = self._clocks.get(report.capture, 0)
        if report.capture in self._with_responses:
            responses.check_session(report, clock_ms)
        completion.check_session(session, clock_ms)
        report.closing = session.machine.closing(0 if session.is_downloaded else clock_ms)
        self._active.pop(report.key, None)

    def _release_closed(self) -> None:
        """Release closed sessions; rarely enough to cost little per request."""
        for session in list(self._active.values()):
            if session.last_request > self._requests - _SWEEP_AFTER:
                continue
            if session.machine.closing(self._clocks.get(session.report.capture, 0)) is not None:
                self._release(session)
        self._next_sweep = self._requests + max(_SWEEP_AFTER, len(self._active))

    # --- events in the order of their time stamps --------------------------------------------------------------------

    def _queue(self, session: ActiveSession, event: SessionEvent) -> None:
        """Insert an event into the window of its session, and check the events that leave it."""
        window = session.window
        events = window.events
        session.ts_in_seconds |= event.ts_in_seconds
        while events and event.at_ms - events[0].at_ms >= MAX_MS:
            check_event(session, events.popleft())
        if event.ts_ms < window.latest_ts_ms:
            timestamps.check_arrival(session, event)
        window.insert(event, session.ts_ms)
        if len(events) > MAX_EVENTS:
            check_event(session, events.popleft())

    def _catch_up(self, session: ActiveSession) -> None:
        """Check the events that still wait in the window of a session."""
        events = session.window.events
        while events:
            check_event(session, events.popleft())

    def _skip_event(self, report: SessionReport, at_ms: int) -> None:
        """Count an event that is not checked with the others of its session."""
        session = self._active.get(report.key)
        if session is not None:
            session.last_request = self._requests
            self._catch_up(session)
            session.skip_event(at_ms)
