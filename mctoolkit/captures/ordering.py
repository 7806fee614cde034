"""Sort requests by time, and assign each to its session, without holding the whole capture.

Sorting uses a window of requests. Of each session, only the id is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import accumulate, islice

from mctoolkit._core import json_io
from mctoolkit.captures.stats import CaptureStats
from mctoolkit.models.captured_request import CapturedRequest

__all__ = ["SessionMatcher", "sort_by_time"]

_WINDOW = 512
_MAX_WAIT_MS = 10 * 60 * 1000
_MAX_SESSIONS = 100_000
_PLAYER_TIME = re.compile(rb'"playerTime"\s*:\s*\{[^{}]*\}')


def sort_by_time(requests: Iterable[CapturedRequest], window: int = _WINDOW) -> Iterator[CapturedRequest]:
    """Yield requests in the order of sending. Requests with the same time, or without one, keep their order.

    Parameters
    ----------
    requests : iterable of CapturedRequest
        In the order of the capture.
    window : int
        How many requests are held at least. A request that is further from its place comes too late.

    Examples
    --------
    >>> late, early = (CapturedRequest(1, "events", {}, at_ms=5), CapturedRequest(2, "events", {}, at_ms=3))
    >>> [request.number for request in sort_by_time([late, early])]
    [2, 1]
    """
    held: list[CapturedRequest] = []
    highest = 0
    is_unsorted = False
    for request in requests:
        at_ms = request.at_ms
        if at_ms is not None:
            if at_ms >= highest:
                highest = at_ms
            else:
                is_unsorted = True
        held.append(request)
        if len(held) >= 2 * window:
            if is_unsorted:
                held = _sorted(held)
                is_unsorted = False
            yield from held[:window]
            del held[:window]
    yield from _sorted(held) if is_unsorted else held


def _sorted(requests: list[CapturedRequest]) -> list[CapturedRequest]:
    """Sort by time; a request without a time stays behind the request before it."""
    times = accumulate(
        (request.at_ms for request in requests), lambda last, at_ms: last if at_ms is None else at_ms, initial=0
    )
    keys = [time or 0 for time in islice(times, 1, None)]
    return [requests[index] for index in sorted(range(len(requests)), key=keys.__getitem__)]


class SessionMatcher:
    """Assign requests to sessions; see ``session_key`` of :class:`mctoolkit.models.captured_request.CapturedRequest`.

    A sessionStart without a response waits for the first event of a session without a sessionStart. It gets that
    session if it is the only one that waits. Of repeated identical sessionStarts the last one counts.

    Parameters
    ----------
    stats : CaptureStats
        Counts the requests and the matched sessions.
    """

    def __init__(self, stats: CaptureStats) -> None:
        self._stats = stats
        self._keys: dict[str, str] = {}  # session id to session key, of sessions matched by order
        self._known: set[str] = set()
        self._known_before: set[str] = set()
        self._latest_ms: dict[str, int] = {}  # by session key

    def assign(self, requests: Iterable[CapturedRequest], source: str) -> Iterator[CapturedRequest]:
        """Yield the requests of one source with their ``session_key``, ``matched`` and ``source``."""
        waiting: dict[str, tuple[CapturedRequest, bytes]] = {}  # sessionStarts without a response, by session key
        bare = ""  # the session of bodies without a URL or a session id
        stats, latest_ms = self._stats, self._latest_ms
        for request in requests:
            request.source = source
            stats.api_requests += 1
            session_id = request.session_id
            if session_id is not None:
                if request.endpoint == "events":
                    if session_id not in self._known and session_id not in self._known_before:
                        self._match_first_event(request, session_id, waiting)
                    key = self._keys.get(session_id, session_id)
                    request.matched = "path" if key == session_id or not request.url else "order"
                else:
                    self._remember(session_id)
                    key, request.matched = session_id, "location"
            elif request.endpoint == "sessions" or request.endpoint == "downloaded":
                key = _key(request)
                if not request.url:
                    bare = key
                elif request.endpoint == "sessions" and (request.status is None or 200 <= request.status < 300):
                    waiting[key] = (request, _without_time(request))
            elif request.endpoint == "events":
                key = bare = bare or _key(request)
                request.matched = "order"
            else:
                yield request
                continue
            request.session_key = key
            at_ms = request.at_ms
            if at_ms is not None:
                if at_ms < latest_ms.get(key, 0):
                    stats.out_of_order += 1
                latest_ms[key] = at_ms
                if len(latest_ms) >= _MAX_SESSIONS:
                    latest_ms.clear()
            yield request

    def _match_first_event(
        self, event: CapturedRequest, session_id: str, waiting: dict[str, tuple[CapturedRequest, bytes]]
    ) -> None:
        self._remember(session_id)
        if not waiting:
            return
        at_ms = event.at_ms
        for key, (start, _) in list(waiting.items()):
            if at_ms is not None and start.at_ms is not None and at_ms - start.at_ms > _MAX_WAIT_MS:
                del waiting[key]
        candidates = {key: body for key, (start, body) in waiting.items() if start.host == event.host}
        if not candidates:
            return
        if len(set(candidates.values())) > 1:
            self._stats.unmatched_sessions += 1
            return
        self._keys[session_id] = list(candidates)[-1]
        for key in candidates:
            del waiting[key]

    def _remember(self, session_id: str) -> None:
        self._known.add(session_id)
        if len(self._known) >= _MAX_SESSIONS:
            self._known_before, self._known = self._known, set()


def _key(request: CapturedRequest) -> str:
    return f"{request.source}#{request.number}"


def _without_time(request: CapturedRequest) -> bytes:
    """Return the body without its time, by which a repeated sessionStart is recognised."""
    body = request.raw if request.raw is not None else json_io.write(request.value) if request.has_body else b""
    return _PLAYER_TIME.sub(b"", body)
