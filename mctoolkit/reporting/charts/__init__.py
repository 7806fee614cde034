"""Pictures of sessions, drawn by matplotlib as SVG, each with the same in words.

They show in a notebook, in a file without a network, in light and in dark, wide and narrow.
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
from mctoolkit.reporting.charts.labels import hms, in_short, sum_rows, title, when
from mctoolkit.reporting.charts.timeline import Timeline
from mctoolkit.reporting.charts.timeline_pair import TimelinePair

if TYPE_CHECKING:
    from mctoolkit.auditing.api import Audit
    from mctoolkit.models.captured_request import CapturedRequest

__all__ = [
    "Timeline",
    "TimelinePair",
    "Timelines",
    "hms",
    "in_short",
    "sum_rows",
    "timeline",
    "timeline_style",
    "timelines",
    "title",
    "when",
]

timeline_style = styles.style


class Timelines(tuple[Timeline, ...]):
    """The timelines of several sessions, one under the other.

    Attributes
    ----------
    left_out : int
        How many further sessions are not drawn.
    """

    left_out: int = 0

    def __repr__(self) -> str:
        return "\n\n".join([*map(str, self), *filter(None, [self._rest])])

    __str__ = __repr__

    @property
    def _rest(self) -> str:
        return _("{number} more sessions are not drawn.").format(number=self.left_out) if self.left_out else ""

    def _repr_html_(self) -> str:
        parts = [each.to_html() for each in self]
        if self.left_out:
            parts.append(Markup('<p class="mct">{}</p>').format(self._rest))
        return str(Markup("{}{}{}").format(style(), styles.style(), join(parts)))


@overload
def timeline(one: Session, other: None = None, *, findings: Sequence[Finding] = ()) -> Timeline: ...
@overload
def timeline(one: Session, other: Session) -> TimelinePair: ...
def timeline(
    one: Session, other: Session | None = None, *, findings: Sequence[Finding] = ()
) -> Timeline | TimelinePair:
    """Draw a session over time: content, ads, chapters, states, pings and findings; or two, one below the other.

    Parameters
    ----------
    one : Session
        What is drawn.
    other : Session, optional
        A second session, such as the same viewing after a release. It is drawn below the first on the same time axis,
        and the first difference is marked.
    findings : sequence of Finding
        Findings of one session. Their numbers are their places in it, from 1. Those of other sessions are skipped.

    Returns
    -------
    Timeline or TimelinePair
        A notebook shows it as a picture; ``.svg`` is the picture, ``str()`` is its text version.

    Raises
    ------
    UsageError
        ``one`` or ``other`` is not a session, or ``findings`` come with two sessions.

    Examples
    --------
    >>> from mctoolkit.models.captured_request import CapturedRequest
    >>> def call(number, event_type, playhead, ts):
    ...     body = {"eventType": event_type, "playerTime": {"playhead": playhead, "ts": 1509045324000 + ts}}
    ...     return CapturedRequest(number, "sessions" if number == 1 else "events", body)
    >>> session = Session("7f3a", [call(1, "sessionStart", 0, 0), call(2, "play", 0, 500), call(3, "ping", 10, 10_500)])
    >>> timeline(session).rows[1][1:]
    ('0:00', 'playing', '0:10')
    >>> timeline(session).svg[:4]
    '<svg'
    >>> timeline(session, Session("9c1e", [call(1, "sessionStart", 0, 0), call(2, "adBreakStart", 0, 500)])).summary
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
        return Timeline(one, [(number, each) for number, each in enumerate(findings, 1) if _is_of(each, one)])
    if findings:
        raise UsageError(
            _("timeline() marks findings in one session only. Leave out findings, or draw each session by itself.")
        )
    return TimelinePair(one, other)


def timelines(audit: Audit, calls: Iterable[CapturedRequest], *, most: int = 20) -> Timelines:
    """Draw the sessions of an audit, those with problems first, then those with tips.

    Parameters
    ----------
    audit : Audit
        What :func:`mctoolkit.audit` returned. The findings have the numbers under which it shows them.
    calls : iterable of CapturedRequest
        The calls of the same capture once more, such as :func:`mctoolkit.captures.read_requests` gives them: an audit
        does not hold them. Only those of the sessions that are drawn are kept in memory.
    most : int
        How many sessions are drawn.

    Examples
    --------
    >>> from mctoolkit import audit
    >>> from mctoolkit.captures import read_requests
    >>> body = {"eventType": "adStart", "playerTime": {"playhead": 0, "ts": 1509045334153}}
    >>> [drawn.findings[0][0] for drawn in timelines(audit([body]), read_requests([body]))]
    [1]
    """
    number_of = {group.first.cause: number for number, group in enumerate(audit.groups, 1)}
    chosen = sorted(audit.sessions, key=lambda session: (session.ok, not session.findings))[:most]
    gathered = gather(calls, {session.key for session in chosen})
    found = Timelines(
        Timeline(gathered[judged.key], sorted(((number_of[f.cause], f) for f in judged.findings), key=itemgetter(0)))
        for judged in chosen
        if judged.key in gathered
    )
    found.left_out = len(audit.sessions) - len(found)
    return found


def _is_of(finding: Finding, session: Session) -> bool:
    if finding.capture and session.capture and finding.capture != session.capture:
        return False
    if finding.session_id is not None:
        return finding.session_id == session.id
    return any(session.at(entry) is not None for entry in finding.entries)
