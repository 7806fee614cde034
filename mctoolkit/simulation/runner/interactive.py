"""InteractiveRun: a session that goes on action by action, whose pings go as time passes on a clock."""

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

if TYPE_CHECKING:
    from mctoolkit.client.journal import Journal

__all__ = ["InteractiveRun"]

_GONE: Final = (404, 410)
_ASLEEP_MS: Final = 15_000
"""After a gap as long the player was away (a computer that slept, a clock that was moved), and missed its pings."""


class InteractiveRun:
    """A session that was begun, the player that plays it, and what came of each event.

    No thread is started, and nothing is locked: whoever calls sees to that, as the event pad does.

    Parameters
    ----------
    client : Client
        Sends the events.
    begun : Exchange
        The ``sessionStart`` that began the session.
    clock : Clock
        Tells the time.
    defects : iterable of str
        What the player gets wrong on purpose; see :data:`mctoolkit.simulation.DEFECTS`.
    journal : Journal, optional
        Where each exchange is kept besides.
    on_sending : callable, optional
        Called with the event type before each event goes out.

    Attributes
    ----------
    player : Player
        The player; its :attr:`defects` may be changed on the way.
    sent : list of (int, Exchange)
        All that was sent, each with its moment in milliseconds since the beginning.
    session_id : str
        The id of the session that is played now.
    message : str
        What went wrong last, in words; empty when nothing did.
    silent : bool
        Whether the last event got no response.

    Raises
    ------
    UsageError
        The exchange began no session.

    Examples
    --------
    >>> from mctoolkit import Client, ManualClock, Sandbox
    >>> from mctoolkit.simulation import presets
    >>> clock = ManualClock()
    >>> with Sandbox(clock=clock) as sandbox, Client(sandbox, clock=clock) as client:
    ...     begun = client.start_session(presets.preset("vod", clock.now_ms()))
    ...     played = InteractiveRun(client, begun, clock)
    ...     played.do("play")
    ...     played.wait(10)
    >>> [exchange.event.type for _, exchange in played.sent]
    ['sessionStart', 'play', 'ping']
    """

    def __init__(
        self,
        client: Client,
        begun: Exchange,
        clock: Clock,
        *,
        defects: Iterable[str] = (),
        journal: Journal | None = None,
        on_sending: Callable[[str], None] = lambda _: None,
    ) -> None:
        if begun.session_id is None:
            raise UsageError(
                _(
                    "This request began no session: there is no session id in its response. Send a "
                    "sessionStart that is taken first."
                )
            )
        self.client = client
        self.session_id: str = begun.session_id
        self.message = ""
        self.silent = False
        self.sent: list[tuple[int, Exchange]] = []
        self._clock: Any = clock
        self._journal = journal
        self._on_sending = on_sending
        self._begin_ms = clock.now_ms()
        self.player = Player(begun.event, start_ms=self._begin_ms, defects=defects)
        self.player.start()
        self._keep(0, begun)

    @property
    def can_wait(self) -> bool:
        """Whether the clock can be moved."""
        return hasattr(self._clock, "advance")

    def do(self, action: str, /, *, running: bool = False, **values: Any) -> None:
        """Do something, see :data:`mctoolkit.simulation.ACTIONS`, after what came due until now.

        Parameters
        ----------
        action : str
            Its name in a scenario.
        running : bool
            Whether the player lived through the time that has passed; otherwise it slept.
        **values
            Its values.

        Raises
        ------
        UsageError
            There is no such action, it does not take these values, or it makes no sense now.
        """
        self.catch_up(running=running)
        self._send_all(self.player.do(action, **values))

    def wait(self, seconds: float, *, running: bool = False) -> None:
        """Move the clock on: pings go out, ads and chapters end, each at its time.

        Raises
        ------
        UsageError
            The clock cannot be moved.
        """
        if not self.can_wait:
            raise UsageError(
                _(
                    "This pad goes by the clock of this computer, which nobody can move. Let the time run, "
                    "or make the pad with a sandbox, whose clock can be moved."
                )
            )
        self.catch_up(running=running)
        until_ms = self.player.now_ms + round(seconds * 1000)
        self._send_all(self.player.move_to(until_ms), until_ms=until_ms)
        self._move_clock(until_ms)
        self._tell_when_expired()

    def resume(self) -> None:
        """Begin a new session: one that goes on with ``media.resume`` where the last one was lost, or else another.

        Raises
        ------
        UsageError
            The session is still open.
        """
        self.sleep_until_now()
        over = self.player.mode in ("ended", "complete")
        self._send_all(self.player.start() if over else self.player.restart())

    def catch_up(self, *, running: bool) -> None:
        """Let the player live through the time that has passed on the clock; a gap that is too long it has slept."""
        now_ms = self._clock.now_ms() - self._begin_ms
        gap_ms = now_ms - self.player.now_ms
        if gap_ms > _ASLEEP_MS or not running:
            self.sleep_until_now()
        elif gap_ms > 0:
            self._send_all(self.player.move_to(now_ms))
        self._tell_when_expired()

    def _tell_when_expired(self) -> None:
        if self.player.mode == "expired" and not self.message:
            self.message = _(
                '30 minutes passed without progress: the session has run out. Press "{resume}": it says '
                "media.resume, so that it does not count as another start."
            ).format(resume=_("Go on in a new session"))

    def sleep_until_now(self) -> None:
        """Let the player sleep through the time that has passed on the clock."""
        gap_ms = self._clock.now_ms() - self._begin_ms - self.player.now_ms
        if gap_ms > 0:
            self.player.sleep(gap_ms / 1000)

    def _move_clock(self, at_ms: int) -> None:
        ahead_ms = self._begin_ms + at_ms - self._clock.now_ms()
        if ahead_ms > 0:
            self._clock.advance(milliseconds=ahead_ms)

    def _send_all(self, steps: Sequence[PlannedEvent], *, until_ms: int | None = None) -> None:
        """Send steps; with ``until_ms`` the clock is moved along, not beyond that."""
        for step in steps:
            if until_ms is not None:
                self._move_clock(min(step.at_ms, until_ms))
            if not self._send(step):
                break

    def _send(self, step: PlannedEvent) -> bool:
        """Send a step, and take in what its response means; False when sending more would make no sense."""
        event = step.event_type or ""
        self._on_sending(event)
        try:
            if step.endpoint == "sessions":
                exchange = self.client.start_session(step.body, send_anyway=True)
            else:
                exchange = self.client.send_event(self.session_id, step.body, send_anyway=True)
        except NoResponse as silence:
            exchange = silence.exchange
        self._keep(step.at_ms, exchange)
        response = f"{exchange.status} {exchange.in_words}"
        self.silent = exchange.failure is not None
        if self.silent:
            self.message = _(
                "Nobody answered: {message}. {event} is lost; it was not sent again. The time was stopped."
            ).format(message=exchange.in_words, event=event)
        elif step.endpoint == "sessions":
            if exchange.session_id is not None:
                self.session_id = exchange.session_id
                return True
            self.message = _("No new session was begun: {response}.").format(response=response)
        elif exchange.status in _GONE:
            resume = _("Go on in a new session")
            self.message = _(
                "The session is gone at the server ({status}): {event} and whatever follows is lost. "
                'Press "{resume}": it says media.resume, so that it does not count as another start.'
            ).format(status=exchange.status, event=event, resume=resume)
        else:
            if exchange.status != 204:
                self.message = _("Not taken: {event} got {response}. It is lost; players do not send it again.").format(
                    event=event, response=response
                )
            return True
        if step.endpoint == "sessions" or not self.silent:
            self.player.lose()
        return False

    def _keep(self, at_ms: int, exchange: Exchange) -> None:
        self.sent.append((at_ms, exchange))
        if self._journal is not None:
            self._journal.append(exchange)
