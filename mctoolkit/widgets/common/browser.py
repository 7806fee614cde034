"""The part of the form that lives in the browser: show what changes while one types, copy, go to a field, mend."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from mctoolkit._core.messages import gettext as _

__all__ = ["STATE", "STRAYS", "TEXT", "BrowserBridge", "slug"]

TEXT, STRAYS, STATE = "the-text", "the-strays", "the-state"
"""Names of places that are no field: the JSON as text, what of it stands at no field, and the line on top."""


def slug(place: tuple[str | int, ...]) -> str:
    """Return a name for a place that can stand in a class of HTML.

    Examples
    --------
    >>> slug(("params", "media.length"))
    'params-media_length'
    """
    return "-".join("".join(c if c.isascii() and c.isalnum() else "_" for c in str(part)) for part in place)


class BrowserBridge(anywidget.AnyWidget):
    """Runs ``bridge.js`` inside the form; draws nothing of its own but the notice that the kernel is gone.

    Parameters
    ----------
    on_unfold : callable
        Called with the name of a place (see :func:`slug`) that somebody wants to go to and that is folded away.
    on_mend : callable, optional
        Called with the name of the mend (see :mod:`mctoolkit.widgets.common.problem_list`) whose button was pressed.
    on_send : callable, optional
        Called when Send was pressed.
    """

    _esm = Path(__file__).with_name("browser.js")

    shown = traitlets.Dict().tag(sync=True)
    """All that changes at a key press, in one message to the browser.

    ``status`` (HTML) and ``said``, the same for a screen reader; ``send`` (``words``, ``style``, ``busy``) and the
    ``note`` beside it; ``told``, place to HTML, for the fields at which there is something to say; and ``request``,
    which :class:`~mctoolkit.widgets.form.json_editor.JsonEditor` shows.
    """

    announcement = traitlets.Unicode("").tag(sync=True)
    copied = traitlets.Unicode("").tag(sync=True)
    lost = traitlets.Unicode("").tag(sync=True)
    fields = traitlets.Unicode("").tag(sync=True)

    def __init__(
        self,
        on_unfold: Callable[[str], None],
        on_mend: Callable[[str], None] = lambda name: None,
        on_send: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(
            copied=_("Copied"),
            lost=_(
                "JupyterLab lost the program behind this form. Menu Kernel > Restart Kernel and Run All "
                "Cells. Where the form is a page by itself: reload this page."
            ),
            fields=_("Fields"),
        )
        self._on_unfold = on_unfold
        self._on_mend = on_mend
        self._on_send = on_send
        self.on_msg(self._told)

    def go(self, name: str) -> None:
        """Put the focus into the field of a place."""
        self.send({"go": name})

    def reveal(self, name: str) -> None:
        """Scroll to the field of a place, and leave the focus where it is."""
        self.send({"show": name})

    def _told(self, _: Any, content: Any, __: Any) -> None:
        if isinstance(content, dict) and isinstance(content.get("unfold"), str):
            self._on_unfold(content["unfold"])
        elif isinstance(content, dict) and isinstance(content.get("mend"), str):
            self._on_mend(content["mend"])
        elif isinstance(content, dict) and content.get("press") == "send":
            self._on_send()
