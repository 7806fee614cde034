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


def test_monitor_updates_automatically() -> None:
    with Sandbox() as sandbox, MonitorPanel(sandbox, running=True) as seen:
        assert "Point your player at" in _shown(seen)
        _start(sandbox)
        _until(lambda: "sessionStart" in _shown(seen))
        assert "started, not playing yet" in _shown(seen)


def test_monitor_stops_with_button_or_sandbox() -> None:
    with Sandbox() as sandbox:
        first, second = MonitorPanel(sandbox, running=True), MonitorPanel(sandbox, running=True)
        first._stop.click()
        assert not first._timer.running
        assert first._stop.layout.display == "none"
        assert second._timer.running
    _until(lambda: not second._timer.running)
    _until(lambda: "Stopped." in _shown(second))


def test_with_a_seed_only_look_updates(monkeypatch: pytest.MonkeyPatch) -> None:
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


def test_monitor_shows_at_most_200_rows() -> None:
    with Sandbox() as sandbox, MonitorPanel(sandbox, running=False) as seen:
        line = requests.Session()
        for _ in range(205):
            line.post(f"{sandbox.url}/api/v1/sessions", data=b"{}", timeout=10)
        seen.look()
        assert seen._events.value.count("<tr>") == 201  # and the head
        assert "(the newest 200 are shown)" in seen._events.value


def test_monitor_escapes_event_values() -> None:
    with Sandbox() as sandbox, MonitorPanel(sandbox, running=False) as seen:
        requests.post(f"{sandbox.url}/api/v1/sessions", json={"eventType": "<img src=x>"}, timeout=10)
        seen.look()
        assert "<img" not in _shown(seen) + seen.static_html()
        assert "&lt;img" in _shown(seen)


def test_watch_rejects_other_types() -> None:
    with pytest.raises(UsageError, match="not str"):
        watch("company.hb-api.omtrdc.net")  # type: ignore[arg-type]


def test_monitor_shows_expired_session() -> None:
    clock = ManualClock()
    with Sandbox(clock=clock) as sandbox, MonitorPanel(sandbox, running=True) as seen:
        _start(sandbox)
        _until(lambda: "started, not playing yet" in _shown(seen))
        clock.advance(minutes=11)
        _until(lambda: "closed after 10 minutes of silence" in _shown(seen))


def test_static_view_shows_the_latest_events(static_views: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("IPython.display.display", lambda *_, **__: None)
    with Sandbox() as sandbox:
        seen = MonitorPanel(sandbox, running=False)
        seen._ipython_display_()
        _start(sandbox)
        seen.look()
        seen.stop()
        seen.stop()
    assert ["sessionStart" in picture for picture in static_views] == [False, True]
