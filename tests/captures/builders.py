"""Build captures for tests in the formats of recording tools."""

from __future__ import annotations

import json
from typing import Any

HOST = "company.hb-api.omtrdc.net"
SESSIONS = f"https://{HOST}/api/v1/sessions"
SID = "bfcca2ca59e0ba2e41b1b5b1e8fe6b7d3ce1fbb2e39a6a7a2c6fbc1d8f5adf58"
TS = 1_509_045_324_153
START = {
    "playerTime": {"playhead": 0, "ts": TS},
    "eventType": "sessionStart",
    "params": {"media.id": "x", "media.length": 60, "media.channel": "c", "media.playerName": "p"},
}
Entry = dict[str, Any]


def event(kind: str = "ping", after_ms: int = 10_000) -> dict[str, Any]:
    return {"playerTime": {"playhead": after_ms / 1000, "ts": TS + after_ms}, "eventType": kind}


def events_url(session_id: str = SID) -> str:
    return f"{SESSIONS}/{session_id}/events"


def entry(
    body: object = None,
    url: str | None = None,
    *,
    at: object = "2017-10-26T19:15:24.153Z",
    status: object = 204,
    method: str = "POST",
    location: str | None = None,
    request: dict[str, Any] | None = None,
    response: dict[str, Any] | None = None,
) -> Entry:
    """Return an entry of a HAR; ``request`` and ``response`` replace its members, or remove them with None."""
    text = body if isinstance(body, str) or body is None else json.dumps(body)
    request_members: dict[str, Any] = {"method": method, "url": url or events_url(), "headers": [], "bodySize": -1}
    if text is not None:
        request_members["postData"] = {"mimeType": "application/json", "text": text}
    headers = [{"name": "Location", "value": location}] if location else []
    response_members: dict[str, Any] = {"status": status, "headers": headers, "content": {"size": 0}}
    for holder, members in ((request_members, request or {}), (response_members, response or {})):
        holder.update(members)
        for name in [name for name, member in holder.items() if member is None]:
            del holder[name]
    return {"startedDateTime": at, "time": 21, "request": request_members, "response": response_members}


def start(session_id: str | None = SID, **others: Any) -> Entry:
    location = f"/api/v1/sessions/{session_id}" if session_id else None
    return entry(START, SESSIONS, status=201 if session_id else 0, location=location, **others)


def har(*entries: object, **members: object) -> bytes:
    return json.dumps({"log": {"version": "1.2", "pages": [], **members, "entries": list(entries)}}).encode()


def lines(*values: object) -> bytes:
    return b"".join(json.dumps(value).encode() + b"\n" for value in values)
