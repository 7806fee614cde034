"""The form asleep: a picture of it in plain HTML, for a notebook that is opened without a kernel.

A saved notebook keeps no widget, only outputs. The form leaves two: itself, and this picture. Awake, the style sheet
of the form hides the picture; asleep, that of the picture hides what JupyterLab shows in place of the widget.
On GitHub, where no style is kept, the picture still reads as a table.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from mctoolkit import masking, texts
from mctoolkit.drafts import Draft
from mctoolkit.errors import UnreadableInput
from mctoolkit.exchanges import Exchange
from mctoolkit.markup import Markup, join, style, table
from mctoolkit.problems import Verdict, problem_list
from mctoolkit.widgets.outline import answer_line, shown_value, status_text

if TYPE_CHECKING:
    from IPython.display import DisplayHandle

__all__ = ["HIDE_PICTURE", "Album", "picture", "sleeping"]

HIDE_PICTURE = ".mct-sleeping { display: none; }"
"""Part of the style sheet of the form that is awake."""

_STYLE = """
.jp-OutputArea-child:has(+ .jp-OutputArea-child .mct-sleeping):not(:has(.mct-form, .mct-question))
  { display: none; }
.mct-sleeping { border: 1px solid var(--jp-border-color2, #ddd); border-radius: 4px; padding: 8px 12px; }
.mct-sleeping .mct-asleep { background: var(--jp-warn-color3, #fff3cd); border-radius: 3px; color: #3d2c00;
  font-weight: 600; margin: 0 0 8px; padding: 6px 10px; }
.mct-sleeping .mct-drawn { border: 1px solid var(--jp-border-color1, #bbb); border-radius: 3px; display: inline-block;
  padding: 2px 10px; }
"""


def picture(
    draft: Draft,
    verdict: Verdict,
    exchanges: Sequence[tuple[int, Exchange]],
    *,
    total: int,
    target: str,
    send_label: str,
) -> str:
    """Return the form as it looks, as HTML that needs no kernel; identifiers of people and tenants are hidden."""
    word, rest = status_text(draft, verdict)
    event = draft.event_type.name
    rows = [
        (
            field.label,
            Markup("<code>{}</code>").format(field.key),
            shown_value(field.key, draft.text(field.key)) if draft.is_set(field.key) else texts.say("form.unset"),
            texts.say("form.required" if field.required(event) else "form.optional"),
        )
        for field in draft.fields
        if draft.is_set(field.key) or field.required(event) or verdict.at(*field.place)
    ]
    rows += [
        (name, Markup("<code>customMetadata</code>"), shown_value(name, value), "")
        for name, value in draft.labels.items()
    ]
    columns = [texts.say(f"form.picture.{name}") for name in ("field", "key", "value", "mark")]
    answers = join(Markup("<li>{}</li>").format(f"{number} {answer_line(exchange)}") for number, exchange in exchanges)
    content = Markup(
        '<p class="mct-head">{}</p><p>{}</p><p><span class="mct-word {}">{}</span> {}</p>{}{}'
        "<details><summary>{}</summary><pre>{}</pre></details>"
        '<p><span class="mct-drawn">{}</span></p><p class="mct-quiet">{}</p><ul>{}</ul>'
    ).format(
        texts.say("form.title"),
        texts.say("form.picture.goes_to", target=masking.mask_host(target)),
        "mct-good" if verdict.ok else "mct-bad",
        word,
        rest,
        problem_list(verdict.problems),
        table(texts.say("form.picture.caption"), columns, rows),
        texts.say("form.will_be_sent"),
        _body(draft),
        send_label,
        texts.say("form.answers", number=total),
        answers,
    )
    return sleeping(texts.say("form.asleep"), content)


def sleeping(note: str, content: Markup) -> str:
    """Return a picture that is seen only where what it shows is asleep; the note on it says how to wake it."""
    return str(
        Markup('{}<style>{}</style><div class="mct mct-sleeping"><p class="mct-asleep">{}</p>{}</div>').format(
            style(), Markup(_STYLE), note, content
        )
    )


class Album:
    """The picture of what goes on changing by itself: shown once, and put in place of the old one from time to time.

    Parameters
    ----------
    picture : callable
        Returns it as it looks now.
    """

    def __init__(self, picture: Callable[[], str]) -> None:
        self._picture = picture
        self._handle: DisplayHandle | None = None
        self._shown = ""
        self._at = 0.0

    def show(self) -> None:
        """Show it as an output of the cell that runs."""
        from IPython.display import HTML, DisplayHandle

        self._shown, self._at = self._picture(), time.monotonic()
        self._handle = DisplayHandle()  # type: ignore[no-untyped-call]
        self._handle.display(HTML(self._shown))  # type: ignore[no-untyped-call]

    def renew(self, at_most_each_s: float = 0) -> None:
        """Put a new one in its place where it looks different now, unless the last was so short a time ago."""
        if self._handle is None or time.monotonic() - self._at < at_most_each_s:
            return
        from IPython.display import HTML

        self._at = time.monotonic()
        shown = self._picture()
        if shown != self._shown:
            self._shown = shown
            self._handle.update(HTML(shown))  # type: ignore[no-untyped-call]


def _body(draft: Draft) -> str:
    try:
        return masking.mask_text(draft.event.to_bytes())
    except UnreadableInput as error:
        return str(error)
