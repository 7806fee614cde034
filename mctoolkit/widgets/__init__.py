"""Forms made of ipywidgets. They hold no rules: a Draft holds what was typed, the checker what is wrong with it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mctoolkit.widgets.card_panel import CardPanel, guided_check
    from mctoolkit.widgets.pad import EventPad
    from mctoolkit.widgets.question import Question
    from mctoolkit.widgets.session_form import SessionForm
    from mctoolkit.widgets.watch_panel import Watch, watch

__all__ = ["CardPanel", "EventPad", "Question", "SessionForm", "Watch", "guided_check", "watch"]

_HOMES = {
    "CardPanel": "card_panel",
    "EventPad": "pad",
    "Question": "question",
    "SessionForm": "session_form",
    "Watch": "watch_panel",
    "guided_check": "card_panel",
    "watch": "watch_panel",
}


def __getattr__(name: str) -> object:
    """Load a form from its module on first use, so that none waits for what only another needs."""
    if name not in _HOMES:
        raise AttributeError(f"module 'mctoolkit.widgets' has no attribute {name!r}")
    return getattr(import_module(f"mctoolkit.widgets.{_HOMES[name]}"), name)
