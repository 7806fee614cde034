"""The events of a session, in the order in which they happened in the player."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from mctoolkit._core.clocks import DAY_MS

if TYPE_CHECKING:
    from mctoolkit.models.captured_request import CapturedRequest

__all__ = ["TimedEvent", "finite_number", "ordered_events"]

_LAST_MS: Final = 253_400_000_000_000
"""A time in December 9999, near the end of what ``datetime`` can represent."""


class TimedEvent(NamedTuple):
    """One event of a session and its time.

    Attributes
    ----------
    number : int
        The number of the entry in the capture. The events of a batch have the same number.
    at_ms : int
        The time in the player, in milliseconds since 1970: its ``ts``, or the time of sending when ``ts`` is not
        plausible.
    event_type : str
        Empty for a body without one.
    body : Mapping
        The event; empty when the capture does not have it, or when it is not a JSON object.
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
        """Whether the API responded with an error status."""
        return self.status is not None and self.status >= 400

    def member(self, name: str) -> Mapping[str, Any]:
        """Return a member of the body, such as ``"params"``; empty when it is missing or not an object."""
        found = self.body.get(name)
        return found if isinstance(found, dict) else {}


def ordered_events(requests: Iterable[CapturedRequest]) -> tuple[TimedEvent, ...]:
    """Return the events of requests: ``sessionStart`` first, then by time; events of equal time as captured.

    The time is the ``ts``, which the reports use. A ``ts`` in seconds, or more than a day from the others, is ignored.

    Examples
    --------
    >>> from mctoolkit.models.captured_request import CapturedRequest
    >>> late = CapturedRequest(1, "events", {"eventType": "play", "playerTime": {"playhead": 0, "ts": 1509045334153}})
    >>> early = CapturedRequest(2, "events", {"eventType": "ping", "playerTime": {"playhead": 0, "ts": 1509045333153}})
    >>> [event.event_type for event in ordered_events([late, early])]
    ['ping', 'play']
    """
    found = [
        (request.number, request.at_ms, request.status, body) for request in requests for body in _bodies(request.value)
    ]
    sent = [at_ms if at_ms is not None and 0 <= at_ms < _LAST_MS else None for _, at_ms, _, _ in found]
    times = _event_times(sent, [_ts(body) for _, _, _, body in found])
    events = [
        TimedEvent(entry, at_ms, _event_type(body), body, finite_number(_player_time(body).get("playhead")), status)
        for (entry, _, status, body), at_ms in zip(found, times, strict=True)
    ]
    first = next((event for event in events if event.event_type == "sessionStart"), None)
    return tuple(sorted(events, key=lambda event: (event is not first, event.at_ms)))


def finite_number(value: object) -> float | None:
    """Return a JSON number as a finite float; None for any other value, and for true and false.

    Examples
    --------
    >>> finite_number(60), finite_number("60"), finite_number(True), finite_number(10**400)
    (60.0, None, None, None)
    """
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _bodies(value: Any) -> list[Mapping[str, Any]]:
    """Return the events in a request body: all of a batch; one empty event for a body that is not an object."""
    entries = value if isinstance(value, list) and value else [value]
    return [entry if isinstance(entry, dict) else {} for entry in entries]


def _event_type(body: Mapping[str, Any]) -> str:
    found = body.get("eventType")
    return found if isinstance(found, str) else ""


def _player_time(body: Mapping[str, Any]) -> Mapping[str, Any]:
    found = body.get("playerTime")
    return found if isinstance(found, dict) else {}


def _ts(body: Mapping[str, Any]) -> int | None:
    found = finite_number(_player_time(body).get("ts"))
    return int(found) if found is not None and 0 < found < _LAST_MS else None


def _event_times(sent: Sequence[int | None], ts: Sequence[int | None]) -> list[int]:
    """Return the time of each event from the time of sending and the ``ts``."""
    offsets = [stamp - at for at, stamp in zip(sent, ts, strict=True) if at is not None and stamp is not None]
    usual_offset = statistics.median_low(offsets) if offsets else 0
    stamps = [stamp for stamp in ts if stamp is not None]
    usual_ts = statistics.median_low(stamps) if stamps else 0
    times: list[int] = []
    for at, stamp in zip(sent, ts, strict=True):
        if at is None:
            plausible = stamp is not None and abs(stamp - usual_ts) < DAY_MS
        else:
            plausible = stamp is not None and abs(usual_offset) < DAY_MS and abs(stamp - at - usual_offset) < DAY_MS
        known_ms = stamp if plausible else at
        times.append(known_ms if known_ms is not None else times[-1] if times else usual_ts)
    return times
