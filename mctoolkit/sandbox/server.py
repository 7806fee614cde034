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
from types import FrameType, TracebackType
from typing import Self

import uvicorn

from mctoolkit import clocks, texts
from mctoolkit.clocks import Clock, IdSource
from mctoolkit.errors import MisuseError, SandboxError
from mctoolkit.sandbox.app import application
from mctoolkit.sandbox.faults import Faults
from mctoolkit.sandbox.protocol import PlainProtocol

__all__ = ["Sandbox", "serve"]

_HOST = "127.0.0.1"
_START_S = 15
_STOP_S = 15
_FINISH_S = 1
_KEEP_ALIVE_S = 75

_logger = logging.getLogger("mctoolkit.sandbox")


class Sandbox:
    """A practice server on this computer that answers as the Media Collection API is documented to.

    It listens when the constructor returns, in a thread that ends with the process. Only this computer can
    reach it. Nothing is passed on to Adobe, and nothing that is sent is kept.

    Parameters
    ----------
    port : int
        Where it listens, 1 to 65535; with 0 the system gives a free port.
    clock : Clock, optional
        Tells the time in its answers. The system's clock, unless ``MCTOOLKIT_SEED`` is set.
    ids : callable, optional
        Makes the session ids, 64 lower-case hexadecimal digits each. Random ones, unless ``MCTOOLKIT_SEED``
        is set.

    Attributes
    ----------
    url : str
        Its address, such as ``http://127.0.0.1:43211``.
    port : int
        The port in it.
    clock : Clock
        Its clock.
    practice : bool
        True: this is no real service.

    Raises
    ------
    SandboxError
        It cannot listen on this port.
    MisuseError
        ``port`` is no port.

    Examples
    --------
    >>> with Sandbox() as sandbox:
    ...     print(sandbox)
    Sandbox(practice server on this computer, running)
    >>> sandbox.running
    False
    """

    practice = True

    def __init__(self, *, port: int = 0, clock: Clock | None = None, ids: IdSource | None = None) -> None:
        self.clock = clocks.default_clock() if clock is None else clock
        self._faults = Faults()
        listening = _listen(port)
        self.port: int = listening.getsockname()[1]
        self._server = _Server(
            uvicorn.Config(
                application(self.clock, clocks.default_ids() if ids is None else ids, self._faults),
                http=PlainProtocol,
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
            raise SandboxError(texts.say("sandbox.start.failed", port=self.port))

    @property
    def url(self) -> str:
        """The address to send to, without a slash at the end."""
        return f"http://{_HOST}:{self.port}"

    @property
    def running(self) -> bool:
        """Whether it answers."""
        return self._server.started and self._thread.is_alive()

    def answer_next(self, status: int) -> None:
        """Let the next request that begins a session be answered with a fault, whatever it holds.

        Called more than once, it is for as many requests, in this order.

        Parameters
        ----------
        status : int
            500, the one fault at the server that is documented.

        Raises
        ------
        MisuseError
            The status is no documented fault.
        """
        self._faults.add(status)

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
            raise SandboxError(texts.say("sandbox.stop.failed", seconds=_STOP_S))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.stop()

    def __repr__(self) -> str:
        return texts.say("sandbox.repr.running" if self.running else "sandbox.repr.stopped")


def serve(port: int, *, clock: Clock | None = None, ids: IdSource | None = None) -> int:
    """Run a sandbox until SIGINT (Ctrl+C) or SIGTERM comes; for a shell, from the main thread only.

    The first line on the standard output is ``Sandbox listening on http://127.0.0.1:8765``, in every
    language, for scripts that wait for it. What is for people goes to the standard error.

    Parameters
    ----------
    port : int
        Where it listens, 1 to 65535; with 0 the system gives a free port.
    clock, ids : optional
        As for :class:`Sandbox`.

    Returns
    -------
    int
        The exit status: 0 after a signal, 2 when it could not start, 1 when it broke down.

    Raises
    ------
    MisuseError
        ``port`` is no port.
    """
    signals: queue.SimpleQueue[int] = queue.SimpleQueue()  # the one queue that a signal handler may put into

    def note(number: int, _: FrameType | None) -> None:
        signals.put(number)

    try:
        sandbox = Sandbox(port=port, clock=clock, ids=ids)
    except SandboxError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    former = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with sandbox:
            sys.stdout.write(f"Sandbox listening on {sandbox.url}\n")
            sys.stdout.flush()
            sys.stderr.write(f"{texts.say('sandbox.serve.hint')}\n")
            while sandbox.running:
                try:
                    signals.get(timeout=0.5)
                except queue.Empty:
                    continue
                return 0
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
    sys.stderr.write(f"{texts.say('sandbox.serve.broke')}\n")
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
        for connection in list(self.server_state.connections):  # with clients that do not read their answers
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


def _listen(port: int) -> socket.socket:
    """Return a socket that listens on a port of this computer only."""
    if type(port) is not int or not 0 <= port <= 65535:
        raise MisuseError(texts.say("sandbox.start.no_port", port=repr(port)))
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if sys.platform != "win32":  # there it would let two programs have one port
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((_HOST, port))
        listening.listen(128)
    except OSError as error:
        listening.close()
        key = "in_use" if error.errno == errno.EADDRINUSE else "refused"
        reason = error.strerror or type(error).__name__
        raise SandboxError(texts.say(f"sandbox.start.{key}", port=port, reason=reason)) from None
    return listening
