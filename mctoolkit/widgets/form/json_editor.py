"""The request as it will be sent: JSON to read, and to type in."""

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
    """The right half of the form; ``request.js`` draws it, with line numbers and a mark at each line with a problem.

    Parameters
    ----------
    address : str
        Where the request goes, as it is shown.
    bridge : BrowserBridge
        Brings to the browser what :meth:`shown` returns.
    on_history : callable
        Called with ``"undo"`` or ``"redo"``, as the keys for it say: the form has one history, and no text of its own.
    on_json : callable
        Called with the whole text at every key press in it.
    """

    _esm = Path(__file__).with_name("json_editor.js")

    words = traitlets.Dict().tag(sync=True)
    bridge = traitlets.Instance(BrowserBridge).tag(sync=True, **ipywidgets.widget_serialization)

    def __init__(
        self, address: str, bridge: BrowserBridge, on_json: Callable[[str], None], on_history: Callable[[str], None]
    ) -> None:
        super().__init__(
            bridge=bridge,
            words={
                "address": f"{address}{SESSIONS_PATH}",
                "copy": _("Copy"),
                "copy_label": _("Copy the JSON"),
                "go_there": _("Go there"),
                "label": _("The request as JSON"),
                "title": _("What will be sent"),
            },
        )
        self._on_json = on_json
        self._on_history = on_history
        self._typed: float = 0
        self.add_class("mct-preview")
        self.on_msg(self._told)

    def shown(self, verdict: Verdict) -> dict[str, Any]:
        """Return what to show of an event that was judged: its text, the lines with a problem, and what is no JSON."""
        event = verdict.event
        try:
            text = event.raw.decode("utf-8", "replace") if event.raw is not None else event.to_text()
            counts = _("{params} params, {size} bytes").format(params=len(event.params), size=len(event.to_bytes()))
        except InputError as error:
            text, counts = "", str(error)
        slip = next((problem for problem in verdict.problems if problem.line is not None), None)
        return {
            "text": _as_typed(text),
            "counts": counts,
            "marks": [[problem.place, problem.level] for problem in verdict.problems if problem.line is None],
            "slip": _slip(slip, text) if slip else None,
            "typed": self._typed,
        }

    def _told(self, _: Any, content: Any, __: Any) -> None:
        if isinstance(content, dict) and isinstance(content.get("text"), str):
            typed = content.get("typed")
            self._typed = max(self._typed, typed if isinstance(typed, int | float) else 0)
            self._on_json(content["text"])
        elif isinstance(content, dict) and content.get("history") in ("undo", "redo"):
            self._on_history(content["history"])


def _slip(slip: Problem, text: str) -> dict[str, Any]:
    """Say what is no JSON, and at which letter of the text it begins to be none."""
    lines = text.split("\n")[: slip.line]
    lines[-1] = lines[-1][: (slip.column or 1) - 1]
    at = len(_as_typed("\n".join(lines)).encode("utf-16-le", "surrogatepass")) // 2  # as a browser counts
    return {"at": at, "where": slip.where, "message": slip.message}


def _as_typed(text: str) -> str:
    """Return a text with the ends of lines that a browser leaves in what is typed."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
