"""HAR: the variants of recording tools, and missing data."""

from __future__ import annotations

import base64
import gzip
import json
import zlib
from pathlib import Path
from typing import Any

import pytest

from mctoolkit import InputError
from mctoolkit.captures import CaptureStats, read_requests
from mctoolkit.captures.har import parse_time_ms
from tests.captures.builders import HOST, SESSIONS, SID, START, TS, entry, event, events_url, har, start

PING = event()
TEXT = json.dumps(PING)


def one(data: bytes) -> Any:
    (request,) = read_requests(data)
    return request


def other(**members: Any) -> dict[str, Any]:
    return entry(None, "https://cdn.example.com/1.ts", method="GET", status=200, **members)


def test_entry_is_parsed() -> None:
    found = one(har(other(), entry(PING)))
    assert (found.number, found.endpoint, found.session_id, found.session_key) == (2, "events", SID, SID)
    assert (found.at_ms, found.status, found.host, found.secure, found.elapsed_ms) == (TS, 204, HOST, True, 21)
    assert (found.value, found.raw) == (PING, TEXT.encode())


@pytest.mark.parametrize(
    "request_members",
    [
        {"postData": {"text": base64.b64encode(TEXT.encode()).decode(), "encoding": "base64"}},
        {"postData": {"text": base64.b64encode(TEXT.encode()).decode().rstrip("="), "_encoding": "base64"}},
        {"postData": {"mimeType": "application/x-www-form-urlencoded", "params": [{"name": TEXT, "value": ""}]}},
        {"postData": {"params": [{"name": '{"a":"b', "value": 'c"}'}]}},
        {"postData": {"text": PING}},
        {
            "postData": {"text": base64.b64encode(gzip.compress(TEXT.encode())).decode(), "encoding": "base64"},
            "headers": [{"name": "Content-Encoding", "value": "gzip"}],
        },
        {
            "postData": {"text": base64.b64encode(zlib.compress(TEXT.encode())).decode(), "encoding": "base64"},
            "headers": [{"name": "content-encoding", "value": "deflate"}],
        },
        {
            "postData": {"text": TEXT},
            "headers": [{"name": "Content-Encoding", "value": "gzip"}],
        },  # recorded decompressed
    ],
)
def test_body_encodings(request_members: dict[str, Any]) -> None:
    found = one(har(entry(request=request_members)))
    expected = {"a": "b=c"} if "b=c" in str(found.value) else PING
    assert found.value == expected
    assert found.has_body


def test_missing_body_differs_from_empty_body() -> None:
    capture = read_requests(har(entry(), entry(request={"bodySize": 0}), entry(request={"postData": {"text": ""}})))
    assert [request.has_body for request in capture] == [False, True, False]
    assert capture.stats.without_body == 2
    assert "2 requests have no body" in capture.advice[0]
    assert "DevTools" in capture.advice[0]


def test_body_cut_by_tool_counts_as_missing() -> None:
    capture = read_requests(har(entry(TEXT[:40], request={"bodySize": len(TEXT)}), entry(TEXT[:40])))
    first, second = capture
    assert (first.has_body, second.has_body) == (False, True)
    assert second.value.reason == "end"
    assert capture.stats.short_bodies == 1


@pytest.mark.parametrize(
    ("members", "at_ms"),
    [
        ("2017-10-26T19:15:24.153Z", TS),
        ("2017-10-26T21:15:24.1530000+02:00", TS),
        ("2017-10-26T21:15:24.153123456+02:00", TS),
        ("2017-10-26T19:15:24.153", TS),
        ("yesterday", None),
        (None, None),
        (10**30, None),
        (True, None),
        ("9999-99-99T00:00:00Z", None),
        ("0001-01-01T00:00:00+23:59", None),
    ],
)
def test_entry_time_formats(members: object, at_ms: int | None) -> None:
    assert one(har(entry(PING, at=members))).at_ms == at_ms


def test_time_without_zone_is_counted() -> None:
    stats = CaptureStats()
    assert parse_time_ms("2017-10-26T19:15:24.153", stats) == TS
    assert stats.without_zone == 1
    assert "no time zone" in stats.advice[0]


@pytest.mark.parametrize(
    ("members", "status"),
    [({"status": 0}, None), ({"status": -1}, None), ({"status": None}, None), ({"status": "204"}, None), ({}, 204)],
)
def test_entry_without_response(members: dict[str, Any], status: int | None) -> None:
    capture = read_requests(har(entry(PING, response=members)))
    assert [request.status for request in capture] == [status]


@pytest.mark.parametrize("where", ["header", "redirect", "absolute"])
def test_session_id_is_read_from_location(where: str) -> None:
    made = start()
    if where == "redirect":
        made["response"].update(headers=[], redirectURL=f"/api/v1/sessions/{SID}")
    elif where == "absolute":
        made["response"]["headers"][0]["value"] = f"{SESSIONS}/{SID}"
    first, second = read_requests(har(made, entry(PING)))
    assert (first.endpoint, first.session_id, first.matched, second.matched) == ("sessions", SID, "location", "path")
    assert first.session_key == second.session_key == SID


def test_host_is_read_from_header() -> None:
    path = f"/api/v1/sessions/{SID}/events"
    for name in (":authority", "Host"):
        found = one(har(entry(PING, path, request={"headers": [{"name": name, "value": f"{HOST}:443"}]})))
        assert (found.host, found.session_id, found.secure) == (HOST, SID, None)


@pytest.mark.parametrize(
    ("url", "method", "kind", "message"),
    [
        (f"https://{HOST}:443", "CONNECT", "connect", "SSL Proxying Settings"),
        (f"{HOST}:443", "CONNECT", "connect", "SSL Proxying Settings"),
        ("https://omroep.hb.omtrdc.net/?s:event:type=play", "GET", "heartbeat", "older heartbeat protocol"),
        ("https://edge.adobedc.net/ee/va/v1/sessionStart?configId=1", "POST", "edge", "Media Edge API"),
        ("https://company.data.adobedc.net/ee/irl1/va/v1/ping", "POST", "edge", "Media Edge API"),
        (SESSIONS, "OPTIONS", "preflight", "none of them to the Media"),
        ("https://www.example.com/api/v1/sessions", "POST", "other", "none of them to the Media"),
        ("http://[broken/sessions", "POST", "other", "none of them to the Media"),
    ],
)
def test_other_protocols_are_counted_with_advice(url: str, method: str, kind: str, message: str) -> None:
    capture = read_requests(har(entry({"user": "ann"}, url, method=method), entry({"user": "ann"}, url, method=method)))
    assert list(capture) == []
    assert capture.stats.others == {kind: 2}
    assert message in capture.advice[-1]


def test_connect_needs_no_advice_beside_api_requests() -> None:
    capture = read_requests(har(entry(None, f"https://{HOST}", method="CONNECT"), entry(PING)))
    assert len(list(capture)) == 1
    assert capture.advice == ()


@pytest.mark.parametrize(
    ("url", "endpoint"),
    [
        ("https://media.example.com/mc/api/v1/sessions", "sessions"),  # a first-party domain
        ("http://127.0.0.1:8765/api/v1/sessions", "sessions"),
        ("https://omroep.hb.omtrdc.net/api/v1/sessions", "sessions"),  # the audit reports the wrong host
        (f"https://{HOST}/api/v1/downloaded", "downloaded"),
        (f"https://{HOST}/sessions", "other"),
    ],
)
def test_endpoint_on_other_hosts_and_paths(url: str, endpoint: str) -> None:
    assert one(har(entry(START, url))).endpoint == endpoint


def test_event_path_is_enough_without_body() -> None:
    assert one(har(entry(None, "https://media.example.com/api/v1/sessions/7f3a/events"))).session_id == "7f3a"


def test_start_on_old_host_is_enough_without_body() -> None:
    assert one(har(entry(None, "https://omroep.hb.omtrdc.net/api/v1/sessions"))).endpoint == "sessions"


def test_batch_is_a_list() -> None:
    assert one(har(entry([START, PING], SESSIONS))).value == [START, PING]


@pytest.mark.parametrize("mark", [b"\xef\xbb\xbf", "utf-16"])
def test_byte_order_marks_and_utf_16(mark: Any) -> None:
    data = har(entry(PING))
    data = data.decode().encode("utf-16") if mark == "utf-16" else mark + data
    assert one(data).value == PING


def test_gzip_members_and_truncation(tmp_path: Path) -> None:
    data = har(*[entry(event(after_ms=10_000 * n)) for n in range(500)])
    whole = tmp_path / "whole.har.gz"
    whole.write_bytes(gzip.compress(data))
    assert len(list(read_requests(whole))) == 500
    whole.write_bytes(gzip.compress(data[:5000]) + gzip.compress(data[5000:]))
    assert len(list(read_requests(whole))) == 500
    packed = gzip.compress(data)
    whole.write_bytes(packed[: len(packed) // 2])
    capture = read_requests(whole)
    assert 0 < len(list(capture)) < 500
    assert "cut off" in capture.advice[0]


def test_truncated_file_yields_complete_entries() -> None:
    data = har(start(), entry(PING), entry(PING))
    capture = read_requests(data[:-40])
    assert len(list(capture)) == 2
    assert capture.advice == ("The file is cut off at the end: 2 complete requests were read.",)


def test_broken_entry_does_not_affect_others() -> None:
    data = har(entry(PING), entry(PING), entry(PING)).replace(b'"time": 21', b'"time": 21,,', 2).replace(b",,", b"", 1)
    capture = read_requests(data)
    assert [request.number for request in capture] == [1, 3]
    assert (capture.stats.unreadable, capture.stats.unreadable_entries[0].number) == (1, 2)
    assert "entry 2: not valid JSON" in capture.advice[0]


def test_nan_and_invalid_utf_8_are_accepted() -> None:
    data = (
        har(entry(PING, url=events_url("caf"))).replace(b'"time": 21', b'"time": NaN').replace(b"/caf/", b"/caf\xff/")
    )
    assert one(data).value == PING


def test_member_order_and_brackets_in_strings() -> None:
    plain = json.loads(har(entry(PING), other(response={"content": {"text": '}]"\\"{["\\'}}), entry(PING)))
    plain["log"]["comment"] = '"entries": [ ]'
    turned = {"a": {"entries": 3}, "log": dict(reversed(plain["log"].items()))}
    assert [request.number for request in read_requests(json.dumps(turned).encode())] == [1, 3]
    assert [request.number for request in read_requests(json.dumps(turned, indent=4).encode())] == [1, 3]


def test_list_of_entries_and_single_body() -> None:
    assert len(list(read_requests(json.dumps([entry(PING), PING], indent=1)))) == 2
    assert one(json.dumps(PING, indent=2).encode()).value == PING


def test_body_with_url_member_is_not_an_entry() -> None:
    body = {**START, "customMetadata": {"url": "https://www.example.com"}}
    assert [request.value for request in read_requests(json.dumps([body, body]))] == [body, body]


def test_each_iteration_reads_again() -> None:
    capture = read_requests(har(entry(PING)))
    assert [len(list(capture)), len(list(capture)), capture.stats.api_requests] == [1, 1, 1]


@pytest.mark.parametrize(
    "data",
    [b'{"log": {"version": "1.2"}}', b'{"a": 1}', b'{"log": [', b'{"log": {"entries": {}}}', b"{}", b"{", b'{"a'],
)
def test_other_json_is_rejected(data: bytes) -> None:
    with pytest.raises(InputError, match=r"neither a HAR|not valid JSON|cut off before"):
        list(read_requests(data))


def test_empty_har_has_advice() -> None:
    capture = read_requests(har())
    assert list(capture) == []
    assert capture.stats.summary == "0 requests: 0 to the Media Collection API."
    assert "Preserve log" in capture.advice[0]


def test_blocked_request_differs_from_missing_response(tmp_path: Path) -> None:
    def with_response(response: dict[str, object]) -> dict[str, object]:
        url = "https://company.hb-api.omtrdc.net/api/v1/sessions"
        request = {"method": "POST", "url": url, "headers": [], "postData": {"text": '{"eventType": "sessionStart"}'}}
        return {"startedDateTime": "2026-11-23T08:00:00Z", "request": request, "response": response}

    path = tmp_path / "blocked.har"
    entries = [with_response({"status": 0}), with_response({}), with_response({"status": 400})]
    path.write_text(json.dumps({"log": {"entries": entries}}), encoding="utf-8")
    assert [(request.status, request.without_response) for request in read_requests(path)] == [
        (None, True),
        (None, False),
        (400, False),
    ]
