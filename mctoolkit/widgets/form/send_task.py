"""A request in a background thread, so that the kernel can handle Cancel and other input."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from mctoolkit._core.clocks import Clock
from mctoolkit.client.client import CancelToken, Client
from mctoolkit.models.errors import NoResponse
from mctoolkit.models.event import Event
from mctoolkit.models.exchange import Exchange

__all__ = ["SendTask"]

_FIRST_REPORT_S = 2
_POLL_S = 0.1
"""Real time between two looks at the clock."""


class SendTask:
    """One request and the wait for its response.

    Parameters
    ----------
    client : Client
        Sends the request.
    event : Event
        The event to send, even with errors.
    clock : Clock
        Measures the wait.
    on_start : callable
        Called before the request is sent.
    on_wait : callable
        Called with the whole seconds of waiting, each second from 2 on.
    on_end : callable
        Called with the exchange, or with the error that prevented the request, before :meth:`run` returns.

    Notes
    -----
    ``on_wait`` and ``on_end`` are called in background threads.
    """

    def __init__(
        self,
        client: Client,
        event: Event,
        clock: Clock,
        *,
        on_start: Callable[[], None],
        on_wait: Callable[[int], None],
        on_end: Callable[[Exchange | Exception], None],
    ) -> None:
        self._client = client
        self._event = event
        self._clock = clock
        self._on_start = on_start
        self._on_wait = on_wait
        self._on_end = on_end
        self._token = CancelToken()
        self._has_response = threading.Event()
        self._ended = threading.Event()
        self._result: Exchange | Exception
        self._sender = threading.Thread(target=self._send, name="mctoolkit-send", daemon=True)
        self._reporter = threading.Thread(target=self._report_wait, name="mctoolkit-wait", daemon=True)
        self._started_ms = clock.now_ms()  # a monotonic reading would ignore a ManualClock

    def start(self) -> None:
        """Send the request in the background."""
        with self._cancel_on_interrupt():
            self._start_threads()

    def cancel(self) -> None:
        """Stop waiting for the response."""
        self._token.cancel()

    def run(self) -> Exchange:
        """Send the request and wait for the result. An interrupt cancels it and is raised after ``on_end``.

        Raises
        ------
        Exception
            The request could not be sent.
        KeyboardInterrupt
            The user pressed Ctrl+C, or Stop in JupyterLab.
        """
        with self._cancel_on_interrupt():  # one block, so that an interrupt between start and wait also cancels
            self._start_threads()
            while not self._wait_briefly():
                pass
        if isinstance(self._result, Exception):
            raise self._result
        return self._result

    def _start_threads(self) -> None:
        self._on_start()
        self._sender.start()
        self._reporter.start()

    def _wait_briefly(self) -> bool:
        """Wait a short time and return whether the task has ended. Windows does not interrupt longer waits."""
        return self._ended.wait(_POLL_S)

    @contextmanager
    def _cancel_on_interrupt(self) -> Iterator[None]:
        """On any exception, cancel the request, wait until it has ended, and raise the exception again."""
        try:
            yield
        except BaseException:
            self.cancel()
            if self._sender.ident is None:  # not started: send with the cancelled token, which records the outcome
                self._send()
            self._ended.wait()
            raise

    def _send(self) -> None:
        try:
            self._result = self._client.start_session(self._event, send_anyway=True, cancel=self._token)
        except NoResponse as error:
            self._result = error.exchange
        except Exception as error:  # noqa: BLE001  raised again by run()
            self._result = error
        self._has_response.set()
        try:
            self._on_end(self._result)
        finally:
            self._ended.set()

    def _report_wait(self) -> None:
        reported_s = _FIRST_REPORT_S - 1
        while not self._has_response.wait(_POLL_S):
            waited_s = (self._clock.now_ms() - self._started_ms) // 1000
            if waited_s > reported_s:
                reported_s = waited_s
                self._on_wait(waited_s)
