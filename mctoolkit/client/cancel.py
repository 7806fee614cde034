"""End the wait for a response from another thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["CancelToken"]


class CancelToken:
    """Ends the wait for the request that it was handed to; threads may share it.

    Once cancelled it stays so: a request that it is handed to afterwards is not sent at all.

    Examples
    --------
    >>> from mctoolkit import Client, NoResponse
    >>> token = CancelToken()
    >>> token.cancel()  # mostly by another thread, while the request is under way
    >>> try:
    ...     Client("company.hb-api.omtrdc.net").start_session("{}", send_anyway=True, cancel=token)
    ... except NoResponse as silence:
    ...     print(silence.exchange.in_words)
    cancelled, nothing sent
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cancelled = False
        self._ends: list[Callable[[], None]] = []

    @property
    def cancelled(self) -> bool:
        """Whether somebody has cancelled."""
        return self._cancelled

    def cancel(self) -> None:
        """Wait no longer; a second time, or after the response, it does nothing."""
        with self._lock:
            self._cancelled = True
            ends = tuple(self._ends)
        for end in ends:
            end()

    @contextmanager
    def calling(self, end: Callable[[], None]) -> Iterator[None]:
        """Call this as soon as somebody cancels, until the block is left; at once where somebody has."""
        with self._lock:
            self._ends.append(end)
            already = self._cancelled
        try:
            if already:
                end()
            yield
        finally:
            with self._lock:
                self._ends.remove(end)
