"""Run JupyterLab with a working copy of the first notebook.

`launch` runs JupyterLab in this process with the configuration in ``jupyter_config/``:

- ``jupyter_server_config.json``: it listens on 127.0.0.1 only, does not check for updates or news, installs no
  extensions, and does not load Voila and Notebook 7;
- ``labconfig/``: default settings. Widget state is not saved, because it would store in plain text what was typed
  into widgets;
- ``workspace.json``: the first start shows one notebook, with both sidebars closed.

Settings and workspaces are in a separate folder, so that the user's own JupyterLab is not affected.
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
    """Run JupyterLab with a notebook until it is stopped.

    It listens on 127.0.0.1 only and requires a token that is new at each start. If the port is in use, it tries the
    next ones.

    Parameters
    ----------
    notebook : Path, optional
        The notebook to open; by default ``00_start_here.ipynb``. A notebook of mctoolkit opens as a working copy in
        ``my_notebooks/``.
    browser : bool, optional
        Whether to open a browser; by default, only if one with a window is available.
    port : int, optional
        The first port to try, 0 to 65535 (0: any); 8888 by default.

    Returns
    -------
    int
        The exit status: 0 after Ctrl+C or a signal; 2 if it could not start, after printing the reason.
    """
    project = _checkout_root()
    own = platformdirs.user_data_path("mctoolkit", appauthor=False)
    originals, copies = (project or Path(__file__).parents[1]) / ORIGINALS, (project or own) / COPIES
    notebook = notebook or originals / FIRST_NOTEBOOK
    notebook = notebook.parent.resolve() / notebook.name
    if not notebook.is_file():
        return server_common.print_start_error(
            _(
                "Cannot open {notebook}: there is no such file.\nRun this in the folder of start.py, or name another "
                "notebook."
            ).format(notebook=notebook)
        )
    server_common.on_signals(lambda number, frame: sys.exit(0))
    inside = project is not None and notebook.is_relative_to(project)
    settings = project / ".mctoolkit" / "jupyterlab" if project is not None and inside else own / "jupyterlab"
    try:
        if notebook.parent == originals and notebook.name in shipped():
            notebook = copies / notebook.name
            for copy, new in update_copies(originals, copies):
                server_common.print_indented(
                    _(
                        "Your edited {copy} is kept. Its original has changed: the new version is {new}, in {folder}."
                    ).format(copy=copy.name, new=new.name, folder=copy.parent)
                )
            trust(copies)
        root = project if project is not None and inside else notebook.parent
        return _serve(
            root, notebook, settings, server_common.has_graphical_browser() if browser is None else browser, port
        )
    except ImportError as error:
        return server_common.print_start_error(
            _(
                "Cannot run JupyterLab: it is not installed for {python} ({error}).\nInstall it: {python} "
                '-m pip install "mctoolkit[lab]"'
            ).format(python=sys.executable, error=error)
        )
    except OSError as error:
        return server_common.print_start_error(
            _(
                "Cannot run JupyterLab: {error}.\nIt stores your copies of the notebooks in {copies} "
                "and its settings in {folder}.\nCheck your permissions for these folders and the free disk space, then "
                "try again."
            ).format(error=error, folder=settings, copies=copies)
        )


def _serve(root: Path, notebook: Path, settings: Path, browser: bool, port: int | None) -> int:
    os.environ.update(server_common.isolated_env(settings))
    from jupyterlab.labapp import LabApp  # type: ignore[import-untyped]  # reads the environment when imported

    name = notebook.relative_to(root).as_posix()
    page, token = f"/lab/tree/{quote(name)}", secrets.token_hex(24)
    _write_first_workspace(settings, name)
    server = LabApp.initialize_server(argv=_arguments(root, page, token, browser, port))
    server_common.on_signals(lambda number, frame: server.stop(from_signal=True))
    address = f"{server.connection_url.rstrip('/')}{page}?token={token}"
    server.io_loop.add_callback(server_common.print_address, address, browser)
    server.start()
    server_common.print_indented(_("JupyterLab has stopped."))
    return 0


def _arguments(root: Path, page: str, token: str, browser: bool, port: int | None) -> list[str]:
    """Return JupyterLab's arguments: the configuration file of mctoolkit, and the options of this start.

    They are not the arguments of the process, so that other users cannot see the token in the list of processes.
    """
    return [
        f"--config={server_common.CONFIGURATION / 'jupyter_server_config.json'}",
        f"--ServerApp.root_dir={root}",
        f"--ServerApp.open_browser={browser}",
        f"--IdentityProvider.token={token}",
        f"--LabApp.default_url={page}",
        f"--KernelManager.transport_encryption={server_common.kernel_encryption()}",
        *([] if port is None else [f"--ServerApp.port={port}"]),
    ]


def _write_first_workspace(settings: Path, notebook: str) -> None:
    """Write the window layout for the first start; later starts restore what was open."""
    from jupyterlab_server.workspaces_handler import WorkspacesManager

    folder = settings / "lab" / "workspaces"
    if not any(folder.glob("*.jupyterlab-workspace")):
        layout = (server_common.CONFIGURATION / "workspace.json").read_text(encoding="utf-8")
        WorkspacesManager(str(folder)).save("default", layout.replace("{notebook}", json.dumps(notebook)[1:-1]))


def _checkout_root() -> Path | None:
    """Return the root of the checkout with this file; None for an installed package."""
    root = Path(__file__).resolve().parents[2]
    return root if (root / "pyproject.toml").is_file() and (root / ORIGINALS).is_dir() else None
