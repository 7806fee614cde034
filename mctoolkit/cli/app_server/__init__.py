"""Serve the form as a web page with Voila, on this computer only.

Each page has its own kernel, which ends when the page is closed. ``jupyter_config/voila.json`` and this module prevent
other web pages and other computers from reaching the kernel:

- the server listens on 127.0.0.1 only, rejects other host names (DNS rebinding), and requires a token that is new at
  each start;
- its cookie is limited to this site (SameSite), and other pages cannot embed the page in a frame;
- the page can only load from and connect to this server (Content-Security-Policy), and the template uses no CDN;
- the browser can send widget messages, but no code, to the kernel;
- a kernel without messages for ten minutes, such as after a crash of the browser, is ended.
"""

from __future__ import annotations

import logging
import os
import secrets
import sys
import threading
import webbrowser
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mctoolkit._core import messages
from mctoolkit._core.messages import gettext as _
from mctoolkit.cli import server_common
from mctoolkit.client.client import Client
from mctoolkit.client.profiles import CONFIG_VARIABLE, profiles
from mctoolkit.validation.tracking_plan import TrackingPlan

__all__ = ["launch"]

FOLDER = Path(__file__).parent


def launch(
    *,
    browser: bool | None = None,
    port: int | None = None,
    to: str | None = None,
    plan: Path | None = None,
    config: Path | None = None,
) -> int:
    """Serve the form until it is stopped.

    Parameters
    ----------
    browser : bool, optional
        Whether to open a browser; by default, only if one with a window is available.
    port : int, optional
        The first port to try, 0 to 65535 (0: any); 8866 by default.
    to : str, optional
        The host or URL that the form sends to; by default, each page has its own sandbox.
    plan : Path, optional
        The tracking plan that the form applies.
    config : Path, optional
        The ``mctoolkit.toml`` with the profiles; :func:`mctoolkit.client.profiles.default_path` by default.

    Raises
    ------
    HostError, InputError
        ``to`` is not a host of the API, or a file cannot be read.

    Returns
    -------
    int
        The exit status: 0 after Ctrl+C or a signal; 2 if it could not start, after printing the reason.
    """
    os.environ.update(_page_environment(to, plan, config))
    server_common.on_signals(lambda number, frame: sys.exit(0))
    try:
        from voila import app as voila  # type: ignore[import-untyped]
    except ImportError as error:
        return server_common.print_start_error(
            _(
                "Cannot serve the form: Voila is not installed for {python} ({error}).\nInstall it: {python} -m pip "
                'install "mctoolkit[lab]"'
            ).format(python=sys.executable, error=error)
        )
    return _serve(voila, server_common.has_graphical_browser() if browser is None else browser, port)


def _page_environment(to: str | None, plan: Path | None, config: Path | None) -> dict[str, str]:
    """Validate the options, and return them as the environment variables that the page's cell reads."""
    environment = {"MCTOOLKIT_PAGE_TO": "", "MCTOOLKIT_PAGE_PLAN": ""}
    if to is not None:
        Client(to).close()
        environment["MCTOOLKIT_PAGE_TO"] = to
    if plan is not None:
        TrackingPlan.read(plan)
        environment["MCTOOLKIT_PAGE_PLAN"] = str(plan.absolute())
    if config is not None:
        profiles(config)
        environment[CONFIG_VARIABLE] = str(config.absolute())
    return environment


def _serve(voila: Any, browser: bool, port: int | None) -> int:
    from tornado.ioloop import IOLoop

    logging.getLogger("tornado").setLevel(logging.ERROR)
    token = secrets.token_hex(24)
    os.environ["JUPYTER_PATH"] = os.pathsep.join(filter(None, [str(FOLDER), os.environ.get("JUPYTER_PATH")]))
    with TemporaryDirectory(prefix="mctoolkit-") as folder:
        os.environ.update(server_common.isolated_env(Path(folder)))
        page = voila.Voila(
            config_file_paths=[str(server_common.CONFIGURATION)], token=token, config=_configuration(port)
        )
        page.initialize([str(FOLDER / "form.ipynb")])
        # Without this path, the error page for a rejected request fails because of its icon.
        page.tornado_settings = {**page.tornado_settings, "static_path": voila.DEFAULT_STATIC_FILES_PATH}
        loop = IOLoop.current()
        server_common.on_signals(lambda number, frame: loop.add_callback_from_signal(loop.stop))
        loop.add_callback(lambda: _open_page(f"http://{page.ip}:{page.port}/?token={token}", browser, Path(folder)))
        page.start()
    server_common.print_indented(_("The form has stopped."))
    return 0


def _configuration(port: int | None) -> Any:
    """Return the configuration that ``voila.json`` cannot contain: values of this start, and a function."""
    from traitlets.config import Config

    resources = {"loading": _("Loading the form …"), "language_code": messages.language()}
    return Config(
        {
            "Voila": {} if port is None else {"port": port},
            "VoilaConfiguration": {"prelaunch_hook": _set_xsrf_cookie, "resources": resources},
            "MappingKernelManager": {"root_dir": str(Path.cwd())},
            "KernelManager": {"transport_encryption": server_common.kernel_encryption()},
        }
    )


def _set_xsrf_cookie(handler: Any, **_: object) -> None:
    """Set the XSRF cookie, which Voila requires when the page is closed but does not set."""
    handler.xsrf_token  # noqa: B018  reading it sets the cookie


def _open_page(address: str, browser: bool, folder: Path) -> None:
    """Print the address and open it through a file, so that the list of processes does not show the token."""
    if browser:
        redirect = folder / "open.html"
        redirect.touch(mode=0o600)
        redirect.write_text(f'<meta charset="utf-8"><meta http-equiv="refresh" content="0;url={address}">', "utf-8")
        threading.Thread(target=webbrowser.open, args=(redirect.as_uri(),), daemon=True).start()
    server_common.print_address(address, browser)
