"""start.py: what it chooses, what it says when things go wrong, and the whole of it on a project of its own."""

from __future__ import annotations

import ast
import datetime
import errno
import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

import start

START = Path(start.__file__)
POSIX = pytest.mark.skipif(os.name != "posix", reason="the fake programs are shell scripts")


# The door -------------------------------------------------------------------------------------------------------------


def old_python(version: str) -> str | None:
    """Find an old Python that works: on the PATH, or where pyenv keeps them."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    kept = [str(path) for path in pyenv.glob(f"versions/{version}*/bin/python")]
    for command in (f"python{version}", *kept):
        answer = start.ask([command])
        if answer and f"{answer[0][0]}.{answer[0][1]}" == version:
            return shutil.which(command)
    return None


@pytest.mark.parametrize("version", ["2.7", "3.6", "3.9"])
def test_an_old_python_says_what_is_needed(version: str, tmp_path: Path) -> None:
    python = old_python(version)
    if python is None:
        pytest.skip(f"there is no Python {version} here")
    done = subprocess.run([python, START], capture_output=True, text=True, env={"PATH": str(tmp_path)})
    assert done.returncode == 2
    assert done.stderr.startswith(f"This needs Python 3.11 or newer; found {version}. ")
    assert len(done.stderr.splitlines()) == 1


@POSIX
def test_an_old_python_hands_over_to_a_new_one(tmp_path: Path) -> None:
    python = old_python("3.9") or old_python("3.6") or old_python("2.7")
    if python is None:
        pytest.skip("there is no old Python here")
    (tmp_path / "python3").symlink_to(sys.executable)
    done = subprocess.run([python, START, "labb"], capture_output=True, text=True, env={"PATH": str(tmp_path)})
    assert done.returncode == 2
    assert "Did you mean 'lab'?" in done.stderr


def test_old_pythons_can_read_the_file() -> None:
    """What the real ones above prove where they are, this holds everywhere."""
    tree = ast.parse(START.read_text(encoding="ascii"), feature_version=(3, 6))
    for node in ast.walk(tree):
        assert not isinstance(node, ast.JoinedStr | ast.AnnAssign | ast.NamedExpr | ast.Nonlocal), ast.unparse(node)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert isinstance(node, ast.FunctionDef)
            assert node.returns is None
            assert not node.args.kwonlyargs
            assert all(argument.annotation is None for argument in node.args.args)
        if isinstance(node, ast.Raise):
            assert node.cause is None
        if isinstance(node, ast.Dict):
            assert None not in node.keys, "Python 2 has no {**other}"
        if isinstance(node, ast.List | ast.Tuple):
            assert not any(isinstance(element, ast.Starred) for element in node.elts)


def script(path: Path, text: str) -> str:
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


FAKES = {
    "a shim with nothing behind it": ("echo 'pyenv: python3.12: command not found' >&2; exit 127", None),
    "a shop window": ("echo 'Python was not found; run without arguments to install' >&2; exit 49", None),
    "something else of that name": ("echo usage: py FILE", None),
    "one that fails after its answer": ("echo python 3 12 1 1; exit 3", None),
    "an old one": ("echo python 3 10 13 1", ((3, 10, 13), True)),
    "one without ensurepip": ("echo python 3 12 1 0", ((3, 12, 1), False)),
    "a good one": ("echo python 3 12 1 1", ((3, 12, 1), True)),
}


@POSIX
@pytest.mark.parametrize(("text", "answer"), FAKES.values(), ids=FAKES)
def test_a_name_on_the_path_is_believed_only_when_it_runs(text: str, answer: object, tmp_path: Path) -> None:
    assert start.ask([script(tmp_path / "python3", text)]) == answer


def test_no_program_is_no_python(tmp_path: Path) -> None:
    assert start.ask([str(tmp_path / "nothing")]) is None


def test_the_python_of_this_test_is_one() -> None:
    assert start.ask([sys.executable]) == (sys.version_info[:3], True)


@POSIX
def test_the_first_that_will_do_is_taken(tmp_path: Path) -> None:
    commands = [[script(tmp_path / str(number), text)] for number, (text, _) in enumerate(FAKES.values())]
    seen: list[tuple[tuple[int, ...], bool]] = []
    assert start.choose([*commands, ["never asked"]], seen) == commands[-1]
    assert seen == [((3, 10, 13), True), ((3, 12, 1), False)]


def test_the_launcher_is_asked_on_windows_only() -> None:
    windows, others = start.commands_to_try(True), start.commands_to_try(False)
    assert windows[:2] == [["py", "-3"], ["py", "-3.14"]]
    assert windows[5:] == others
    assert others == [["python3.14"], ["python3.13"], ["python3.12"], ["python3.11"], ["python3"], ["python"]]


@pytest.mark.parametrize(
    ("seen", "platform", "words"),
    [
        (
            [((2, 7, 18), False), ((3, 9, 18), True)],
            "win32",
            ["found 3.9.", "Microsoft Store (no admin rights needed)"],
        ),
        ([((3, 10, 2), False)], "darwin", ["found 3.10.", "python.org"]),
        ([((3, 9, 1), True)], "linux", ["found 3.9.", "python3.11-venv"]),
        ([((3, 9, 1), True), ((3, 12, 3), False)], "linux", ["Python 3.12 is new enough", "install python3.12-venv"]),
    ],
)
def test_what_is_missing_is_said(seen: list[tuple[tuple[int, ...], bool]], platform: str, words: list[str]) -> None:
    said = start.no_python(seen, platform)
    assert [word for word in words if word not in said] == []


# The command line -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("", ("lab", [], False)),
        ("lab", ("lab", [], False)),
        ("--system-certificates", ("lab", [], True)),
        ("lab --system-certificates --port 9000", ("lab", ["--port", "9000"], True)),
        ("test -k word -x", ("test", ["-k", "word", "-x"], False)),
        ("test --help", ("test", ["--help"], False)),
        ("test -x --system-certificates", ("test", ["-x", "--system-certificates"], False)),
        ("app --port 9000", ("app", ["--port", "9000"], False)),
        ("notebooks 00.ipynb", ("notebooks", ["00.ipynb"], False)),
        ("--help", ("help", [], False)),
    ],
)
def test_the_command_line(words: str, expected: tuple[str, list[str], bool]) -> None:
    request = start.parse(words.split())
    assert (request.verb, request.rest, request.system) == expected
    assert request.wheels == ""


def test_a_folder_of_wheels_is_taken_from_where_one_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "my wheels"
    folder.mkdir()
    (folder / "a-1-py3-none-any.whl").touch()
    monkeypatch.chdir(tmp_path)
    for words in (["--wheels", "my wheels"], ["--wheels=my wheels"], ["test", "--wheels", str(folder)]):
        assert start.parse(words).wheels == str(folder)
    assert start.parse(["test", "--wheels", "my wheels", "-x"]).rest == ["-x"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["labb"], "has no 'labb'. Did you mean 'lab'?"),
        (["xyzzy"], "has no 'xyzzy'. It knows: lab, app, test"),
        (["--foo"], "has no option '--foo'"),
        (["--wheels"], "files that end in .whl, and '' is none"),
        (["--wheels", "no such folder"], "and 'no such folder' is none"),
    ],
)
def test_a_slip_on_the_command_line(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert start.main(words) == 2
    assert said in capsys.readouterr().err


def test_help_names_every_verb_and_option(capsys: pytest.CaptureFixture[str]) -> None:
    assert start.main(["help"]) == 0
    said = capsys.readouterr().out
    assert [word for word in (*start.VERBS, "--system-certificates", "--wheels") if word not in said] == []


def test_every_text_can_be_filled_in() -> None:
    names = [
        *("about", "count", "found", "get", "host", "issuer", "line", "lines", "log", "name", "nearest"),
        *("option", "origin", "seconds", "status", "verb", "verbs", "wheels"),
    ]
    given = dict.fromkeys(names, "x")
    for key in start.TEXTS:
        assert "{" not in start.say(key, **given)


# What has to be done --------------------------------------------------------------------------------------------------

WANTED = {"root": "/a b", "python": [3, 12, 1], "project": "abc", "extras": ["lab"]}
FOUND = {"python": [3, 12, 1], "has": ["pip", "mctoolkit", "jupyterlab"]}
PLANS: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "nothing there, or it does not run": ({}, WANTED, "make"),
    "all as it should be": (FOUND, WANTED, "ready"),
    "more than is wanted": (FOUND, {**WANTED, "extras": ["lab", "test"]}, "ready"),
    "less than is wanted": (FOUND, {**WANTED, "extras": []}, "install"),
    "another pyproject.toml": (FOUND, {**WANTED, "project": "old"}, "install"),
    "its Python was updated": (FOUND, {**WANTED, "python": [3, 12, 0]}, "install"),
    "interrupted": (FOUND, {"unfinished": True}, "make"),
    "copied from elsewhere": (FOUND, {**WANTED, "root": "/other"}, "make"),
    "a Python that is too old": ({**FOUND, "python": [3, 10, 13]}, WANTED, "make"),
    "finished, and a package gone since": ({**FOUND, "has": ["pip", "mctoolkit"]}, WANTED, "make"),
    "made by hand": ({**FOUND, "has": ["pip"]}, {}, "install"),
    "made by hand, without pip": ({**FOUND, "has": []}, {}, "make"),
    "made by uv without pip, another pyproject.toml": (
        {**FOUND, "has": ["mctoolkit", "jupyterlab"]},
        {**WANTED, "project": "old"},
        "make",
    ),
}


@pytest.mark.parametrize(("found", "stamp", "plan"), PLANS.values(), ids=PLANS)
def test_the_plan(found: dict[str, Any], stamp: dict[str, Any], plan: str) -> None:
    assert start.decide(found, stamp, WANTED) == plan


def test_the_stamp_changes_with_what_the_project_wants(tmp_path: Path) -> None:
    project = tmp_path / "pyproject.toml"
    project.write_text("a = 1", encoding="utf-8")
    before = start.make_stamp(tmp_path, [3, 12, 1], ("lab",))
    assert before == start.make_stamp(tmp_path, [3, 12, 1], ("lab",))
    project.write_text("a = 2", encoding="utf-8")
    after = start.make_stamp(tmp_path, [3, 12, 1], ("lab",))
    assert before["project"] != after["project"]
    assert json.loads(json.dumps(after)) == after


@pytest.mark.parametrize("text", [None, "", "{", "[]", '"x"', "\x00"])
def test_a_stamp_that_cannot_be_read_is_none(text: str | None, tmp_path: Path) -> None:
    path = tmp_path / "start.json"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    assert start.read_stamp(path) == {}


def test_an_environment_is_asked_by_running_its_python(tmp_path: Path) -> None:
    assert start.inspect(Path(sys.executable))["python"] == list(sys.version_info[:3])
    assert start.inspect(tmp_path / "bin" / "python") == {}


def test_where_the_python_of_an_environment_is() -> None:
    assert start.python_of(Path("a"), windows=True) == Path("a", "Scripts", "python.exe")
    assert start.python_of(Path("a"), windows=False) == Path("a", "bin", "python")


# Commands -------------------------------------------------------------------------------------------------------------


def test_a_path_with_spaces_stays_one_argument(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    venv = tmp_path / "my project" / ".venv"
    monkeypatch.setattr(start, "VENV", venv)
    assert start.make_command("")[-1] == str(venv)
    assert start.make_command("/my tools/uv")[0] == "/my tools/uv"
    for uv in ("", "/my tools/uv"):
        command = start.install_command(uv, ("lab", "test"), "/my wheels")
        assert command[-3:] == ["--no-index", "--find-links", "/my wheels"]
        assert command[command.index("--editable") + 1] == ".[lab,test]"
        assert "pip" not in command[4:], "a folder of wheels need not have pip"
        assert "--no-index" not in start.install_command(uv, ("lab",), "")


def test_uv_uses_the_python_that_was_chosen_and_brings_pip(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    command = start.make_command("uv")
    assert command[command.index("--python") + 1] == sys.executable
    assert start.install_command("uv", ("lab",), "")[-1] == "pip"


@POSIX
@pytest.mark.parametrize(("text", "works"), [("echo uv 0.9", True), ("exit 1", False), (None, False)])
def test_uv_is_used_when_it_runs(
    text: str | None, works: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    if text is not None:
        script(tmp_path / "uv", text)
    assert start.working_uv() == (str(tmp_path / "uv") if works else "")


@pytest.mark.parametrize(
    ("pip", "settings"),
    [
        ((26, 0), {}),
        ((24, 2), {}),
        ((24, 1), {"PIP_USE_FEATURE": "truststore"}),
        ((23, 3), {"PIP_USE_FEATURE": "truststore"}),
        ((23, 2), {"PIP_CERT": "the file"}),
        ((22, 3), {"PIP_CERT": "the file"}),
    ],
)
def test_what_makes_each_pip_trust_what_the_system_trusts(pip: tuple[int, int], settings: dict[str, str]) -> None:
    assert start.certificate_settings(pip, lambda: "the file") == settings


# What an installer says, in words -------------------------------------------------------------------------------------

RETRYING = "WARNING: Retrying (Retry(total=4, connect=None)) after connection broken by '{}': /simple/hatchling/\n"
GAVE_UP = (
    "ERROR: Could not find a version that satisfies the requirement hatchling>=1.25 (from versions: none)\n"
    "ERROR: No matching distribution found for hatchling>=1.25\n"
    "error: subprocess-exited-with-error\n"
    "× pip subprocess to install build dependencies did not run successfully.\n"
)
UNTRUSTED = (
    "SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: "
    "unable to get local issuer certificate (_ssl.c:1006)'))"
)
NO_NAME = (
    "NewConnectionError('<pip._vendor.urllib3.connection.HTTPSConnection object at 0x7f>: Failed to establish "
    "a new connection: [Errno -2] Name or service not known')"
)
FETCHING = "error: Failed to fetch: `https://pypi.example/simple/pandas/`\n  cause: error sending request for url\n"
LOGS = {
    "pip, a proxy's certificate": (RETRYING.format(UNTRUSTED) + GAVE_UP, False, ("certificate", "")),
    "uv, a proxy's certificate": (
        FETCHING + "  cause: client error (Connect)\n  cause: invalid peer certificate: UnknownIssuer\n",
        False,
        ("certificate", ""),
    ),
    "pip, no such host": (RETRYING.format(NO_NAME) + GAVE_UP, False, ("no_network", "")),
    "pip 26, no such host": (
        RETRYING.format("NameResolutionError(\"HTTPSConnection(host='pypi.example', port=443)\")") + GAVE_UP,
        False,
        ("no_network", ""),
    ),
    "pip, in the words of 25": (
        RETRYING.format(NO_NAME)
        + "ERROR: Failed to build 'mctoolkit' when installing build dependencies for mctoolkit\n",
        False,
        ("no_network", ""),
    ),
    "uv, no such host": (FETCHING + "  cause: client error (Connect)\n  cause: dns error\n", False, ("no_network", "")),
    "a network that came back, then a full disk": (
        RETRYING.format(NO_NAME) + "Collecting pandas\nERROR: Could not install packages due to an OSError: [Errno 28] "
        "No space left on device\n",
        False,
        ("disk_full", ""),
    ),
    "a proxy, and then no network": (
        RETRYING.format(UNTRUSTED) + RETRYING.format(NO_NAME) + GAVE_UP,
        False,
        ("no_network", ""),
    ),
    "Windows, a full disk": ("OSError: [WinError 112] There is not enough space on the disk", False, ("disk_full", "")),
    "uv, a full disk": ("  cause: failed to copy\n  cause: Not enough room (os error 28)", False, ("disk_full", "")),
    "Windows, too deep": (
        "ERROR: Could not install packages due to an OSError: [Errno 2] No such file or directory: 'C:\\\\a'\n"
        "HINT: This error might have occurred since this system does not have Windows Long Path support enabled.\n",
        False,
        ("long_path", ""),
    ),
    "Windows, in use": (
        "OSError: [WinError 32] The process cannot access the file: 'C:\\\\x.dll'",
        False,
        ("in_use", "[WinError 32] The process cannot access the file: 'C:\\\\x.dll'"),
    ),
    "not allowed": ("OSError: [Errno 13] Permission denied: '/a b/.venv/bin/pip'", False, ("no_permission", "")),
    "Windows, not allowed": ("PermissionError: [WinError 5] Access is denied: 'C:\\\\x'", False, ("no_permission", "")),
    "Debian without venv": ("It was not created because ensurepip is not available.", False, ("no_venv", "")),
    "a proxy that wants a name": (
        RETRYING.format("ProxyError('Cannot connect.', OSError('failed: 407 Proxy Authentication Required'))"),
        False,
        ("proxy_login", ""),
    ),
    "a wheel that is not in the folder": ("Looking in links: /w\n" + GAVE_UP, True, ("no_wheel", "hatchling")),
    "uv, a wheel that is not in the folder": (
        "  × No solution found when resolving dependencies:\n"
        "  ╰─▶ Because orjson was not found in the provided package locations and mctoolkit==0.1.0 depends on orjson",
        True,
        ("no_wheel", "orjson"),
    ),
    "nothing ready-made, and no compiler": (
        "  error: can't find Rust compiler\n  ERROR: Failed building wheel for orjson\n"
        "ERROR: Failed to build installable wheels for some pyproject.toml based projects (orjson)\n",
        False,
        ("no_build", "orjson"),
    ),
    "something else": ("Collecting pandas\nERROR: the moon is in the wrong house\n", False, ("unknown", "")),
    "nothing at all": ("", False, ("unknown", "")),
}


@pytest.mark.parametrize(("log", "offline", "reason"), LOGS.values(), ids=LOGS)
def test_the_reason_is_found_in_what_was_said(log: str, offline: bool, reason: tuple[str, str]) -> None:
    assert start.explain(log, offline) == reason


@pytest.mark.parametrize(("log", "offline", "reason"), LOGS.values(), ids=LOGS)
def test_and_told_with_a_next_step(
    log: str, offline: bool, reason: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(start, "issuer_seen", lambda host, port: "Acme Root CA")
    monkeypatch.setattr(start, "pip_version", lambda: (23, 2))
    said = start.in_words(log, start.Request("lab", [], "/my wheels" if offline else "", False))
    assert "Traceback" not in said
    assert said.isascii() or reason[0] == "unknown"
    assert len(said.splitlines()) <= 4


def test_the_certificate_is_told_by_its_issuer_and_the_advice_by_what_was_tried(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[tuple[str, int]] = []

    def issuer(host: str, port: int) -> str:
        asked.append((host, port))
        return "Acme Root CA" if len(asked) == 1 else ""

    monkeypatch.setattr(start, "issuer_seen", issuer)
    monkeypatch.setattr(start, "pip_version", lambda: (23, 2))
    log = f"HTTPSConnectionPool(host='pypi.example', port=8443): {UNTRUSTED}"
    first = start.in_words(log, start.Request("lab", [], "", False))
    assert 'the certificate comes from "Acme Root CA", not from the package index' in first
    assert "start.py --system-certificates" in first
    second = start.in_words(log, start.Request("lab", [], "", True))
    assert "--system-certificates" not in second
    assert "start.py --wheels" in second
    monkeypatch.setattr(start, "pip_version", lambda: (24, 2))
    assert "--system-certificates" not in start.in_words(log, start.Request("lab", [], "", False))
    assert asked == [("pypi.example", 8443)] * 3


@pytest.mark.parametrize(
    ("log", "host"),
    [
        ("HTTPSConnectionPool(host='index.example', port=443): Max", ("index.example", 443)),
        ("Failed to fetch: `https://mirror.example:8443/simple/pandas/`", ("mirror.example", 8443)),
        ("Looking in indexes: https://mirror.example/simple", ("mirror.example", 443)),
        ("nothing", None),
    ],
)
def test_the_host_is_found(log: str, host: tuple[str, int] | None) -> None:
    assert start.host_in(log) == host


def test_the_telling_lines_are_the_last_errors() -> None:
    assert start.telling_lines("error: a\nx\n\n  ERROR: b\ny\n") == "    error: a\n      ERROR: b"
    assert start.telling_lines("1\n2\n3\n4\n") == "    2\n    3\n    4"


@pytest.mark.parametrize(
    ("log", "line"),
    [
        ("Collecting a\nCollecting b\n  Downloading b\n", "2/3  Installing packages: 2 so far"),
        ("Collecting a\nSuccessfully installed a-1 b-2 c-3\n", "2/3  Installing 3 packages"),
        ("Resolved 12 packages in 1s\nInstalled 12 packages in 3ms\n", "2/3  Installing 12 packages"),
        ("Successfully installed mctoolkit-0.1.0\n", "2/3  Installing packages"),
        ("", "2/3  Installing packages"),
    ],
)
def test_packages_are_counted(log: str, line: str) -> None:
    assert start.counted(log) == line


def certificate(issuer: str) -> bytes:
    """Make a server's certificate as an inspecting proxy does, and its key."""
    now = datetime.datetime.now(datetime.UTC)
    key, signer = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    made = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(signer, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return made.public_bytes(serialization.Encoding.PEM) + private


@pytest.fixture
def impostor(tmp_path: Path) -> Iterator[tuple[int, list[bytes]]]:
    """Serve TLS with a company's certificate, directly or as a proxy; yield the port, and what the proxy was asked."""
    asked: list[bytes] = []
    path = tmp_path / "server.pem"
    path.write_bytes(certificate("Acme Root CA"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)

    def serve() -> None:
        while True:
            try:
                plain, _ = listener.accept()
            except OSError:
                return
            with suppress(OSError), plain:
                if plain.recv(1, socket.MSG_PEEK) == b"C":  # CONNECT pypi.example:443
                    asked.append(plain.recv(4096).split(b"\r\n")[0])
                    plain.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                with context.wrap_socket(plain, server_side=True) as secure:
                    secure.recv(1)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1], asked
        listener.shutdown(socket.SHUT_RDWR)
    thread.join()


@pytest.fixture
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("https_proxy", "no_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.usefixtures("no_proxies")
def test_the_issuer_is_read_from_the_wire(impostor: tuple[int, list[bytes]]) -> None:
    port, asked = impostor
    assert start.issuer_seen("127.0.0.1", port) == "Acme Root CA"
    assert asked == []


@pytest.mark.usefixtures("no_proxies")
@pytest.mark.parametrize("proxy", ["http://127.0.0.1:{}", "127.0.0.1:{}"])
def test_the_issuer_is_read_through_the_companys_proxy(
    proxy: str, impostor: tuple[int, list[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    port, asked = impostor
    monkeypatch.setenv("HTTPS_PROXY", proxy.format(port))
    assert start.issuer_seen("pypi.example", 443) == "Acme Root CA"
    assert {line.split()[1] for line in asked} == {b"pypi.example:443"}


@pytest.mark.usefixtures("no_proxies")
def test_an_issuer_that_cannot_be_learned_is_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    assert start.issuer_seen("127.0.0.1", port) == ""


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "The disk is full: /a b/x could not be finished."),
        (errno.EACCES, "No permission to write /a b/x."),
        (errno.EROFS, "No permission to write /a b/x."),
        (errno.EIO, "It did not work: [Errno 5]"),
    ],
)
def test_what_the_system_refuses_is_told(
    number: int, words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def refuse(request: start.Request) -> None:
        raise OSError(number, os.strerror(number), "/a b/x")

    monkeypatch.setattr(start, "ROOT", tmp_path)
    monkeypatch.setattr(start, "prepare", refuse)
    assert start.main([]) == 2
    assert words in capsys.readouterr().err


# Doing ----------------------------------------------------------------------------------------------------------------


def test_one_start_waits_for_another(tmp_path: Path) -> None:
    path = tmp_path / "start.lock"
    with path.open("ab") as first, path.open("ab") as second:
        assert start.lock(first)
        assert not start.lock(second)
        first.close()
        assert start.lock(second)


def test_what_is_being_made_is_noted_as_unfinished_before_anything_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    venv = tmp_path / ".venv"
    venv.write_text("a file, of all things", "utf-8")
    monkeypatch.setattr(start, "VENV", venv)
    monkeypatch.setattr(start, "STAMP", venv / "start.json")
    monkeypatch.setattr(start, "LOG", venv / "install.log")

    def run(command: list[str], settings: Mapping[str, str], on_wait: object) -> tuple[bool, str]:
        assert start.read_stamp(venv / "start.json") == {"unfinished": True}
        return False, "what was said"

    monkeypatch.setattr(start, "run_logged", run)
    assert start.make("", "what uv had said") == "what was said"
    assert start.LOG.read_text("utf-8") == "what uv had said"


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with three programs: one that succeeds, two that do not."""
    for name, status in (("good", 0), ("bad", 3), ("worse", 4)):
        (tmp_path / f"{name}.py").write_text(f"open('ran', 'a').write('{name} ')\nraise SystemExit({status})", "utf-8")
    monkeypatch.setattr(start, "ROOT", tmp_path)
    monkeypatch.setattr(start, "python_of", lambda venv: sys.executable)
    return tmp_path


@pytest.mark.parametrize(
    ("names", "status"), [("good good", 0), ("good bad", 3), ("bad good", 3), ("worse bad good", 4)]
)
def test_all_checks_run_and_one_failure_is_failure(
    names: str, status: int, modules: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert start.run_all([(f"{number} {name}", (name,), {}) for number, name in enumerate(names.split())]) == status
    assert (modules / "ran").read_text("utf-8").split() == names.split()
    assert capsys.readouterr().out.count("FAILED") == sum(name != "good" for name in names.split())


@pytest.mark.parametrize("notebook", [None, "notebooks/a.ipynb", "notebooks/deep/er/a.ipynb"])
def test_test_runs_the_suite_and_then_the_notebooks_if_there_are_any(
    notebook: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[tuple[str, tuple[str, ...], Mapping[str, str]]] = []
    monkeypatch.setattr(start, "ROOT", tmp_path)

    def run_all(checks: list[tuple[str, tuple[str, ...], Mapping[str, str]]]) -> int:
        ran.extend(checks)
        return 7

    monkeypatch.setattr(start, "run_all", run_all)
    if notebook:
        (tmp_path / notebook).parent.mkdir(parents=True)
        (tmp_path / notebook).touch()
    assert start.do(start.Request("test", ["-k", "a word"], "", False)) == 7
    assert ran[0][1] == ("pytest", "-k", "a word")
    assert [check[0] for check in ran] == (["tests", "notebooks"] if notebook else ["tests"])
    for _, arguments, settings in ran[1:]:
        assert "--nbval" in arguments, "strict, not --nbval-lax"
        assert "-k" not in arguments
        assert settings["MCTOOLKIT_SEED"] == "2026"
    assert {settings["PYTHONHASHSEED"] for _, _, settings in ran} == {"0"}


@pytest.mark.parametrize("verb", ["lab", "app"])
def test_what_is_opened_takes_the_place_of_this_program(
    verb: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(start, "ROOT", tmp_path)
    handed_over: list[list[str]] = []

    def hand_over(command: list[str]) -> int:
        handed_over.append(command[1:])
        return 0

    monkeypatch.setattr(start, "hand_over", hand_over)
    monkeypatch.chdir(tmp_path)
    assert start.do(start.Request(verb, ["--port", "9000"], "", False)) == 0
    assert handed_over == [["-m", "mctoolkit", verb, "--port", "9000"]]
    assert start.EXTRAS[verb] == ("lab",), "who only looks at the form needs no test tools"


def test_each_verb_has_its_extras_and_its_line() -> None:
    for verb in set(start.VERBS) - {"help"}:
        assert "lab" in start.EXTRAS[verb]
        assert start.TEXTS[verb].startswith("3/3  ")


# The whole of it, without a network, on a project of its own ----------------------------------------------------------

PROJECT = {
    "pyproject.toml": """\
        [build-system]
        requires = []
        build-backend = "backend"
        backend-path = ["."]
        [project]
        name = "mctoolkit"
        version = "0.1.0"
        [project.optional-dependencies]
        lab = []
        """,
    "backend.py": """\
        from pathlib import Path
        from zipfile import ZipFile
        def build_editable(folder, config_settings=None, metadata_directory=None):
            name, info = "mctoolkit-0.1.0-py3-none-any.whl", "mctoolkit-0.1.0.dist-info/"
            with ZipFile(Path(folder, name), "w") as wheel:
                wheel.writestr("mctoolkit.pth", str(Path.cwd()))
                metadata = ["Metadata-Version: 2.1", "Name: mctoolkit", "Version: 0.1.0", "Provides-Extra: lab"]
                wheel.writestr(info + "METADATA", "\\n".join(metadata))
                tags = ["Wheel-Version: 1.0", "Generator: x", "Root-Is-Purelib: true", "Tag: py3-none-any"]
                wheel.writestr(info + "WHEEL", "\\n".join(tags))
                wheel.writestr(info + "RECORD", "")
            return name
        """,
    "jupyterlab.py": "",
    "mctoolkit/__main__.py": """\
        import os, sys
        print(sys.argv[1:], os.getcwd(), "PYTHONPATH" in os.environ)
        """,
}


@pytest.fixture
def newcomer(tmp_path: Path) -> Path:
    """A small project under this name that needs nothing from anywhere, in a path with spaces and an accent."""
    root = tmp_path / "my caf\u00e9 project"
    for name, text in PROJECT.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = text.splitlines()
        path.write_text("\n".join(line.removeprefix(" " * 8) for line in lines), encoding="utf-8")
    shutil.copy(START, root)
    return root


def begin(root: Path, *arguments: str, python: Path | str = sys.executable, **variables: str) -> list[str]:
    """Run its start.py with no program in reach; return the lines that it wrote, its exit status last."""
    kept = {name: os.environ[name] for name in ("SYSTEMROOT", "TEMP", "TMP", "HOME") if name in os.environ}
    environment = {**kept, "PATH": str(root / "nothing"), "PIP_NO_INDEX": "1", "PYTHONUTF8": "1", **variables}
    done = subprocess.run(
        [python, root / "start.py", *arguments], capture_output=True, encoding="utf-8", env=environment, cwd=root.parent
    )
    return [*(done.stdout + done.stderr).splitlines(), str(done.returncode)]


def test_from_nothing_to_the_notebook_and_again(newcomer: Path) -> None:
    venv, stamp = newcomer / ".venv", newcomer / ".venv" / "start.json"
    ran = [f"{['lab', '--port', '9000']} {newcomer} False", "0"]

    first = begin(newcomer, "lab", "--port", "9000", PYTHONPATH="/elsewhere")
    assert first[0] == "mctoolkit: practice tool for Adobe's Media Collection API"
    assert first[1].startswith(f"1/3  Making a private Python in {venv}")
    assert first[2].startswith("2/3  Installing packages")
    assert [line.split()[-1] for line in first[1:3]] == ["s", "s"]
    assert first[3:] == ["3/3  Opening JupyterLab in your browser", *ran]

    again = begin(newcomer, "lab", "--port", "9000")
    assert [line.split()[-1] for line in again[1:3]] == ["ready", "ready"]
    assert again[4:] == ran

    project = newcomer / "pyproject.toml"
    project.write_text(project.read_text("utf-8") + "\n# changed\n", "utf-8")
    changed = begin(newcomer, "lab", "--port", "9000")
    assert [line.split()[-1] for line in changed[1:3]] == ["ready", "s"]
    assert changed[4:] == ran

    noted = stamp.read_text("utf-8")
    (newcomer / "backend.py").rename(newcomer / "lost.py")
    project.write_text(project.read_text("utf-8") + "\n# again\n", "utf-8")
    failed = begin(newcomer)
    assert failed[-1] == "2"
    assert "Traceback" not in "".join(failed)
    assert failed[-2] == f"All that was said is in {venv / 'install.log'}"
    assert stamp.read_text("utf-8") == noted, "what pip did not change is as good as it was"
    (newcomer / "lost.py").rename(newcomer / "backend.py")

    stamp.write_text('{"unfinished": true}', "utf-8")  # as after a power cut, and started from inside it
    made = begin(
        newcomer, "lab", "--port", "9000", python=start.python_of(venv), PATH=str(start.python_of(venv).parent)
    )
    assert made[1].startswith("1/3  Making a private Python")
    assert made[4:] == ran


@POSIX
@pytest.mark.skipif(shutil.which("make") is None, reason="there is no make here")
@pytest.mark.parametrize("name", ["python3", "python"])
def test_make_needs_only_one_python_that_runs(name: str, newcomer: Path, tmp_path: Path) -> None:
    shutil.copy(START.with_name("Makefile"), newcomer)
    path = tmp_path / "bin"
    path.mkdir()
    for tool in ("sh", "grep"):
        (path / tool).symlink_to(str(shutil.which(tool)))
    script(path / "python3", "echo 'pyenv: python3: command not found' >&2; exit 127")
    make = [str(shutil.which("make")), "-C", str(newcomer), "help"]
    done = subprocess.run(make, capture_output=True, text=True, env={"PATH": str(path)})
    assert done.returncode == 2
    assert "This needs Python 3.11 or newer" in done.stderr
    (path / name).unlink(missing_ok=True)
    (path / name).symlink_to(sys.executable)
    done = subprocess.run(make, capture_output=True, text=True, env={"PATH": str(path)})
    assert done.returncode == 0, done.stderr
    assert "start.py test" in done.stdout


def test_make_knows_every_verb() -> None:
    text = START.with_name("Makefile").read_text(encoding="utf-8")
    for verb in start.VERBS:
        assert f"\n{verb}:" in text
        assert f"$(START) {verb}" in text
    assert text.index("\nlab:") == min(text.index(f"\n{verb}:") for verb in start.VERBS), "`make` is `make lab`"
