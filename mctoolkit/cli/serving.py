"""What serving a page on this computer takes, whichever page it is: words in the terminal, signals, a browser."""

from __future__ import annotations

import os
import signal
import sys
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING

from mctoolkit import texts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import FrameType

__all__ = [
    "CONNECTION",
    "announce",
    "encryption",
    "has_screen",
    "has_window",
    "on_signals",
    "port_is_wrong",
    "refuse",
    "say",
    "stays_apart",
    "would_be_seen",
]

TEXT_BROWSERS = frozenset({"elinks", "links", "links2", "lynx", "w3m", "www-browser"})
CONNECTION = "mctoolkit.cli.prompt.PromptConnection"
"""What a server makes of the connection between a page and its Python; loaded by Jupyter when it starts."""

CURVE = "curve"
"""What ZeroMQ calls the encryption between a server and its kernels."""


def say(words: str) -> None:
    """Print a sentence at once, also when it goes to a file, below the numbered steps of ``start.py``."""
    print(f"     {words}", flush=True)


def refuse(words: str) -> int:
    """Say on the error stream why it does not start, and give the exit status for that."""
    print(words, file=sys.stderr, flush=True)
    return 2


def announce(address: str, browser: bool) -> None:
    """Say where it is and how to stop it; the first moment that is true is when its event loop runs."""
    say(texts.say("serving.opened") if browser else texts.say("serving.not_opened"))
    say(texts.say("serving.address", address=address))
    say(texts.say("serving.stop"))


def on_signals(handler: Callable[[int, FrameType | None], object]) -> None:
    """Do this at Ctrl+C, when told to end, and when the window is closed (SIGHUP; on Windows SIGBREAK)."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), handler)


def port_is_wrong(port: int | None) -> bool:
    """Tell whether a port was asked for that cannot be one."""
    return port is not None and not 0 <= port <= 65535


def stays_apart(folder: Path) -> dict[str, str]:
    """Give the environment variables that keep a server apart from the user's other Jupyters.

    Parameters
    ----------
    folder : Path
        Where its configuration lies.
    """
    return {
        # An old password or port in the user's own configuration is not meant for this one.
        "JUPYTER_CONFIG_DIR": str(folder),
        # The kernel of this Python, not one of the same name that another Python left in the user's folder.
        "JUPYTER_PREFER_ENV_PATH": "1",
    }


def encryption() -> str:
    """Say how a server talks with its kernels; without encryption, each warns in the terminal of who might listen."""
    import zmq

    return "auto" if zmq.has(CURVE) else "disabled"


def has_screen(platform: str, variables: Mapping[str, str]) -> bool:
    """Tell whether a browser that is opened would be seen.

    >>> has_screen("linux", {"DISPLAY": ":0"}), has_screen("linux", {}), has_screen("win32", {})
    (True, False, True)
    """
    if platform == "win32":
        return True
    if platform == "darwin":
        return "SSH_CONNECTION" not in variables
    return any(variables.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))


def has_window() -> bool:
    """Tell whether the browser that Python would open has a window of its own, or would take the terminal."""
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return False
    return Path(getattr(browser, "name", "")).name not in TEXT_BROWSERS


def would_be_seen() -> bool:
    """Tell whether opening a browser here makes sense."""
    return has_screen(sys.platform, os.environ) and has_window()
