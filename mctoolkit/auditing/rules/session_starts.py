"""Rules about a sessionStart in comparison with the other sessions of the capture."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeGuard

from mctoolkit._core import json_io
from mctoolkit.auditing.active_session import ActiveSession
from mctoolkit.auditing.session_event import SessionEvent, format_number, format_seconds, printable
from mctoolkit.auditing.session_report import SessionReport
from mctoolkit.models.captured_request import CapturedRequest
from mctoolkit.validation.hints import FILLERS, VISITORS

__all__ = ["SessionStarts"]

_MAX_REMEMBERED: Final = 10_000
"""How many contents, viewers of one content, and failed starts are remembered; the oldest are dropped."""

_RETRY_MS: Final = 5_000
_TOLERANCE_S: Final = 2


@dataclass(slots=True)
class _Content:
    """The length and channel with which a content was first started, and in which entry."""

    length: Any
    channel: Any
    entry: int


class SessionStarts:
    """Remembers the contents and viewers of a capture and compares each sessionStart with them.

    Parameters
    ----------
    catch_up : callable
        Checks the events of a session that still wait to be put in order.
    """

    def __init__(self, catch_up: Callable[[ActiveSession], None]) -> None:
        self._catch_up = catch_up
        self._contents: OrderedDict[tuple[str, str], _Content] = OrderedDict()
        self._last_sessions: OrderedDict[tuple[str, str, str], tuple[int, ActiveSession]] = OrderedDict()
        self._failed: OrderedDict[tuple[str, str, str], tuple[SessionReport, int]] = OrderedDict()

    def add_failed(self, report: SessionReport, request: CapturedRequest) -> None:
        """Remember a sessionStart that failed with a server error, until it is sent again."""
        key = _key_of(request)
        if key is None or request.status is None:
            return
        self._failed.pop(key, None)  # the one before was sent again, as this one
        self._failed[key] = (report, request.status)
        if len(self._failed) > _MAX_REMEMBERED:
            self._flag_oldest_failed()

    def add_accepted(self, request: CapturedRequest) -> None:
        """Forget an earlier failure of a sessionStart that was now accepted."""
        if self._failed:
            key = _key_of(request)
            if key is not None:
                self._failed.pop(key, None)

    def flag_failed(self) -> None:
        """Flag the failed sessionStarts that were not sent again successfully."""
        while self._failed:
            self._flag_oldest_failed()

    def _flag_oldest_failed(self) -> None:
        _, (report, status) = self._failed.popitem(last=False)
        error = report.find("server-error")
        if error is not None:
            report.flag_entries_of(error, "start-lost", status=status)

    def check(self, session: ActiveSession, event: SessionEvent) -> None:
        """Compare a sessionStart with earlier ones, and remember it."""
        report, params, at_ms = session.report, event.params, event.at_ms
        content_id, playhead_s = _content_id(params), session.machine.playhead_s
        resumes = params.get("media.resume") is True
        if resumes and playhead_s is not None and playhead_s < 1 and not session.is_live:
            value = format_number(playhead_s)
            report.flag("resume-at-start", event.number, at_ms, event.response, value=value)
        if content_id is None:
            return
        self._compare_content(report, event, (content_id, str(params.get("analytics.reportSuite"))))
        visitor = _visitor(params)
        if not visitor:
            return
        key = (content_id, visitor, report.capture)
        last = self._last_sessions.pop(key, None)
        if last is not None and not resumes:
            self._compare_sessions(session, event, *last)
        self._last_sessions[key] = at_ms, session
        if len(self._last_sessions) > _MAX_REMEMBERED:
            self._last_sessions.popitem(last=False)

    def _compare_content(self, report: SessionReport, event: SessionEvent, key: tuple[str, str]) -> None:
        length, channel = event.params.get("media.length"), event.params.get("media.channel")
        first = self._contents.get(key)
        if first is None:
            self._contents[key] = _Content(length, channel, event.number)
            if len(self._contents) > _MAX_REMEMBERED:
                self._contents.popitem(last=False)
            return
        if _is_number(length) and _is_number(first.length) and abs(length - first.length) > _TOLERANCE_S:
            _flag_change(report, event, "length", format_number(length), format_number(first.length), first.entry)
        if type(channel) is str and type(first.channel) is str and channel != first.channel:
            _flag_change(report, event, "channel", printable(channel), printable(first.channel), first.entry)

    def _compare_sessions(
        self, session: ActiveSession, event: SessionEvent, earlier_at_ms: int, earlier: ActiveSession
    ) -> None:
        """Compare a session with the last one of the same content and viewer."""
        report, at_ms = session.report, event.at_ms
        self._catch_up(earlier)
        is_closed = earlier.machine.closing(at_ms) is not None
        if earlier.report.find("start-unanswered") is not None:  # a player may send such a start again
            return
        if not is_closed and 0 <= at_ms - earlier_at_ms <= _RETRY_MS:
            elapsed = format_seconds(at_ms - earlier_at_ms)
            report.flag("start-twice", event.number, at_ms, event.response, elapsed=elapsed)
        elif is_closed and not earlier.machine.completed and not session.is_live and _continues(session, earlier):
            other = (earlier.report.session_id or earlier.report.key)[:12]
            report.flag("resume-missing", event.number, at_ms, event.response, other=other)


def _flag_change(report: SessionReport, event: SessionEvent, name: str, value: str, first: str, entry: int) -> None:
    report.flag(
        f"{name}-changes",
        event.number,
        event.at_ms,
        event.response,
        place=f'params["media.{name}"]',
        value=value,
        first=first,
        entry=entry,
    )


def _key_of(request: CapturedRequest) -> tuple[str, str, str] | None:
    """Return what identifies a sessionStart when it is sent again: content and viewer, or else its whole body."""
    value = request.value
    if not request.has_body:
        return None
    if type(value) is dict:
        params = value.get("params")
        if type(params) is dict:
            content_id, visitor = _content_id(params), _visitor(params)
            if content_id is not None and visitor:
                return request.source, content_id, visitor
        value = {name: member for name, member in value.items() if name != "playerTime"}
    elif type(value) is not list:
        return None
    return request.source, "", json_io.write(value).decode("utf-8", "replace")


def _content_id(params: dict[str, Any]) -> str | None:
    found = params.get("media.id")
    return found if type(found) is str and found and found.casefold() not in FILLERS else None


def _continues(session: ActiveSession, earlier: ActiveSession) -> bool:
    """Return whether a session starts near where an earlier one stopped; players go back some seconds."""
    starts_s, stopped_s = session.machine.playhead_s, earlier.playhead_s
    if starts_s is None or stopped_s is None or starts_s < 1:
        return False
    return abs(starts_s - stopped_s) <= max(_TOLERANCE_S, stopped_s / 20)


def _is_number(found: object) -> TypeGuard[float]:
    return type(found) is int or type(found) is float


def _visitor(params: dict[str, Any]) -> str:
    for key in VISITORS:
        found = params.get(key)
        if type(found) is str and found and found.casefold() not in FILLERS:
            return f"{key} {found}"
    return ""
