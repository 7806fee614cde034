"""What goes on in a player by itself while time passes: pings, ads and chapters that end, the programme that ends."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from mctoolkit._core.clocks import DAY_MS
from mctoolkit._core.errors import UsageError
from mctoolkit._core.messages import gettext as _
from mctoolkit.models.event import Event
from mctoolkit.models.session.state_machine import PLAYHEAD_LIMIT_MS
from mctoolkit.simulation import presets
from mctoolkit.simulation.actions import action, check_values
from mctoolkit.simulation.defects import DEFECTS, checked

__all__ = ["ANY_ACTION", "Ad", "Chapter", "Engine", "PlannedEvent", "seconds_of"]

_PING_MS: Final = 10_000
_AD_PING_MS: Final = 1_000
_RARE_PING_MS: Final = 60_000
_LIVE: Final = frozenset({"live", "linear", "radio"})

Endpoint = Literal["sessions", "events", "downloaded"]
Mode = Literal["new", "starting", "playing", "paused", "buffering", "stalled", "complete", "expired", "lost", "ended"]


@dataclass(frozen=True, slots=True)
class PlannedEvent:
    """One request that a player would send.

    Attributes
    ----------
    at_ms : int
        When, in milliseconds since the beginning of the viewing.
    endpoint : {"sessions", "events", "downloaded"}
        Where it goes.
    body : dict or list
        The event; for ``"downloaded"`` all events of a session.
    session : str
        Which session it belongs to, where a viewing has several; not the session id, which nobody knows yet.
    """

    at_ms: int
    endpoint: Endpoint
    body: Any
    session: str = "1"

    @property
    def event_type(self) -> str | None:
        """The event type; None for a list of events."""
        found = self.body.get("eventType") if isinstance(self.body, Mapping) else None
        return found if isinstance(found, str) else None


@dataclass(slots=True)
class Ad:
    """An ad that runs, and how long it still does."""

    params: dict[str, Any]
    left_ms: int


@dataclass(slots=True)
class Chapter:
    """A chapter that is open, and where in the programme it lies."""

    params: dict[str, Any]
    from_ms: int
    to_ms: int


class Engine:
    """A player that nobody touches: its state, and how time changes it. See :class:`mctoolkit.simulation.Player`."""

    def __init__(
        self,
        start: Mapping[str, Any] | Event | None = None,
        *,
        start_ms: int | None = None,
        at_ms: int = 0,
        defects: Iterable[str] = (),
        pings: Literal["playback", "clock"] = "playback",
        device: str = "",
    ) -> None:
        event = presets.preset("vod", start_ms) if start is None else Event(start)
        if not isinstance(event.value, Mapping):
            raise UsageError(
                _("A player begins with a sessionStart that is a JSON object. This body is none: mend it first.")
            )
        self._start = copy.deepcopy(dict(event.value))
        self.start_ms = (event.ts_ms or 0) if start_ms is None else start_ms
        self.defects = checked(defects)
        self._by_clock = pings == "clock"
        self._device = device
        self._sessions = 0
        self._now_ms = at_ms
        self._last_ms = at_ms - 1
        first_s = event.playhead_s
        self._first_ms = round(first_s * 1000) if first_s is not None and math.isfinite(first_s) else 0
        self._playhead_ms = self._first_ms
        self._drift_ms = 0
        length_s = event.params.get("media.length")
        usable = isinstance(length_s, int | float) and not isinstance(length_s, bool) and 0 < length_s < DAY_MS / 1000
        kind = event.params.get("media.contentType")
        self.live = isinstance(kind, str) and kind.lower() in _LIVE
        self._length_ms = round(length_s * 1000) if usable and not self.live else None  # type: ignore[operator]
        self.mode: Mode = "new"
        self._break: dict[str, Any] | None = None
        self._ad: Ad | None = None
        self._chapter: Chapter | None = None
        self._states: dict[str, bool] = {}
        self._breaks = self._ads = self._chapters = 0
        self._ping_ms: int | None = None
        self._began_ms = at_ms
        self._reported_ms: int | None = None
        self._moved_ms = at_ms
        self._was: Mode = "starting"

    # --- what it is doing ------------------------------------------------------------------------------------------

    @property
    def now_ms(self) -> int:
        """How long the viewing has lasted, in milliseconds."""
        return self._now_ms

    @property
    def playhead_s(self) -> float:
        """The place in the programme, in seconds."""
        return seconds_of(self._playhead_ms)

    @property
    def in_break(self) -> bool:
        """Whether an ad break is open."""
        return self._break is not None

    @property
    def ad_left_s(self) -> float | None:
        """How long the ad that runs has left, in seconds; None when none runs."""
        return seconds_of(self._ad.left_ms) if self._ad else None

    @property
    def in_chapter(self) -> bool:
        """Whether a chapter is open."""
        return self._chapter is not None

    @property
    def states(self) -> tuple[str, ...]:
        """The player states that are on."""
        return tuple(name for name, on in self._states.items() if on)

    @property
    def next_ping_s(self) -> float | None:
        """In how many seconds the next ping is due; None when no pings are sent."""
        if self._ping_ms is None or "no-pings" in self.defects:
            return None
        return seconds_of(max(0, self._ping_ms - self._now_ms))

    @property
    def open(self) -> bool:
        """Whether it has a session that it thinks is open."""
        return self.mode not in ("new", "expired", "lost", "ended")

    # --- time --------------------------------------------------------------------------------------------------------

    def wait(self, seconds: float = 0) -> tuple[PlannedEvent, ...]:
        """Let time pass, in seconds: pings, and whatever ends by itself in it, a ping at its very end included."""
        return self.move_to(self._now_ms + round(seconds * 1000))

    def move_to(self, at_ms: int, *, before: bool = False) -> tuple[PlannedEvent, ...]:
        """Let time pass until a moment.

        Parameters
        ----------
        at_ms : int
            Milliseconds since the beginning of the viewing.
        before : bool
            Keep a ping that is due at this very moment for later: something else is about to be done.
        """
        steps: list[PlannedEvent] = []
        while True:
            due_ms, what = self._next_due()
            if what is None or due_ms > at_ms or (before and what == "ping" and due_ms == at_ms):
                break
            self._pass(due_ms)
            steps += self._come_due(what)
        self._pass(at_ms)
        return tuple(steps)

    def sleep(self, seconds: float) -> tuple[PlannedEvent, ...]:
        """Let time pass without the player: the device sleeps, and nothing is sent; afterwards it goes on."""
        gone_ms = round(seconds * 1000)
        self._now_ms += gone_ms
        if self._ping_ms is not None:
            self._ping_ms += gone_ms
        return ()

    @property
    def _params(self) -> Mapping[str, Any]:
        found = self._start.get("params")
        return found if isinstance(found, Mapping) else {}

    def complete(self, **own: Any) -> tuple[PlannedEvent, ...]:
        """Reach the end of the programme."""
        raise NotImplementedError

    def _plan_ping(self) -> None:
        """Say when the next ping is due, now that something about playback has changed."""
        if self.mode in ("complete", "ended") and "pings-after-end" not in self.defects:
            self._ping_ms = None
        elif "rare-pings" in self.defects:
            self._ping_ms = self._now_ms + _RARE_PING_MS
        elif self._break is not None:
            self._ping_ms = self._now_ms + _AD_PING_MS
        elif self._by_clock:
            gone_ms = self._now_ms - self._began_ms
            self._ping_ms = self._began_ms + (gone_ms // _PING_MS + 1) * _PING_MS
        else:
            self._ping_ms = self._now_ms + _PING_MS

    def _next_due(self) -> tuple[int, str | None]:
        """Return when something happens by itself next, and what; of two at once, the first of this list."""
        now_ms = self._now_ms
        due: list[tuple[int, str]] = []
        if self._ad is not None and self.mode not in ("paused", "buffering"):
            due.append((now_ms + self._ad.left_ms, "ad"))
        if self._runs:
            if self._chapter is not None and self._chapter.to_ms >= self._playhead_ms:
                due.append((now_ms + self._chapter.to_ms - self._playhead_ms, "chapter"))
            if self._length_ms is not None:
                due.append((now_ms + max(0, self._length_ms - self._playhead_ms), "complete"))
        elif self.open and self.mode != "complete":
            due.append((max(now_ms, self._moved_ms + PLAYHEAD_LIMIT_MS), "expiry"))
        if self._ping_ms is not None:
            due.append((max(now_ms, self._ping_ms), "ping"))
        return min(due, key=lambda one: one[0]) if due else (now_ms, None)

    @property
    def _runs(self) -> bool:
        return self.mode == "playing" and self._break is None

    def _come_due(self, what: str) -> list[PlannedEvent]:
        if what == "ad":
            self._ad = None
            self._plan_ping()
            return self._emit("adComplete")
        if what == "chapter":
            self._chapter = None
            return self._emit("chapterComplete")
        if what == "complete":
            return list(self.complete())
        if what == "expiry":
            self._was, self.mode, self._ping_ms = self.mode, "expired", None
            return []
        steps = self._emit("ping")
        self._plan_ping()
        return steps

    def _pass(self, at_ms: int) -> None:
        gone_ms = max(0, at_ms - self._now_ms)
        self._now_ms += gone_ms
        if self._ad is not None and self.mode not in ("paused", "buffering"):
            self._ad.left_ms -= gone_ms
        if self._break is not None and "playhead-in-ads" in self.defects:
            self._drift_ms += gone_ms
        if self._runs:
            self._playhead_ms += gone_ms
            if self.live:
                self._playhead_ms %= DAY_MS
        if self._runs:
            self._moved_ms = self._now_ms

    def _emit(
        self,
        event_type: str,
        params: Mapping[str, Any] | None = None,
        *,
        qoe: Mapping[str, Any] | None = None,
        custom: Any = None,
        own: Mapping[str, Any] | None = None,
    ) -> list[PlannedEvent]:
        """Make the step of an event, with the changes of its own and the defects of the player."""
        own = own or {}
        check_values(ANY_ACTION, own)
        if own.get("drop") or any(event_type in DEFECTS[name].silent for name in self.defects):
            return []
        self._last_ms = at_ms = max(self._now_ms, self._last_ms + 1)
        if self._playhead_ms != self._reported_ms:
            self._reported_ms, self._moved_ms = self._playhead_ms, self._now_ms
        body: dict[str, Any] = {
            "playerTime": {
                "playhead": own.get("playhead", self._shown_playhead()),
                "ts": own.get("ts", self._shown_ts(at_ms)),
            },
            "eventType": event_type,
        }
        for member, values in (("params", params), ("customMetadata", custom), ("qoeData", qoe)):
            if event_type == "sessionStart" and values is None:
                values = self._start.get(member)
            merged = {**(values or {}), **own.get(member, {})}
            if merged:
                body[member] = copy.deepcopy(merged)
        endpoint: Endpoint = "sessions" if event_type == "sessionStart" else "events"
        name = f"{self._device} {self._sessions}" if self._device and self._sessions > 1 else self._device
        return [PlannedEvent(at_ms, endpoint, body, name or str(self._sessions))]

    def _shown_playhead(self) -> float:
        if "playhead-still" in self.defects:
            return 0
        shown_ms = self._playhead_ms + self._drift_ms
        return shown_ms if "playhead-ms" in self.defects else seconds_of(shown_ms)

    def _shown_ts(self, at_ms: int) -> int:
        ts_ms = self.start_ms + (0 if "ts-equal" in self.defects else at_ms)
        return ts_ms // 1000 if "ts-seconds" in self.defects else ts_ms


ANY_ACTION = action("play")


def seconds_of(ms: int) -> float:
    """Write milliseconds as seconds, whole where they are.

    Examples
    --------
    >>> seconds_of(15_000), seconds_of(60_390)
    (15, 60.39)
    """
    return ms // 1000 if ms % 1000 == 0 else ms / 1000
