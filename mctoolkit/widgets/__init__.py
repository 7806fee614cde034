"""Forms made of ipywidgets. They hold no rules: a Draft holds what was typed, the checker what is wrong with it."""

from __future__ import annotations

from mctoolkit.widgets.card_panel import CardPanel, guided_check
from mctoolkit.widgets.pad import EventPad
from mctoolkit.widgets.question import Question
from mctoolkit.widgets.session_form import SessionForm
from mctoolkit.widgets.watch_panel import Watch, watch

__all__ = ["CardPanel", "EventPad", "Question", "SessionForm", "Watch", "guided_check", "watch"]
