"""The static view of the form."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mctoolkit._core.errors import InputError
from mctoolkit._core.html import Markup, join, table
from mctoolkit._core.messages import Message
from mctoolkit._core.messages import gettext as _
from mctoolkit.models import masking
from mctoolkit.models.draft import Draft
from mctoolkit.models.exchange import Exchange
from mctoolkit.models.problem import Verdict
from mctoolkit.reporting.html.verdict import problem_list
from mctoolkit.widgets.common.static_view import static_view
from mctoolkit.widgets.form.field import SECTIONS
from mctoolkit.widgets.form.text_repr import masked_value, response_line, status_text

__all__ = ["static_html"]

_TOKEN = re.compile(
    r'(?P<key>"(?:[^"\\]|\\.)*")(?=:)|(?P<text>"(?:[^"\\]|\\.)*")|(?P<number>-?\d[\d.eE+-]*|true|false|null)'
)
_COLUMNS = {
    "field": Message("Field"),
    "key": Message("Key"),
    "value": Message("Value"),
    "mark": Message("Required?"),
}


def static_html(
    draft: Draft,
    verdict: Verdict,
    exchanges: Sequence[tuple[int, Exchange]],
    *,
    total: int,
    target: str,
    send_label: str,
) -> str:
    """Return the static view of the form. Identifiers of people and tenants are hidden."""
    word, rest = status_text(draft, verdict)
    event = draft.event_type.name
    rows = [
        (
            field.label,
            Markup("<code>{}</code>").format(field.key),
            masked_value(field.key, draft.text(field.key)) if draft.is_set(field.key) else _("Not sent"),
            _("Required") if field.required(event) else _("Optional"),
        )
        for field in sorted(draft.fields, key=lambda one: (not one.required(event), SECTIONS.index(one.section)))
        if draft.is_set(field.key) or field.required(event) or verdict.at(*field.place)
    ]
    rows += [
        (name, Markup("<code>customMetadata</code>"), masked_value(name, value), "")
        for name, value in draft.labels.items()
    ]
    columns = [str(_COLUMNS[name]) for name in ("field", "key", "value", "mark")]
    responses = join(
        Markup("<li>{}</li>").format(f"{number} {response_line(exchange)}") for number, exchange in exchanges
    )
    content = Markup(
        '<div class="mct-static-row"><p class="mct-head">{}</p><p>{}</p></div>'
        '<div><span class="mct-word {}">{}</span> {}{}</div>'
        '<div class="mct-static-panes">{}'
        '<div tabindex="0" role="region" aria-label="{}"><b>{}</b><pre class="mct-json">{}</pre></div></div>'
        '<div><span class="mct-static-button">{}</span></div><div><span class="mct-quiet">{}</span><ul>{}</ul></div>'
    ).format(
        _("Start a session (sessionStart)"),
        _("Goes to: {target}").format(target=masking.mask_host(target)),
        "mct-good" if verdict.ok else "mct-bad",
        word,
        rest,
        problem_list(verdict.problems),
        table(_("Fields"), columns, rows),
        _("Request"),
        _("Request"),
        _highlight(_masked_body(draft)),
        send_label,
        _("Responses: {number}").format(number=total),
        responses,
    )
    return static_view(
        _(
            "This is a static view of the form. To use the form, click in the cell above and press Shift+Enter. "
            "Your responses are kept."
        ),
        content,
    )


def _masked_body(draft: Draft) -> str:
    try:
        return masking.mask_text(draft.event.to_bytes())
    except InputError as error:
        return str(error)


def _highlight(text: str) -> Markup:
    """Return JSON as HTML with each token in a span of its kind."""
    parts: list[Markup | str] = []
    end = 0
    for match in _TOKEN.finditer(text):
        parts += [text[end : match.start()], Markup('<span class="mct-{}">{}</span>').format(match.lastgroup, match[0])]
        end = match.end()
    return join([*parts, text[end:]])
