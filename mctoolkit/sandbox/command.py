"""The command ``mctoolkit sandbox``: runs a sandbox until a signal."""

from __future__ import annotations

import queue
import signal
import sys
from types import FrameType

from mctoolkit._core.errors import SandboxError
from mctoolkit._core.messages import gettext as _
from mctoolkit.sandbox.config import SandboxConfig
from mctoolkit.sandbox.server import Sandbox

__all__ = ["serve"]


def serve(config: SandboxConfig) -> int:
    """Run a sandbox until SIGINT (Ctrl+C) or SIGTERM; call it from the main thread.

    The first line on standard output is ``Sandbox listening on http://127.0.0.1:8765`` in every language, for scripts
    that wait for it. Messages to the user go to standard error.

    Parameters
    ----------
    config : SandboxConfig
        The options, as for :class:`Sandbox`.

    Returns
    -------
    int
        The exit status: 0 after a signal, 2 if the sandbox could not start, 1 if it ended unexpectedly.

    Raises
    ------
    UsageError, InputError
        As for :class:`Sandbox`.
    """
    signals: queue.SimpleQueue[int] = queue.SimpleQueue()  # its put() is safe in a signal handler

    def on_signal(number: int, _: FrameType | None) -> None:
        signals.put(number)

    try:
        sandbox = Sandbox(**vars(config))
    except SandboxError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    former = {number: signal.signal(number, on_signal) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with sandbox:
            sys.stdout.write(f"Sandbox listening on {sandbox.url}\n")
            sys.stdout.flush()
            for message in _startup_messages(sandbox, config.lan):
                sys.stderr.write(f"{message}\n")
            while sandbox.running:
                try:
                    signals.get(timeout=0.5)
                except queue.Empty:
                    continue
                return 0
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
    sys.stderr.write(_("The sandbox ended unexpectedly. See the messages above for the reason.") + "\n")
    return 1


def _startup_messages(sandbox: Sandbox, lan: bool) -> list[str]:
    messages = [
        _("The sandbox is open to the whole network. Press Ctrl+C to stop it.")
        if lan
        else _("Only this computer can reach the sandbox. Press Ctrl+C to stop it.")
    ]
    if sandbox.certificate is not None:
        messages.append(
            _(
                "The sandbox uses a temporary certificate. Clients must trust this CA certificate: {path}\n"
                '  curl: curl --cacert "{path}" {url}\n'
                "  Python (requests, mctoolkit): set the environment variable REQUESTS_CA_BUNDLE to this file\n"
                "  Charles: start without --tls and map to http; Charles itself uses https with the player\n"
                "  iPhone, iPad, Apple TV: send the file to the device, install the profile, then enable it in "
                "Settings > General > About > Certificate Trust Settings\n"
                "  Android: Settings > Security > Install a certificate > CA certificate; the app must trust "
                "certificates that a user installed"
            ).format(path=sandbox.certificate, url=sandbox.url)
        )
    if sandbox.faults.pending:
        faults = "; ".join(str(pending.fault) for pending in sandbox.faults.pending)
        messages.append(_("Pending faults: {faults}.").format(faults=faults))
    return messages
