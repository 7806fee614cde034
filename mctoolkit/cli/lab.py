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

import hashlib
import json
import os
import secrets
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import quote

from mctoolkit import texts
from mctoolkit.cli import serving

__all__ = ["fingerprint", "launch", "trust"]

FIRST_NOTEBOOK = Path("notebooks", "00_start_here.ipynb")
"""What is opened when nothing else is asked for, seen from the root of the project."""

SHIPPED = "shipped.json"
"""The file beside this one with the fingerprints of our own notebooks; ``make notebooks`` writes it."""

FIRST_PORT = 8888

SETTINGS: dict[str, dict[str, Any]] = {
    "@jupyterlab/apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    # A notebook with its widgets' state in it keeps all that was typed into them, in clear.
    "@jupyter-widgets/jupyterlab-manager/plugin": {"saveState": False},
}
"""The settings of JupyterLab's plugins that a first start begins with."""

OTHER_FACES = {
    "voila.server_extension": "@voila-dashboards/jupyterlab-preview",
    "notebook": "@jupyter-notebook/lab-extension",
}
"""Faces that the same Python may have: what they add to the server, and the buttons they put over a notebook."""


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
        return serving.refuse(texts.say("serving.no_notebook", notebook=notebook))
    if serving.port_is_wrong(port):
        return serving.refuse(texts.say("serving.no_port", port=port, first=FIRST_PORT))
    serving.on_signals(lambda number, frame: sys.exit(0))
    try:
        from jupyterlab.commands import get_user_settings_dir  # type: ignore[import-untyped]
        from jupyterlab.labapp import LabApp  # type: ignore[import-untyped]
    except ImportError as error:
        return serving.refuse(texts.say("serving.no_lab", python=sys.executable, error=error))

    if project is not None and notebook.is_relative_to(project):
        root, memory = project, project / ".mctoolkit" / "lab"
    else:
        root, memory = notebook.parent, Path(get_user_settings_dir()).with_name("mctoolkit")
    if browser is None:
        browser = serving.would_be_seen()
    name = notebook.relative_to(root).as_posix()
    page = f"/lab/tree/{quote(name)}"
    token = secrets.token_hex(24)
    try:
        _prepare(memory, name)
        if project is not None:
            trust(project / FIRST_NOTEBOOK.parent)
        os.environ.update(serving.stays_apart(memory / "config"))
        server = LabApp.initialize_server(argv=_arguments(root, memory, page, token, browser, port))
    except OSError as error:
        return serving.refuse(texts.say("serving.no_room", error=error, folder=memory))

    serving.on_signals(lambda number, frame: server.stop(from_signal=True))
    address = f"{server.connection_url.rstrip('/')}{page}?token={token}"
    server.io_loop.add_callback(serving.announce, address, browser)
    server.start()
    serving.say(texts.say("serving.lab_stopped"))
    return 0


def _arguments(root: Path, memory: Path, page: str, token: str, browser: bool, port: int | None) -> list[str]:
    """Put what `launch` decides as JupyterLab's command line, which wins over every configuration file.

    It is not the command line of the process, so the token is not seen by who lists the processes.
    """
    chosen = {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.allow_remote_access": False,
        "ServerApp.allow_root": getattr(os, "geteuid", lambda: 1)() == 0,
        "ServerApp.open_browser": browser,
        "ServerApp.root_dir": root,
        "ServerApp.log_level": "ERROR",
        "ServerApp.kernel_websocket_connection_class": serving.CONNECTION,
        "ServerApp.jpserver_extensions": {"jupyterlab": True, **dict.fromkeys(OTHER_FACES, False)},
        "IdentityProvider.token": token,
        "LabApp.default_url": page,
        "LabApp.log_level": "ERROR",
        "LabApp.user_settings_dir": memory / "settings",
        "LabApp.workspaces_dir": memory / "workspaces",
        "LabApp.news_url": None,
        "LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
        "LabApp.extension_manager": "readonly",
        "KernelManager.transport_encryption": serving.encryption(),
    }
    if port is not None:
        chosen["ServerApp.port"] = port
    return [f"--{key}={value}" for key, value in chosen.items()]


def _prepare(memory: Path, notebook: str) -> None:
    """Write the settings and the workspace of a first start; what is there stays as the user has it."""
    from jupyterlab_server.workspaces_handler import WorkspacesManager

    buttons = memory / "config" / "labconfig" / "page_config.json"
    if not buttons.exists():
        buttons.parent.mkdir(parents=True, exist_ok=True)
        buttons.write_text(json.dumps({"disabledExtensions": dict.fromkeys(OTHER_FACES.values(), True)}), "utf-8")
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

    Ours are those that are, to the letter, what we ship. No other: an output of a stranger's notebook may hold
    anything, and so may a notebook of ours that somebody else changed. What its user changed, JupyterLab itself signs.
    """
    import nbformat
    from nbformat.sign import NotebookNotary

    ours = set(json.loads((files("mctoolkit") / "cli" / SHIPPED).read_text(encoding="utf-8")).values())
    notary = NotebookNotary()  # type: ignore[no-untyped-call]
    for path in sorted(folder.glob("*.ipynb")):
        try:
            if fingerprint(path) in ours:
                notary.sign(nbformat.read(path, as_version=4))  # type: ignore[no-untyped-call]
        except (OSError, ValueError):  # half-saved or not readable: JupyterLab will say so where it matters
            continue


def fingerprint(notebook: Path) -> str:
    """Return what tells a notebook from any other: its content, whatever its line ends and layout.

    Raises
    ------
    OSError, ValueError
        It cannot be read, or is no JSON.
    """
    content = json.loads(notebook.read_text(encoding="utf-8"))
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


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


def _project() -> Path | None:
    """Find the root of the checkout that this file lies in; None when the package came without one."""
    root = Path(__file__).resolve().parents[2]
    return root if (root / "pyproject.toml").is_file() and (root / FIRST_NOTEBOOK.parent).is_dir() else None
