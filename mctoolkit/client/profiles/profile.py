"""A profile of a real host."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from mctoolkit._core.messages import gettext as _
from mctoolkit._core.messages import ngettext
from mctoolkit.models.target import Target, read_target

__all__ = ["Profile", "split_report_suites"]


@dataclass(frozen=True, slots=True, repr=False)
class Profile:
    """A host with its test report suites and the defaults of a form.

    Attributes
    ----------
    name : str
        The name of the profile.
    uri : str
        The address as written; :attr:`target` is the parsed one.
    test_report_suites : tuple of str
        Report suites for tests.
    defaults : Mapping
        The default value of each key of a form, such as ``{"media.channel": "web"}``. Keys are those of
        :class:`mctoolkit.models.draft.Draft`; values are JSON values.

    Examples
    --------
    >>> Profile("test", "company.hb-api.omtrdc.net", ("company-test",))
    Profile(test, company.hb-api.omtrdc.net, 1 test report suite)
    """

    name: str
    uri: str
    test_report_suites: tuple[str, ...] = ()
    defaults: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}), hash=False)

    @property
    def target(self) -> Target:
        """The parsed address, with hints about corrections."""
        return read_target(self.uri)

    def is_test_suite(self, report_suite: str) -> bool:
        """Return whether a report suite is for tests; of several, separated by commas, all must be. Case-sensitive.

        Examples
        --------
        >>> company = Profile("test", "company.hb-api.omtrdc.net", ("company-test",))
        >>> company.is_test_suite("company-test"), company.is_test_suite("company-test,company")
        (True, False)
        """
        suites = split_report_suites(report_suite)
        return bool(suites) and set(suites) <= set(self.test_report_suites)

    def __repr__(self) -> str:
        suites = ngettext(
            "{number} test report suite", "{number} test report suites", len(self.test_report_suites)
        ).format(number=len(self.test_report_suites))
        return _("Profile({name}, {uri}, {suites})").format(name=self.name, uri=self.target.shown, suites=suites)


def split_report_suites(written: str) -> tuple[str, ...]:
    """Split a comma-separated list of report suites, without duplicates.

    Examples
    --------
    >>> split_report_suites("company-test, company,")
    ('company-test', 'company')
    """
    return tuple(dict.fromkeys(suite.strip() for suite in written.split(",") if suite.strip()))
