"""Player: a model of a video player that sends what a good one sends, at the time at which it would."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mctoolkit._core.errors import UsageError
from mctoolkit._core.messages import Message
from mctoolkit._core.messages import gettext as _
from mctoolkit.models.session.state_machine import MOST_STATES
from mctoolkit.simulation.actions import action, check_values
from mctoolkit.simulation.engine import ANY_ACTION, Ad, Chapter, Engine, PlannedEvent, seconds_of

__all__ = ["Player"]


_MODES = {
    "complete": Message("The programme has been watched to its end. End the session, or start a new one."),
    "paused": Message("The programme is paused already. Play ends the pause."),
    "buffering": Message("The player is waiting for data. Play ends that; a pause is not reported meanwhile."),
}
_NOT_OPEN = {
    "new": Message("The session has not been started yet. Start it first."),
    "ended": Message("The session has ended. Start a new one to go on."),
    "expired": Message("The session is over: 30 minutes passed without progress. Play begins a new one."),
    "lost": Message("The session is gone at the server. Start a new one to go on."),
}


class Player(Engine):
    """Turns what a viewer does into the events of the API, and keeps playhead, clock and pings right by itself.

    Nothing is sent: each method returns the steps that it leads to, in order. Time passes in :meth:`wait` and
    :meth:`move_to` only. Ads and chapters end by themselves when their length is over, and so does the programme.
    After 30 minutes without progress the session is over, as the API has it; the next thing that is done then begins
    a new one with ``media.resume``.

    Parameters
    ----------
    start : dict or Event, optional
        The ``sessionStart`` to begin with; the one of the example "vod" by default.
    start_ms : int, optional
        The time stamp of the beginning, in milliseconds since 1970; that of ``start`` by default.
    at_ms : int
        How long the viewing has lasted when this player comes in, in milliseconds.
    defects : iterable of str
        What it gets wrong on purpose, by the names in :data:`mctoolkit.simulation.DEFECTS`. A set that may be changed on
        the way: :attr:`defects`.
    pings : {"playback", "clock"}
        In content, count the 10 seconds from the last change of playback, as Adobe's libraries do, or from the start
        of the session, as Adobe's documented timelines do. In an ad break there is one each second.
    device : str
        The name of the device, where there are several.

    Examples
    --------
    >>> player = Player()
    >>> steps = [*player.start(), *player.play(), *player.wait(20), *player.pause(), *player.end()]
    >>> [(step.at_ms, step.event_type, step.body["playerTime"]["playhead"]) for step in steps]
    [(0, 'sessionStart', 0), (1, 'play', 0), (10000, 'ping', 10), (20000, 'ping', 20), (20001, 'pauseStart', 20), \
(20002, 'sessionEnd', 20)]

    Notes
    -----
    Two events never have the same time stamp: the later one is put a millisecond on. Source: Experience League,
    "Media Collection API" (timelines, pings, ads, sessions), and the behaviour of Adobe's open libraries, which also
    close what is open before a session ends.
    """

    def do(self, name: str, /, **values: Any) -> tuple[PlannedEvent, ...]:
        """Do something by its name in a scenario, such as ``"ad break"``; see :data:`mctoolkit.simulation.ACTIONS`.

        Raises
        ------
        UsageError
            There is no such action, it does not take these values, or it makes no sense now.
        """
        wanted = action(name)
        check_values(wanted, values)
        done: tuple[PlannedEvent, ...] = getattr(self, wanted.method)(**values)
        return done

    def start(self, *, resume: bool = False, **own: Any) -> tuple[PlannedEvent, ...]:
        """Begin a session, or a new one after an end; ``resume`` says that it goes on with an earlier one."""
        if self.open and self.mode != "complete":
            raise UsageError(_("The session is running already. End it before you start another."))
        check_values(ANY_ACTION, own)
        if not resume:
            self._playhead_ms = self._first_ms
            self._breaks = self._chapters = 0
        if "playhead" in own:
            self._playhead_ms = round(own["playhead"] * 1000)
        self._break = self._ad = self._chapter = None
        self._states = {}
        return tuple(self._begin(resume=resume, own=own))

    def restart(self) -> tuple[PlannedEvent, ...]:
        """Begin a new session where the last one broke off, with ``media.resume`` and all that is still going on."""
        if self.mode not in ("expired", "lost"):
            raise UsageError(_("There is nothing to go on with: no session was lost."))
        return self._restart({})

    def _restart(self, own: Mapping[str, Any]) -> tuple[PlannedEvent, ...]:
        was, ad, chapter, states = self._break, self._ad, self._chapter, self.states
        goes_on = self._was
        steps = self._begin(resume=True, own={})
        self._break = self._ad = self._chapter = None
        self._states = {}
        if chapter is not None:
            self._chapter = chapter
            steps += self._emit("chapterStart", chapter.params)
        if was is not None:
            self._break = was
            steps += self._emit("adBreakStart", was)
        if ad is not None:
            self._ad = ad
            steps += self._emit("adStart", ad.params)
        for name in states:
            steps += self.state(name)
        if goes_on in ("playing", "stalled") and was is None:
            steps += self._playing(own)
        elif goes_on in ("paused", "buffering"):
            self.mode = goes_on
            steps += self._emit("pauseStart" if goes_on == "paused" else "bufferStart")
        self._plan_ping()
        return tuple(steps)

    def play(self, **own: Any) -> tuple[PlannedEvent, ...]:
        """Play: the first picture, or on after a pause, a wait for data, an error, or an ad break."""
        if self.mode == "expired":
            self._was = "playing"
            return self._restart(own)
        self._must_be_open()
        if self._ad is not None and self.mode not in ("paused", "buffering"):
            raise UsageError(_("An ad is running. It ends by itself; to go on at once, skip it first."))
        return tuple(self._leave_gap() + self._playing(own))

    def pause(self, **own: Any) -> tuple[PlannedEvent, ...]:
        """Pause."""
        self._must_be_open()
        if self.mode in ("paused", "buffering"):
            raise UsageError(str(_MODES[self.mode]))
        steps = self._leave_gap()
        self.mode = "paused"
        steps += self._emit("pauseStart", own=own)
        self._plan_ping()
        return tuple(steps)

    def buffer(self, **own: Any) -> tuple[PlannedEvent, ...]:
        """Wait for data; :meth:`play` ends it."""
        self._must_be_open()
        if self.mode == "buffering":
            raise UsageError(_("The player is waiting for data. Play ends that; a pause is not reported meanwhile."))
        steps = self._leave_gap()
        self.mode = "buffering"
        steps += self._emit("bufferStart", own=own)
        self._plan_ping()
        return tuple(steps)

    def seek(self, to: float, **own: Any) -> tuple[PlannedEvent, ...]:
        """Jump to a second of the programme. The API knows it as a pause and a play; while paused nothing is sent."""
        self._must_be_open()
        if self._break is not None:
            raise UsageError(_("Nobody can jump during an ad break. Play closes it once its ads are over."))
        to_ms = round(to * 1000)
        if self._length_ms is not None and to_ms > self._length_ms:
            raise UsageError(
                _("{to} lies beyond the end: the programme has {length} seconds.").format(
                    to=seconds_of(to_ms), length=seconds_of(self._length_ms)
                )
            )
        playing = self.mode == "playing"
        steps = self._emit("pauseStart", own=own) if playing else []
        self._playhead_ms = to_ms
        if self._chapter is not None and not self._chapter.from_ms <= to_ms < self._chapter.to_ms:
            self._chapter = None
            steps += self._emit("chapterSkip")
        return tuple(steps + (self._playing({}) if playing else []))

    def ad_break(
        self, *, name: str | None = None, index: int | None = None, second: float | None = None, **own: Any
    ) -> tuple[PlannedEvent, ...]:
        """Open an ad break; :meth:`ad` begins the ads in it, and :meth:`ad_break_end` or :meth:`play` closes it.

        Parameters
        ----------
        name : str, optional
            What people call the break.
        index : int, optional
            Its number in the programme; counted from 1 by default.
        second : float, optional
            Where in the programme it lies, in seconds; the playhead by default.
        """
        self._must_be_open()
        steps = self._close_break()
        if not self._breaks and "play-before-preroll" in self.defects:
            self.mode = "playing"
            steps += self._emit("play")
        self._breaks += 1
        self._break = {
            **({} if name is None else {"media.ad.podFriendlyName": name}),
            "media.ad.podIndex": self._breaks if index is None else index,
            "media.ad.podSecond": self.playhead_s if second is None else second,
        }
        self._ads = 0
        steps += self._emit("adBreakStart", self._break, own=own)
        self._plan_ping()
        return tuple(steps)

    def ad(
        self,
        *,
        length: float = 15,
        id: str | None = None,  # noqa: A002  the name on the wire
        name: str | None = None,
        position: int | None = None,
        player: str | None = None,
        **own: Any,
    ) -> tuple[PlannedEvent, ...]:
        """Begin an ad; it ends by itself. One that still runs is skipped; without a break, one is opened.

        Parameters
        ----------
        length : float
            Its length in seconds.
        id, name : str, optional
            The id of the ad, made up by default, and what people call it.
        position : int, optional
            Its place in the break; counted from 1 by default.
        player : str, optional
            The name of the player that shows it; that of the session by default.
        """
        self._must_be_open()
        steps = list(self.ad_break()) if self._break is None else self._skip_ad()
        self._ads += 1
        params = {
            **({} if name is None else {"media.ad.name": name}),
            "media.ad.id": f"ad-{max(self._breaks, 1)}-{self._ads}" if id is None else id,
            "media.ad.length": length,
            "media.ad.podPosition": self._ads if position is None else position,
            "media.ad.playerName": self._params.get("media.playerName", "player") if player is None else player,
        }
        self._ad = Ad(params, round(length * 1000))
        steps += self._emit("adStart", params, own=own)
        self._plan_ping()
        return tuple(steps)

    def skip(self, **own: Any) -> tuple[PlannedEvent, ...]:
        """Skip the ad that runs, or else the chapter."""
        self._must_be_open()
        if self._ad is not None:
            return tuple(self._skip_ad(own))
        if self._chapter is None:
            raise UsageError(_("There is nothing to skip: no ad runs and no chapter is open."))
        self._chapter = None
        return tuple(self._emit("chapterSkip", own=own))

    def ad_break_end(self, **own: Any) -> tuple[PlannedEvent, ...]:
        """Close the ad break, and play on where the programme was playing or about to."""
        self._must_be_open()
        if self._break is None:
            raise UsageError(_("No ad break is open."))
        steps = self._close_break(own)
        if self.mode in ("starting", "playing"):
            steps += self._playing({})
        self._plan_ping()
        return tuple(steps)

    def chapter(
        self,
        *,
        length: float = 60,
        name: str | None = None,
        index: int | None = None,
        offset: float | None = None,
        **own: Any,
    ) -> tuple[PlannedEvent, ...]:
        """Begin a chapter; it ends by itself. One that is still open is skipped.

        Parameters
        ----------
        length : float
            Its length in seconds.
        name : str, optional
            Its title.
        index : int, optional
            Its number; counted from 1 by default.
        offset : float, optional
            Where in the programme it begins, in seconds; the playhead by default.
        """
        self._must_be_open()
        steps: list[PlannedEvent] = []
        if self._chapter is not None:
            self._chapter = None
            steps += self._emit("chapterSkip")
        self._chapters += 1
        from_s = self.playhead_s if offset is None else offset
        params = {
            **({} if name is None else {"media.chapter.friendlyName": name}),
            "media.chapter.index": self._chapters if index is None else index,
            "media.chapter.offset": from_s,
            "media.chapter.length": length,
        }
        from_ms = round(from_s * 1000)
        self._chapter = Chapter(params, from_ms, from_ms + round(length * 1000))
        return tuple(steps + self._emit("chapterStart", params, own=own))

    def state(self, name: str, *, on: bool = True, **own: Any) -> tuple[PlannedEvent, ...]:
        """Turn a player state on or off, such as ``"fullScreen"``."""
        self._must_be_open()
        known = {known.lower(): known for known in self._states}
        kept = known.get(name.lower(), name)
        if self._states.get(kept, False) is on:
            raise UsageError(
                (
                    _("{name} is on already. Turn it off first.")
                    if on
                    else _("{name} is not on, so it cannot be turned off.")
                ).format(name=name)
            )
        if kept not in self._states and len(self._states) >= MOST_STATES:
            raise UsageError(
                _(
                    "{name} would be one too many: only {most} player states of different names count in a session."
                ).format(name=name, most=MOST_STATES)
            )
        self._states[kept] = on
        return tuple(self._emit("stateStart" if on else "stateEnd", {"media.state.name": kept}, own=own))

    def bitrate(self, bits: int, **own: Any) -> tuple[PlannedEvent, ...]:
        """Go over to another bitrate, in bits a second."""
        self._must_be_open()
        return tuple(self._emit("bitrateChange", qoe={"media.qoe.bitrate": bits}, own=own))

    def error(
        self,
        *,
        id: str = "player-error",  # noqa: A002  the name on the wire
        source: str = "player",
        stops: bool = False,
        **own: Any,
    ) -> tuple[PlannedEvent, ...]:
        """Report an error of the player; with ``stops`` the programme stands still until :meth:`play`."""
        self._must_be_open()
        if stops and self.mode == "playing":
            self.mode = "stalled"
        return tuple(self._emit("error", qoe={"media.qoe.errorID": id, "media.qoe.errorSource": source}, own=own))

    def complete(self, **own: Any) -> tuple[PlannedEvent, ...]:
        """Reach the end of the programme; what is open is closed first. The session stays open."""
        if self.mode == "complete":
            return ()
        self._must_be_open()
        steps = self._close_all()
        self.mode = "complete"
        steps += self._emit("sessionComplete", own=own)
        self._plan_ping()
        return tuple(steps)

    def end(self, **own: Any) -> tuple[PlannedEvent, ...]:
        """Leave; what is open is closed first, and then the session."""
        if self.mode in ("expired", "lost"):
            self.mode = "ended"
            return ()
        if self.mode != "complete":
            self._must_be_open()
        steps = [] if self.mode == "complete" else self._close_all()
        self.mode = "ended"
        steps += self._emit("sessionEnd", own=own)
        self._plan_ping()
        return tuple(steps)

    def send(self, event: str, **own: Any) -> tuple[PlannedEvent, ...]:
        """Send any event as it stands, whether it makes sense or not; the player takes no note of it."""
        return tuple(self._emit(event, own=own))

    def lose(self) -> None:
        """Take note that the session is gone at the other side, as a 404 or 410 says."""
        if self.open:
            self._was = self.mode
            self.mode = "lost"
            self._ping_ms = None

    # --- inside ------------------------------------------------------------------------------------------------------

    def _must_be_open(self) -> None:
        if not self.open:
            raise UsageError(str(_NOT_OPEN[self.mode]))
        if self.mode == "complete":
            raise UsageError(_("The programme has been watched to its end. End the session, or start a new one."))

    def _begin(self, *, resume: bool, own: Mapping[str, Any]) -> list[PlannedEvent]:
        self._sessions += 1
        self.mode = "starting"
        self._began_ms = self._moved_ms = self._now_ms
        self._reported_ms = None
        params = {name: value for name, value in self._params.items() if name != "media.resume"}
        if resume and "no-resume" not in self.defects:
            params["media.resume"] = True
        steps = self._emit("sessionStart", params, own=own, custom=self._start.get("customMetadata"))
        self._plan_ping()
        return steps

    def _playing(self, own: Mapping[str, Any]) -> list[PlannedEvent]:
        self.mode = "playing"
        steps = self._emit("play", own=own)
        self._plan_ping()
        return steps

    def _skip_ad(self, own: Mapping[str, Any] | None = None) -> list[PlannedEvent]:
        if self._ad is None:
            return []
        self._ad = None
        return self._emit("adSkip", own=own)

    def _close_break(self, own: Mapping[str, Any] | None = None) -> list[PlannedEvent]:
        if self._break is None:
            return []
        steps = self._skip_ad()
        self._break = None
        return steps + self._emit("adBreakComplete", own=own)

    def _leave_gap(self) -> list[PlannedEvent]:
        """Close a break whose ads are over: between ads no player tells of its main content."""
        return self._close_break() if self._ad is None else []

    def _close_all(self) -> list[PlannedEvent]:
        steps = self._close_break()
        if self._chapter is not None:
            over = self._playhead_ms >= self._chapter.to_ms
            self._chapter = None
            steps += self._emit("chapterComplete" if over else "chapterSkip")
        return steps
