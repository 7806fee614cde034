"""Monitor: the sessions and the newest events that a sandbox receives, each with its verdict."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from mctoolkit._core import clocks, display
from mctoolkit._core.messages import Message, ngettext
from mctoolkit._core.messages import gettext as _
from mctoolkit.models.session import SessionState
from mctoolkit.models.severity import LEVEL_LABELS, rank
from mctoolkit.sandbox import Sandbox
from mctoolkit.sandbox.request_log import LogEntry
from mctoolkit.spec import session_rules

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "MOST_EVENTS",
    "MOST_SESSIONS",
    "VERDICT_LABELS",
    "Monitor",
    "ObservedEvent",
    "ObservedSession",
    "format_time",
    "observe",
]

MOST_EVENTS: Final = 200
"""How many of the newest events are kept; the sandbox keeps 10,000."""
MOST_SESSIONS: Final = 50
"""How many sessions are kept: those with the newest events."""

Verdict = Literal["ok", "hint", "warning", "error"]

_API: Final = ("sessions", "events", "downloaded")
_FIRST_ERROR: Final = 400

VERDICT_LABELS: Final[Mapping[Verdict, Message]] = {
    "ok": Message("OK"),
    "hint": LEVEL_LABELS["hint"],
    "warning": LEVEL_LABELS["warning"],
    "error": LEVEL_LABELS["error"],
}
_STATES: Final[Mapping[str, Message]] = {
    "starting": Message("started, not playing yet"),
    "playing": Message("playing"),
    "paused": Message("paused"),
    "buffering": Message("buffering"),
    "ad": Message("in an ad"),
    "break": Message("in an ad break"),
    "complete": Message("watched to the end"),
}
_CLOSED: Final[Mapping[str, Message]] = {
    "end": Message("closed by sessionEnd"),
    "idle": Message("closed after 10 minutes without an event"),
    "playhead": Message("closed after 30 minutes on one playhead"),
    "evicted": Message("closed because too many sessions were open"),
}


@dataclass(frozen=True, slots=True)
class ObservedEvent:
    """One event that a sandbox received, with its verdict.

    Attributes
    ----------
    number : int
        The number of the request, from 1.
    at_ms : int
        When it arrived, in milliseconds since 1970, by the sandbox's clock.
    session_id : str or None
    event_type : str
        Empty if the body has none.
    playhead_s : float or None
    status : int or None
        The status of the response; None if the connection was cut on purpose.
    verdict : {"ok", "hint", "warning", "error"}
    message : str
        The reason for the verdict.
    """

    number: int
    at_ms: int
    session_id: str | None
    event_type: str
    playhead_s: float | None
    status: int | None
    verdict: Verdict
    message: str


@dataclass(slots=True)
class ObservedSession:
    """One session so far.

    Attributes
    ----------
    session_id : str
    started_ms, last_ms : int
        When its first and its last event arrived, in milliseconds since 1970, by the sandbox's clock.
    events, problems : int
        The number of events, and of those with an error or a warning.
    """

    session_id: str
    started_ms: int
    last_ms: int
    events: int = 0
    problems: int = 0


class Monitor:
    """Polls a sandbox and keeps what is new.

    Parameters
    ----------
    sandbox : Sandbox
        The sandbox to which the player sends.

    Attributes
    ----------
    events : sequence of ObservedEvent
        The newest 200, oldest first.
    total : int
        The number of requests to the API.
    missed : int
        The number of requests that were skipped, because more arrived between two polls than the sandbox keeps.

    Examples
    --------
    >>> from mctoolkit.client.client import Client
    >>> from mctoolkit import example
    >>> with Sandbox() as sandbox, Client(sandbox) as client:
    ...     monitor = Monitor(sandbox)
    ...     exchange = client.start_session(example("sessionStart"))
    ...     monitor.poll(), monitor.poll()
    (True, False)
    >>> monitor.events[0].event_type, monitor.events[0].status, len(monitor.sessions)
    ('sessionStart', 201, 1)
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.total = 0
        self.missed = 0
        self._events: deque[ObservedEvent | LogEntry] = deque(maxlen=MOST_EVENTS)
        self._sessions: OrderedDict[str, ObservedSession] = OrderedDict()
        self._last = 0

    def poll(self) -> bool:
        """Read the requests since the last poll; return whether there were any."""
        log = self.sandbox.log
        if log.total == self._last:
            return False
        new = [entry for entry in log.entries[-(log.total - self._last) :] if entry.number > self._last]
        if new:
            self.missed += new[0].number - self._last - 1
            self._last = new[-1].number
        for entry in new:
            if entry.endpoint in _API:
                self.total += 1
                self._events.append(entry)
                self._count(entry)
        return bool(new)

    @property
    def events(self) -> Sequence[ObservedEvent]:
        """The newest events; their verdicts are computed here, and only once."""
        for index, found in enumerate(self._events):
            if isinstance(found, LogEntry):
                self._events[index] = observe(found)
        return [found for found in self._events if isinstance(found, ObservedEvent)]

    @property
    def sessions(self) -> Sequence[ObservedSession]:
        """The sessions with the newest events, the newest last."""
        return list(self._sessions.values())

    def describe_state(self, session_id: str) -> str:
        """Return what a session does now: playing, paused, in an ad, or why it is closed."""
        found = self.sandbox.sessions.find(session_id, self.sandbox.clock.now_ms())
        if found is None:
            return _("not known here")
        if isinstance(found, SessionState):
            key = "ad" if found.in_ad else "break" if found.in_break else found.playback
            return str(_STATES["complete" if found.completed and key != "ad" else key])
        return str(_CLOSED[found.why])

    @property
    def headline(self) -> str:
        """The number of events, sessions and problems."""
        if not self.total:
            return _("No events yet. Point your player at {url}").format(url=self.sandbox.url)
        problems = sum(session.problems for session in self._sessions.values())
        events = ngettext("1 event", "{number} events", self.total).format(number=self.total)
        sessions = ngettext("1 session", "{number} sessions", len(self._sessions)).format(number=len(self._sessions))
        sentences = [
            _("{events} in {sessions}.").format(events=events, sessions=sessions),
            ngettext("1 problem.", "{number} problems.", problems).format(number=problems)
            if problems
            else _("No problems so far."),
        ]
        if self.missed:
            skipped = ngettext("1 request was skipped.", "{number} requests were skipped.", self.missed)
            sentences.append(skipped.format(number=self.missed))
        return " ".join(sentences)

    @property
    def table(self) -> pd.DataFrame:
        """The newest events; the columns are those of :func:`mctoolkit.reporting.tables.observed_events`."""
        return display.to_table(self)

    def text_version(self, events: int = 10) -> str:
        """Return the headline, the sessions and the newest events as text."""
        lines = [self.headline]
        for session in self.sessions[-events:]:
            line = _("{id}… {state}, {events}, {problems}").format(
                id=session.session_id[:10],
                state=self.describe_state(session.session_id),
                events=ngettext("1 event", "{number} events", session.events).format(number=session.events),
                problems=ngettext("1 problem", "{number} problems", session.problems).format(number=session.problems),
            )
            lines.append(f"  {line}")
        for event in self.events[-events:]:
            status = event.status if event.status is not None else _("none")
            lines.append(
                f"  {event.number} {format_time(event.at_ms)} {event.event_type or '-'} {status} "
                f"{VERDICT_LABELS[event.verdict]!s}: {event.message}"
            )
        return "\n".join(lines)

    def _count(self, entry: LogEntry) -> None:
        if entry.session_id is None:
            return
        session = self._sessions.get(entry.session_id)
        if session is None:
            session = self._sessions[entry.session_id] = ObservedSession(entry.session_id, entry.at_ms, entry.at_ms)
            if len(self._sessions) > MOST_SESSIONS:
                self._sessions.popitem(last=False)
        self._sessions.move_to_end(entry.session_id)
        session.last_ms = entry.at_ms
        session.events += 1
        session.problems += _session_verdict(entry) in ("error", "warning")


def format_time(at_ms: int) -> str:
    """Return the time of day in UTC."""
    return f"{clocks.utc(at_ms):%H:%M:%S}"


def observe(entry: LogEntry) -> ObservedEvent:
    """Return a request that a sandbox received with its verdict."""
    exchange, verdict = entry.exchange, _session_verdict(entry)
    message = exchange.in_words
    if entry.fault is not None:
        message = _("{what} (on purpose)").format(what=message)
    elif entry.status is not None and entry.status < _FIRST_ERROR:
        if entry.violations:
            message = "; ".join(session_rules.rule(rule).title for rule in entry.violations)
        elif exchange.verdict is not None and exchange.verdict.problems:
            verdict, message = "hint", exchange.verdict.problems[0].message
    event_type, playhead_s = entry.event_type or "", exchange.event.playhead_s
    return ObservedEvent(
        entry.number, entry.at_ms, entry.session_id, event_type, playhead_s, entry.status, verdict, message
    )


def _session_verdict(entry: LogEntry) -> Verdict:
    """Return the verdict on an event as part of its session: whether it was lost, or violates a session rule."""
    if entry.status is None or entry.status >= _FIRST_ERROR or not entry.accepted:
        return "error"
    levels = sorted((session_rules.rule(rule).level for rule in entry.violations), key=rank)
    return levels[0] if levels else "ok"
