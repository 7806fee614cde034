"""The sandbox as a running thing: in a thread of this process, or as a command that blocks."""

from __future__ import annotations

import asyncio
import errno
import logging
import queue
import signal
import socket
import sys
import threading
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

import uvicorn

from mctoolkit._core import clocks
from mctoolkit._core.clocks import ManualClock, OffsetClock
from mctoolkit._core.errors import SandboxError, UsageError, error_reason
from mctoolkit._core.messages import gettext as _
from mctoolkit.models.exchange import Exchange
from mctoolkit.sandbox.app import application
from mctoolkit.sandbox.config import SandboxConfig, takes_options_of
from mctoolkit.sandbox.faults import Faults
from mctoolkit.sandbox.host_check import LOOPBACK, HostCheck, host_names
from mctoolkit.sandbox.protocol import Connection, in_turn
from mctoolkit.sandbox.request_log import RequestLog
from mctoolkit.sandbox.sessions import SessionRegistry
from mctoolkit.sandbox.tls import own_pair, temporary_pair

__all__ = ["Sandbox", "serve"]

_HOST = "127.0.0.1"
_EVERYWHERE = "0.0.0.0"  # noqa: S104  only when asked for in so many words
_ELSEWHERE = ("192.0.2.1", 9)
"""An address that nobody has (RFC 5737): nothing is sent to it, the system is asked which way it would go."""
_START_S = 15
_STOP_S = 15
_FINISH_S = 1
_KEEP_ALIVE_S = 75
_MOST_CONNECTIONS = 512
"""Requests over more connections than these at once get a 503."""

_logger = logging.getLogger("mctoolkit.sandbox")


class Sandbox:
    """A sandbox on this computer that responses as the Media Collection API is documented to.

    It listens when the constructor returns, in a thread that ends with the process. Only this computer can
    reach it, unless ``lan`` says otherwise. Nothing is passed on to Adobe.

    Parameters
    ----------
    port : int
        Where it listens, 1 to 65535; with 0 the system gives a free port.
    clock : Clock, optional
        Tells the time in its responses. The system's clock, unless ``MCTOOLKIT_SEED`` is set.
    ids : callable, optional
        Makes the session ids, 64 lower-case hexadecimal digits each. Random ones, unless ``MCTOOLKIT_SEED``
        is set.
    faults : iterable of str or Fault
        What goes wrong from the start, such as ``["503 on=3"]``; more with ``sandbox.faults.add``.
    lan : bool
        Listen on all addresses of this computer, so that a phone or a television in the same network can reach it,
        and everybody else there too. Where to send is then written to the standard error.
    allow_hosts : iterable of str
        Names that requests may be for besides those of this computer, such as ``"tv.local"`` or the real host that a
        proxy sends here. Requests for any other are refused with 421.
    tls : bool
        Serve https. Without ``tls_cert`` and ``tls_key``, with a temporary certificate for this run: a client must
        trust ``sandbox.certificate``.
    tls_cert, tls_key : str or Path, optional
        PEM files with a certificate and its private key, without a passphrase. Each needs the other; they imply
        ``tls``.
    lenient : bool
        Take what the published schemas refuse but a kinder server might not: unknown keys, members and keys in the
        wrong place, whole numbers with a decimal point. It is noted, in the header ``X-Sandbox-Notes`` and in
        ``sandbox.seen``.

    Attributes
    ----------
    url : str
        Its address, such as ``http://127.0.0.1:43211``.
    port : int
        The port in it.
    addresses : tuple of str
        With ``lan``: the addresses to type into a player, as far as they can be found; otherwise only ``url``.
    certificate : Path or None
        The CA certificate that a client must trust, a PEM file that is deleted by ``stop()``; None without https and
        with a certificate of your own.
    clock : ManualClock or OffsetClock
        Its clock: ``sandbox.clock.advance(minutes=11)``.
    faults : Faults
        What goes wrong on purpose.
    seen : RequestLog
        What it saw and answered, with what it noted: ``sandbox.seen.entries``, ``sandbox.seen.total``.
    sessions : SessionRegistry
        The sessions: ``sandbox.sessions.open`` and ``sandbox.sessions.closed``, by id.
    is_sandbox : bool
        True: this is no real service.

    Raises
    ------
    SandboxError
        It cannot listen on this port, or its temporary certificate cannot be made.
    UsageError
        ``port`` is not a port, one of ``allow_hosts`` not a host, one of ``faults`` not a fault, or ``tls_cert`` or
        ``tls_key`` is missing.
    InputError
        A text of ``faults``, the certificate or its key cannot be read, or the two do not belong together.

    Examples
    --------
    >>> with Sandbox() as sandbox:
    ...     print(sandbox)
    Sandbox(sandbox on this computer, running)
    >>> sandbox.running
    False

    What a player did is there to be looked at, and half an hour passes in no time:

    >>> from mctoolkit.client.client import Client
    >>> from mctoolkit import example
    >>> with Sandbox() as sandbox, Client(sandbox) as client:
    ...     begun = client.start_session(example("sessionStart"))
    ...     sandbox.clock.advance(minutes=11)
    ...     sandbox.sessions.find(begun.session_id, sandbox.clock.now_ms()).why
    'idle'
    >>> [exchange.in_words for exchange in sandbox.exchanges]
    ['session started']
    """

    is_sandbox = True

    @takes_options_of(SandboxConfig)
    def __init__(self, config: SandboxConfig) -> None:
        clock = clocks.default_clock() if config.clock is None else config.clock
        self.clock = clock if isinstance(clock, ManualClock | OffsetClock) else OffsetClock(clock)
        self.faults = Faults()
        for fault in (config.faults,) if isinstance(config.faults, str) else config.faults:
            self.faults.add(fault)
        names = host_names(config.allow_hosts)
        found = _address() if config.lan else None
        addresses = (found,) if found else ()
        self._tls = own_pair(config.tls_cert, config.tls_key)
        if self._tls is None and config.tls:
            self._tls = temporary_pair([*LOOPBACK, *names, *addresses])
        listening = _listen(config.port, _EVERYWHERE if config.lan else _HOST)
        self.port: int = listening.getsockname()[1]
        self.addresses: tuple[str, ...] = tuple(self._url(address) for address in addresses) or (self.url,)
        self.sessions = SessionRegistry()
        self.seen = RequestLog()
        app = application(
            self.clock,
            clocks.default_ids() if config.ids is None else config.ids,
            self.faults,
            registry=self.sessions,
            seen=self.seen,
            lenient=config.lenient,
        )
        self._server = _Server(
            uvicorn.Config(
                in_turn(HostCheck(app, self.port, names, own_addresses=config.lan)),
                ssl_certfile=self._tls.cert if self._tls else None,
                ssl_keyfile=self._tls.key if self._tls else None,
                http=Connection,
                ws="none",
                lifespan="off",
                interface="asgi3",
                log_config=None,
                log_level=logging.CRITICAL,  # what goes wrong in the sandbox is logged by the sandbox
                access_log=False,
                workers=1,
                proxy_headers=False,
                server_header=False,
                date_header=False,
                limit_concurrency=_MOST_CONNECTIONS + 1,
                timeout_keep_alive=_KEEP_ALIVE_S,
                timeout_graceful_shutdown=_FINISH_S,
            )
        )
        self._thread = threading.Thread(
            target=self._server.run_until_stopped, args=(listening,), name="mctoolkit-sandbox", daemon=True
        )
        self._thread.start()
        self._server.settled.wait(_START_S)
        if not self.running:
            self.stop()
            raise SandboxError(
                _(
                    "Starting the sandbox on port {port}: it did not come up. What happened stands "
                    "in the log of mctoolkit.sandbox. Try once more, with a new kernel if need be."
                ).format(port=self.port)
            )
        if config.lan:
            if found:
                where = _("Type into the player: {addresses}.").format(addresses=", ".join(self.addresses))
            else:
                where = _(
                    "Type into the player the address of this computer, with the port {port}: it stands in "
                    "the network settings."
                ).format(port=self.port)
            sys.stderr.write(
                _(
                    "Everybody in the same network can now send to this sandbox, but nobody there "
                    "can read from it what was sent. {where} A player that uses a name instead of this "
                    'address is refused until the name is let in: --allow-host NAME, or allow_hosts=["NAME"].'
                ).format(where=where)
                + "\n"
            )

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """What it saw and answered last, oldest first: 10,000 requests at most. ``sandbox.seen.total`` counts all."""
        return self.seen.exchanges

    @property
    def url(self) -> str:
        """The address to send to from this computer, without a slash at the end."""
        return self._url(_HOST)

    def _url(self, host: str) -> str:
        return f"{'https' if self._tls else 'http'}://{host}:{self.port}"

    @property
    def certificate(self) -> Path | None:
        """The CA certificate that a client must trust; None without https and with a certificate of your own."""
        return self._tls.ca if self._tls else None

    @property
    def running(self) -> bool:
        """Whether it answers."""
        return self._server.started and self._thread.is_alive()

    def response_next(self, status: int) -> None:
        """Let the next request be answered with a fault, whatever it holds: short for ``sandbox.faults.add``.

        Called more than once, it is for as many requests, in this order.

        Parameters
        ----------
        status : int
            500 or 503.

        Raises
        ------
        UsageError
            The status is none that can be played.
        """
        self.faults.add(str(status))

    def stop(self) -> None:
        """End it: its port is free afterwards, and requests in the making have a second to get done.

        A sandbox that has ended already stays as it is. It cannot be started again.

        Raises
        ------
        SandboxError
            It does not end.
        """
        self._server.should_exit = True
        self._thread.join(_STOP_S)
        if self._thread.is_alive():
            raise SandboxError(
                _(
                    "Stopping the sandbox: it still runs after {seconds} seconds. It ends with this "
                    "process: restart the kernel."
                ).format(seconds=_STOP_S)
            )
        if self._tls is not None:
            self._tls.remove()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.stop()

    def __repr__(self) -> str:
        return (
            _("Sandbox(sandbox on this computer, running)")
            if self.running
            else _("Sandbox(sandbox on this computer, stopped)")
        )


def serve(config: SandboxConfig) -> int:
    """Run a sandbox until SIGINT (Ctrl+C) or SIGTERM comes; for a shell, from the main thread only.

    The first line on the standard output is ``Sandbox listening on http://127.0.0.1:8765``, in every
    language, for scripts that wait for it. What is for people goes to the standard error.

    Parameters
    ----------
    config : SandboxConfig
        The options, as for :class:`Sandbox`.

    Returns
    -------
    int
        The exit status: 0 after a signal, 2 when it could not start, 1 when it broke down.

    Raises
    ------
    UsageError, InputError
        As for :class:`Sandbox`.
    """
    signals: queue.SimpleQueue[int] = queue.SimpleQueue()  # the one queue that a signal handler may put into

    def note(number: int, _: FrameType | None) -> None:
        signals.put(number)

    try:
        sandbox = Sandbox(**vars(config))
    except SandboxError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    former = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with sandbox:
            sys.stdout.write(f"Sandbox listening on {sandbox.url}\n")
            sys.stdout.flush()
            for sentence in _introduction(sandbox, config.lan):
                sys.stderr.write(f"{sentence}\n")
            while sandbox.running:
                try:
                    signals.get(timeout=0.5)
                except queue.Empty:
                    continue
                return 0
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
    sys.stderr.write(_("The sandbox ended by itself. What is known of the reason stands above.") + "\n")
    return 1


class _Server(uvicorn.Server):
    """uvicorn's server, telling when it is up, or that it will not be."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.settled = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.settled.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await super().shutdown(sockets)
        for connection in list(self.server_state.connections):  # with clients that do not read their responses
            connection.transport.abort()
        while self.server_state.connections:
            await asyncio.sleep(0)

    def run_until_stopped(self, listening: socket.socket) -> None:
        try:
            self.run([listening])
        except Exception:
            _logger.exception("the sandbox broke down")
        finally:
            listening.close()
            self.settled.set()


def _introduction(sandbox: Sandbox, lan: bool) -> list[str]:
    """Return what a person at a terminal should know of a sandbox that has just started."""
    sentences = [
        _("A sandbox, for the whole network. Ctrl+C ends it.")
        if lan
        else _("A sandbox, for this computer only. Ctrl+C ends it.")
    ]
    if sandbox.certificate is not None:
        sentences.append(
            _(
                "The certificate was made for this run of the sandbox. A client sends only if it trusts "
                'this CA certificate: {path}\n  curl: curl --cacert "{path}" {url}\n  Python (requests, '
                "mctoolkit): set the environment variable REQUESTS_CA_BUNDLE to this file\n  Charles: "
                "leave --tls out and map to http; Charles itself speaks https with the player\n  iPhone, "
                "iPad, Apple TV: send the file to the device, install the profile, then switch it on in "
                "Settings > General > About > Certificate Trust Settings\n  Android: Settings > Security "
                "> Install a certificate > CA certificate; the app must trust certificates that a user "
                "installed"
            ).format(path=sandbox.certificate, url=sandbox.url)
        )
    waiting = [str(waiting.fault) for waiting in sandbox.faults.active]
    if waiting:
        sentences.append(_("Goes wrong on purpose: {faults}.").format(faults="; ".join(waiting)))
    return sentences


def _address() -> str | None:
    """Return the address by which other computers reach this one, or None where there is no network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(_ELSEWHERE)  # of a datagram socket: nothing goes out
        except OSError:
            return None
        address: str = probe.getsockname()[0]
    return None if address.startswith("127.") else address


def _listen(port: int, host: str = _HOST) -> socket.socket:
    """Return a socket that listens on a port of this computer."""
    if type(port) is not int or not 0 <= port <= 65535:
        raise UsageError(
            _("{port} is no port. A port is a whole number from 1 to 65535; 0 takes any free one.").format(
                port=repr(port)
            )
        )
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if sys.platform != "win32":  # there it would let two programs have one port
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(128)
    except OSError as error:
        listening.close()
        if error.errno == errno.EADDRINUSE:
            raise SandboxError(
                _(
                    "Starting the sandbox on port {port}: another program has this port, perhaps "
                    "another sandbox. Stop that one, or choose another port; 0 takes any free one."
                ).format(port=port)
            ) from None
        reason = error_reason(error)
        raise SandboxError(
            _(
                "Starting the sandbox on port {port}: the system refuses ({reason}). Choose "
                "another port; 0 takes any free one."
            ).format(port=port, reason=reason)
        ) from None
    return listening
