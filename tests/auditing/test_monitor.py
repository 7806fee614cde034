"""Watching a sandbox: what is new, each event with its verdict, and a bounded number of rows however much comes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from mctoolkit import ManualClock, Sandbox
from mctoolkit._core.clocks import SEEDED_NOW_MS
from mctoolkit.auditing.monitor import MOST_EVENTS, MOST_SESSIONS, Monitor
from mctoolkit.simulation.presets import preset

AD: dict[str, Any] = {"media.ad.id": "1", "media.ad.length": 15, "media.ad.podPosition": 1, "media.ad.playerName": "p"}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(clock=ManualClock()) as running:
        yield running


@pytest.fixture
def player(sandbox: Sandbox) -> _Player:
    return _Player(sandbox)


class _Player:
    def __init__(self, sandbox: Sandbox) -> None:
        self.line = requests.Session()
        self.base = f"{sandbox.url}/api/v1/sessions"

    def start(self, **changes: Any) -> str:
        body = preset("minimal", SEEDED_NOW_MS).value | changes
        response = self.line.post(self.base, json=body, timeout=10)
        return response.headers.get("Location", "////none").split("/")[4]

    def send(self, sid: str, event_type: str, playhead: float = 0, **params: Any) -> int:
        body = {"eventType": event_type, "playerTime": {"playhead": playhead, "ts": SEEDED_NOW_MS}}
        return self.line.post(
            f"{self.base}/{sid}/events", json=body | ({"params": params} if params else {}), timeout=10
        ).status_code


def test_before_anything_came_it_says_where_to_send(sandbox: Sandbox) -> None:
    watching = Monitor(sandbox)
    assert watching.poll() is False
    assert watching.headline == f"Nothing was sent yet. Point your player at {sandbox.url}"
    assert (list(watching.events), list(watching.sessions)) == ([], [])


def test_each_event_has_its_verdict(sandbox: Sandbox, player: _Player) -> None:
    watching = Monitor(sandbox)
    sid = player.start()
    player.send(sid, "play")
    player.send(sid, "adStart", **AD)
    bitrate: dict[str, Any] = {"media.qoe.bitrate": 5}
    player.send(sid, "bitrateChange", **bitrate)
    player.send("f" * 64, "ping")
    assert watching.poll() is True
    assert [(event.event_type, event.status, event.verdict) for event in watching.events] == [
        ("sessionStart", 201, "hint"), ("play", 204, "ok"), ("adStart", 204, "error"), ("bitrateChange", 400, "error"), ("ping", 404, "error"),
    ]  # fmt: skip
    assert watching.events[2].message == "ad outside an ad break"
    assert "media.qoe.bitrate" in watching.events[3].message
    assert [(session.events, session.problems) for session in watching.sessions] == [(4, 2), (1, 1)]
    assert watching.headline == "5 events in 2 sessions. 3 problems."


def test_a_fault_is_said_to_be_on_purpose(sandbox: Sandbox, player: _Player) -> None:
    watching = Monitor(sandbox)
    sandbox.faults.add("500")
    player.start()
    watching.poll()
    assert watching.events[0].message.endswith("(on purpose)")
    assert watching.events[0].verdict == "error"


def test_what_a_session_does_now_is_said(sandbox: Sandbox, player: _Player) -> None:
    watching, sid = Monitor(sandbox), player.start()
    said = [watching.describe_state(sid)]
    for event_type, params in (
        ("play", {}),
        ("bufferStart", {}),
        ("pauseStart", {}),
        ("adBreakStart", {"media.ad.podIndex": 1, "media.ad.podSecond": 0}),
        ("adStart", AD),
        ("adComplete", {}),
        ("adBreakComplete", {}),
        ("sessionComplete", {}),
        ("sessionEnd", {}),
    ):
        assert player.send(sid, event_type, **params) == 204
        said.append(watching.describe_state(sid))
    assert said == [
        "started, not playing yet", "playing", "waiting for data", "paused", "in an ad break", "in an ad", "in an ad break", "paused",
        "watched to the end", "closed by sessionEnd",
    ]  # fmt: skip
    other = player.start()
    sandbox.clock.advance(minutes=11)
    assert watching.describe_state(other) == "closed after 10 minutes of silence"
    assert watching.describe_state("0" * 64) == "not known here"


def test_only_the_newest_are_told_and_all_are_counted(sandbox: Sandbox, player: _Player) -> None:
    watching, sid = Monitor(sandbox), player.start()
    for number in range(MOST_EVENTS + 5):
        player.send(sid, "ping", number)
        if number == 100:
            watching.poll()
    watching.poll()
    assert (len(watching.events), watching.total, watching.missed) == (MOST_EVENTS, MOST_EVENTS + 6, 0)
    assert watching.events[-1].playhead_s == MOST_EVENTS + 4
    assert watching.sessions[0].events == MOST_EVENTS + 6
    for _ in range(MOST_SESSIONS + 1):
        player.start()
    watching.poll()
    assert len(watching.sessions) == MOST_SESSIONS
    assert sid not in {session.session_id for session in watching.sessions}


def test_what_the_sandbox_let_go_before_a_look_is_counted_as_missed(
    sandbox: Sandbox, player: _Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mctoolkit.sandbox.request_log.MAX_ENTRIES", 3)
    watching, sid = Monitor(sandbox), player.start()
    for number in range(7):
        player.send(sid, "ping", number)
    watching.poll()
    assert (watching.missed, watching.total) == (5, 3)
    assert watching.headline.endswith("5 requests came too fast to be looked at.")


def test_calls_that_are_no_events_are_passed_over(sandbox: Sandbox) -> None:
    watching = Monitor(sandbox)
    requests.get(f"{sandbox.url}/api/v1/schemas/ping", timeout=10)
    requests.get(f"{sandbox.url}/nothing", timeout=10)
    watching.poll()
    assert (watching.total, list(watching.events)) == (0, [])


def test_the_table_and_the_text_tell_the_same(sandbox: Sandbox, player: _Player) -> None:
    watching = Monitor(sandbox)
    player.send(player.start(), "play", 1.5)
    watching.poll()
    table = watching.table
    assert table["event"].tolist() == ["sessionStart", "play"]
    assert table["playhead_s"].tolist() == [0.0, 1.5]
    lines = watching.text_version().splitlines()
    assert lines[0] == "2 events in 1 session. All in order so far."
    assert lines[-1].startswith("  2 08:14:02 play 204 OK: ")
