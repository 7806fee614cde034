"""Serve the form as a page by itself, without a notebook, with Voila on this machine only.

Each visit has a kernel of its own, which ends when the page is left. ``jupyter_config/voila.json`` closes what Voila
leaves open, so that no other page in the same browser, and no other computer, reaches that kernel:

- the server listens on 127.0.0.1 only, rejects other host names (DNS rebinding), and requires a token that is new at
  each start;
- its cookie is sent to its own page only, and no other page can put it into a frame;
- the page may load from and talk to this server only (Content-Security-Policy), and our template loads nothing from a
  CDN;
- the browser may talk to the widgets, but cannot send code to the kernel;
- a kernel whose page sent nothing for ten minutes, as after a crash of the browser, is ended.
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
    """Serve the form, and return when it is stopped.

    Parameters
    ----------
    browser : bool, optional
        Whether to open a browser; by default, only if there is a screen for it.
    port : int, optional
        The first port to try, 0 to 65535 (0: any); 8866 by default.
    to : str, optional
        Where the form sends to: a host or a URL; by default, each visit has a sandbox of its own.
    plan : Path, optional
        The tracking plan that the form follows.
    config : Path, optional
        The ``mctoolkit.toml`` with the profiles; that of :func:`mctoolkit.client.profiles.default_path` when left out.

    Raises
    ------
    HostError, InputError
        ``to`` cannot be an address of the API, or a file cannot be read; nothing is served then.

    Returns
    -------
    int
        0 when it was stopped by Ctrl+C or a signal; 2 when it could not start, after printing why.
    """
    os.environ.update(_for_the_form(to, plan, config))
    server_common.on_signals(lambda number, frame: sys.exit(0))
    try:
        from voila import app as voila  # type: ignore[import-untyped]
    except ImportError as error:
        return server_common.refuse(
            _(
                "Cannot open the form as a page: {python} does not have what serves it "
                '({error}).\nInstall it with: {python} -m pip install "mctoolkit[lab]"'
            ).format(python=sys.executable, error=error)
        )
    return _serve(voila, server_common.would_be_seen() if browser is None else browser, port)


def _for_the_form(to: str | None, plan: Path | None, config: Path | None) -> dict[str, str]:
    """Return the environment variables that the page's cell reads, after checking that the form accepts them."""
    found = {"MCTOOLKIT_PAGE_TO": "", "MCTOOLKIT_PAGE_PLAN": ""}
    if to is not None:
        Client(to).close()
        found["MCTOOLKIT_PAGE_TO"] = to
    if plan is not None:
        TrackingPlan.read(plan)
        found["MCTOOLKIT_PAGE_PLAN"] = str(plan.absolute())
    if config is not None:
        profiles(config)
        found[CONFIG_VARIABLE] = str(config.absolute())
    return found


def _serve(voila: Any, browser: bool, port: int | None) -> int:
    from tornado.ioloop import IOLoop

    logging.getLogger("tornado").setLevel(logging.ERROR)
    token = secrets.token_hex(24)
    os.environ["JUPYTER_PATH"] = os.pathsep.join(filter(None, [str(FOLDER), os.environ.get("JUPYTER_PATH")]))
    with TemporaryDirectory(prefix="mctoolkit-") as own:
        os.environ.update(server_common.own_settings(Path(own)))
        page = voila.Voila(
            config_file_paths=[str(server_common.CONFIGURATION)], token=token, config=_configuration(port)
        )
        page.initialize([str(FOLDER / "form.ipynb")])
        # Without a path of static files, a rejected request fails over the icon of its error page.
        page.tornado_settings = {**page.tornado_settings, "static_path": voila.DEFAULT_STATIC_FILES_PATH}
        loop = IOLoop.current()
        server_common.on_signals(lambda number, frame: loop.add_callback_from_signal(loop.stop))
        loop.add_callback(lambda: _opened(f"http://{page.ip}:{page.port}/?token={token}", browser, Path(own)))
        page.start()
    server_common.say(_("The form has stopped."))
    return 0


def _configuration(port: int | None) -> Any:
    """Return what ``voila.json`` cannot hold: what differs by start, by language and by folder, and a function."""
    from traitlets.config import Config

    resources = {"waking": _("Waking the form …"), "language_code": messages.language()}
    return Config(
        {
            "Voila": {} if port is None else {"port": port},
            "VoilaConfiguration": {"prelaunch_hook": _before_a_visit, "resources": resources},
            "MappingKernelManager": {"root_dir": str(Path.cwd())},
            "KernelManager": {"transport_encryption": server_common.encryption()},
        }
    )


def _before_a_visit(handler: Any, **_: object) -> None:
    """Set the XSRF cookie: Voila requires it when the page is left, but does not set it."""
    handler.xsrf_token  # noqa: B018  reading it sets the cookie


def _opened(address: str, browser: bool, own: Path) -> None:
    """Print the address and open it by a file, so that a list of the machine's processes does not show the token."""
    if browser:
        redirect = own / "open.html"
        redirect.touch(mode=0o600)
        redirect.write_text(f'<meta charset="utf-8"><meta http-equiv="refresh" content="0;url={address}">', "utf-8")
        threading.Thread(target=webbrowser.open, args=(redirect.as_uri(),), daemon=True).start()
    server_common.announce(address, browser)
