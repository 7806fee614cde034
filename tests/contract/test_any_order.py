"""Random events at random times: the sandbox responds as a small model predicts."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from mctoolkit import Sandbox
from mctoolkit._core.clocks import ManualClock
from mctoolkit.spec import catalog
from tests.contract.player import Player, event, start

TEN_MINUTES_MS, HALF_AN_HOUR_MS = 600_000, 1_800_000
KINDS = sorted(set(catalog.event_types()) - {"sessionStart"})
INVALID_BODIES = [
    b"",
    b"{",
    b"[]",
    b'{"eventType":"play"}',
    b'{"eventType":"ping","playerTime":{"playhead":0,"ts":1},"x":1}',
]


@dataclass
class Model:
    """The state of a session that a client can predict."""

    last_ms: int
    moved_ms: int
    playhead: float = 0
    ended: bool = False

    def open(self, now_ms: int) -> bool:
        return not self.ended and now_ms < self.last_ms + TEN_MINUTES_MS and now_ms < self.moved_ms + HALF_AN_HOUR_MS


class AnyOrder(RuleBasedStateMachine):
    """Start sessions, send events and advance the clock."""

    sessions = Bundle("sessions")

    @initialize()
    def start_sandbox(self) -> None:
        self.clock = ManualClock()
        self.sandbox = Sandbox(clock=self.clock)
        self.player = Player(self.sandbox)
        self.models: dict[str, Model] = {}
        self.requests = 0

    def teardown(self) -> None:
        if hasattr(self, "player"):
            self.player.close()
            self.sandbox.stop()

    @rule(target=sessions, playhead=st.sampled_from([0, 5, 86399]))
    def start_session(self, playhead: float) -> str:
        session_id = self.player.start_session(start() | {"playerTime": {"playhead": playhead, "ts": 1}}).session_id
        assert session_id not in self.models
        now_ms = self.clock.now_ms()
        self.models[session_id] = Model(now_ms, now_ms, playhead)
        self.requests += 1
        return session_id

    @rule(session_id=sessions, kind=st.sampled_from(KINDS), playhead=st.sampled_from([0, 0, 0, 5, 7.5]))
    def send(self, session_id: str, kind: str, playhead: float) -> None:
        model, now_ms = self.models[session_id], self.clock.now_ms()
        status = self.player.send(session_id, event(kind, playhead)).status
        self.requests += 1
        assert status == (204 if model.open(now_ms) else 410)
        if status == 204:
            model.last_ms = now_ms
            model.ended = kind == "sessionEnd"
            if playhead != model.playhead:
                model.moved_ms, model.playhead = now_ms, playhead

    @rule(session_id=sessions, body=st.sampled_from(INVALID_BODIES))
    def send_invalid_body(self, session_id: str, body: bytes) -> None:
        expected = 400 if self.models[session_id].open(self.clock.now_ms()) else 410
        assert self.player.send(session_id, body).status == expected
        self.requests += 1

    @rule(session_id=sessions)
    def send_a_second_start(self, session_id: str) -> None:
        expected = 400 if self.models[session_id].open(self.clock.now_ms()) else 410
        assert self.player.send(session_id, start()).status == expected
        self.requests += 1

    @rule(session_id=st.text("0123456789abcdef", min_size=1, max_size=64))
    def send_to_unknown_session(self, session_id: str) -> None:
        assert self.player.send(session_id, event("ping")).status == 404
        self.requests += 1

    @rule(minutes=st.sampled_from([0.001, 1, 4, 9, 9.999, 10]))
    def wait(self, minutes: float) -> None:
        self.clock.advance(minutes=minutes)

    @invariant()
    def every_request_is_logged(self) -> None:
        if hasattr(self, "sandbox"):
            assert self.sandbox.log.total == self.requests
            assert all(entry.status != 500 for entry in self.sandbox.log.entries)

    @invariant()
    def open_sessions_are_registered(self) -> None:
        if hasattr(self, "sandbox"):
            known = self.sandbox.sessions.open
            assert {sid for sid, model in self.models.items() if model.open(self.clock.now_ms())} <= set(known)


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(
    max_examples=30, stateful_step_count=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
