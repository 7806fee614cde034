"""The command line: exit statuses and words that people and pipelines rely on."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from mctoolkit import Event, Sandbox, validate
from tests.validation.test_validate import changed


def run(*arguments: str, given: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([sys.executable, "-m", "mctoolkit", *arguments], input=given, capture_output=True, timeout=60)


def no_traceback(done: subprocess.CompletedProcess[bytes]) -> bool:
    return b"Traceback" not in done.stderr + done.stdout


NOW = changed(("playerTime/ts", 1_795_421_642_000))
BODIES = {
    "good": (Event(NOW).to_bytes(), 0),
    "a tip": (Event(changed(("playerTime/ts", 1))).to_bytes(), 0),
    "an error": (Event(changed(("params/media.length", "60"))).to_bytes(), 1),
    "no object": (b"[]", 1),
    "no JSON": (b'{"a": 1,}', 2),
    "empty": (b"", 2),
    "no text": (b"\xff\xfe\x00", 2),
}


@pytest.mark.parametrize(("body", "status"), BODIES.values(), ids=BODIES)
def test_validate_answers_with_its_exit_status(body: bytes, status: int, tmp_path: Path) -> None:
    file = tmp_path / "a body.json"
    file.write_bytes(body)
    for done in (run("validate", str(file)), run("validate", "-", given=body)):
        assert done.returncode == status, done.stderr
        assert no_traceback(done)
        assert done.stdout.decode().splitlines()


def test_validate_prints_a_verdict_for_machines() -> None:
    done = run("validate", "-", "--json", given=BODIES["an error"][0])
    verdict = json.loads(done.stdout)
    assert verdict["ok"] is False
    assert verdict["problems"][0] == validate(BODIES["an error"][0]).to_dict()["problems"][0]


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    for verb in ("validate", "send"):
        done = run(verb, str(tmp_path / "nothing.json"))
        assert done.returncode == 2
        assert b"Cannot read the file" in done.stderr
        assert no_traceback(done)


def test_send_without_a_host_goes_to_a_sandbox_of_its_own() -> None:
    done = run("send", "-", given=BODIES["good"][0])
    assert done.returncode == 0, done.stderr
    lines = done.stdout.decode().splitlines()
    assert lines[0] == "POST {practice server}/api/v1/sessions"
    assert lines[-1].startswith("Session id: ")
    assert len(lines[-1].removeprefix("Session id: ")) == 64


def test_send_does_not_send_errors_unless_told_to() -> None:
    done = run("send", "-", given=BODIES["an error"][0])
    assert done.returncode == 1
    assert done.stdout == b""
    assert b"stands in quotes" in done.stderr
    assert b"--anyway" in done.stderr
    done = run("send", "-", "--anyway", given=BODIES["an error"][0])
    assert done.returncode == 1
    assert b"400 Bad Request" in done.stdout


def test_send_to_a_host() -> None:
    with Sandbox() as sandbox:
        assert run("send", "-", "--to", sandbox.url, given=BODIES["good"][0]).returncode == 0
        sandbox.answer_next(500)
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
def test_a_wrong_address_is_told(host: str) -> None:
    done = run("send", "-", "--to", host, given=BODIES["good"][0])
    assert done.returncode == 2
    assert no_traceback(done)


def test_params_is_the_reference() -> None:
    listing = run("params").stdout.decode().splitlines()
    assert len(listing) == len({line.split()[0] for line in listing}) > 50
    assert any(line.split()[:3] == ["media.length", "number", "Required"] for line in listing)
    one = run("params", "media.length").stdout.decode()
    assert "number, in seconds" in one
    assert "Required on: sessionStart" in one
    assert "media.qoe.droppedFrames" in run("params", "dropped frames").stdout.decode()


def test_params_leads_from_a_slip_to_the_right_key() -> None:
    assert "media.channel " in run("params", "media.channelName").stdout.decode()
    done = run("params", "medai.id")
    assert done.returncode == 2
    assert b"Did you mean 'media.id'?" in done.stderr


def test_version_and_help() -> None:
    assert run("--version").stdout.startswith(b"mctoolkit ")
    for verb in ("lab", "sandbox", "validate", "send", "params"):
        assert run(verb, "--help").returncode == 0
        assert verb.encode() in run("--help").stdout
    assert no_traceback(run("zork"))


def test_a_reader_that_goes_away_is_no_fault() -> None:
    done = subprocess.run(
        f'"{sys.executable}" -m mctoolkit params | head -n 1', shell=True, capture_output=True, timeout=60
    )
    assert b"Traceback" not in done.stderr
    assert b"BrokenPipe" not in done.stderr
