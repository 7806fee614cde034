"""The errors that carry a Verdict or an Exchange."""

from __future__ import annotations

from mctoolkit._core.errors import MctoolkitError
from mctoolkit.models.exchange import Exchange
from mctoolkit.models.problem import Verdict

__all__ = ["NoResponse", "NotSent"]


class NotSent(MctoolkitError):
    """The body has errors and was not sent, because ``send_anyway`` is False.

    Attributes
    ----------
    verdict : Verdict
        The problems of the body.
    """

    def __init__(self, message: str, verdict: Verdict) -> None:
        super().__init__(message)
        self.verdict = verdict


class NoResponse(MctoolkitError):
    """There is no complete HTTP response.

    Attributes
    ----------
    exchange : Exchange
        The request; its ``failure`` gives the reason.
    """

    def __init__(self, message: str, exchange: Exchange) -> None:
        super().__init__(message)
        self.exchange = exchange
