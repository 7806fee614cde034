"""The confirmation that is required before the first request to a real host."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from mctoolkit._core.messages import gettext as _
from mctoolkit._core.messages import ngettext
from mctoolkit.client.profiles.profile import Profile, split_report_suites
from mctoolkit.models.event import Event
from mctoolkit.models.target import Target

__all__ = ["Confirmation", "required_confirmation"]

_REPORT_SUITE = "analytics.reportSuite"


@dataclass(frozen=True, slots=True)
class Confirmation:
    """The confirmation that is required before the first request to a host and report suite.

    Attributes
    ----------
    kind : str
        ``"none"``; ``"yes"``, a yes or no; or ``"type"``, the report suite must be typed in full.
    message : str
        The question; empty for ``"none"``.
    to_type : str
        The text that must be typed; empty unless ``kind`` is ``"type"``.
    key : tuple of str
        The address and the report suite. A caller that remembers confirmed keys asks once for each.

    Examples
    --------
    >>> Confirmation("type", "Type company-prod to continue.", "company-prod").accepts(" company-prod ")
    True
    """

    kind: Literal["none", "yes", "type"]
    message: str = ""
    to_type: str = ""
    key: tuple[str, str] = ("", "")

    def accepts(self, typed: str = "") -> bool:
        """Return whether the typed text confirms the request; surrounding spaces are ignored.

        Parameters
        ----------
        typed : str
            The typed text; not used unless ``kind`` is ``"type"``.
        """
        return self.kind != "type" or typed.strip() == self.to_type


def required_confirmation(profile: Profile | None, target: Target, event: Event) -> Confirmation:
    """Return the confirmation that is required before an event is sent to a host.

    One host serves tests and production: the report suite decides where data is counted, not the host.

    Parameters
    ----------
    profile : Profile or None
        The profile with the test report suites; without one, no report suite is for tests.
    target : Target
        The host. No confirmation is required for this computer.
    event : Event
        The event. ``analytics.reportSuite`` can have several report suites, separated by commas.

    Examples
    --------
    >>> from mctoolkit.models.target import read_target
    >>> event = Event({"params": {"analytics.reportSuite": "company-prod"}})
    >>> required = required_confirmation(None, read_target("company.hb-api.omtrdc.net"), event)
    >>> required.kind, required.accepts("company"), required.accepts("company-prod")
    ('type', False, True)
    """
    if target.is_sandbox or target.loopback:
        return Confirmation("none")
    value = event.params.get(_REPORT_SUITE)
    suites = split_report_suites(value) if isinstance(value, str) else ()
    if event.raw is not None:  # not valid JSON, or a duplicate key: find every report suite in the text
        suites = tuple(dict.fromkeys([*suites, *_find_in_text(event.raw)]))
    if not suites:
        return Confirmation(
            "yes",
            _("This request has no report suite and is sent to the real host {host}. This cannot be undone.").format(
                host=target.label
            ),
            "",
            (target.base, ""),
        )
    joined = ",".join(suites)
    unlisted = [suite for suite in suites if profile is None or not profile.is_test_suite(suite)]
    if not unlisted:
        return Confirmation(
            "yes",
            _("This request is counted in report suite {suite}. This cannot be undone.").format(suite=joined),
            "",
            (target.base, joined),
        )
    message = ngettext(
        "{unlisted} is not in your list of test report suites. Type {suite} to continue. This cannot be undone.",
        "{unlisted} are not in your list of test report suites. Type {suite} to continue. This cannot be undone.",
        len(unlisted),
    ).format(unlisted=", ".join(unlisted), suite=joined)
    return Confirmation("type", message, joined, (target.base, joined))


def _find_in_text(data: bytes) -> list[str]:
    """Return every report suite in a text, with any quotes."""
    values = re.findall(rf"{re.escape(_REPORT_SUITE)}[\"']?\s*:\s*[\"']?([^\"'\n}}]*)", data.decode("utf-8", "replace"))
    return [suite for value in values for suite in split_report_suites(value)]
