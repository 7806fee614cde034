"""Engine: the state of a simulated player, and the events that it sends by itself as time passes."""

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
from mctoolkit.simulation.defects import DEFECTS, check_defects

__all__ = ["Ad", "Chapter", "Engine", "PlannedEvent", "to_seconds"]

_PING_MS: Final = 10_000
_AD_PING_MS: Final = 1_000
_RARE_PING_MS: Final = 60_000
_LIVE_TYPES: Final = frozenset({"live", "linear", "radio"})

Endpoint = Literal["sessions", "events", "downloaded"]
Mode = Literal["new", "starting", "playing", "paused", "buffering", "stalled", "complete", "expired", "lost", "ended"]


@dataclass(frozen=True, slots=True)
class PlannedEvent:
    """One request that a simulated player would send.

    Attributes
    ----------
    at_ms : int
        When to send it, in milliseconds since the start of the simulation.
    endpoint : {"sessions", "events", "downloaded"}
        The endpoint.
    body : dict or list
        The event; for ``"downloaded"`` the list of all events of a session.
    session : str
        A name for its session, to tell several sessions apart. The session id is not known yet.
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
    """A running ad, and how much of it is left."""

    params: dict[str, Any]
    left_ms: int


@dataclass(slots=True)
class Chapter:
    """An open chapter, and its position in the content."""

    params: dict[str, Any]
    from_ms: int
    to_ms: int


class Engine:
    """The state of a simulated player over time.

    Actions of the viewer change the attributes; see :class:`mctoolkit.simulation.Player`, which documents the
    parameters.
    """

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
                _("A player needs a sessionStart that is a JSON object. This body is not one. Fix it first.")
            )
        self.start_body = copy.deepcopy(dict(event.value))
        params = self.start_body.get("params")
        self.start_params: Mapping[str, Any] = params if isinstance(params, Mapping) else {}
        self.start_ms = (event.ts_ms or 0) if start_ms is None else start_ms
        self.defects = check_defects(defects)
        self.sessions = 0
        self.now_ms = self.session_start_ms = at_ms
        first_s = event.playhead_s
        self.first_playhead_ms = round(first_s * 1000) if first_s is not None and math.isfinite(first_s) else 0
        self.playhead_ms = self.first_playhead_ms
        kind = event.params.get("media.contentType")
        self.is_live = isinstance(kind, str) and kind.lower() in _LIVE_TYPES
        self.length_ms = None if self.is_live else _length_ms(event.params.get("media.length"))
        self.mode: Mode = "new"
        self.mode_before_loss: Mode = "starting"
        self.ad_break: dict[str, Any] | None = None
        self.ad: Ad | None = None
        self.chapter: Chapter | None = None
        self.state_flags: dict[str, bool] = {}
        self.break_count = self.ad_count = self.chapter_count = 0
        self.ping_due_ms: int | None = None
        self._ping_by_clock = pings == "clock"
        self._device = device
        self._last_event_ms = at_ms - 1
        self.reported_playhead_ms: int | None = None
        self.progress_ms = at_ms
        self._ad_drift_ms = 0

    # --- state -------------------------------------------------------------------------------------------------------

    @property
    def playhead_s(self) -> float:
        """The playhead, in seconds."""
        return to_seconds(self.playhead_ms)

    @property
    def in_break(self) -> bool:
        """Whether an ad break is open."""
        return self.ad_break is not None

    @property
    def ad_left_s(self) -> float | None:
        """How much of the running ad is left, in seconds; None if no ad is running."""
        return to_seconds(self.ad.left_ms) if self.ad else None

    @property
    def in_chapter(self) -> bool:
        """Whether a chapter is open."""
        return self.chapter is not None

    @property
    def states(self) -> tuple[str, ...]:
        """The player states that are on."""
        return tuple(name for name, on in self.state_flags.items() if on)

    @property
    def next_ping_s(self) -> float | None:
        """Seconds until the next ping; None if no ping is due."""
        if self.ping_due_ms is None or "no-pings" in self.defects:
            return None
        return to_seconds(max(0, self.ping_due_ms - self.now_ms))

    @property
    def is_open(self) -> bool:
        """Whether the player has a session that it believes to be open."""
        return self.mode not in ("new", "expired", "lost", "ended")

    # --- time --------------------------------------------------------------------------------------------------------

    def move_to(self, at_ms: int, *, before: bool = False) -> tuple[PlannedEvent, ...]:
        """Let time pass, and return the events that the player sends by itself.

        Parameters
        ----------
        at_ms : int
            Until when, in milliseconds since the start of the simulation.
        before : bool
            Leave out a ping that is due exactly at ``at_ms``, because an action follows at that time.
        """
        events: list[PlannedEvent] = []
        while True:
            due_ms, what = self._next_due()
            if what is None or due_ms > at_ms or (before and what == "ping" and due_ms == at_ms):
                break
            self._advance(due_ms)
            events += self._run_due(what)
        self._advance(at_ms)
        return tuple(events)

    def schedule_ping(self) -> None:
        """Set when the next ping is due, after playback has changed."""
        if self.mode in ("complete", "ended") and "pings-after-end" not in self.defects:
            self.ping_due_ms = None
        elif "rare-pings" in self.defects:
            self.ping_due_ms = self.now_ms + _RARE_PING_MS
        elif self.ad_break is not None:
            self.ping_due_ms = self.now_ms + _AD_PING_MS
        elif self._ping_by_clock:
            elapsed_ms = self.now_ms - self.session_start_ms
            self.ping_due_ms = self.session_start_ms + (elapsed_ms // _PING_MS + 1) * _PING_MS
        else:
            self.ping_due_ms = self.now_ms + _PING_MS

    def _next_due(self) -> tuple[int, str | None]:
        """Return when the next automatic change is due, and which; at the same time, the first in this order."""
        now_ms = self.now_ms
        due: list[tuple[int, str]] = []
        if self.ad is not None and self.mode not in ("paused", "buffering"):
            due.append((now_ms + self.ad.left_ms, "ad"))
        if self._is_running:
            if self.chapter is not None and self.chapter.to_ms >= self.playhead_ms:
                due.append((now_ms + self.chapter.to_ms - self.playhead_ms, "chapter"))
            if self.length_ms is not None:
                due.append((now_ms + max(0, self.length_ms - self.playhead_ms), "complete"))
        elif self.is_open and self.mode != "complete":
            due.append((max(now_ms, self.progress_ms + PLAYHEAD_LIMIT_MS), "expiry"))
        if self.ping_due_ms is not None:
            due.append((max(now_ms, self.ping_due_ms), "ping"))
        return min(due, key=lambda one: one[0]) if due else (now_ms, None)

    @property
    def _is_running(self) -> bool:
        return self.mode == "playing" and self.ad_break is None

    def _run_due(self, what: str) -> list[PlannedEvent]:
        if what == "ad":
            self.ad = None
            self.schedule_ping()
            return self.emit("adComplete")
        if what == "chapter":
            self.chapter = None
            return self.emit("chapterComplete")
        if what == "complete":
            return self.complete()
        if what == "expiry":
            self.mode_before_loss, self.mode, self.ping_due_ms = self.mode, "expired", None
            return []
        events = self.emit("ping")
        self.schedule_ping()
        return events

    def _advance(self, at_ms: int) -> None:
        elapsed_ms = max(0, at_ms - self.now_ms)
        self.now_ms += elapsed_ms
        if self.ad is not None and self.mode not in ("paused", "buffering"):
            self.ad.left_ms -= elapsed_ms
        if self.ad_break is not None and "playhead-in-ads" in self.defects:
            self._ad_drift_ms += elapsed_ms
        if self._is_running:
            self.playhead_ms += elapsed_ms
            if self.is_live:
                self.playhead_ms %= DAY_MS
            self.progress_ms = self.now_ms

    # --- events ------------------------------------------------------------------------------------------------------

    def emit(
        self,
        event_type: str,
        params: Mapping[str, Any] | None = None,
        *,
        qoe: Mapping[str, Any] | None = None,
        overrides: Mapping[str, Any] | None = None,
    ) -> list[PlannedEvent]:
        """Return the event with the overrides and defects applied; an empty list if it is dropped or omitted."""
        overrides = overrides or {}
        if overrides.get("drop") or any(event_type in DEFECTS[name].omitted for name in self.defects):
            return []
        self._last_event_ms = at_ms = max(self.now_ms, self._last_event_ms + 1)
        if self.playhead_ms != self.reported_playhead_ms:
            self.reported_playhead_ms, self.progress_ms = self.playhead_ms, self.now_ms
        body: dict[str, Any] = {
            "playerTime": {
                "playhead": overrides.get("playhead", self._playhead_value()),
                "ts": overrides.get("ts", self._ts_value(at_ms)),
            },
            "eventType": event_type,
        }
        for member, values in (("params", params), ("customMetadata", None), ("qoeData", qoe)):
            if event_type == "sessionStart" and values is None:
                values = self.start_body.get(member)
            merged = {**(values or {}), **overrides.get(member, {})}
            if merged:
                body[member] = copy.deepcopy(merged)
        endpoint: Endpoint = "sessions" if event_type == "sessionStart" else "events"
        name = f"{self._device} {self.sessions}" if self._device and self.sessions > 1 else self._device
        return [PlannedEvent(at_ms, endpoint, body, name or str(self.sessions))]

    def complete(self, overrides: Mapping[str, Any] | None = None) -> list[PlannedEvent]:
        """Reach the end of the content: close what is open, then send ``sessionComplete``."""
        events = self.close_all()
        self.mode = "complete"
        events += self.emit("sessionComplete", overrides=overrides)
        self.schedule_ping()
        return events

    def close_break(self, overrides: Mapping[str, Any] | None = None) -> list[PlannedEvent]:
        """Close the ad break if one is open; skip its running ad first."""
        if self.ad_break is None:
            return []
        events = [] if self.ad is None else self.emit("adSkip")
        self.ad = self.ad_break = None
        return events + self.emit("adBreakComplete", overrides=overrides)

    def close_all(self) -> list[PlannedEvent]:
        """Close the ad break and the chapter, if open."""
        events = self.close_break()
        if self.chapter is not None:
            is_over = self.playhead_ms >= self.chapter.to_ms
            self.chapter = None
            events += self.emit("chapterComplete" if is_over else "chapterSkip")
        return events

    def _playhead_value(self) -> float:
        if "playhead-still" in self.defects:
            return 0
        playhead_ms = self.playhead_ms + self._ad_drift_ms
        return playhead_ms if "playhead-ms" in self.defects else to_seconds(playhead_ms)

    def _ts_value(self, at_ms: int) -> int:
        ts_ms = self.start_ms + (0 if "ts-equal" in self.defects else at_ms)
        return ts_ms // 1000 if "ts-seconds" in self.defects else ts_ms


def to_seconds(ms: int) -> float:
    """Convert milliseconds to seconds: an int if whole, otherwise a float.

    Examples
    --------
    >>> to_seconds(15_000), to_seconds(60_390)
    (15, 60.39)
    """
    return ms // 1000 if ms % 1000 == 0 else ms / 1000


def _length_ms(length_s: object) -> int | None:
    is_number = isinstance(length_s, int | float) and not isinstance(length_s, bool)
    return round(length_s * 1000) if is_number and 0 < length_s < DAY_MS / 1000 else None  # type: ignore[operator]
