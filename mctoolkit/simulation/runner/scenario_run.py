"""simulate: send the events of a scenario in real time, faster, or at once on a clock that can be moved."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mctoolkit._core import clocks
from mctoolkit._core.clocks import Clock
from mctoolkit._core.errors import UsageError
from mctoolkit._core.html import shorten
from mctoolkit._core.messages import gettext as _
from mctoolkit.client.client import CancelToken, Client
from mctoolkit.models.errors import NoResponse
from mctoolkit.models.exchange import Exchange
from mctoolkit.simulation import PlannedEvent, Scenario, scenario
from mctoolkit.simulation.runner.responses import SESSION_GONE
from mctoolkit.simulation.runner.run import Outcome, Progress, Run

if TYPE_CHECKING:
    from mctoolkit.client.journal import Journal

__all__ = ["simulate"]

_MAX_SPEED: Final = 10_000.0


def simulate(
    what: str | Path | Scenario | Sequence[PlannedEvent],
    to: Any = None,
    *,
    speed: float | None = None,
    defects: Iterable[str] = (),
    keep_going: bool = False,
    on_progress: Callable[[Progress], object] | None = None,
    cancel: CancelToken | None = None,
    clock: Clock | None = None,
    journal: Journal | None = None,
) -> Run:
    """Simulate a player: send the events of a scenario in order.

    A refused event (400) is not sent again, as in real players. The simulation stops when the session no longer
    exists on the server (404, 410), could not be started, or gets no response. Ctrl+C and an interrupt of the kernel
    stop it, too; the run contains what was sent until then.

    Parameters
    ----------
    what : str, Path, Scenario or sequence of PlannedEvent
        The name of a scenario of mctoolkit, such as ``"timeline-1"``, the path of a file, or the events of a
        :class:`mctoolkit.simulation.Player`, with their own time stamps.
    to : Sandbox, str or Client, optional
        Where to send; by default a sandbox that is started for it.
    speed : float, optional
        1 is real time, 10 is ten times as fast. By default all events are sent at once. The clock of a sandbox moves
        along, so that sessions expire as in real time. A real host has its own clock, so the time stamps are set so
        that none is in the future.
    defects : iterable of str
        Ids of :data:`mctoolkit.simulation.DEFECTS`.
    keep_going : bool
        Continue after 404, 410 and missing responses, as Adobe's own libraries do. Such events are lost.
    on_progress : callable, optional
        Called after each event with a :class:`Progress`; ``on_progress=print`` prints one line each.
    cancel : CancelToken, optional
        Cancels the simulation from another thread.
    clock : Clock, optional
        The clock; by default that of the sandbox, or of this computer.
    journal : Journal, optional
        Keeps each exchange.

    Returns
    -------
    Run
        The exchanges, the session ids and the outcome.

    Raises
    ------
    InputError
        There is no such scenario, or its file has errors.
    UsageError
        The speed is not valid, or there is no such defect.

    Examples
    --------
    >>> from mctoolkit.sandbox import Sandbox
    >>> with Sandbox() as sandbox:
    ...     run = simulate("timeline-2", sandbox)
    >>> run.ok, len(run.exchanges), len(run.session_ids)
    (True, 29, 1)
    """
    if speed is not None and not _is_valid_speed(speed):
        raise UsageError(
            _(
                "speed is {value}, but must be a number above 0 and up to {most}, such as 1 (real time) or 10. "
                "Omit it to send all events at once."
            ).format(value=repr(speed), most=int(_MAX_SPEED))
        )
    is_scenario = isinstance(what, str | Path | Scenario)
    if not is_scenario and not _are_events(what):
        raise UsageError(
            _(
                '{value} cannot be simulated. Give the name of a scenario, such as "timeline-1", or the path of a file.'
            ).format(value=shorten(repr(what), 60))
        )
    if to is None:
        from mctoolkit.sandbox import Sandbox  # loads a web server, which is seldom needed here

        with Sandbox() as own:
            return simulate(
                what, own, speed=speed, defects=defects, keep_going=keep_going, on_progress=on_progress, cancel=cancel,
                clock=clock, journal=journal,
            )  # fmt: skip
    if clock is None:
        clock = getattr(to, "clock", None) or clocks.default_clock()
    client = to if isinstance(to, Client) or hasattr(to, "start_session") else Client(to, clock=clock)
    can_move_clock = hasattr(clock, "advance")
    if is_scenario:
        chosen = scenario(what)  # type: ignore[arg-type]
        title, begin_ms = chosen.name, clock.now_ms()
        if not can_move_clock and speed != 1:
            duration_ms = max(event.at_ms for event in chosen.events(0, defects=defects))
            begin_ms -= round(duration_ms - duration_ms / speed) if speed else duration_ms
        events = chosen.events(begin_ms, defects=defects)
    else:
        title, events = _("your own events"), tuple(what)  # type: ignore[arg-type]
    run = Run(title, client.target.shown, len(events))
    pace = _Pace(clock, speed, cancel, can_move_clock=can_move_clock)
    try:
        for number, event in enumerate(events, 1):
            if not pace.wait_for(event.at_ms):
                run.outcome = "cancelled"
                return run
            exchange = _send(client, run, event, cancel)
            if exchange is not None and journal is not None:
                journal.append(exchange)
            if on_progress is not None:
                on_progress(Progress(number, len(events), event, exchange))
            if cancel is not None and cancel.cancelled:
                run.outcome = "cancelled"
                return run
            failure = _failure(event, exchange)
            if failure is not None and not keep_going:
                run.outcome = failure
                return run
        run.outcome = "done"
    except KeyboardInterrupt:
        run.outcome = "cancelled"
    return run


def _are_events(what: object) -> bool:
    return isinstance(what, Sequence) and all(isinstance(event, PlannedEvent) for event in what)


def _is_valid_speed(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= _MAX_SPEED


class _Pace:
    """Waits until each event is due."""

    def __init__(self, clock: Clock, speed: float | None, cancel: CancelToken | None, *, can_move_clock: bool) -> None:
        self._clock: Any = clock
        self._speed = speed
        self._cancel = cancel
        self._can_move_clock = can_move_clock
        self._begin_ms = clock.now_ms()
        self._system_clock = clocks.SystemClock()  # waiting takes real time, on any clock of the session
        self._system_begin_ms = self._system_clock.monotonic_ms()

    def wait_for(self, at_ms: int) -> bool:
        """Wait until an event is due, and move the clock; return False if the simulation was cancelled."""
        if self._speed is not None:
            elapsed_ms = self._system_clock.monotonic_ms() - self._system_begin_ms
            left_s = (at_ms / self._speed - elapsed_ms) / 1000
            if left_s > 0 and not self._sleep(left_s):
                return False
        if self._can_move_clock:
            ahead_ms = self._begin_ms + at_ms - self._clock.now_ms()
            if ahead_ms > 0:
                self._clock.advance(milliseconds=ahead_ms)
        return self._cancel is None or not self._cancel.cancelled

    def _sleep(self, seconds: float) -> bool:
        cancelled = threading.Event()
        if self._cancel is None:
            cancelled.wait(seconds)
            return True
        with self._cancel.on_cancel(cancelled.set):
            return not cancelled.wait(seconds)


def _send(client: Client, run: Run, event: PlannedEvent, cancel: CancelToken | None) -> Exchange | None:
    """Send an event; return None if its session was not started."""
    try:
        if event.endpoint == "sessions":
            exchange = client.start_session(event.body, send_anyway=True, cancel=cancel)
        elif event.endpoint == "downloaded":
            exchange = client.send_downloaded(event.body, send_anyway=True, cancel=cancel)
        else:
            session_id = run.sessions.get(event.session)
            if session_id is None:
                run.unsent += 1
                return None
            exchange = client.send_event(session_id, event.body, send_anyway=True, cancel=cancel)
    except NoResponse as error:
        exchange = error.exchange
    run.exchanges.append(exchange)
    if event.endpoint == "sessions" and exchange.session_id is not None:
        run.sessions[event.session] = exchange.session_id
    return exchange


def _failure(event: PlannedEvent, exchange: Exchange | None) -> Outcome | None:
    """Return why a correct player would send no more events of this session; None if it would."""
    if exchange is None:
        return "no-session"
    if exchange.failure is not None:
        return "no-response"
    if event.endpoint == "sessions" and exchange.session_id is None:
        return "no-session"
    if event.endpoint == "events" and exchange.status in SESSION_GONE:
        return "session-lost"
    return None
