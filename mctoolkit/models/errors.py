"""The errors that carry a Verdict or an Exchange."""

from __future__ import annotations

from mctoolkit._core.errors import MctoolkitError
from mctoolkit.models.exchange import Exchange
from mctoolkit.models.problem import Verdict

__all__ = ["NoResponse", "NotSent"]


class NotSent(MctoolkitError):
    """The body has errors, and the caller did not ask to send it anyway.

    Attributes
    ----------
    verdict : Verdict
        Every problem of the body.
    """

    def __init__(self, message: str, verdict: Verdict) -> None:
        super().__init__(message)
        self.verdict = verdict


class NoResponse(MctoolkitError):
    """No HTTP response came.

    Attributes
    ----------
    exchange : Exchange
        The request as it was made, with ``response`` None and ``failure`` saying what is known.
    """

    def __init__(self, message: str, exchange: Exchange) -> None:
        super().__init__(message)
        self.exchange = exchange
