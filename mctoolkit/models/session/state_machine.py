"""SessionState: the state of a session after each event, for the sandbox, the audit and the timelines.

The API checks each event alone and accepts wrong nesting; what a session means is computed later, for the reports.
SessionState computes it at once. It accepts every event, as the reports do, and returns the rules
(``spec/data/session_rules.toml``) that the event violates.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

__all__ = ["IDLE_LIMIT_MS", "MOST_STATES", "PLAYHEAD_LIMIT_MS", "Closing", "Playback", "SessionState"]

IDLE_LIMIT_MS: Final = 10 * 60_000
"""A session without events for this long is closed, in milliseconds."""

PLAYHEAD_LIMIT_MS: Final = 30 * 60_000
"""A session with an unchanged playhead for this long is closed, in milliseconds."""

MOST_STATES: Final = 10
"""The number of different player states that count in a session; further ones are dropped."""

_PREROLL_S = 1.0
"""A first ad break within this distance of the first playhead is a pre-roll, in seconds."""

Playback = Literal["starting", "playing", "paused", "buffering"]
"""What the main content does. Seeking has no event: it is a pause. Ads do not change it."""


@dataclass(frozen=True, slots=True)
class Closing:
    """Why a session is closed, and since when.

    Attributes
    ----------
    why : str
        ``"end"`` (``sessionEnd``), ``"idle"`` (10 minutes without events) or ``"playhead"`` (30 minutes on one
        playhead).
    at_ms : int
        The time, in milliseconds since 1970.
    """

    why: Literal["end", "idle", "playhead"]
    at_ms: int


class SessionState:
    """The state of one session from its ``sessionStart``.

    Parameters
    ----------
    started_ms : int
        The time of the ``sessionStart``, in milliseconds since 1970.
    start : Mapping
        The body of the ``sessionStart``. Members that are missing or of a wrong type are ignored.
    grace_ms : int
        Additional time on one playhead before the session closes, in milliseconds. In captures, the first event that
        shows a moving playhead comes some time after the move.

    Attributes
    ----------
    playback : str
        ``"starting"``, ``"playing"``, ``"paused"`` or ``"buffering"``, of the main content.
    in_break, in_ad, in_chapter : bool
        Whether an ad break, an ad, a chapter is open.
    completed : bool
        Whether ``sessionComplete`` was sent. The session stays open.
    states : dict or None
        Whether each player state is on, by name in lower case; None before the first one.
    playhead_s : float or None
        The last playhead, in seconds.
    events : int
        The number of accepted events, ``sessionStart`` included.
    last_ms : int
        The time of the last accepted event, in milliseconds since 1970.

    Examples
    --------
    >>> state = SessionState(0, {"eventType": "sessionStart", "playerTime": {"playhead": 0, "ts": 1}})
    >>> state.apply({"eventType": "adStart", "playerTime": {"playhead": 0, "ts": 2}}, 1_000)
    ('ad-outside-break',)
    >>> state.apply({"eventType": "sessionEnd", "playerTime": {"playhead": 0, "ts": 3}}, 2_000)
    ('ad-open-at-end',)
    >>> state.closing(3_000)
    Closing(why='end', at_ms=2000)

    Notes
    -----
    Source: Experience League, "Media Collection API" (sessions, timeouts, ads, player states) and the behaviour of
    Adobe's open SDKs. The timeouts use the clock of ``at_ms``.
    """

    __slots__ = (
        "_moved_ms",
        "_playhead_limit_ms",
        "breaks",
        "completed",
        "ended_ms",
        "events",
        "first_playhead_s",
        "in_ad",
        "in_break",
        "in_chapter",
        "last_ms",
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
        self.states: dict[str, bool] | None = None  # most of up to 100,000 open sessions have no states
        self.breaks = 0
        self.events = 1
        self.playhead_s = self.first_playhead_s = _playhead(start)
        self.last_ms = started_ms
        self.ended_ms: int | None = None
        self._moved_ms = started_ms
        self._playhead_limit_ms = PLAYHEAD_LIMIT_MS + grace_ms

    def closing(self, now_ms: int) -> Closing | None:
        """Return why and since when the session is closed, or None when it is open.

        Parameters
        ----------
        now_ms : int
            Milliseconds since 1970, on the clock of :meth:`apply`.
        """
        if self.ended_ms is not None:
            return Closing("end", self.ended_ms)
        idle_ms = self.last_ms + IDLE_LIMIT_MS
        unchanged_ms = self._moved_ms + self._playhead_limit_ms
        if now_ms < idle_ms and now_ms < unchanged_ms:
            return None
        return Closing("idle", idle_ms) if idle_ms <= unchanged_ms else Closing("playhead", unchanged_ms)

    def apply(self, body: Mapping[str, Any], at_ms: int) -> tuple[str, ...]:
        """Apply an event and return the ids of the session rules that it violates.

        Parameters
        ----------
        body : Mapping
            The event. One without a known ``eventType`` only keeps the session open.
        at_ms : int
            The time of arrival, in milliseconds since 1970.

        Returns
        -------
        tuple of str
            Rule ids; empty when the event is in order. An event for a closed session is not applied and gives
            ``("after-close",)``.
        """
        found = body.get("eventType")
        return self.apply_parsed(found if type(found) is str else "", _playhead(body), body, at_ms)

    def apply_parsed(
        self, event_type: str, playhead_s: float | None, body: Mapping[str, Any], at_ms: int
    ) -> tuple[str, ...]:
        """Apply an event whose type and playhead are already parsed. The audit of large captures uses it.

        Parameters
        ----------
        event_type : str
            The ``eventType``; empty when the event has none.
        playhead_s : float or None
            The playhead; None when it is not a number.
        body, at_ms
            As for :meth:`apply`.
        """
        if (
            self.ended_ms is not None
            or at_ms - self.last_ms >= IDLE_LIMIT_MS
            or at_ms - self._moved_ms >= self._playhead_limit_ms
        ):
            return ("after-close",)
        self.events += 1
        if at_ms > self.last_ms:
            self.last_ms = at_ms
        if playhead_s is not None and playhead_s != self.playhead_s:
            self.playhead_s = playhead_s
            self._moved_ms = at_ms
            if self.first_playhead_s is None:
                self.first_playhead_s = playhead_s
        step = _STEPS.get(event_type)
        violations = step(self, body, at_ms) if step is not None else ()
        if self.completed and event_type not in _ALLOWED_AFTER_COMPLETE:
            violations = (*violations, "after-complete")
        return violations


# --- one function for each group of events; each returns the violated rules ------------------------------------------


def _play(state: SessionState, _: Mapping[str, Any], __: int) -> tuple[str, ...]:
    state.playback = "playing"
    return _playback_between_ads(state)


def _pause(state: SessionState, _: Mapping[str, Any], __: int) -> tuple[str, ...]:
    violations = ("pause-while-buffering",) if state.playback == "buffering" else ()
    state.playback = "paused"
    return violations + _playback_between_ads(state)


def _buffer(state: SessionState, _: Mapping[str, Any], __: int) -> tuple[str, ...]:
    state.playback = "buffering"
    return _playback_between_ads(state)


def _playback_between_ads(state: SessionState) -> tuple[str, ...]:
    return ("playback-between-ads",) if state.in_break and not state.in_ad else ()


def _start_break(state: SessionState, _: Mapping[str, Any], __: int) -> tuple[str, ...]:
    violations: tuple[str, ...] = ("break-not-closed",) if state.in_break else ()
    if state.in_ad:
        violations += ("ad-not-closed",)
    if not state.breaks and not violations and state.playback == "playing" and _is_at_first_playhead(state):
        violations += ("play-before-preroll",)
    state.in_break, state.in_ad = True, False
    state.breaks += 1
    return violations


def _is_at_first_playhead(state: SessionState) -> bool:
    first, now = state.first_playhead_s, state.playhead_s
    return first is not None and now is not None and abs(now - first) < _PREROLL_S


def _complete_break(state: SessionState, _: Mapping[str, Any], __: int) -> tuple[str, ...]:
    if not state.in_break:
        return ("break-end-without-start",)
    violations = ("ad-not-closed",) if state.in_ad else ()
    state.in_break = state.in_ad = False
    return violations


def _start_ad(state: SessionState, _: Mapping[str, Any], __: int) -> tuple[str, ...]:
    violations: tuple[str, ...] = () if state.in_break else ("ad-outside-break",)
    if state.in_ad:
        violations += ("ad-not-closed",)
    state.in_ad = True
    return violations


def _end_ad(state: SessionState, _: Mapping[str, Any], __: int) -> tuple[str, ...]:
    violations = () if state.in_ad else ("ad-end-without-start",)
    state.in_ad = False
    return violations


def _start_chapter(state: SessionState, _: Mapping[str, Any], __: int) -> tuple[str, ...]:
    violations = ("chapter-not-closed",) if state.in_chapter else ()
    state.in_chapter = True
    return violations


def _end_chapter(state: SessionState, _: Mapping[str, Any], __: int) -> tuple[str, ...]:
    violations = () if state.in_chapter else ("chapter-end-without-start",)
    state.in_chapter = False
    return violations


def _start_state(state: SessionState, body: Mapping[str, Any], _: int) -> tuple[str, ...]:
    return _switch(state, _member(body, "params").get("media.state.name"), on=True)


def _end_state(state: SessionState, body: Mapping[str, Any], _: int) -> tuple[str, ...]:
    return _switch(state, _member(body, "params").get("media.state.name"), on=False)


def _update_states(state: SessionState, body: Mapping[str, Any], _: int) -> tuple[str, ...]:
    params = _member(body, "params")
    violations: dict[str, None] = {}
    for member, on in (("statesEnd", False), ("statesStart", True)):
        entries = params.get(member)
        for entry in entries if isinstance(entries, list) else ():
            name = entry.get("media.state.name") if isinstance(entry, Mapping) else None
            violations |= dict.fromkeys(_switch(state, name, on=on))
    return tuple(violations)


def _switch(state: SessionState, written: object, *, on: bool) -> tuple[str, ...]:
    """Turn a player state on or off. Names are case-insensitive: ``fullScreen`` and ``fullscreen`` are one."""
    if not isinstance(written, str):
        return ()
    name = written.lower()
    states = state.states
    if states is None:
        states = state.states = {}
    if name not in states and len(states) >= MOST_STATES:
        return ("too-many-states",)
    was_on = states.get(name, False)
    if on or name in states:
        states[name] = on
    if on:
        return ("state-started-twice",) if was_on else ()
    return () if was_on else ("state-end-without-start",)


def _complete_session(state: SessionState, _: Mapping[str, Any], __: int) -> tuple[str, ...]:
    violations = ("completed-twice",) if state.completed else _left_open(state)
    state.completed = True
    return violations


def _end_session(state: SessionState, _: Mapping[str, Any], at_ms: int) -> tuple[str, ...]:
    state.ended_ms = at_ms
    return () if state.completed else _left_open(state)


def _left_open(state: SessionState) -> tuple[str, ...]:
    violations: tuple[str, ...] = ()
    if state.in_ad:
        violations += ("ad-open-at-end",)
    elif state.in_break:
        violations += ("break-open-at-end",)
    return (*violations, "chapter-open-at-end") if state.in_chapter else violations


_ALLOWED_AFTER_COMPLETE: Final = frozenset({"sessionComplete", "sessionEnd", "stateEnd"})

_Step = Callable[[SessionState, Mapping[str, Any], int], tuple[str, ...]]

_STEPS: Final[dict[str, _Step]] = {
    "play": _play,
    "pauseStart": _pause,
    "bufferStart": _buffer,
    "adBreakStart": _start_break,
    "adBreakComplete": _complete_break,
    "adStart": _start_ad,
    "adComplete": _end_ad,
    "adSkip": _end_ad,
    "chapterStart": _start_chapter,
    "chapterComplete": _end_chapter,
    "chapterSkip": _end_chapter,
    "stateStart": _start_state,
    "stateEnd": _end_state,
    "statesUpdate": _update_states,
    "sessionComplete": _complete_session,
    "sessionEnd": _end_session,
}


def _member(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = body.get(name)
    return found if isinstance(found, Mapping) else {}


def _playhead(body: Mapping[str, Any]) -> float | None:
    time = body.get("playerTime")
    found = time.get("playhead") if isinstance(time, Mapping) else None
    return found if isinstance(found, int | float) and not isinstance(found, bool) else None
