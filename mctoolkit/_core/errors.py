"""The errors that mctoolkit raises.

::

    MctoolkitError
      |- UnreadableInput    what was handed over cannot be read: a file, a text, a value       (also a ValueError)
      |    `- TargetError   ... as the address of an API                                       (also a ValueError)
      |- NotSent            a body with errors, and nobody said "send anyway"; .verdict
      |- NoAnswer           a request went out, or tried to, and no answer came; .exchange
      |- JournalError       the journal cannot be opened, written or read
      |- SandboxError       the sandbox cannot do what was asked (start on a port, mostly)
      `- MisuseError        a mistake in the calling code: an unknown field, a wrong argument  (also a TypeError)

No HTTP status raises: an Exchange says what the answer means. What is wrong with a body never raises either: a
Verdict says it. In a notebook each of these shows its message instead of a traceback.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mctoolkit.models.exchange import Exchange
    from mctoolkit.models.problem import Verdict

__all__ = [
    "JournalError",
    "MctoolkitError",
    "MisuseError",
    "NoAnswer",
    "NotSent",
    "SandboxError",
    "TargetError",
    "UnreadableInput",
]


class MctoolkitError(Exception):
    """The root of everything that mctoolkit raises on purpose."""

    def _render_traceback_(self) -> list[str]:
        """Show the message alone in a notebook; IPython asks for the lines of the traceback here."""
        return [f"{type(self).__name__}: {self}"]


class UnreadableInput(MctoolkitError, ValueError):
    """A file, a text or a value cannot be read as what it should be."""


class TargetError(UnreadableInput):
    """A text cannot be the address of a Media Collection API."""


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


class NoAnswer(MctoolkitError):
    """No HTTP answer came.

    Attributes
    ----------
    exchange : Exchange
        The request as it was made, with ``answer`` None and ``failure`` saying what is known.
    """

    def __init__(self, message: str, exchange: Exchange) -> None:
        super().__init__(message)
        self.exchange = exchange


class JournalError(MctoolkitError):
    """The journal cannot be opened, written or read."""


class SandboxError(MctoolkitError):
    """The sandbox cannot do what was asked."""


class MisuseError(MctoolkitError, TypeError):
    """The calling code asked for something that does not exist."""
