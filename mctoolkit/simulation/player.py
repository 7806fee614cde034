"""Player: simulates a video player that sends correct events at the correct times."""

from __future__ import annotations

from typing import Any

from mctoolkit._core.errors import UsageError
from mctoolkit._core.messages import gettext as _
from mctoolkit.simulation.actions import action
from mctoolkit.simulation.engine import Engine, PlannedEvent
from mctoolkit.simulation.playback_actions import continue_session, require_open

__all__ = ["Player"]


class Player(Engine):
    """Turns the actions of a viewer into the events of the API, with the right playhead, time stamps and pings.

    It sends nothing: each method returns the events that follow, in order. Time passes only in :meth:`wait` and
    :meth:`move_to`. Ads, chapters and the content end by themselves when their length is over. After 30 minutes
    without progress the session expires, as in the API. The next ``play`` starts a new one with ``media.resume``.

    Parameters
    ----------
    start : dict or Event, optional
        The ``sessionStart``; the preset "vod" by default.
    start_ms : int, optional
        The time stamp of the start, in milliseconds since 1970; that of ``start`` by default.
    at_ms : int
        When this player joins, in milliseconds since the start of the simulation.
    defects : iterable of str
        Ids of :data:`mctoolkit.simulation.DEFECTS`. The attribute ``defects`` is a set that may be changed later.
    pings : {"playback", "clock"}
        Count the 10 seconds between pings from the last change of playback, as Adobe's libraries do, or from the
        start of the session, as the timelines in Adobe's documentation do. In an ad break a ping is due every second.
    device : str
        The name of the device, to tell several players apart.

    Examples
    --------
    >>> player = Player()
    >>> events = [*player.do("start"), *player.do("play"), *player.wait(20), *player.do("end")]
    >>> [(event.at_ms, event.event_type, event.body["playerTime"]["playhead"]) for event in events]
    [(0, 'sessionStart', 0), (1, 'play', 0), (10000, 'ping', 10), (20000, 'ping', 20), (20001, 'sessionEnd', 20)]

    Notes
    -----
    No two events have the same time stamp: the later one is moved by a millisecond. Sources: Experience League,
    "Media Collection API" (timelines, pings, ads, sessions), and the behaviour of Adobe's open libraries, which also
    close ads and chapters before a session ends.
    """

    def do(self, name: str, /, **values: Any) -> tuple[PlannedEvent, ...]:
        """Do an action of :data:`mctoolkit.simulation.ACTIONS`, such as ``"ad break"``.

        Raises
        ------
        UsageError
            There is no such action, it does not accept these values, or it is not possible now.

        Examples
        --------
        >>> player = Player()
        >>> [event.event_type for event in (*player.do("start"), *player.do("ad", length=5))]
        ['sessionStart', 'adBreakStart', 'adStart']
        """
        wanted = action(name)
        wanted.check(values)
        if wanted.needs_session:
            require_open(self)
        return tuple(wanted.run(self, **values))

    def wait(self, seconds: float = 0) -> tuple[PlannedEvent, ...]:
        """Let time pass; a ping that is due at the very end is included."""
        return self.do("wait", seconds=seconds)

    def lose_session(self) -> None:
        """Note that the session no longer exists on the server, as a 404 or 410 says."""
        if self.is_open:
            self.mode_before_loss = self.mode
            self.mode = "lost"
            self.ping_due_ms = None

    def resume_session(self) -> tuple[PlannedEvent, ...]:
        """Start a new session with ``media.resume`` where the last one was lost, and report again what is still open.

        Raises
        ------
        UsageError
            No session was lost.
        """
        if self.mode not in ("expired", "lost"):
            raise UsageError(_("There is nothing to resume: no session was lost."))
        return tuple(continue_session(self, {}))
