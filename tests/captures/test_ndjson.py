"""Logs: one JSON object a line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mctoolkit.captures import read_requests
from tests.captures.making import HOST, SESSIONS, SID, START, TS, entry, event, events_url, lines

PING = event()
LINE = {"at": TS, "url": events_url(), "status": 204, "elapsed_ms": 21.5, "body": PING}


def test_bare_bodies_follow_the_session_that_was_started_last() -> None:
    capture = read_requests(lines(PING, START, PING, START, PING))
    assert [(call.number, call.endpoint, call.session_key, call.matched) for call in capture] == [
        (1, "events", "#1", "order"),
        (2, "sessions", "#2", "none"),
        (3, "events", "#2", "order"),
        (4, "sessions", "#4", "none"),
        (5, "events", "#4", "order"),
    ]


def test_a_bare_body_keeps_its_bytes_and_has_no_time_of_sending_but_its_own() -> None:
    data = lines(PING) * 2
    first, _ = read_requests(data)
    assert first.raw == data.split(b"\n")[0]
    assert (first.at_ms, first.when_ms, first.host) == (None, TS + 10_000, "")


def test_a_line_around_a_body() -> None:
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
def test_the_names_of_other_logs(line: dict[str, Any]) -> None:
    (call,) = read_requests([line])
    assert (call.at_ms, call.session_id, call.status, call.value) == (TS, SID, 204, PING)


@pytest.mark.parametrize(
    "line",
    [
        {"timestamp": TS, "url": events_url(), "request": {"body": json.dumps(PING)}, "response": {"status": 204}},
        {"timestamp": TS, "request": {"url": events_url(), "body": PING}, "response": {"statusCode": "204"}},
        {"time": TS, "request": {"uri": events_url(), "payload": PING, "method": "POST"}, "response": {"status": 204}},
        {"url": events_url(), "body": PING, "status": 204, "request": {"at": TS}, "response": {"status": 500}},
    ],
)
def test_a_line_with_a_request_and_a_response_of_its_own(line: dict[str, Any]) -> None:
    capture = read_requests(lines(line, line))
    for call in capture:
        assert (call.at_ms, call.session_id, call.status, call.value) == (TS, SID, 204, PING)
    assert (capture.tally.calls, capture.tally.unreadable, capture.tally.without_body) == (2, 0, 0)


def test_a_start_gets_its_session_from_the_headers_of_its_response() -> None:
    came = {"status": 201, "headers": {"Location": f"/api/v1/sessions/{SID}"}}
    (call,) = read_requests([{"timestamp": TS, "url": SESSIONS, "request": {"body": START}, "response": came}])
    assert (call.endpoint, call.session_id, call.status) == ("sessions", SID, 201)


@pytest.mark.parametrize(
    ("line", "missing"),
    [
        ({"timestamp": TS, "request": {"text": "x"}, "response": {"status": 204}}, "neither a body nor a url"),
        ({"timestamp": TS, "request": {"body": {"a": 1}}}, "no url, and its body is no message of the API"),
        ({"level": "info"}, "lacks eventType and playerTime"),
        ([1, 2], "no object"),
    ],
)
def test_a_line_that_cannot_be_read_says_what_it_lacks_and_what_a_line_has(line: object, missing: str) -> None:
    capture = read_requests(lines(line if isinstance(line, dict) else LINE, line))
    list(capture)
    advice = " ".join(capture.tally.advice)
    assert missing in advice
    assert '"body": {"eventType": "ping", ...}}' in advice
    assert "HAR" not in advice


@pytest.mark.parametrize("named", [{"session": SID}, {"location": f"/api/v1/sessions/{SID}"}])
def test_a_start_gets_its_session_from_the_line(named: dict[str, str]) -> None:
    first, second = read_requests(lines({"at": TS, "url": SESSIONS, "status": 201, "body": START, **named}, LINE))
    assert first.session_key == second.session_key == SID


def test_lines_of_others_remarks_and_what_cannot_be_read_are_counted() -> None:
    data = lines(LINE, {"at": TS, "url": "https://www.example.com/x", "body": {"a": 1}})
    data += b'INFO started\n\n{"at": 1,}\n' + lines({"level": "info"}, [1, 2], LINE)
    capture = read_requests(data)
    assert [call.number for call in capture] == [1, 8]
    assert capture.tally.others == {"other": 2}
    assert [named.number for named in capture.tally.named] == [5, 6, 7]
    assert capture.tally.requests == 7


def test_a_last_line_that_is_cut_off_is_said_and_no_fault() -> None:
    capture = read_requests(lines(LINE, LINE)[:-20])
    assert len(list(capture)) == 1
    assert capture.tally.unreadable == 0
    assert "cut off at the end" in capture.advice[0]


def test_half_a_line_in_the_middle_is_named() -> None:
    capture = read_requests(lines(LINE) + lines(LINE)[:-20] + b"\n" + lines(LINE))
    assert [call.number for call in capture] == [1, 3]
    assert [named.number for named in capture.tally.named] == [2]


def test_a_log_that_begins_within_a_line_or_with_a_broken_one() -> None:
    for beginning in (lines(LINE)[30:], b'{"at": 1,}\n'):
        capture = read_requests(beginning + lines(LINE, LINE))
        assert [call.number for call in capture] == [2, 3]


def test_windows_line_ends_and_entries_of_a_har_as_lines() -> None:
    data = lines(LINE, entry(PING)).replace(b"\n", b"\r\n")
    assert [call.value for call in read_requests(data)] == [PING, PING]


def test_large_numbers_keep_their_digits() -> None:
    body = {**PING, "playerTime": {"playhead": 0, "ts": 10**25 + 1}}
    first, _ = read_requests(lines(body, body))
    assert first.value["playerTime"]["ts"] == 10**25 + 1


def test_a_line_that_is_too_long_is_one_unreadable_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("mctoolkit.captures.detect.LONGEST_LINE", 1000)
    monkeypatch.setattr("mctoolkit.captures.detect._CHUNK", 300)
    file = tmp_path / "a.ndjson"
    file.write_bytes(lines(LINE) + b'{"a": "' + b"x" * 5000 + b'"}\n' + lines(LINE))
    capture = read_requests(file)
    assert [call.number for call in capture] == [1, 3]
    assert capture.tally.named[0].number == 2


def test_a_number_of_the_original_is_kept() -> None:
    assert [call.number for call in read_requests(lines({**LINE, "entry": 77}, LINE))] == [77, 2]
