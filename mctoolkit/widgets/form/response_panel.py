"""The last response in words, and the table of all responses so far: to search, and to compare two of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import ipywidgets

from mctoolkit._core.html import Markup, copy_button, details, join, table
from mctoolkit._core.messages import Message
from mctoolkit._core.messages import gettext as _
from mctoolkit.client.journal import JournalEntry
from mctoolkit.models import masking
from mctoolkit.models.exchange import Exchange
from mctoolkit.models.problem import Problem
from mctoolkit.models.target import Target
from mctoolkit.reporting.diff import compare
from mctoolkit.reporting.formats import to_curl, to_python
from mctoolkit.reporting.html.exchange import exchange_html
from mctoolkit.widgets.form.text_repr import response_line

__all__ = ["ResponsePanel"]

_COLUMNS = ("no", "time", "sent_to", "response", "in_words", "session_id", "problems", "media_id")


_COPY_LABELS = {
    "bash": Message("Copy the curl command for macOS, Linux and Git Bash"),
    "powershell": Message("Copy the curl command for PowerShell"),
    "python": Message("Copy the Python"),
}
_SAME_LABELS = {
    "as": Message("The same as curl / Python"),
    "hidden": Message(
        "Identifiers are hidden here, to be filled in where <hidden> stands. "
        "print(form.code()) writes the Python with them, for the form as it stands."
    ),
    "bash": Message("curl, for macOS, Linux and Git Bash:"),
    "powershell": Message("curl, for PowerShell on Windows:"),
    "python": Message("Python, for a cell of a notebook:"),
    "copy_bash": Message("Copy the curl command for macOS, Linux and Git Bash"),
    "copy_powershell": Message("Copy the curl command for PowerShell"),
    "copy_python": Message("Copy the Python"),
}
_FORM_COLUMNS = {
    "no": Message("#"),
    "time": Message("Time (UTC)"),
    "sent_to": Message("Sent to"),
    "response": Message("Response"),
    "in_words": Message("In words"),
    "session_id": Message("Session id"),
    "problems": Message("Problems"),
    "media_id": Message("media.id"),
}


class ResponsePanel:
    """The foot of the form.

    Parameters
    ----------
    target : Target
        Where the form sends to.
    way_to : callable
        Makes the button that goes to where a problem stands in the form.
    on_search : callable
        Called with the words to look for in the responses.
    on_again : callable
        Called when what was sent last shall be sent once more.
    on_save : callable
        Called when the responses that are shown shall be saved.
    """

    def __init__(
        self,
        target: Target,
        way_to: Callable[[Problem], Markup],
        on_search: Callable[[str], None],
        on_again: Callable[[], None],
        on_save: Callable[[], None],
    ) -> None:
        self._target = target
        self._way_to = way_to
        self._entries: Sequence[JournalEntry] = ()
        self._shown: tuple[object, ...] = ()
        self._showing = False
        self.response = ipywidgets.HTML()
        self.again = ipywidgets.Button(description=_("Send again"), layout={"width": "auto"})
        self.again.add_class("mct-once")
        self.again.on_click(lambda _: on_again())
        self.last = ipywidgets.VBox([self.response, self.again])
        self.last.add_class("mct-part")
        self.last.add_class("mct-answer")
        self.table = ipywidgets.HTML()
        self.search = ipywidgets.Text(description=_("Find in the responses"), layout={"width": "auto"})
        self.search.add_class("mct-inline")
        self.search.observe(lambda change: on_search(change["new"]), names="value")
        self.left, self.right = (self._choice(words) for words in (_("Compare"), _("with")))
        self.comparison = ipywidgets.HTML()
        self._tools = ipywidgets.Box([self.search, self.left, self.right])
        self._tools.add_class("mct-tools")
        self.save = ipywidgets.Button(description=_("Save as Excel"), layout={"width": "auto"})
        self.save.on_click(lambda _: on_save())
        self.saved = ipywidgets.HTML()
        self._saving = ipywidgets.Box([self.save, self.saved])
        self._saving.add_class("mct-tools")
        self.responses = ipywidgets.VBox([self._tools, self.comparison, self.table, self._saving])
        self.responses.add_class("mct-part")
        self.responses.add_class("mct-answers")

    def show(
        self,
        last: Exchange | None,
        entries: Sequence[JournalEntry],
        total: int,
        *,
        error: str = "",
        note: str = "",
        sending: bool = False,
    ) -> None:
        """Show the last response, or an error of the form itself, a note on it, and these rows of the journal."""
        (self.last.add_class if sending else self.last.remove_class)("mct-busy")  # what stands there is the one before
        first = sending and last is None
        if self._shown != (last, error, note, first):
            self._shown = (last, error, note, first)
            self.response.value = str(self._last(last, error, note, first))
        unknown = last is not None and last.failure is not None and not last.failure.nothing_was_sent
        self.again.layout.display = None if unknown and not error and not sending else "none"
        if entries is not self._entries:
            self._entries = entries
            self.table.value = str(_table(entries, total))
            self._offer(entries)
            self.saved.value = ""
        self._saving.layout.display = None if entries else "none"
        self._tools.layout.display = None if total else "none"

    def show_saved(self, words: str) -> None:
        """Say where the responses were saved, or what kept them from being saved; until there are others."""
        self.saved.value = str(Markup('<div class="mct">{}</div>').format(words))

    def _last(self, last: Exchange | None, error: str, note: str, first: bool) -> Markup:
        if error:
            shown = Markup('<div class="mct"><span class="mct-word mct-bad">{}</span>{}</div>').format(
                _("Error"), error
            )
        elif last is not None:
            response = Markup('<div class="mct">{}</div>').format(exchange_html(last, copy=True, after=self._after))
            shown = join([response, self._same_as(last)])
        else:
            shown = Markup('<div class="mct mct-quiet">{}</div>').format(
                _("Answer: on its way.") if first else _("Answer: nothing sent from this form yet.")
            )
        if note:
            shown = Markup('{}<div class="mct mct-tip">{}</div>').format(shown, note)
        return shown

    def _after(self, problem: Problem) -> Markup:
        return Markup(" {}").format(self._way_to(problem))

    def _same_as(self, last: Exchange) -> Markup:
        """Write the request in other languages; identifiers are hidden, as in all that is shown of past requests."""
        written = {
            "bash": to_curl(last, self._target, masked=True),
            "powershell": to_curl(last, self._target, "powershell", masked=True),
            "python": to_python(last, self._target, masked=True),
        }
        blocks = [
            Markup("<p>{} {}</p><pre>{}</pre>").format(
                str(_SAME_LABELS[name]),
                copy_button(code, _("Copy"), str(_COPY_LABELS[name])),
                code,
            )
            for name, code in written.items()
        ]
        hidden = Markup('<p class="mct-quiet">{}</p>').format(
            _(
                "Identifiers are hidden here, to be filled in where <hidden> stands. print(form.code()) "
                "writes the Python with them, for the form as it stands."
            )
        )
        return Markup('<div class="mct">{}</div>').format(
            details(_("The same as curl / Python"), join([hidden, *blocks]))
        )

    def _choice(self, label: str) -> ipywidgets.Dropdown:
        choice = ipywidgets.Dropdown(options=[("-", 0)], value=0, description=label, layout={"width": "auto"})
        choice.add_class("mct-inline")
        choice.observe(self._chosen, names="value")
        return choice

    def _offer(self, entries: Sequence[JournalEntry]) -> None:
        options = [("-", 0), *((f"{e.number}: {response_line(e.exchange)}", e.number) for e in reversed(entries))]
        numbers = {number for _unused, number in options}
        self._showing = True
        try:
            for choice in (self.left, self.right):
                chosen = choice.value
                choice.options = options
                choice.value = chosen if chosen in numbers else 0
        finally:
            self._showing = False
        self._chosen({})

    def _chosen(self, _unused: dict[str, Any]) -> None:
        if self._showing:
            return
        by_number = {entry.number: entry.exchange for entry in self._entries}
        left, right = by_number.get(self.left.value), by_number.get(self.right.value)
        if left is None or right is None:
            self.comparison.value = ""
            return
        names = (_("row {number}").format(number=self.left.value), _("row {number}").format(number=self.right.value))
        self.comparison.value = str(compare(left, right, names=names).to_html())


def _table(entries: Sequence[JournalEntry], total: int) -> Markup:
    caption = _("Answers so far: {number}").format(number=total)
    if not entries:
        return Markup('<div class="mct mct-quiet">{}</div>').format(
            _("No response has to do with these words.") if total else caption
        )
    if len(entries) < total:
        caption += _(" (the newest {number} are shown)").format(number=len(entries))
    rows = [_row(entry.number, entry.exchange) for entry in reversed(entries)]
    return Markup('<div class="mct">{}</div>').format(
        table(caption, [str(_FORM_COLUMNS[name]) for name in _COLUMNS], rows)
    )


def _row(number: int, exchange: Exchange) -> tuple[str, ...]:
    return (
        str(number),
        exchange.sent_at.strftime("%Y-%m-%d %H:%M:%S"),
        masking.mask_host(exchange.target),
        str(exchange.status) if exchange.status is not None else _("none"),
        exchange.in_words,
        f"{exchange.session_id[:10]}…" if exchange.session_id else _("(none)"),
        str(len(exchange.verdict.errors) if exchange.verdict else 0),
        str(exchange.event.params.get("media.id", "")),
    )
