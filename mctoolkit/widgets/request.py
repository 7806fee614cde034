"""The request as it will be sent: JSON to read, and to edit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets

from mctoolkit import texts
from mctoolkit.drafts import Draft
from mctoolkit.errors import UnreadableInput
from mctoolkit.markup import Markup
from mctoolkit.problems import Problem, Verdict
from mctoolkit.widgets.bridge import TEXT

__all__ = ["RequestPanel"]

_FEWEST_LINES, _MOST_LINES = 12, 60


class RequestPanel:
    """The right half of the form.

    Parameters
    ----------
    address : str
        Where the request goes, as it is shown.
    on_json : callable
        Called with the whole text at every key press while the JSON is edited.
    """

    def __init__(self, address: str, on_json: Callable[[str], None]) -> None:
        self._address = address
        self._on_json = on_json
        self._showing = False
        self._text = ""
        self.head = ipywidgets.HTML(str(Markup("<b>{}</b>").format(texts.say("form.will_be_sent"))))
        self.view = ipywidgets.HTML()
        self.editor = ipywidgets.Textarea(
            description=texts.say("form.json_label"), continuous_update=True, layout={"width": "auto"}
        )
        self.editor.add_class("mct-editor")
        self.editor.add_class(f"mct-at-{TEXT}")
        self.editor.observe(self._typed, names="value")
        self.slip = ipywidgets.HTML()
        self.slip.add_class("mct-slip")
        self.toggle = ipywidgets.ToggleButton(description=texts.say("form.json_edit"), layout={"width": "auto"})
        self.toggle.add_class("mct-quiet-button")
        self.toggle.observe(self._toggled, names="value")
        line = ipywidgets.Box([self.head, self.toggle])
        line.add_class("mct-over")
        self._body = ipywidgets.VBox([self.view])
        self.widget = ipywidgets.VBox([line, self._body])
        self.widget.add_class("mct-preview")

    def show(self, draft: Draft, verdict: Verdict) -> None:
        """Show the event of a draft, and what of its text is no JSON."""
        event = draft.event
        try:
            text = event.raw.decode("utf-8", "replace") if event.raw is not None else event.to_text()
            counts = texts.say("form.counts", params=len(event.params), size=len(event.to_bytes()))
        except UnreadableInput as error:
            text, counts = "", str(error)
        # All that changes at each key press stands in one widget, for each is a message to the browser.
        self.view.value = str(
            Markup('<div class="mct-quiet mct-counts">{}</div><pre>POST {}/api/v1/sessions\n\n{}</pre>').format(
                counts, self._address, text
            )
        )
        self._text = text
        if self.toggle.value:
            self._show_text()
        slip = next((problem for problem in verdict.problems if problem.line is not None), None)
        self.slip.value = self._slip_html(slip) if slip else ""

    def open(self) -> None:
        """Show the text to be edited."""
        self.toggle.value = True

    def _slip_html(self, slip: Problem) -> str:
        """Say what is no JSON, with the way to the letter where it begins to be none."""
        lines = self._text.splitlines(keepends=True)[: (slip.line or 1) - 1]
        at = len("".join(lines).encode("utf-16-le")) // 2 + (slip.column or 1) - 1  # as a browser counts
        return str(
            Markup(
                '<div class="mct-bad" data-mct-at="{}"><b>{}:</b> {} '
                '<button type="button" class="mct-go" data-mct-go="{}">{}</button></div>'
            ).format(at, slip.where, slip.words, TEXT, texts.say("form.go_there"))
        )

    def _show_text(self) -> None:
        self._showing = True
        try:
            if self.editor.value != self._text:
                self.editor.value = self._text
                self.editor.rows = max(_FEWEST_LINES, min(_MOST_LINES, self._text.count("\n") + 2))
        finally:
            self._showing = False

    def _typed(self, change: dict[str, Any]) -> None:
        if not self._showing:
            self._on_json(change["new"])

    def _toggled(self, change: dict[str, Any]) -> None:
        if change["new"]:
            self._show_text()
            self._body.children = (self.slip, self.editor)
        else:
            self._body.children = (self.view,)
        self.toggle.description = texts.say("form.json_done" if change["new"] else "form.json_edit")
