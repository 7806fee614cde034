"""mctoolkit app: access, messages and shutdown of the page with the form."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest
import requests

from mctoolkit import MctoolkitError, Sandbox, SessionForm
from mctoolkit.cli import app_server, server_common
from mctoolkit.client.profiles import profiles
from tests.cli.test_lab_server import kernels_of

POSIX = pytest.mark.skipif(os.name != "posix", reason="on Windows, another process cannot send such a signal")
OTHER_CONFIG = {"ip": "0.0.0.0", "token": "", "base_url": "/old/", "open_browser": True}


@dataclass
class Running:
    """A running server: its process, its address and its output files."""

    process: subprocess.Popen[bytes]
    address: str
    out: Path
    err: Path

    @property
    def base(self) -> str:
        return self.address.split("/?")[0]


@contextmanager
def running(folder: Path) -> Iterator[Running]:
    """Serve the form in a folder, with other Voila configurations there and in the home folder."""
    (folder / "home").mkdir()
    for place in (folder, folder / "home"):
        (place / "voila.json").write_text(json.dumps({"Voila": OTHER_CONFIG}), "utf-8")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("JUPYTER")},
        "JUPYTER_CONFIG_DIR": str(folder / "home"),
        "MCTOOLKIT_SEED": "2026",
        "PYTHONUTF8": "1",
        "XDG_DATA_HOME": str(folder / "data"),
    }
    out, err = folder / "out", folder / "err"
    with out.open("wb") as stdout, err.open("wb") as stderr:
        command = [sys.executable, "-m", "mctoolkit", "app", "--no-browser"]
        process = subprocess.Popen(command, stdout=stdout, stderr=stderr, env=environment, cwd=folder)
    try:
        while "to stop" not in (printed := out.read_text("utf-8")) and process.poll() is None:
            time.sleep(0.05)
        found = re.search(r"http://\S+", printed)
        assert found, printed + err.read_text("utf-8")
        yield Running(process, found[0], out, err)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server that several tests share."""
    with running(tmp_path_factory.mktemp("page")) as server:
        yield server


def test_listens_on_loopback_and_prints_the_url(server: Running) -> None:
    address = urlsplit(server.address)
    assert re.fullmatch(r"token=[0-9a-f]{48}", address.query)
    printed = server.out.read_text("utf-8").splitlines()
    assert printed == [
        f"     {line}"
        for line in (
            "Copy this address into Chrome, Edge or Firefox:",
            server.address,
            "Keep this window open while you work. Press Ctrl+C to stop.",
        )
    ]
    listening = psutil.Process(server.process.pid).net_connections(kind="tcp")
    assert {each.laddr.ip for each in listening if each.laddr.port == address.port} == {"127.0.0.1"}


def test_request_without_token_starts_no_kernel(server: Running) -> None:
    for path in ("/", "/?token=wrong", "/?token="):
        response = requests.get(server.base + path, timeout=20, allow_redirects=False)
        assert (response.status_code, urlsplit(response.headers["Location"]).path) == (302, "/login")
    kernel = "/api/kernels/01234567-0123-0123-0123-012345678901"
    assert requests.get(server.base + kernel, timeout=20).status_code == 403
    upgrade = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Key": "x" * 22 + "==", "Sec-WebSocket-Version": "13"}  # fmt: skip
    assert requests.get(server.base + kernel + "/channels", headers=upgrade, timeout=20).status_code == 403
    assert psutil.Process(server.process.pid).children(recursive=True) == []


def test_foreign_host_is_rejected_with_token(server: Running) -> None:
    port = urlsplit(server.address).port
    response = requests.get(server.address, headers={"Host": f"rebound.example:{port}"}, timeout=20)
    assert response.status_code == 403
    assert psutil.Process(server.process.pid).children(recursive=True) == []


def test_page_has_csp_and_no_external_resources(server: Running) -> None:
    visitor = requests.Session()
    response = visitor.get(server.address, timeout=60)
    assert response.status_code == 200
    response.encoding = "utf-8"
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert not re.search(r"https?:", policy)
    assert re.findall(r"""(?:src|href)=["']?(?:https?:)?//""", response.text) == []
    assert "Loading the form …" in response.text
    cookies = response.raw.headers.getlist("Set-Cookie")
    assert any("HttpOnly" in each and "SameSite=Lax" in each for each in cookies)

    strangers = {"Origin": "http://other.example", "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Key": "x" * 22 + "==", "Sec-WebSocket-Version": "13"}  # fmt: skip
    (kernel,) = re.findall(r'"kernelId": "([\w-]+)"', response.text)
    channels = f"{server.base}/api/kernels/{kernel}/channels"
    assert visitor.get(channels, headers=strangers, timeout=20).status_code in (403, 404)
    shut = f"{server.base}/voila/api/shutdown/{kernel}"
    assert visitor.post(shut, timeout=20).status_code == 403, "other pages could end the kernel"
    assert visitor.post(shut, data={"_xsrf": visitor.cookies["_xsrf"]}, timeout=20).status_code == 204
    assert visitor.get(f"{server.base}/voila/files/voila/templates/mctoolkit/conf.json", timeout=20).status_code == 403
    assert server.err.read_text("utf-8") == ""


@POSIX
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)])
def test_stop_ends_kernels(number: int, tmp_path: Path) -> None:
    with running(tmp_path) as server:
        requests.get(server.address, timeout=60)
        kernels = kernels_of(server.process.pid)
        assert kernels
        assert {Path(kernel.cwd()) for kernel in kernels} == {tmp_path.resolve()}, (
            "files are saved in the current folder"
        )
        server.process.send_signal(number)
        assert server.process.wait(timeout=30) == 0
        assert psutil.wait_procs(kernels, timeout=10)[1] == []
        assert server.out.read_text("utf-8").splitlines()[-1].strip() == "The form has stopped."
        assert server.err.read_text("utf-8") == ""


def test_browser_opens_a_private_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", opened.append)
    monkeypatch.setattr(threading.Thread, "start", lambda thread: thread.run())
    app_server._open_page("http://127.0.0.1:1/?token=abc", True, tmp_path)
    (redirect,) = tmp_path.iterdir()
    assert opened == [redirect.as_uri()], "the list of processes would show the token"
    assert "url=http://127.0.0.1:1/?token=abc" in redirect.read_text("utf-8")
    if os.name == "posix":
        assert redirect.stat().st_mode & 0o077 == 0


def test_used_port_is_skipped(server: Running, tmp_path: Path) -> None:
    port = urlsplit(server.address).port
    with running(tmp_path) as second:
        assert urlsplit(second.address).port != port


def test_missing_voila_is_reported(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(server_common, "on_signals", lambda handler: None)
    monkeypatch.setitem(sys.modules, "voila.app", None)
    assert app_server.launch() == 2
    assert f'Install it: {sys.executable} -m pip install "mctoolkit[lab]"' in capsys.readouterr().err


def form_of_the_page() -> SessionForm:
    """Run the only cell of the page."""
    (cell,) = json.loads(Path(app_server.__file__).with_name("form.ipynb").read_text("utf-8"))["cells"]
    *lines, last = "".join(cell["source"]).splitlines()
    names: dict[str, object] = {}
    exec("\n".join(lines), names)
    form = eval(last, names)
    assert isinstance(form, SessionForm)
    return form


def test_page_gets_host_plan_and_profiles(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in app_server._page_environment(None, None, None):
        monkeypatch.setenv(name, "")
    monkeypatch.setattr("mctoolkit._core.clocks.SEED", "2026")
    started: list[Sandbox] = []

    def start(**options: Any) -> Sandbox:
        started.append(Sandbox(**options))
        return started[-1]

    monkeypatch.setattr("mctoolkit.sandbox.Sandbox", start)
    own = form_of_the_page()
    started[0].stop()
    assert own.client.target.base == started[0].url
    assert own.plan is None
    monkeypatch.chdir(tmp_path)
    Path("plan.csv").write_text("key,required when\nmedia.show,always\n", "utf-8")
    Path("own.toml").write_text("[hosts.acme]\nuri = 'acme.hb-api.omtrdc.net'\n", "utf-8")
    with Sandbox() as sandbox:
        for name, value in app_server._page_environment(sandbox.url, Path("plan.csv"), Path("own.toml")).items():
            monkeypatch.setenv(name, value)
        form = form_of_the_page()
        assert form.client.target.base == sandbox.url
        assert form.plan is not None
    monkeypatch.chdir("/")
    monkeypatch.delenv("MCTOOLKIT_SEED", raising=False)
    assert list(profiles()) == ["acme"]


@pytest.mark.parametrize(
    ("option", "value"), [("to", "ht!tp"), ("plan", Path("nosuch.xlsx")), ("config", Path("nosuch.toml"))]
)
def test_invalid_options_are_reported_before_serving(option: str, value: object) -> None:
    with pytest.raises(MctoolkitError):
        app_server.launch(browser=False, **{option: value})  # type: ignore[arg-type]
