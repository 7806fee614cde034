"""A timer that calls back in a thread of its own until it is stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable

__all__ = ["Timer"]

_STOP_S = 15


class Timer:
    """Calls a function again and again; one thread at most, and none after :meth:`stop`.

    Parameters
    ----------
    tick : callable
        Returns in how many seconds it wants to be called again, or None to end.
    """

    def __init__(self, tick: Callable[[], float | None]) -> None:
        self._tick = tick
        self._thread: threading.Thread | None = None
        self._stopped = threading.Event()

    @property
    def running(self) -> bool:
        """Whether it goes on calling."""
        return self._thread is not None and self._thread.is_alive() and not self._stopped.is_set()

    def start(self) -> None:
        """Begin calling, at once for the first time; while it runs already, nothing changes."""
        if self.running:
            return
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(self._stopped,), name="mctoolkit-pad", daemon=True)
        self._thread.start()

    def stop(self, *, wait: bool = True) -> None:
        """End it, and wait until its thread is gone; it may be stopped from its own call too."""
        self._stopped.set()
        thread = self._thread
        if wait and thread is not None and thread is not threading.current_thread():
            thread.join(_STOP_S)

    def _run(self, stopped: threading.Event) -> None:
        again_s = self._tick()
        while again_s is not None and not stopped.wait(again_s):
            again_s = self._tick()
        stopped.set()
