"""Parse logs with one JSON object per line: bare bodies of the API, or objects with a body and its request's data.

An object of the second kind has these members, of which only ``body`` is required::

    {"at": 1509045324153, "url": "https://company.hb-api.omtrdc.net/api/v1/sessions/7f3a/events",
     "status": 204, "elapsed_ms": 21, "session": "7f3a", "body": {"eventType": "ping", ...}}

Common other names for them are accepted, also inside ``request`` and ``response``, as in
``{"url": ..., "request": {"body": ...}, "response": {"status": 204}}``.

``at`` is milliseconds or seconds since 1970, or ISO 8601. ``body`` is an object, or its text. A sessionStart, whose URL
has no session id, needs ``session``, or ``location``, the header of its response. ``entry`` is the entry number in the
original of a redacted capture.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mctoolkit._core import json_io
from mctoolkit._core.messages import gettext as _
from mctoolkit.captures.detect import MAX_LINE_BYTES, CaptureStream, split_lines
from mctoolkit.captures.har import (
    MAX_TIME_MS,
    UnparseableEntry,
    is_api_body,
    original_number,
    parse_entry,
    parse_time_ms,
    parse_url,
)
from mctoolkit.captures.stats import CaptureStats
from mctoolkit.models.captured_request import NO_BODY, CapturedRequest
from mctoolkit.spec.paths import session_id_from_url, session_id_of_response

__all__ = ["parse_ndjson", "parse_value"]

_NAMES = frozenset({"at", "url", "body", "status", "elapsed_ms", "session", "location", "entry"})
_NAMES_OF_SIMPLE_LINES = frozenset({"at", "url", "body", "status", "elapsed_ms"})
_SYNONYMS: dict[str, str] = {
    **dict.fromkeys(("time", "timestamp", "@timestamp", "date"), "at"),
    **dict.fromkeys(("uri", "request_uri", "path", "request_url", "requestUrl"), "url"),
    **dict.fromkeys(("request_body", "requestBody", "payload"), "body"),
    **dict.fromkeys(("status_code", "statusCode", "response_code"), "status"),
    **dict.fromkeys(("session_id", "sessionId", "sid"), "session"),
    "duration_ms": "elapsed_ms",
    "Location": "location",
}
"""Names in other logs; if an object has both, the documented name is read."""

_MIN_TIME_MS = 10**11
_NAMES_IN_REQUEST = ("at", "url", "body", "session")
_NAMES_IN_RESPONSE = ("status", "location", "elapsed_ms", "session")


def parse_ndjson(stream: CaptureStream, stats: CaptureStats, source: str) -> Iterator[CapturedRequest]:
    r"""Yield the API requests of a log in the order of the file; all other lines are only counted.

    Examples
    --------
    >>> data = b'{"session": "7f3a", "body": {"eventType": "ping"}}\nconnected\n'
    >>> stats = CaptureStats()
    >>> [request.number for request in parse_ndjson(CaptureStream(data), stats, "")], stats.others
    ([1], {'other': 1})
    """
    number = 0
    incomplete = None
    for number, line in enumerate(split_lines(stream), 1):
        if incomplete is not None:
            stats.note_unreadable(incomplete, _("not valid JSON ({detail})").format(detail="end"), source)
            incomplete = None
        value = json_io.read(line)
        if type(value) is dict and "playerTime" in value:  # a bare body, the most common line
            stats.requests += 1
            yield CapturedRequest(
                number, "sessions" if value.get("eventType") == "sessionStart" else "events", value, line
            )
            continue
        if not line.strip():
            continue
        stats.requests += 1
        if type(value) is dict and (request := _parse_simple_line(value, number)) is not None:
            yield request
            continue
        if isinstance(value, json_io.NotJson):
            if value.reason == "end" and len(line) <= MAX_LINE_BYTES:
                incomplete = number  # not an error on the last line: the file is cut off
            elif not _is_plain_text(line):
                reason = (
                    _("too long for a request to the API")
                    if len(line) > MAX_LINE_BYTES
                    else _("not valid JSON ({detail})").format(detail=value.near)
                )
                stats.note_unreadable(number, reason, source)
            else:
                stats.count_other("other")
            continue
        try:
            parsed = _parse(value, number, stats)
        except UnparseableEntry as error:
            stats.note_unreadable(number, str(error), source)
            continue
        if parsed is not None:
            yield parsed
    if incomplete is not None or stream.is_truncated:
        stats.note_cut_off(source, number)


def parse_value(value: object, number: int) -> CapturedRequest | None:
    """Parse a bare body, or an object with a body. Return None if it is not an API request.

    Raises
    ------
    UnparseableEntry
        It is neither.

    Examples
    --------
    >>> parse_value({"session": "7f3a", "status": 204, "body": {"eventType": "ping"}}, 1).session_id
    '7f3a'
    """
    return _parse(value, number, CaptureStats())


def _parse_simple_line(value: dict[str, Any], number: int) -> CapturedRequest | None:
    """Parse an object with documented names and valid values only; None for any other. This is the fast path."""
    url, at_ms, body, status = value.get("url"), value.get("at"), value.get("body"), value.get("status")
    if (
        type(url) is not str
        or type(at_ms) is not int
        or type(body) is not dict
        or not value.keys() <= _NAMES_OF_SIMPLE_LINES
    ):
        return None
    address = parse_url(url)
    if address.protocol != "api" or address.session_id is None or not _MIN_TIME_MS <= at_ms < MAX_TIME_MS:
        return None
    if status is not None and (type(status) is not int or not 100 <= status <= 999):
        return None
    elapsed = value.get("elapsed_ms")
    return CapturedRequest(
        number,
        address.endpoint,
        body,
        None,
        at_ms,
        address.session_id,
        "",
        "path",
        status,
        address.host,
        url,
        address.secure,
        "POST",
        elapsed if type(elapsed) in (int, float) else None,
    )


def _parse(value: object, number: int, stats: CaptureStats) -> CapturedRequest | None:
    if isinstance(value, list) and is_api_body(value):
        return CapturedRequest(number, "downloaded", value)
    if not isinstance(value, dict):
        raise _unparseable(_("not a JSON object"))
    if _is_har_entry(value):
        return parse_entry(value, number, stats)
    members: dict[str, Any] = value if value.keys() <= _NAMES else _normalize(value)
    if members.get("body") is None and members.get("url") is None:
        if not is_api_body(value):
            raise _unparseable(
                _("the object has neither body nor url, and is not a body of the API: no eventType, no playerTime")
            )
        return CapturedRequest(number, _endpoint_for_body(value), value)
    return _parse_members(members, original_number(value, number), stats)


def _parse_members(members: dict[str, Any], number: int, stats: CaptureStats) -> CapturedRequest | None:
    raw, body = None, members.get("body")
    if isinstance(body, str):
        raw = body.encode("utf-8", "surrogatepass")
        body = json_io.read(raw)
    elif body is None:
        body = NO_BODY
    url = members.get("url")
    session_id, host, secure = None, "", None
    if isinstance(url, str) and url:
        address = parse_url(url)
        endpoint, session_id, host, secure = address.endpoint, address.session_id, address.host, address.secure
        kind = address.protocol
        if kind not in ("api", "maybe") or (kind == "maybe" and not is_api_body(body)):
            if not host and is_api_body(body) and endpoint == "other":
                endpoint = _endpoint_for_body(body)
            else:
                stats.count_other(kind if kind != "maybe" else "other")
                return None
    elif is_api_body(body):
        url, endpoint = "", _endpoint_for_body(body)
    else:
        raise _unparseable(
            _("the object has no url, and its body is not a body of the API: no eventType, no playerTime")
        )
    if body is NO_BODY:
        stats.without_body += 1
    status, elapsed = members.get("status"), members.get("elapsed_ms")
    if isinstance(status, str) and status.isdecimal():
        status = int(status[:4])
    if type(status) is not int or not 100 <= status <= 999:
        status = None
    if session_id is None:
        session_id = _find_session_id(members, status)
    return CapturedRequest(
        number,
        endpoint,
        body,
        raw,
        parse_time_ms(members.get("at"), stats),
        session_id,
        status=status,
        host=host,
        url=url,
        secure=secure,
        elapsed_ms=float(elapsed) if isinstance(elapsed, int | float) else None,
    )


def _is_har_entry(value: dict[str, Any]) -> bool:
    """Return whether an object with a ``request`` is an entry of a HAR; other logs keep the body in ``request``."""
    request = value.get("request")
    return (
        isinstance(request, dict)
        and isinstance(request.get("url"), str)
        and _rename_members(request).get("body") is None
    )


def _normalize(value: dict[str, Any]) -> dict[str, Any]:
    """Return an object with documented names; its own members take precedence over its request and response."""
    members: dict[str, Any] = {}
    for holder, names in ((value.get("response"), _NAMES_IN_RESPONSE), (value.get("request"), _NAMES_IN_REQUEST)):
        if isinstance(holder, dict):
            renamed = _rename_members(holder)
            members |= {name: renamed[name] for name in names if renamed.get(name) is not None}
    if "location" not in members and isinstance(response := value.get("response"), dict):
        members["location"] = _find_location(response.get("headers"))
    return members | {name: member for name, member in _rename_members(value).items() if member is not None}


def _rename_members(members: dict[str, Any]) -> dict[str, Any]:
    return {_SYNONYMS.get(str(key), str(key)): member for key, member in members.items()} | members


def _find_location(headers: object) -> object:
    if not isinstance(headers, dict):
        return None
    return next((value for name, value in headers.items() if str(name).lower() == "location"), None)


def _unparseable(reason: str) -> UnparseableEntry:
    """Return the error with the reason and the expected format."""
    return UnparseableEntry(
        _(
            "{reason}; expected an object with body, and if known at, url, status, session, location and elapsed_ms, "
            'such as {{"at": 1509045324153, "url": '
            '"https://company.hb-api.omtrdc.net/api/v1/sessions/ID/events", "status": 204, "body": '
            '{{"eventType": "ping", ...}}}}'
        ).format(reason=reason)
    )


def _find_session_id(members: dict[str, Any], status: int | None) -> str | None:
    session, location = members.get("session"), members.get("location")
    if isinstance(session, str) and session:
        return session_id_from_url(session) or session
    return session_id_of_response(status, location) if isinstance(location, str) else None


def _endpoint_for_body(body: object) -> Any:
    if isinstance(body, list):
        return "downloaded"
    return "sessions" if isinstance(body, dict) and body.get("eventType") == "sessionStart" else "events"


def _is_plain_text(line: bytes) -> bool:
    """Return whether a line is log text between the JSON lines."""
    return line.lstrip()[:1] not in (b"{", b"[", b'"')
