"""The question before the first request to a real host: yes or no, or the report suite typed in full."""

from __future__ import annotations

from collections.abc import Callable

import ipywidgets

from mctoolkit import texts
from mctoolkit.markup import Markup
from mctoolkit.profiles import Confirmation

__all__ = ["ConfirmPanel"]


class ConfirmPanel:
    """Asks once for each address and report suite.

    Parameters
    ----------
    on_yes : callable
        Called when the answer lets the request go.
    """

    def __init__(self, on_yes: Callable[[], None]) -> None:
        self._on_yes = on_yes
        self._given: set[tuple[str, str]] = set()
        self._asked = Confirmation("none")
        self.words = ipywidgets.HTML()
        self.typed = ipywidgets.Text(
            description=texts.say("form.confirm_type"), continuous_update=True, layout={"width": "auto"}
        )
        self.typed.add_class("mct-inline")
        self.typed.observe(lambda _: self._look(), names="value")
        self.yes = ipywidgets.Button(description=texts.say("form.confirm_yes"), button_style="danger")
        self.yes.on_click(lambda _: self._said_yes())
        self.no = ipywidgets.Button(description=texts.say("form.confirm_no"))
        self.no.on_click(lambda _: self.put_away())
        self._line = ipywidgets.Box([self.typed, self.yes, self.no])
        self._line.add_class("mct-send")
        self.widget = ipywidgets.VBox([self.words, self._line], layout={"display": "none"})
        self.widget.add_class("mct-part")
        self.widget.add_class("mct-confirm")

    def given(self, confirmation: Confirmation, typed: str = "") -> bool:
        """Tell whether nothing has to be asked (any more); what was typed from code counts like a yes."""
        if confirmation.kind == "none" or confirmation.about in self._given:
            return True
        if typed and confirmation.accepts(typed):
            self._given.add(confirmation.about)
            return True
        return False

    def ask(self, confirmation: Confirmation) -> None:
        """Show the question."""
        self._asked = confirmation
        self.words.value = str(
            Markup('<div class="mct" role="alert"><b>{}</b> {}</div>').format(
                texts.say("form.confirm_word"), confirmation.words
            )
        )
        self.typed.value = ""
        self.typed.layout.display = None if confirmation.kind == "type" else "none"
        self.widget.layout.display = None
        self._look()

    def put_away(self) -> None:
        """Take the question off the form; nothing is sent."""
        self.widget.layout.display = "none"

    def _look(self) -> None:
        self.yes.disabled = not self._asked.accepts(self.typed.value)

    def _said_yes(self) -> None:
        if self._asked.accepts(self.typed.value):
            self._given.add(self._asked.about)
            self.put_away()
            self._on_yes()
