"""Forms made of ipywidgets. They hold no rules: a Draft holds what was typed, the checker what is wrong with it."""

from __future__ import annotations

from mctoolkit.widgets.question import Question
from mctoolkit.widgets.session_form import SessionForm

__all__ = ["Question", "SessionForm"]
