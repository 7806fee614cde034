"""Events and starts that are lost: a wrong path, no session id, server errors."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from mctoolkit import audit
from mctoolkit.models.finding import AuditedSession
from mctoolkit.spec.paths import is_placeholder_id
from tests.auditing.scripts import HOST, START, T0, audited, calls, rules

SID = "e7f9a1c04b2d4f1e8a6b3c5d7e9f0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b"
NO_IDS = ["undefined", "null", "NaN", "None", "[object Object]", "%5Bobject%20Object%5D", "[object%20Object]"]


def _entry(second: float, path: str, kind: str, status: int, **more: Any) -> dict[str, Any]:
    moment = {"playhead": int(second) % 500, "ts": T0 + round(second * 1000)}
    body: dict[str, Any] = {"eventType": kind, "playerTime": moment}
    if kind == "sessionStart":
        body["params"] = START
    located = [{"name": "Location", "value": f"/api/v1/sessions/{more.get('sid', SID)}"}] if status == 201 else []
    return {
        "startedDateTime": datetime.fromtimestamp(T0 / 1000 + second, UTC).isoformat(),
        "time": 20,
        "request": {
            "method": more.get("method", "POST"),
            "url": f"https://{more.get('host', HOST)}{path}",
            "headers": [{"name": "Content-Type", "value": "application/json"}],
            "postData": {"mimeType": "application/json", "text": more.get("text", json.dumps(body))},
        },
        "response": {"status": status, "headers": located, "content": {"text": ""}},
    }


def _har(*entries: dict[str, Any]) -> str:
    return json.dumps({"log": {"version": "1.2", "creator": {"name": "test"}, "entries": list(entries)}})


def _events(path: str, status: int = 404, **more: Any) -> list[dict[str, Any]]:
    kinds = ((0.5, "play"), (10, "ping"), (20, "ping"), (25, "sessionEnd"))
    return [_entry(at_s, path, kind, status, **more) for at_s, kind in kinds]


START_ENTRY = _entry(0, "/api/v1/sessions", "sessionStart", 201)


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("/api/v1/sessions//events", "/api/v1/sessions//events: the session id is missing"),
        (f"/api/v1/{SID}/events", "/api/v1/e7f9a1c04b2d…/events, which is not"),
        (f"/api/v1/sessions/{SID}/event", "/api/v1/sessions/e7f9a1c04b2d…/event, which is not"),
        (f"/api/v1/sessions/{SID}", "/api/v1/sessions/e7f9a1c04b2d…, which is not"),
    ],
)
def test_events_at_wrong_path_are_one_finding(path: str, part: str) -> None:
    later = _entry(
        700, "/api/v1/sessions", "sessionStart", 201, sid="other"
    )  # late enough for the session to be closed
    found = audit(_har(START_ENTRY, *_events(path), later))
    session, other = found.sessions
    [finding] = session.findings
    assert (finding.rule, finding.level, finding.count, finding.entries) == ("wrong-path", "error", 4, (2, 3, 4, 5))
    assert (finding.response, finding.session_id) == (404, SID)
    assert part in finding.message
    assert "/api/v1/sessions/{session id}/events" in finding.ask
    assert SID not in finding.message
    assert (session.events, session.lasted_ms) == (5, 25_000)
    assert (other.session_id, other.findings) == ("other", ())
    assert found.exit_status == 1


def test_wrong_path_belongs_to_session_that_it_names() -> None:
    later = _entry(5.5, "/api/v1/sessions", "sessionStart", 201, sid="other")
    early, *events = _events(f"/api/v1/{SID}/events")
    first, second = audit(_har(START_ENTRY, early, later, *events)).sessions
    assert [finding.rule for finding in first.findings] == ["wrong-path"]
    assert (first.events, second.events) == (5, 1)
    early, *events = _events("/api/v1/sessions//events")
    first, second = audit(_har(START_ENTRY, early, later, *events)).sessions
    assert [(finding.rule, finding.count) for finding in first.findings] == [("wrong-path", 1)]
    assert [(finding.rule, finding.count) for finding in second.findings] == [("wrong-path", 3)]
    assert (first.events, second.events) == (2, 4)


def test_wrong_path_without_session_is_own_session() -> None:
    [session] = audit(_har(*_events("/api/v1/sessions//events"))).sessions
    assert [(finding.rule, finding.count) for finding in session.findings] == [("wrong-path", 4)]
    assert (session.events, session.key, session.has_start) == (4, "#1", False)


def test_wrong_paths_are_grouped_by_path() -> None:
    other = "f" * 64
    later = _entry(30, "/api/v1/sessions", "sessionStart", 201, sid=other)
    early = _events(f"/api/v1/{SID}/events")
    same, different = (
        audit(_har(START_ENTRY, *early, later, _entry(31, f"/api/v1/{path}", "play", 404)))
        for path in (f"{other}/events", "sessions//events")
    )
    assert [(group.rule, group.sessions, group.count) for group in same.groups] == [("wrong-path", 2, 5)]
    assert [(group.rule, group.sessions, group.count) for group in different.groups] == [
        ("wrong-path", 1, 4),
        ("wrong-path", 1, 1),
    ]


def test_start_at_wrong_path_names_right_path() -> None:
    [session] = audit(_har(_entry(0, "/api/v1/session", "sessionStart", 404))).sessions
    [finding] = session.findings
    assert finding.rule == "wrong-path"
    assert "POST to /api/v1/sessions." in finding.ask


@pytest.mark.parametrize(
    "entry",
    [
        _entry(1, f"/api/v1/sessions/{SID}", "play", 404, method="GET"),
        _entry(1, f"/api/v1/sessions/{SID}/event", "play", 404, method="OPTIONS"),
        _entry(1, "/api/v1/schemas/play", "play", 404),
        _entry(1, "/api/v1/other", "play", 404, text='{"hello": 1}'),
        _entry(1, "/api/v1/other", "play", 404, text='{"eventType": "play"}'),
        _entry(1, "/api/v1/other", "play", 404, text="x=1"),
    ],
)
def test_requests_that_are_not_events_are_not_flagged(entry: dict[str, Any]) -> None:
    assert {finding.rule for finding in audit(_har(START_ENTRY, entry)).findings} == set()


def test_wrong_path_does_not_hide_other_findings() -> None:
    script = (
        "0 start; 1 play path=/api/v1/a/events status=404; @b 2 start viewer=b; @b 3 play; @b 5 sessionEnd; @b 6 ping"
    )
    assert rules(script) == {"wrong-path", "ping-after-end"}


def test_failed_start_that_was_sent_again_is_hint() -> None:
    assert rules("0 start status=500; @b 2 start; @b 2.5 play") == {"server-error"}
    assert rules("0 start status=500; @b 2 start viewer=b; @b 2.5 play") == {"start-lost"}
    made = calls("0 start status=500; @b 2 start; @b 2.5 play")
    for call in made[:2]:
        del call.value["params"]["media.id"]
    assert "start-lost" not in {finding.rule for session in audited(made) for finding in session.findings}


def test_last_of_failed_starts_is_start_lost() -> None:
    first, last = audited(calls("0 start status=500; @b 2 start status=503"))
    assert [(finding.rule, finding.level) for finding in first.findings] == [("server-error", "hint")]
    [finding] = last.findings
    assert (finding.rule, finding.level, finding.response) == ("start-lost", "warning", 503)
    assert "503" in finding.message


def _failures(script: str) -> AuditedSession:
    [session] = audited(calls(script))
    return session


def test_events_lost_from_four_events_and_half_of_them() -> None:
    good = "0 start; 0.5 play; pings 10 30 9.5;"
    [finding] = _failures(f"{good} pings 40 70 39.5 status=500").findings
    assert (finding.rule, finding.level, finding.count, finding.entries) == ("events-lost", "warning", 4, (6, 7, 8, 9))
    assert "4 of 8 events" in finding.message
    assert [f.rule for f in _failures(f"{good} pings 40 60 39.5 status=500").findings] == ["server-error"]
    assert [f.rule for f in _failures(f"{good} 35 ping 34.5; pings 40 70 39.5 status=500").findings] == ["server-error"]
    many = _failures("0 start; 0.5 play; pings 10 400 9.5 status=500").findings[0]
    assert (many.rule, many.count) == ("events-lost", 40)
    assert "40 of 41 events" in many.message


@pytest.mark.parametrize("no_id", NO_IDS)
def test_placeholder_session_id_is_flagged(no_id: str) -> None:
    assert is_placeholder_id(no_id)
    found = audit(_har(START_ENTRY, *_events(f"/api/v1/sessions/{no_id}/events")))
    started, lost = found.sessions
    assert started.findings == ()
    [finding] = lost.findings
    assert (finding.rule, finding.level, finding.count, lost.events) == ("no-session-id", "error", 4, 4)
    assert "no session id" in finding.message
    assert "201" in finding.ask
    assert found.exit_status == 1
