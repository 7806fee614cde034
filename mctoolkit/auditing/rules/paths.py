"""Paths: events that go to an address which the API does not have."""

from __future__ import annotations

from typing import Final
from urllib.parse import unquote, urlsplit

from mctoolkit._core.html import shorten
from mctoolkit.auditing.session_event import shown
from mctoolkit.auditing.session_report import SessionReport
from mctoolkit.models.captured_request import CapturedRequest
from mctoolkit.spec.paths import SESSIONS_PATH, events_path

__all__ = ["astray", "is_event", "parts", "shown_path"]

_ID: Final = "{session id}"
_EVENTS: Final = events_path(_ID)
_ASKS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_LONG: Final = 12
"""What is longer is an id, of which so much is shown."""


def is_event(call: CapturedRequest) -> bool:
    """Tell whether a call to an address that the API does not have is an event; one that was taken is none of ours."""
    value, status = call.value, call.status
    if call.method in _ASKS or not call.url or (status is not None and 200 <= status < 300):
        return False
    return type(value) is dict and type(value.get("eventType")) is str and type(value.get("playerTime")) is dict


def astray(record: SessionReport, call: CapturedRequest, at_ms: int) -> None:
    """Note an event that went to a wrong address."""
    begins = call.event_type == "sessionStart"
    path = shown_path(call)
    variant = "empty" if "/sessions//" in path and not begins else "default"
    meant = SESSIONS_PATH if begins else _EVENTS
    key = "sessions" if begins else ""
    ids = {part for part in parts(call) if len(part) > _LONG or part == record.session_id}
    place = "/".join(_ID if unquote(part) in ids else part for part in _path(call).split("/"))
    record.note("wrong-path", call.number, at_ms, call.status, key, variant, shown(place), path=path, meant=meant)


def parts(call: CapturedRequest) -> tuple[str, ...]:
    """Return what stands between the slashes of an address."""
    return tuple(unquote(part) for part in _path(call).split("/") if part)


def shown_path(call: CapturedRequest) -> str:
    """Write the path of an address for people, with the ids in it shortened."""
    return shown("/".join(shorten(part, _LONG + 1) for part in _path(call).split("/")))


def _path(call: CapturedRequest) -> str:
    try:
        return urlsplit(call.url).path
    except ValueError:
        return ""
