"""The command line: exit statuses and output that users and pipelines rely on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import requests

from mctoolkit import Event, Sandbox, validate
from mctoolkit.cli.console import print_text
from tests.validation.test_validate import changed


def run(*arguments: str, given: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([sys.executable, "-m", "mctoolkit", *arguments], input=given, capture_output=True, timeout=60)


def no_traceback(done: subprocess.CompletedProcess[bytes]) -> bool:
    return b"Traceback" not in done.stderr + done.stdout


NOW = changed(("playerTime/ts", 1_795_421_642_000))
BODIES = {
    "good": (Event(NOW).to_bytes(), 0),
    "a hint": (Event(changed(("playerTime/ts", 1))).to_bytes(), 0),
    "an error": (Event(changed(("params/media.length", "60"))).to_bytes(), 1),
    "not an object": (b"[]", 1),
    "not JSON": (b'{"a": 1,}', 2),
    "empty": (b"", 2),
    "not text": (b"\xff\xfe\x00", 2),
}


@pytest.mark.parametrize(("body", "status"), BODIES.values(), ids=BODIES)
def test_validate_exit_status(body: bytes, status: int, tmp_path: Path) -> None:
    file = tmp_path / "a body.json"
    file.write_bytes(body)
    for done in (run("validate", str(file)), run("validate", "-", given=body)):
        assert done.returncode == status, done.stderr
        assert no_traceback(done)
        assert done.stdout.decode().splitlines()


def test_validate_prints_json() -> None:
    done = run("validate", "-", "--json", given=BODIES["an error"][0])
    verdict = json.loads(done.stdout)
    assert verdict["ok"] is False
    assert verdict["problems"][0] == validate(BODIES["an error"][0]).to_dict()["problems"][0]


def test_unreadable_file_is_reported(tmp_path: Path) -> None:
    for command in ("validate", "send"):
        done = run(command, str(tmp_path / "nothing.json"))
        assert done.returncode == 2
        assert b"Cannot read the file" in done.stderr
        assert no_traceback(done)


def test_send_without_host_uses_a_sandbox() -> None:
    done = run("send", "-", given=BODIES["good"][0])
    assert done.returncode == 0, done.stderr
    lines = done.stdout.decode().splitlines()
    assert lines[0] == "POST {sandbox}/api/v1/sessions"
    assert lines[-1].startswith("Session id: ")
    assert len(lines[-1].removeprefix("Session id: ")) == 64


def test_send_rejects_errors_without_anyway() -> None:
    done = run("send", "-", given=BODIES["an error"][0])
    assert done.returncode == 1
    assert done.stdout == b""
    assert b"is in quotes" in done.stderr
    assert b"--anyway" in done.stderr
    done = run("send", "-", "--anyway", given=BODIES["an error"][0])
    assert done.returncode == 1
    assert b"400 Bad Request" in done.stdout


def test_send_to_a_host() -> None:
    with Sandbox() as sandbox:
        assert run("send", "-", "--to", sandbox.url, given=BODIES["good"][0]).returncode == 0
        sandbox.faults.add("500")
        done = run("send", "-", "--to", sandbox.url, given=BODIES["good"][0])
        assert done.returncode == 1
        assert b"500" in done.stdout
        url = sandbox.url
    done = run("send", "-", "--to", url, given=BODIES["good"][0])
    assert done.returncode == 1
    assert b"Nothing was sent" in done.stderr
    assert no_traceback(done)


@pytest.mark.parametrize(
    "host", ["", "not a host", "ftp://company.hb-api.omtrdc.net", "http://company.hb-api.omtrdc.net"]
)
def test_invalid_host_is_reported(host: str) -> None:
    done = run("send", "-", "--to", host, given=BODIES["good"][0])
    assert done.returncode == 2
    assert no_traceback(done)


def test_explain_is_the_reference() -> None:
    listing = run("explain").stdout.decode().splitlines()
    assert len(listing) == len({line.split()[0] for line in listing}) > 50
    assert any(line.split()[:3] == ["media.length", "number", "Required"] for line in listing)
    one = run("explain", "media.length").stdout.decode()
    assert "number, in seconds" in one
    assert "Required on: sessionStart" in one
    assert "media.qoe.droppedFrames" in run("explain", "dropped frames").stdout.decode()


def test_explain_corrects_a_misspelled_key() -> None:
    assert "media.channel " in run("explain", "media.channelName").stdout.decode()
    done = run("explain", "medai.id")
    assert done.returncode == 2
    assert b"Did you mean 'media.id'?" in done.stderr


def test_version_and_help() -> None:
    assert run("--version").stdout.startswith(b"mctoolkit ")
    for command in ("lab", "sandbox", "validate", "send", "explain"):
        assert run(command, "--help").returncode == 0
        assert command.encode() in run("--help").stdout
    assert no_traceback(run("zork"))


def test_closed_pipe_is_not_an_error() -> None:
    done = subprocess.run(
        f'"{sys.executable}" -m mctoolkit explain | head -n 1', shell=True, capture_output=True, timeout=60
    )
    assert b"Traceback" not in done.stderr
    assert b"BrokenPipe" not in done.stderr


# --- the sandbox


def test_sandbox_help_lists_faults_and_options() -> None:
    from mctoolkit.sandbox.faults import _PARSERS, KINDS

    text = " ".join(run("sandbox", "--help").stdout.decode().replace("│", " ").split())
    assert all(f"{kind}," in text or f"{kind}." in text for kind in KINDS)
    assert all(f"{option}=" in text for option in _PARSERS)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--fault", "503 on=x"], b"Fault "),
        (["--fault", "500", "--fault", "teapot"], b"Use one of: 500, 503"),
        (["--allow-host", "http://tv.local:80"], b"not a valid host name"),
        (["--port", "70000"], b"65535"),
        (["--tls-cert", "cert.pem"], b"--tls-key"),
        (["--tls-cert", "missing.pem", "--tls-key", "missing.pem"], b"Cannot read missing.pem"),
    ],
)
def test_invalid_sandbox_option_is_reported(options: list[str], message: bytes) -> None:
    done = run("sandbox", "--port", "0", *options)
    assert done.returncode == 2
    assert done.stdout == b""
    assert message in done.stderr
    assert no_traceback(done)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends signals in another way")
def test_sandbox_options(tmp_path: Path) -> None:
    options = [
        "--fault",
        "503 on=2",
        "--fault",
        "500 on=3",
        "--lan",
        "--allow-host",
        "tv.local",
        "--tls",
    ]
    process = subprocess.Popen(
        [sys.executable, "-m", "mctoolkit", "sandbox", "--port", "0", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    guard = threading.Timer(60, process.kill)
    guard.start()
    try:
        assert process.stdout is not None
        url = process.stdout.readline().split()[-1]
        [ca] = tmp_path.rglob("ca.pem")
        statuses = [
            requests.post(
                f"{url}/api/v1/sessions",
                data=BODIES["good"][0],
                headers={"Host": host},
                verify=str(ca),
                timeout=60,
            ).status_code
            for host in ("tv.local", "localhost", "tv.local", "127.0.0.1", "evil.example")
        ]
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate()
    finally:
        guard.cancel()
        process.kill()
    assert url.startswith("https://127.0.0.1:")
    assert statuses == [201, 503, 500, 201, 421]
    assert process.returncode == 0
    for message in (
        "Every device in the same network",
        "503 on=2; 500 on=3",
        str(ca),
        "REQUESTS_CA_BUNDLE",
        "iPhone",
    ):
        assert message in err


def test_plan_template_is_written_and_applied(tmp_path: Path) -> None:
    file = tmp_path / "plan.xlsx"
    assert run("plan", str(file)).stdout.startswith(b"Written: ")
    again = run("plan", str(file))
    assert (again.returncode, no_traceback(again)) == (2, True)
    other = run("plan", str(tmp_path / "plan.csv"))
    assert (other.returncode, b"does not end in .xlsx" in other.stderr) == (2, True)
    start = (("params/media.contentType", "VOD"), ("params/media.playerName", "web"))
    body = Event(changed(("playerTime/ts", 1_795_421_642_000), *start)).to_bytes()
    done = run("validate", "-", "--plan", str(file), given=body)
    assert b"media.show is missing. plan.xlsx, row" in done.stdout
    assert done.returncode == 0, "a violation of the tracking plan is a hint"
    assert b"media.show" not in run("validate", "-", given=body).stdout


def test_unreadable_plan_is_reported(tmp_path: Path) -> None:
    done = run("validate", "-", "--plan", str(tmp_path / "none.xlsx"), given=b"{}")
    assert (done.returncode, no_traceback(done)) == (2, True)
    assert b"does not exist" in done.stderr


def test_control_characters_are_escaped(capsys: pytest.CaptureFixture[str]) -> None:
    print_text("a\x1b[31m\r\nb\tc\rd")
    assert capsys.readouterr().out == "a\\x1b[31m\r\nb\tc\\rd\n"
