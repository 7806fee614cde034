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


def test_headline_without_events_has_url(sandbox: Sandbox) -> None:
    monitor = Monitor(sandbox)
    assert monitor.poll() is False
    assert monitor.headline == f"No events yet. Point your player at {sandbox.url}"
    assert (list(monitor.events), list(monitor.sessions)) == ([], [])


def test_events_have_verdicts(sandbox: Sandbox, player: _Player) -> None:
    monitor = Monitor(sandbox)
    sid = player.start()
    player.send(sid, "play")
    player.send(sid, "adStart", **AD)
    bitrate: dict[str, Any] = {"media.qoe.bitrate": 5}
    player.send(sid, "bitrateChange", **bitrate)
    player.send("f" * 64, "ping")
    assert monitor.poll() is True
    assert [(event.event_type, event.status, event.verdict) for event in monitor.events] == [
        ("sessionStart", 201, "hint"), ("play", 204, "ok"), ("adStart", 204, "error"), ("bitrateChange", 400, "error"), ("ping", 404, "error"),
    ]  # fmt: skip
    assert monitor.events[2].message == "ad outside an ad break"
    assert "media.qoe.bitrate" in monitor.events[3].message
    assert [(session.events, session.problems) for session in monitor.sessions] == [(4, 2), (1, 1)]
    assert monitor.headline == "5 events in 2 sessions. 3 problems."


def test_fault_is_marked_on_purpose(sandbox: Sandbox, player: _Player) -> None:
    monitor = Monitor(sandbox)
    sandbox.faults.add("500")
    player.start()
    monitor.poll()
    assert monitor.events[0].message.endswith("(on purpose)")
    assert monitor.events[0].verdict == "error"


def test_describe_state_of_session(sandbox: Sandbox, player: _Player) -> None:
    monitor, sid = Monitor(sandbox), player.start()
    states = [monitor.describe_state(sid)]
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
        states.append(monitor.describe_state(sid))
    assert states == [
        "started, not playing yet", "playing", "buffering", "paused", "in an ad break", "in an ad", "in an ad break", "paused",
        "watched to the end", "closed by sessionEnd",
    ]  # fmt: skip
    other = player.start()
    sandbox.clock.advance(minutes=11)
    assert monitor.describe_state(other) == "closed after 10 minutes without an event"
    assert monitor.describe_state("0" * 64) == "not known here"


def test_only_newest_are_kept_and_all_counted(sandbox: Sandbox, player: _Player) -> None:
    monitor, sid = Monitor(sandbox), player.start()
    for number in range(MOST_EVENTS + 5):
        player.send(sid, "ping", number)
        if number == 100:
            monitor.poll()
    monitor.poll()
    assert (len(monitor.events), monitor.total, monitor.missed) == (MOST_EVENTS, MOST_EVENTS + 6, 0)
    assert monitor.events[-1].playhead_s == MOST_EVENTS + 4
    assert monitor.sessions[0].events == MOST_EVENTS + 6
    for _ in range(MOST_SESSIONS + 1):
        player.start()
    monitor.poll()
    assert len(monitor.sessions) == MOST_SESSIONS
    assert sid not in {session.session_id for session in monitor.sessions}


def test_evicted_requests_are_counted_as_missed(
    sandbox: Sandbox, player: _Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mctoolkit.sandbox.request_log.MAX_ENTRIES", 3)
    monitor, sid = Monitor(sandbox), player.start()
    for number in range(7):
        player.send(sid, "ping", number)
    monitor.poll()
    assert (monitor.missed, monitor.total) == (5, 3)
    assert monitor.headline.endswith("5 requests were skipped.")


def test_requests_that_are_not_events_are_skipped(sandbox: Sandbox) -> None:
    monitor = Monitor(sandbox)
    requests.get(f"{sandbox.url}/api/v1/schemas/ping", timeout=10)
    requests.get(f"{sandbox.url}/nothing", timeout=10)
    monitor.poll()
    assert (monitor.total, list(monitor.events)) == (0, [])


def test_table_and_text_show_same_events(sandbox: Sandbox, player: _Player) -> None:
    monitor = Monitor(sandbox)
    player.send(player.start(), "play", 1.5)
    monitor.poll()
    table = monitor.table
    assert table["event"].tolist() == ["sessionStart", "play"]
    assert table["playhead_s"].tolist() == [0.0, 1.5]
    lines = monitor.text_version().splitlines()
    assert lines[0] == "2 events in 1 session. No problems so far."
    assert lines[-1].startswith("  2 08:14:02 play 204 OK: ")
