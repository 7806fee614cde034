"""Pictures of sessions, drawn by matplotlib as SVG, each with the same in words.

They show in a notebook, in a file without a network, in light and in dark, wide and narrow.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING

from mctoolkit import texts
from mctoolkit.charts import looks
from mctoolkit.charts.sides import SideBySide, must_be_sessions, side_by_side
from mctoolkit.charts.timelines import Timeline
from mctoolkit.charts.wording import hms, in_short, sum_rows, title, when
from mctoolkit.findings import Finding
from mctoolkit.markup import Markup, join, style
from mctoolkit.sessions import Session, gather

if TYPE_CHECKING:
    from mctoolkit.audits import Audit
    from mctoolkit.calls import Call

__all__ = [
    "SideBySide",
    "Timeline",
    "Timelines",
    "hms",
    "in_short",
    "side_by_side",
    "sum_rows",
    "timeline",
    "timeline_style",
    "timelines",
    "title",
    "when",
]

timeline_style = looks.style


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
        return texts.say("timeline.no_room", number=self.left_out) if self.left_out else ""

    def _repr_html_(self) -> str:
        parts = [each.to_html() for each in self]
        if self.left_out:
            parts.append(Markup('<p class="mct">{}</p>').format(self._rest))
        return str(Markup("{}{}{}").format(style(), looks.style(), join(parts)))


def timeline(session: Session, findings: Sequence[Finding] = ()) -> Timeline:
    """Draw one session over time: content, ads, chapters, states, pings, and what was found, by numbers.

    Parameters
    ----------
    session : Session
        What is drawn.
    findings : sequence of Finding
        Their numbers are their places in it, from 1. Those of other sessions are passed over.

    Returns
    -------
    Timeline
        A notebook shows it as a picture; ``.svg`` is the picture, ``str()`` the same in words.

    Examples
    --------
    >>> from mctoolkit.calls import Call
    >>> def call(number, event_type, playhead, ts):
    ...     body = {"eventType": event_type, "playerTime": {"playhead": playhead, "ts": 1509045324000 + ts}}
    ...     return Call(number, "sessions" if number == 1 else "events", body)
    >>> session = Session("7f3a", [call(1, "sessionStart", 0, 0), call(2, "play", 0, 500), call(3, "ping", 10, 10_500)])
    >>> timeline(session).rows[1][1:]
    ('0:00', 'playing', '0:10')
    >>> timeline(session).svg[:4]
    '<svg'
    """
    must_be_sessions(session)
    return Timeline(session, [(number, each) for number, each in enumerate(findings, 1) if _is_of(each, session)])


def timelines(audit: Audit, calls: Iterable[Call], *, most: int = 20) -> Timelines:
    """Draw the sessions of an audit, those with problems first, then those with tips.

    Parameters
    ----------
    audit : Audit
        What :func:`mctoolkit.audit` returned. The findings have the numbers under which it shows them.
    calls : iterable of Call
        The calls of the same capture once more, such as :func:`mctoolkit.captures.read_calls` gives them: an audit
        does not hold them. Only those of the sessions that are drawn are kept in memory.
    most : int
        How many sessions are drawn.

    Examples
    --------
    >>> from mctoolkit import audit
    >>> from mctoolkit.captures import read_calls
    >>> body = {"eventType": "adStart", "playerTime": {"playhead": 0, "ts": 1509045334153}}
    >>> [drawn.findings[0][0] for drawn in timelines(audit([body]), read_calls([body]))]
    [1]
    """
    number_of = {id(finding): number for number, group in enumerate(audit.groups, 1) for finding in group.findings}
    chosen = sorted(audit.sessions, key=lambda session: (session.ok, not session.findings))[:most]
    gathered = gather(calls, {session.key for session in chosen})
    found = Timelines(
        Timeline(gathered[judged.key], sorted(((number_of[id(f)], f) for f in judged.findings), key=itemgetter(0)))
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
