"""The browser side of a form: updates, copy buttons, focus, fix buttons and the notice that the kernel is gone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from mctoolkit._core.messages import gettext as _

__all__ = ["JSON_TEXT", "STATUS_LINE", "UNPLACED", "BrowserBridge", "slug"]

JSON_TEXT, UNPLACED, STATUS_LINE = "json-text", "unplaced-problems", "status-line"
"""Names of places that are not fields: the JSON text, problems without a field, and the status line."""


def slug(place: tuple[str | int, ...]) -> str:
    """Return the name of a place, usable in an HTML class.

    Examples
    --------
    >>> slug(("params", "media.length"))
    'params-media_length'
    """
    return "-".join("".join(c if c.isascii() and c.isalnum() else "_" for c in str(part)) for part in place)


class BrowserBridge(anywidget.AnyWidget):
    """Runs ``browser.js`` inside the form. It is invisible, except for the notice that the kernel is gone.

    Parameters
    ----------
    on_unfold : callable
        Called with the name of a place (see :func:`slug`) that a button points to but that is folded.
    on_fix : callable, optional
        Called with the name of a fix (see :mod:`mctoolkit.widgets.common.problem_list`) when its button is clicked.
    on_send : callable, optional
        Called when Send is clicked.
    """

    _esm = Path(__file__).with_name("browser.js")

    view_state = traitlets.Dict().tag(sync=True)
    """Everything that changes on a keystroke, in one message to the browser.

    ``status`` (HTML) and ``status_text``, the same for screen readers; ``send`` (``message``, ``style``, ``busy``) and
    ``send_note``, the text beside the button; ``messages``, HTML by place, for the fields that have a message; and
    ``request``, which :class:`~mctoolkit.widgets.form.json_editor.JsonEditor` shows.
    """

    announcement = traitlets.Unicode("").tag(sync=True)
    copied = traitlets.Unicode("").tag(sync=True)
    kernel_lost = traitlets.Unicode("").tag(sync=True)
    fields_label = traitlets.Unicode("").tag(sync=True)

    def __init__(
        self,
        on_unfold: Callable[[str], None],
        on_fix: Callable[[str], None] = lambda name: None,
        on_send: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(
            copied=_("Copied"),
            kernel_lost=_(
                "The connection to the kernel is lost. In JupyterLab, choose Kernel > Restart Kernel and Run All "
                "Cells. If this page shows only the form, reload it."
            ),
            fields_label=_("Fields"),
        )
        self._on_unfold = on_unfold
        self._on_fix = on_fix
        self._on_send = on_send
        self.on_msg(self._on_message)

    def focus_place(self, name: str) -> None:
        """Move the focus to the field of a place."""
        self.send({"focus": name})

    def scroll_to_place(self, name: str) -> None:
        """Scroll to the field of a place without moving the focus."""
        self.send({"scroll_to": name})

    def _on_message(self, _: Any, content: Any, __: Any) -> None:
        if isinstance(content, dict) and isinstance(content.get("unfold"), str):
            self._on_unfold(content["unfold"])
        elif isinstance(content, dict) and isinstance(content.get("fix"), str):
            self._on_fix(content["fix"])
        elif isinstance(content, dict) and content.get("press") == "send":
            self._on_send()
