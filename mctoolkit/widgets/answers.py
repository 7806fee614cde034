"""The last answer in words, and the table of all answers so far."""

from __future__ import annotations

from collections.abc import Sequence

import ipywidgets

from mctoolkit import masking, texts
from mctoolkit.exchanges import Exchange
from mctoolkit.markup import Markup, table

__all__ = ["AnswersPanel", "answer_line"]

_ROWS_SHOWN = 200
_COLUMNS = ("no", "time", "sent_to", "answer", "in_words", "session_id", "problems", "media_id")


class AnswersPanel:
    """The foot of the form."""

    def __init__(self) -> None:
        self.answer = _part("mct-answer")
        self.table = _part("mct-answers")

    def show(self, exchanges: Sequence[Exchange], error: str) -> None:
        """Show the last answer, or an error of the form itself, and the newest rows of the table."""
        if error:
            shown = Markup('<div class="mct"><span class="mct-word mct-bad">{}</span>{}</div>').format(
                texts.say("form.error_word"), error
            )
        elif exchanges:
            shown = exchanges[-1].to_html()
        else:
            shown = Markup('<div class="mct mct-quiet">{}</div>').format(texts.say("form.no_answer_yet"))
        self.answer.value = str(shown)
        self.table.value = str(_table(exchanges))


def answer_line(exchange: Exchange) -> str:
    """Say in one line what became of an exchange."""
    status = str(exchange.status) if exchange.status is not None else texts.say("form.no_status")
    return f"{status} {exchange.in_words}"


def _table(exchanges: Sequence[Exchange]) -> Markup:
    caption = texts.say("form.answers", number=len(exchanges))
    if not exchanges:
        return Markup('<div class="mct mct-quiet">{}</div>').format(caption)
    if len(exchanges) > _ROWS_SHOWN:
        caption += texts.say("form.newest", number=_ROWS_SHOWN)
    numbered = list(enumerate(exchanges, 1))[-_ROWS_SHOWN:]
    rows = [_row(number, exchange) for number, exchange in reversed(numbered)]
    return Markup('<div class="mct">{}</div>').format(
        table(caption, [texts.say(f"form.column.{name}") for name in _COLUMNS], rows)
    )


def _row(number: int, exchange: Exchange) -> tuple[str, ...]:
    return (
        str(number),
        exchange.sent_at.strftime("%H:%M:%S"),
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
