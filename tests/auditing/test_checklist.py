"""The test card: each step ticks itself when its events arrive, and says what is missing when they do not."""

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


def _marks(card: Checklist) -> str:
    return " ".join(state.mark for state in card.states)


def _to(card: Checklist, id_: str) -> None:
    while card.current is not None and card.current.step.id != id_:
        card.next()


def test_a_player_that_does_all_ticks_every_step(player: _Player) -> None:
    card = Checklist(player.sandbox)
    player.start()
    script: list[tuple[str, float, dict[str, Any]]] = [
        ("play", 0, {}), ("ping", 10, {}), ("ping", 20, {}), ("pauseStart", 25, {}), ("ping", 25, {}), ("play", 25, {}),
        ("pauseStart", 30, {}), ("play", 90, {}), ("adBreakStart", 90, POD), ("adStart", 90, AD), ("ping", 90, {}),
        ("adComplete", 90, {}), ("adBreakComplete", 90, {}), ("play", 90, {}), ("bufferStart", 95, {}), ("play", 95, {}),
        ("stateStart", 96, STATE), ("stateEnd", 99, STATE), ("pauseStart", 100, {}), ("play", 128, {}), ("sessionComplete", 128, {}),
    ]  # fmt: skip
    for event_type, playhead, params in script:
        player.send(event_type, playhead, **params)
    assert card.poll() is True
    assert _marks(card) == " ".join(["done"] * 10)
    assert card.headline == "All steps are over: 10 ticked, 0 missing, 0 left out."
    assert card.states[6].message == "Came: adBreakStart, adStart, adComplete, adBreakComplete."
    assert card.player == preset("vod", SEEDED_NOW_MS).params["media.playerName"]


def test_it_says_what_came_and_what_is_still_to_come(player: _Player) -> None:
    card = Checklist(player.sandbox)
    assert card.current is not None
    assert card.current.message == "Nothing has come yet. Still to come: sessionStart, play."
    player.start()
    card.poll()
    assert card.current.message == "Came so far: sessionStart. Still to come: play."
    card.next()
    assert card.states[0].mark == "missing"
    assert card.states[0].message.startswith("Did not come: play. Without sessionStart")
    assert card.current.step.id == "playing"


def test_events_from_before_a_step_do_not_count_for_it(player: _Player) -> None:
    card = Checklist(player.sandbox)
    player.start()
    for event_type in ("pauseStart", "play"):
        player.send(event_type, 0)
    card.poll()
    _to(card, "pause")
    card.poll()
    assert _marks(card).startswith("done missing current")


def test_refused_and_lost_events_do_not_count(player: _Player) -> None:
    card = Checklist(player.sandbox)
    player.start()
    player.sandbox.faults.add("lost")
    player.send("play", 0)
    requests.post(player.base, data=b"{}", timeout=10)
    card.poll()
    assert card.current is not None
    assert card.current.message == "Came so far: sessionStart. Still to come: play."


@pytest.mark.parametrize(
    ("step", "events", "message"),
    [
        ("playing", [("ping", 5), ("ping", 5)], "the playhead stayed at 5 s"),
        ("seek", [("pauseStart", 30), ("play", 31)], "went from 30 s to 31 s only"),
        ("paused", [("pauseStart", 20), ("ping", 24)], "went on from 20 s to 24 s"),
    ],
)
def test_a_playhead_that_does_not_do_as_it_should_ticks_nothing(
    step: str, events: list[tuple[str, float]], message: str, player: _Player
) -> None:
    card = Checklist(player.sandbox)
    player.start()
    card.poll()
    _to(card, step)
    for event_type, playhead in events:
        player.send(event_type, playhead)
    card.poll()
    assert card.current is not None
    assert (card.current.step.id, message in card.current.message) == (step, True)


def test_a_second_try_counts(player: _Player) -> None:
    card = Checklist(player.sandbox)
    player.start()
    card.poll()
    _to(card, "seek")
    for event_type, playhead in (("pauseStart", 30), ("play", 30), ("pauseStart", 40), ("play", 100)):
        player.send(event_type, playhead)
    card.poll()
    assert card.states[5].mark == "done"


def test_a_step_can_be_left_out_and_the_card_begun_again(player: _Player) -> None:
    card = Checklist(player.sandbox, "living room")
    _to(card, "ad")
    card.skip()
    _to(card, "none")
    assert card.states[6].message == "Left out: this player has no such thing."
    assert card.headline == "All steps are over: 0 ticked, 9 missing, 1 left out."
    with pytest.raises(UsageError, match="All steps are over"):
        card.next()
    card.restart()
    assert _marks(card) == "current " + " ".join(["waiting"] * 9)


def test_the_sheet_is_dated_names_the_player_and_is_never_written_over(player: _Player, tmp_path: Path) -> None:
    card = Checklist(player.sandbox, "<living room>")
    path = card.save(tmp_path / "card.html")
    text = path.read_text(encoding="utf-8")
    assert "Test card of Mon 23 Nov 2026, 08:14:02.000 UTC" in text
    assert "Player: &lt;living room&gt;" in text
    assert text.count("<tr>") == 11
    assert "http:" not in text
    assert "https:" not in text
    with pytest.raises(InputError, match="Choose another name"):
        card.save(path)


def test_every_step_asks_for_events_that_there_are() -> None:
    for step in steps().values():
        assert {kind for kinds in step.expects for kind in kinds} <= set(catalog.event_types())
        assert step.title
        assert step.ask.endswith(".")
        assert step.why.endswith(".")
