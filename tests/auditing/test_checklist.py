"""Checklist: each step is checked off when its events arrive, and otherwise names what is missing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from mctoolkit import InputError, ManualClock, Sandbox, UsageError
from mctoolkit._core.clocks import SEEDED_NOW_MS
from mctoolkit.auditing.checklist import Checklist, steps
from mctoolkit.simulation.presets import preset
from mctoolkit.spec import catalog

AD: dict[str, Any] = {"media.ad.id": "1", "media.ad.length": 15, "media.ad.podPosition": 1, "media.ad.playerName": "p"}
POD: dict[str, Any] = {"media.ad.podIndex": 1, "media.ad.podSecond": 90}
STATE: dict[str, Any] = {"media.state.name": "fullScreen"}


class _Player:
    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.line = requests.Session()
        self.base = f"{sandbox.url}/api/v1/sessions"
        self.sid = ""

    def start(self) -> None:
        response = self.line.post(self.base, json=preset("vod", SEEDED_NOW_MS).value, timeout=10)
        self.sid = response.headers["Location"].split("/")[4]

    def send(self, event_type: str, playhead: float, **params: Any) -> None:
        body = {"eventType": event_type, "playerTime": {"playhead": playhead, "ts": SEEDED_NOW_MS}, "params": params}
        assert self.line.post(f"{self.base}/{self.sid}/events", json=body, timeout=10).status_code == 204


@pytest.fixture
def player() -> Iterator[_Player]:
    with Sandbox(clock=ManualClock()) as sandbox:
        yield _Player(sandbox)


def _marks(checklist: Checklist) -> str:
    return " ".join(state.mark for state in checklist.states)


def _to(checklist: Checklist, id_: str) -> None:
    while checklist.current is not None and checklist.current.step.id != id_:
        checklist.next()


def test_complete_player_checks_off_every_step(player: _Player) -> None:
    checklist = Checklist(player.sandbox)
    player.start()
    script: list[tuple[str, float, dict[str, Any]]] = [
        ("play", 0, {}), ("ping", 10, {}), ("ping", 20, {}), ("pauseStart", 25, {}), ("ping", 25, {}), ("play", 25, {}),
        ("pauseStart", 30, {}), ("play", 90, {}), ("adBreakStart", 90, POD), ("adStart", 90, AD), ("ping", 90, {}),
        ("adComplete", 90, {}), ("adBreakComplete", 90, {}), ("play", 90, {}), ("bufferStart", 95, {}), ("play", 95, {}),
        ("stateStart", 96, STATE), ("stateEnd", 99, STATE), ("pauseStart", 100, {}), ("play", 128, {}), ("sessionComplete", 128, {}),
    ]  # fmt: skip
    for event_type, playhead, params in script:
        player.send(event_type, playhead, **params)
    assert checklist.poll() is True
    assert _marks(checklist) == " ".join(["done"] * 10)
    assert checklist.headline == "All steps are finished: 10 done, 0 missing, 0 skipped."
    assert checklist.states[6].message == "Received: adBreakStart, adStart, adComplete, adBreakComplete."
    assert checklist.player == preset("vod", SEEDED_NOW_MS).params["media.playerName"]


def test_message_lists_received_and_missing_events(player: _Player) -> None:
    checklist = Checklist(player.sandbox)
    assert checklist.current is not None
    assert checklist.current.message == "No events yet. Missing: sessionStart, play."
    player.start()
    checklist.poll()
    assert checklist.current.message == "Received: sessionStart. Missing: play."
    checklist.next()
    assert checklist.states[0].mark == "missing"
    assert checklist.states[0].message.startswith("Missing: play. Without sessionStart")
    assert checklist.current.step.id == "playing"


def test_events_before_step_do_not_count(player: _Player) -> None:
    checklist = Checklist(player.sandbox)
    player.start()
    for event_type in ("pauseStart", "play"):
        player.send(event_type, 0)
    checklist.poll()
    _to(checklist, "pause")
    checklist.poll()
    assert _marks(checklist).startswith("done missing current")


def test_refused_and_lost_events_do_not_count(player: _Player) -> None:
    checklist = Checklist(player.sandbox)
    player.start()
    player.sandbox.faults.add("lost")
    player.send("play", 0)
    requests.post(player.base, data=b"{}", timeout=10)
    checklist.poll()
    assert checklist.current is not None
    assert checklist.current.message == "Received: sessionStart. Missing: play."


@pytest.mark.parametrize(
    ("step", "events", "message"),
    [
        ("playing", [("ping", 5), ("ping", 5)], "the playhead stayed at 5 s"),
        ("seek", [("pauseStart", 30), ("play", 31)], "went only from 30 s to 31 s"),
        ("paused", [("pauseStart", 20), ("ping", 24)], "went from 20 s to 24 s"),
    ],
)
def test_unexpected_playhead_does_not_check_off(
    step: str, events: list[tuple[str, float]], message: str, player: _Player
) -> None:
    checklist = Checklist(player.sandbox)
    player.start()
    checklist.poll()
    _to(checklist, step)
    for event_type, playhead in events:
        player.send(event_type, playhead)
    checklist.poll()
    assert checklist.current is not None
    assert (checklist.current.step.id, message in checklist.current.message) == (step, True)


def test_second_try_counts(player: _Player) -> None:
    checklist = Checklist(player.sandbox)
    player.start()
    checklist.poll()
    _to(checklist, "seek")
    for event_type, playhead in (("pauseStart", 30), ("play", 30), ("pauseStart", 40), ("play", 100)):
        player.send(event_type, playhead)
    checklist.poll()
    assert checklist.states[5].mark == "done"


def test_skip_and_restart(player: _Player) -> None:
    checklist = Checklist(player.sandbox, "living room")
    _to(checklist, "ad")
    checklist.skip()
    _to(checklist, "none")
    assert checklist.states[6].message == "Skipped: this player does not support it."
    assert checklist.headline == "All steps are finished: 0 done, 9 missing, 1 skipped."
    with pytest.raises(UsageError, match="All steps are finished"):
        checklist.next()
    checklist.restart()
    assert _marks(checklist) == "current " + " ".join(["waiting"] * 9)


def test_save_writes_dated_page_to_new_file(player: _Player, tmp_path: Path) -> None:
    checklist = Checklist(player.sandbox, "<living room>")
    path = checklist.save(tmp_path / "card.html")
    text = path.read_text(encoding="utf-8")
    assert "Checklist of Mon 23 Nov 2026, 08:14:02.000 UTC" in text
    assert "Player: &lt;living room&gt;" in text
    assert text.count("<tr>") == 11
    assert "http:" not in text
    assert "https:" not in text
    with pytest.raises(InputError, match="Choose another name"):
        checklist.save(path)


def test_every_step_expects_known_event_types() -> None:
    for step in steps().values():
        assert {kind for kinds in step.expects for kind in kinds} <= set(catalog.event_types())
        assert step.title
        assert step.ask.endswith(".")
        assert step.why.endswith(".")
