"""The request as editable JSON."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import ipywidgets
import traitlets

from mctoolkit._core.errors import InputError
from mctoolkit._core.messages import gettext as _
from mctoolkit.models.problem import Problem, Verdict
from mctoolkit.spec.paths import SESSIONS_PATH
from mctoolkit.widgets.common.browser import BrowserBridge

__all__ = ["JsonEditor"]


class JsonEditor(anywidget.AnyWidget):
    """The right half of the form. ``json_editor.js`` draws it, with line numbers and a mark on lines with a problem.

    Parameters
    ----------
    address : str
        The host of the request, as shown.
    bridge : BrowserBridge
        Sends the result of :meth:`request_state` to the browser.
    on_json : callable
        Called with the whole text on each keystroke.
    on_history : callable
        Called with ``"undo"`` or ``"redo"`` for their keys: fields and text share one history.
    """

    _esm = Path(__file__).with_name("json_editor.js")

    labels = traitlets.Dict().tag(sync=True)
    bridge = traitlets.Instance(BrowserBridge).tag(sync=True, **ipywidgets.widget_serialization)

    def __init__(
        self, address: str, bridge: BrowserBridge, on_json: Callable[[str], None], on_history: Callable[[str], None]
    ) -> None:
        super().__init__(
            bridge=bridge,
            labels={
                "address": f"{address}{SESSIONS_PATH}",
                "copy": _("Copy"),
                "copy_label": _("Copy the JSON"),
                "go_there": _("Go there"),
                "label": _("The request as JSON"),
                "title": _("Request"),
            },
        )
        self._on_json = on_json
        self._on_history = on_history
        self._typed: float = 0
        self.add_class("mct-preview")
        self.on_msg(self._on_message)

    def request_state(self, verdict: Verdict) -> dict[str, Any]:
        """Return what to show of a validated event: its text, the lines with a problem, and a syntax error."""
        event = verdict.event
        try:
            text = event.raw.decode("utf-8", "replace") if event.raw is not None else event.to_text()
            counts = _("{params} params, {size} bytes").format(params=len(event.params), size=len(event.to_bytes()))
        except InputError as error:
            text, counts = "", str(error)
        syntax_error = next((problem for problem in verdict.problems if problem.line is not None), None)
        return {
            "text": _normalize_newlines(text),
            "counts": counts,
            "marks": [[problem.place, problem.level] for problem in verdict.problems if problem.line is None],
            "syntax_error": _syntax_error(syntax_error, text) if syntax_error else None,
            "typed": self._typed,
        }

    def _on_message(self, _: Any, content: Any, __: Any) -> None:
        if isinstance(content, dict) and isinstance(content.get("text"), str):
            typed = content.get("typed")
            self._typed = max(self._typed, typed if isinstance(typed, int | float) else 0)
            self._on_json(content["text"])
        elif isinstance(content, dict) and content.get("history") in ("undo", "redo"):
            self._on_history(content["history"])


def _syntax_error(problem: Problem, text: str) -> dict[str, Any]:
    """Return the message, the line and column, and the index in the text in UTF-16 units, as JavaScript counts."""
    lines = text.split("\n")[: problem.line]
    lines[-1] = lines[-1][: (problem.column or 1) - 1]
    at = len(_normalize_newlines("\n".join(lines)).encode("utf-16-le", "surrogatepass")) // 2
    return {"at": at, "where": problem.where, "message": problem.message}


def _normalize_newlines(text: str) -> str:
    """Return a text with the line ends that a textarea has."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
