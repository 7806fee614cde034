"""Timelines of sessions, drawn by matplotlib as SVG, each with a text version.

They work in a notebook and in a file without a network, in light and dark themes, on wide and narrow pages.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, overload

from mctoolkit._core.errors import UsageError
from mctoolkit._core.html import Markup, join, style
from mctoolkit._core.messages import gettext as _
from mctoolkit.models.finding import Finding
from mctoolkit.models.session import Session, gather
from mctoolkit.reporting.charts import styles
from mctoolkit.reporting.charts.timeline import Timeline
from mctoolkit.reporting.charts.timeline_pair import TimelinePair

if TYPE_CHECKING:
    from mctoolkit.auditing.api import Audit
    from mctoolkit.models.captured_request import CapturedRequest

__all__ = ["Timeline", "TimelinePair", "Timelines", "timeline", "timeline_style", "timelines"]

timeline_style = styles.style


class Timelines(tuple[Timeline, ...]):
    """The timelines of several sessions, one below the other.

    Attributes
    ----------
    omitted : int
        The number of sessions without a timeline here.
    """

    omitted: int = 0

    def __repr__(self) -> str:
        return "\n\n".join([*map(str, self), *self._note])

    __str__ = __repr__

    @property
    def _note(self) -> list[str]:
        return [_("{number} more sessions are not shown.").format(number=self.omitted)] if self.omitted else []

    def _repr_html_(self) -> str:
        parts = [timeline.to_html() for timeline in self]
        parts += [Markup('<p class="mct">{}</p>').format(note) for note in self._note]
        return str(Markup("{}{}{}").format(style(), styles.style(), join(parts)))


@overload
def timeline(one: Session, other: None = None, *, findings: Sequence[Finding] = ()) -> Timeline: ...
@overload
def timeline(one: Session, other: Session) -> TimelinePair: ...
def timeline(
    one: Session, other: Session | None = None, *, findings: Sequence[Finding] = ()
) -> Timeline | TimelinePair:
    """Draw a session over time: content, ads, chapters, states, pings and findings. Or compare two sessions.

    Parameters
    ----------
    one : Session
        The session.
    other : Session, optional
        A second session, such as the same content after a release. It is drawn below the first on the same time axis,
        and the first difference is marked.
    findings : sequence of Finding
        Findings to mark, numbered by their position from 1. Those of other sessions are skipped.

    Returns
    -------
    Timeline or TimelinePair
        A notebook shows it as a drawing; ``.svg`` is the drawing, ``str()`` the text version.

    Raises
    ------
    UsageError
        ``one`` or ``other`` is not a session, or ``findings`` are given with two sessions.

    Examples
    --------
    >>> from mctoolkit.models.captured_request import CapturedRequest
    >>> def request(number, event_type, playhead, ts):
    ...     body = {"eventType": event_type, "playerTime": {"playhead": playhead, "ts": 1509045324000 + ts}}
    ...     return CapturedRequest(number, "sessions" if number == 1 else "events", body)
    >>> start = request(1, "sessionStart", 0, 0)
    >>> session = Session("7f3a", [start, request(2, "play", 0, 500), request(3, "ping", 10, 10_500)])
    >>> timeline(session).rows[1][1:]
    ('0:00', 'playing', '0:10')
    >>> timeline(session).svg[:4]
    '<svg'
    >>> timeline(session, Session("9c1e", [start, request(2, "adBreakStart", 0, 500)])).summary
    'First difference at event 2: play in the first session, adBreakStart in the second.'
    """
    for thing in (one,) if other is None else (one, other):
        if not isinstance(thing, Session):
            raise UsageError(
                _(
                    "timeline() draws Session objects, and this is a {kind}. For a file: first, *others = "
                    'gather(read_requests("name.har")).values(), then timeline(first).'
                ).format(kind=type(thing).__name__)
            )
    if other is None:
        return Timeline(one, [(number, each) for number, each in enumerate(findings, 1) if _belongs_to(each, one)])
    if findings:
        raise UsageError(
            _("timeline() marks findings in one session only. Leave out findings, or draw each session by itself.")
        )
    return TimelinePair(one, other)


def timelines(audit: Audit, requests: Iterable[CapturedRequest], *, limit: int = 20) -> Timelines:
    """Draw the sessions of an audit: those with errors or warnings first, then those with hints.

    Parameters
    ----------
    audit : Audit
        The result of :func:`mctoolkit.audit`. Findings keep the numbers of its groups.
    requests : iterable of CapturedRequest
        The requests of the same capture, from :func:`mctoolkit.captures.read_requests`; an audit does not store them.
        Only those of the sessions drawn are held in memory.
    limit : int
        The maximum number of sessions to draw.

    Returns
    -------
    Timelines
        The timelines; ``omitted`` is the number of sessions left out.

    Examples
    --------
    >>> from mctoolkit import audit
    >>> from mctoolkit.captures import read_requests
    >>> body = {"eventType": "adStart", "playerTime": {"playhead": 0, "ts": 1509045334153}}
    >>> [timeline.findings[0][0] for timeline in timelines(audit([body]), read_requests([body]))]
    [1]
    """
    number_of = {group.first.cause: number for number, group in enumerate(audit.groups, 1)}
    chosen = sorted(audit.sessions, key=lambda session: (session.ok, not session.findings))[:limit]
    sessions = gather(requests, {session.key for session in chosen})
    found = Timelines(
        Timeline(
            sessions[audited.key],
            sorted(((number_of[finding.cause], finding) for finding in audited.findings), key=itemgetter(0)),
        )
        for audited in chosen
        if audited.key in sessions
    )
    found.omitted = len(audit.sessions) - len(found)
    return found


def _belongs_to(finding: Finding, session: Session) -> bool:
    if finding.capture and session.capture and finding.capture != session.capture:
        return False
    if finding.session_id is not None:
        return finding.session_id == session.id
    return any(session.at(entry) is not None for entry in finding.entries)
