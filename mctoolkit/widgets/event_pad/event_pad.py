"""EventPad: play a session by hand, button by button; playhead, clock and pings take care of themselves."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Literal, Self

from mctoolkit._core import clocks
from mctoolkit._core.clocks import Clock, ManualClock
from mctoolkit._core.errors import MctoolkitError, UsageError
from mctoolkit._core.messages import gettext as _
from mctoolkit.client.client import Client
from mctoolkit.models import masking
from mctoolkit.models.exchange import Exchange
from mctoolkit.simulation import DEFECTS, defect, presets
from mctoolkit.simulation.runner import InteractiveRun
from mctoolkit.widgets.common.timer import Timer
from mctoolkit.widgets.event_pad.text_repr import PadState, Row, picture, text_version
from mctoolkit.widgets.event_pad.view import EventPadView

if TYPE_CHECKING:
    import pandas as pd

    from mctoolkit.client.journal import Journal

__all__ = ["EventPad"]

_LOOK_S: Final = 1.0
_SOON_S: Final = 0.05


class EventPad:
    """A player to press the buttons of: each press sends an event, and pings go by themselves while time runs.

    Everything that the pad does can be done from code too. Close it when you are done, or let the session end: then
    nothing goes on in the background.

    Parameters
    ----------
    session : SessionForm, Exchange, Client, Sandbox or str, optional
        A form whose last session is played; a ``sessionStart`` that was taken, then with ``to``; or a place to begin
        a session at with the example "vod". Without it, a sandbox of its own.
    to : Client, Sandbox or str, optional
        Where the session of an exchange lives.
    clock : Clock, optional
        Tells the time; that of the sandbox by default, or else this computer's.
    running : bool, optional
        Let the time run at once. By default it does, unless the clock stands still, as under ``MCTOOLKIT_SEED``.
    defects : iterable of str
        What the player gets wrong on purpose; see :data:`mctoolkit.simulation.DEFECTS`.
    journal : Journal, optional
        Where each exchange is kept besides.

    Raises
    ------
    UsageError
        The form has not begun a session, the exchange is none that began one, or a session would be begun at a real
        host without being asked.
    NoResponse
        A session was to be begun, and nobody answered.

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
        place = session if to is None else to
        self._clock: Any = clock or getattr(place, "clock", None) or clocks.default_clock()
        self.client = _client(place, self._clock)
        self._lock = threading.RLock()
        self._closed = False
        self._busy = ""
        self._note = ""
        self._rows: list[Row] = []
        self._played = InteractiveRun(
            self.client, self._first(session), self._clock, defects=defects, journal=journal, on_sending=self._sending
        )
        self._ticker = Timer(self._tick)
        self._panel = EventPadView(self, self.client.target)
        self.widget = self._panel.widget
        self._show(self._told.headline)
        if not _stands_still(self._clock) if running is None else running:
            self.run()

    # --- what can be done ------------------------------------------------------------------------------------------

    def press(self, action: str, **values: Any) -> None:
        """Do what a button does: ``"play"``, ``"pause"``, ``"seek"`` with ``to=40``, ``"ad"`` with ``length=15``, ...

        Parameters
        ----------
        action : str
            An action by its name in a scenario; see :data:`mctoolkit.simulation.ACTIONS`.
        **values
            Its values.

        Raises
        ------
        UsageError
            There is no such action, it does not take these values, or it makes no sense now.
        """
        with self._working():
            self._played.do(action, running=self.running, **values)

    def wait(self, seconds: float) -> None:
        """Move the clock on: pings go out, ads and chapters end, each at its time.

        Raises
        ------
        UsageError
            The clock cannot be moved.
        """
        with self._working():
            self._played.wait(seconds, running=self.running)

    def run(self) -> None:
        """Let the time run: pings go by themselves, in a thread of its own."""
        with self._lock:
            self._must_not_be_closed()
            self._played.sleep_until_now()
            self._ticker.start()
        self._show()

    def stop(self) -> None:
        """Stop the time: nothing goes by itself any more."""
        self._ticker.stop()
        self._show()

    def resume(self) -> None:
        """Begin a new session: one that goes on with ``media.resume`` where the last one was lost, or else another.

        Raises
        ------
        UsageError
            The session is still open.
        """
        with self._working():
            goes_on = self.mode in ("expired", "lost")
            self._played.resume()
            if goes_on and not self._played.message:
                self._note = _("A new session goes on where the old one was lost.")

    def break_it(self, name: str) -> None:
        """Get something wrong on purpose from now on; see :data:`mctoolkit.simulation.DEFECTS`."""
        with self._working():
            self._played.player.defects.add(defect(name).id)

    def mend(self) -> None:
        """Get nothing wrong on purpose any more."""
        with self._working():
            self._played.player.defects.clear()

    def complain(self, words: str) -> None:
        """Show in the pad what went wrong."""
        self._played.message = words
        self._show(words)

    def close(self) -> None:
        """End it: no thread goes on, and nothing is sent any more. The session itself is left as it is."""
        self._ticker.stop()
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

    # --- what there is to see --------------------------------------------------------------------------------------

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """All that was sent, the ``sessionStart`` included, in order."""
        return tuple(exchange for _unused, exchange in self._played.sent)

    @property
    def response(self) -> Exchange:
        """The last exchange."""
        return self._played.sent[-1][1]

    @property
    def table(self) -> pd.DataFrame:
        """One row a request; the columns are those of :func:`mctoolkit.reporting.tables.events`."""
        from mctoolkit.reporting import tables  # and with it pandas, for which a form on the screen need not wait

        return tables.events(self.exchanges)

    @property
    def session_id(self) -> str:
        """The id of the session that is played."""
        return self._played.session_id

    @property
    def playhead_s(self) -> float:
        """The place in the programme, in seconds."""
        return self._played.player.playhead_s

    @property
    def mode(self) -> str:
        """What the player is doing: ``"playing"``, ``"paused"``, ..., ``"lost"`` after a 404 or 410."""
        return self._played.player.mode

    @property
    def in_break(self) -> bool:
        """Whether an ad break is open."""
        return self._played.player.in_break

    @property
    def states(self) -> tuple[str, ...]:
        """The player states that are on."""
        return self._played.player.states

    @property
    def running(self) -> bool:
        """Whether time runs by itself."""
        return self._ticker.running

    @property
    def defects(self) -> tuple[str, ...]:
        """What is broken on purpose."""
        return tuple(name for name in DEFECTS if name in self._played.player.defects)

    def text_version(self) -> str:
        """Return the pad as text: what it is doing, its buttons, and the newest events with their responses."""
        return text_version(self._told, self._rows, masking.mask_host(self.client.target.label))

    def picture(self) -> str:
        """Return the pad as it looks, as HTML that needs no kernel."""
        return picture(self._told, self._rows, masking.mask_host(self.client.target.label))

    def __repr__(self) -> str:
        return self.text_version()

    def _ipython_display_(self) -> None:
        """Leave two outputs: the pad, and the picture of it that a notebook without a kernel shows."""
        from IPython.display import HTML, display

        display(self._repr_mimebundle_(), raw=True)  # type: ignore[no-untyped-call]
        display(HTML(self.picture()))  # type: ignore[no-untyped-call]

    def _repr_mimebundle_(self, **options: Any) -> Any:
        shown = self.widget._repr_mimebundle_(**options)
        bundle = shown[0] if isinstance(shown, tuple) else shown
        return {**bundle, "text/plain": self.text_version()}

    # --- inside ----------------------------------------------------------------------------------------------------

    def _first(self, session: Any) -> Exchange:
        """Return the exchange that began the session; begin one where there is none."""
        if isinstance(session, Exchange):
            return session
        if _is_form(session):
            begun: list[Exchange] = [one for one in session.exchanges if one.session_id is not None]
            if not begun:
                raise UsageError(
                    _("The form has not begun a session yet. Press Send in the form first, then make the event pad.")
                )
            return begun[-1]
        if not self.client.target.loopback:
            raise UsageError(
                _(
                    "{target} is a real host. Begin the session in the form, which asks before the first "
                    "request, and hand the form over: EventPad(form)."
                ).format(target=self.client.target.shown)
            )
        exchange: Exchange = self.client.start_session(presets.preset("vod", self._clock.now_ms()))
        if exchange.session_id is None:
            raise UsageError(
                _("No new session was begun: {response}.").format(response=f"{exchange.status} {exchange.in_words}")
            )
        return exchange

    def _working(self) -> _Working:
        return _Working(self)

    def _must_not_be_closed(self) -> None:
        if self._closed:
            raise UsageError(_("This event pad is closed. Make a new one to go on."))

    def _tick(self) -> float | None:
        """Do what has come due; return when to look again, or None when nothing more will."""
        with self._lock:
            if self._closed:
                return None
            try:
                self._played.catch_up(running=self.running)
            except Exception as error:  # noqa: BLE001  nobody sees what goes wrong in a thread
                self.complain(str(error) if isinstance(error, MctoolkitError) else f"{type(error).__name__}: {error}")
                return None
            player = self._played.player
            left_s = player.next_ping_s
            goes_on = player.open and not self._played.silent
        self._busy = ""
        self._show(self._played.message)
        return (_LOOK_S if left_s is None else max(_SOON_S, min(_LOOK_S, left_s))) if goes_on else None

    def _sending(self, event: str) -> None:
        self._busy = _("Sending {event}...").format(event=event)
        if event != "ping":
            self._show()

    @property
    def _told(self) -> PadState:
        player = self._played.player
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
            message=self._played.message or self._note,
            bad=bool(self._played.message),
            can_move=self._played.can_wait,
        )

    def _show(self, announce: str = "") -> None:
        for number, (at_ms, exchange) in enumerate(self._played.sent[len(self._rows) :], len(self._rows) + 1):
            self._rows.append(Row.of(number, at_ms, exchange))
        self._panel.show(self._told, self._rows, announce=announce)


class _Working:
    """A thing that is being done with the pad: one at a time, and the pad shows what came of it."""

    def __init__(self, pad: EventPad) -> None:
        self._pad = pad

    def __enter__(self) -> None:
        self._pad._lock.acquire()
        try:
            self._pad._must_not_be_closed()
        except UsageError:
            self._pad._lock.release()
            raise
        self._pad._played.message = self._pad._note = ""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> Literal[False]:
        pad = self._pad
        try:
            pad._busy = ""
            if isinstance(error, UsageError):
                pad._played.message = str(error)
            if pad._played.silent:
                pad._ticker.stop(wait=False)
            told = pad._told
            pad._show(told.message or told.headline)
        finally:
            pad._lock.release()
        return False


def _is_form(thing: Any) -> bool:
    return hasattr(thing, "exchanges") and hasattr(thing, "client")


def _client(place: Any, clock: Clock) -> Client:
    if isinstance(place, Exchange):
        raise UsageError(
            _("An exchange alone does not say where to send. Name the place too: EventPad(exchange, sandbox).")
        )
    if _is_form(place):
        return place.client  # type: ignore[no-any-return]
    if hasattr(place, "start_session"):
        return place  # type: ignore[no-any-return]
    return Client(place, clock=clock)


def _stands_still(clock: Clock) -> bool:
    return isinstance(clock, ManualClock) or bool(clocks.SEED)
