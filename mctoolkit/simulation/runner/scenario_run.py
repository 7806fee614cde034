"""Play a scenario against a sandbox or a real host: in real time, faster, or at once on a clock that is moved."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from mctoolkit._core import clocks
from mctoolkit._core.clocks import Clock
from mctoolkit._core.errors import UsageError
from mctoolkit._core.html import Markup, shorten, style, table
from mctoolkit._core.messages import Message, ngettext
from mctoolkit._core.messages import gettext as _
from mctoolkit.client.client import CancelToken, Client
from mctoolkit.models.errors import NoResponse
from mctoolkit.models.exchange import Exchange
from mctoolkit.simulation import PlannedEvent, Scenario, scenario

if TYPE_CHECKING:
    import pandas as pd

    from mctoolkit.client.journal import Journal

__all__ = ["Outcome", "Progress", "Run", "simulate"]

Outcome = Literal["running", "done", "cancelled", "no-session", "session-lost", "no-answer"]

_GONE: Final = (404, 410)
_ROWS_SHOWN: Final = 200
_FASTEST: Final = 10_000.0


_OUTCOMES = {
    "running": Message("Playing."),
    "done": Message("Played to its end."),
    "cancelled": Message("Stopped before its end."),
    "no-session": Message(
        "Stopped: no session was begun, so there is nowhere to send events. The response to sessionStart says why."
    ),
    "session-lost": Message(
        "Stopped: the session is gone at the server (404 or 410). A good player now "
        "begins a new one, with media.resume; what it sent to the old one is lost."
    ),
    "no-answer": Message("Stopped: nobody answered. Nothing was sent again: that could count an event twice."),
}
_COLUMNS = {
    "number": Message("#"),
    "at": Message("After"),
    "event": Message("Event"),
    "playhead": Message("Playhead (s)"),
    "response": Message("Response"),
}


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run has come.

    Attributes
    ----------
    done, total : int
        How many steps are done, and how many there are.
    step : PlannedEvent
        The last one.
    exchange : Exchange or None
        What came of it; None where it could not be sent.
    """

    done: int
    total: int
    step: PlannedEvent
    exchange: Exchange | None

    def __str__(self) -> str:
        """Write it as a line."""
        event = self.step.event_type or _("list of events")
        response = _("not sent: its session never began") if self.exchange is None else _response_words(self.exchange)
        return _("{number}/{total}  {at}  {event}: {response}").format(
            number=self.done,
            total=self.total,
            at=clocks.format_duration(self.step.at_ms // 1000 * 1000),
            event=event,
            response=response,
        )


@dataclass(slots=True)
class Run:
    """What came of playing a scenario.

    Attributes
    ----------
    title : str
        The name of the scenario.
    target : str
        Where it went, as it may stand in a stored notebook.
    total : int
        How many requests it has.
    exchanges : list of Exchange
        Those that were sent, in order.
    sessions : dict
        The session ids that were given, by the name of the session in the steps.
    unsent : int
        How many had to be left out because their session never began.
    outcome : str
        ``"done"``, ``"cancelled"``, ``"no-session"`` (a session was refused), ``"session-lost"`` (404 or 410),
        ``"no-response"``; ``"running"`` meanwhile.
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
        """The session ids that were given, in order."""
        return tuple(self.sessions.values())

    @property
    def refused(self) -> int:
        """How many requests got a response other than 201 and 204."""
        return sum(exchange.status not in (201, 204) for exchange in self.exchanges)

    @property
    def ok(self) -> bool:
        """Whether all was sent and taken."""
        return self.outcome == "done" and not self.refused and not self.unsent

    @property
    def table(self) -> pd.DataFrame:
        """One row a request; the columns are those of :func:`mctoolkit.reporting.tables.events`."""
        from mctoolkit.reporting import tables

        return tables.events(self.exchanges)

    @property
    def message(self) -> str:
        """What came of it, in a sentence or two."""
        number = len(self.exchanges)
        words = [
            str(_OUTCOMES[self.outcome]),
            ngettext("{sent} of {number} request sent.", "{sent} of {number} requests sent.", self.total).format(
                sent=number, number=self.total
            ),
        ]
        if self.refused:
            words.append(
                ngettext("{number} was not taken.", "{number} were not taken.", self.refused).format(
                    number=self.refused
                )
            )
        elif number:
            words.append(ngettext("It was taken.", "All of them were taken.", number))
        if self.unsent:
            words.append(
                ngettext(
                    "{number} could not be sent, for its session never began.",
                    "{number} could not be sent, for their session never began.",
                    self.unsent,
                ).format(number=self.unsent)
            )
        return " ".join(words)

    def __repr__(self) -> str:
        return f"{self.title} -> {self.target}\n{self.message}"

    def _repr_html_(self) -> str:
        shown = self.exchanges[-_ROWS_SHOWN:]
        before = len(self.exchanges) - len(shown)
        caption = _("Sent: {number}").format(number=len(self.exchanges))
        if before:
            caption += " " + _("(the newest {number} are shown)").format(number=len(shown))
        start_ms = self.exchanges[0].sent_at_ms if self.exchanges else 0
        rows = [
            (
                str(number),
                clocks.format_duration((exchange.sent_at_ms - start_ms) // 1000 * 1000),
                exchange.event.type or _("list of events"),
                "" if exchange.event.playhead_s is None else f"{exchange.event.playhead_s:g}",
                _response_words(exchange),
            )
            for number, exchange in enumerate(shown, before + 1)
        ]
        header = [str(_COLUMNS[name]) for name in ("number", "at", "event", "playhead", "response")]
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


def _are_steps(what: object) -> bool:
    return isinstance(what, Sequence) and all(isinstance(step, PlannedEvent) for step in what)


def simulate(
    what: str | Path | Scenario | Sequence[PlannedEvent],
    to: Any = None,
    *,
    speed: float | None = None,
    defects: Iterable[str] = (),
    go_on: bool = False,
    on_step: Callable[[Progress], object] | None = None,
    cancel: CancelToken | None = None,
    clock: Clock | None = None,
    journal: Journal | None = None,
) -> Run:
    """Play a scenario: send its events in order, and gather the responses.

    An event that is refused (400) is dropped, as players do. When a session is gone (404, 410), could not be begun or
    nobody answers, playing stops and the run says so. Nothing is ever sent twice. An interrupt of the kernel (Ctrl+C)
    stops it too; what was sent until then is in the run.

    Parameters
    ----------
    what : str, Path, Scenario or sequence of PlannedEvent
        The name of a scenario that comes with mctoolkit, such as ``"timeline-1"``; the path of a file of your own;
        or steps that a :class:`mctoolkit.simulation.Player` made, with time stamps of their own.
    to : Sandbox, str or Client, optional
        Where to send; a sandbox of its own without it.
    speed : float, optional
        1 plays in real time, 10 ten times as fast. Without it all is sent at once. The clock of a sandbox is then
        moved along, so that the session runs out there when it would; towards a real host, which has its own clock,
        time stamps are set so that none lies in the future.
    defects : iterable of str
        What the player gets wrong on purpose; see :data:`mctoolkit.simulation.DEFECTS`.
    go_on : bool
        Go on after 404, 410 and missing answers, as Adobe's own libraries do; then a player loses what it sends.
    on_step : callable, optional
        Called after each step with a :class:`Progress`; ``on_step=print`` prints a line for each.
    cancel : CancelToken, optional
        Stops it from another thread.
    clock : Clock, optional
        Tells the time; that of the sandbox by default, or else this computer's.
    journal : Journal, optional
        Where each exchange is kept besides.

    Returns
    -------
    Run
        All exchanges, the session ids, and what came of it.

    Raises
    ------
    InputError
        There is no such scenario, or its file has mistakes.
    UsageError
        The speed is no number above 0, or there is no such defect.

    Examples
    --------
    >>> from mctoolkit.sandbox import Sandbox
    >>> with Sandbox() as sandbox:
    ...     run = simulate("timeline-2", sandbox)
    >>> run.ok, len(run.exchanges), len(run.session_ids)
    (True, 29, 1)
    """
    if speed is not None and not _is_speed(speed):
        raise UsageError(
            _(
                "speed is {value}, but must be a number above 0 and up to {most}, such as 1 (real time) "
                "or 10. Leave it out to send all at once."
            ).format(value=repr(speed), most=int(_FASTEST))
        )
    if not isinstance(what, str | Path | Scenario) and not _are_steps(what):
        raise UsageError(
            _(
                "{value} is nothing that can be played. Give the name of a scenario, such as "
                '"timeline-1", or the path of a file of your own.'
            ).format(value=shorten(repr(what), 60))
        )
    if to is None:
        from mctoolkit.sandbox import Sandbox  # it is seldom needed here, and starting a server takes a while to load

        with Sandbox() as own:
            return simulate(
                what, own, speed=speed, defects=defects, go_on=go_on, on_step=on_step, cancel=cancel, clock=clock,
                journal=journal,
            )  # fmt: skip
    if clock is None:
        clock = getattr(to, "clock", None) or clocks.default_clock()
    client = to if isinstance(to, Client) or hasattr(to, "start_session") else Client(to, clock=clock)
    moves = hasattr(clock, "advance")
    if isinstance(what, str | Path | Scenario):
        played = scenario(what)
        title, begin_ms = played.name, clock.now_ms()
        if not moves and speed != 1:
            lasts_ms = max(step.at_ms for step in played.steps(0, defects=defects))
            begin_ms -= round(lasts_ms - lasts_ms / speed) if speed else lasts_ms
        steps = played.steps(begin_ms, defects=defects)
    else:
        title, steps = _("steps of your own"), tuple(what)
    run = Run(title, client.target.shown, len(steps))
    pace = _Pace(clock, speed, cancel, moves=moves)
    try:
        for number, step in enumerate(steps, 1):
            if not pace.wait_for(step.at_ms):
                run.outcome = "cancelled"
                return run
            exchange = _send(client, run, step, cancel)
            if exchange is not None and journal is not None:
                journal.append(exchange)
            if on_step is not None:
                on_step(Progress(number, len(steps), step, exchange))
            stopped = _stop(step, exchange)
            if cancel is not None and cancel.cancelled:
                run.outcome = "cancelled"
                return run
            if stopped is not None and not go_on:
                run.outcome = stopped
                return run
        run.outcome = "done"
    except KeyboardInterrupt:
        run.outcome = "cancelled"
    return run


def _is_speed(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= _FASTEST


class _Pace:
    """Lets each step wait for its time."""

    def __init__(self, clock: Clock, speed: float | None, cancel: CancelToken | None, *, moves: bool) -> None:
        self._clock: Any = clock
        self._speed = speed
        self._cancel = cancel
        self._moves = moves
        self._begin_ms = clock.now_ms()
        self._watch = clocks.SystemClock()  # waiting takes real time, whatever the clock of the session says
        self._watch_ms = self._watch.monotonic_ms()

    def wait_for(self, at_ms: int) -> bool:
        """Wait until a step is due, and move the clock there; False when somebody cancelled."""
        if self._speed is not None:
            due_ms = at_ms / self._speed
            left_s = (due_ms - (self._watch.monotonic_ms() - self._watch_ms)) / 1000
            if left_s > 0 and not self._sleep(left_s):
                return False
        if self._moves:
            ahead_ms = self._begin_ms + at_ms - self._clock.now_ms()
            if ahead_ms > 0:
                self._clock.advance(milliseconds=ahead_ms)
        return self._cancel is None or not self._cancel.cancelled

    def _sleep(self, seconds: float) -> bool:
        woken = threading.Event()
        if self._cancel is None:
            woken.wait(seconds)
            return True
        with self._cancel.on_cancel(woken.set):
            return not woken.wait(seconds)


def _send(client: Client, run: Run, step: PlannedEvent, cancel: CancelToken | None) -> Exchange | None:
    """Send a step; None when its session never began."""
    try:
        if step.endpoint == "sessions":
            exchange = client.start_session(step.body, send_anyway=True, cancel=cancel)
        elif step.endpoint == "downloaded":
            exchange = client.send_downloaded(step.body, send_anyway=True, cancel=cancel)
        else:
            session_id = run.sessions.get(step.session)
            if session_id is None:
                run.unsent += 1
                return None
            exchange = client.send_event(session_id, step.body, send_anyway=True, cancel=cancel)
    except NoResponse as silence:
        exchange = silence.exchange
    run.exchanges.append(exchange)
    if step.endpoint == "sessions" and exchange.session_id is not None:
        run.sessions[step.session] = exchange.session_id
    return exchange


def _stop(step: PlannedEvent, exchange: Exchange | None) -> Outcome | None:
    """Say why a good player would send no more for this session, or None."""
    if exchange is None:
        return "no-session"
    if exchange.failure is not None:
        return "no-answer"
    if step.endpoint == "sessions" and exchange.session_id is None:
        return "no-session"
    if step.endpoint == "events" and exchange.status in _GONE:
        return "session-lost"
    return None


def _response_words(exchange: Exchange) -> str:
    status = _("none") if exchange.status is None else str(exchange.status)
    return f"{status} {exchange.in_words}"
