"""What is remembered of a session while it goes on."""

from __future__ import annotations

from collections import deque
from typing import Final

from mctoolkit.auditing.session_event import DAY_ENDS_S, SessionEvent
from mctoolkit.auditing.session_report import SessionReport
from mctoolkit.models.session import SessionState
from mctoolkit.spec import session_rules

__all__ = ["ActiveSession"]

_WANT_ALL: Final = frozenset({"order", "ads", "chapters", "closing"})
"""Subjects of which nothing can be told when bodies are missing."""


class ActiveSession:
    """A session that goes on: the machine of its state, and what the subjects keep in mind. One is small."""

    __slots__ = (
        "ad_disturbed",
        "ad_ended_ms",
        "ad_length_s",
        "ad_started_at_ms",
        "ad_started_ms",
        "ads",
        "anchored",
        "at_ms",
        "awaits_play",
        "begun",
        "break_number",
        "break_playhead_s",
        "chapters",
        "coarse",
        "completed_s",
        "crept",
        "downloaded",
        "error_since",
        "frames",
        "gaps",
        "gone",
        "host",
        "kind",
        "length_s",
        "live",
        "most_s",
        "number",
        "odd_playhead",
        "open_blamed",
        "opened_ms",
        "pings",
        "played",
        "playhead_s",
        "pods",
        "position",
        "positions",
        "ran",
        "record",
        "sped",
        "speed",
        "start_ms",
        "state",
        "still",
        "still_ms",
        "stuck",
        "time_to_start",
        "top_at_ms",
        "top_ts_ms",
        "touched",
        "ts_ms",
        "whole",
        "window",
    )

    def __init__(self, record: SessionReport, state: SessionState, at_ms: int, ts_ms: int) -> None:
        self.record = record
        self.state = state
        self.whole = record.has_start  # whether nothing is missing that a rule needs
        self.gaps = False  # whether a body is missing
        self.window: deque[SessionEvent] = deque()  # what waits, in the order of ts
        self.touched = 0
        self.host = ""
        self.length_s: float | None = None
        self.live = False
        self.most_s = DAY_ENDS_S  # how far the playhead may come
        self.downloaded = False
        self.opened_ms = 0  # when the player had its session id, as far as the capture says
        self.begun = True  # whether there is an event before the next one
        self.coarse = False  # whether its time stamps are in seconds
        # the event before
        self.kind = "sessionStart" if record.has_start else ""
        self.number = record.entry
        self.at_ms = self.top_at_ms = at_ms
        self.ts_ms = self.top_ts_ms = self.start_ms = ts_ms
        self.playhead_s: float | None = state.playhead_s
        # playhead
        self.anchored = False  # whether the next playhead can be compared with the last
        self.still_ms = 0
        self.still = 0
        self.stuck = False
        self.crept = 0
        self.sped: tuple[float, SessionEvent, float] | None = None  # a jump, or a viewer who plays faster
        self.speed: float | None = None
        self.odd_playhead = False
        self.error_since = False
        self.ran: SessionEvent | None = None  # the first event that shows that the programme ran
        self.played = False
        # ads
        self.awaits_play = False
        self.break_playhead_s: float | None = None
        self.break_number = 0
        self.open_blamed = False
        self.ads = 0
        self.position: float | None = None
        self.positions = 0
        self.ad_started_ms = self.ad_started_at_ms = 0
        self.ad_length_s: float | None = None
        self.ad_disturbed = False
        self.ad_ended_ms: int | None = None
        self.pods: dict[float, float] | None = None
        self.chapters: dict[float, tuple[float, float]] | None = None
        # the rest
        self.pings = 0
        self.completed_s: float | None = None
        self.gone: tuple[int, int] | None = None  # a response 404 or 410, and when it came
        self.frames: int | None = None
        self.time_to_start: int | None = None

    @property
    def has_odd_playhead(self) -> bool:
        """Whether the playhead is known to be wrong, so that nothing else can be held against it."""
        return self.odd_playhead or self.stuck or self.record.cause("playhead-moves-in-ad") is not None

    def miss(self, at_ms: int) -> None:
        """Take an event of which the capture lacks the body: a sign of life, after which nothing can be compared."""
        self.gaps = True
        self.whole = self.begun = self.anchored = False
        self.state.apply_parsed("", None, {}, at_ms)

    def note(
        self, step: SessionEvent, rule: str, key: str = "", variant: str = "default", place: str = "", **values: object
    ) -> None:
        """Count an event for a rule, if the rule can be told of this session."""
        fact = session_rules.rule(rule)
        if self.whole or not (fact.needs_start or (self.gaps and fact.subject in _WANT_ALL)):
            self.record.note(rule, step.number, step.at_ms, step.response, key, variant, place, **values)
