"""One profile: a real host with what belongs to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from mctoolkit._core.messages import gettext as _
from mctoolkit._core.messages import ngettext
from mctoolkit.models.target import Target, read_target

__all__ = ["Profile", "report_suites"]


@dataclass(frozen=True, slots=True, repr=False)
class Profile:
    """A host with what belongs to it.

    Attributes
    ----------
    name : str
        What a list calls it.
    uri : str
        The address as it was written; :attr:`target` is what it is read as.
    test_report_suites : tuple of str
        The report suites that may be filled with tests.
    defaults : Mapping
        What to fill a form with: the value for each key, such as ``{"media.channel": "web"}``. Keys are those of
        :class:`mctoolkit.models.draft.Draft`; values are JSON values.
    """

    name: str
    uri: str
    test_report_suites: tuple[str, ...] = ()
    defaults: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}), hash=False)

    @property
    def target(self) -> Target:
        """Where its requests go, with hints about what was fixed on reading the address."""
        return read_target(self.uri)

    def is_test_suite(self, report_suite: str) -> bool:
        """Tell whether a report suite is listed for tests; of several with commas between, each has to be.

        Upper and lower case count.

        Examples
        --------
        >>> company = Profile("test", "company.hb-api.omtrdc.net", ("company-test",))
        >>> company.is_test_suite("company-test"), company.is_test_suite("company-test,company")
        (True, False)
        """
        wanted = report_suites(report_suite)
        return bool(wanted) and set(wanted) <= set(self.test_report_suites)

    def __repr__(self) -> str:
        suites = ngettext(
            "{number} test report suite", "{number} test report suites", len(self.test_report_suites)
        ).format(number=len(self.test_report_suites))
        return _("Profile({name}, {uri}, {suites})").format(name=self.name, uri=self.target.shown, suites=suites)


def report_suites(written: str) -> tuple[str, ...]:
    """Take apart report suites with commas between, each once.

    Examples
    --------
    >>> report_suites("company-test, company,")
    ('company-test', 'company')
    """
    return tuple(dict.fromkeys(suite.strip() for suite in written.split(",") if suite.strip()))
