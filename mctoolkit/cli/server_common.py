"""What JupyterLab and the page of the form share: configuration, messages in the terminal, signals, a browser."""

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

__all__ = ["CONFIGURATION", "announce", "encryption", "on_signals", "own_settings", "refuse", "say", "would_be_seen"]

CONFIGURATION = Path(__file__).with_name("jupyter_config")
"""The folder of the configuration files for JupyterLab and Voila."""

TEXT_BROWSERS = frozenset({"elinks", "links", "links2", "lynx", "w3m", "www-browser"})


def say(words: str) -> None:
    """Print a sentence at once, also when the output is a file."""
    print(f"     {words}", flush=True)


def refuse(words: str) -> int:
    """Print to standard error why it does not start, and return the exit status for that."""
    print(words, file=sys.stderr, flush=True)
    return 2


def announce(address: str, browser: bool) -> None:
    """Print the address and how to stop; call this from the event loop, where the address can be used."""
    say(
        _("Nothing opened? Copy this line into Chrome, Edge or Firefox:")
        if browser
        else _("No browser was opened. Copy this line into Chrome, Edge or Firefox:")
    )
    say(_("{address}").format(address=address))
    say(_("Leave this window open while you work. To stop: Ctrl+C"))


def on_signals(handler: Callable[[int, FrameType | None], object]) -> None:
    """Handle Ctrl+C, a request to end, and a closed terminal (SIGHUP; on Windows SIGBREAK)."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), handler)


def own_settings(folder: Path) -> dict[str, str]:
    """Return the environment variables that keep a server's settings apart from the user's other Jupyter.

    Parameters
    ----------
    folder : Path
        Where the server stores its settings and workspaces.
    """
    return {
        "JUPYTER_CONFIG_DIR": str(folder),
        "JUPYTER_CONFIG_PATH": str(CONFIGURATION),
        "JUPYTERLAB_SETTINGS_DIR": "",  # empty: below JUPYTER_CONFIG_DIR
        "JUPYTERLAB_WORKSPACES_DIR": "",
        # The kernel of this Python, not one of the same name that another Python left in the user's folder.
        "JUPYTER_PREFER_ENV_PATH": "1",
    }


def encryption() -> str:
    """Return the encryption between server and kernels; a kernel without encryption prints a warning."""
    import zmq

    return "auto" if zmq.has("curve") else "disabled"


def would_be_seen() -> bool:
    """Tell whether a browser has a screen here and does not take the terminal.

    Without a display, Python finds only text browsers on Linux. On a Mac it cannot tell; there an SSH session counts
    as no screen.
    """
    if sys.platform == "darwin" and "SSH_CONNECTION" in os.environ:
        return False
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return False
    return Path(getattr(browser, "name", "")).name not in TEXT_BROWSERS
