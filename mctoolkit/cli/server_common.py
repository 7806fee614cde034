"""What the commands lab and app share: configuration, messages in the terminal, signals, the browser."""

from __future__ import annotations

import os
import signal
import sys
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING

from mctoolkit._core.messages import gettext as _

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

__all__ = [
    "CONFIGURATION",
    "has_graphical_browser",
    "isolated_env",
    "kernel_encryption",
    "on_signals",
    "print_address",
    "print_indented",
    "print_start_error",
]

CONFIGURATION = Path(__file__).with_name("jupyter_config")
"""The folder of the configuration files for JupyterLab and Voila."""

TEXT_BROWSERS = frozenset({"elinks", "links", "links2", "lynx", "w3m", "www-browser"})


def print_indented(message: str) -> None:
    """Print a message and flush it, because the output can be a file."""
    print(f"     {message}", flush=True)


def print_start_error(message: str) -> int:
    """Print to standard error why the server does not start, and return the exit status 2."""
    print(message, file=sys.stderr, flush=True)
    return 2


def print_address(address: str, browser: bool) -> None:
    """Print the address and how to stop; call this from the event loop, when the server accepts requests."""
    print_indented(
        _("If no browser opened, copy this address into Chrome, Edge or Firefox:")
        if browser
        else _("Copy this address into Chrome, Edge or Firefox:")
    )
    print_indented(address)
    print_indented(_("Keep this window open while you work. Press Ctrl+C to stop."))


def on_signals(handler: Callable[[int, FrameType | None], object]) -> None:
    """Handle Ctrl+C, SIGTERM and a closed terminal (SIGHUP; on Windows SIGBREAK)."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), handler)


def isolated_env(folder: Path) -> dict[str, str]:
    """Return environment variables that separate a server's settings from the user's other Jupyter servers.

    Parameters
    ----------
    folder : Path
        The folder for the server's settings and workspaces.
    """
    return {
        "JUPYTER_CONFIG_DIR": str(folder),
        "JUPYTER_CONFIG_PATH": str(CONFIGURATION),
        "JUPYTERLAB_SETTINGS_DIR": "",  # empty: below JUPYTER_CONFIG_DIR
        "JUPYTERLAB_WORKSPACES_DIR": "",
        # Use the kernel of this Python, not one with the same name in the user's folder.
        "JUPYTER_PREFER_ENV_PATH": "1",
    }


def kernel_encryption() -> str:
    """Return the encryption between server and kernels; kernels warn if it is available but not used."""
    import zmq

    return "auto" if zmq.has("curve") else "disabled"


def has_graphical_browser() -> bool:
    """Tell whether a browser with a window can open here.

    On Linux without a display, ``webbrowser`` finds only text browsers. On a Mac it always finds one, so that an SSH
    session is checked separately.
    """
    if sys.platform == "darwin" and "SSH_CONNECTION" in os.environ:
        return False
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return False
    return Path(getattr(browser, "name", "")).name not in TEXT_BROWSERS
