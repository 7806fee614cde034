"""Forms and panels for JupyterLab, built from ipywidgets. Validation and drafts are in the packages below."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mctoolkit.widgets.event_pad.event_pad import EventPad
    from mctoolkit.widgets.form.session_form import SessionForm
    from mctoolkit.widgets.monitor.checklist_panel import ChecklistPanel, guided_check
    from mctoolkit.widgets.monitor.monitor_panel import MonitorPanel, watch
    from mctoolkit.widgets.quiz import QuizQuestion

__all__ = ["ChecklistPanel", "EventPad", "MonitorPanel", "QuizQuestion", "SessionForm", "guided_check", "watch"]

_MODULES = {
    "ChecklistPanel": "monitor.checklist_panel",
    "EventPad": "event_pad.event_pad",
    "MonitorPanel": "monitor.monitor_panel",
    "QuizQuestion": "quiz",
    "SessionForm": "form.session_form",
    "guided_check": "monitor.checklist_panel",
    "watch": "monitor.monitor_panel",
}


def __getattr__(name: str) -> object:
    """Import a widget on first use, so that each loads only what it needs."""
    if name not in _MODULES:
        raise AttributeError(f"module 'mctoolkit.widgets' has no attribute {name!r}")
    return getattr(import_module(f"mctoolkit.widgets.{_MODULES[name]}"), name)
