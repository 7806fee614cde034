"""The last answer in words, and the table of all answers so far: to search, and to compare two of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import ipywidgets

from mctoolkit import masking, texts
from mctoolkit.comparing import compare
from mctoolkit.exchanges import Exchange
from mctoolkit.journal import Entry
from mctoolkit.markup import Markup, table

__all__ = ["ROWS_SHOWN", "AnswersPanel", "answer_line"]

ROWS_SHOWN = 200
"""How many answers stand in the page at once; the journal keeps all."""

_COLUMNS = ("no", "time", "sent_to", "answer", "in_words", "session_id", "problems", "media_id")


class AnswersPanel:
    """The foot of the form.

    Parameters
    ----------
    on_search : callable
        Called with the words to look for in the answers.
    """

    def __init__(self, on_search: Callable[[str], None]) -> None:
        self._entries: Sequence[Entry] = ()
        self._showing = False
        self.answer = _part("mct-answer")
        self.table = ipywidgets.HTML()
        self.search = ipywidgets.Text(description=texts.say("form.search"), layout={"width": "auto"})
        self.search.add_class("mct-inline")
        self.search.observe(lambda change: on_search(change["new"]), names="value")
        self.left, self.right = (self._choice(texts.say(f"form.{side}")) for side in ("compare", "compare_with"))
        self.comparison = ipywidgets.HTML()
        self._tools = ipywidgets.Box([self.search, self.left, self.right])
        self._tools.add_class("mct-tools")
        self.answers = ipywidgets.VBox([self._tools, self.comparison, self.table])
        self.answers.add_class("mct-part")
        self.answers.add_class("mct-answers")

    def show(
        self, last: Exchange | None, entries: Sequence[Entry], total: int, *, error: str = "", note: str = ""
    ) -> None:
        """Show the last answer, or an error of the form itself, a note on it, and these rows of the journal."""
        if error:
            shown = Markup('<div class="mct"><span class="mct-word mct-bad">{}</span>{}</div>').format(
                texts.say("form.error_word"), error
            )
        elif last is not None:
            shown = last.to_html()
        else:
            shown = Markup('<div class="mct mct-quiet">{}</div>').format(texts.say("form.no_answer_yet"))
        if note:
            shown = Markup('{}<div class="mct mct-tip">{}</div>').format(shown, note)
        self.answer.value = str(shown)
        if entries is not self._entries:
            self._entries = entries
            self.table.value = str(_table(entries, total))
            self._offer(entries)
        self._tools.layout.display = None if total else "none"

    def _choice(self, label: str) -> ipywidgets.Dropdown:
        choice = ipywidgets.Dropdown(options=[("-", 0)], value=0, description=label, layout={"width": "auto"})
        choice.add_class("mct-inline")
        choice.observe(self._chosen, names="value")
        return choice

    def _offer(self, entries: Sequence[Entry]) -> None:
        options = [("-", 0), *((f"{e.number}: {answer_line(e.exchange)}", e.number) for e in reversed(entries))]
        numbers = {number for _, number in options}
        self._showing = True
        try:
            for choice in (self.left, self.right):
                chosen = choice.value
                choice.options = options
                choice.value = chosen if chosen in numbers else 0
        finally:
            self._showing = False
        self._chosen({})

    def _chosen(self, _: dict[str, Any]) -> None:
        if self._showing:
            return
        by_number = {entry.number: entry.exchange for entry in self._entries}
        left, right = by_number.get(self.left.value), by_number.get(self.right.value)
        if left is None or right is None:
            self.comparison.value = ""
            return
        names = (texts.say("form.row", number=self.left.value), texts.say("form.row", number=self.right.value))
        self.comparison.value = str(compare(left, right, names=names).to_html())


def answer_line(exchange: Exchange) -> str:
    """Say in one line what became of an exchange."""
    status = str(exchange.status) if exchange.status is not None else texts.say("form.no_status")
    return f"{status} {exchange.in_words}"


def _table(entries: Sequence[Entry], total: int) -> Markup:
    caption = texts.say("form.answers", number=total)
    if not entries:
        return Markup('<div class="mct mct-quiet">{}</div>').format(
            texts.say("form.no_such_answer") if total else caption
        )
    if len(entries) < total:
        caption += texts.say("form.newest", number=len(entries))
    rows = [_row(entry.number, entry.exchange) for entry in reversed(entries)]
    return Markup('<div class="mct">{}</div>').format(
        table(caption, [texts.say(f"form.column.{name}") for name in _COLUMNS], rows)
    )


def _row(number: int, exchange: Exchange) -> tuple[str, ...]:
    return (
        str(number),
        exchange.sent_at.strftime("%Y-%m-%d %H:%M:%S"),
        masking.mask_host(exchange.target),
        str(exchange.status) if exchange.status is not None else texts.say("form.no_status"),
        exchange.in_words,
        f"{exchange.session_id[:10]}…" if exchange.session_id else texts.say("form.no_id"),
        str(len(exchange.verdict.errors) if exchange.verdict else 0),
        str(exchange.event.params.get("media.id", "")),
    )


def _part(name: str) -> ipywidgets.HTML:
    part = ipywidgets.HTML()
    part.add_class("mct-part")
    part.add_class(name)
    return part
