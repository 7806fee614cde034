"""The guided checklist: updates, buttons, and the end of its sandbox."""

from __future__ import annotations

import pytest

from mctoolkit import Sandbox, UsageError, guided_check
from mctoolkit.widgets.monitor.checklist_panel import ChecklistPanel
from tests.widgets.conftest import start_session, wait_until


def test_panel_updates_automatically() -> None:
    with Sandbox() as sandbox, ChecklistPanel(sandbox, running=True) as panel:
        before = panel._heading.value
        start_session(sandbox)
        wait_until(lambda: panel._heading.value != before)
    wait_until(lambda: not panel._timer.running)


def test_panel_shows_that_the_sandbox_stopped() -> None:
    with Sandbox() as sandbox:
        panel = ChecklistPanel(sandbox, running=True)
        assert "Configure the player to send to" in panel._heading.value
    wait_until(lambda: "The sandbox has stopped" in panel._heading.value)


def test_next_skip_and_restart_buttons() -> None:
    with Sandbox() as sandbox, ChecklistPanel(sandbox, running=False) as panel:
        shown = [panel._skip.layout.display]
        for _ in range(6):
            panel._next.click()
        shown.append(panel._skip.layout.display)
        panel._skip.click()
        assert shown == ["none", None]
        assert panel.card.states[6].mark == "skipped"
        for _ in range(5):
            panel._next.click()
        assert panel.card.current is None
        assert panel._next.layout.display == "none"
        panel._restart.click()
        assert panel.card.current is not None
        assert panel._next.layout.display is None


def test_with_a_seed_only_look_updates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mctoolkit._core.clocks.SEED", "2026")
    with Sandbox() as sandbox:
        panel = guided_check(sandbox)
        before = repr(panel)
        start_session(sandbox)
        assert repr(panel) == before
        panel.look()
        assert repr(panel) != before
        assert "mct-static" in panel.static_html()


def test_guided_check_rejects_other_types() -> None:
    with pytest.raises(UsageError, match="not str"):
        guided_check("company.hb-api.omtrdc.net")  # type: ignore[arg-type]
