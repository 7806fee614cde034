"""Starts: a sessionStart beside those of the other sessions of a capture."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeGuard

from mctoolkit._core import json_io
from mctoolkit.auditing.active_session import ActiveSession
from mctoolkit.auditing.session_event import plain, seconds, shown
from mctoolkit.auditing.session_report import SessionReport
from mctoolkit.models.captured_request import CapturedRequest
from mctoolkit.validation.hints import FILLERS, VISITORS

__all__ = ["SessionStarts"]

_MOST: Final = 10_000
"""How many programmes, how many viewers of one, and how many starts that failed are remembered."""

_AGAIN_MS: Final = 5_000
_TOLERANCE_S: Final = 2


@dataclass(slots=True)
class _Programme:
    """A programme as it was first started: its length and channel, and in which entry."""

    length: Any
    channel: Any
    entry: int


@dataclass(slots=True)
class _Viewing:
    """The last viewing of a programme by one viewer."""

    begun_ms: int
    watched: ActiveSession


class SessionStarts:
    """Remembers the programmes and the viewers of a capture, as many as fit in little memory.

    Parameters
    ----------
    catch_up : callable
        Judges the events of a session that wait to be put in order.
    """

    def __init__(self, catch_up: Callable[[ActiveSession], None]) -> None:
        self._catch_up = catch_up
        self._programmes: OrderedDict[tuple[str, str], _Programme] = OrderedDict()
        self._viewings: OrderedDict[tuple[str, str, str], _Viewing] = OrderedDict()
        self._failed: OrderedDict[tuple[str, str, str], tuple[SessionReport, int]] = OrderedDict()

    def fail(self, record: SessionReport, call: CapturedRequest) -> None:
        """Remember a sessionStart that an error of the server has lost, until it is sent again."""
        key = _content(call)
        if key is None or call.status is None:
            return
        self._failed.pop(key, None)  # that one was sent again: this is the try that counts
        self._failed[key] = (record, call.status)
        if len(self._failed) > _MOST:
            _lose(*self._failed.popitem(last=False)[1])

    def succeed(self, call: CapturedRequest) -> None:
        """Forget that a sessionStart had failed: it was sent again, and taken."""
        if self._failed:
            key = _content(call)
            if key is not None:
                self._failed.pop(key, None)

    def settle(self) -> None:
        """Look back on the starts that failed, and that no later one made good."""
        while self._failed:
            _lose(*self._failed.popitem(last=False)[1])

    def begin(self, watched: ActiveSession, call: CapturedRequest, params: dict[str, Any], at_ms: int) -> None:
        """Look at a sessionStart, and remember it."""
        record, media_id = watched.record, _programme(params)
        playhead_s = watched.state.playhead_s
        resumes = params.get("media.resume")
        if resumes is True and playhead_s is not None and playhead_s < 1 and not watched.live:
            record.note("resume-at-start", call.number, at_ms, call.status, value=plain(playhead_s))
        if media_id is None:
            return
        self._compare(record, call, (media_id, str(params.get("analytics.reportSuite"))), params, at_ms)
        visitor = _visitor(params)
        if not visitor:
            return
        key = (media_id, visitor, record.capture)
        before = self._viewings.pop(key, None)
        if before is not None and resumes is not True:
            self._beside(watched, call, before, playhead_s, at_ms)
        self._viewings[key] = _Viewing(at_ms, watched)
        if len(self._viewings) > _MOST:
            self._viewings.popitem(last=False)

    def _compare(
        self, record: SessionReport, call: CapturedRequest, key: tuple[str, str], params: dict[str, Any], at_ms: int
    ) -> None:
        length, channel = params.get("media.length"), params.get("media.channel")
        known = self._programmes.get(key)
        if known is None:
            self._programmes[key] = _Programme(length, channel, call.number)
            if len(self._programmes) > _MOST:
                self._programmes.popitem(last=False)
            return
        if _is_number(length) and _is_number(known.length) and abs(length - known.length) > _TOLERANCE_S:
            self._differs(record, call, "length", plain(length), plain(known.length), known.entry, at_ms)
        if type(channel) is str and type(known.channel) is str and channel != known.channel:
            self._differs(record, call, "channel", shown(channel), shown(known.channel), known.entry, at_ms)

    def _differs(
        self, record: SessionReport, call: CapturedRequest, what: str, value: str, first: str, entry: int, at_ms: int
    ) -> None:
        place = f'params["media.{what}"]'
        rule = f"{what}-changes"
        record.note(rule, call.number, at_ms, call.status, place=place, value=value, first=first, entry=entry)

    def _beside(
        self, watched: ActiveSession, call: CapturedRequest, before: _Viewing, playhead_s: float | None, at_ms: int
    ) -> None:
        record, earlier = watched.record, before.watched
        self._catch_up(earlier)
        closed = earlier.state.closing(at_ms) is not None
        left_s = earlier.playhead_s
        if earlier.record.cause("start-unanswered") is not None:  # sent again, as a player may
            return
        if not closed and 0 <= at_ms - before.begun_ms <= _AGAIN_MS:
            elapsed = seconds(at_ms - before.begun_ms)
            record.note("start-twice", call.number, at_ms, call.status, elapsed=elapsed)
        elif closed and not earlier.state.completed and not watched.live and _goes_on(playhead_s, left_s):
            other = (earlier.record.session_id or earlier.record.key)[:12]
            record.note("resume-missing", call.number, at_ms, call.status, other=other)


def _lose(record: SessionReport, status: int) -> None:
    record.replace("server-error", "start-lost", status=status)


def _content(call: CapturedRequest) -> tuple[str, str, str] | None:
    """Return by what a start is known when it is sent again: programme and viewer, or else all that it says."""
    value = call.value
    if not call.has_body:
        return None
    if type(value) is dict:
        params = value.get("params")
        if type(params) is dict:
            media_id, visitor = _programme(params), _visitor(params)
            if media_id is not None and visitor:
                return call.source, media_id, visitor
        value = {name: member for name, member in value.items() if name != "playerTime"}
    elif type(value) is not list:
        return None
    return call.source, "", json_io.write(value).decode("utf-8", "replace")


def _programme(params: dict[str, Any]) -> str | None:
    found = params.get("media.id")
    return found if type(found) is str and found and found.casefold() not in FILLERS else None


def _goes_on(playhead_s: float | None, left_s: float | None) -> bool:
    """Tell whether a playhead is about where an earlier viewing was left; players go back some seconds."""
    if playhead_s is None or left_s is None or playhead_s < 1:
        return False
    return abs(playhead_s - left_s) <= max(_TOLERANCE_S, left_s / 20)


def _is_number(found: object) -> TypeGuard[float]:
    return type(found) is int or type(found) is float


def _visitor(params: dict[str, Any]) -> str:
    for key in VISITORS:
        found = params.get(key)
        if type(found) is str and found and found.casefold() not in FILLERS:
            return f"{key} {found}"
    return ""
