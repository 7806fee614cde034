"""The live table: brought up to date by itself, ended with its sandbox, a bounded page, a picture for the night."""

from __future__ import annotations

import time

import pytest
import requests

from mctoolkit import ManualClock, Sandbox, UsageError, watch
from mctoolkit.simulation.presets import preset
from mctoolkit.widgets.monitor.monitor_panel import MonitorPanel


def _start(sandbox: Sandbox) -> None:
    requests.post(f"{sandbox.url}/api/v1/sessions", json=preset("minimal", 1_795_421_642_000).value, timeout=10)


def _shown(seen: MonitorPanel) -> str:
    return "".join(str(part.value) for part in (seen._heading, seen._sessions, seen._events))


def _until(told: object) -> None:
    assert callable(told)
    for _ in range(1000):
        if told():
            return
        time.sleep(0.01)
    raise AssertionError("it never came to pass")


def test_what_comes_is_shown_without_a_click() -> None:
    with Sandbox() as sandbox, MonitorPanel(sandbox, running=True) as seen:
        assert "Point your player at" in _shown(seen)
        _start(sandbox)
        _until(lambda: "sessionStart" in _shown(seen))
        assert "started, not playing yet" in _shown(seen)


def test_it_ends_with_its_sandbox_and_when_told_to() -> None:
    with Sandbox() as sandbox:
        first, second = MonitorPanel(sandbox, running=True), MonitorPanel(sandbox, running=True)
        first._stop.click()
        assert not first._timer.running
        assert first._stop.layout.display == "none"
        assert second._timer.running
    _until(lambda: not second._timer.running)
    _until(lambda: "Stopped." in _shown(second))


def test_by_a_seed_it_looks_only_when_told_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mctoolkit._core.clocks.SEED", "2026")
    with Sandbox() as sandbox:
        seen = watch(sandbox)
        _start(sandbox)
        assert "sessionStart" not in _shown(seen)
        seen.look()
        assert "sessionStart" in _shown(seen)
        assert repr(seen).splitlines()[0] == "1 event in 1 session. All in order so far."
        assert "mct-static" in seen.static_html()
        assert "sessionStart" in seen.static_html()


def test_the_page_has_200_rows_at_most() -> None:
    with Sandbox() as sandbox, MonitorPanel(sandbox, running=False) as seen:
        line = requests.Session()
        for _ in range(205):
            line.post(f"{sandbox.url}/api/v1/sessions", data=b"{}", timeout=10)
        seen.look()
        assert seen._events.value.count("<tr>") == 201  # and the head
        assert "(the newest 200 are shown)" in seen._events.value


def test_what_a_player_sends_is_escaped() -> None:
    with Sandbox() as sandbox, MonitorPanel(sandbox, running=False) as seen:
        requests.post(f"{sandbox.url}/api/v1/sessions", json={"eventType": "<img src=x>"}, timeout=10)
        seen.look()
        assert "<img" not in _shown(seen) + seen.static_html()
        assert "&lt;img" in _shown(seen)


def test_only_a_sandbox_can_be_watched() -> None:
    with pytest.raises(UsageError, match="not str"):
        watch("company.hb-api.omtrdc.net")  # type: ignore[arg-type]


def test_a_session_that_closes_by_silence_is_shown_so_without_an_event() -> None:
    clock = ManualClock()
    with Sandbox(clock=clock) as sandbox, MonitorPanel(sandbox, running=True) as seen:
        _start(sandbox)
        _until(lambda: "started, not playing yet" in _shown(seen))
        clock.advance(minutes=11)
        _until(lambda: "closed after 10 minutes of silence" in _shown(seen))


def test_the_picture_for_the_night_is_that_of_what_was_seen_last(
    pictures: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("IPython.display.display", lambda *_, **__: None)
    with Sandbox() as sandbox:
        seen = MonitorPanel(sandbox, running=False)
        seen._ipython_display_()
        _start(sandbox)
        seen.look()
        seen.stop()
        seen.stop()
    assert ["sessionStart" in picture for picture in pictures] == [False, True]
