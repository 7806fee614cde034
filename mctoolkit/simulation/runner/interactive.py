"""InteractiveRun: play a session action by action, with pings as time passes on a clock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

from mctoolkit._core.clocks import Clock
from mctoolkit._core.errors import UsageError
from mctoolkit._core.messages import gettext as _
from mctoolkit.client.client import Client
from mctoolkit.models.errors import NoResponse
from mctoolkit.models.exchange import Exchange
from mctoolkit.simulation import PlannedEvent, Player
from mctoolkit.simulation.runner.responses import SESSION_GONE, format_response

if TYPE_CHECKING:
    from mctoolkit.client.journal import Journal

__all__ = ["InteractiveRun"]

_MAX_GAP_MS: Final = 15_000
"""After a longer gap (a computer that slept, a changed clock) the player has missed its pings."""


class InteractiveRun:
    """A session that is played action by action.

    It starts no thread and is not thread-safe.

    Parameters
    ----------
    client : Client
        Sends the events.
    session_start : Exchange
        The accepted ``sessionStart``.
    clock : Clock
        Its time.
    defects : iterable of str
        Ids of :data:`mctoolkit.simulation.DEFECTS`.
    journal : Journal, optional
        Keeps each exchange.
    on_sending : callable, optional
        Called with the event type before each request.

    Attributes
    ----------
    player : Player
        The simulated player.
    sent : list of (int, Exchange)
        All exchanges, each with its time in milliseconds since the start.
    session_id : str
        The id of the current session.
    message : str
        The last error; empty if there was none.
    has_no_response : bool
        Whether the last event got no response.

    Raises
    ------
    UsageError
        The exchange did not start a session.

    Examples
    --------
    >>> from mctoolkit import Client, ManualClock, Sandbox
    >>> from mctoolkit.simulation import presets
    >>> clock = ManualClock()
    >>> with Sandbox(clock=clock) as sandbox, Client(sandbox, clock=clock) as client:
    ...     session_start = client.start_session(presets.preset("vod", clock.now_ms()))
    ...     run = InteractiveRun(client, session_start, clock)
    ...     run.do("play")
    ...     run.wait(10)
    >>> [exchange.event.type for _, exchange in run.sent]
    ['sessionStart', 'play', 'ping']
    """

    def __init__(
        self,
        client: Client,
        session_start: Exchange,
        clock: Clock,
        *,
        defects: Iterable[str] = (),
        journal: Journal | None = None,
        on_sending: Callable[[str], None] = lambda _: None,
    ) -> None:
        if session_start.session_id is None:
            raise UsageError(
                _(
                    "This request did not start a session: its response has no session id. "
                    "Send a sessionStart that is accepted first."
                )
            )
        self.client = client
        self.session_id: str = session_start.session_id
        self.message = ""
        self.has_no_response = False
        self.sent: list[tuple[int, Exchange]] = []
        self._clock: Any = clock
        self._journal = journal
        self._on_sending = on_sending
        self._start_ms = clock.now_ms()
        self.player = Player(session_start.event, start_ms=self._start_ms, defects=defects)
        self.player.do("start")
        self._record(0, session_start)

    @property
    def can_move_clock(self) -> bool:
        """Whether the clock can be moved."""
        return hasattr(self._clock, "advance")

    def do(self, action: str, /, *, running: bool = False, **values: Any) -> None:
        """Do an action of :data:`mctoolkit.simulation.ACTIONS`.

        Parameters
        ----------
        action : str
            Its name in a scenario.
        running : bool
            Whether the player was running since the last action. Otherwise it was sleeping and sent no pings.
        **values
            Its values.

        Raises
        ------
        UsageError
            There is no such action, it does not accept these values, or it is not possible now.
        """
        self.sync_to_clock(running=running)
        self._send_all(self.player.do(action, **values))

    def wait(self, seconds: float, *, running: bool = False) -> None:
        """Move the clock forward; pings are sent, and ads and chapters end, each at its time.

        Raises
        ------
        UsageError
            The clock cannot be moved.
        """
        if not self.can_move_clock:
            raise UsageError(
                _(
                    "This session uses the clock of the computer, which cannot be moved. Let the time run, "
                    "or use a sandbox, which has a clock that can be moved."
                )
            )
        self.sync_to_clock(running=running)
        until_ms = self.player.now_ms + round(seconds * 1000)
        self._send_all(self.player.move_to(until_ms), until_ms=until_ms)
        self._move_clock(until_ms)
        self._report_expiry()

    def resume(self) -> None:
        """Start a new session: with ``media.resume`` if the last one was lost.

        Raises
        ------
        UsageError
            The session is still open.
        """
        self.skip_to_clock()
        is_over = self.player.mode in ("ended", "complete")
        self._send_all(self.player.do("start") if is_over else self.player.resume_session())

    def sync_to_clock(self, *, running: bool) -> None:
        """Let the player run until the time of the clock; it slept if ``running`` is false or the gap is too long."""
        now_ms = self._clock.now_ms() - self._start_ms
        gap_ms = now_ms - self.player.now_ms
        if gap_ms > _MAX_GAP_MS or not running:
            self.skip_to_clock()
        elif gap_ms > 0:
            self._send_all(self.player.move_to(now_ms))
        self._report_expiry()

    def skip_to_clock(self) -> None:
        """Let the player sleep until the time of the clock."""
        gap_ms = self._clock.now_ms() - self._start_ms - self.player.now_ms
        if gap_ms > 0:
            self.player.do("sleep", seconds=gap_ms / 1000)

    def _report_expiry(self) -> None:
        if self.player.mode == "expired" and not self.message:
            self.message = _(
                "The session expired after 30 minutes without progress. Start a new session with media.resume, "
                "so that it does not count as another start."
            )

    def _move_clock(self, at_ms: int) -> None:
        ahead_ms = self._start_ms + at_ms - self._clock.now_ms()
        if ahead_ms > 0:
            self._clock.advance(milliseconds=ahead_ms)

    def _send_all(self, events: Sequence[PlannedEvent], *, until_ms: int | None = None) -> None:
        """Send events; with ``until_ms`` move the clock to the time of each, but not beyond."""
        for event in events:
            if until_ms is not None:
                self._move_clock(min(event.at_ms, until_ms))
            if not self._send(event):
                break

    def _send(self, event: PlannedEvent) -> bool:
        """Send an event and handle its response; return False if the player cannot send more."""
        name = event.event_type or ""
        is_start = event.endpoint == "sessions"
        self._on_sending(name)
        try:
            if is_start:
                exchange = self.client.start_session(event.body, send_anyway=True)
            else:
                exchange = self.client.send_event(self.session_id, event.body, send_anyway=True)
        except NoResponse as error:
            exchange = error.exchange
        self._record(event.at_ms, exchange)
        response = format_response(exchange)
        self.has_no_response = exchange.failure is not None
        if self.has_no_response:
            self.message = _(
                "No response: {response}. {event} is lost and was not sent again. Time has stopped."
            ).format(response=response, event=name)
        elif is_start and exchange.session_id is not None:
            self.session_id = exchange.session_id
            return True
        elif is_start:
            self.message = _("No session was started: {response}.").format(response=response)
        elif exchange.status in SESSION_GONE:
            self.message = _(
                "The session no longer exists on the server ({status}). {event} and all later events are lost. "
                "Start a new session with media.resume, so that it does not count as another start."
            ).format(status=exchange.status, event=name)
        else:
            if exchange.status != 204:
                self.message = _("{event} was refused: {response}. It is lost; players do not send it again.").format(
                    event=name, response=response
                )
            return True
        if is_start or not self.has_no_response:
            self.player.lose_session()
        return False

    def _record(self, at_ms: int, exchange: Exchange) -> None:
        self.sent.append((at_ms, exchange))
        if self._journal is not None:
            self._journal.append(exchange)
