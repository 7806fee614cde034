"""What has to be asked before something goes to a real host for the first time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from mctoolkit._core.messages import gettext as _
from mctoolkit._core.messages import ngettext
from mctoolkit.client.profiles.profile import Profile, report_suites
from mctoolkit.models.event import Event
from mctoolkit.models.target import Target

__all__ = ["Confirmation", "confirmation"]

_REPORT_SUITE = "analytics.reportSuite"


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What a face has to ask before the first request to a host and report suite.

    Attributes
    ----------
    kind : str
        ``"none"``: nothing; ``"yes"``: a plain yes or no; ``"type"``: the report suite is to be typed in full.
    words : str
        What to ask; empty for ``"none"``.
    to_type : str
        What has to be typed; empty unless ``kind`` is ``"type"``.
    about : tuple of str
        The address and the report suite: a face that keeps this with each yes asks once for each.
    """

    kind: Literal["none", "yes", "type"]
    message: str = ""
    to_type: str = ""
    about: tuple[str, str] = ("", "")

    def accepts(self, typed: str = "") -> bool:
        """Tell whether this response lets the request go; spaces around what was typed do not count.

        Parameters
        ----------
        typed : str
            What was typed; for a plain yes nothing needs to be.
        """
        return self.kind != "type" or typed.strip() == self.to_type


def confirmation(of: Profile | None, target: Target, event: Event) -> Confirmation:
    """Say what has to be asked before an event goes to a host for the first time.

    One host serves test and production: the report suite decides what is filled, not the host.

    Parameters
    ----------
    of : Profile or None
        Whose list of test report suites counts; without one, no report suite is for tests.
    target : Target
        Where it goes. For this computer, nothing has to be asked.
    event : Event
        What goes there. Several report suites stand with commas between in ``analytics.reportSuite``.

    Examples
    --------
    >>> from mctoolkit.models.target import read_target
    >>> event = Event({"params": {"analytics.reportSuite": "company-prod"}})
    >>> asked = confirmation(None, read_target("company.hb-api.omtrdc.net"), event)
    >>> asked.kind, asked.accepts("company"), asked.accepts("company-prod")
    ('type', False, True)
    """
    if target.is_sandbox or target.loopback:
        return Confirmation("none")
    written = event.params.get(_REPORT_SUITE)
    suites = report_suites(written) if isinstance(written, str) else ()
    if event.raw is not None:  # text that is no JSON, or has the key twice: every report suite that stands there
        suites = tuple(dict.fromkeys([*suites, *_in_text(event.raw)]))
    if not suites:
        return Confirmation(
            "yes",
            _("This goes to the real host {host} without a report suite. This cannot be undone.").format(
                host=target.label
            ),
            "",
            (target.base, ""),
        )
    whole = ",".join(suites)
    unlisted = [suite for suite in suites if of is None or not of.is_test_suite(suite)]
    if not unlisted:
        return Confirmation(
            "yes",
            _("This counts in report suite {suite}. This cannot be undone.").format(suite=whole),
            "",
            (target.base, whole),
        )
    words = ngettext(
        "{unlisted} is not in your list of test report suites. Type {suite} to go on. This cannot be undone.",
        "{unlisted} are not in your list of test report suites. Type {suite} to go on. This cannot be undone.",
        len(unlisted),
    ).format(unlisted=", ".join(unlisted), suite=whole)
    return Confirmation("type", words, whole, (target.base, whole))


def _in_text(data: bytes) -> list[str]:
    """Return every report suite that a text names, in whatever quotes."""
    found = re.findall(rf"{re.escape(_REPORT_SUITE)}[\"']?\s*:\s*[\"']?([^\"'\n}}]*)", data.decode("utf-8", "replace"))
    return [suite for written in found for suite in report_suites(written)]
