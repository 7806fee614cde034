"""A timer that calls a function in its own thread until it is stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable

__all__ = ["Timer"]

_STOP_TIMEOUT_S = 15


class Timer:
    """Calls a function repeatedly in at most one thread.

    Parameters
    ----------
    tick : callable
        Returns the seconds until its next call, or None to end.
    """

    def __init__(self, tick: Callable[[], float | None]) -> None:
        self._tick = tick
        self._thread: threading.Thread | None = None
        self._stopped = threading.Event()

    @property
    def running(self) -> bool:
        """Whether the timer keeps calling."""
        return self._thread is not None and self._thread.is_alive() and not self._stopped.is_set()

    def start(self) -> None:
        """Start calling, the first time immediately. A running timer is not changed."""
        if self.running:
            return
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(self._stopped,), name="mctoolkit-timer", daemon=True)
        self._thread.start()

    def stop(self, *, wait: bool = True) -> None:
        """Stop calling and wait until the thread has ended. The function itself may call this too."""
        self._stopped.set()
        thread = self._thread
        if wait and thread is not None and thread is not threading.current_thread():
            thread.join(_STOP_TIMEOUT_S)

    def _run(self, stopped: threading.Event) -> None:
        delay_s = self._tick()
        while delay_s is not None and not stopped.wait(delay_s):
            delay_s = self._tick()
        stopped.set()
