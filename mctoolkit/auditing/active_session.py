"""ActiveSession: what the rules need to know of a session while it is open."""

from __future__ import annotations

from typing import Any, Final, TypeVar

from mctoolkit.auditing.session_event import LAST_SECOND_OF_DAY, SessionEvent
from mctoolkit.auditing.session_report import FindingBuilder, SessionReport
from mctoolkit.auditing.window import EventWindow
from mctoolkit.models.session import SessionState
from mctoolkit.spec import session_rules

__all__ = ["ActiveSession"]

_NEED_ALL_BODIES: Final = frozenset({"event_order", "ads", "chapters", "completion"})
"""The rule modules whose rules cannot be applied when bodies are missing."""

RuleState = TypeVar("RuleState")


class ActiveSession:
    """An open session: its state machine, its content, its previous event, and the states of the rule modules.

    Attributes
    ----------
    report : SessionReport
        What is reported of it.
    machine : SessionState
        Its state by the events up to the previous one.
    window : EventWindow
        The events that wait to be put in order.
    is_complete, has_gaps : bool
        Whether the capture has its beginning and all bodies; whether a body is missing.
    is_downloaded, is_live : bool
        Whether it was sent as a list after offline playback; whether its content is live or linear.
    length_s : float or None
        The length of the content.
    max_playhead_s : float
        The largest valid playhead.
    session_id_at_ms : int
        When the player received the session id; 0 if the capture does not say.
    number, type, at_ms, ts_ms, playhead_s
        Of the previous event; ``at_ms`` is the latest so far.
    has_previous, can_compare_playhead : bool
        Whether the next event, and its playhead, can be compared with the previous one.
    has_played : bool
        Whether play was sent.
    awaits_play : bool
        Whether play is due because an ad break ended.
    pings : int
        The number of pings.
    gone : (int, int) or None
        The status 404 or 410 and when that response came.
    """

    __slots__ = (
        "_rule_states",
        "at_ms",
        "awaits_play",
        "can_compare_playhead",
        "gone",
        "has_gaps",
        "has_played",
        "has_previous",
        "host",
        "is_complete",
        "is_downloaded",
        "is_live",
        "last_request",
        "length_s",
        "machine",
        "max_playhead_s",
        "number",
        "pings",
        "playhead_s",
        "report",
        "session_id_at_ms",
        "started_ts_ms",
        "ts_in_seconds",
        "ts_ms",
        "type",
        "window",
    )

    def __init__(self, report: SessionReport, machine: SessionState, at_ms: int, ts_ms: int) -> None:
        self.report = report
        self.machine = machine
        self.window = EventWindow(at_ms, ts_ms)
        self.is_complete = report.has_start
        self.has_gaps = False
        self.last_request = 0
        self.host = ""
        self.length_s: float | None = None
        self.is_live = False
        self.max_playhead_s = LAST_SECOND_OF_DAY
        self.is_downloaded = False
        self.session_id_at_ms = 0
        self.ts_in_seconds = False
        self.has_previous = True
        self.type = "sessionStart" if report.has_start else ""
        self.number = report.entry
        self.at_ms = at_ms
        self.ts_ms = self.started_ts_ms = ts_ms
        self.playhead_s: float | None = machine.playhead_s
        self.can_compare_playhead = False
        self.has_played = False
        self.awaits_play = False
        self.pings = 0
        self.gone: tuple[int, int] | None = None
        self._rule_states: dict[type, Any] = {}

    def state(self, kind: type[RuleState]) -> RuleState:
        """Return the state that a rule module keeps for this session; it is created on first use."""
        found: RuleState | None = self._rule_states.get(kind)
        if found is None:
            found = self._rule_states[kind] = kind()
        return found

    def skip_event(self, at_ms: int) -> None:
        """Count an event without a known body: it keeps the session open, but nothing can be compared with it."""
        self.has_gaps = True
        self.is_complete = self.has_previous = self.can_compare_playhead = False
        self.machine.apply_parsed("", None, {}, at_ms)

    def flag(
        self,
        event: SessionEvent,
        rule: str,
        /,
        key: str = "",
        variant: str = "default",
        place: str = "",
        **values: object,
    ) -> FindingBuilder | None:
        """Report that an event violates a rule, unless the rule cannot be applied to this session."""
        known = session_rules.rule(rule)
        if self.is_complete or not (known.needs_start or (self.has_gaps and known.subject in _NEED_ALL_BODIES)):
            return self.report.flag(rule, event.number, event.at_ms, event.response, key, variant, place, **values)
        return None
