"""Rules about paths: events that are sent to a path that the API does not have."""

from __future__ import annotations

from typing import Final
from urllib.parse import unquote, urlsplit

from mctoolkit._core.html import shorten
from mctoolkit.auditing.session_event import printable
from mctoolkit.auditing.session_report import SessionReport
from mctoolkit.models.captured_request import CapturedRequest
from mctoolkit.spec.paths import SESSIONS_PATH, events_path

__all__ = ["flag_wrong_path", "is_event", "path_parts", "short_path"]

_ID: Final = "{session id}"
_EVENTS: Final = events_path(_ID)
_WITHOUT_BODY: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_MAX_PART: Final = 12
"""A longer part of a path is an id; only this many characters of it are shown."""


def is_event(request: CapturedRequest) -> bool:
    """Return whether a request to a path that the API does not have is an event.

    A request with a successful response belongs to another API.
    """
    value, status = request.value, request.status
    if request.method in _WITHOUT_BODY or not request.url or (status is not None and 200 <= status < 300):
        return False
    return type(value) is dict and type(value.get("eventType")) is str and type(value.get("playerTime")) is dict


def flag_wrong_path(report: SessionReport, request: CapturedRequest, at_ms: int) -> None:
    """Flag an event that was sent to a wrong path."""
    is_start = request.event_type == "sessionStart"
    path = short_path(request)
    variant = "empty" if "/sessions//" in path and not is_start else "default"
    meant = SESSIONS_PATH if is_start else _EVENTS
    key = "sessions" if is_start else ""
    ids = {part for part in path_parts(request) if len(part) > _MAX_PART or part == report.session_id}
    place = "/".join(_ID if unquote(part) in ids else part for part in _path(request).split("/"))
    values = {"path": path, "meant": meant}
    report.flag("wrong-path", request.number, at_ms, request.status, key, variant, printable(place), **values)


def path_parts(request: CapturedRequest) -> tuple[str, ...]:
    """Return the decoded parts of the path of a request."""
    return tuple(unquote(part) for part in _path(request).split("/") if part)


def short_path(request: CapturedRequest) -> str:
    """Return the path of a request with the ids in it shortened."""
    return printable("/".join(shorten(part, _MAX_PART + 1) for part in _path(request).split("/")))


def _path(request: CapturedRequest) -> str:
    try:
        return urlsplit(request.url).path
    except ValueError:
        return ""
