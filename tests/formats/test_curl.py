"""The three curls. That of bash is run as it stands; there is no cmd.exe and no PowerShell here, so those two are read
back by their documented rules, written down a second time in this file."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from mctoolkit import Event, MisuseError, UnreadableInput
from mctoolkit.formats.curl import curl
from tests.formats.corpus import EVENTS, body_with
from tests.formats.receiving import receiver, split

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
    for shell in ("bash", "cmd", "powershell"):
        assert "--noproxy" in curl({}, LOCAL, shell)
        assert "--noproxy" not in curl({}, API, shell)


# --- cmd.exe, by its rules -------------------------------------------------------------------------------------------


def cmd_reads(line: str, variables: dict[str, str]) -> str:
    """Return the command line that cmd.exe passes on at its prompt.

    First ``%name%`` and ``%name:old=new%`` of known variables are filled in; what is unknown stays. Then ``^`` takes
    the meaning from the letter behind it, outside quotes; a bare special letter would be an operator.
    """
    assert "\n" not in line

    def fill(found: re.Match[str]) -> str:
        name, _, rest = found[1].partition(":")
        known = {key.casefold(): value for key, value in variables.items()}
        return "FILLED IN" if name.casefold() in known and (not rest or "=" in rest or "~" in rest) else found[0]

    position, filled = 0, ""
    while found := re.compile(r"%([^%]+)%").search(line, position):
        value = fill(found)
        if value == found[0]:  # the second % may begin another name
            filled += line[position : found.end() - 1]
            position = found.end() - 1
        else:
            filled += line[position : found.start()] + value
            position = found.end()
    line = filled + line[position:]
    out, quoted, at = "", False, 0
    while at < len(line):
        letter = line[at]
        if letter == "^" and not quoted:
            at += 1
            out += line[at]
        else:
            assert quoted or letter not in "&|<>()", f"cmd.exe would take {letter} at {at} for its own"
            quoted ^= letter == '"'
            out += letter
        at += 1
    assert not quoted
    return out


def c_arguments(line: str) -> list[str]:
    """Take a command line apart as the C library of Windows does (Parsing C command-line arguments)."""
    arguments, current, quoted, begun, at = [], "", False, False, 0
    while at < len(line):
        letter = line[at]
        if letter == "\\":
            run = len(line) - at - len(line[at:].lstrip("\\"))
            begun = True
            if line[at + run : at + run + 1] == '"':
                current += "\\" * (run // 2)
                if run % 2:
                    current += '"'
                    run += 1
            else:
                current += "\\" * run
            at += run
            continue
        if letter == '"':
            if quoted and line[at + 1 : at + 2] == '"':
                current += '"'
                at += 1
            else:
                quoted, begun = not quoted, True
        elif letter in " \t" and not quoted:
            if begun:
                arguments.append(current)
            current, begun = "", False
        else:
            current, begun = current + letter, True
        at += 1
    assert not quoted
    return [*arguments, current] if begun else arguments


VARIABLES = {"PATH": "C:\\Windows", "HOME": "C:\\Users", '","label":"100': "x", "a": "x"}


def cmd_sends(line: str) -> str:
    arguments = c_arguments(cmd_reads(line, VARIABLES))
    assert arguments[:5] == ["curl", "-i", URL, "-H", "Content-Type: application/json"]
    assert arguments[5] == "--data-raw"
    assert len(arguments) == 7
    return arguments[6]


def is_json(raw: bytes) -> bool:
    """Tell whether bytes are JSON for the reader of the standard library, and has no NaN."""
    try:
        json.loads(raw.decode(), parse_constant=int)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("name", EVENTS)
def test_cmd_sends_the_same_line_or_the_same_json_or_says_why_not(name: str) -> None:
    raw = Event(EVENTS[name]).to_bytes()
    one_line = raw.isascii() and raw.decode("latin-1").isprintable()
    if len(raw) > 4000 or not (one_line or is_json(raw)):
        with pytest.raises(UnreadableInput, match="powershell"):
            curl(EVENTS[name], API, "cmd")
        return
    sent = cmd_sends(curl(EVENTS[name], API, "cmd"))
    if one_line:
        assert sent.encode() == raw
    else:
        assert sent.isascii()
        assert sent.isprintable()
        pairs = [json.loads(text, object_pairs_hook=lambda found: found) for text in (sent, raw)]
        assert pairs[0] == pairs[1]


def test_cmd_takes_most_of_them() -> None:
    """A json that was written by a form is never refused, unless it is very long."""
    for name, body in EVENTS.items():
        if name.startswith(("text '", 'text "', "pretty")):
            cmd_sends(curl(body, API, "cmd"))


def test_the_reader_of_cmd_sees_what_goes_wrong() -> None:
    with pytest.raises(AssertionError, match="for its own"):
        cmd_reads('curl "a\\"b & c"', {})
    assert cmd_reads('"%PATH%"', VARIABLES) == '"FILLED IN"'
    assert cmd_reads("^%PATH:a=b^%", VARIABLES) == "FILLED IN", "a caret before each % is not enough"
    assert cmd_reads("^%PATH^%", VARIABLES) == "%PATH%"
    assert c_arguments('a "b c" d\\\\e "\\"" "\\\\" f""') == ["a", "b c", "d\\\\e", '"', "\\", "f"]


def test_cmd_says_why_a_body_cannot_be_written() -> None:
    with pytest.raises(UnreadableInput, match="one line of plain ASCII"):
        curl("{\n", API, "cmd")
    with pytest.raises(UnreadableInput, match=r"cmd\.exe reads 8191"):
        curl({"a": "x" * 8200}, API, "cmd")


# --- PowerShell, by its rules ----------------------------------------------------------------------------------------

SINGLE = "'‘’‚‛"


def powershell_texts(script: str) -> tuple[str, list[str]]:
    """Return the script with ``#`` for each text in single quotes, and the texts: a doubled quote is one quote."""
    outside, texts, at = "", [], 0
    while at < len(script):
        if script[at] not in SINGLE:
            outside += script[at]
            at += 1
            continue
        text, at = "", at + 1
        while script[at] not in SINGLE or (script[at + 1 : at + 2] and script[at + 1] in SINGLE):
            at += script[at] in SINGLE
            text += script[at]
            at += 1
        outside, at = outside + "#", at + 1
        texts.append(text)
    return outside, texts


def powershell_sends(script: str) -> bytes:
    first, *statement, run, last = script.split("\n")
    assert (first, last) == ("$file = [IO.Path]::GetTempFileName()", "Remove-Item $file")
    outside, texts = powershell_texts(run)
    assert outside == 'curl.exe -i # -H # --data-binary "@$file"'
    assert texts == [URL, "Content-Type: application/json"]
    outside, texts = powershell_texts("\n".join(statement))
    if "Base64" in outside:
        assert outside == "[IO.File]::WriteAllBytes($file, [Convert]::FromBase64String(#))"
        return base64.b64decode(texts[0], validate=True)
    if "`n" in outside:
        assert re.fullmatch(r'\[IO\.File\]::WriteAllText\(\$file, \(@\(\n(  #,\n)*  #\n\) -join "`n"\)\)', outside)
    else:
        assert outside == "[IO.File]::WriteAllText($file, #)"
    return "\n".join(texts).encode()


@pytest.mark.parametrize("name", EVENTS)
def test_powershell_sends_the_same_bytes(name: str) -> None:
    assert powershell_sends(curl(EVENTS[name], API, "powershell")) == Event(EVENTS[name]).to_bytes()


def test_powershell_writes_what_can_be_read() -> None:
    script = curl(body_with("‘it’s’ 🎬"), API, "powershell")
    assert "‘‘it’’s’’ 🎬" in script
    assert "Base64" not in script
    assert "Base64" not in curl("{\n}", API, "powershell")


# --- all three -------------------------------------------------------------------------------------------------------


@settings(max_examples=300, deadline=None)
@given(body=st.text() | st.binary() | st.dictionaries(st.text(), st.text(), max_size=3))
def test_any_body_survives_the_rules(body: Any) -> None:
    raw = Event(body).to_bytes()
    assert powershell_sends(curl(body, API, "powershell")) == raw
    try:
        sent = cmd_sends(curl(body, API, "cmd"))
    except UnreadableInput:
        assert not isinstance(body, dict) or "\\ud" in raw.decode()
        return
    assert sent.encode() == raw or json.loads(sent) == json.loads(raw)


def test_hidden_identifiers_are_hidden() -> None:
    body = body_with("x")
    body["params"]["analytics.reportSuite"] = "acme-prod"
    for shell in ("bash", "cmd", "powershell"):
        shown = curl(body, "acme.hb-api.omtrdc.net", shell, masked=True)
        assert "acme" not in shown
        assert "hidden" in shown
        assert shown.startswith(("# Identifiers are hidden", "rem Identifiers are hidden"))
        assert not re.search(r"(?<!\^)<", shown.split("\n")[0]) or shell != "cmd"
        assert "acme-prod" in curl(body, API, shell)


def test_an_unknown_shell_names_the_known_ones() -> None:
    with pytest.raises(MisuseError, match="bash, cmd, powershell"):
        curl({}, API, "fish")  # type: ignore[arg-type]
