"""The calls of one session as moments: one event each, in the order in which they happened in the player."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from mctoolkit.models.captured_request import CapturedRequest

__all__ = ["TimedEvent", "moments", "number"]

_DAY_MS: Final = 86_400_000
_LAST_MS: Final = 253_400_000_000_000
"""In December 9999: no calendar goes on for long from there."""


class TimedEvent(NamedTuple):
    """One event of a session, with its place in time.

    Attributes
    ----------
    number : int
        The entry of the capture. The events of a batch share one.
    at_ms : int
        When it happened in the player, in milliseconds since 1970: its ``ts``, or where that cannot be the time, when
        it was sent.
    event_type : str
        Empty for a body without one.
    body : Mapping
        The event; empty when the capture does not hold it, or when it is no JSON object.
    playhead_s : float or None
        The playhead, in seconds.
    status : int or None
        The HTTP status of the response.
    """

    number: int
    at_ms: int
    event_type: str
    body: Mapping[str, Any]
    playhead_s: float | None
    status: int | None

    @property
    def refused(self) -> bool:
        """Whether the API said that it did not take the event."""
        return self.status is not None and self.status >= 400

    def member(self, name: str) -> Mapping[str, Any]:
        """Return a member of the body, such as ``"params"``; empty when it is missing or no object."""
        found = self.body.get(name)
        return found if isinstance(found, dict) else {}


def moments(calls: Iterable[CapturedRequest]) -> tuple[TimedEvent, ...]:
    """Return the events of calls in order: ``sessionStart`` first, then by time; of equal times, as captured.

    The time is the ``ts``, which is what the reports go by. It is passed over where it cannot be meant: in seconds,
    or more than a day off the rest.

    Examples
    --------
    >>> from mctoolkit.models.captured_request import CapturedRequest
    >>> late = CapturedRequest(1, "events", {"eventType": "play", "playerTime": {"playhead": 0, "ts": 1509045334153}})
    >>> early = CapturedRequest(2, "events", {"eventType": "ping", "playerTime": {"playhead": 0, "ts": 1509045333153}})
    >>> [moment.event_type for moment in moments([late, early])]
    ['ping', 'play']
    """
    found = [(call.number, call.at_ms, call.status, body) for call in calls for body in _bodies(call.value)]
    sent = [at_ms if at_ms is not None and 0 <= at_ms < _LAST_MS else None for _, at_ms, _, _ in found]
    times = _times(sent, [_ts(body) for _, _, _, body in found])
    made = [
        TimedEvent(entry, at_ms, _event_type(body), body, number(_player_time(body).get("playhead")), status)
        for (entry, _, status, body), at_ms in zip(found, times, strict=True)
    ]
    first = next((moment for moment in made if moment.event_type == "sessionStart"), None)
    return tuple(sorted(made, key=lambda moment: (moment is not first, moment.at_ms)))


def number(found: object) -> float | None:
    """Return a JSON value as a number that one can reckon with; None for any other value, and for true.

    Examples
    --------
    >>> number(60), number("60"), number(True), number(10**400)
    (60.0, None, None, None)
    """
    if not isinstance(found, int | float) or isinstance(found, bool):
        return None
    try:
        value = float(found)
    except OverflowError:
        return None
    return value if math.isfinite(value) else None


def _bodies(value: Any) -> list[Mapping[str, Any]]:
    """Return the events in the body of a call: a batch has several; one that is no JSON object has one, empty."""
    entries = value if isinstance(value, list) and value else [value]
    return [entry if isinstance(entry, dict) else {} for entry in entries]


def _event_type(body: Mapping[str, Any]) -> str:
    found = body.get("eventType")
    return found if isinstance(found, str) else ""


def _player_time(body: Mapping[str, Any]) -> Mapping[str, Any]:
    found = body.get("playerTime")
    return found if isinstance(found, dict) else {}


def _ts(body: Mapping[str, Any]) -> int | None:
    found = number(_player_time(body).get("ts"))
    return int(found) if found is not None and 0 < found < _LAST_MS else None


def _times(sent: Sequence[int | None], ts: Sequence[int | None]) -> list[int]:
    """Return a time for each event, from the two clocks that tell it."""
    ahead = [stamp - at for at, stamp in zip(sent, ts, strict=True) if at is not None and stamp is not None]
    offset = statistics.median_low(ahead) if ahead else 0
    usual = statistics.median_low(known) if (known := [stamp for stamp in ts if stamp is not None]) else 0
    found: list[int] = []
    for at, stamp in zip(sent, ts, strict=True):
        if at is None:
            fits = stamp is not None and abs(stamp - usual) < _DAY_MS
        else:
            fits = stamp is not None and abs(offset) < _DAY_MS and abs(stamp - at - offset) < _DAY_MS
        known_ms = stamp if fits else at
        found.append(known_ms if known_ms is not None else found[-1] if found else usual)
    return found
