"""EventPad: play a session with buttons. The pad computes playhead and time stamps and sends pings."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from mctoolkit._core import clocks
from mctoolkit._core.clocks import Clock, ManualClock
from mctoolkit._core.errors import MctoolkitError, UsageError
from mctoolkit._core.messages import gettext as _
from mctoolkit.models import masking
from mctoolkit.models.exchange import Exchange
from mctoolkit.simulation import DEFECTS, defect
from mctoolkit.simulation.runner import InteractiveRun
from mctoolkit.widgets.common.static_view import NotebookOutput
from mctoolkit.widgets.common.timer import Timer
from mctoolkit.widgets.event_pad.session_source import get_start_exchange, make_client
from mctoolkit.widgets.event_pad.text_repr import PadState, Row, static_html, text_version
from mctoolkit.widgets.event_pad.view import EventPadView

if TYPE_CHECKING:
    import pandas as pd

    from mctoolkit.client.journal import Journal

__all__ = ["EventPad"]

_MAX_DELAY_S: Final = 1.0
_MIN_DELAY_S: Final = 0.05


class EventPad(NotebookOutput):
    """A player with buttons: each button sends an event, and pings are sent automatically while the clock runs.

    Every action is also available from code. Close the pad when you are done; background activity also stops when the
    session ends.

    Parameters
    ----------
    session : SessionForm, Exchange, Client, Sandbox or str, optional
        A form, whose last session is played; an accepted ``sessionStart``, with ``to``; or a target, where the pad
        starts a session with the example "vod". By default, the pad starts its own sandbox.
    to : Client, Sandbox or str, optional
        The target of an exchange.
    clock : Clock, optional
        By default the clock of the sandbox, or else the system clock.
    running : bool, optional
        Run the clock from the start. True by default, except with a manual clock or ``MCTOOLKIT_SEED``.
    defects : iterable of str
        Deliberate defects of the player; see :data:`mctoolkit.simulation.DEFECTS`.
    journal : Journal, optional
        Also keep each exchange here.

    Raises
    ------
    UsageError
        The form has not started a session, the exchange did not start one, or the target of a new session is a real
        host.
    NoResponse
        The target of a new session did not respond.

    Examples
    --------
    >>> from mctoolkit import ManualClock, Sandbox
    >>> with Sandbox(clock=ManualClock()) as sandbox, EventPad(sandbox) as pad:
    ...     pad.press("play")
    ...     pad.wait(25)
    ...     pad.press("pause")
    >>> pad.table["event"].tolist()
    ['sessionStart', 'play', 'ping', 'ping', 'pauseStart']
    """

    def __init__(
        self,
        session: Any = None,
        to: Any = None,
        *,
        clock: Clock | None = None,
        running: bool | None = None,
        defects: Iterable[str] = (),
        journal: Journal | None = None,
    ) -> None:
        self._own_sandbox: Any = None
        if session is None and to is None:
            from mctoolkit.sandbox import Sandbox

            session = self._own_sandbox = Sandbox()
        target = session if to is None else to
        self._clock: Any = clock or getattr(target, "clock", None) or clocks.default_clock()
        self.client = make_client(target, self._clock)
        self._lock = threading.RLock()
        self._closed = False
        self._busy = ""
        self._note = ""
        self._rows: list[Row] = []
        start = get_start_exchange(session, self.client, self._clock)
        self._run = InteractiveRun(
            self.client, start, self._clock, defects=defects, journal=journal, on_sending=self._on_sending
        )
        self._timer = Timer(self._tick)
        self._view = EventPadView(self, self.client.target)
        self.widget = self._view.widget
        self._show(self._state.headline)
        if not (isinstance(self._clock, ManualClock) or clocks.SEED) if running is None else running:
            self.run()

    # --- actions ----------------------------------------------------------------------------------------------------

    def press(self, action: str, **values: Any) -> None:
        """Run an action, as its button does: ``"play"``, ``"seek"`` with ``to=40``, ``"ad"`` with ``length=15``, ...

        Parameters
        ----------
        action : str
            The name of an action; see :data:`mctoolkit.simulation.ACTIONS`.
        **values
            The values of the action.

        Raises
        ------
        UsageError
            The action is unknown, does not accept these values, or is not possible now.
        """
        with self._action():
            self._run.do(action, running=self.running, **values)

    def wait(self, seconds: float) -> None:
        """Advance a manual clock. Pings are sent and ads and chapters end at their times.

        Raises
        ------
        UsageError
            The clock cannot be advanced.
        """
        with self._action():
            self._run.wait(seconds, running=self.running)

    def run(self) -> None:
        """Run the clock: a background thread sends the pings."""
        with self._lock:
            self._check_open()
            self._run.skip_to_clock()
            self._timer.start()
        self._show()

    def stop(self) -> None:
        """Stop the clock: nothing is sent automatically."""
        self._timer.stop()
        self._show()

    def resume(self) -> None:
        """Start a new session: with ``media.resume`` if the last one expired or was lost.

        Raises
        ------
        UsageError
            The session is still open.
        """
        with self._action():
            is_resumed = self.mode in ("expired", "lost")
            self._run.resume()
            if is_resumed and not self._run.message:
                self._note = _("A new session continues at the position of the old one.")

    def add_defect(self, name: str) -> None:
        """Add a deliberate defect to the player; see :data:`mctoolkit.simulation.DEFECTS`."""
        with self._action():
            self._run.player.defects.add(defect(name).id)

    def remove_defects(self) -> None:
        """Remove all deliberate defects."""
        with self._action():
            self._run.player.defects.clear()

    def show_error(self, message: str) -> None:
        """Show an error message in the pad."""
        self._run.message = message
        self._show(message)

    def close(self) -> None:
        """Stop background activity and disable the pad. The session stays open on the server."""
        self._timer.stop()
        if not self._closed:
            self._closed = True
            self._show()
            if self._own_sandbox is not None:
                self._own_sandbox.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # --- state ------------------------------------------------------------------------------------------------------

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """All exchanges in order, including the ``sessionStart``."""
        return tuple(exchange for _unused, exchange in self._run.sent)

    @property
    def response(self) -> Exchange:
        """The last exchange."""
        return self._run.sent[-1][1]

    @property
    def table(self) -> pd.DataFrame:
        """One row per request; the columns are those of :func:`mctoolkit.reporting.tables.events`."""
        from mctoolkit.reporting import tables  # imports pandas, which the pad itself does not need

        return tables.events(self.exchanges)

    @property
    def session_id(self) -> str:
        """The id of the current session."""
        return self._run.session_id

    @property
    def playhead_s(self) -> float:
        """The position in the content, in seconds."""
        return self._run.player.playhead_s

    @property
    def mode(self) -> str:
        """The mode of the player: ``"playing"``, ``"paused"``, ..., ``"lost"`` after a 404 or 410."""
        return self._run.player.mode

    @property
    def in_break(self) -> bool:
        """Whether an ad break is open."""
        return self._run.player.in_break

    @property
    def states(self) -> tuple[str, ...]:
        """The active player states."""
        return self._run.player.states

    @property
    def running(self) -> bool:
        """Whether the clock runs."""
        return self._timer.running

    @property
    def defects(self) -> tuple[str, ...]:
        """The active defects."""
        return tuple(name for name in DEFECTS if name in self._run.player.defects)

    def text_version(self) -> str:
        """Return the pad as text: its state, its buttons, and the newest events with their responses."""
        return text_version(self._state, self._rows, masking.mask_host(self.client.target.label))

    def static_html(self) -> str:
        """Return the static view of the pad, which a notebook shows without a kernel."""
        return static_html(self._state, self._rows, masking.mask_host(self.client.target.label))

    # --- internal ---------------------------------------------------------------------------------------------------

    @contextmanager
    def _action(self) -> Iterator[None]:
        """Run one action at a time, then show the result or the error."""
        with self._lock:
            self._check_open()
            self._run.message = self._note = ""
            try:
                yield
            except UsageError as error:
                self._run.message = str(error)
                raise
            finally:
                self._busy = ""
                if self._run.has_no_response:
                    self._timer.stop(wait=False)
                state = self._state
                self._show(state.message or state.headline)

    def _check_open(self) -> None:
        if self._closed:
            raise UsageError(_("This event pad is closed. Create a new one to continue."))

    def _tick(self) -> float | None:
        """Send the events that are due; return the seconds until the next check, or None to stop."""
        with self._lock:
            if self._closed:
                return None
            try:
                self._run.sync_to_clock(running=self.running)
            except Exception as error:  # noqa: BLE001  an error in a thread would be invisible
                self.show_error(str(error) if isinstance(error, MctoolkitError) else f"{type(error).__name__}: {error}")
                return None
            player = self._run.player
            next_ping_s = player.next_ping_s
            is_active = player.is_open and not self._run.has_no_response
        self._busy = ""
        self._show(self._run.message)
        if not is_active:
            return None
        return _MAX_DELAY_S if next_ping_s is None else max(_MIN_DELAY_S, min(_MAX_DELAY_S, next_ping_s))

    def _on_sending(self, event: str) -> None:
        self._busy = _("Sending {event}...").format(event=event)
        if event != "ping":
            self._show()

    @property
    def _state(self) -> PadState:
        player = self._run.player
        return PadState(
            mode="closed" if self._closed else player.mode,
            playhead_s=player.playhead_s,
            now_ms=player.now_ms,
            next_ping_s=player.next_ping_s,
            running=self.running,
            in_break=player.in_break,
            ad_left_s=player.ad_left_s,
            in_chapter=player.in_chapter,
            states=player.states,
            defects=self.defects,
            busy=self._busy,
            message=self._run.message or self._note,
            is_error=bool(self._run.message),
            can_wait=self._run.can_move_clock,
        )

    def _show(self, announce: str = "") -> None:
        for number, (at_ms, exchange) in enumerate(self._run.sent[len(self._rows) :], len(self._rows) + 1):
            self._rows.append(Row.of(number, at_ms, exchange))
        self._view.show(self._state, self._rows, announce=announce)
