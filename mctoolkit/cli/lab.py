"""Open JupyterLab on the first notebook, for somebody who has never seen it.

`launch` starts JupyterLab in this process and stays until it is stopped. It decides four things, and leaves
the rest as JupyterLab has it:

- what a first start shows: one notebook, the sidebars shut, no launcher, no question about news;
- what it may do: listen on this machine only, behind a token, and ask nothing of the world outside;
- where its memory lies: settings, workspace and configuration have a folder of their own, so that the user's
  other JupyterLab does not change this one, nor this one the other;
- what it says in the terminal: where it is and how to stop it, and nothing else unless something is wrong.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import sys
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import FrameType

__all__ = ["launch"]

FIRST_NOTEBOOK = Path("notebooks", "00_start_here.ipynb")
"""What is opened when nothing else is asked for, seen from the root of the project."""

SHIPPED = ("00_start_here.ipynb", "01_sessions_request.ipynb", "02_break_it.ipynb")
"""The notebooks that are ours; no other is trusted."""

SETTINGS: dict[str, dict[str, Any]] = {
    "@jupyterlab/apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    # A notebook with its widgets' state in it keeps all that was typed into them, in clear.
    "@jupyter-widgets/jupyterlab-manager/plugin": {"saveState": False},
}
"""The settings of JupyterLab's plugins that a first start begins with."""

TEXTS = {
    "opened": "     Nothing opened? Copy this line into Chrome, Edge or Firefox:",
    "not_opened": "     No browser was opened. Copy this line into Chrome, Edge or Firefox:",
    "address": "     {address}",
    "stop": "     Leave this window open while you work. To stop: Ctrl+C",
    "stopped": "     JupyterLab has stopped.",
    "no_lab": (
        "Cannot open JupyterLab: {python} does not have it ({error}).\n"
        'Install it with: {python} -m pip install "mctoolkit[lab]"'
    ),
    "no_notebook": (
        "Cannot open {notebook}: there is no such notebook.\n"
        "Run this in the folder that holds start.py, or name a notebook that is there."
    ),
    "no_port": (
        "Cannot listen on port {port}: a port is a whole number from 0 to 65535, and 0 takes any free one.\n"
        "Leave the port out: then the first free one from 8888 on is taken."
    ),
    "no_room": (
        "Cannot start JupyterLab: {error}.\n"
        "It keeps its settings in {folder}. See that there is room and that you may write there, "
        "then start it again."
    ),
}

TEXT_BROWSERS = frozenset({"elinks", "links", "links2", "lynx", "w3m", "www-browser"})
CURVE = "curve"
"""What ZeroMQ calls the encryption between JupyterLab and its kernels."""


def launch(notebook: Path | None = None, *, browser: bool | None = None, port: int | None = None) -> int:
    """Start JupyterLab on a notebook, and stay until it is stopped.

    It listens on 127.0.0.1 only, behind a token that is new at each start. It does not look for updates,
    fetches no news and installs no extensions. Another JupyterLab that runs on this machine is left alone,
    with its kernels and its settings; if it has the port, the next free one is taken.

    Parameters
    ----------
    notebook : Path, optional
        The notebook to open; ``notebooks/00_start_here.ipynb`` of this project when left out.
    browser : bool, optional
        Whether to open a browser; when left out, only where there is a screen to open it on.
    port : int, optional
        The port to begin at, 0 to 65535 (0: any); 8888 when left out.

    Returns
    -------
    int
        0 when it was stopped by Ctrl+C or a signal; 2 when it could not start, after saying why.
    """
    project = _project()
    notebook = (notebook or (project or Path.cwd()) / FIRST_NOTEBOOK).absolute()
    if not notebook.is_file():
        return _refuse("no_notebook", notebook=notebook)
    if port is not None and not 0 <= port <= 65535:
        return _refuse("no_port", port=port)
    _on_signals(lambda number, frame: sys.exit(0))
    try:
        from jupyterlab.commands import get_user_settings_dir  # type: ignore[import-untyped]
        from jupyterlab.labapp import LabApp  # type: ignore[import-untyped]
    except ImportError as error:
        return _refuse("no_lab", python=sys.executable, error=error)

    if project is not None and notebook.is_relative_to(project):
        root, memory = project, project / ".mctoolkit" / "lab"
    else:
        root, memory = notebook.parent, Path(get_user_settings_dir()).with_name("mctoolkit")
    if browser is None:
        browser = _has_screen(sys.platform, os.environ) and _has_window()
    name = notebook.relative_to(root).as_posix()
    page = f"/lab/tree/{quote(name)}"
    token = secrets.token_hex(24)
    try:
        _prepare(memory, name)
        if project is not None:
            trust(project / FIRST_NOTEBOOK.parent)
        os.environ.update(_environment(memory))
        server = LabApp.initialize_server(argv=_arguments(root, memory, page, token, browser, port))
    except OSError as error:
        return _refuse("no_room", error=error, folder=memory)

    _on_signals(lambda number, frame: server.stop(from_signal=True))
    server.io_loop.add_callback(_announce, f"{server.connection_url.rstrip('/')}{page}?token={token}", browser)
    server.start()
    _say("stopped")
    return 0


def _arguments(root: Path, memory: Path, page: str, token: str, browser: bool, port: int | None) -> list[str]:
    """Put what `launch` decides as JupyterLab's command line, which wins over every configuration file.

    It is not the command line of the process, so the token is not seen by who lists the processes.
    """
    import zmq

    chosen = {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.allow_remote_access": False,
        "ServerApp.allow_root": getattr(os, "geteuid", lambda: 1)() == 0,
        "ServerApp.open_browser": browser,
        "ServerApp.root_dir": root,
        "ServerApp.log_level": "ERROR",
        "IdentityProvider.token": token,
        "LabApp.default_url": page,
        "LabApp.log_level": "ERROR",
        "LabApp.user_settings_dir": memory / "settings",
        "LabApp.workspaces_dir": memory / "workspaces",
        "LabApp.news_url": None,
        "LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
        "LabApp.extension_manager": "readonly",
        # Without it, each kernel warns in the terminal of who might listen in.
        "KernelManager.transport_encryption": "auto" if zmq.has(CURVE) else "disabled",
    }
    if port is not None:
        chosen["ServerApp.port"] = port
    return [f"--{key}={value}" for key, value in chosen.items()]


def _environment(memory: Path) -> dict[str, str]:
    """Give the environment variables that keep this JupyterLab apart from the user's others."""
    return {
        # An old password or port in the user's own configuration is not meant for this one.
        "JUPYTER_CONFIG_DIR": str(memory / "config"),
        # The kernel of this Python, not one of the same name that another Python left in the user's folder.
        "JUPYTER_PREFER_ENV_PATH": "1",
    }


def _prepare(memory: Path, notebook: str) -> None:
    """Write the settings and the workspace of a first start; what is there stays as the user has it."""
    from jupyterlab_server.workspaces_handler import WorkspacesManager

    (memory / "config").mkdir(parents=True, exist_ok=True)
    for plugin, values in SETTINGS.items():
        path = memory / "settings" / f"{plugin}.jupyterlab-settings"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")
    workspaces = memory / "workspaces"
    if not any(workspaces.glob("*.jupyterlab-workspace")):
        WorkspacesManager(str(workspaces)).save("default", json.dumps(_workspace(notebook)))


def trust(folder: Path) -> None:
    """Sign our own notebooks in a folder, so that JupyterLab shows their stored outputs as they were made.

    No other: an output of a stranger's notebook may hold anything.
    """
    import nbformat
    from nbformat.sign import NotebookNotary

    notary = NotebookNotary()  # type: ignore[no-untyped-call]
    for path in [folder / name for name in SHIPPED]:
        try:
            notary.sign(nbformat.read(path, as_version=4))  # type: ignore[no-untyped-call]
        except (OSError, ValueError):  # half-saved or not readable: JupyterLab will say so where it matters
            continue


def _workspace(notebook: str) -> dict[str, Any]:
    """Describe a window with one notebook and both sidebars shut, for JupyterLab's layout restorer."""
    widget = f"notebook:{notebook}"
    layout = {
        "main": {"dock": {"type": "tab-area", "currentIndex": 0, "widgets": [widget]}, "current": widget},
        "down": {"size": 0, "widgets": []},
        "left": {"collapsed": True, "visible": True, "widgets": []},
        "right": {"collapsed": True, "visible": True, "widgets": []},
        "relativeSizes": [0, 1, 0],
    }
    return {
        "metadata": {"id": "default"},
        "data": {
            "layout-restorer:data": layout,
            widget: {"data": {"path": notebook, "factory": "Notebook"}},
        },
    }


def _on_signals(handler: Callable[[int, FrameType | None], object]) -> None:
    """Do this at Ctrl+C, when told to end, and when the window is closed (SIGHUP; on Windows SIGBREAK)."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), handler)


def _announce(address: str, browser: bool) -> None:
    """Say where it is and how to stop it; the first moment that is true is when its event loop runs."""
    _say("opened" if browser else "not_opened")
    _say("address", address=address)
    _say("stop")


def _has_screen(platform: str, variables: Mapping[str, str]) -> bool:
    """Tell whether a browser that is opened would be seen.

    >>> _has_screen("linux", {"DISPLAY": ":0"}), _has_screen("linux", {}), _has_screen("win32", {})
    (True, False, True)
    """
    if platform == "win32":
        return True
    if platform == "darwin":
        return "SSH_CONNECTION" not in variables
    return any(variables.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))


def _has_window() -> bool:
    """Tell whether the browser that Python would open has a window of its own, or would take the terminal."""
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return False
    return Path(getattr(browser, "name", "")).name not in TEXT_BROWSERS


def _project() -> Path | None:
    """Find the root of the checkout that this file lies in; None when the package came without one."""
    root = Path(__file__).resolve().parents[2]
    return root if (root / "pyproject.toml").is_file() and (root / FIRST_NOTEBOOK.parent).is_dir() else None


def _say(key: str, **values: object) -> None:
    """Say a sentence at once, also when it goes to a file."""
    print(TEXTS[key].format(**values), flush=True)


def _refuse(key: str, **values: object) -> int:
    """Say on the error stream why it does not start, and give the exit status for that."""
    print(TEXTS[key].format(**values), file=sys.stderr, flush=True)
    return 2
