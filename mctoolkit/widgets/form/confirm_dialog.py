"""The confirmation before the first request to a real host."""

from __future__ import annotations

from collections.abc import Callable

import ipywidgets

from mctoolkit._core.html import Markup
from mctoolkit._core.messages import gettext as _
from mctoolkit.client.profiles import Confirmation

__all__ = ["ConfirmDialog"]


class ConfirmDialog:
    """Asks the user to confirm a request, with a click or by typing the report suite in full.

    Parameters
    ----------
    on_confirm : callable
        Called when the user confirms, with the typed text (or ``"yes"``) and the ``again`` of :meth:`ask`.

    Attributes
    ----------
    confirmation : Confirmation
        What the dialog asked last.
    """

    def __init__(self, on_confirm: Callable[[str, bool], None]) -> None:
        self._on_confirm = on_confirm
        self._again = False
        self.confirmation = Confirmation("none")
        self.message = ipywidgets.HTML()
        self.typed = ipywidgets.Text(description=_("Report suite"), continuous_update=True, layout={"width": "auto"})
        self.typed.add_class("mct-inline")
        self.typed.observe(lambda _: self._update_button(), names="value")
        self.yes = ipywidgets.Button(description=_("Send"), button_style="danger")
        self.yes.on_click(lambda _: self._confirm())
        self.no = ipywidgets.Button(description=_("Do not send"))
        self.no.on_click(lambda _: self.hide())
        line = ipywidgets.Box([self.typed, self.yes, self.no])
        line.add_class("mct-send")
        self.widget = ipywidgets.VBox([self.message, line], layout={"display": "none"})
        self.widget.add_class("mct-part")
        self.widget.add_class("mct-confirm")

    def ask(self, confirmation: Confirmation, *, again: bool = False) -> None:
        """Show the dialog; ``again`` says that it is about the last request instead of the form."""
        self.confirmation = confirmation
        self._again = again
        self.message.value = str(
            Markup('<div class="mct" role="alert"><b>{}</b> {}</div>').format(_("Real host:"), confirmation.message)
        )
        self.typed.value = ""
        self.typed.layout.display = None if confirmation.kind == "type" else "none"
        self.widget.layout.display = None
        self._update_button()

    def hide(self) -> None:
        """Hide the dialog without sending."""
        self.widget.layout.display = "none"

    def _update_button(self) -> None:
        self.yes.disabled = not self.confirmation.accepts(self.typed.value)

    def _confirm(self) -> None:
        if self.confirmation.accepts(self.typed.value):
            self.hide()
            self._on_confirm(self.confirmation.to_type or "yes", self._again)
