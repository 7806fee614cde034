"""read_requests: every kind of argument, and the messages for what cannot be read."""

from __future__ import annotations

import copy
import gzip
import json
import random
from pathlib import Path
from typing import Any

import pytest

from mctoolkit import Event, InputError, Journal, MctoolkitError, UsageError
from mctoolkit.captures import read_requests
from mctoolkit.models.captured_request import NO_BODY, CapturedRequest
from mctoolkit.models.exchange import Exchange, Failure, Request, Response
from tests.captures.builders import HOST, SESSIONS, SID, START, TS, entry, event, events_url, har, lines, start

PING = event()


def exchange(url: str = SESSIONS, response: Response | None = None) -> Exchange:
    return Exchange(
        HOST, Request("POST", url, (), b'{"a": 1}'), response, None if response else Failure("cut"), TS, 4.0
    )


STARTED = Response(201, "Created", (("Location", f"/api/v1/sessions/{SID}"),), b"")


def test_exchanges_journal_and_object_with_exchanges() -> None:
    exchanges_sent = [exchange(response=STARTED), exchange(events_url(), Response(204, "", (), b"")), exchange()]

    class Box:
        exchanges = exchanges_sent

    with Journal(":memory:") as journal:
        for each in exchanges_sent:
            journal.append(each)
        for origin in (exchanges_sent, journal, Box()):
            found = list(read_requests(origin))
            assert [(request.number, request.endpoint, request.status) for request in found] == [
                (1, "sessions", 201),
                (2, "events", 204),
                (3, "sessions", None),
            ]
            assert [request.session_key for request in found] == [SID, SID, "#3"]
            assert found[0].raw == b'{"a": 1}'


def test_long_journal_is_read_in_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mctoolkit.captures.reader._PAGE_SIZE", 3)
    with Journal(":memory:") as journal:
        for _ in range(8):
            journal.append(exchange())
        assert [request.number for request in read_requests(journal)] == list(range(1, 9))


def test_bodies_events_and_captured_requests() -> None:
    ready = CapturedRequest(9, "events", PING)
    assert [request.number for request in read_requests([PING, Event(PING), ready, {"a": 1}])] == [1, 2, 9]
    assert next(iter(read_requests(PING))).event_type == "ping"


def test_folder_list_of_files_and_pattern(tmp_path: Path) -> None:
    (tmp_path / "b.har").write_bytes(har(start()))
    (tmp_path / "a.ndjson.gz").write_bytes(gzip.compress(lines({"url": events_url(), "body": PING}, PING)))
    (tmp_path / "notes.docx").write_bytes(b"x")
    for origin in (tmp_path, str(tmp_path / "*[zr]"), [tmp_path / "a.ndjson.gz", str(tmp_path / "b.har")]):
        capture = read_requests(origin)
        assert [(request.source, request.number) for request in capture] == [
            ("a.ndjson.gz", 1),
            ("a.ndjson.gz", 2),
            ("b.har", 1),
        ]
        assert capture.stats.summary.startswith("2 files, 3 requests: 3 to")
        assert [path.name for path in capture.paths] == ["a.ndjson.gz", "b.har"]


def test_readable_files_among_several_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.har").write_bytes(b"PK\x03\x04")
    (tmp_path / "b.har").write_bytes(har(start(), entry("x")))
    (tmp_path / "c.har").write_bytes(har(start(), entry(PING))[:-60])
    capture = read_requests(tmp_path)
    assert len(list(capture)) == 3
    assert [sentence.split(" ")[0] for sentence in capture.advice] == ["a.har", "c.har"]
    (tmp_path / "b.har").write_bytes(b"")
    (tmp_path / "c.har").unlink()
    with pytest.raises(InputError, match=r"(?s)a\.har is a zip.*b\.har is empty"):
        list(read_requests(tmp_path))


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.chls", b"\xac\xed\x00\x05", "File > Export Session > HTTP Archive"),
        ("a.chlz", b"PK\x03\x04", "File > Export Session > HTTP Archive"),
        ("a.har", b"\xac\xed\x00\x05", "Charles session"),
        ("a.zip", b"PK\x03\x04...", "Unpack it and"),
        ("a.saz", b"PK\x03\x04...", "Fiddler"),
        ("a.xlsx", b"PK\x03\x04...", "not a supported capture"),
        ("a.pcap", b"anything", "network packets"),
        ("a.har", b"\x0a\x0d\x0d\x0a\x1c\x00\x00\x00", "network packets"),
        ("a.har", b"\xd4\xc3\xb2\xa1\x02\x00", "network packets"),
        ("a.har", b"", "is empty"),
        ("a.har", b" \n \r\n", "is empty"),
        ("a.har", b"\n<!DOCTYPE html><html><title>Log in", "web page"),
        ("a.har", b"<?xml version='1.0'?><charles-session>", "XML"),
        ("a.har", b"%PDF-1.7", "not a supported capture"),
        ("a.har", b"\x89PNG\r\n", "not a supported capture"),
        ("a.har", b"SQLite format 3\x00", "Journal"),
        ("flows", b"1234:7:version;2:21#4:mode;7:regular;", "hardump"),
        ("a.har", b'{"openapi": "3.1.0"}', "neither a HAR"),
        ("a.har", b"just some words", "not a supported capture"),
        ("a.har.gz", b"\x1f\x8b\x08\x00broken", "damaged"),
    ],
)
def test_unsupported_file_is_rejected_with_next_step(tmp_path: Path, name: str, data: bytes, message: str) -> None:
    file = tmp_path / name
    file.write_bytes(data)
    with pytest.raises(InputError, match=message):
        list(read_requests(file))


def test_missing_files(tmp_path: Path) -> None:
    (tmp_path / "player.har").write_bytes(har())
    with pytest.raises(InputError, match=r"Did you mean .*player\.har"):
        read_requests(tmp_path / "playr.har")
    with pytest.raises(InputError, match="There is no file"):
        read_requests(str(tmp_path / "nowhere" / "x.har"))
    with pytest.raises(InputError, match="No file matches"):
        read_requests(str(tmp_path / "*.log"))
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="no capture in the folder"):
        read_requests(tmp_path / "empty")
    for name in ("a\0b", "x" * 10_000, "x" * 300):
        with pytest.raises(InputError, match="Cannot read"):
            read_requests(name)


@pytest.mark.parametrize("origin", [3, None, [], object()])
def test_unsupported_argument_raises_usage_error(origin: Any) -> None:
    with pytest.raises(UsageError):
        read_requests(origin)


@pytest.mark.parametrize("text", ["", " \n"])
def test_empty_text_is_rejected(text: str) -> None:
    with pytest.raises(InputError, match="the text is empty"):
        list(read_requests(text))


def test_captured_request_without_body_or_response() -> None:
    bare = CapturedRequest(1, "events", NO_BODY)
    assert (bare.has_body, bare.body, bare.has_response, bare.event_type, bare.ts_ms) == (
        False,
        None,
        False,
        None,
        None,
    )
    assert bare.to_exchange().failure == Failure("other")
    assert CapturedRequest(1, "events", NO_BODY, b"").has_body
    refused = CapturedRequest(2, "events", PING, status=410, response_body=b'{"message": "x"}').to_exchange()
    assert refused.response is not None
    assert (refused.status, refused.response.message, refused.event.type) == (410, "x", "ping")


ODD = [None, True, -1, 0, 10**40, 1e308, "", "x" * 50, [], {}, [None], {"name": 3}, [{"name": None}], "\ud800", "\0"]


def _corrupt_value(value: Any, chance: random.Random) -> Any:
    """Return a JSON value with one member replaced or removed."""
    if isinstance(value, dict) and value and chance.random() < 0.85:
        key = chance.choice(list(value))
        if chance.random() < 0.1:
            return {name: member for name, member in value.items() if name != key}
        return {**value, key: _corrupt_value(value[key], chance)}
    if isinstance(value, list) and value and chance.random() < 0.85:
        at = chance.randrange(len(value))
        return [*value[:at], _corrupt_value(value[at], chance), *value[at + 1 :]]
    return chance.choice(ODD)


def _corrupt_bytes(data: bytes, chance: random.Random) -> bytes:
    corrupted = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(corrupted) or 1)
        corrupted = corrupted or bytearray(b"x")
        kind = chance.random()
        if kind < 0.5:
            corrupted[at] = chance.randrange(256)
        elif kind < 0.7:
            del corrupted[at : at + chance.randint(1, 30)]
        else:
            corrupted[at:at] = chance.choice([b'"', b"{", b"]", b"\\", b"\xff\xfe", b"9" * 400, b"[" * 300, b"1e999"])
    return bytes(corrupted)


@pytest.mark.parametrize("seed", range(8))
def test_corrupted_files_raise_only_mctoolkit_errors(seed: int, tmp_path: Path) -> None:
    import json

    chance = random.Random(seed)
    document = json.loads(har(start(), entry(PING, request={"headers": [{"name": "Host", "value": HOST}]}), entry()))
    line = {"at": TS, "url": events_url(), "status": 204, "session": SID, "location": "/a", "body": PING}
    curl = f"curl '{SESSIONS}' \\\n  -H 'A: b' --data-raw $'{{\\'a\\'}}' ; printf '\\173' | curl x --data-binary @-\n"
    for _ in range(60):
        corrupted = json.dumps(_corrupt_value(document, chance)).encode()
        several = lines(*[_corrupt_value(line, chance) for _ in range(4)])
        cases = [
            corrupted,
            several,
            _corrupt_bytes(corrupted, chance),
            _corrupt_bytes(several, chance),
            corrupted[: chance.randrange(len(corrupted))],
        ]
        cases += [_corrupt_bytes(curl.encode(), chance), _corrupt_bytes(gzip.compress(corrupted, mtime=0), chance)]
        for number, case in enumerate(cases):
            file = tmp_path / f"{number}.har"
            file.write_bytes(case)
            for origin in (file, case):
                try:
                    capture = read_requests(origin)
                    for request in capture:
                        _ = (request.body, request.event_type, request.when_ms, request.to_exchange(), repr(request))
                    assert capture.stats.requests >= capture.stats.api_requests
                    assert str(capture.stats)
                except MctoolkitError:
                    pass


def test_list_of_downloaded_events_is_one_body(tmp_path: Path) -> None:
    begin: dict[str, Any] = copy.deepcopy(START)
    begin["params"]["media.downloaded"] = True
    whole: list[Any] = [begin, event(), event("sessionComplete", 60_000)]
    file = tmp_path / "downloaded.ndjson"
    for text in (json.dumps(whole), json.dumps(whole, indent=1)):
        file.write_text(text)
        capture = read_requests(file, file)
        found = list(capture)
        assert [(request.endpoint, request.value) for request in found] == [("downloaded", whole)] * 2
        assert capture.stats.requests == 2
    whole[0]["params"]["media.downloaded"] = False
    file.write_text(json.dumps(whole))
    assert [request.endpoint for request in read_requests(file)] == ["sessions", "events", "events"]
