"""Auditor: takes the calls of a capture as they come, and judges every session in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from mctoolkit._core.clocks import DAY_MS
from mctoolkit.auditing.active_session import ActiveSession
from mctoolkit.auditing.rules import (
    ads,
    bodies,
    chapters,
    completion,
    event_order,
    hosts,
    paths,
    pings,
    playhead,
    quality,
    responses,
    timestamps,
)
from mctoolkit.auditing.rules.session_starts import SessionStarts
from mctoolkit.auditing.session_event import SessionEvent, shown
from mctoolkit.auditing.session_report import SessionReport
from mctoolkit.models.captured_request import CapturedRequest
from mctoolkit.models.finding import AuditedSession
from mctoolkit.models.problem import Problem
from mctoolkit.models.session import Closing, SessionState
from mctoolkit.spec.paths import is_placeholder_id
from mctoolkit.validation.hints import LONGEST_S

__all__ = ["Auditor", "TrackingPlanCheck"]

_WINDOW: Final = 10
_WINDOW_MS: Final = 5_000
"""The back end puts as many events, or those of as long, in the order of their time stamps (EL events request)."""

_SWEEP: Final = 4096
"""A session that is over is let go of once so many calls have passed by without one of its own."""

_COMMON: Final = 7
_RANKS: Final = {
    "adComplete": 1, "adSkip": 1, "adBreakComplete": 2, "chapterComplete": 3, "chapterSkip": 3, "adBreakStart": 4,
    "adStart": 5, "sessionComplete": 8, "sessionEnd": 9,
}  # fmt: skip
"""The order of events of one moment: what ends, what begins, all else, the end."""

_PARALLEL: Final = 3
"""So many events are posted at once by Adobe's JS SDK."""

_GRACE_MS: Final = 15_000
"""A session may seem to stand still for so much longer: the first ping that shows the playhead moving comes later."""

_CLOSED: Final = ("after-close",)
_SILENT_MS: Final = pings.MOST_MS


TrackingPlanCheck = Callable[[dict[str, Any], str], Iterable[Problem]]
"""Looks at a body, sent by a player of a name, for violations of a company's own tracking plan."""


class Auditor:
    """Judges the sessions of a capture while its calls pass by; what it holds is bounded by what goes on at once.

    Parameters
    ----------
    tracking_plan : callable, optional
        A company's own rules: called with each body and the name of the player, it returns the violations.

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
        self._house_rules = tracking_plan
        self._records: dict[str, SessionReport] = {}
        self._live: dict[str, ActiveSession] = {}
        self._apart: dict[tuple[str, str], str] = {}  # of a session that an earlier capture has too: by capture and key
        self._clocks: dict[str, int] = {}  # by capture: how far it goes
        self._latest: dict[str, SessionReport] = {}  # by capture: the session that began last
        self._answered: set[str] = set()  # the captures that hold answers
        self._starts = SessionStarts(self._catch_up)
        self._calls = 0
        self._next_sweep = _SWEEP

    # --- calls -----------------------------------------------------------------------------------------------------

    def feed(self, call: CapturedRequest) -> None:
        """Take the next call of a capture.

        Parameters
        ----------
        call : CapturedRequest
            In the order of sending, as far as that is known.
        """
        self._calls += 1
        if call.status is not None and call.source not in self._answered:
            self._answered.add(call.source)
        if self._calls >= self._next_sweep:
            self._sweep()
        if call.endpoint == "events":
            self._event(call)
        elif call.endpoint == "sessions" and type(call.value) is not list:
            self._start(call)
        elif call.endpoint == "sessions" or call.endpoint == "downloaded":
            self._batch(call)
        elif call.endpoint == "other" and paths.is_event(call):
            self._astray(call)

    def finish(self) -> tuple[AuditedSession, ...]:
        """Look back on the sessions that still go on, and return all in the order in which they begin."""
        for watched in list(self._live.values()):
            self._let_go(watched)
        self._starts.settle()
        return tuple(record.judged() for record in self._records.values())

    # --- the kinds of calls ------------------------------------------------------------------------------------------

    def _start(self, call: CapturedRequest) -> None:
        value = call.value
        step = SessionEvent(value if type(value) is dict else {}, call, call.at_ms)
        record = self._record_of(call, step.at_ms)
        refused = bodies.judge(record, call, step.at_ms)
        if self._house_rules is not None:
            bodies.violations(record, step, self._house_rules(step.body, _text(step.params.get("media.playerName"))))
        self._look_at_host(record, call)
        explained = refused or record.cause("wrong-host") is not None
        if not self._opens(record, call, explained):
            return
        watched = self._watch(record, call, step, step.at_ms)
        if call.at_ms is not None and call.elapsed_ms is not None:
            watched.opened_ms = call.at_ms + round(call.elapsed_ms)
        self._begin(watched, call, step)
        if type(value) is not dict:
            record.without_body += not call.has_body
            watched.miss(step.at_ms)

    def _batch(self, call: CapturedRequest) -> None:
        """Take the list of events of a programme that was downloaded: a session by itself."""
        listed = [body for body in call.value if type(body) is dict] if type(call.value) is list else []
        begins = bool(listed) and listed[0].get("eventType") == "sessionStart"
        first = SessionEvent(listed.pop(0) if begins else {}, call, None, call.at_ms)
        record = self._record_of(call, call.at_ms if call.at_ms is not None else first.ts_ms)
        record.has_start = begins
        record.events += len(listed)
        refused = bodies.judge(record, call, call.at_ms if call.at_ms is not None else first.ts_ms)
        self._look_at_host(record, call)
        explained = refused or record.cause("wrong-host") is not None
        if not self._opens(record, call, explained):
            return
        watched = self._watch(record, call, first, 0)
        watched.downloaded = True
        if begins:
            self._begin(watched, call, first)
        for body in listed:
            one = SessionEvent(body, call, None, watched.top_ts_ms)
            if self._house_rules is not None:
                bodies.violations(record, one, self._house_rules(body, record.player))
            self._queue(watched, one)
        self._let_go(watched)

    def _event(self, call: CapturedRequest) -> None:
        key, value = call.session_key, call.value
        if self._apart:
            key = self._apart.get((call.source, key), key)
        no_id = call.session_id is not None and is_placeholder_id(call.session_id)
        record = self._records.get(key)
        if record is None:
            record = self._records[key] = SessionReport(call, key, has_start=False)
            hosts.of_start(record, call)
            if not no_id:
                self._latest[call.source] = record
        has_body = type(value) is dict
        step = SessionEvent(value if has_body else {}, call, call.at_ms, record.last_ms)
        at_ms = step.at_ms
        self._passes(record, at_ms)
        refused = not bodies.is_clean(call, step) and bodies.judge(record, call, at_ms)
        if self._house_rules is not None and has_body:
            bodies.violations(record, step, self._house_rules(step.body, record.player))
        if no_id:  # events of many viewings may have it in common: nothing else can be told of them
            record.note("no-session-id", call.number, at_ms, call.status, path=paths.shown_path(call))
            self._miss(record, at_ms)
            record.without_body += not call.has_body
            return
        watched = self._live.get(key)
        if watched is None:
            if record.closing is not None:
                _too_late(record, step, record.closing)
                return
            if record.session_id is None:
                record.session_id = call.session_id
            watched = self._watch(record, call, step, at_ms)
            watched.whole = watched.begun = False
        watched.touched = self._calls
        status = call.status
        if (status is not None and status >= 300) or watched.gone is not None or call.without_response:
            self._catch_up(watched)
            responses.of_event(watched, call, at_ms, explained=refused)
        if call.host != watched.host:
            hosts.of_event(watched, call)
        if call.request_headers:
            hosts.content_type(record, call)
        if has_body:
            self._queue(watched, step)
        else:
            if not call.has_body:
                record.without_body += 1
            watched.miss(at_ms)

    def _astray(self, call: CapturedRequest) -> None:
        """Take an event that went to an address which the API does not have: it is lost."""
        begins = call.event_type == "sessionStart"
        key = f"{call.source}#{call.number}"
        record = self._records.get(key) if begins else self._meant(call)
        if record is None:
            record = self._records[key] = self._latest[call.source] = SessionReport(call, key, has_start=begins)
            self._look_at_host(record, call)
            if begins:
                record.why_closed = "refused"
        step = SessionEvent(call.value, call, call.at_ms, record.last_ms)
        self._passes(record, step.at_ms)
        paths.astray(record, call, step.at_ms)
        self._miss(record, step.at_ms)

    def _meant(self, call: CapturedRequest) -> SessionReport | None:
        """Return the session that an address means: the one that it names, or the one that began last."""
        for part in paths.parts(call):
            record = self._records.get(self._apart.get((call.source, part), part))
            if record is not None and not is_placeholder_id(part):
                return record
        return self._latest.get(call.source)

    def _miss(self, record: SessionReport, at_ms: int) -> None:
        """Take an event that is not judged with the others of its session: nothing can be compared across it."""
        watched = self._live.get(record.key)
        if watched is not None:
            watched.touched = self._calls
            self._catch_up(watched)
            watched.miss(at_ms)

    def _opens(self, record: SessionReport, call: CapturedRequest, explained: bool) -> bool:
        """Tell whether a start may have made a session; one that an error of the server has lost is remembered."""
        if responses.of_start(record, call, explained=explained):
            self._starts.succeed(call)
            return True
        record.why_closed = "refused"
        if call.status is not None and call.status >= 500 and not explained:
            self._starts.fail(record, call)
        return False

    def _look_at_host(self, record: SessionReport, call: CapturedRequest) -> None:
        hosts.of_start(record, call)
        hosts.content_type(record, call)

    # --- sessions ------------------------------------------------------------------------------------------------

    def _record_of(self, call: CapturedRequest, at_ms: int) -> SessionReport:
        """Return the record of a session that begins; of an id that is known, the one that there is."""
        key = self._apart.get((call.source, call.session_key), call.session_key)
        record = self._records.get(key)
        if record is not None and record.capture != call.source:  # recorded twice; a session cut in two starts once
            key = self._apart[call.source, call.session_key] = f"{call.source}: {call.session_key}"
            record = None
        if record is None:
            record = self._records[key] = SessionReport(call, key, has_start=True)
        else:
            earlier = self._live.get(key)
            if earlier is not None:
                self._let_go(earlier)
            record.closing = None
            if record.has_start:
                record.note("session-id-reused", call.number, at_ms, call.status)
        self._latest[call.source] = record
        self._passes(record, at_ms)
        return record

    def _passes(self, record: SessionReport, at_ms: int) -> None:
        record.events += 1
        if record.last_ms is None:
            record.started_ms = record.last_ms = at_ms
        elif at_ms > record.last_ms:
            record.last_ms = at_ms
        if at_ms > self._clocks.get(record.capture, 0):
            self._clocks[record.capture] = at_ms

    def _watch(
        self, record: SessionReport, call: CapturedRequest, step: SessionEvent, started_ms: int
    ) -> ActiveSession:
        state = SessionState(started_ms, step.body if record.has_start else {}, grace_ms=_GRACE_MS)
        watched = self._live[record.key] = ActiveSession(record, state, step.at_ms, step.ts_ms)
        watched.touched = self._calls
        watched.host = call.host
        watched.coarse = step.coarse
        return watched

    def _begin(self, watched: ActiveSession, call: CapturedRequest, step: SessionEvent) -> None:
        """Take what a sessionStart says of its session."""
        params, record = step.params, watched.record
        record.media_id = _text(params.get("media.id"))
        record.player = _text(params.get("media.playerName"))
        kind = params.get("media.contentType")
        watched.live = type(kind) is str and kind.casefold() in ("live", "linear")
        length_s = step.number_at("media.length")
        if length_s is not None and 0 < length_s <= LONGEST_S:
            watched.length_s = length_s
            if not watched.live:
                watched.most_s = length_s + playhead.TOLERANCE_S
        watched.number = call.number
        if step.playhead_s is not None and not 0 <= step.playhead_s <= watched.most_s:
            playhead.place(watched, step, step.playhead_s)
        found = step.body.get("qoeData")
        if type(found) is dict and found:
            quality.look(watched, step, found)
        self._starts.begin(watched, call, params, step.at_ms)

    def _catch_up(self, watched: ActiveSession) -> None:
        window = watched.window
        while window:
            self._take(watched, window.popleft())

    def _let_go(self, watched: ActiveSession) -> None:
        """Look back on a session, and keep no more of it than what is reported."""
        self._catch_up(watched)
        playhead.settle(watched)
        record = watched.record
        clock_ms = self._clocks.get(record.capture, 0)
        if record.capture in self._answered:
            responses.settle(record, clock_ms)
        completion.over(watched, clock_ms)
        record.closing = watched.state.closing(0 if watched.downloaded else clock_ms)
        self._live.pop(record.key, None)

    def _sweep(self) -> None:
        """Let go of sessions that are over; seldom enough to cost little for each call."""
        for watched in list(self._live.values()):
            if watched.touched > self._calls - _SWEEP:
                continue
            if watched.state.closing(self._clocks.get(watched.record.capture, 0)) is not None:
                self._let_go(watched)
        self._next_sweep = self._calls + max(_SWEEP, len(self._live))

    # --- events, in the order of their time stamps -------------------------------------------------------------------

    def _queue(self, watched: ActiveSession, step: SessionEvent) -> None:
        """Put an event in its place among those that wait, and take those that have waited long enough."""
        window, ts_ms, at_ms = watched.window, step.ts_ms, step.at_ms
        watched.coarse |= step.coarse
        while window and at_ms - window[0].at_ms >= _WINDOW_MS:
            self._take(watched, window.popleft())
        if ts_ms < watched.top_ts_ms:
            timestamps.arrival(watched, step)
            place = len(window)
            while place and ts_ms < window[place - 1].ts_ms:
                place -= 1
            window.insert(_among_equals(watched, step, place), step)
        else:
            window.insert(
                _among_equals(watched, step, len(window)) if ts_ms == watched.top_ts_ms else len(window), step
            )
            watched.top_ts_ms, watched.top_at_ms = ts_ms, at_ms
        if len(window) > _WINDOW:
            self._take(watched, window.popleft())

    def _take(self, watched: ActiveSession, step: SessionEvent) -> None:
        state = watched.state
        kind, playhead_s, ts_ms, at_ms = step.kind, step.playhead_s, step.ts_ms, step.at_ms
        step.playback, step.in_break, step.in_ad = state.playback, state.in_break, state.in_ad
        over = state.completed
        slips = state.apply_parsed(kind, playhead_s, step.body, 0 if watched.downloaded else at_ms)
        if slips == _CLOSED:
            _too_late(watched.record, step, state.closing(at_ms))
            return
        grown_ms, passed_ms = ts_ms - watched.ts_ms, at_ms - watched.at_ms
        if watched.begun:
            step.elapsed_ms, step.longest_ms = (grown_ms, passed_ms) if grown_ms < passed_ms else (passed_ms, grown_ms)
            if (grown_ms == 0 and not watched.coarse) or grown_ms - passed_ms > 1000 or grown_ms < 0:
                timestamps.order(watched, step, grown_ms, passed_ms)
            if not over and (step.elapsed_ms > _SILENT_MS or (step.in_ad and step.elapsed_ms > pings.EACH_SECOND_MS)):
                pings.gap(watched, step)
            if ts_ms - watched.start_ms > DAY_MS:
                timestamps.length(watched, step)
        watched.begun = True
        if playhead_s is not None:
            if not 0 <= playhead_s <= watched.most_s:
                playhead.place(watched, step, playhead_s)
            playhead.move(watched, step, playhead_s)
            watched.playhead_s = playhead_s
            watched.anchored = not watched.odd_playhead
        if slips:
            event_order.slips(watched, step, slips)
        if watched.awaits_play:
            event_order.awaits_play(watched, step)
        if kind == "ping":
            watched.pings += 1
        else:
            subject = _SUBJECTS.get(kind)
            if subject is not None:
                subject(watched, step)
        found = step.body.get("qoeData")
        if found and type(found) is dict:
            quality.look(watched, step, found)
        watched.ts_ms, watched.kind, watched.number = ts_ms, kind, step.number
        if at_ms > watched.at_ms:
            watched.at_ms = at_ms


def _among_equals(watched: ActiveSession, step: SessionEvent, place: int) -> int:
    """Return where an event belongs among those with its time stamp: in the one order in which all of them make sense.

    Adobe's JS SDK gives several the same one and posts them in parallel, so their arrival says nothing.
    """
    window, begin = watched.window, place
    while begin and window[begin - 1].ts_ms == step.ts_ms:
        begin -= 1
    stands_still = place - begin > _PARALLEL or (begin == 0 and step.ts_ms == watched.ts_ms)
    if step.coarse or stands_still:  # then their arrival is all that there is
        return place
    rank = _RANKS.get(step.kind, _COMMON)
    while place > begin and _RANKS.get(window[place - 1].kind, _COMMON) > rank:
        place -= 1
    return place


def _too_late(record: SessionReport, step: SessionEvent, closing: Closing | None) -> None:
    """Note an event that came to a session that is closed."""
    rule = timestamps.after_closing(closing, step.kind) if closing is not None else None
    if rule is not None:
        record.note(rule, step.number, step.at_ms, step.response, event=shown(step.kind))


def _play(watched: ActiveSession, step: SessionEvent) -> None:
    watched.played = True
    watched.error_since = False
    watched.crept = 0


def _halt(watched: ActiveSession, step: SessionEvent) -> None:
    watched.error_since = False
    watched.crept = 0
    if step.in_ad:
        watched.ad_disturbed = True


def _error(watched: ActiveSession, step: SessionEvent) -> None:
    watched.error_since = True
    quality.error(watched, step)


_SUBJECTS: Final[dict[str, Callable[[ActiveSession, SessionEvent], None]]] = {
    "play": _play,
    "pauseStart": _halt,
    "bufferStart": _halt,
    "error": _error,
    "bitrateChange": quality.bitrate,
    "adBreakStart": ads.begin_break,
    "adStart": ads.begin,
    "adComplete": ads.end,
    "adSkip": ads.end,
    "adBreakComplete": ads.end_break,
    "chapterStart": chapters.begin,
    "sessionComplete": completion.complete,
}


def _text(found: object) -> str:
    return found if type(found) is str else ""
