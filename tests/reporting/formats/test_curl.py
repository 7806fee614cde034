"""to_curl: commands for POSIX shells run in bash and dash; commands for PowerShell are compared as text."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess

import pytest

from mctoolkit import Event, UsageError
from mctoolkit.reporting.formats import to_curl
from tests.reporting.formats.corpus import EVENTS, body_with
from tests.reporting.formats.recording import parse_request, recording_server

API = "company.hb-api.omtrdc.net"
URL = "https://company.hb-api.omtrdc.net/api/v1/sessions"
LOCAL = "http://127.0.0.1:8000"

# --- bash ------------------------------------------------------------------------------------------------------------

needs_curl = pytest.mark.skipif(not (shutil.which("bash") and shutil.which("curl")), reason="no bash, or no curl")
ENVIRONMENT = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "http_proxy": "http://127.0.0.1:9"}


def run(shell: str, body: object, setup: str = "") -> tuple[subprocess.CompletedProcess[bytes], bytes]:
    """Run the command in a shell; return the finished process and the request received."""
    with recording_server() as server:
        line = f"{setup}{to_curl(body, server.url)}\n".encode()
        done = subprocess.run([shell], input=line, env=ENVIRONMENT, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done, server.request


@needs_curl
@pytest.mark.parametrize("name", EVENTS)
def test_bash_sends_the_same_bytes(name: str) -> None:
    done, request = run("bash", EVENTS[name])
    request_line, headers, sent = parse_request(request)
    assert sent == Event(EVENTS[name]).to_bytes()
    assert request_line == "POST /api/v1/sessions HTTP/1.1"
    assert headers["content-type"] == "application/json"
    assert b"201 Created" in done.stdout
    assert b"Location: /api/v1/sessions/7f3a" in done.stdout


@needs_curl
@pytest.mark.skipif(not shutil.which("dash"), reason="no dash")
@pytest.mark.parametrize("name", [name for name in EVENTS if not name.startswith(("text alone", "pretty"))])
def test_dash_sends_the_same_bytes(name: str) -> None:
    assert parse_request(run("dash", EVENTS[name])[1])[2] == Event(EVENTS[name]).to_bytes()


@needs_curl
@pytest.mark.parametrize("name", [name for name in EVENTS if "!" in name])
def test_bash_with_history_sends_the_same_bytes(name: str) -> None:
    history = "set -o history\nset -o histexpand\necho earlier command\n"
    assert parse_request(run("bash", EVENTS[name], history)[1])[2] == Event(EVENTS[name]).to_bytes()


def test_printable_body_is_written_as_text() -> None:
    assert to_curl({"a": "it's"}, API) == (
        f"curl -i '{URL}' \\\n  -H 'Content-Type: application/json' \\\n  --data-raw '{{\"a\":\"it'\\''s\"}}'"
    )
    assert to_curl("{\n}", API).endswith("--data-raw '{\n}'")
    assert to_curl(b"\xff'%\\-", API).startswith("printf '\\377\\047%%\\\\\\055' | curl -i ")


def test_proxy_is_bypassed_for_loopback_only() -> None:
    for shell in ("bash", "powershell"):
        assert "--noproxy" in to_curl({}, LOCAL, shell)
        assert "--noproxy" not in to_curl({}, API, shell)


# --- PowerShell ------------------------------------------------------------------------------------------------------

# From Microsoft's about_Quoting_Rules: in single quotes every character is literal except single quotes, also
# typographic ones, which are doubled. The expected commands are written by hand: no test runs PowerShell.
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
def test_powershell_doubles_single_quotes(value: str, quoted: str) -> None:
    assert to_curl(value.encode(), API, "powershell").split("\n") == [
        "$file = [IO.Path]::GetTempFileName()",
        f"[IO.File]::WriteAllText($file, {quoted})",
        f"curl.exe -i '{URL}' -H 'Content-Type: application/json' --data-binary \"@$file\"",
        "Remove-Item $file",
    ]


def test_powershell_joins_the_lines_of_a_body() -> None:
    written = "[IO.File]::WriteAllText($file, (@(\n  '{',\n  '\"a\": ''b'''\n) -join \"`n\"))"
    assert written in to_curl("{\n\"a\": 'b'", API, "powershell")


@pytest.mark.parametrize("body", [b"\xff\x00", b"a\tb", b"a\r\nb"])
def test_powershell_encodes_unprintable_body_as_base64(body: bytes) -> None:
    encoded = base64.b64encode(body).decode()
    written = f"[IO.File]::WriteAllBytes($file, [Convert]::FromBase64String('{encoded}'))"
    assert written in to_curl(body, API, "powershell").split("\n")


# --- both ------------------------------------------------------------------------------------------------------------


def test_masked_command_hides_identifiers() -> None:
    body = body_with("x")
    body["params"]["analytics.reportSuite"] = "acme-prod"
    for shell in ("bash", "powershell"):
        shown = to_curl(body, "acme.hb-api.omtrdc.net", shell, masked=True)
        assert "acme" not in shown
        assert "hidden" in shown
        assert shown.startswith("# Identifiers are hidden")
        assert "acme-prod" in to_curl(body, API, shell)


def test_unknown_shell_lists_known_shells() -> None:
    with pytest.raises(UsageError, match="bash, powershell"):
        to_curl({}, API, "fish")  # type: ignore[arg-type]
