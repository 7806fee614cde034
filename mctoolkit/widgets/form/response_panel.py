"""The last response, and the table of all responses with search and comparison."""

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

_COLUMNS = {
    "no": Message("#"),
    "time": Message("Time (UTC)"),
    "sent_to": Message("Sent to"),
    "response": Message("Response"),
    "in_words": Message("Meaning"),
    "session_id": Message("Session id"),
    "problems": Message("Errors"),
    "media_id": Message("media.id"),
}
_COPY_LABELS = {
    "bash": Message("Copy the curl command for macOS, Linux and Git Bash"),
    "powershell": Message("Copy the curl command for PowerShell"),
    "python": Message("Copy the Python code"),
}
_CODE_LABELS = {
    "bash": Message("curl, for macOS, Linux and Git Bash:"),
    "powershell": Message("curl, for PowerShell on Windows:"),
    "python": Message("Python, for a notebook cell:"),
}


class ResponsePanel:
    """The lower part of the form.

    Parameters
    ----------
    target : Target
        Where the form sends.
    link_to : callable
        Makes the button that goes to a problem in the form.
    on_search : callable
        Called with the text to search for in the responses.
    on_resend : callable
        Called to send the last request again.
    on_save : callable
        Called to save the shown responses.
    """

    def __init__(
        self,
        target: Target,
        link_to: Callable[[Problem], Markup],
        on_search: Callable[[str], None],
        on_resend: Callable[[], None],
        on_save: Callable[[], None],
    ) -> None:
        self._target = target
        self._link_to = link_to
        self._entries: Sequence[JournalEntry] = ()
        self._shown: tuple[object, ...] = ()
        self._is_updating = False
        self.response = ipywidgets.HTML()
        self.again = ipywidgets.Button(description=_("Send again"), layout={"width": "auto"})
        self.again.add_class("mct-once")
        self.again.on_click(lambda _: on_resend())
        self.last = ipywidgets.VBox([self.response, self.again])
        self.last.add_class("mct-part")
        self.last.add_class("mct-response")
        self.table = ipywidgets.HTML()
        self.search = ipywidgets.Text(description=_("Search responses"), layout={"width": "auto"})
        self.search.add_class("mct-inline")
        self.search.observe(lambda change: on_search(change["new"]), names="value")
        self.left, self.right = (self._choice(label) for label in (_("Compare"), _("with")))
        self.comparison = ipywidgets.HTML()
        self._tools = ipywidgets.Box([self.search, self.left, self.right])
        self._tools.add_class("mct-tools")
        self.save = ipywidgets.Button(description=_("Save as Excel"), layout={"width": "auto"})
        self.save.on_click(lambda _: on_save())
        self.saved = ipywidgets.HTML()
        self._save_row = ipywidgets.Box([self.save, self.saved])
        self._save_row.add_class("mct-tools")
        self.responses = ipywidgets.VBox([self._tools, self.comparison, self.table, self._save_row])
        self.responses.add_class("mct-part")
        self.responses.add_class("mct-responses")

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
        """Show the last response or an error of the form, a note, and these entries of the journal."""
        (self.last.add_class if sending else self.last.remove_class)("mct-busy")  # dims the previous response
        first = sending and last is None
        if self._shown != (last, error, note, first):
            self._shown = (last, error, note, first)
            self.response.value = str(self._last_html(last, error, note, first))
        unknown = last is not None and last.failure is not None and not last.failure.nothing_was_sent
        self.again.layout.display = None if unknown and not error and not sending else "none"
        if entries is not self._entries:
            self._entries = entries
            self.table.value = str(_table(entries, total))
            self._update_choices(entries)
            self.saved.value = ""
        self._save_row.layout.display = None if entries else "none"
        self._tools.layout.display = None if total else "none"

    def show_saved(self, message: str) -> None:
        """Show where the responses were saved, or why not, until the next response."""
        self.saved.value = str(Markup('<div class="mct">{}</div>').format(message))

    def _last_html(self, last: Exchange | None, error: str, note: str, first: bool) -> Markup:
        if error:
            html = Markup('<div class="mct"><span class="mct-word mct-bad">{}</span>{}</div>').format(_("Error"), error)
        elif last is not None:
            html = join(
                [
                    Markup('<div class="mct">{}</div>').format(exchange_html(last, copy=True, after=self._link_after)),
                    self._as_code(last),
                ]
            )
        else:
            html = Markup('<div class="mct mct-quiet">{}</div>').format(
                _("Waiting for the response.") if first else _("Responses appear here.")
            )
        if note:
            html = Markup('{}<div class="mct mct-tip">{}</div>').format(html, note)
        return html

    def _link_after(self, problem: Problem) -> Markup:
        return Markup(" {}").format(self._link_to(problem))

    def _as_code(self, last: Exchange) -> Markup:
        """Show the request as curl and Python code with hidden identifiers."""
        code_by_language = {
            "bash": to_curl(last, self._target, masked=True),
            "powershell": to_curl(last, self._target, "powershell", masked=True),
            "python": to_python(last, self._target, masked=True),
        }
        blocks = [
            Markup("<p>{} {}</p><pre>{}</pre>").format(
                str(_CODE_LABELS[language]),
                copy_button(code, _("Copy"), str(_COPY_LABELS[language])),
                code,
            )
            for language, code in code_by_language.items()
        ]
        note = Markup('<p class="mct-quiet">{}</p>').format(
            _("Replace each <hidden> with your identifier. print(form.code()) writes the code with identifiers.")
        )
        return Markup('<div class="mct">{}</div>').format(
            details(_("The same request with curl or Python"), join([note, *blocks]))
        )

    def _choice(self, label: str) -> ipywidgets.Dropdown:
        choice = ipywidgets.Dropdown(options=[("-", 0)], value=0, description=label, layout={"width": "auto"})
        choice.add_class("mct-inline")
        choice.observe(self._compare, names="value")
        return choice

    def _update_choices(self, entries: Sequence[JournalEntry]) -> None:
        options = [("-", 0), *((f"{e.number}: {response_line(e.exchange)}", e.number) for e in reversed(entries))]
        numbers = {number for _unused, number in options}
        self._is_updating = True
        try:
            for choice in (self.left, self.right):
                chosen = choice.value
                choice.options = options
                choice.value = chosen if chosen in numbers else 0
        finally:
            self._is_updating = False
        self._compare({})

    def _compare(self, _unused: dict[str, Any]) -> None:
        if self._is_updating:
            return
        by_number = {entry.number: entry.exchange for entry in self._entries}
        left, right = by_number.get(self.left.value), by_number.get(self.right.value)
        if left is None or right is None:
            self.comparison.value = ""
            return
        names = (_("row {number}").format(number=self.left.value), _("row {number}").format(number=self.right.value))
        self.comparison.value = str(compare(left, right, names=names).to_html())


def _table(entries: Sequence[JournalEntry], total: int) -> Markup:
    caption = _("Responses: {number}").format(number=total)
    if not entries:
        return Markup('<div class="mct mct-quiet">{}</div>').format(_("No matching responses.") if total else caption)
    if len(entries) < total:
        caption += _(" (the newest {number} are shown)").format(number=len(entries))
    rows = [_row(entry.number, entry.exchange) for entry in reversed(entries)]
    return Markup('<div class="mct">{}</div>').format(table(caption, [str(label) for label in _COLUMNS.values()], rows))


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
