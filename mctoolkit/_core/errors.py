"""Exceptions of mctoolkit.

::

    MctoolkitError
      |- InputError       a file, text or value cannot be parsed                   (also a ValueError)
      |    `- HostError   a text is not the address of a Media Collection API      (also a ValueError)
      |- NotSent          the body has errors, and ``send_anyway`` was not given; .verdict
      |- NoResponse       a request was sent, or tried, and no response came; .exchange
      |- JournalError     the journal cannot be opened, written or read
      |- SandboxError     the sandbox cannot do what was asked, such as listen on a port
      `- UsageError       a mistake in the calling code, such as an unknown field  (also a TypeError)

An HTTP error status does not raise: the Exchange says what the response means. An invalid body does not raise: the
Verdict lists its problems. In a notebook these exceptions show their message instead of a traceback. ``NotSent`` and
``NoResponse`` are defined in ``models.errors``, because they carry a Verdict and an Exchange.
"""

from __future__ import annotations

__all__ = [
    "HostError",
    "InputError",
    "JournalError",
    "MctoolkitError",
    "SandboxError",
    "UsageError",
    "error_reason",
]


class MctoolkitError(Exception):
    """The base class of all exceptions that mctoolkit raises."""

    def _render_traceback_(self) -> list[str]:
        """Return the lines that IPython shows instead of a traceback: the message alone."""
        return [f"{type(self).__name__}: {self}"]


class InputError(MctoolkitError, ValueError):
    """A file, text or value cannot be parsed."""


class HostError(InputError):
    """A text is not the address of a Media Collection API."""


class JournalError(MctoolkitError):
    """The journal cannot be opened, written or read."""


class SandboxError(MctoolkitError):
    """The sandbox cannot do what was asked."""


class UsageError(MctoolkitError, TypeError):
    """The calling code passed a name or an argument that does not exist."""


def error_reason(error: Exception) -> str:
    """Return why a file operation failed: the system's message, or the name of the exception.

    Examples
    --------
    >>> error_reason(FileNotFoundError(2, "No such file or directory")), error_reason(ValueError())
    ('No such file or directory', 'ValueError')
    """
    return getattr(error, "strerror", None) or type(error).__name__
