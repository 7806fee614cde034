"""A request on its way, in a thread of its own: the kernel stays free for Cancel and for whatever else is done."""

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

_TOLD_FROM_S = 2
_LOOK_S = 0.1
"""How often the clock is looked at, in seconds of the computer."""


class SendTask:
    """One request, and the wait for its response.

    Parameters
    ----------
    client : Client
        Sends it.
    event : Event
        What is sent, also with errors.
    clock : Clock
        Tells how long the wait has been.
    on_begin : callable
        Called before it sets out.
    on_wait : callable
        Called with the whole seconds of waiting, from 2 on, each time that another one has passed.
    on_end : callable
        Called with the exchange, or with the error that kept it from being sent, before :meth:`run` returns it.

    Notes
    -----
    The last two are called in threads other than the one that calls :meth:`start` or :meth:`run`.
    """

    def __init__(
        self,
        client: Client,
        event: Event,
        clock: Clock,
        *,
        on_begin: Callable[[], None],
        on_wait: Callable[[int], None],
        on_end: Callable[[Exchange | Exception], None],
    ) -> None:
        self._client = client
        self._event = event
        self._clock = clock
        self._on_begin = on_begin
        self._on_wait = on_wait
        self._on_end = on_end
        self._token = CancelToken()
        self._answered = threading.Event()
        self._ended = threading.Event()
        self._outcome: Exchange | Exception
        self._sender = threading.Thread(target=self._send, name="mctoolkit-send", daemon=True)
        self._counter = threading.Thread(target=self._count, name="mctoolkit-wait", daemon=True)
        self._begun_ms = clock.now_ms()  # not the stopwatch, whose readings may be steps of a clock moved by hand

    def start(self) -> None:
        """Send the request in the background."""
        with self._cancelling():
            self._begin()

    def cancel(self) -> None:
        """Wait no longer for the response."""
        self._token.cancel()

    def run(self) -> Exchange:
        """Send the request and wait for the end; an interrupt cancels it and is raised once the exchange is kept.

        Raises
        ------
        Exception
            What kept it from being sent.
        KeyboardInterrupt
            Ctrl+C, or Stop in JupyterLab.
        """
        with self._cancelling():  # one block, so that no interrupt falls between the start and the wait
            self._begin()
            while not self._has_ended():
                pass
        if isinstance(self._outcome, Exception):
            raise self._outcome
        return self._outcome

    def _begin(self) -> None:
        self._on_begin()
        self._sender.start()
        self._counter.start()

    def _has_ended(self) -> bool:
        """Wait for the end for a short time only: Windows does not interrupt a longer wait."""
        return self._ended.wait(_LOOK_S)

    @contextmanager
    def _cancelling(self) -> Iterator[None]:
        """At an interrupt, or whatever else comes between: cancel, see it to its end, and go on with that."""
        try:
            yield
        except BaseException:
            self.cancel()
            if self._sender.ident is None:  # it has not set out, and does not any more
                self._send()
            self._ended.wait()
            raise

    def _send(self) -> None:
        try:
            self._outcome = self._client.start_session(self._event, send_anyway=True, cancel=self._token)
        except NoResponse as silence:
            self._outcome = silence.exchange
        except Exception as error:  # noqa: BLE001  raised again by run()
            self._outcome = error
        self._answered.set()
        try:
            self._on_end(self._outcome)
        finally:
            self._ended.set()

    def _count(self) -> None:
        told_s = _TOLD_FROM_S - 1
        while not self._answered.wait(_LOOK_S):
            waited_s = (self._clock.now_ms() - self._begun_ms) // 1000
            if waited_s > told_s:
                told_s = waited_s
                self._on_wait(waited_s)
