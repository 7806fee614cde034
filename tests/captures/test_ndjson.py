"""Logs with one JSON object per line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mctoolkit.captures import read_requests
from tests.captures.builders import HOST, SESSIONS, SID, START, TS, entry, event, events_url, lines

PING = event()
LINE = {"at": TS, "url": events_url(), "status": 204, "elapsed_ms": 21.5, "body": PING}


def test_bare_bodies_belong_to_latest_session() -> None:
    capture = read_requests(lines(PING, START, PING, START, PING))
    assert [(request.number, request.endpoint, request.session_key, request.matched) for request in capture] == [
        (1, "events", "#1", "order"),
        (2, "sessions", "#2", "none"),
        (3, "events", "#2", "order"),
        (4, "sessions", "#4", "none"),
        (5, "events", "#4", "order"),
    ]


def test_bare_body_keeps_bytes_and_uses_ts_as_time() -> None:
    data = lines(PING) * 2
    first, _ = read_requests(data)
    assert first.raw == data.split(b"\n")[0]
    assert (first.at_ms, first.when_ms, first.host) == (None, TS + 10_000, "")


def test_object_with_body() -> None:
    first, second = read_requests(lines(LINE, {**LINE, "body": json.dumps(PING), "at": "2017-10-26T19:15:24.153Z"}))
    assert (first.at_ms, first.status, first.elapsed_ms, first.host) == (TS, 204, 21.5, HOST)
    assert (first.session_id, first.secure, first.value) == (SID, True, PING)
    assert (second.at_ms, second.value, second.raw) == (TS, PING, json.dumps(PING).encode())


@pytest.mark.parametrize(
    "line",
    [
        {"timestamp": TS / 1000, "uri": events_url(), "status_code": "204", "payload": PING, "level": "info"},
        {"@timestamp": TS, "path": f"/api/v1/sessions/{SID}/events", "response_code": 204, "request_body": PING},
        {"time": TS, "session_id": SID, "status": 204, "body": PING},
        {"time": TS, "sid": f"/api/v1/sessions/{SID}", "status": 204, "body": PING, "url": ""},
    ],
)
def test_synonyms_of_member_names(line: dict[str, Any]) -> None:
    (request,) = read_requests([line])
    assert (request.at_ms, request.session_id, request.status, request.value) == (TS, SID, 204, PING)


@pytest.mark.parametrize(
    "line",
    [
        {"timestamp": TS, "url": events_url(), "request": {"body": json.dumps(PING)}, "response": {"status": 204}},
        {"timestamp": TS, "request": {"url": events_url(), "body": PING}, "response": {"statusCode": "204"}},
        {"time": TS, "request": {"uri": events_url(), "payload": PING, "method": "POST"}, "response": {"status": 204}},
        {"url": events_url(), "body": PING, "status": 204, "request": {"at": TS}, "response": {"status": 500}},
    ],
)
def test_members_inside_request_and_response(line: dict[str, Any]) -> None:
    capture = read_requests(lines(line, line))
    for request in capture:
        assert (request.at_ms, request.session_id, request.status, request.value) == (TS, SID, 204, PING)
    assert (capture.stats.api_requests, capture.stats.unreadable, capture.stats.without_body) == (2, 0, 0)


def test_session_id_from_response_headers() -> None:
    response = {"status": 201, "headers": {"Location": f"/api/v1/sessions/{SID}"}}
    (request,) = read_requests([{"timestamp": TS, "url": SESSIONS, "request": {"body": START}, "response": response}])
    assert (request.endpoint, request.session_id, request.status) == ("sessions", SID, 201)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ({"timestamp": TS, "request": {"text": "x"}, "response": {"status": 204}}, "neither body nor url"),
        ({"timestamp": TS, "request": {"body": {"a": 1}}}, "no url, and its body is not a body of the API"),
        ({"level": "info"}, "no eventType, no playerTime"),
        ([1, 2], "not a JSON object"),
    ],
)
def test_unreadable_line_has_reason_and_expected_format(line: object, reason: str) -> None:
    capture = read_requests(lines(line if isinstance(line, dict) else LINE, line))
    list(capture)
    advice = " ".join(capture.stats.advice)
    assert reason in advice
    assert '"body": {"eventType": "ping", ...}}' in advice
    assert "HAR" not in advice


@pytest.mark.parametrize("named", [{"session": SID}, {"location": f"/api/v1/sessions/{SID}"}])
def test_session_id_from_line(named: dict[str, str]) -> None:
    first, second = read_requests(lines({"at": TS, "url": SESSIONS, "status": 201, "body": START, **named}, LINE))
    assert first.session_key == second.session_key == SID


def test_other_and_unreadable_lines_are_counted() -> None:
    data = lines(LINE, {"at": TS, "url": "https://www.example.com/x", "body": {"a": 1}})
    data += b'INFO started\n\n{"at": 1,}\n' + lines({"level": "info"}, [1, 2], LINE)
    capture = read_requests(data)
    assert [request.number for request in capture] == [1, 8]
    assert capture.stats.others == {"other": 2}
    assert [entry.number for entry in capture.stats.unreadable_entries] == [5, 6, 7]
    assert capture.stats.requests == 7


def test_truncated_last_line_is_damage() -> None:
    capture = read_requests(lines(LINE, LINE)[:-20])
    assert len(list(capture)) == 1
    assert capture.stats.unreadable == 0
    assert "cut off at the end" in capture.advice[0]


def test_incomplete_line_in_the_middle_is_unreadable() -> None:
    capture = read_requests(lines(LINE) + lines(LINE)[:-20] + b"\n" + lines(LINE))
    assert [request.number for request in capture] == [1, 3]
    assert [entry.number for entry in capture.stats.unreadable_entries] == [2]


def test_broken_first_line_is_skipped() -> None:
    for beginning in (lines(LINE)[30:], b'{"at": 1,}\n'):
        capture = read_requests(beginning + lines(LINE, LINE))
        assert [request.number for request in capture] == [2, 3]


def test_crlf_and_har_entries_as_lines() -> None:
    data = lines(LINE, entry(PING)).replace(b"\n", b"\r\n")
    assert [request.value for request in read_requests(data)] == [PING, PING]


def test_large_numbers_keep_their_digits() -> None:
    body = {**PING, "playerTime": {"playhead": 0, "ts": 10**25 + 1}}
    first, _ = read_requests(lines(body, body))
    assert first.value["playerTime"]["ts"] == 10**25 + 1


def test_long_line_is_unreadable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("mctoolkit.captures.detect.MAX_LINE_BYTES", 1000)
    monkeypatch.setattr("mctoolkit.captures.detect._CHUNK_BYTES", 300)
    file = tmp_path / "a.ndjson"
    file.write_bytes(lines(LINE) + b'{"a": "' + b"x" * 5000 + b'"}\n' + lines(LINE))
    capture = read_requests(file)
    assert [request.number for request in capture] == [1, 3]
    assert capture.stats.unreadable_entries[0].number == 2


def test_entry_number_of_original_is_kept() -> None:
    assert [request.number for request in read_requests(lines({**LINE, "entry": 77}, LINE))] == [77, 2]
