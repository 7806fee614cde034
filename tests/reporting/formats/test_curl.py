"""The curl commands: those for POSIX shells run in bash and dash, those for PowerShell are compared as text."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess

import pytest

from mctoolkit import Event, UsageError
from mctoolkit.reporting.formats.curl import curl
from tests.reporting.formats.corpus import EVENTS, body_with
from tests.reporting.formats.receiving import receiver, split

API = "company.hb-api.omtrdc.net"
URL = "https://company.hb-api.omtrdc.net/api/v1/sessions"
LOCAL = "http://127.0.0.1:8000"

# --- bash, for real --------------------------------------------------------------------------------------------------

needs_curl = pytest.mark.skipif(not (shutil.which("bash") and shutil.which("curl")), reason="no bash, or no curl")
ENVIRONMENT = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "http_proxy": "http://127.0.0.1:9"}


def run(shell: str, body: object, before: str = "") -> tuple[subprocess.CompletedProcess[bytes], bytes]:
    """Type the command into a shell; return what became of it, and the request that came."""
    with receiver() as server:
        line = f"{before}{curl(body, server.url)}\n".encode()
        done = subprocess.run([shell], input=line, env=ENVIRONMENT, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done, server.request


@needs_curl
@pytest.mark.parametrize("name", EVENTS)
def test_curl_sends_the_same_bytes(name: str) -> None:
    done, request = run("bash", EVENTS[name])
    first, headers, sent = split(request)
    assert sent == Event(EVENTS[name]).to_bytes()
    assert first == "POST /api/v1/sessions HTTP/1.1"
    assert headers["content-type"] == "application/json"
    assert b"201 Created" in done.stdout
    assert b"Location: /api/v1/sessions/7f3a" in done.stdout


@needs_curl
@pytest.mark.skipif(not shutil.which("dash"), reason="no dash")
@pytest.mark.parametrize("name", [name for name in EVENTS if not name.startswith(("text alone", "pretty"))])
def test_a_plain_posix_shell_sends_them_too(name: str) -> None:
    assert split(run("dash", EVENTS[name])[1])[2] == Event(EVENTS[name]).to_bytes()


@needs_curl
@pytest.mark.parametrize("name", [name for name in EVENTS if "!" in name])
def test_a_prompt_with_a_history_sends_them_too(name: str) -> None:
    past = "set -o history\nset -o histexpand\necho past words\n"
    assert split(run("bash", EVENTS[name], past)[1])[2] == Event(EVENTS[name]).to_bytes()


def test_what_can_be_read_is_written_to_be_read() -> None:
    assert curl({"a": "it's"}, API) == (
        f"curl -i '{URL}' \\\n  -H 'Content-Type: application/json' \\\n  --data-raw '{{\"a\":\"it'\\''s\"}}'"
    )
    assert curl("{\n}", API).endswith("--data-raw '{\n}'")
    assert curl(b"\xff'%\\-", API).startswith("printf '\\377\\047%%\\\\\\055' | curl -i ")


def test_no_proxy_is_asked_on_this_computer_only() -> None:
    for shell in ("bash", "powershell"):
        assert "--noproxy" in curl({}, LOCAL, shell)
        assert "--noproxy" not in curl({}, API, shell)


# --- PowerShell ------------------------------------------------------------------------------------------------------

# By Microsoft's about_Quoting_Rules: in single quotes every character is literal, except a single quote, which is
# doubled; the typographic single quotes count as single quotes. Written by hand: no test here runs PowerShell.
POWERSHELL = [
    ("plain", "'plain'"),
    ('"double"', "'\"double\"'"),
    ("$HOME `n \\ % ! ^ & | <>", "'$HOME `n \\ % ! ^ & | <>'"),
    ("it's", "'it''s'"),
    ("'''", "''''''''"),
    ("‘a’ ‚b‛", "'‘‘a’’ ‚‚b‛‛'"),
    ("“é” 🎬", "'“é” 🎬'"),
]


@pytest.mark.parametrize(("value", "quoted"), POWERSHELL)
def test_powershell_quotes_as_documented(value: str, quoted: str) -> None:
    assert curl(value.encode(), API, "powershell").split("\n") == [
        "$file = [IO.Path]::GetTempFileName()",
        f"[IO.File]::WriteAllText($file, {quoted})",
        f"curl.exe -i '{URL}' -H 'Content-Type: application/json' --data-binary \"@$file\"",
        "Remove-Item $file",
    ]


def test_powershell_writes_lines_as_lines() -> None:
    written = "[IO.File]::WriteAllText($file, (@(\n  '{',\n  '\"a\": ''b'''\n) -join \"`n\"))"
    assert written in curl("{\n\"a\": 'b'", API, "powershell")


@pytest.mark.parametrize("body", [b"\xff\x00", b"a\tb", b"a\r\nb"])
def test_powershell_writes_what_cannot_be_typed_in_base64(body: bytes) -> None:
    packed = base64.b64encode(body).decode()
    written = f"[IO.File]::WriteAllBytes($file, [Convert]::FromBase64String('{packed}'))"
    assert written in curl(body, API, "powershell").split("\n")


# --- both ------------------------------------------------------------------------------------------------------------


def test_hidden_identifiers_are_hidden() -> None:
    body = body_with("x")
    body["params"]["analytics.reportSuite"] = "acme-prod"
    for shell in ("bash", "powershell"):
        shown = curl(body, "acme.hb-api.omtrdc.net", shell, masked=True)
        assert "acme" not in shown
        assert "hidden" in shown
        assert shown.startswith("# Identifiers are hidden")
        assert "acme-prod" in curl(body, API, shell)


def test_an_unknown_shell_names_the_known_ones() -> None:
    with pytest.raises(UsageError, match="bash, powershell"):
        curl({}, API, "fish")  # type: ignore[arg-type]
