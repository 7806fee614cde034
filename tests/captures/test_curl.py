"""curl commands: those of browsers, and those that mctoolkit writes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mctoolkit import InputError
from mctoolkit.captures import read_requests
from mctoolkit.reporting.formats import to_curl
from tests.captures.builders import HOST, SESSIONS, SID, START, event, events_url

PING = event()
TEXT = json.dumps(PING)


def parse(text: str) -> list[Any]:
    return list(read_requests(text.encode()))


@pytest.mark.parametrize(
    "body",
    [
        {"media.name": 'It\'s 100 % \\ "ours"! $HOME `x` & <é> ^'},
        {"media.name": "a\nb\t!\u0007"},
        START,
    ],
)
@pytest.mark.parametrize("indent", [None, 2])
def test_commands_of_mctoolkit_round_trip(body: dict[str, Any], indent: int | None) -> None:
    text = json.dumps(body, indent=indent, ensure_ascii=False)
    (request,) = parse(to_curl(text, SESSIONS) + "\n")
    assert request.value == body
    assert (request.host, request.method, request.endpoint, request.status) == (HOST, "POST", "sessions", None)
    assert request.raw == text.encode()


def test_bash_commands_of_a_browser() -> None:
    text = (
        f'curl \'{SESSIONS}\' \\\n  -H \'accept: */*\' \\\n  --data-raw $\'{{"eventType":"sessionStart","a":"it\\\'s \\u00e9"}}\' ;\n'
        f"curl '{events_url()}' -X 'POST' -H 'content-type: application/json' --data-raw '{TEXT}' --compressed &\n"
        "curl 'https://cdn.example.com/1.ts'\n"
        "$ curl --url https://www.example.com/api/v1/sessions -d user=ann\n"
    )
    capture = read_requests(text)
    first, second = capture
    assert first.value == {"eventType": "sessionStart", "a": "it's é"}
    assert (second.number, second.session_id, second.value) == (2, SID, PING)
    assert second.request_headers == (("content-type", "application/json"),)
    assert capture.stats.others == {"other": 2}


def test_surrogate_pairs_of_chrome_are_joined() -> None:
    (request,) = parse(f"curl '{SESSIONS}' --data-raw $'{{\"eventType\":\"it\\'s \\ud83d\\ude00 \\ud83d\"}}'")
    assert request.value == {"eventType": "it's \U0001f600 \ufffd"}


def test_cmd_command_of_chrome() -> None:
    text = (
        f'curl ^"{events_url()}^" ^\r\n  -H ^"content-type: application/json^" ^\r\n'
        '  --data-raw ^"^{^\\^"eventType^\\^":^\\^"ping^\\^"^}^"\r\n'
    )
    (request,) = parse(text)
    assert (request.session_id, request.value) == (SID, {"eventType": "ping"})


@pytest.mark.parametrize(
    ("options", "has_body"),
    [
        (f"-d '{TEXT}'", True),
        (f"-d'{TEXT}'", True),
        (f"--data='{TEXT}'", True),
        (f"--json '{TEXT}'", True),
        ("-d @body.json", False),
        ("--data-binary @-", False),
        ("-X POST", False),
    ],
)
def test_body_options(options: str, has_body: bool) -> None:
    capture = read_requests(f"curl {options} {events_url()}")
    (request,) = capture
    assert request.has_body == has_body
    assert capture.stats.without_body == (not has_body)
    assert request.value == PING or not has_body


def test_nested_quotes() -> None:
    text = f"""curl "{events_url()}" -H 'a: 5 $' -H 'b: "' --data-raw "{{\\"eventType\\":\\"ping\\"}}"\n"""
    (request,) = parse(text)
    assert request.value == {"eventType": "ping"}
    assert request.request_headers == (("a", "5 $"), ("b", '"'))


def test_malformed_command_is_reported_as_unreadable() -> None:
    capture = read_requests(f"curl 'https://x\ncurl -H 'a: b'\ncurl {events_url()} -d '{TEXT}'\n")
    assert [request.number for request in capture] == [3]
    assert capture.stats.unreadable == 2


def test_powershell_is_rejected_with_alternative() -> None:
    with pytest.raises(InputError, match=r"cURL \(bash\)"):
        parse(to_curl(PING, SESSIONS, "powershell"))
    with pytest.raises(InputError, match=r"cURL \(bash\)"):
        parse(f'Invoke-WebRequest -UseBasicParsing -Uri "{SESSIONS}"')
