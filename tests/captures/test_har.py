"""HAR: what each tool writes is read, and what is missing is not made up."""

from __future__ import annotations

import base64
import gzip
import json
import zlib
from pathlib import Path
from typing import Any

import pytest

from mctoolkit import InputError
from mctoolkit.captures import Capture, CaptureStats, read_requests
from mctoolkit.captures.har import moment_ms
from tests.captures.making import HOST, SESSIONS, SID, START, TS, entry, event, events_url, har, start

PING = event()
TEXT = json.dumps(PING)


def one(data: bytes) -> Any:
    (call,) = read_requests(data)
    return call


def other(**members: Any) -> dict[str, Any]:
    return entry(None, "https://cdn.example.com/1.ts", method="GET", status=200, **members)


def test_an_entry_becomes_a_call() -> None:
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
        },  # unpacked by its tool
    ],
)
def test_a_body_is_read_however_it_was_kept(request_members: dict[str, Any]) -> None:
    found = one(har(entry(request=request_members)))
    expected = {"a": "b=c"} if "b=c" in str(found.value) else PING
    assert found.value == expected
    assert found.has_body


def test_a_body_that_was_not_recorded_is_missing_and_an_empty_one_is_empty() -> None:
    capture = read_requests(har(entry(), entry(request={"bodySize": 0}), entry(request={"postData": {"text": ""}})))
    assert [call.has_body for call in capture] == [False, True, False]
    assert capture.tally.without_body == 2
    assert "2 requests without a body" in capture.advice[0]
    assert "DevTools" in capture.advice[0]


def test_a_body_of_which_the_tool_kept_only_the_beginning_is_no_fault_of_the_player() -> None:
    capture = read_requests(har(entry(TEXT[:40], request={"bodySize": len(TEXT)}), entry(TEXT[:40])))
    first, second = capture
    assert (first.has_body, second.has_body) == (False, True)
    assert second.value.reason == "end"
    assert capture.tally.short_bodies == 1


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
def test_the_time_of_an_entry(members: object, at_ms: int | None) -> None:
    assert one(har(entry(PING, at=members))).at_ms == at_ms


def test_a_time_without_a_zone_is_counted() -> None:
    tally = CaptureStats()
    assert moment_ms("2017-10-26T19:15:24.153", tally) == TS
    assert tally.no_zone == 1
    assert "no time zone" in tally.advice[0]


@pytest.mark.parametrize(
    ("members", "status"),
    [({"status": 0}, None), ({"status": -1}, None), ({"status": None}, None), ({"status": "204"}, None), ({}, 204)],
)
def test_a_request_without_a_response(members: dict[str, Any], status: int | None) -> None:
    capture = read_requests(har(entry(PING, response=members)))
    assert [call.status for call in capture] == [status]
    assert capture.tally.without_response == (status is None)


@pytest.mark.parametrize("where", ["header", "redirect", "absolute"])
def test_the_session_id_comes_from_the_location(where: str) -> None:
    made = start()
    if where == "redirect":
        made["response"].update(headers=[], redirectURL=f"/api/v1/sessions/{SID}")
    elif where == "absolute":
        made["response"]["headers"][0]["value"] = f"{SESSIONS}/{SID}"
    first, second = read_requests(har(made, entry(PING)))
    assert (first.endpoint, first.session_id, first.matched, second.matched) == ("sessions", SID, "location", "path")
    assert first.session_key == second.session_key == SID


def test_the_host_of_http_2_and_of_a_header() -> None:
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
        (SESSIONS, "OPTIONS", "preflight", "none of them"),
        ("https://www.example.com/api/v1/sessions", "POST", "other", "none of them"),
        ("http://[broken/sessions", "POST", "other", "none of them"),
    ],
)
def test_what_is_no_call_is_counted_by_its_kind_and_gets_the_next_click(
    url: str, method: str, kind: str, message: str
) -> None:
    capture = read_requests(har(entry({"user": "ann"}, url, method=method), entry({"user": "ann"}, url, method=method)))
    assert list(capture) == []
    assert capture.tally.others == {kind: 2}
    assert message in capture.advice[-1]


def test_connect_lines_need_no_advice_when_the_calls_are_there() -> None:
    capture = read_requests(har(entry(None, f"https://{HOST}", method="CONNECT"), entry(PING)))
    assert len(list(capture)) == 1
    assert capture.advice == ()


@pytest.mark.parametrize(
    ("url", "endpoint"),
    [
        ("https://media.example.com/mc/api/v1/sessions", "sessions"),  # a first-party domain
        ("http://127.0.0.1:8765/api/v1/sessions", "sessions"),
        ("https://omroep.hb.omtrdc.net/api/v1/sessions", "sessions"),  # the wrong host, to be found by the audit
        (f"https://{HOST}/api/v1/downloaded", "downloaded"),
        (f"https://{HOST}/sessions", "other"),
    ],
)
def test_calls_on_other_hosts_and_paths(url: str, endpoint: str) -> None:
    assert one(har(entry(START, url))).endpoint == endpoint


def test_an_event_on_any_host_is_known_by_its_path_also_without_its_body() -> None:
    assert one(har(entry(None, "https://media.example.com/api/v1/sessions/7f3a/events"))).session_id == "7f3a"


def test_a_start_on_the_old_host_is_a_call_also_without_its_body() -> None:
    assert one(har(entry(None, "https://omroep.hb.omtrdc.net/api/v1/sessions"))).endpoint == "sessions"


def test_a_batch_keeps_its_list() -> None:
    assert one(har(entry([START, PING], SESSIONS))).value == [START, PING]


@pytest.mark.parametrize("mark", [b"\xef\xbb\xbf", "utf-16"])
def test_marks_and_wide_letters(mark: Any) -> None:
    data = har(entry(PING))
    data = data.decode().encode("utf-16") if mark == "utf-16" else mark + data
    assert one(data).value == PING


def test_gzip_of_one_and_of_several_members_and_cut_off(tmp_path: Path) -> None:
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


def test_a_file_that_is_cut_off_gives_what_is_whole() -> None:
    data = har(start(), entry(PING), entry(PING))
    capture = read_requests(data[:-40])
    assert len(list(capture)) == 2
    assert capture.advice == ("The file is cut off at the end: 2 requests are whole and were read.",)


def test_one_broken_entry_costs_that_entry_alone() -> None:
    data = har(entry(PING), entry(PING), entry(PING)).replace(b'"time": 21', b'"time": 21,,', 2).replace(b",,", b"", 1)
    capture = read_requests(data)
    assert [call.number for call in capture] == [1, 3]
    assert (capture.tally.unreadable, capture.tally.named[0].number) == (1, 2)
    assert "entry 2: this is no JSON" in capture.advice[0]


def test_nan_and_bytes_that_are_no_letters_cost_nothing() -> None:
    data = (
        har(entry(PING, url=events_url("caf"))).replace(b'"time": 21', b'"time": NaN').replace(b"/caf/", b"/caf\xff/")
    )
    assert one(data).value == PING


def test_members_in_any_order_and_brackets_in_texts() -> None:
    plain = json.loads(har(entry(PING), other(response={"content": {"text": '}]"\\"{["\\'}}), entry(PING)))
    plain["log"]["comment"] = '"entries": [ ]'
    turned = {"a": {"entries": 3}, "log": dict(reversed(plain["log"].items()))}
    assert [call.number for call in read_requests(json.dumps(turned).encode())] == [1, 3]
    assert [call.number for call in read_requests(json.dumps(turned, indent=4).encode())] == [1, 3]


def test_a_bare_list_of_entries_or_bodies_and_a_single_body() -> None:
    assert len(list(read_requests(json.dumps([entry(PING), PING], indent=1)))) == 2
    assert one(json.dumps(PING, indent=2).encode()).value == PING


def test_a_body_that_speaks_of_an_address_is_no_entry() -> None:
    body = {**START, "customMetadata": {"url": "https://www.example.com"}}
    assert [call.value for call in read_requests(json.dumps([body, body]))] == [body, body]


def test_each_pass_reads_anew() -> None:
    capture = Capture.of(har(entry(PING)))
    assert [len(list(capture)), len(list(capture)), capture.tally.calls] == [1, 1, 1]


@pytest.mark.parametrize(
    "data",
    [b'{"log": {"version": "1.2"}}', b'{"a": 1}', b'{"log": [', b'{"log": {"entries": {}}}', b"{}", b"{", b'{"a'],
)
def test_json_that_is_no_har_is_refused_in_a_sentence(data: bytes) -> None:
    with pytest.raises(InputError, match=r"no HAR|is no JSON|cut off before"):
        list(read_requests(data))


def test_an_empty_har_has_its_advice() -> None:
    capture = read_requests(har())
    assert list(capture) == []
    assert capture.tally.summary == "0 requests: 0 to the Media Collection API."
    assert "Preserve log" in capture.advice[0]


def test_a_request_that_was_blocked_is_told_from_one_of_which_no_response_is_kept(tmp_path: Path) -> None:
    def answered(response: dict[str, object]) -> dict[str, object]:
        url = "https://company.hb-api.omtrdc.net/api/v1/sessions"
        request = {"method": "POST", "url": url, "headers": [], "postData": {"text": '{"eventType": "sessionStart"}'}}
        return {"startedDateTime": "2026-11-23T08:00:00Z", "request": request, "response": response}

    path = tmp_path / "blocked.har"
    entries = [answered({"status": 0}), answered({}), answered({"status": 400})]
    path.write_text(json.dumps({"log": {"entries": entries}}), encoding="utf-8")
    assert [(call.status, call.without_response) for call in read_requests(path)] == [
        (None, True),
        (None, False),
        (400, False),
    ]
