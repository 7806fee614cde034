"""Start JupyterLab on a working copy of the first notebook.

`launch` runs JupyterLab in this process with the configuration in ``jupyter_config/``:

- ``jupyter_server_config.json``: it listens on 127.0.0.1 only, does not look for updates, fetches no news, installs
  no extensions, and does not load Voila and Notebook 7 if the same Python has them;
- ``labconfig/``: the defaults of JupyterLab's settings. Widget state is not saved, because a notebook that holds it
  holds everything that was typed into its widgets, in clear;
- ``workspace.json``: the first start shows one notebook, with both sidebars closed.

Settings and workspaces have a folder of their own, apart from the user's other JupyterLab.
"""

from __future__ import annotations

import json
import os
import secrets
import sys
from pathlib import Path
from urllib.parse import quote

import platformdirs

from mctoolkit._core.messages import gettext as _
from mctoolkit.cli import server_common
from mctoolkit.cli.working_copies import shipped, trust, update_copies

__all__ = ["launch"]

FIRST_NOTEBOOK = "00_start_here.ipynb"
ORIGINALS, COPIES = "notebooks", "my_notebooks"


def launch(notebook: Path | None = None, *, browser: bool | None = None, port: int | None = None) -> int:
    """Start JupyterLab on a notebook, and return when it is stopped.

    It listens on 127.0.0.1 only, behind a token that is new at each start. If another program has the port, it takes
    the next free one.

    Parameters
    ----------
    notebook : Path, optional
        The notebook to open; by default ``00_start_here.ipynb``. One of mctoolkit's own notebooks is opened as its
        working copy in ``my_notebooks/``.
    browser : bool, optional
        Whether to open a browser; by default, only if there is a screen for it.
    port : int, optional
        The first port to try, 0 to 65535 (0: any); 8888 by default.

    Returns
    -------
    int
        0 when it was stopped by Ctrl+C or a signal; 2 when it could not start, after printing why.
    """
    project = _project()
    own = platformdirs.user_data_path("mctoolkit", appauthor=False)
    originals, copies = (project or Path(__file__).parents[1]) / ORIGINALS, (project or own) / COPIES
    notebook = notebook or originals / FIRST_NOTEBOOK
    notebook = notebook.parent.resolve() / notebook.name
    if not notebook.is_file():
        return server_common.refuse(
            _(
                "Cannot open {notebook}: there is no such notebook.\nRun this in the folder that holds "
                "start.py, or name a notebook that is there."
            ).format(notebook=notebook)
        )
    server_common.on_signals(lambda number, frame: sys.exit(0))
    inside = project is not None and notebook.is_relative_to(project)
    memory = project / ".mctoolkit" / "jupyterlab" if project is not None and inside else own / "jupyterlab"
    try:
        if notebook.parent == originals and notebook.name in shipped():
            notebook = copies / notebook.name
            for copy, new in update_copies(originals, copies):
                server_common.say(
                    _(
                        "{copy} is kept as you edited it; its original has changed, and the new one is {new}, in "
                        "{folder}."
                    ).format(copy=copy.name, new=new.name, folder=copy.parent)
                )
            trust(copies)
        root = project if project is not None and inside else notebook.parent
        return _serve(root, notebook, memory, server_common.would_be_seen() if browser is None else browser, port)
    except ImportError as error:
        return server_common.refuse(
            _(
                "Cannot open JupyterLab: {python} does not have it ({error}).\nInstall it with: {python} "
                '-m pip install "mctoolkit[lab]"'
            ).format(python=sys.executable, error=error)
        )
    except OSError as error:
        return server_common.refuse(
            _(
                "Cannot start JupyterLab: {error}.\nIt stores your copies of the notebooks in {copies} "
                "and its settings in {folder}.\nMake sure that you may write there and that the disk is "
                "not full, then start it again."
            ).format(error=error, folder=memory, copies=copies)
        )


def _serve(root: Path, notebook: Path, memory: Path, browser: bool, port: int | None) -> int:
    os.environ.update(server_common.own_settings(memory))
    from jupyterlab.labapp import LabApp  # type: ignore[import-untyped]  # reads the environment when imported

    name = notebook.relative_to(root).as_posix()
    page, token = f"/lab/tree/{quote(name)}", secrets.token_hex(24)
    _first_workspace(memory, name)
    server = LabApp.initialize_server(argv=_arguments(root, page, token, browser, port))
    server_common.on_signals(lambda number, frame: server.stop(from_signal=True))
    address = f"{server.connection_url.rstrip('/')}{page}?token={token}"
    server.io_loop.add_callback(server_common.announce, address, browser)
    server.start()
    server_common.say(_("JupyterLab has stopped."))
    return 0


def _arguments(root: Path, page: str, token: str, browser: bool, port: int | None) -> list[str]:
    """Return JupyterLab's command line: our configuration file instead of any other, and what differs by start.

    It is not the command line of the process, so a list of the machine's processes does not show the token.
    """
    return [
        f"--config={server_common.CONFIGURATION / 'jupyter_server_config.json'}",
        f"--ServerApp.root_dir={root}",
        f"--ServerApp.open_browser={browser}",
        f"--IdentityProvider.token={token}",
        f"--LabApp.default_url={page}",
        f"--KernelManager.transport_encryption={server_common.encryption()}",
        *([] if port is None else [f"--ServerApp.port={port}"]),
    ]


def _first_workspace(memory: Path, notebook: str) -> None:
    """Write the window layout of a first start; later starts show what the user left open."""
    from jupyterlab_server.workspaces_handler import WorkspacesManager

    folder = memory / "lab" / "workspaces"
    if not any(folder.glob("*.jupyterlab-workspace")):
        layout = (server_common.CONFIGURATION / "workspace.json").read_text(encoding="utf-8")
        WorkspacesManager(str(folder)).save("default", layout.replace("{notebook}", json.dumps(notebook)[1:-1]))


def _project() -> Path | None:
    """Return the root of the checkout that this file lies in; None if the package was installed without one."""
    root = Path(__file__).resolve().parents[2]
    return root if (root / "pyproject.toml").is_file() and (root / ORIGINALS).is_dir() else None
