"""start.py: finding Python, setting up the environment, running commands, and messages."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import start

START = Path(start.__file__)
POSIX = pytest.mark.skipif(os.name != "posix", reason="the fake programs are shell scripts")


def script(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)


# An older Python ------------------------------------------------------------------------------------------------------


def old_python(version: str) -> str:
    """Return an old Python on PATH or in pyenv; skip the test if there is none."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    for command in (f"python{version}", *map(str, pyenv.glob(f"versions/{version}.*/bin/python"))):
        if start.output_of(command, "-c", "print(1)") == "1":
            return str(shutil.which(command))
    pytest.skip(f"Python {version} is not installed")


@pytest.mark.parametrize("version", ["2.7", "3.6", "3.9"])
def test_old_python_names_the_requirement(version: str, tmp_path: Path) -> None:
    command = [old_python(version), str(START)]
    done = subprocess.run(command, capture_output=True, text=True, env={"PATH": str(tmp_path)})
    assert done.returncode == 1
    assert "This needs Python 3.11 or newer" in done.stderr
    assert "Traceback" not in done.stderr


@POSIX
@pytest.mark.parametrize("name", ["python3.11", "python3"])
def test_old_python_runs_a_newer_one(name: str, tmp_path: Path) -> None:
    command = [old_python("3.9"), str(START), "no-command"]
    script(tmp_path / "python3.14", "exit 127")  # a command that does not run
    (tmp_path / name).symlink_to(sys.executable)
    done = subprocess.run(command, capture_output=True, text=True, env={"PATH": str(tmp_path)})
    assert done.returncode == 2
    assert "Unknown command 'no-command'. Use one of: lab, " in done.stderr


def test_python_3_6_can_parse_the_file() -> None:
    ast.parse(START.read_text("ascii"), feature_version=(3, 6))


# Messages -------------------------------------------------------------------------------------------------------------

VENV, DOWNLOAD, DISK, FOLDER = "apt install python3-venv", "HTTPS_PROXY", "free some space", "a folder that you own"
OUTPUTS = [
    (VENV, "The virtual environment was not created successfully because ensurepip is not available."),
    (VENV, "/usr/bin/python3: No module named venv"),
    (DOWNLOAD, "SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable to"),
    (DOWNLOAD, "connection broken by 'NewConnectionError('<HTTPSConnection>: Failed to establish a new connection"),
    (DOWNLOAD, "ProxyError('Cannot connect to proxy.', OSError('Tunnel failed: 407 Proxy Authentication Required'))"),
    (DOWNLOAD, "error: Failed to fetch: `https://index.example/simple/pandas/`\n  cause: dns error"),
    (DISK, "broken by 'NewConnectionError('\nERROR: Could not install: [Errno 28] No space left on device"),
    (DISK, "error: failed to copy\n  cause: Not enough room (os error 28)"),
    (FOLDER, "[Errno 13] Permission denied: '/a b/.venv'"),
    (FOLDER, "PermissionError: [WinError 32] The process cannot access the file: 'C:\\\\x.dll'"),
]


@pytest.mark.parametrize(("message", "output"), OUTPUTS)
def test_known_failure_has_a_next_step(message: str, output: str) -> None:
    assert message in start.explain(output)
    assert "{" not in start.explain(output)


def test_unknown_failure_shows_the_last_lines() -> None:
    explained = start.explain("\n".join(f"line {number}\n" for number in range(20)))
    assert "line 19" in explained
    assert "line 9" not in explained
    assert "docs/troubleshooting.md" in explained
    assert (START.parent / "docs" / "troubleshooting.md").is_file()


def test_os_error_is_explained(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def refuse() -> None:
        raise PermissionError(13, "Permission denied", "/a b/.venv")

    monkeypatch.setattr(start, "set_up", refuse)
    assert start.main("lint") == 2
    assert capsys.readouterr().err.startswith("No permission to write in ")


# Commands -------------------------------------------------------------------------------------------------------------


@POSIX
def test_all_checks_run_and_one_failure_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    script(tmp_path / "good", 'echo "good $1 $PYTHONHASHSEED" >>ran')
    script(tmp_path / "bad", "echo bad >>ran; exit 3")
    monkeypatch.setattr(start, "ROOT", tmp_path)
    monkeypatch.setattr(start, "BIN", tmp_path)
    assert start.run(("bad",), ("good", "a b")) == 1
    assert capsys.readouterr().out == "FAILED: bad\n"
    assert start.run(("good", "")) == 0
    assert (tmp_path / "ran").read_text("utf-8").split("\n") == ["bad", "good a b 0", "good  0", ""]


def test_pytest_arguments_skip_the_notebooks(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ran: list[tuple[str, ...]] = []
    monkeypatch.setattr(start, "run", lambda *checks: ran.extend(checks))
    start.start("test")
    assert ran == [start.TESTS, start.NOTEBOOKS]
    assert "--nbval" in start.NOTEBOOKS, "outputs must be compared, unlike with --nbval-lax"
    assert "-n" not in start.NOTEBOOKS, "notebooks must run one after the other"
    assert capsys.readouterr().out == ""
    ran.clear()
    start.start("test", "-k", "a word")
    assert ran == [(*start.TESTS, "-k", "a word")]
    assert capsys.readouterr().out.startswith("Skipped: the notebooks")


def test_make_has_every_command() -> None:
    text = START.with_name("Makefile").read_text("utf-8")
    for command in start.COMMANDS:
        assert f"\n{command}:" in text
        assert f"$(START) {command}" in text
    assert text.index("\nlab:") == min(text.index(f"\n{command}:") for command in start.COMMANDS), (
        "lab must be the default target"
    )


@POSIX
@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
@pytest.mark.parametrize("name", ["python3", "python"])
def test_make_uses_the_first_working_python(name: str, tmp_path: Path) -> None:
    shutil.copy(START, tmp_path)
    shutil.copy(START.with_name("Makefile"), tmp_path)
    path = tmp_path / "bin"
    path.mkdir()
    for tool in ("sh", "grep"):
        (path / tool).symlink_to(str(shutil.which(tool)))
    script(path / "python3", "echo 'pyenv: python3: command not found' >&2; exit 127")
    make = [str(shutil.which("make")), "-C", str(tmp_path), "help"]
    done = subprocess.run(make, capture_output=True, text=True, env={"PATH": str(path)})
    assert done.returncode == 2
    assert "This needs Python 3.11 or newer" in done.stderr
    (path / name).unlink(missing_ok=True)
    (path / name).symlink_to(sys.executable)
    done = subprocess.run(make, capture_output=True, text=True, env={"PATH": str(path)})
    assert done.returncode == 0, done.stderr
    assert "run JupyterLab with the first notebook" in done.stdout


# The environment ------------------------------------------------------------------------------------------------------


class Installation:
    """A project folder that records the installers, as ``"venv"``, ``"packages"`` and ``"project"``."""

    def __init__(self, root: Path) -> None:
        self.venv, self.stamp = root / ".venv", root / ".venv" / "installed-from.txt"
        self.uv, self.python = "", "3.12.1 (main)"
        self.fails_at = ""
        self.commands: list[tuple[str, ...]] = []

    def run(self, *command: str) -> None:
        self.commands.append(command)
        if self.steps[-1] == self.fails_at:
            raise KeyboardInterrupt
        if self.steps[-1] == "venv":
            self.venv.mkdir()
            self.python = "3.12.1 (main)"

    def output_of(self, *command: str) -> str:
        return self.uv if command[0] == "uv" else self.python if self.venv.is_dir() else ""

    @property
    def steps(self) -> list[str]:
        named = {"venv": "venv", "-r": "packages", "-e": "project"}
        return [name for command in self.commands for word, name in named.items() if word in command]

    def set_up(self) -> list[str]:
        self.commands = []
        start.set_up()
        return self.steps


ALL_STEPS = ["venv", "packages", "project"]


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    installation = Installation(tmp_path)
    for name in ("pyproject.toml", "requirements.lock"):
        (tmp_path / name).write_text("first", encoding="utf-8")
    paths = {"PROJECT": tmp_path / "pyproject.toml", "LOCK": tmp_path / "requirements.lock"}
    for name, path in {**paths, "ROOT": tmp_path, "VENV": installation.venv, "STAMP": installation.stamp}.items():
        monkeypatch.setattr(start, name, path)
    monkeypatch.setattr(start, "run_quietly", installation.run)
    monkeypatch.setattr(start, "output_of", installation.output_of)
    assert installation.set_up() == ALL_STEPS
    return installation


@pytest.mark.parametrize("name", ["pyproject.toml", "requirements.lock"])
def test_changed_requirements_are_installed(name: str, installed: Installation) -> None:
    (start.ROOT / name).write_text("second", encoding="utf-8")
    assert installed.set_up() == ["packages", "project"]
    assert installed.set_up() == []


@pytest.mark.parametrize("change", ["moved", "another Python", "broken Python", "made by hand"])
def test_foreign_environment_is_replaced(change: str, installed: Installation) -> None:
    stamp = installed.stamp.read_text("utf-8")
    installed.python = {"another Python": "3.12.2 (main)", "broken Python": ""}.get(change, installed.python)
    installed.stamp.write_text({"moved": f"/other{stamp}", "made by hand": ""}.get(change, stamp), "utf-8")
    assert installed.set_up() == ALL_STEPS
    assert installed.set_up() == []


@pytest.mark.parametrize("step", ["packages", "project"])
def test_interrupted_installation_starts_over(step: str, installed: Installation) -> None:
    (start.ROOT / "requirements.lock").write_text("second", encoding="utf-8")
    installed.fails_at = step
    with pytest.raises(KeyboardInterrupt):
        installed.set_up()
    installed.fails_at = ""
    assert installed.set_up() == ALL_STEPS


@pytest.mark.parametrize("uv", ["uv 0.9", ""])
def test_uv_is_used_with_hashes(uv: str, installed: Installation) -> None:
    installed.uv = uv
    installed.stamp.unlink()
    assert installed.set_up() == ALL_STEPS
    assert [command[0] == "uv" for command in installed.commands] == [bool(uv)] * 3
    assert "--require-hashes" in installed.commands[1]
    assert "--no-build-isolation" in installed.commands[2], "the lock includes the build backend"


@POSIX
def test_environment_is_locked_during_setup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import fcntl

    def lock() -> None:
        with (tmp_path / ".mctoolkit" / "start.lock").open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def set_up() -> None:
        with pytest.raises(BlockingIOError):
            lock()

    monkeypatch.setattr(start, "ROOT", tmp_path)
    monkeypatch.setattr(start, "set_up", set_up)
    monkeypatch.setattr(start, "start", lambda command: 7)
    assert start.main("lint") == 7
    lock()
