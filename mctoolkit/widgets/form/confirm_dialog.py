"""The question before the first request to a real host: yes or no, or the report suite typed in full."""

from __future__ import annotations

from collections.abc import Callable

import ipywidgets

from mctoolkit._core.html import Markup
from mctoolkit._core.messages import gettext as _
from mctoolkit.client.profiles import Confirmation

__all__ = ["ConfirmPanel"]


class ConfirmPanel:
    """Asks whether a request may go.

    Parameters
    ----------
    on_yes : callable
        Called when the response lets the request go: with what was typed (or "yes"), and with what :meth:`ask` was
        told.

    Attributes
    ----------
    asked : Confirmation
        What was asked last.
    """

    def __init__(self, on_yes: Callable[[str, bool], None]) -> None:
        self._on_yes = on_yes
        self._again = False
        self.asked = Confirmation("none")
        self.message = ipywidgets.HTML()
        self.typed = ipywidgets.Text(description=_("Report suite"), continuous_update=True, layout={"width": "auto"})
        self.typed.add_class("mct-inline")
        self.typed.observe(lambda _: self._look(), names="value")
        self.yes = ipywidgets.Button(description=_("Send"), button_style="danger")
        self.yes.on_click(lambda _: self._said_yes())
        self.no = ipywidgets.Button(description=_("Not now"))
        self.no.on_click(lambda _: self.put_away())
        self._line = ipywidgets.Box([self.typed, self.yes, self.no])
        self._line.add_class("mct-send")
        self.widget = ipywidgets.VBox([self.message, self._line], layout={"display": "none"})
        self.widget.add_class("mct-part")
        self.widget.add_class("mct-confirm")

    def ask(self, confirmation: Confirmation, *, again: bool = False) -> None:
        """Show the question; ``again`` says whether it is about the form or about what was sent last."""
        self.asked = confirmation
        self._again = again
        self.message.value = str(
            Markup('<div class="mct" role="alert"><b>{}</b> {}</div>').format(_("Real host:"), confirmation.message)
        )
        self.typed.value = ""
        self.typed.layout.display = None if confirmation.kind == "type" else "none"
        self.widget.layout.display = None
        self._look()

    def put_away(self) -> None:
        """Take the question off the form; nothing is sent."""
        self.widget.layout.display = "none"

    def _look(self) -> None:
        self.yes.disabled = not self.asked.accepts(self.typed.value)

    def _said_yes(self) -> None:
        if self.asked.accepts(self.typed.value):
            self.put_away()
            self._on_yes(self.asked.to_type or "yes", self._again)
