"""The monitor: updates, the end of its sandbox, the row limit and the static view."""

from __future__ import annotations

import pytest
import requests

from mctoolkit import ManualClock, Sandbox, UsageError, watch
from mctoolkit.widgets.monitor.monitor_panel import MonitorPanel
from tests.widgets.conftest import start_session, wait_until


def _html(panel: MonitorPanel) -> str:
    return "".join(str(part.value) for part in (panel._heading, panel._sessions, panel._events))


def test_monitor_updates_automatically() -> None:
    with Sandbox() as sandbox, MonitorPanel(sandbox, running=True) as monitor:
        assert sandbox.url in _html(monitor)
        start_session(sandbox)
        wait_until(lambda: "sessionStart" in _html(monitor))
        assert "started, not playing yet" in _html(monitor)


def test_monitor_stops_with_button_or_sandbox() -> None:
    with Sandbox() as sandbox:
        first, second = MonitorPanel(sandbox, running=True), MonitorPanel(sandbox, running=True)
        first._stop.click()
        assert not first._timer.running
        assert first._stop.layout.display == "none"
        assert second._timer.running
    wait_until(lambda: not second._timer.running)
    wait_until(lambda: "Stopped." in _html(second))


def test_with_a_seed_only_look_updates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mctoolkit._core.clocks.SEED", "2026")
    with Sandbox() as sandbox:
        monitor = watch(sandbox)
        start_session(sandbox)
        assert "sessionStart" not in _html(monitor)
        monitor.look()
        assert "sessionStart" in _html(monitor)
        assert repr(monitor).startswith("1 event in 1 session")
        assert "mct-static" in monitor.static_html()
        assert "sessionStart" in monitor.static_html()


def test_monitor_shows_at_most_200_rows() -> None:
    with Sandbox() as sandbox, MonitorPanel(sandbox, running=False) as monitor:
        http = requests.Session()
        for _ in range(205):
            http.post(f"{sandbox.url}/api/v1/sessions", data=b"{}", timeout=10)
        monitor.look()
        assert monitor._events.value.count("<tr>") == 201  # with the header row
        assert "(the newest 200 are shown)" in monitor._events.value


def test_monitor_escapes_event_values() -> None:
    with Sandbox() as sandbox, MonitorPanel(sandbox, running=False) as monitor:
        requests.post(f"{sandbox.url}/api/v1/sessions", json={"eventType": "<img src=x>"}, timeout=10)
        monitor.look()
        assert "<img" not in _html(monitor) + monitor.static_html()
        assert "&lt;img" in _html(monitor)


def test_watch_rejects_other_types() -> None:
    with pytest.raises(UsageError, match="not str"):
        watch("company.hb-api.omtrdc.net")  # type: ignore[arg-type]


def test_monitor_shows_expired_session() -> None:
    clock = ManualClock()
    with Sandbox(clock=clock) as sandbox, MonitorPanel(sandbox, running=True) as monitor:
        start_session(sandbox)
        wait_until(lambda: "started, not playing yet" in _html(monitor))
        clock.advance(minutes=11)
        wait_until(lambda: "10 minutes" in _html(monitor))


def test_static_view_shows_the_latest_events(static_views: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("IPython.display.display", lambda *_, **__: None)
    with Sandbox() as sandbox:
        monitor = MonitorPanel(sandbox, running=False)
        monitor._ipython_display_()
        start_session(sandbox)
        monitor.look()
        monitor.stop()
        monitor.stop()
    assert ["sessionStart" in view for view in static_views] == [False, True]
