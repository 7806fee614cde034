"""curl commands: of browsers, and what our own writer makes comes back to the byte."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mctoolkit import InputError
from mctoolkit.captures import read_requests
from mctoolkit.reporting.formats.curl import curl
from tests.captures.making import HOST, SESSIONS, SID, START, event, events_url

PING = event()
TEXT = json.dumps(PING)


def calls(text: str) -> list[Any]:
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
def test_what_our_own_writer_makes_comes_back(body: dict[str, Any], indent: int | None) -> None:
    text = json.dumps(body, indent=indent, ensure_ascii=False)
    (call,) = calls(curl(text, SESSIONS) + "\n")
    assert call.value == body
    assert (call.host, call.method, call.endpoint, call.status) == (HOST, "POST", "sessions", None)
    assert call.raw == text.encode()


def test_several_commands_as_a_browser_copies_them() -> None:
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
    assert capture.tally.others == {"other": 2}


def test_commands_of_cmd_as_chrome_copies_them() -> None:
    text = (
        f'curl ^"{events_url()}^" ^\r\n  -H ^"content-type: application/json^" ^\r\n'
        '  --data-raw ^"^{^\\^"eventType^\\^":^\\^"ping^\\^"^}^"\r\n'
    )
    (call,) = calls(text)
    assert (call.session_id, call.value) == (SID, {"eventType": "ping"})


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
def test_the_options_that_carry_a_body(options: str, has_body: bool) -> None:
    capture = read_requests(f"curl {options} {events_url()}")
    (call,) = capture
    assert call.has_body == has_body
    assert capture.tally.without_body == (not has_body)
    assert call.value == PING or not has_body


def test_quotes_within_quotes_of_another_kind() -> None:
    text = f"""curl "{events_url()}" -H 'a: 5 $' -H 'b: "' --data-raw "{{\\"eventType\\":\\"ping\\"}}"\n"""
    (call,) = calls(text)
    assert call.value == {"eventType": "ping"}
    assert call.request_headers == (("a", "5 $"), ("b", '"'))


def test_a_command_that_cannot_be_taken_apart_is_named() -> None:
    capture = read_requests(f"curl 'https://x\ncurl -H 'a: b'\ncurl {events_url()} -d '{TEXT}'\n")
    assert [call.number for call in capture] == [3]
    assert capture.tally.unreadable == 2


def test_powershell_is_refused_with_what_to_copy_instead() -> None:
    with pytest.raises(InputError, match=r"cURL \(bash\)"):
        calls(curl(PING, SESSIONS, "powershell"))
    with pytest.raises(InputError, match=r"cURL \(bash\)"):
        calls(f'Invoke-WebRequest -UseBasicParsing -Uri "{SESSIONS}"')
