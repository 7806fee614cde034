"""Cancel a request from another thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["CancelToken"]


class CancelToken:
    """Cancels the requests that it is passed to. It is thread-safe.

    A cancelled token stays cancelled: a request that gets it later is not sent.

    Examples
    --------
    >>> from mctoolkit import Client, NoResponse
    >>> token = CancelToken()
    >>> token.cancel()  # usually from another thread, during the request
    >>> try:
    ...     Client("company.hb-api.omtrdc.net").start_session("{}", send_anyway=True, cancel=token)
    ... except NoResponse as error:
    ...     print(error.exchange.in_words)
    cancelled, nothing sent
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_cancelled = False
        self._callbacks: list[Callable[[], None]] = []

    @property
    def cancelled(self) -> bool:
        """Whether :meth:`cancel` was called."""
        return self._is_cancelled

    def cancel(self) -> None:
        """Cancel the request. A second call, or one after the response, has no effect."""
        with self._lock:
            self._is_cancelled = True
            callbacks = tuple(self._callbacks)
        for callback in callbacks:
            callback()

    @contextmanager
    def on_cancel(self, callback: Callable[[], None]) -> Iterator[None]:
        """Call ``callback`` on cancellation while the block runs; at once if the token is cancelled already.

        Examples
        --------
        >>> token = CancelToken()
        >>> with token.on_cancel(lambda: print("cancelled")):
        ...     token.cancel()
        cancelled
        """
        with self._lock:
            self._callbacks.append(callback)
            was_cancelled = self._is_cancelled
        try:
            if was_cancelled:
                callback()
            yield
        finally:
            with self._lock:
                self._callbacks.remove(callback)
