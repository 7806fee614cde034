"""What a session adds up to while its events come in: one machine for the sandbox, the audit and the pictures.

The collection API checks each event alone, so wrong nesting is accepted; what a session means is worked out later,
for the reports. This machine does it at once. It never refuses an event: it takes it as the reports would and says
by which rules of a session (``spec/data/session_rules.toml``) it is out of order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

__all__ = ["IDLE_LIMIT_MS", "MOST_STATES", "PLAYHEAD_LIMIT_MS", "Closing", "Playback", "SessionState"]

IDLE_LIMIT_MS: Final = 10 * 60_000
"""A session without an event for as long is closed; in milliseconds."""

PLAYHEAD_LIMIT_MS: Final = 30 * 60_000
"""A session whose playhead stands still for as long is closed, whatever events come; in milliseconds."""

MOST_STATES: Final = 10
"""How many player states of different names count in a session; further ones are dropped."""

_PREROLL_S = 1.0
"""How far the playhead may have come for a first ad break to be a pre-roll; in seconds."""

Playback = Literal["starting", "playing", "paused", "buffering"]
"""What the main content does. There is no event for seeking: it is a pause. Ads leave it as it is."""


@dataclass(frozen=True, slots=True)
class Closing:
    """That a session is closed: why, and since when.

    Attributes
    ----------
    why : str
        ``"end"`` (``sessionEnd``), ``"idle"`` (10 minutes without an event) or ``"playhead"`` (30 minutes on one
        playhead).
    at_ms : int
        When, in milliseconds since 1970.
    """

    why: Literal["end", "idle", "playhead"]
    at_ms: int


class SessionState:
    """The state of one session, from its ``sessionStart`` on.

    Parameters
    ----------
    started_ms : int
        When the ``sessionStart`` arrived, in milliseconds since 1970.
    start : Mapping
        Its body. Members that are missing or of a wrong type are passed over.
    grace_ms : int
        How much longer it may stand on one playhead before that closes it, in milliseconds; for captures, in which
        the first event that shows the playhead moving again comes a while after it does.

    Attributes
    ----------
    playback : str
        What the main content does: ``"starting"``, ``"playing"``, ``"paused"`` or ``"buffering"``.
    in_break, in_ad, in_chapter : bool
        Whether an ad break, an ad, a chapter is open.
    completed : bool
        Whether ``sessionComplete`` came. It closes nothing.
    states : dict
        The names of player states so far, in lower case, each with whether it is on.
    playhead_s : float or None
        The last playhead, in seconds.
    events : int
        How many events were taken, the ``sessionStart`` included.

    Examples
    --------
    >>> state = SessionState(0, {"eventType": "sessionStart", "playerTime": {"playhead": 0, "ts": 1}})
    >>> state.take({"eventType": "adStart", "playerTime": {"playhead": 0, "ts": 2}}, 1_000)
    ('ad-outside-break',)
    >>> state.take({"eventType": "sessionEnd", "playerTime": {"playhead": 0, "ts": 3}}, 2_000)
    ('ad-open-at-end',)
    >>> state.closing(3_000)
    Closing(why='end', at_ms=2000)

    Notes
    -----
    Source: Experience League, "Media Collection API" (sessions, timeouts, ads, player states) and the behaviour of
    Adobe's open SDKs. Ten and thirty minutes are counted on the clock that ``at_ms`` is read from.
    """

    __slots__ = (
        "_ended_ms",
        "_last_ms",
        "_moved_ms",
        "_still_limit_ms",
        "breaks",
        "completed",
        "events",
        "first_playhead_s",
        "in_ad",
        "in_break",
        "in_chapter",
        "playback",
        "playhead_s",
        "started_ms",
        "states",
    )

    def __init__(self, started_ms: int, start: Mapping[str, Any], *, grace_ms: int = 0) -> None:
        self.started_ms = started_ms
        self.playback: Playback = "starting"
        self.in_break = False
        self.in_ad = False
        self.in_chapter = False
        self.completed = False
        self.states: dict[str, bool] | None = None
        self.breaks = 0
        self.events = 1
        self.playhead_s = self.first_playhead_s = _playhead(start)
        self._last_ms = started_ms
        self._moved_ms = started_ms
        self._ended_ms: int | None = None
        self._still_limit_ms = PLAYHEAD_LIMIT_MS + grace_ms

    @property
    def last_ms(self) -> int:
        """When the last event arrived that was taken, in milliseconds since 1970."""
        return self._last_ms

    def closing(self, now_ms: int) -> Closing | None:
        """Tell whether the session is closed at a moment, and if so why and since when.

        Parameters
        ----------
        now_ms : int
            Milliseconds since 1970, on the clock of :meth:`take`.
        """
        if self._ended_ms is not None:
            return Closing("end", self._ended_ms)
        idle_ms = self._last_ms + IDLE_LIMIT_MS
        still_ms = self._moved_ms + self._still_limit_ms
        if now_ms < idle_ms and now_ms < still_ms:
            return None
        return Closing("idle", idle_ms) if idle_ms <= still_ms else Closing("playhead", still_ms)

    def take(self, body: Mapping[str, Any], at_ms: int) -> tuple[str, ...]:
        """Take one event as it arrived, whatever it is, and say by which rules it is out of order.

        Parameters
        ----------
        body : Mapping
            The event. One without a known ``eventType`` counts as a sign of life only.
        at_ms : int
            When it arrived, in milliseconds since 1970.

        Returns
        -------
        tuple of str
            Ids of rules of a session; empty when all is in order. An event for a session that is closed is not
            taken: ``("after-close",)``.
        """
        found = body.get("eventType")
        return self.advance(found if type(found) is str else "", _playhead(body), body, at_ms)

    def advance(
        self, event_type: str, playhead_s: float | None, body: Mapping[str, Any], at_ms: int
    ) -> tuple[str, ...]:
        """Take one event of which type and playhead are known already; for very many of them.

        Parameters
        ----------
        event_type : str
            Its ``eventType``; empty where it has none.
        playhead_s : float or None
            Its playhead, where it is a number.
        body, at_ms
            As for :meth:`take`.
        """
        if (
            self._ended_ms is not None
            or at_ms - self._last_ms >= IDLE_LIMIT_MS
            or at_ms - self._moved_ms >= self._still_limit_ms
        ):
            return ("after-close",)
        self.events += 1
        if at_ms > self._last_ms:
            self._last_ms = at_ms
        if playhead_s is not None and playhead_s != self.playhead_s:
            self.playhead_s = playhead_s
            self._moved_ms = at_ms
            if self.first_playhead_s is None:
                self.first_playhead_s = playhead_s
        step = _STEPS.get(event_type)
        slips = step(self, body, at_ms) if step is not None else ()
        if self.completed and event_type not in _FINE_AFTER_COMPLETE:
            slips = (*slips, "after-complete")
        return slips

    # --- one method a group of events; each returns the rules that are broken -------------------------------------

    def _play(self, _: Mapping[str, Any], __: int) -> tuple[str, ...]:
        self.playback = "playing"
        return self._between_ads()

    def _pause(self, _: Mapping[str, Any], __: int) -> tuple[str, ...]:
        slips = ("pause-while-buffering",) if self.playback == "buffering" else ()
        self.playback = "paused"
        return slips + self._between_ads()

    def _buffer(self, _: Mapping[str, Any], __: int) -> tuple[str, ...]:
        self.playback = "buffering"
        return self._between_ads()

    def _between_ads(self) -> tuple[str, ...]:
        return ("playback-between-ads",) if self.in_break and not self.in_ad else ()

    def _break_start(self, _: Mapping[str, Any], __: int) -> tuple[str, ...]:
        slips: tuple[str, ...] = ("break-not-closed",) if self.in_break else ()
        if self.in_ad:
            slips += ("ad-not-closed",)
        if not self.breaks and not slips and self.playback == "playing" and self._at_the_start():
            slips += ("play-before-preroll",)
        self.in_break, self.in_ad = True, False
        self.breaks += 1
        return slips

    def _at_the_start(self) -> bool:
        first, now = self.first_playhead_s, self.playhead_s
        return first is not None and now is not None and abs(now - first) < _PREROLL_S

    def _break_complete(self, _: Mapping[str, Any], __: int) -> tuple[str, ...]:
        if not self.in_break:
            return ("break-end-without-start",)
        slips = ("ad-not-closed",) if self.in_ad else ()
        self.in_break = self.in_ad = False
        return slips

    def _ad_start(self, _: Mapping[str, Any], __: int) -> tuple[str, ...]:
        slips: tuple[str, ...] = () if self.in_break else ("ad-outside-break",)
        if self.in_ad:
            slips += ("ad-not-closed",)
        self.in_ad = True
        return slips

    def _ad_end(self, _: Mapping[str, Any], __: int) -> tuple[str, ...]:
        slips = () if self.in_ad else ("ad-end-without-start",)
        self.in_ad = False
        return slips

    def _chapter_start(self, _: Mapping[str, Any], __: int) -> tuple[str, ...]:
        slips = ("chapter-not-closed",) if self.in_chapter else ()
        self.in_chapter = True
        return slips

    def _chapter_end(self, _: Mapping[str, Any], __: int) -> tuple[str, ...]:
        slips = () if self.in_chapter else ("chapter-end-without-start",)
        self.in_chapter = False
        return slips

    def _state_start(self, body: Mapping[str, Any], _: int) -> tuple[str, ...]:
        return self._switch(_name(_member(body, "params").get("media.state.name")), on=True)

    def _state_end(self, body: Mapping[str, Any], _: int) -> tuple[str, ...]:
        return self._switch(_name(_member(body, "params").get("media.state.name")), on=False)

    def _states_update(self, body: Mapping[str, Any], _: int) -> tuple[str, ...]:
        params = _member(body, "params")
        slips: list[str] = []
        for member, on in (("statesEnd", False), ("statesStart", True)):
            found = params.get(member)
            for entry in found if isinstance(found, list) else ():
                name = entry.get("media.state.name") if isinstance(entry, Mapping) else None
                slips += [slip for slip in self._switch(_name(name), on=on) if slip not in slips]
        return tuple(slips)

    def _switch(self, name: str | None, *, on: bool) -> tuple[str, ...]:
        if name is None:
            return ()
        known = self.states
        if known is None:  # most sessions have no states, and there may be 100,000 of them
            known = self.states = {}
        if name not in known and len(known) >= MOST_STATES:
            return ("too-many-states",)
        was_on = known.get(name, False)
        if on or name in known:
            known[name] = on
        if on:
            return ("state-started-twice",) if was_on else ()
        return () if was_on else ("state-end-without-start",)

    def _complete(self, _: Mapping[str, Any], __: int) -> tuple[str, ...]:
        slips = ("completed-twice",) if self.completed else self._left_open()
        self.completed = True
        return slips

    def _end(self, _: Mapping[str, Any], at_ms: int) -> tuple[str, ...]:
        self._ended_ms = at_ms
        return () if self.completed else self._left_open()

    def _left_open(self) -> tuple[str, ...]:
        slips: tuple[str, ...] = ()
        if self.in_ad:
            slips += ("ad-open-at-end",)
        elif self.in_break:
            slips += ("break-open-at-end",)
        return (*slips, "chapter-open-at-end") if self.in_chapter else slips


_FINE_AFTER_COMPLETE: Final = frozenset({"sessionComplete", "sessionEnd", "stateEnd"})

_Step = Callable[[SessionState, Mapping[str, Any], int], tuple[str, ...]]

_STEPS: Final[dict[str, _Step]] = {
    "play": SessionState._play,
    "pauseStart": SessionState._pause,
    "bufferStart": SessionState._buffer,
    "adBreakStart": SessionState._break_start,
    "adBreakComplete": SessionState._break_complete,
    "adStart": SessionState._ad_start,
    "adComplete": SessionState._ad_end,
    "adSkip": SessionState._ad_end,
    "chapterStart": SessionState._chapter_start,
    "chapterComplete": SessionState._chapter_end,
    "chapterSkip": SessionState._chapter_end,
    "stateStart": SessionState._state_start,
    "stateEnd": SessionState._state_end,
    "statesUpdate": SessionState._states_update,
    "sessionComplete": SessionState._complete,
    "sessionEnd": SessionState._end,
}


def _member(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = body.get(name)
    return found if isinstance(found, Mapping) else {}


def _playhead(body: Mapping[str, Any]) -> float | None:
    time = body.get("playerTime")
    found = time.get("playhead") if isinstance(time, Mapping) else None
    return found if isinstance(found, int | float) and not isinstance(found, bool) else None


def _name(found: object) -> str | None:
    """Return the name of a player state as it is counted: ``fullScreen`` and ``fullscreen`` are one."""
    return found.lower() if isinstance(found, str) else None
