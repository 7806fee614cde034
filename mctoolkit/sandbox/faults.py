"""Answers that the sandbox gives on request, whatever it is sent: how a client takes a fault can be tried."""

from __future__ import annotations

import threading
from collections import deque

from mctoolkit import texts
from mctoolkit.errors import MisuseError
from mctoolkit.facts import catalog

__all__ = ["Faults"]


class Faults:
    """The faults that wait for the next requests, first in, first out.

    Examples
    --------
    >>> faults = Faults()
    >>> faults.add(500)
    >>> faults.take(), faults.take()
    (500, None)
    """

    def __init__(self) -> None:
        self._waiting: deque[int] = deque()
        self._lock = threading.Lock()

    def add(self, status: int) -> None:
        """Let one request more be answered with this status.

        Raises
        ------
        MisuseError
            It is no documented status of a fault at the server.
        """
        failing = [known for known, answer in catalog.answers("sessions").items() if answer.outcome == "failed"]
        if status not in failing:
            raise MisuseError(texts.say("sandbox.no_fault", status=status, known=", ".join(map(str, failing))))
        with self._lock:
            self._waiting.append(status)

    def take(self) -> int | None:
        """Return the fault for the request at hand and forget it; None when there is none."""
        with self._lock:
            return self._waiting.popleft() if self._waiting else None
