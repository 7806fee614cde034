"""The sessions and findings of an audit as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from mctoolkit._core import clocks
from mctoolkit._core.messages import Message
from mctoolkit._core.messages import gettext as _
from mctoolkit.auditing.groups import Group
from mctoolkit.models.finding import TICKET_LABELS, AuditedSession

__all__ = ["MAX_GROUPS", "MAX_SESSIONS", "group_lines", "session_lines", "session_rows"]

MAX_SESSIONS: Final = 200
MAX_GROUPS: Final = 100
_MAX_NAME: Final = 12

_COLUMNS: Final = (
    Message("Session"),
    Message("Verdict"),
    Message("Started (UTC)"),
    Message("Lasted"),
    Message("Events"),
)


def session_rows(sessions: Sequence[AuditedSession]) -> list[list[str]]:
    """Return the table of sessions: a row of headings, then one row per session."""
    return [[str(column) for column in _COLUMNS], *(_session_row(session) for session in sessions)]


def session_lines(sessions: Sequence[AuditedSession]) -> Iterator[str]:
    """Yield the lines of the table of sessions."""
    if not sessions:
        return
    rows = session_rows(sessions[:MAX_SESSIONS])
    widths = [max(len(row[column]) for row in rows) for column in range(len(_COLUMNS))]
    yield ""
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
    if len(sessions) > MAX_SESSIONS:
        yield _("And {number} more sessions.").format(number=len(sessions) - MAX_SESSIONS)


def group_lines(groups: Sequence[Group]) -> Iterator[str]:
    """Yield the lines of the findings, numbered."""
    for number, group in enumerate(groups[:MAX_GROUPS], 1):
        first = group.first
        yield ""
        yield f"{number}. {first.level_in_words}: {first.message}  [{group.rule}]"
        yield f"   {group.where}"
        if first.response is not None:
            yield f"   {_('The API answered')}: {_format_status(first.response)}"
        for name, text in (("effect", first.effect), ("ask", first.ask)):
            if text:
                yield f"   {TICKET_LABELS[name]!s}: {text}"
    if len(groups) > MAX_GROUPS:
        yield _("And {number} more findings; --json lists all of them.").format(number=len(groups) - MAX_GROUPS)


def _session_row(session: AuditedSession) -> list[str]:
    name = session.session_id or session.key
    name = f"{name[:8]}…" if len(name) > _MAX_NAME else name
    if session.capture:
        name = f"{session.capture}: {name}"
    started, lasted = _format_start(session.started_ms), _format_duration(session.lasted_ms)
    return [name, session.verdict, started, lasted, str(session.events)]


def _format_start(ms: int | None) -> str:
    if ms is None or clocks.format_timestamp(ms) is None:
        return ""
    return f"{clocks.utc(ms):%Y-%m-%d %H:%M:%S}"


def _format_duration(ms: int | None) -> str:
    if ms is None:
        return ""
    minutes, seconds = divmod(round(max(0, ms) / 1000), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes:02}:{seconds:02}"


def _format_status(status: int) -> str:
    return _("{status} (it does not check the order of events)").format(status=status) if status == 204 else str(status)
