"""What a player does to a sandbox, as it happens: the sessions and the newest events, each with its verdict."""

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
    "clock_of",
    "told",
]

MOST_EVENTS: Final = 200
"""How many events are told of, the newest; the sandbox keeps 10,000."""
MOST_SESSIONS: Final = 50
"""How many sessions are told of, those with the newest events."""

Verdict = Literal["ok", "hint", "warning", "error"]

_API: Final = ("sessions", "events", "downloaded")
_FIRST_ERROR: Final = 400


VERDICT_LABELS: Final[Mapping[Verdict, Message]] = {
    "ok": Message("OK"),
    "hint": LEVEL_LABELS["hint"],
    "warning": LEVEL_LABELS["warning"],
    "error": LEVEL_LABELS["error"],
}
_STATES = {
    "starting": Message("started, not playing yet"),
    "playing": Message("playing"),
    "paused": Message("paused"),
    "buffering": Message("waiting for data"),
    "ad": Message("in an ad"),
    "break": Message("in an ad break"),
    "complete": Message("watched to the end"),
    "unknown": Message("not known here"),
}
_CLOSED = {
    "end": Message("closed by sessionEnd"),
    "idle": Message("closed after 10 minutes of silence"),
    "playhead": Message("closed after 30 minutes on one playhead"),
    "evicted": Message("closed, too many were open"),
}


@dataclass(frozen=True, slots=True)
class ObservedEvent:
    """One event that a sandbox was sent, and what is to be said of it.

    Attributes
    ----------
    number : int
        Which request it was, from 1.
    at_ms : int
        When it came, in milliseconds since 1970, by the sandbox's clock.
    session_id : str or None
    event_type : str
        Empty where the body does not say.
    playhead_s : float or None
    status : int or None
        The status of the response; None where the connection was cut on purpose.
    verdict : {"ok", "hint", "warning", "error"}
    message : str
        What is to be said of it, in plain words.
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
    """One session, as far as it has come.

    Attributes
    ----------
    session_id : str
    started_ms, last_ms : int
        When its first and its last event came, in milliseconds since 1970, by the sandbox's clock.
    events, problems : int
        How many events there were, and how many of them were refused, lost, or out of order.
    """

    session_id: str
    started_ms: int
    last_ms: int
    events: int = 0
    problems: int = 0


class Monitor:
    """Looks at a sandbox from time to time, and knows what is new.

    Parameters
    ----------
    sandbox : Sandbox
        Where the player sends to.

    Attributes
    ----------
    events : sequence of ObservedEvent
        The newest 200, oldest first.
    total : int
        How many requests to the API there were in all.
    missed : int
        How many were never looked at, because more came between two looks than the sandbox keeps.

    Examples
    --------
    >>> from mctoolkit.client.client import Client
    >>> from mctoolkit import example
    >>> with Sandbox() as sandbox, Client(sandbox) as client:
    ...     watching = Monitor(sandbox)
    ...     begun = client.start_session(example("sessionStart"))
    ...     watching.look(), watching.look()
    (True, False)
    >>> watching.events[0].event_type, watching.events[0].status, len(watching.sessions)
    ('sessionStart', 201, 1)
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.total = 0
        self.missed = 0
        self._events: deque[ObservedEvent | LogEntry] = deque(maxlen=MOST_EVENTS)
        self._sessions: OrderedDict[str, ObservedSession] = OrderedDict()
        self._last = 0

    def look(self) -> bool:
        """Take in what came since the last look, and tell whether there was anything."""
        if self.sandbox.log.total == self._last:
            return False
        entries = self.sandbox.log.entries
        new = [entry for entry in entries[-(self.sandbox.log.total - self._last) :] if entry.number > self._last]
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
        """The newest events; what is to be said of each is worked out only for these."""
        for at, found in enumerate(self._events):
            if isinstance(found, LogEntry):
                self._events[at] = told(found)
        return [found for found in self._events if isinstance(found, ObservedEvent)]

    @property
    def sessions(self) -> Sequence[ObservedSession]:
        """The sessions with the newest events; the newest comes last."""
        return list(self._sessions.values())

    def state_in_words(self, session_id: str) -> str:
        """Say what a session does now: playing, paused, in an ad, closed and why."""
        found = self.sandbox.sessions.find(session_id, self.sandbox.clock.now_ms())
        if found is None:
            return _("not known here")
        if isinstance(found, SessionState):
            key = "ad" if found.in_ad else "break" if found.in_break else found.playback
            return str(_STATES["complete" if found.completed and key != "ad" else key])
        return str(_CLOSED[found.why])

    @property
    def headline(self) -> str:
        """How much was seen, in a line."""
        if not self.total:
            return _("Nothing was sent yet. Point your player at {url}").format(url=self.sandbox.url)
        problems = sum(session.problems for session in self._sessions.values())
        events = ngettext("1 event", "{number} events", self.total).format(number=self.total)
        sessions = ngettext("1 session", "{number} sessions", len(self._sessions)).format(number=len(self._sessions))
        line = _("{events} in {sessions}.").format(events=events, sessions=sessions)
        line += " " + (
            ngettext("1 problem.", "{number} problems.", problems).format(number=problems)
            if problems
            else _("All in order so far.")
        )
        return (
            (
                f"{line} "
                + ngettext(
                    "1 request came too fast to be looked at.",
                    "{number} requests came too fast to be looked at.",
                    self.missed,
                ).format(number=self.missed)
            )
            if self.missed
            else line
        )

    @property
    def table(self) -> pd.DataFrame:
        """The newest events; the columns are those of :func:`mctoolkit.reporting.tables.observed_events`."""
        return display.to_table(self)

    def text_version(self, events: int = 10) -> str:
        """Return it as text: the headline, the sessions, the newest events."""
        lines = [self.headline]
        for session in self.sessions[-events:]:
            words = _("{id}… {state}, {events}, {problems}").format(
                id=session.session_id[:10],
                state=self.state_in_words(session.session_id),
                events=ngettext("1 event", "{number} events", session.events).format(number=session.events),
                problems=ngettext("1 problem", "{number} problems", session.problems).format(number=session.problems),
            )
            lines.append(f"  {words}")
        for event in self.events[-events:]:
            status = event.status if event.status is not None else _("none")
            lines.append(
                f"  {event.number} {clock_of(event.at_ms)} {event.event_type or '-'} {status} "
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
        session.problems += _verdict_on_order(entry) in ("error", "warning")


def clock_of(at_ms: int) -> str:
    """Return the time of day in UTC, as tables show it."""
    return f"{clocks.utc(at_ms):%H:%M:%S}"


def _verdict_on_order(entry: LogEntry) -> Verdict:
    """Return the verdict on an event as part of its session: whether it was lost, or out of order."""
    if entry.status is None or entry.status >= _FIRST_ERROR or not entry.accepted:
        return "error"
    levels = sorted((session_rules.rule(rule).level for rule in entry.violations), key=rank)
    return levels[0] if levels else "ok"


def told(entry: LogEntry) -> ObservedEvent:
    """Return what is to be said of a request that a sandbox saw."""
    exchange = entry.exchange
    verdict = _verdict_on_order(entry)
    if entry.fault is not None:
        words = _("{what} (on purpose)").format(what=exchange.in_words)
    elif entry.status is None or entry.status >= _FIRST_ERROR:
        words = exchange.in_words
    elif entry.violations:
        words = "; ".join(session_rules.rule(slip).title for slip in entry.violations)
    elif exchange.verdict is not None and exchange.verdict.problems:
        verdict, words = "hint", exchange.verdict.problems[0].message
    else:
        words = exchange.in_words
    playhead_s = exchange.event.playhead_s
    return ObservedEvent(
        entry.number, entry.at_ms, entry.session_id, entry.event_type or "", playhead_s, entry.status, verdict, words
    )
