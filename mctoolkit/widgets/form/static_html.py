"""The form asleep: a picture of it in plain HTML, for a notebook that is opened without a kernel.

A saved notebook keeps no widget, only outputs. The form leaves two: itself, and this picture. Awake, the style sheet
of the form hides the picture; asleep, that of the picture hides what JupyterLab shows in place of the widget.
On GitHub, where no style is kept, the picture still reads as a table.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from mctoolkit._core.errors import InputError
from mctoolkit._core.html import Markup, join, style, table
from mctoolkit._core.messages import Message
from mctoolkit._core.messages import gettext as _
from mctoolkit.models import masking
from mctoolkit.models.draft import Draft
from mctoolkit.models.exchange import Exchange
from mctoolkit.models.problem import Verdict
from mctoolkit.reporting.html.verdict import problem_list
from mctoolkit.widgets.common.styles import JSON_STYLE
from mctoolkit.widgets.form.field import SECTIONS
from mctoolkit.widgets.form.text_repr import response_line, shown_value, status_text

if TYPE_CHECKING:
    from IPython.display import DisplayHandle

__all__ = ["HIDE_PICTURE", "StaticSnapshot", "picture", "sleeping"]

HIDE_PICTURE = ".mct-sleeping { display: none; }"
"""Part of the style sheet of the form that is awake."""

_STYLE = (
    JSON_STYLE
    + """
.jp-OutputArea-child:has(+ .jp-OutputArea-child .mct-sleeping):not(:has(.mct-form, .mct-question))
  { display: none; }
.mct.mct-sleeping { border: 1px solid var(--jp-border-color2, #ddd); border-radius: 4px; max-width: none; padding: 0; }
.mct-sleeping > * { margin: 0; padding: 8px 12px; }
.mct-sleeping > * + * { border-top: 1px solid var(--jp-border-color2, #ddd); }
.mct-sleeping .mct-asleep { background: var(--jp-warn-color3, #fff3cd); color: #3d2c00; font-weight: 600; margin: 0; }
.mct-sleeping .mct-drawn { border: 1px solid var(--jp-border-color1, #bbb); border-radius: 3px; display: inline-block;
  padding: 2px 10px; }
.mct-drawn-row { align-items: baseline; display: flex; flex-wrap: wrap; gap: 4px 12px; justify-content: space-between; }
.mct-drawn-row p { margin: 0; }
.mct-drawn-panes { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 20em), 1fr)); padding: 0; }
.mct-drawn-panes > * { box-sizing: border-box; max-height: 340px; overflow: auto; padding: 8px 12px; }
.mct-drawn-panes > * + * { border-left: 1px solid var(--jp-border-color2, #ddd); }
.mct-drawn-panes .mct-scroll { overflow: visible; }
.mct .mct-drawn-panes pre { background: none; font-size: 12px; margin: 0; padding: 4px 0 0; }
.mct-drawn-panes :is(table, tbody) { display: block; }
.mct .mct-drawn-panes :is(caption, thead) { display: none; }
.mct-drawn-panes tr { background: none !important; display: grid; gap: 0 8px; grid-template-columns: auto 1fr auto;
  margin-bottom: 12px; padding: 0; }
.mct-sleeping .mct-drawn-panes table.mct-table td { border: 0; max-width: none; padding: 0; }
.mct-drawn-panes td:nth-child(1) { font-weight: 600; }
.mct-drawn-panes td:nth-child(2) code { background: none; color: var(--jp-ui-font-color2, #555); font-size: 12px;
  padding: 0; }
.mct-drawn-panes td:nth-child(4) { color: var(--jp-ui-font-color2, #555); }
.mct-sleeping .mct-drawn-panes table.mct-table td:nth-child(3) { border: 1px solid var(--jp-border-color1, #bbb);
  grid-column: 1 / -1; grid-row: 2; padding: 3px 8px; }
"""
)

_TOKEN = re.compile(
    r'(?P<key>"(?:[^"\\]|\\.)*")(?=:)|(?P<text>"(?:[^"\\]|\\.)*")|(?P<number>-?\d[\d.eE+-]*|true|false|null)'
)


_PICTURES = {
    "field": Message("Field"),
    "key": Message("Key"),
    "value": Message("Value"),
    "mark": Message("Must it be there?"),
}


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
            shown_value(field.key, draft.text(field.key)) if draft.is_set(field.key) else _("Not sent"),
            _("Required") if field.required(event) else _("Optional"),
        )
        for field in sorted(draft.fields, key=lambda one: (not one.required(event), SECTIONS.index(one.section)))
        if draft.is_set(field.key) or field.required(event) or verdict.at(*field.place)
    ]
    rows += [
        (name, Markup("<code>customMetadata</code>"), shown_value(name, value), "")
        for name, value in draft.labels.items()
    ]
    columns = [str(_PICTURES[name]) for name in ("field", "key", "value", "mark")]
    responses = join(
        Markup("<li>{}</li>").format(f"{number} {response_line(exchange)}") for number, exchange in exchanges
    )
    content = Markup(
        '<div class="mct-drawn-row"><p class="mct-head">{}</p><p>{}</p></div>'
        '<div><span class="mct-word {}">{}</span> {}{}</div>'
        '<div class="mct-drawn-panes">{}'
        '<div tabindex="0" role="region" aria-label="{}"><b>{}</b><pre class="mct-json">{}</pre></div></div>'
        '<div><span class="mct-drawn">{}</span></div><div><span class="mct-quiet">{}</span><ul>{}</ul></div>'
    ).format(
        _("Start a session (sessionStart)"),
        _("Goes to: {target}").format(target=masking.mask_host(target)),
        "mct-good" if verdict.ok else "mct-bad",
        word,
        rest,
        problem_list(verdict.problems),
        table(_("What is filled in"), columns, rows),
        _("What will be sent"),
        _("What will be sent"),
        _coloured(_body(draft)),
        send_label,
        _("Answers so far: {number}").format(number=total),
        responses,
    )
    return sleeping(
        _(
            "This is a picture of the form. Click in the cell above it and press Shift+Enter to wake "
            "it. Your responses are kept."
        ),
        content,
    )


def sleeping(note: str, content: Markup) -> str:
    """Return a picture that is seen only where what it shows is asleep; the note on it says how to wake it."""
    return str(
        Markup('{}<style>{}</style><div class="mct mct-sleeping"><p class="mct-asleep">{}</p>{}</div>').format(
            style(), Markup(_STYLE), note, content
        )
    )


class StaticSnapshot:
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
    except InputError as error:
        return str(error)


def _coloured(text: str) -> Markup:
    """Write JSON as HTML, each token in a span that says what it is."""
    parts: list[Markup | str] = []
    end = 0
    for found in _TOKEN.finditer(text):
        parts += [text[end : found.start()], Markup('<span class="mct-{}">{}</span>').format(found.lastgroup, found[0])]
        end = found.end()
    return join([*parts, text[end:]])
