"""POST /api/v1/sessions: the bytes of the response against the documented one."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from mctoolkit import validate
from mctoolkit._core.clocks import ManualClock
from mctoolkit.sandbox import Sandbox

# The response in Adobe's page "Sessions request".
DOCUMENTED = """\
HTTP/1.1 201 Created
Server: nginx/1.13.5
Date: Wed, 06 Dec 2017 19:14:51 GMT
Content-Type: application/octet-stream
Content-Length: 0
Location: /api/v1/sessions/bfcca2ca597a3c71bc03b4ce357833ad02b3570d262ecd0c595fcf8f2ae4df58
Access-Control-Allow-Origin: *
Access-Control-Allow-Methods: OPTIONS,POST,PUT
Access-Control-Allow-Headers: Content-Type
Access-Control-Expose-Headers: Location
Age: 0
Via: 1.1 wsg.sanjose08
"""

# The sandbox names itself in place of Adobe's servers.
REPLACED = {"Server": "mctoolkit-sandbox", "Via": "1.1 mctoolkit-sandbox"}

DOCUMENTED_MOMENT_MS = 1_512_587_691_000
DOCUMENTED_ID = "bfcca2ca597a3c71bc03b4ce357833ad02b3570d262ecd0c595fcf8f2ae4df58"

# The request in the same page, without the ellipsis and the placeholders in qoeData.
SAMPLE: dict[str, Any] = {
    "playerTime": {"playhead": 0, "ts": 1509045324153},
    "eventType": "sessionStart",
    "params": {
        "media.playerName": "sample-html5-api-player",
        "analytics.trackingServer": "<your-aa-tracking-server>",
        "analytics.reportSuite": "<your-aa-rsid>",
        "analytics.visitorId": "<your-userId>",
        "media.contentType": "VOD",
        "media.length": 60.39333333333333,
        "media.id": "MA API Sample Player",
        "visitor.marketingCloudOrgId": "<your-org-id>",
        "media.name": "ClickMe",
        "media.channel": "sample-channel",
        "media.sdkVersion": "va-api-0.0.0",
        "analytics.enableSSL": False,
    },
    "customMetadata": {"myCustomData": "<your metadata>", "myCustomData2": "<your metadata>"},
}


def sample(*without: str, **members: Any) -> bytes:
    """Return the documented body, with members replaced and params removed."""
    body = {**SAMPLE, **members}
    if without:
        body["params"] = {key: value for key, value in body["params"].items() if key not in without}
    return json.dumps(body).encode()


def params(**changed: Any) -> dict[str, Any]:
    return {**SAMPLE["params"], **{key.replace("__", "."): value for key, value in changed.items()}}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(clock=ManualClock(DOCUMENTED_MOMENT_MS), ids=lambda: DOCUMENTED_ID) as running:
        yield running


def post(sandbox: Sandbox, body: bytes, *headers: str) -> tuple[str, list[tuple[str, str]], bytes]:
    """Post over a socket; return the status line, the headers in order and spelling, and the body."""
    head = [
        "POST /api/v1/sessions HTTP/1.1",
        f"Host: 127.0.0.1:{sandbox.port}",
        f"Content-Length: {len(body)}",
        *headers,
        "",
        "",
    ]
    with socket.create_connection(("127.0.0.1", sandbox.port), timeout=30) as wire:
        wire.sendall("\r\n".join(head).encode() + body)
        received = b""
        while b"\r\n\r\n" not in received:
            received += more(wire)
        response_head, _, response_body = received.partition(b"\r\n\r\n")
        lines = response_head.decode("ascii").split("\r\n")
        fields = [(name, value) for name, _, value in (line.partition(": ") for line in lines[1:])]
        length = int(dict(fields)["Content-Length"])
        while len(response_body) < length:
            response_body += more(wire)
        return lines[0], fields, response_body


def more(wire: socket.socket) -> bytes:
    received = wire.recv(65536)
    assert received, "the sandbox closed the connection before its response was complete"
    return received


def test_201_equals_the_documented_one(sandbox: Sandbox) -> None:
    status, headers, body = post(sandbox, sample(), "Content-Type: application/json")
    documented_status, *documented = DOCUMENTED.splitlines()
    assert status == documented_status
    expected = [(name, REPLACED.get(name, value)) for name, _, value in (line.partition(": ") for line in documented)]
    assert headers == expected
    assert body == b""


# How known clients read the session id from Location.
CLIENTS: dict[str, Callable[[str], str]] = {
    "Adobe JS and Chromecast SDK": lambda location: location.split("/")[4],
    "Adobe iOS and Android SDK": lambda location: re.findall(r"^/api/(.*)/sessions/(.*)", location)[0][1],
    "reference player": lambda location: re.findall(r"^/api/(.*)/(.*)", location)[0][1],
    "last part": lambda location: location.rsplit("/sessions/", 1)[-1],
    "strip and append /events": lambda location: location.strip("/").split("/")[-1],
}


@pytest.mark.parametrize("client", CLIENTS)
def test_known_clients_find_the_session_id(sandbox: Sandbox, client: str) -> None:
    _, headers, _ = post(sandbox, sample())
    assert CLIENTS[client](dict(headers)["Location"]) == DOCUMENTED_ID


@pytest.mark.parametrize(
    "header",
    [
        "Content-Type: application/json",
        "Content-type: application/json; charset=utf-8",
        "Content-Type: application/x-www-form-urlencoded",  # the documented curl command sends this
        "Content-Type: multipart/form-data",
        "Content-Type: image/png",
        "X-Nothing: no Content-Type",
    ],
)
def test_content_type_is_ignored(sandbox: Sandbox, header: str) -> None:
    assert post(sandbox, sample(), header)[0] == "HTTP/1.1 201 Created"
    assert post(sandbox, b"a=1&b=2", header)[0] == "HTTP/1.1 400 Bad Request"


VALID = {
    "as documented": sample(),
    "only required keys": sample(
        "media.name", "media.sdkVersion", "analytics.visitorId", "analytics.enableSSL", customMetadata={}
    ),
    "without customMetadata": json.dumps({k: v for k, v in SAMPLE.items() if k != "customMetadata"}).encode(),
    "surrounding spaces": b" \r\n" + sample() + b"\n",
    "non-ASCII text": sample(params=params(media__name="мểŧẳđαţả 🎬")),
    "a hint: playhead beyond the length": sample(playerTime={"playhead": 3600, "ts": 1509045324153}),
    "a hint: ts in seconds": sample(playerTime={"playhead": 0, "ts": 1509045324}),
    "a hint: length 0": sample(params=params(media__length=0)),
    "a hint: duplicate key": b'{"eventType": "play", ' + sample()[1:],
    "quality data": sample(qoeData={"media.qoe.bitrate": 1_000_000}),
}


@pytest.mark.parametrize("case", VALID)
def test_valid_body_gets_201(sandbox: Sandbox, case: str) -> None:
    assert post(sandbox, VALID[case])[0] == "HTTP/1.1 201 Created"


# The body, texts in the message, and the header X-Sandbox-Problems.
INVALID: dict[str, tuple[bytes, list[str], str]] = {
    "a required key is missing": (
        sample("media.channel"),
        ["Request had improper format: media.channel is missing."],
        "1; missing:media.channel",
    ),
    "two required keys are missing": (
        sample("media.id", "media.channel"),
        ["Request had improper format: media.id and media.channel are missing."],
        "2; missing:media.id; missing:media.channel",
    ),
    "a required key is missing, and a hint": (
        sample("media.channel", playerTime={"playhead": 3600, "ts": 1509045324153}),
        ["Request had improper format: media.channel is missing."],
        "1; missing:media.channel",
    ),
    "text for a number": (
        sample(params=params(media__length="60")),
        ["media.length"],
        "1; type:media.length",
    ),
    "an unknown key": (
        sample(params=params(media__lengthh=1)),
        ["media.lengthh"],
        "1; unknown-key:media.lengthh",
    ),
    "another event": (
        b'{"eventType": "play", "playerTime": {"playhead": 0, "ts": 1509045324153}}',
        ["play", "/events"],
        "1; endpoint:eventType",
    ),
    "no event type": (
        json.dumps({k: v for k, v in SAMPLE.items() if k != "eventType"}).encode(),
        ["eventType"],
        "1; missing:eventType",
    ),
    "a list without media.downloaded": (
        b"[" + sample() + b"]",
        ["without brackets", "/api/v1/downloaded"],
        "1; list-downloaded:[0].media.downloaded",
    ),
    "a decimal time stamp": (
        sample(playerTime={"playhead": 0, "ts": 1509045324153.5}),
        ["playerTime.ts"],
        "1; whole-number:playerTime.ts",
    ),
    "a download sent live": (
        sample(params=params(media__downloaded=True)),
        ["downloaded content"],
        "1; downloaded:media.downloaded",
    ),
    "a key that needs escaping in a header": (
        sample(params=params(**{"ключ\r\nX-Evil: 1": "x"})),
        ["ключ"],
        "1; unknown-key:%D0%BA%D0%BB%D1%8E%D1%87%0D%0AX-Evil%3A%201",
    ),
}


@pytest.mark.parametrize("case", INVALID)
def test_invalid_body_names_the_problem(sandbox: Sandbox, case: str) -> None:
    body, named, header = INVALID[case]
    status, headers, response = post(sandbox, body, "Content-Type: application/json")
    content = json.loads(response)
    assert status == "HTTP/1.1 400 Bad Request"
    assert content["message"].startswith("Request had improper format")
    for words in named:
        assert words in content["message"]
    assert dict(headers)["X-Sandbox-Problems"] == header


HOSTILE = {
    "empty": b"",
    "spaces": b" \n\t",
    "one byte": b"{",
    "cut header": sample()[:-10],
    "a trailing comma": sample()[:-1] + b",}",
    "two bodies": sample() + sample(),
    "null": b"null",
    "a text": b'"sessionStart"',
    "a number": b"1509045324153",
    "true": b"true",
    "an empty object": b"{}",
    "an empty list": b"[]",
    "100,000 open brackets": b"[" * 100_000,
    "100,000 nested lists": b"[" * 100_000 + b"]" * 100_000,
    "90,000 nested objects": b'{"params":' * 90_000 + b"1" + b"}" * 90_000,
    "nested in customMetadata": sample(customMetadata={"a": 1}).replace(b": 1}", b":" + b"[" * 99 + b"]" * 99 + b"}"),
    "not UTF-8": b'{"eventType": "\xff\xfe"}',
    "UTF-16": sample().decode().encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf" + sample(),
    "NaN": sample(playerTime={"playhead": float("nan"), "ts": 1}),
    "Infinity": sample(playerTime={"playhead": float("-inf"), "ts": 1}),
    "1e400": sample().replace(b'"playhead": 0', b'"playhead": 1e400'),
    "5000 digits": sample().replace(b"1509045324153", b"9" * 5000),
    "300 digits": sample().replace(b"1509045324153", b"9" * 300),
    "half a character": sample(params=params(media__name="\ud800")),
    "half a character in a key": b'{"\\udfff": 1}',
    "a zero byte": b'{"eventType": "\x00"}',
    "a zero byte in a key": b'{"\\u0000": 1}',
    "everything of the wrong type": b'{"eventType": [], "playerTime": "", "params": 1, "qoeData": [[]]}',
    "everything null": b'{"eventType": null, "playerTime": null, "params": null}',
    "half a MiB of one key": sample(params=params(**{"k" * 500_000: 1})),
    "half a MiB of one text": sample(params=params(media__length="9" * 500_000)),
    "a thousand unknown keys": sample(params=params(**{f"media.x{n}": n for n in range(1000)})),
    "braces for a template": sample(params=params(**{"{0.__class__}{}": "{x}"})),
    "a key like a script": sample(params=params(**{"</script><script>": 1})),
    "a form": b"eventType=sessionStart&params=1",
    "a gzip": b"\x1f\x8b\x08\x00\x00\x00\x00\x00",
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_body_gets_400(sandbox: Sandbox, case: str) -> None:
    status, headers, response = post(sandbox, HOSTILE[case])
    assert status == "HTTP/1.1 400 Bad Request"
    assert dict(headers)["Access-Control-Allow-Origin"] == "*"
    assert json.loads(response)["message"].startswith("Request had improper format")
    assert b"Traceback" not in response
    assert post(sandbox, sample())[0] == "HTTP/1.1 201 Created"


@pytest.mark.parametrize("case", [*INVALID, *HOSTILE])
def test_400_lists_every_problem(sandbox: Sandbox, case: str) -> None:
    body = INVALID[case][0] if case in INVALID else HOSTILE[case]
    _, headers, response = post(sandbox, body)
    content = json.loads(response)
    problems = validate(body, endpoint="sessions", now_ms=DOCUMENTED_MOMENT_MS).to_dict()["problems"]
    assert list(content) == ["message", "sandbox"]
    assert "Only the sandbox" in content["sandbox"]["note"]
    assert content["sandbox"]["problems"] == problems[:100]
    assert content["sandbox"]["left_off"] == len(problems) - len(content["sandbox"]["problems"])
    header = dict(headers)["X-Sandbox-Problems"]
    assert len(header) < 500
    assert int(header.split(";")[0]) == sum(problem["level"] == "error" for problem in problems)
    assert len(content["message"]) < 1000


def test_many_problems_are_abbreviated(sandbox: Sandbox) -> None:
    _, headers, response = post(sandbox, HOSTILE["a thousand unknown keys"])
    assert dict(headers)["X-Sandbox-Problems"].startswith("1000; unknown-key:media.x0; ")
    assert dict(headers)["X-Sandbox-Problems"].endswith("; ...")
    assert "and 995 more are not allowed there" in json.loads(response)["message"]


def test_headers_of_400(sandbox: Sandbox) -> None:
    _, headers, response = post(sandbox, b"{}")
    assert headers[8][1].startswith("11; missing:playerTime.playhead; missing:playerTime.ts; missing:eventType; ")
    assert headers == [
        ("Server", "mctoolkit-sandbox"),
        ("Date", "Wed, 06 Dec 2017 19:14:51 GMT"),
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(response))),
        ("Access-Control-Allow-Origin", "*"),
        ("Access-Control-Allow-Methods", "OPTIONS,POST,PUT"),
        ("Access-Control-Allow-Headers", "Content-Type"),
        ("Access-Control-Expose-Headers", "Location, X-Sandbox-Problems"),
        ("X-Sandbox-Problems", headers[8][1]),
        ("Via", "1.1 mctoolkit-sandbox"),
    ]
