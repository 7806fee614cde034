"""Logs with one JSON object a line: bare bodies of the API, or lines that say where a body went and what came back.

A line of the second kind has these members, of which only ``body`` is needed; the first name is ours::

    {"at": 1509045324153, "url": "https://company.hb-api.omtrdc.net/api/v1/sessions/7f3a/events",
     "status": 204, "elapsed_ms": 21, "session": "7f3a", "body": {"eventType": "ping", ...}}

Other names for these are known as well, and a line may keep them in a ``request`` and a ``response``, as in
``{"url": ..., "request": {"body": ...}, "response": {"status": 204}}``.

``at`` is milliseconds or seconds since 1970, or ISO 8601. ``body`` is an object, or its text. ``session`` is wanted for
a sessionStart, whose URL has no id; ``location`` (the header of the response) does as well. ``entry`` is the number in a
longer capture from which this one was made.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mctoolkit._core import json_io
from mctoolkit._core.messages import gettext as _
from mctoolkit._core.messages import ngettext
from mctoolkit.captures.detect import LONGEST_LINE, Stream, lines
from mctoolkit.captures.har import LATEST_MS, UnparseableEntry, address_of, call_of_entry, is_ours, moment_ms, number_of
from mctoolkit.captures.stats import CaptureStats
from mctoolkit.models.captured_request import NO_BODY, CapturedRequest
from mctoolkit.spec.paths import session_id_in, session_id_of_response

__all__ = ["call_of_value", "calls_of_lines"]

_OURS = frozenset({"at", "url", "body", "status", "elapsed_ms", "session", "location", "entry"})
_PLAIN = frozenset({"at", "url", "body", "status", "elapsed_ms"})
_MEANT: dict[str, str] = {
    **dict.fromkeys(("time", "timestamp", "@timestamp", "date"), "at"),
    **dict.fromkeys(("uri", "request_uri", "path", "request_url", "requestUrl"), "url"),
    **dict.fromkeys(("request_body", "requestBody", "payload"), "body"),
    **dict.fromkeys(("status_code", "statusCode", "response_code"), "status"),
    **dict.fromkeys(("session_id", "sessionId", "sid"), "session"),
    "duration_ms": "elapsed_ms",
    "Location": "location",
}
"""Names that other logs have for ours; a line that has both is read by ours."""

_EARLIEST_MS = 10**11
_SENT = ("at", "url", "body", "session")
_CAME = ("status", "location", "elapsed_ms", "session")
"""What is taken from the ``request`` and the ``response`` of a line."""


def calls_of_lines(stream: Stream, tally: CaptureStats, source: str) -> Iterator[CapturedRequest]:
    """Go through the calls of a log in the order of the file; lines of other services are counted."""
    number = 0
    cut = None
    for number, line in enumerate(lines(stream), 1):
        if cut is not None:
            tally.note_unreadable(cut, _("this is no JSON ({detail})").format(detail="end"), source)
            cut = None
        value = json_io.read(line)
        if type(value) is dict and "playerTime" in value:  # what most logs are full of
            tally.requests += 1
            yield CapturedRequest(
                number, "sessions" if value.get("eventType") == "sessionStart" else "events", value, line
            )
            continue
        if not line.strip():
            continue
        tally.requests += 1
        if type(value) is dict and (call := _call_of_ours(value, number)) is not None:
            yield call
            continue
        if isinstance(value, json_io.NotJson):
            if value.reason == "end" and len(line) <= LONGEST_LINE:
                cut = number  # of the last line: cut off, and nobody's fault
            elif not _is_remark(line):
                too_long = len(line) > LONGEST_LINE
                words = (
                    _("this is too long to be a message of the API")
                    if too_long
                    else _("this is no JSON ({detail})").format(detail=value.near)
                )
                tally.note_unreadable(number, words, source)
            else:
                tally.count_other("other")
            continue
        try:
            found = _call(value, number, tally)
        except UnparseableEntry as why:
            tally.note_unreadable(number, str(why), source)
            continue
        if found is not None:
            yield found
    if cut is not None or stream.broken:
        tally.damage.append(
            ngettext(
                "{name} is cut off at the end: {number:,} request is whole and was read.",
                "{name} is cut off at the end: {number:,} requests are whole and were read.",
                number,
            ).format(name=source or _("The file"), number=number)
        )


def _call_of_ours(value: dict[str, Any], number: int) -> CapturedRequest | None:
    """Read a line with our own names and nothing odd in it, quickly; of any other None, for a closer look."""
    url, at_ms, body, status = value.get("url"), value.get("at"), value.get("body"), value.get("status")
    if type(url) is not str or type(at_ms) is not int or type(body) is not dict or not value.keys() <= _PLAIN:
        return None
    address = address_of(url)
    if address.protocol != "api" or address.session_id is None or not _EARLIEST_MS <= at_ms < LATEST_MS:
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


def call_of_value(value: object, number: int) -> CapturedRequest | None:
    """Read a bare body, or an object around one.

    Raises
    ------
    UnparseableEntry
        It is neither.
    """
    return _call(value, number, CaptureStats())


def _call(value: object, number: int, tally: CaptureStats) -> CapturedRequest | None:
    if isinstance(value, list) and is_ours(value):
        return CapturedRequest(number, "downloaded", value)
    if not isinstance(value, dict):
        raise _unfit(_("this is JSON, but no object: no message of the API and no line around one"))
    if _is_entry(value):
        return call_of_entry(value, number, tally)
    around: dict[str, Any] = value if value.keys() <= _OURS else _flat(value)
    if around.get("body") is None and around.get("url") is None:
        if not is_ours(value):
            raise _unfit(
                _(
                    "this has neither a body nor a url, and is no message of the API itself: it lacks "
                    "eventType and playerTime"
                )
            )
        return CapturedRequest(number, _endpoint_of_type(value), value)
    return _call_around(around, number_of(value, number), tally)


def _call_around(around: dict[str, Any], number: int, tally: CaptureStats) -> CapturedRequest | None:
    raw, body = None, around.get("body")
    if isinstance(body, str):
        raw = body.encode("utf-8", "surrogatepass")
        body = json_io.read(raw)
    elif body is None:
        body = NO_BODY
    url = around.get("url")
    session_id, host, secure = None, "", None
    if isinstance(url, str) and url:
        address = address_of(url)
        endpoint, session_id, host, secure = address.endpoint, address.session_id, address.host, address.secure
        kind = address.protocol
        if kind not in ("api", "maybe") or (kind == "maybe" and not is_ours(body)):
            if not host and is_ours(body) and endpoint == "other":
                endpoint = _endpoint_of_type(body)
            else:
                tally.count_other(kind if kind != "maybe" else "other")
                return None
    elif is_ours(body):
        url, endpoint = "", _endpoint_of_type(body)
    else:
        raise _unfit(_("this has no url, and its body is no message of the API: it lacks eventType and playerTime"))
    if body is NO_BODY:
        tally.without_body += 1
    status, elapsed = around.get("status"), around.get("elapsed_ms")
    if isinstance(status, str) and status.isdecimal():
        status = int(status[:4])
    if type(status) is not int or not 100 <= status <= 999:
        status = None
    if session_id is None:
        session_id = _session(around, status)
    return CapturedRequest(
        number,
        endpoint,
        body,
        raw,
        moment_ms(around.get("at"), tally),
        session_id,
        status=status,
        host=host,
        url=url,
        secure=secure,
        elapsed_ms=float(elapsed) if isinstance(elapsed, int | float) else None,
    )


def _is_entry(value: dict[str, Any]) -> bool:
    """Tell an entry of a HAR from a line that keeps the body in a ``request`` of its own."""
    request = value.get("request")
    return isinstance(request, dict) and isinstance(request.get("url"), str) and _named(request).get("body") is None


def _flat(value: dict[str, Any]) -> dict[str, Any]:
    """Return a line under our names; what stands at its top counts before what its request and response have."""
    around: dict[str, Any] = {}
    for holder, names in ((value.get("response"), _CAME), (value.get("request"), _SENT)):
        if isinstance(holder, dict):
            members = _named(holder)
            around |= {name: members[name] for name in names if members.get(name) is not None}
    if "location" not in around and isinstance(response := value.get("response"), dict):
        around["location"] = _location_of(response.get("headers"))
    return around | {name: member for name, member in _named(value).items() if member is not None}


def _named(members: dict[str, Any]) -> dict[str, Any]:
    return {_MEANT.get(str(key), str(key)): member for key, member in members.items()} | members


def _location_of(headers: object) -> object:
    if not isinstance(headers, dict):
        return None
    return next((value for name, value in headers.items() if str(name).lower() == "location"), None)


def _unfit(missing: str) -> UnparseableEntry:
    """Say what is missing, and what a line has."""
    return UnparseableEntry(
        _(
            "{missing}; a line has body, and where they are known at, url, status, session, location "
            'and elapsed_ms, such as {{"at": 1509045324153, "url": '
            '"https://company.hb-api.omtrdc.net/api/v1/sessions/ID/events", "status": 204, "body": '
            '{{"eventType": "ping", ...}}}}'
        ).format(missing=missing)
    )


def _session(around: dict[str, Any], status: int | None) -> str | None:
    named, location = around.get("session"), around.get("location")
    if isinstance(named, str) and named:
        return session_id_in(named) or named
    return session_id_of_response(status, location) if isinstance(location, str) else None


def _endpoint_of_type(body: object) -> Any:
    if isinstance(body, list):
        return "downloaded"
    return "sessions" if isinstance(body, dict) and body.get("eventType") == "sessionStart" else "events"


def _is_remark(line: bytes) -> bool:
    """Tell whether a line is plain text between the JSON, which logs have."""
    return line.lstrip()[:1] not in (b"{", b"[", b'"')
