"""Step: one event as the subjects look at it."""

from __future__ import annotations

import math
from typing import Any, Final

from mctoolkit._core.clocks import DAY_S
from mctoolkit._core.html import shorten
from mctoolkit.models.captured_request import CapturedRequest
from mctoolkit.validation.fixes import SECONDS

__all__ = ["DAY_ENDS_S", "SessionEvent", "plain", "seconds", "shown"]


class SessionEvent:
    """One event as the subjects look at it, with what the session was doing before it.

    Attributes
    ----------
    kind : str
        Its ``eventType``; empty where it has none.
    body : dict
        The body.
    number : int
        Its entry in the capture.
    at_ms, ts_ms : int
        When it was sent, and its own ``ts`` in milliseconds whatever it is in; where one is not known it is the other.
    playhead_s : float or None
        Where the main content stood.
    odd, coarse : bool
        Whether its ``ts`` was not in milliseconds; and whether it was in seconds.
    response : int or None
        The status of its response.
    elapsed_ms, longest_ms : int
        Since the event before it, by the clock by which less, or more, time has passed.
    playback, in_break, in_ad : str, bool, bool
        What the session was doing before it.
    """

    __slots__ = (
        "at_ms",
        "body",
        "coarse",
        "elapsed_ms",
        "in_ad",
        "in_break",
        "kind",
        "longest_ms",
        "number",
        "odd",
        "playback",
        "playhead_s",
        "response",
        "ts_ms",
    )

    elapsed_ms: int
    longest_ms: int
    playback: str
    in_break: bool
    in_ad: bool

    def __init__(
        self, body: dict[str, Any], call: CapturedRequest, at_ms: int | None, ts_ms: int | None = None
    ) -> None:
        self.body = body
        self.number = call.number
        self.response = call.status
        found = body.get("eventType")
        self.kind: str = found if type(found) is str else ""
        self.playhead_s: float | None = None
        self.coarse = self.odd = False
        time = body.get("playerTime")
        if type(time) is dict:
            playhead = time.get("playhead")
            if (type(playhead) is int or type(playhead) is float) and -_NEVER < playhead < _NEVER:
                self.playhead_s = playhead
            found = time.get("ts")
            if type(found) is int and _SECONDS_END <= found < _MICROSECONDS:
                ts_ms = found
            elif type(found) is int or type(found) is float:
                ts_ms, self.coarse = _in_ms(found, ts_ms)
                self.odd = True
        if ts_ms is None:
            ts_ms = at_ms or 0
        self.ts_ms: int = ts_ms
        self.at_ms: int = ts_ms if at_ms is None else at_ms

    @property
    def params(self) -> dict[str, Any]:
        """The member ``params``, or an empty dict."""
        found = self.body.get("params")
        return found if type(found) is dict else {}

    def number_at(self, key: str) -> float | None:
        """Return a number of ``params``, or None where there is none."""
        found = self.params.get(key)
        return found if (type(found) is int or type(found) is float) and -_NEVER < found < _NEVER else None


def _in_ms(ts: float, otherwise: int | None) -> tuple[int | None, bool]:
    """Return a time stamp of an odd size in milliseconds, and whether it was in seconds."""
    if not 0 <= ts < _NEVER:
        return otherwise, False
    if ts < _SECONDS_END:
        return int(ts * 1000), True
    while ts >= _MICROSECONDS:
        ts //= 1000
    return int(ts), False


DAY_ENDS_S: Final = math.nextafter(DAY_S, 0)
_SECONDS_END: Final = SECONDS.stop
_MICROSECONDS: Final = 10**14
_NEVER: Final = 2**63


def shown(found: object) -> str:
    """Write a text that a player sent: short, and without letters that a terminal would obey."""
    return shorten("".join(letter if letter.isprintable() else "�" for letter in str(found)[:200]), 80)


def plain(number: float) -> str:
    """Write a number as people do: no more than three decimals, and none where there are none."""
    text = f"{number:.3f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def seconds(ms: float) -> str:
    """Write milliseconds as seconds."""
    return plain(ms / 1000)
