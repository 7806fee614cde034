"""The errors that mctoolkit raises.

::

    MctoolkitError
      |- InputError       a file, a text or a value cannot be read as what it should be    (also a ValueError)
      |    `- HostError   a text is not the address of a Media Collection API              (also a ValueError)
      |- NotSent          the body has errors, and ``send_anyway`` was not given; .verdict
      |- NoResponse       a request was sent, or tried, and no response came; .exchange
      |- JournalError     the journal cannot be opened, written or read
      |- SandboxError     the sandbox cannot do what was asked, such as listen on a port
      `- UsageError       a mistake in the calling code: an unknown field, a wrong argument  (also a TypeError)

No HTTP status raises: an Exchange says what the response means. An invalid body does not raise either: a Verdict lists
its problems. In a notebook each of these errors shows its message instead of a traceback. ``NotSent`` and
``NoResponse`` are defined in ``models.errors``, since they carry a Verdict and an Exchange.
"""

from __future__ import annotations

__all__ = [
    "HostError",
    "InputError",
    "JournalError",
    "MctoolkitError",
    "SandboxError",
    "UsageError",
]


class MctoolkitError(Exception):
    """The root of everything that mctoolkit raises on purpose."""

    def _render_traceback_(self) -> list[str]:
        """Show the message alone in a notebook; IPython asks for the lines of the traceback here."""
        return [f"{type(self).__name__}: {self}"]


class InputError(MctoolkitError, ValueError):
    """A file, a text or a value cannot be read as what it should be."""


class HostError(InputError):
    """A text cannot be the address of a Media Collection API."""


class JournalError(MctoolkitError):
    """The journal cannot be opened, written or read."""


class SandboxError(MctoolkitError):
    """The sandbox cannot do what was asked."""


class UsageError(MctoolkitError, TypeError):
    """The calling code asked for something that does not exist."""
