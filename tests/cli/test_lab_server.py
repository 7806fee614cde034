"""mctoolkit lab: address, settings, messages and shutdown of JupyterLab."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import nbformat
import psutil
import pytest
import requests

from mctoolkit.cli import lab_server, server_common

POSIX = pytest.mark.skipif(os.name != "posix", reason="on Windows, another process cannot send such a signal")


def new_project(folder: Path) -> Path:
    """Create a project with the first notebook and another one, in a path with a space."""
    root = folder / "my project"
    for name in ("00_start_here.ipynb", "my own é.ipynb"):
        path = root / "notebooks" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(nbformat.v4.new_notebook(), path)  # type: ignore[no-untyped-call]
    return root


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return new_project(tmp_path)


@dataclass
class Running:
    """A running JupyterLab: its process, its address and its output files."""

    process: subprocess.Popen[bytes]
    address: str
    out: Path
    err: Path

    @property
    def base(self) -> str:
        return "http://" + urlsplit(self.address).netloc

    def get(self, path: str) -> requests.Response:
        token = urlsplit(self.address).query.removeprefix("token=")
        return requests.get(self.base + path, headers={"Authorization": f"token {token}"}, timeout=20)

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(timeout=30)


PRELUDE = """\
import socket, sys
from pathlib import Path
from urllib.parse import urlsplit
from tornado.httpclient import AsyncHTTPClient
from mctoolkit.cli import lab_server

def print_address(address, browser):  # the server must accept connections before it prints the address
    socket.create_connection(("127.0.0.1", urlsplit(address).port)).close()
    printed(address, browser)

printed, lab_server.server_common.print_address = lab_server.server_common.print_address, print_address
lab_server._checkout_root = lambda: Path({project!r})
AsyncHTTPClient.fetch = lambda *_, **__: print("external request", file=sys.stderr)
"""


@contextmanager
def running(project: Path, call: str = "lab_server.launch(browser=False)", **variables: str) -> Iterator[Running]:
    """Run JupyterLab for a project, with another Jupyter configuration of the user and in the current folder."""
    other_config = project.parent / "jupyter"
    other_config.mkdir(exist_ok=True)
    configuration = {
        "ServerApp": {"ip": "0.0.0.0", "root_dir": "/", "open_browser": True, "base_url": "/old/"},
        "IdentityProvider": {"token": ""},
        "LabApp": {"news_url": "https://news.example/feed"},
    }
    (other_config / "jupyter_server_config.json").write_text(json.dumps(configuration), encoding="utf-8")
    code = PRELUDE.format(project=str(project)) + f"sys.exit({call})"
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("JUPYTER")},
        "JUPYTER_CONFIG_DIR": str(other_config),
        "JUPYTER_DATA_DIR": str(project.parent / "data"),
        "JUPYTER_RUNTIME_DIR": str(project.parent / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(other_config / "settings"),
        "XDG_DATA_HOME": str(project.parent / "data"),
        "PYTHONUTF8": "1",
        **variables,
    }
    number = len(list(project.parent.glob("*.out")))
    out, err = project.parent / f"{number}.out", project.parent / f"{number}.err"
    with out.open("wb") as stdout, err.open("wb") as stderr:
        command = [sys.executable, "-c", code]
        process = subprocess.Popen(command, stdout=stdout, stderr=stderr, env=environment, cwd=other_config)
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
    with running(new_project(tmp_path_factory.mktemp("lab"))) as server:
        yield server


def kernels_of(pid: int) -> list[Any]:
    """Return the kernels of a server that listen; other child processes are ignored."""
    found = []
    for child in psutil.Process(pid).children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            if "ipykernel_launcher" in child.cmdline() and child.net_connections():
                found.append(child)
    return found


def workspaces(settings: Path) -> list[Path]:
    return list((settings / "lab" / "workspaces").iterdir())


def test_opens_a_copy_on_loopback_behind_a_token(server: Running) -> None:
    address = urlsplit(server.address)
    assert address.hostname == "127.0.0.1"
    assert address.path == "/lab/tree/my_notebooks/00_start_here.ipynb"
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

    assert server.get("/api/contents/notebooks/my own é.ipynb?content=0").status_code == 200
    assert "notebook:my_notebooks/00_start_here.ipynb" in server.get("/lab/api/workspaces/default").json()["data"]
    assert requests.get(f"{server.base}/api/contents", timeout=20).status_code == 403
    listening = psutil.Process(server.process.pid).net_connections(kind="tcp")
    listening_ips = {each.laddr.ip for each in listening if each.laddr.port == address.port}
    assert listening_ips == {"127.0.0.1"}


def default(server: Running, plugin: str, setting: str) -> object:
    return server.get(f"/lab/api/settings/{plugin}").json()["schema"]["properties"][setting]["default"]


def test_makes_no_external_requests(server: Running) -> None:
    page = server.get("/lab").text
    (configuration,) = re.findall(r'id="jupyter-config-data" type="application/json">(.*?)</script>', page, re.DOTALL)
    known = json.loads(configuration)
    assert known["news"] == {"disabled": True}
    assert known["extensionManager"]["can_install"] is False
    assert {"@voila-dashboards/jupyterlab-preview", "@jupyter-notebook/lab-extension"} <= set(
        known["disabledExtensions"]
    )
    assert server.get("/voila").status_code == server.get("/tree").status_code == 404
    assert server.get("/lab/api/news").json() == {"news": []}
    assert server.get("/lab/api/update").json() == {"notification": None}
    assert default(server, "@jupyterlab/apputils-extension:notification", "fetchNews") == "false"
    assert default(server, "@jupyterlab/apputils-extension:notification", "checkForUpdates") is False
    assert default(server, "@jupyter-widgets/jupyterlab-manager:plugin", "saveState") is False
    assert server.err.read_text("utf-8") == ""


@POSIX
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)])
def test_stop_ends_kernels(number: int, project: Path) -> None:
    with running(project) as server:
        token = {"Authorization": "token " + urlsplit(server.address).query.removeprefix("token=")}
        started = requests.post(f"{server.base}/api/kernels", headers=token, timeout=30)
        assert started.status_code == 201
        while not (kernels := kernels_of(server.process.pid)):
            time.sleep(0.05)
        assert server.err.read_text("utf-8") == "", "a kernel prints a warning"
        assert server.stop(number) == 0
        assert psutil.wait_procs(kernels, timeout=10)[1] == []
        assert server.out.read_text("utf-8").splitlines()[-1].strip() == "JupyterLab has stopped."


@POSIX
def test_stop_during_startup(project: Path) -> None:
    code = (
        "import os, signal; from pathlib import Path; from mctoolkit.cli import lab_server; "
        "lab_server._write_first_workspace = lambda *_: os.kill(os.getpid(), signal.SIGINT); "
        f"raise SystemExit(lab_server.launch(Path({str(project / 'notebooks' / lab_server.FIRST_NOTEBOOK)!r})))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_two_servers_run_in_parallel(server: Running, project: Path) -> None:
    port = urlsplit(server.address).port
    with running(project, f"lab_server.launch(browser=False, port={port})") as second:
        assert urlsplit(second.address).port != port
        assert server.get("/api/status").status_code == second.get("/api/status").status_code == 200
        assert second.err.read_text("utf-8") == ""


def test_opens_another_notebook(project: Path, tmp_path: Path) -> None:
    own = project / "notebooks" / "my own é.ipynb"
    with running(project, f"lab_server.launch(Path({str(own)!r}), browser=False)") as server:
        assert urlsplit(server.address).path == "/lab/tree/notebooks/my%20own%20%C3%A9.ipynb"
        assert workspaces(project / ".mctoolkit" / "jupyterlab")
        assert not (project / "my_notebooks").exists()
    elsewhere = own.rename(tmp_path / own.name)
    with running(project, f"lab_server.launch(Path({str(elsewhere)!r}), browser=False)") as server:
        assert urlsplit(server.address).path == "/lab/tree/my%20own%20%C3%A9.ipynb"
        assert not (tmp_path / ".mctoolkit").exists()
        if sys.platform == "linux":
            assert workspaces(tmp_path / "data" / "mctoolkit" / "jupyterlab")


def test_edited_copy_is_kept_with_a_message(project: Path) -> None:
    original, copy = (
        project / "notebooks" / lab_server.FIRST_NOTEBOOK,
        project / "my_notebooks" / lab_server.FIRST_NOTEBOOK,
    )
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("mine")])  # type: ignore[no-untyped-call]
    copy.parent.mkdir()
    nbformat.write(notebook, copy)  # type: ignore[no-untyped-call]
    edited, shipped = copy.read_bytes(), original.read_bytes()
    with running(project, f"lab_server.launch(Path({str(original)!r}), browser=False)") as server:
        printed = "Your edited {copy} is kept. Its original has changed: the new version is {new}, in {folder}.".format(
            copy=copy.name, new="00_start_here.new.ipynb", folder=copy.parent
        )
        assert server.out.read_text("utf-8").splitlines()[0].strip() == printed
        assert urlsplit(server.address).path == "/lab/tree/my_notebooks/00_start_here.ipynb"
    assert copy.read_bytes() == edited
    assert copy.with_name("00_start_here.new.ipynb").read_bytes() == shipped


def test_installed_package_copies_to_user_data(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    served: list[Path] = []
    monkeypatch.setattr(lab_server, "_checkout_root", lambda: None)
    monkeypatch.setattr(lab_server, "__file__", str(project / "cli" / "lab.py"))
    monkeypatch.setattr("platformdirs.user_data_path", lambda *_, **__: tmp_path / "data")
    monkeypatch.setattr(server_common, "on_signals", lambda handler: None)
    monkeypatch.setattr(
        lab_server, "_serve", lambda root, notebook, settings, *_: served.extend([root, notebook, settings])
    )
    lab_server.launch(browser=False)
    copies = tmp_path / "data" / "my_notebooks"
    assert served == [copies, copies / lab_server.FIRST_NOTEBOOK, tmp_path / "data" / "jupyterlab"]
    assert served[1].is_file()


def test_workspace_of_first_and_later_start(tmp_path: Path) -> None:
    lab_server._write_first_workspace(tmp_path, 'my_notebooks/a "b".ipynb')
    (saved,) = workspaces(tmp_path)
    data = json.loads(saved.read_text("utf-8"))["data"]
    layout = data["layout-restorer:data"]
    assert layout["main"]["dock"]["widgets"] == ['notebook:my_notebooks/a "b".ipynb']
    assert layout["left"]["collapsed"]
    assert layout["right"]["collapsed"]
    assert data['notebook:my_notebooks/a "b".ipynb']["data"]["path"] == 'my_notebooks/a "b".ipynb'

    saved.write_text("layout of the user", "utf-8")
    lab_server._write_first_workspace(tmp_path, "my_notebooks/b.ipynb")
    assert workspaces(tmp_path) == [saved]
    assert saved.read_text("utf-8") == "layout of the user"


@pytest.mark.parametrize(
    ("browser", "expected"), [("w3m", False), ("/usr/bin/www-browser", False), ("firefox", True), (None, False)]
)
def test_browser_opens_only_with_a_window(browser: str | None, expected: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    def get() -> webbrowser.BaseBrowser:
        if browser is None:
            raise webbrowser.Error
        return webbrowser.GenericBrowser(browser)

    monkeypatch.setattr(webbrowser, "get", get)
    monkeypatch.delenv("SSH_CONNECTION", raising=False)
    assert server_common.has_graphical_browser() is expected


@pytest.mark.parametrize(("platform", "expected"), [("darwin", False), ("linux", True)])
def test_ssh_on_a_mac_has_no_screen(platform: str, expected: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webbrowser, "get", lambda: webbrowser.GenericBrowser("firefox"))
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setenv("SSH_CONNECTION", "10.0.0.1")
    assert server_common.has_graphical_browser() is expected


@pytest.mark.parametrize("notebook", [Path("/no/such.ipynb"), Path(__file__).parent])
def test_missing_notebook_is_reported(notebook: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert lab_server.launch(notebook) == 2
    assert f"{notebook.name}: there is no such file.\nRun this in" in capsys.readouterr().err


def test_missing_jupyterlab_is_reported(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(lab_server, "_checkout_root", lambda: project)
    monkeypatch.setattr(server_common, "on_signals", lambda handler: None)
    monkeypatch.setattr(server_common, "isolated_env", lambda folder: {})
    monkeypatch.setitem(sys.modules, "jupyterlab.labapp", None)
    assert lab_server.launch() == 2
    assert f'Install it: {sys.executable} -m pip install "mctoolkit[lab]"' in capsys.readouterr().err


def test_unwritable_folder_is_reported(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "my_notebooks").write_text("a file where the folder should be")
    monkeypatch.setattr(lab_server, "_checkout_root", lambda: project)
    monkeypatch.setattr(server_common, "on_signals", lambda handler: None)
    assert lab_server.launch() == 2
    printed = capsys.readouterr().err
    assert printed.startswith("Cannot run JupyterLab: [Errno ")
    assert f"your copies of the notebooks in {project / 'my_notebooks'} and its settings in" in printed
