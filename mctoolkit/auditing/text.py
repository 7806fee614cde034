"""An audit as people read it: text, and HTML for a notebook."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mctoolkit._core import clocks, display
from mctoolkit._core.html import Markup, join, style, table
from mctoolkit._core.messages import Message, ngettext
from mctoolkit._core.messages import gettext as _
from mctoolkit.auditing.groups import Group
from mctoolkit.models.finding import TICKET_LABELS, AuditedSession

if TYPE_CHECKING:
    from mctoolkit.auditing.result import Audit

__all__ = ["html_page", "text_lines"]

_MOST_SESSIONS = 200
_MOST_GROUPS = 100
_COLUMNS = ("session", "verdict", "started", "lasted", "events")


_AUDIT_COLUMNS = {
    "session": Message("Session"),
    "started": Message("Started (UTC)"),
    "lasted": Message("Lasted"),
    "events": Message("Events"),
    "verdict": Message("Verdict"),
}
_MORE = {
    "sessions": Message("And {number} more sessions."),
    "groups": Message("And {number} more findings; --json has all of them."),
}


def text_lines(audit: Audit) -> Iterator[str]:
    """Yield the lines of an audit as text."""
    yield audit.summary
    yield from audit.advice
    header = [str(_AUDIT_COLUMNS[name]) for name in _COLUMNS]
    rows = [header, *(_row(session) for session in audit.sessions[:_MOST_SESSIONS])]
    widths = [max(len(row[column]) for row in rows) for column in range(len(header))]
    if audit.sessions:
        yield ""
        for row in rows:
            yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
    if len(audit.sessions) > _MOST_SESSIONS:
        yield _("And {number} more sessions.").format(number=len(audit.sessions) - _MOST_SESSIONS)
    for number, group in enumerate(audit.groups[:_MOST_GROUPS], 1):
        first = group.first
        yield ""
        yield f"{number}. {first.level_in_words}: {first.message}  [{group.rule}]"
        yield f"   {group.where}"
        if first.response is not None:
            yield f"   {_('The API answered')}: {_said(first.response)}"
        for name, words in (("effect", first.effect), ("ask", first.ask)):
            if words:
                yield f"   {TICKET_LABELS[name]!s}: {words}"
    if len(audit.groups) > _MOST_GROUPS:
        yield _("And {number} more findings; --json has all of them.").format(number=len(audit.groups) - _MOST_GROUPS)
    if nothing := _nothing_found(audit):
        yield nothing
    if audit.resolved:
        yield _("Accepted in the baseline, but not found any more: {rules}. Take it out there.").format(
            rules=", ".join(audit.resolved)
        )


def html_page(audit: Audit) -> str:
    """Return an audit as HTML for a notebook."""
    tone = "mct-good" if audit.ok else "mct-bad"
    word = _("OK") if audit.ok else _("Problem")
    advice = join(Markup("<p>{}</p>").format(words) for words in audit.advice)
    header = [str(_AUDIT_COLUMNS[name]) for name in _COLUMNS]
    rows = [_row(session) for session in audit.sessions[:_MOST_SESSIONS]]
    sessions = table(_("The sessions"), header, rows) if rows else Markup("")
    groups = join(Markup("<li>{}</li>").format(_group_html(group)) for group in audit.groups[:_MOST_GROUPS])
    found = Markup("<ol>{}</ol>").format(groups) if audit.groups else Markup("")
    if nothing := _nothing_found(audit):
        found = Markup("<p>{}</p>").format(nothing)
    more = [
        _MORE[name].format(number=number)
        for name, number in (
            ("sessions", len(audit.sessions) - _MOST_SESSIONS),
            ("groups", len(audit.groups) - _MOST_GROUPS),
        )
        if number > 0
    ]
    if audit.resolved:
        more.append(
            _("Accepted in the baseline, but not found any more: {rules}. Take it out there.").format(
                rules=", ".join(audit.resolved)
            )
        )
    return str(
        Markup('{}<div class="mct"><p class="mct-head"><span class="mct-word {}">{}</span>{}</p>{}{}{}{}</div>').format(
            style(),
            tone,
            word,
            audit.summary,
            advice,
            sessions,
            found,
            join(Markup("<p>{}</p>").format(words) for words in more),
        )
    )


def _nothing_found(audit: Audit) -> str:
    """Return the words for an audit without findings, and none for others; what is accepted is still there."""
    if not audit.sessions or audit.groups or not audit.ok:
        return ""
    return (
        ngettext(
            "Nothing new: {number} accepted finding is not shown.",
            "Nothing new: {number} accepted findings are not shown.",
            audit.accepted,
        ).format(number=audit.accepted)
        if audit.accepted
        else _("Nothing was found: every session is in order.")
    )


def _row(session: AuditedSession) -> list[str]:
    name = session.session_id or session.key
    name = f"{name[:8]}…" if len(name) > 12 else name
    if session.capture:
        name = f"{session.capture}: {name}"
    return [name, session.verdict, _started(session.started_ms), _duration(session.lasted_ms), str(session.events)]


def _started(ms: int | None) -> str:
    if ms is None or clocks.format_timestamp(ms) is None:
        return ""
    return f"{clocks.utc(ms):%Y-%m-%d %H:%M:%S}"


def _duration(ms: int | None) -> str:
    if ms is None:
        return ""
    minutes, seconds = divmod(round(max(0, ms) / 1000), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes:02}:{seconds:02}"


def _said(status: int) -> str:
    return _("{status} (it does not look at the order)").format(status=status) if status == 204 else str(status)


def _group_html(group: Group) -> Markup:
    first = group.first
    where = (
        ngettext("in {number} session", "in {number} sessions", group.sessions).format(number=group.sessions)
        if group.sessions > 1
        else ""
    )
    sessions = Markup('<p class="mct-quiet">{}</p>').format(where) if where else ""
    return Markup("{}{}").format(display.to_fragment(first), sessions)
