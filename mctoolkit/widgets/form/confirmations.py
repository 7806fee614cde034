"""Which requests to a real host the user has confirmed."""

from __future__ import annotations

from mctoolkit._core.errors import UsageError
from mctoolkit._core.messages import gettext as _
from mctoolkit.client.profiles import Confirmation, Profile, required_confirmation
from mctoolkit.models.event import Event
from mctoolkit.models.target import Target

__all__ = ["Confirmations"]


class Confirmations:
    """The confirmations of one form. Each host and report suite is confirmed once.

    Parameters
    ----------
    profile : Profile or None
        Lists the test report suites of the host.
    target : Target
        Where the form sends.
    """

    def __init__(self, profile: Profile | None, target: Target) -> None:
        self._profile = profile
        self._target = target
        self._confirmed: set[tuple[str, str]] = set()

    def needed(self, event: Event) -> Confirmation:
        """Return the confirmation that an event needs; its ``kind`` is ``"none"`` if it needs none."""
        needed = required_confirmation(self._profile, self._target, event)
        return Confirmation("none") if needed.key in self._confirmed else needed

    def check(self, event: Event, typed: str) -> None:
        """Record the confirmation if the user typed it.

        Raises
        ------
        UsageError
            The report suite must be typed in full, and was not.
        """
        needed = self.needed(event)
        if typed and needed.accepts(typed):
            self._confirmed.add(needed.key)
        elif needed.kind == "type":
            raise UsageError(
                _("Nothing was sent. {message} From code: form.send(confirm={name!r})").format(
                    message=needed.message, name=needed.to_type
                )
            )
