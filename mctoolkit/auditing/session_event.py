"""SessionEvent: one event as the session rules see it."""

from __future__ import annotations

import math
from typing import Any, Final

from mctoolkit._core.html import shorten
from mctoolkit.models.captured_request import CapturedRequest
from mctoolkit.validation.fixes import SECONDS

__all__ = ["LAST_SECOND_OF_DAY", "SessionEvent", "format_number", "format_seconds", "printable"]

LAST_SECOND_OF_DAY: Final = math.nextafter(86_400, 0)
_SECONDS_END: Final = SECONDS.stop
_MICROSECONDS: Final = 10**14
_LARGEST: Final = 2**63


class SessionEvent:
    """One event as the session rules see it, with the state of the session before it.

    Attributes
    ----------
    type : str
        Its ``eventType``; empty if it has none.
    body : dict
        The body.
    number : int
        Its entry in the capture.
    at_ms, ts_ms : int
        When it was sent, and its own ``ts`` converted to milliseconds. If one is unknown, it equals the other.
    playhead_s : float or None
        The position in the main content.
    has_odd_ts, ts_in_seconds : bool
        Whether its ``ts`` was not in milliseconds; whether it was in seconds.
    response : int or None
        The status of its response.
    min_elapsed_ms, max_elapsed_ms : int
        The time since the previous event, by whichever of the two clocks shows less, or more.
    playback, in_break, in_ad : str, bool, bool
        The state of the session before it.
    """

    __slots__ = (
        "at_ms",
        "body",
        "has_odd_ts",
        "in_ad",
        "in_break",
        "max_elapsed_ms",
        "min_elapsed_ms",
        "number",
        "playback",
        "playhead_s",
        "response",
        "ts_in_seconds",
        "ts_ms",
        "type",
    )

    min_elapsed_ms: int
    max_elapsed_ms: int
    playback: str
    in_break: bool
    in_ad: bool

    def __init__(
        self, body: dict[str, Any], request: CapturedRequest, at_ms: int | None, ts_ms: int | None = None
    ) -> None:
        self.body = body
        self.number = request.number
        self.response = request.status
        found = body.get("eventType")
        self.type: str = found if type(found) is str else ""
        self.playhead_s: float | None = None
        self.ts_in_seconds = self.has_odd_ts = False
        time = body.get("playerTime")
        if type(time) is dict:
            playhead = time.get("playhead")
            if (type(playhead) is int or type(playhead) is float) and -_LARGEST < playhead < _LARGEST:
                self.playhead_s = playhead
            found = time.get("ts")
            if type(found) is int and _SECONDS_END <= found < _MICROSECONDS:
                ts_ms = found
            elif type(found) is int or type(found) is float:
                ts_ms, self.ts_in_seconds = _to_milliseconds(found, ts_ms)
                self.has_odd_ts = True
        if ts_ms is None:
            ts_ms = at_ms or 0
        self.ts_ms: int = ts_ms
        self.at_ms: int = ts_ms if at_ms is None else at_ms

    @property
    def params(self) -> dict[str, Any]:
        """The member ``params``, or an empty dict."""
        return self._member("params")

    @property
    def quality(self) -> dict[str, Any]:
        """The member ``qoeData``, or an empty dict."""
        return self._member("qoeData")

    def number_at(self, key: str) -> float | None:
        """Return the number at a key of ``params``; None if there is none."""
        found = self.params.get(key)
        return found if (type(found) is int or type(found) is float) and -_LARGEST < found < _LARGEST else None

    def _member(self, name: str) -> dict[str, Any]:
        found = self.body.get(name)
        return found if type(found) is dict else {}


def _to_milliseconds(ts: float, default: int | None) -> tuple[int | None, bool]:
    """Convert a time stamp of another unit to milliseconds; also return whether it was in seconds."""
    if not 0 <= ts < _LARGEST:
        return default, False
    if ts < _SECONDS_END:
        return int(ts * 1000), True
    while ts >= _MICROSECONDS:
        ts //= 1000
    return int(ts), False


def printable(found: object) -> str:
    """Shorten a text that a player sent, and replace control characters, which a terminal would execute."""
    return shorten(
        "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in str(found)[:200]), 80
    )


def format_number(number: float) -> str:
    """Format a number with at most three decimals and no trailing zeros."""
    text = f"{number:.3f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def format_seconds(ms: float) -> str:
    """Format milliseconds as a number of seconds."""
    return format_number(ms / 1000)
