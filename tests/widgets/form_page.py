"""A page object for SessionForm: what a user sees and does, without a browser."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import ipywidgets

from mctoolkit import SessionForm

LONG_S = 60
"""How long to wait for an event before a test fails."""


class FormPage:
    """The widgets of a form and the messages that a browser would send."""

    def __init__(self, form: SessionForm) -> None:
        self.form = form
        self.view = form._view

    @property
    def state(self) -> dict[str, Any]:
        """What the browser received last about everything that changes on a keystroke."""
        return dict(self.view.bridge.view_state)

    @property
    def response(self) -> str:
        """The HTML of the last response or error."""
        return str(self.view.responses.response.value)

    @property
    def send_button(self) -> SendButton:
        return SendButton(self)

    def button(self, label: str) -> Any:
        """Return the one button whose label starts with this text."""
        buttons = [self.send_button, *(w for w in all_widgets(self.form.widget) if isinstance(w, ipywidgets.Button))]
        (found,) = [one for one in buttons if one.description.startswith(label)]
        return found

    def click(self, button: Any) -> None:
        """Click a button, given by itself or by its label, and wait until the form has sent the request."""
        (self.button(button) if isinstance(button, str) else button).click()
        self.wait_until_sent()

    def wait_until_sent(self) -> None:
        """Wait until the form shows the result of the current request, if there is one."""
        with self.form._lock:
            task = self.form._send_task
        assert task is None or task._ended.wait(LONG_S)

    def field(self, key: str) -> Any:
        """Return the input of a key."""
        return self.view.field_list.fields[key].input

    def message(self, key: str) -> str:
        """Return the line below a field: its problems, or else its help."""
        field = self.view.field_list.fields[key]
        return str(self.state["messages"].get(field.place, field.help.value))

    @property
    def fixes(self) -> dict[str, str]:
        """The fix buttons: the name that each sends, by its label."""
        drawn = "".join(w.value for w in all_widgets(self.form.widget) if isinstance(w, ipywidgets.HTML))
        drawn += "".join(self.state["messages"].values())
        buttons = re.findall(r'data-mct-fix="(.*?)">(.*?)<', drawn)
        return {html.unescape(label): html.unescape(name) for name, label in buttons}

    def fix(self, label: str) -> None:
        """Click a fix button."""
        self.receive({"fix": self.fixes[label]})

    def type_json(self, text: str, typed: object = 0) -> None:
        """Type the whole JSON text."""
        self.view.json._handle_custom_msg({"text": text, "typed": typed}, [])

    def receive(self, message: dict[str, Any]) -> None:
        """Receive a message from the browser."""
        self.view.bridge._handle_custom_msg(message, [])


@dataclass
class SendButton:
    """The Send button, which only a browser draws."""

    page: FormPage

    @property
    def description(self) -> str:
        return str(self.page.state["send"]["message"])

    @property
    def style(self) -> str:
        return str(self.page.state["send"]["style"])

    @property
    def disabled(self) -> bool:
        return bool(self.page.state["send"]["busy"])

    def click(self) -> None:
        self.page.receive({"press": "send"})


def all_widgets(widget: Any) -> Iterator[Any]:
    """Iterate over a widget and its descendants."""
    yield widget
    for child in getattr(widget, "children", ()):
        yield from all_widgets(child)
