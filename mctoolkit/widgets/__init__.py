"""Forms made of ipywidgets. They hold no rules: a Draft holds what was typed, the checker what is wrong with it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mctoolkit.widgets.event_pad.event_pad import EventPad
    from mctoolkit.widgets.form.session_form import SessionForm
    from mctoolkit.widgets.monitor.checklist_panel import ChecklistPanel, guided_check
    from mctoolkit.widgets.monitor.monitor_panel import MonitorPanel, watch
    from mctoolkit.widgets.quiz import Question

__all__ = ["ChecklistPanel", "EventPad", "MonitorPanel", "Question", "SessionForm", "guided_check", "watch"]

_HOMES = {
    "ChecklistPanel": "monitor.checklist_panel",
    "EventPad": "event_pad.event_pad",
    "Question": "quiz",
    "SessionForm": "form.session_form",
    "MonitorPanel": "monitor.monitor_panel",
    "guided_check": "monitor.checklist_panel",
    "watch": "monitor.monitor_panel",
}


def __getattr__(name: str) -> object:
    """Load a form from its module on first use, so that none waits for what only another needs."""
    if name not in _HOMES:
        raise AttributeError(f"module 'mctoolkit.widgets' has no attribute {name!r}")
    return getattr(import_module(f"mctoolkit.widgets.{_HOMES[name]}"), name)
