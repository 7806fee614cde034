"""JupyterLab as `mctoolkit lab` starts it: where it listens, what it remembers, what it says, how it ends."""

from __future__ import annotations

import json
import os
import re
import shutil
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

from mctoolkit import texts
from mctoolkit.cli import lab, serving
from tools import run_notebooks

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
POSIX = pytest.mark.skipif(os.name != "posix", reason="Windows has no signal that another program could send")


def new_project(folder: Path) -> Path:
    """Make a project with a first notebook and another one, in a path with a space."""
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
    """A JupyterLab that runs: its process, its address, and the files that it writes to."""

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
from mctoolkit.cli import lab

def announce(address, browser):  # who reads the address may use it at once
    socket.create_connection(("127.0.0.1", urlsplit(address).port)).close()
    said(address, browser)

said, lab.serving.announce = lab.serving.announce, announce
lab._project = lambda: Path({project!r})
AsyncHTTPClient.fetch = lambda *_, **__: print("asked outside", file=sys.stderr)
"""


@contextmanager
def running(project: Path, call: str = "lab.launch(browser=False)", **variables: str) -> Iterator[Running]:
    """Start it on a project; the user has an old configuration of Jupyter that would spoil it."""
    spoilt = project.parent / "jupyter"
    spoilt.mkdir(exist_ok=True)
    configuration = {
        "ServerApp": {"ip": "0.0.0.0", "root_dir": "/", "open_browser": True, "base_url": "/old/"},
        "IdentityProvider": {"token": ""},
        "LabApp": {"news_url": "https://news.example/feed"},
    }
    (spoilt / "jupyter_server_config.json").write_text(json.dumps(configuration), encoding="utf-8")
    code = PRELUDE.format(project=str(project)) + f"sys.exit({call})"
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("JUPYTER")},
        "JUPYTER_CONFIG_DIR": str(spoilt),
        "JUPYTER_DATA_DIR": str(project.parent / "data"),
        "JUPYTER_RUNTIME_DIR": str(project.parent / "runtime"),
        "PYTHONUTF8": "1",
        **variables,
    }
    number = len(list(project.parent.glob("*.out")))
    out, err = project.parent / f"{number}.out", project.parent / f"{number}.err"
    with out.open("wb") as stdout, err.open("wb") as stderr:
        process = subprocess.Popen([sys.executable, "-c", code], stdout=stdout, stderr=stderr, env=environment)
    try:
        while "To stop" not in (said := out.read_text("utf-8")) and process.poll() is None:
            time.sleep(0.05)
        found = re.search(r"http://\S+", said)
        assert found, said + err.read_text("utf-8")
        yield Running(process, found[0], out, err)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One that only answers questions."""
    with running(new_project(tmp_path_factory.mktemp("lab"))) as server:
        yield server


def kernels_of(pid: int) -> list[Any]:
    """Find the kernels of a server that are up and listen; children that come and go meanwhile are none."""
    found = []
    for child in psutil.Process(pid).children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            if "ipykernel_launcher" in child.cmdline() and child.net_connections():
                found.append(child)
    return found


def seeded(project: Path) -> Path:
    return project / ".mctoolkit" / "lab"


def test_it_opens_the_first_notebook_on_this_machine_only_and_behind_its_token(server: Running) -> None:
    address = urlsplit(server.address)
    assert address.hostname == "127.0.0.1"
    assert address.path == "/lab/tree/notebooks/00_start_here.ipynb"
    assert re.fullmatch(r"token=[0-9a-f]{48}", address.query)
    said = server.out.read_text("utf-8").splitlines()
    assert said == [
        f"     {words}" for words in (texts.say("serving.not_opened"), server.address, texts.say("serving.stop"))
    ]

    assert server.get("/api/contents/notebooks/my own é.ipynb?content=0").status_code == 200
    assert "notebook:notebooks/00_start_here.ipynb" in server.get("/lab/api/workspaces/default").json()["data"]
    assert requests.get(f"{server.base}/api/contents", timeout=20).status_code == 403
    listening = psutil.Process(server.process.pid).net_connections(kind="tcp")
    heard = {each.laddr.ip for each in listening if each.laddr.port == address.port}
    assert heard == {"127.0.0.1"}


def test_it_asks_nothing_of_the_world_outside(server: Running) -> None:
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
    notification = server.get("/lab/api/settings/@jupyterlab/apputils-extension:notification").json()
    assert notification["settings"] == {"fetchNews": "false", "checkForUpdates": False}
    widgets = server.get("/lab/api/settings/@jupyter-widgets/jupyterlab-manager:plugin").json()
    assert widgets["settings"] == {"saveState": False}
    assert server.err.read_text("utf-8") == ""


@POSIX
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)])
def test_it_ends_well_and_takes_its_kernels_along(number: int, project: Path) -> None:
    with running(project) as server:
        token = {"Authorization": "token " + urlsplit(server.address).query.removeprefix("token=")}
        started = requests.post(f"{server.base}/api/kernels", headers=token, timeout=30)
        assert started.status_code == 201
        while not (kernels := kernels_of(server.process.pid)):
            time.sleep(0.05)
        assert server.err.read_text("utf-8") == "", "a kernel complains in the terminal"
        assert server.stop(number) == 0
        assert psutil.wait_procs(kernels, timeout=10)[1] == []
        assert server.out.read_text("utf-8").splitlines()[-1].strip() == texts.say("serving.lab_stopped")


@POSIX
def test_stopping_it_before_it_is_up_is_no_accident(project: Path) -> None:
    code = (
        "import os, signal; from pathlib import Path; from mctoolkit.cli import lab; "
        "lab._prepare = lambda *_: os.kill(os.getpid(), signal.SIGINT); "
        f"raise SystemExit(lab.launch(Path({str(project / lab.FIRST_NOTEBOOK)!r})))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_two_of_them_live_side_by_side(server: Running, project: Path) -> None:
    port = urlsplit(server.address).port
    with running(project, f"lab.launch(browser=False, port={port})") as second:
        assert urlsplit(second.address).port != port
        assert server.get("/api/status").status_code == second.get("/api/status").status_code == 200
        assert second.err.read_text("utf-8") == ""


def test_another_notebook_of_the_project_or_of_elsewhere(project: Path, tmp_path: Path) -> None:
    own = project / "notebooks" / "my own é.ipynb"
    with running(project, f"lab.launch(Path({str(own)!r}), browser=False)") as server:
        assert urlsplit(server.address).path == "/lab/tree/notebooks/my%20own%20%C3%A9.ipynb"
        assert seeded(project).is_dir()
    elsewhere = own.rename(tmp_path / own.name)
    with running(project, f"lab.launch(Path({str(elsewhere)!r}), browser=False)") as server:
        assert urlsplit(server.address).path == "/lab/tree/my%20own%20%C3%A9.ipynb"
        assert (tmp_path / "jupyter" / "lab" / "mctoolkit" / "settings").is_dir()
        assert not (tmp_path / ".mctoolkit").exists()


def test_a_first_start_shows_one_notebook_and_a_later_one_what_the_user_left(tmp_path: Path) -> None:
    lab._prepare(tmp_path / "lab", "notebooks/a.ipynb")
    (saved,) = (tmp_path / "lab" / "workspaces").iterdir()
    data = json.loads(saved.read_text("utf-8"))["data"]
    layout = data["layout-restorer:data"]
    assert layout["main"]["dock"]["widgets"] == ["notebook:notebooks/a.ipynb"]
    assert layout["left"]["collapsed"]
    assert layout["right"]["collapsed"]
    assert data["notebook:notebooks/a.ipynb"]["data"] == {"path": "notebooks/a.ipynb", "factory": "Notebook"}

    changed = [*(tmp_path / "lab" / "settings").rglob("*.jupyterlab-settings"), saved]
    assert len(changed) == 3
    for path in changed:
        path.write_text("what the user left", "utf-8")
    lab._prepare(tmp_path / "lab", "notebooks/b.ipynb")
    assert [path.read_text("utf-8") for path in changed] == ["what the user left"] * 3
    assert list(saved.parent.iterdir()) == [saved]


@pytest.mark.parametrize(
    ("platform", "variables", "seen"),
    [
        ("win32", {}, True),
        ("darwin", {}, True),
        ("darwin", {"SSH_CONNECTION": "10.0.0.1"}, False),
        ("linux", {}, False),
        ("linux", {"DISPLAY": ""}, False),
        ("linux", {"DISPLAY": ":0"}, True),
        ("linux", {"WAYLAND_DISPLAY": "wayland-0"}, True),
        ("linux", {"BROWSER": "/editor/browser.sh"}, True),
    ],
)
def test_where_there_is_a_screen(platform: str, variables: dict[str, str], seen: bool) -> None:
    assert serving.has_screen(platform, variables) is seen


@pytest.mark.parametrize(("name", "window"), [("w3m", False), ("/usr/bin/www-browser", False), ("firefox", True)])
def test_a_browser_that_would_take_the_terminal_is_not_opened(
    name: str, window: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webbrowser, "get", lambda: webbrowser.GenericBrowser(name))
    assert serving.has_window() is window


def test_no_browser_at_all_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> None:
        raise webbrowser.Error

    monkeypatch.setattr(webbrowser, "get", none)
    assert serving.has_window() is False


@pytest.mark.parametrize(
    ("uid", "allowed"), [(0, "--ServerApp.allow_root=True"), (1000, "--ServerApp.allow_root=False")]
)
@POSIX
def test_root_may_start_it_and_is_not_asked_about(uid: int, allowed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: uid)
    given = lab._arguments(Path("/a b"), Path("/a b/.mctoolkit"), "/lab", "t", True, None)
    assert allowed in given
    assert "--ServerApp.open_browser=True" in given
    assert not [word for word in given if word.startswith("--ServerApp.port")]


SLIPS: dict[str, tuple[dict[str, Any], str]] = {
    "no such notebook": ({"notebook": Path("/no/such.ipynb")}, "such.ipynb: there is no such notebook.\nRun this in"),
    "a folder": ({"notebook": Path(__file__).parent}, "there is no such notebook"),
    "no such port": ({"port": 65536}, "Cannot listen on port 65536: a port is a whole number from 0 to 65535"),
    "less than none": ({"port": -1}, "Cannot listen on port -1"),
}


@pytest.mark.parametrize(("given", "words"), SLIPS.values(), ids=SLIPS)
def test_a_slip_is_told(
    given: dict[str, Any],
    words: str,
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(lab, "_project", lambda: project)
    assert lab.launch(**given) == 2
    assert words in capsys.readouterr().err


def test_a_python_without_jupyterlab_is_told(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(lab, "_project", lambda: project)
    monkeypatch.setattr(serving, "on_signals", lambda handler: None)
    monkeypatch.setitem(sys.modules, "jupyterlab.commands", None)
    assert lab.launch() == 2
    assert f'Install it with: {sys.executable} -m pip install "mctoolkit[lab]"' in capsys.readouterr().err


def test_a_disk_that_cannot_be_written_is_told(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(memory: Path, notebook: str) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(lab, "_project", lambda: project)
    monkeypatch.setattr(serving, "on_signals", lambda handler: None)
    monkeypatch.setattr(lab, "_prepare", refuse)
    assert lab.launch() == 2
    said = capsys.readouterr().err
    assert "Cannot start JupyterLab: [Errno 28] No space left on device.\n" in said
    assert str(seeded(project)) in said


def test_only_our_own_notebooks_are_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    signed: list[int] = []
    monkeypatch.setattr("nbformat.sign.NotebookNotary.sign", lambda _, notebook: signed.append(len(notebook.cells)))
    ours = [Path(shutil.copy(path, tmp_path)) for path in sorted(NOTEBOOKS.glob("*.ipynb"))]
    expected = [len(json.loads(path.read_text("utf-8"))["cells"]) for path in ours]
    lab.trust(tmp_path)
    assert signed == expected

    signed.clear()
    ours[0].write_bytes(ours[0].read_bytes().replace(b"\n", b"\r\n"))  # as git on Windows may check it out
    changed = json.loads(ours[1].read_text("utf-8"))
    changed["cells"][0]["source"] += "<script>"
    ours[1].write_text(json.dumps(changed), "utf-8")  # a stranger's, under a name of ours
    (tmp_path / "half saved.ipynb").write_text('{"cells": [', "utf-8")
    lab.trust(tmp_path)
    assert signed == expected[:1] + expected[2:]


def test_the_notebooks_that_are_trusted_are_those_that_lie_here() -> None:
    """When this fails, run `make notebooks`."""
    assert json.loads(run_notebooks.SHIPPED.read_text("utf-8")) == run_notebooks.fingerprints()
