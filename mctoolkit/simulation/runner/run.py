"""Run: the exchanges and the outcome of a simulation. Progress: how far it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from mctoolkit._core import clocks
from mctoolkit._core.html import Markup, style, table
from mctoolkit._core.messages import Message, Plural
from mctoolkit._core.messages import gettext as _
from mctoolkit.models.exchange import Exchange
from mctoolkit.simulation import PlannedEvent
from mctoolkit.simulation.runner.responses import format_response

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Outcome", "Progress", "Run"]

Outcome = Literal["running", "done", "cancelled", "no-session", "session-lost", "no-response"]

_MAX_ROWS: Final = 200

_OUTCOMES = {
    "running": Message("Running."),
    "done": Message("Finished."),
    "cancelled": Message("Cancelled."),
    "no-session": Message("Stopped: no session was started. The response to sessionStart says why."),
    "session-lost": Message(
        "Stopped: the session no longer exists on the server (404 or 410), and later events would be lost. "
        "A player should now start a new session with media.resume."
    ),
    "no-response": Message("Stopped: no response. Nothing was sent again, because that could count an event twice."),
}
_SENT = Plural("{sent} of {number} request sent.", "{sent} of {number} requests sent.")
_REFUSED = Plural("{number} was refused.", "{number} were refused.")
_ACCEPTED = Plural("It was accepted.", "All were accepted.")
_UNSENT = Plural(
    "{number} was not sent because its session was not started.",
    "{number} were not sent because their session was not started.",
)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a simulation is.

    Attributes
    ----------
    done, total : int
        The number of finished events, and of all events.
    event : PlannedEvent
        The last event.
    exchange : Exchange or None
        Its exchange; None if it was not sent.
    """

    done: int
    total: int
    event: PlannedEvent
    exchange: Exchange | None

    def __str__(self) -> str:
        """Return one line, such as ``3/29  0:00  adStart: 204 event accepted``."""
        return _("{number}/{total}  {at}  {event}: {response}").format(
            number=self.done,
            total=self.total,
            at=clocks.format_duration(self.event.at_ms // 1000 * 1000),
            event=self.event.event_type or _("list of events"),
            response=_("not sent: no session") if self.exchange is None else format_response(self.exchange),
        )


@dataclass(slots=True)
class Run:
    """The result of a simulation.

    Attributes
    ----------
    title : str
        The name of the scenario.
    target : str
        The host, without the name of the company.
    total : int
        The number of requests to send.
    exchanges : list of Exchange
        The exchanges, in order.
    sessions : dict
        The session ids, by the name of the session in :attr:`PlannedEvent.session`.
    unsent : int
        The number of events that were not sent because their session was not started.
    outcome : str
        ``"done"``, ``"cancelled"``, ``"no-session"`` (a ``sessionStart`` was refused), ``"session-lost"`` (404 or
        410) or ``"no-response"``; ``"running"`` until then.
    """

    title: str
    target: str
    total: int
    exchanges: list[Exchange] = field(default_factory=list, repr=False)
    sessions: dict[str, str] = field(default_factory=dict)
    unsent: int = 0
    outcome: Outcome = "running"

    @property
    def session_ids(self) -> tuple[str, ...]:
        """The session ids, in order."""
        return tuple(self.sessions.values())

    @property
    def refused(self) -> int:
        """The number of requests without a 201 or 204."""
        return sum(exchange.status not in (201, 204) for exchange in self.exchanges)

    @property
    def ok(self) -> bool:
        """Whether all requests were sent and accepted."""
        return self.outcome == "done" and not self.refused and not self.unsent

    @property
    def table(self) -> pd.DataFrame:
        """One row for each request; the columns are those of :func:`mctoolkit.reporting.tables.events`."""
        from mctoolkit.reporting import tables

        return tables.events(self.exchanges)

    @property
    def message(self) -> str:
        """The outcome, in a few sentences."""
        sent = len(self.exchanges)
        parts = [str(_OUTCOMES[self.outcome]), _SENT.format(self.total, sent=sent)]
        if self.refused:
            parts.append(_REFUSED.format(self.refused))
        elif sent:
            parts.append(_ACCEPTED.format(sent))
        if self.unsent:
            parts.append(_UNSENT.format(self.unsent))
        return " ".join(parts)

    def __repr__(self) -> str:
        return f"{self.title} -> {self.target}\n{self.message}"

    def _repr_html_(self) -> str:
        shown = self.exchanges[-_MAX_ROWS:]
        hidden = len(self.exchanges) - len(shown)
        caption = _("Sent: {number}").format(number=len(self.exchanges))
        if hidden:
            caption += " " + _("(the newest {number} are shown)").format(number=len(shown))
        start_ms = self.exchanges[0].sent_at_ms if self.exchanges else 0
        rows = [
            (
                str(number),
                clocks.format_duration((exchange.sent_at_ms - start_ms) // 1000 * 1000),
                exchange.event.type or _("list of events"),
                "" if exchange.event.playhead_s is None else f"{exchange.event.playhead_s:g}",
                format_response(exchange),
            )
            for number, exchange in enumerate(shown, hidden + 1)
        ]
        header = ["#", _("After"), _("Event"), _("Playhead (s)"), _("Response")]
        return str(
            Markup(
                '{}<div class="mct"><p class="mct-head"><span class="mct-word {}">{}</span>{}</p><p>{}</p>{}</div>'
            ).format(
                style(),
                "mct-good" if self.ok else "mct-bad",
                _("OK") if self.ok else _("Problem"),
                f"{self.title} → {self.target}",
                self.message,
                table(caption, header, rows),
            )
        )
