"""The sandbox as a server in a thread of this process."""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

import uvicorn

from mctoolkit._core import clocks
from mctoolkit._core.clocks import ManualClock, OffsetClock
from mctoolkit._core.errors import SandboxError, UsageError
from mctoolkit._core.messages import gettext as _
from mctoolkit.models.exchange import Exchange
from mctoolkit.sandbox.app import application
from mctoolkit.sandbox.config import SandboxConfig, with_options_of
from mctoolkit.sandbox.faults import Faults
from mctoolkit.sandbox.host_check import LOOPBACK, HostCheck, host_names
from mctoolkit.sandbox.protocol import ServerConfig
from mctoolkit.sandbox.request_log import RequestLog
from mctoolkit.sandbox.sessions import SessionRegistry
from mctoolkit.sandbox.tls import temporary_certificate, user_certificate

__all__ = ["Sandbox"]

_HOST = "127.0.0.1"
_ALL_ADDRESSES = "0.0.0.0"  # noqa: S104  only with ``lan``
_UNASSIGNED = ("192.0.2.1", 9)
"""An address that no computer has (RFC 5737), to ask the system for the interface that leads outside."""
_START_S = 15
_STOP_S = 15
_SHUTDOWN_S = 1
_KEEP_ALIVE_S = 75
_MAX_CONNECTIONS = 512
"""Requests over further connections get a 503."""

_logger = logging.getLogger("mctoolkit.sandbox")


class Sandbox:
    """A local server that responds as the Media Collection API is documented to.

    The constructor returns when the server accepts connections. It runs in a thread that ends with the process, and
    only this computer can reach it, unless ``lan`` is set. It sends nothing to Adobe.

    Parameters
    ----------
    port : int
        The port to listen on, 1 to 65535; 0 selects a free one.
    clock : Clock, optional
        Gives the time for the responses; the system's clock by default, a fixed one if ``MCTOOLKIT_SEED`` is set.
    ids : callable, optional
        Generates the session ids of 64 lower-case hexadecimal digits; random by default, reproducible if
        ``MCTOOLKIT_SEED`` is set.
    faults : iterable of str or Fault
        The faults at the start, such as ``["503 on=3"]``; add more with ``sandbox.faults.add``.
    lan : bool
        Listen on all addresses of this computer, so that a phone, a television and every other computer in the same
        network can reach it. The address to use is printed to standard error.
    allow_hosts : iterable of str
        Further host names to accept in requests, such as ``"tv.local"``, or the real host if a proxy redirects
        requests to the sandbox. Requests for other hosts get 421.
    tls : bool
        Serve https. Without ``tls_cert`` and ``tls_key``, with a temporary certificate: clients must trust
        ``sandbox.certificate``.
    tls_cert, tls_key : str or Path, optional
        PEM files with a certificate and its private key, without a passphrase. Both are required; they imply ``tls``.
    lenient : bool
        Accept what the published schemas reject but the real service may accept: unknown keys, members and keys in the
        wrong place, whole numbers with a decimal point. Each is noted in the header ``X-Sandbox-Notes`` and in
        ``sandbox.log``.

    Attributes
    ----------
    url : str
        The address of the server, such as ``http://127.0.0.1:43211``.
    port : int
        The port of the server.
    addresses : tuple of str
        With ``lan``: the address for other devices, if it can be determined; otherwise only ``url``.
    certificate : Path or None
        The CA certificate that clients must trust, a PEM file that ``stop()`` deletes; None without https and with
        your own certificate.
    clock : ManualClock or OffsetClock
        The clock of the server: ``sandbox.clock.advance(minutes=11)``.
    faults : Faults
        The faults that requests can trigger.
    log : RequestLog
        The requests and responses with notes: ``sandbox.log.entries``, ``sandbox.log.total``.
    sessions : SessionRegistry
        The sessions by id: ``sandbox.sessions.open`` and ``sandbox.sessions.closed``.
    is_sandbox : bool
        True: this is not the real service.

    Raises
    ------
    SandboxError
        The server cannot listen on the port, or the temporary certificate cannot be created.
    UsageError
        An option has an invalid value, or only one of ``tls_cert`` and ``tls_key`` is given.
    InputError
        A text in ``faults``, the certificate or its key cannot be read, or the two do not match.

    Examples
    --------
    >>> with Sandbox() as sandbox:
    ...     print(sandbox)
    Sandbox(sandbox on this computer, running)
    >>> sandbox.running
    False

    The sandbox records the sessions of a player, and its clock can be moved:

    >>> from mctoolkit.client.client import Client
    >>> from mctoolkit import example
    >>> with Sandbox() as sandbox, Client(sandbox) as client:
    ...     started = client.start_session(example("sessionStart"))
    ...     sandbox.clock.advance(minutes=11)
    ...     sandbox.sessions.find(started.session_id, sandbox.clock.now_ms()).why
    'idle'
    >>> [entry.status for entry in sandbox.log.entries]
    [201]
    """

    is_sandbox = True

    @with_options_of(SandboxConfig)
    def __init__(self, config: SandboxConfig) -> None:
        clock = clocks.default_clock() if config.clock is None else config.clock
        self.clock = clock if isinstance(clock, ManualClock | OffsetClock) else OffsetClock(clock)
        self.faults = Faults()
        for fault in (config.faults,) if isinstance(config.faults, str) else config.faults:
            self.faults.add(fault)
        names = host_names(config.allow_hosts)
        address = _lan_address() if config.lan else None
        lan_addresses = (address,) if address else ()
        self._tls = user_certificate(config.tls_cert, config.tls_key)
        if self._tls is None and config.tls:
            self._tls = temporary_certificate([*LOOPBACK, *names, *lan_addresses])
        listener = _listen(config.port, _ALL_ADDRESSES if config.lan else _HOST)
        self.port: int = listener.getsockname()[1]
        self.addresses: tuple[str, ...] = tuple(self._url(each) for each in lan_addresses) or (self.url,)
        self.sessions = SessionRegistry()
        self.log = RequestLog()
        app = application(
            self.clock,
            clocks.default_ids() if config.ids is None else config.ids,
            self.faults,
            registry=self.sessions,
            log=self.log,
            lenient=config.lenient,
        )
        self._server = _Server(
            ServerConfig(
                HostCheck(app, self.port, names, own_addresses=config.lan),
                ssl_certfile=self._tls.cert if self._tls else None,
                ssl_keyfile=self._tls.key if self._tls else None,
                lifespan="off",
                log_config=None,
                log_level=logging.CRITICAL,  # the sandbox logs its own errors
                access_log=False,
                workers=1,
                proxy_headers=False,
                server_header=False,
                date_header=False,
                limit_concurrency=_MAX_CONNECTIONS + 1,
                timeout_keep_alive=_KEEP_ALIVE_S,
                timeout_graceful_shutdown=_SHUTDOWN_S,
            )
        )
        self._thread = threading.Thread(
            target=self._server.run_until_stopped, args=(listener,), name="mctoolkit-sandbox", daemon=True
        )
        self._thread.start()
        self._server.startup_finished.wait(_START_S)
        if not self.running:
            self.stop()
            raise SandboxError(
                _(
                    "The sandbox on port {port} did not start. Find the reason in the log mctoolkit.sandbox, then try "
                    "again."
                ).format(port=self.port)
            )
        if config.lan:
            sys.stderr.write(f"{self._lan_message(address)}\n")

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """The latest requests and responses, oldest first, at most 10,000; ``sandbox.log.total`` counts all."""
        return self.log.exchanges

    @property
    def url(self) -> str:
        """The address for clients on this computer, without a trailing slash."""
        return self._url(_HOST)

    @property
    def certificate(self) -> Path | None:
        """The CA certificate that clients must trust; None without https and with your own certificate."""
        return self._tls.ca if self._tls else None

    @property
    def running(self) -> bool:
        """Whether the server accepts requests."""
        return self._server.started and self._thread.is_alive()

    def stop(self) -> None:
        """Stop the server and free its port; requests in progress have a second to complete.

        Stopping again has no effect. A stopped sandbox cannot be started again.

        Raises
        ------
        SandboxError
            The server does not stop.
        """
        self._server.should_exit = True
        self._thread.join(_STOP_S)
        if self._thread.is_alive():
            raise SandboxError(
                _(
                    "The sandbox is still running {seconds} seconds after stop(). It ends with this process: restart "
                    "the kernel."
                ).format(seconds=_STOP_S)
            )
        if self._tls is not None:
            self._tls.remove()

    def _url(self, host: str) -> str:
        return f"{'https' if self._tls else 'http'}://{host}:{self.port}"

    def _lan_message(self, address: str | None) -> str:
        if address:
            where = _("Enter this address in the player: {address}.").format(address=self._url(address))
        else:
            where = _(
                "Enter the address of this computer in the player, with the port {port}. The address is in the network "
                "settings."
            ).format(port=self.port)
        return _(
            "Every device in the same network can now send requests to this sandbox, but cannot read the requests of "
            "others. {where} Requests for a host name instead of this address are rejected until you allow the name: "
            '--allow-host NAME, or allow_hosts=["NAME"].'
        ).format(where=where)

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


class _Server(uvicorn.Server):
    """uvicorn's server, with an event for the end of its startup."""

    def __init__(self, config: ServerConfig) -> None:
        super().__init__(config)
        self.connections = config.connections
        self.startup_finished = threading.Event()
        """Set when the server accepts connections, or when it has failed."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.startup_finished.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await super().shutdown(sockets)
        for connection in list(self.connections):  # of clients that do not read their responses
            connection.transport.abort()
        while self.connections:
            await asyncio.sleep(0)

    def run_until_stopped(self, listener: socket.socket) -> None:
        try:
            self.run([listener])
        except Exception:
            _logger.exception("The sandbox failed")
        finally:
            listener.close()
            self.startup_finished.set()


def _lan_address() -> str | None:
    """Return the address at which other computers reach this one, or None without a network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(_UNASSIGNED)  # a datagram socket sends nothing here
        except OSError:
            return None
        address: str = probe.getsockname()[0]
    return None if address.startswith("127.") else address


def _listen(port: int, host: str = _HOST) -> socket.socket:
    """Return a socket that listens on a port of this computer."""
    if type(port) is not int or not 0 <= port <= 65535:
        raise UsageError(
            _("{port} is not a port. Use a whole number from 1 to 65535, or 0 for a free port.").format(port=repr(port))
        )
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if sys.platform != "win32":  # on Windows, two programs could then share a port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            message = _(
                "Port {port} is in use, perhaps by another sandbox. Stop that program or choose another port; 0 "
                "selects a free one."
            ).format(port=port)
        else:
            message = _("Cannot listen on port {port}: {reason}. Choose another port; 0 selects a free one.").format(
                port=port, reason=error.strerror or type(error).__name__
            )
        raise SandboxError(message) from None
    return listener
