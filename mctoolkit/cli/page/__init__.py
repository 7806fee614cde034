"""Serve the form as a page by itself, without a notebook around it: Voila, kept to this machine.

Each visit of the page has a Python of its own, which ends when the page is left. What Voila would leave open is shut
here, so that no other page in the same browser, and no other computer, gets at that Python:

- it listens on 127.0.0.1 only, answers only to that name (a name that somebody points at this machine is refused), and
  wants a token that is new at each start, as JupyterLab does;
- its cookie goes nowhere but to its own page, and the page can stand in no other page's frame;
- the page may load from and talk to this server only (its Content-Security-Policy says so to the browser), and our
  template has nothing that comes from a CDN;
- the browser may talk with the widgets, but not hand over code to run.
"""

from __future__ import annotations

import logging
import os
import secrets
import sys
import threading
import webbrowser
from importlib.resources import as_file, files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mctoolkit import texts
from mctoolkit.cli import serving
from mctoolkit.client import Client
from mctoolkit.plans import Plan
from mctoolkit.profiles import CONFIG_VARIABLE, profiles

__all__ = ["launch"]

FIRST_PORT = 8866
HOST = "127.0.0.1"
EXTENSIONS = ["@jupyter-widgets/jupyterlab-manager", "@voila-dashboards/widgets-manager8", "anywidget"]
"""All that the page needs of the JupyterLab extensions that this Python has."""

LEFT_BEHIND_S = 600
"""After how long a Python whose page has gone without a word (a crashed browser) is ended."""

POLICY = "; ".join(
    [
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",  # JupyterLab compiles its schemas, anywidget its own
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        f"connect-src 'self' ws://{HOST}:*",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "object-src 'none'",
    ]
)


def launch(
    *,
    browser: bool | None = None,
    port: int | None = None,
    to: str | None = None,
    plan: Path | None = None,
    config: Path | None = None,
) -> int:
    """Serve the form, and stay until it is stopped.

    Parameters
    ----------
    browser : bool, optional
        Whether to open a browser; when left out, only where there is a screen to open it on.
    port : int, optional
        The port to begin at, 0 to 65535 (0: any); 8866 when left out.
    to : str, optional
        Where the form sends to: a host or a URL; each visit has a sandbox of its own when left out.
    plan : Path, optional
        The tracking plan that the form follows.
    config : Path, optional
        The ``mctoolkit.toml`` with the profiles; that of :func:`mctoolkit.profiles.default_path` when left out.

    Raises
    ------
    TargetError, UnreadableInput
        ``to`` is not an address of the API, or a file cannot be read; nothing is served then.

    Returns
    -------
    int
        0 when it was stopped by Ctrl+C or a signal; 2 when it could not start, after saying why.
    """
    if serving.port_is_wrong(port):
        return serving.refuse(texts.say("serving.no_port", port=port, first=FIRST_PORT))
    os.environ.update(_for_the_form(to, plan, config))
    serving.on_signals(lambda number, frame: sys.exit(0))
    try:
        from voila import app as voila  # type: ignore[import-untyped]
    except ImportError as error:
        return serving.refuse(texts.say("serving.no_page", python=sys.executable, error=error))
    with as_file(files("mctoolkit") / "cli" / "page") as folder:
        return _serve(voila, folder, serving.would_be_seen() if browser is None else browser, port)


def _for_the_form(to: str | None, plan: Path | None, config: Path | None) -> dict[str, str]:
    """Return what the cell of the page finds in its environment, after a look at whether the form will take it."""
    found = {"MCTOOLKIT_PAGE_TO": "", "MCTOOLKIT_PAGE_PLAN": ""}
    if to is not None:
        Client(to).close()
        found["MCTOOLKIT_PAGE_TO"] = to
    if plan is not None:
        Plan.read(plan)
        found["MCTOOLKIT_PAGE_PLAN"] = str(plan.absolute())
    if config is not None:
        profiles(config)
        found[CONFIG_VARIABLE] = str(config.absolute())
    return found


def _serve(voila: Any, folder: Path, browser: bool, port: int | None) -> int:
    from tornado.ioloop import IOLoop

    logging.getLogger("tornado").setLevel(logging.ERROR)
    token = secrets.token_hex(24)
    os.environ["JUPYTER_PATH"] = os.pathsep.join(filter(None, [str(folder), os.environ.get("JUPYTER_PATH")]))
    with TemporaryDirectory(prefix="mctoolkit-") as own:
        os.environ.update(serving.stays_apart(Path(own)))
        chosen = _chosen(own, token, port, voila.DEFAULT_STATIC_FILES_PATH)
        page = voila.Voila(**chosen, config=_configuration(Path.cwd()))
        page.initialize([str(folder / "form.ipynb")])
        loop = IOLoop.current()
        serving.on_signals(lambda number, frame: loop.add_callback_from_signal(loop.stop))
        loop.add_callback(lambda: _opened(f"http://{HOST}:{page.port}/?token={token}", browser, Path(own)))
        page.start()
    serving.say(texts.say("serving.page_stopped"))
    return 0


def _chosen(own: str, token: str, port: int | None, statics: str) -> dict[str, Any]:
    """Put what `launch` decides as the traits of the server."""
    return {
        "ip": HOST,
        "port": FIRST_PORT if port is None else port,
        "token": token,
        "open_browser": False,  # its own way of opening one shows a page that asks a CDN for fonts
        "config_file_paths": [],  # what the user has for other pages is not meant for this one
        "connection_dir_root": own,
        "log_level": "ERROR",
        "kernel_websocket_connection_class": serving.CONNECTION,
        "tornado_settings": {
            "allow_remote_access": False,
            "local_hostnames": [HOST, "localhost"],
            "static_path": statics,  # without it, a refusal fails over the icon of its own page
            "headers": {"Content-Security-Policy": POLICY, "Referrer-Policy": "same-origin"},
        },
    }


def _configuration(folder: Path) -> Any:
    """Configure what the server makes for itself: the page, and its Pythons, which work in a folder."""
    from traitlets.config import Config

    return Config(
        {
            "VoilaConfiguration": {
                "template": "mctoolkit",
                "allow_template_override": "NO",
                "allow_theme_override": "NO",
                "extension_allowlist": EXTENSIONS,
                "file_allowlist": [],
                "prelaunch_hook": _before_a_visit,
                "resources": {"waking": texts.say("serving.waking"), "language_code": texts.language()},
            },
            "IdentityProvider": {"cookie_options": {"samesite": "Lax"}},
            "MappingKernelManager": {
                "root_dir": str(folder),
                "cull_idle_timeout": LEFT_BEHIND_S,
                "cull_interval": LEFT_BEHIND_S // 10,
            },
            "KernelManager": {"transport_encryption": serving.encryption()},
        }
    )


def _before_a_visit(handler: Any, **_: object) -> None:
    """Hand the page its token against forged requests: Voila asks for it when the page is left, and never gives it."""
    handler.xsrf_token  # noqa: B018  to read it is to set its cookie


def _opened(address: str, browser: bool, own: Path) -> None:
    """Say where the page is, and show it; who lists the processes of this machine does not see the token."""
    if browser:
        door = own / "open.html"
        door.touch(mode=0o600)
        door.write_text(f'<meta charset="utf-8"><meta http-equiv="refresh" content="0;url={address}">', "utf-8")
        threading.Thread(target=webbrowser.open, args=(door.as_uri(),), daemon=True).start()
    serving.announce(address, browser)
