"""Put calls in the order of time as they pass by, and say which session each belongs to.

Neither holds a capture as a whole: the order is mended within a window, and of a session only its id is remembered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import accumulate, islice

from mctoolkit._core import json_io
from mctoolkit.captures.stats import CaptureStats
from mctoolkit.models.captured_request import CapturedRequest

__all__ = ["WINDOW", "Sessions", "in_time_order"]

WINDOW = 512
"""How many calls are held to mend the order."""

_WAITING_MS = 10 * 60 * 1000
_REMEMBERED = 100_000
_TIME = re.compile(rb'"playerTime"\s*:\s*\{[^{}]*\}')


def in_time_order(calls: Iterable[CapturedRequest], window: int = WINDOW) -> Iterator[CapturedRequest]:
    """Yield calls in the order of sending; those of the same moment, and those without one, as they came.

    Parameters
    ----------
    calls : iterable of CapturedRequest
        As they came.
    window : int
        How many calls are held at least, once there are so many. One that is further from its place is yielded late.
    """
    held: list[CapturedRequest] = []
    highest = 0
    mixed = False
    for call in calls:
        at_ms = call.at_ms
        if at_ms is not None:
            if at_ms >= highest:
                highest = at_ms
            else:
                mixed = True
        held.append(call)
        if len(held) >= 2 * window:
            if mixed:
                held = _sorted(held)
                mixed = False
            yield from held[:window]
            del held[:window]
    yield from _sorted(held) if mixed else held


def _sorted(calls: list[CapturedRequest]) -> list[CapturedRequest]:
    """Sort by time; a call without one stays behind the call before it."""
    moments = accumulate(
        (call.at_ms for call in calls), lambda last, at_ms: last if at_ms is None else at_ms, initial=0
    )
    keys = [moment or 0 for moment in islice(moments, 1, None)]
    return [calls[place] for place in sorted(range(len(calls)), key=keys.__getitem__)]


class Sessions:
    """Say which session each call belongs to; see :attr:`mctoolkit.models.captured_request.CapturedRequest.session_key`.

    A sessionStart whose answer is missing waits for the first event of a session that nobody started. It gets it when
    it is the only one that waits; of the same start sent again and again, the last counts.
    """

    def __init__(self, tally: CaptureStats) -> None:
        self._tally = tally
        self._keys: dict[str, str] = {}  # of sessions that were told by the order
        self._known: set[str] = set()
        self._known_before: set[str] = set()
        self._latest: dict[str, int] = {}  # moment by session

    def of_source(self, calls: Iterable[CapturedRequest], source: str) -> Iterator[CapturedRequest]:
        """Yield the calls of one source with their sessions, and with its name."""
        waiting: dict[str, tuple[CapturedRequest, bytes]] = {}  # by key
        bare = ""  # the session of bodies without a URL and an id
        tally, latest = self._tally, self._latest
        for call in calls:
            call.source = source
            tally.calls += 1
            if call.status is None:
                tally.without_response += 1
            session_id = call.session_id
            if session_id is not None:
                if call.endpoint == "events":
                    if session_id not in self._known and session_id not in self._known_before:
                        self._first_event(call, session_id, waiting)
                    key = self._keys.get(session_id, session_id)
                    call.matched = "path" if key == session_id or not call.url else "order"
                else:
                    self._remember(session_id)
                    key, call.matched = session_id, "location"
            elif call.endpoint == "sessions" or call.endpoint == "downloaded":
                key = _key(call)
                if not call.url:
                    bare = key
                elif call.endpoint == "sessions" and (call.status is None or 200 <= call.status < 300):
                    waiting[key] = (call, _without_time(call))
            elif call.endpoint == "events":
                key = bare = bare or _key(call)
                call.matched = "order"
            else:
                yield call
                continue
            call.session_key = key
            at_ms = call.at_ms
            if at_ms is not None:
                if at_ms < latest.get(key, 0):
                    tally.late += 1  # later ones of its session came before; of other sessions nobody minds
                latest[key] = at_ms
                if len(latest) >= _REMEMBERED:
                    latest.clear()
            yield call

    def _first_event(
        self, call: CapturedRequest, session_id: str, waiting: dict[str, tuple[CapturedRequest, bytes]]
    ) -> None:
        self._remember(session_id)
        if not waiting:
            return
        at_ms = call.at_ms
        for key, (start, _) in list(waiting.items()):
            if at_ms is not None and start.at_ms is not None and at_ms - start.at_ms > _WAITING_MS:
                del waiting[key]
        possible = {key: what for key, (start, what) in waiting.items() if start.host == call.host}
        if not possible:
            return
        if len(set(possible.values())) > 1:
            self._tally.unmatched += 1
            return
        self._keys[session_id] = list(possible)[-1]
        self._tally.matched += 1
        for key in possible:
            del waiting[key]

    def _remember(self, session_id: str) -> None:
        self._known.add(session_id)
        if len(self._known) >= _REMEMBERED:
            self._known_before, self._known = self._known, set()


def _key(call: CapturedRequest) -> str:
    return f"{call.source}#{call.number}"


def _without_time(call: CapturedRequest) -> bytes:
    """Return what a start says besides the moment, by which one that is sent again is known."""
    return _TIME.sub(b"", call.raw if call.raw is not None else json_io.write(call.value) if call.has_body else b"")
