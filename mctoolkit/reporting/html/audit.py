"""An audit as HTML for a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mctoolkit._core.html import Markup, join, table
from mctoolkit._core.messages import Message, ngettext
from mctoolkit._core.messages import gettext as _
from mctoolkit.auditing.text import MAX_GROUPS, MAX_SESSIONS, session_rows
from mctoolkit.models.finding import Finding
from mctoolkit.reporting.html.finding import finding_html

if TYPE_CHECKING:
    from mctoolkit.auditing.api import Audit, Group

__all__ = ["audit_html"]

_MORE: Final = {
    "sessions": Message("And {number} more sessions."),
    "groups": Message("And {number} more findings; --json lists all of them."),
}


def audit_html(audit: Audit) -> Markup:
    """Return an audit as HTML, without the style sheet: the summary, the sessions, the findings."""
    header, *rows = session_rows(audit.sessions[:MAX_SESSIONS])
    sessions = table(_("The sessions"), header, rows) if rows else Markup("")
    groups = join(Markup("<li>{}</li>").format(_group_html(group)) for group in audit.groups[:MAX_GROUPS])
    findings = Markup("<ol>{}</ol>").format(groups) if audit.groups else Markup("")
    left_out = {"sessions": len(audit.sessions) - MAX_SESSIONS, "groups": len(audit.groups) - MAX_GROUPS}
    notes = [_MORE[name].format(number=number) for name, number in left_out.items() if number > 0]
    return Markup('<p class="mct-head"><span class="mct-word {}">{}</span>{}</p>{}{}{}{}').format(
        "mct-good" if audit.ok else "mct-bad",
        _("OK") if audit.ok else _("Problem"),
        audit.summary,
        _paragraphs(audit.advice),
        sessions,
        findings,
        _paragraphs([*notes, *audit.notes]),
    )


def _paragraphs(sentences: list[str] | tuple[str, ...]) -> Markup:
    return join(Markup("<p>{}</p>").format(sentence) for sentence in sentences)


def _group_html(group: Group) -> Markup:
    first: Finding = group.first
    if group.sessions == 1:
        return finding_html(first)
    sessions = ngettext("in {number} session", "in {number} sessions", group.sessions).format(number=group.sessions)
    return Markup('{}<p class="mct-quiet">{}</p>').format(finding_html(first), sessions)
