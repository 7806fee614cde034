"""Group: the findings of one rule at one place, in all sessions of an audit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mctoolkit._core.messages import ngettext
from mctoolkit.models.finding import Finding, ranked
from mctoolkit.models.severity import Level

__all__ = ["Group", "grouped"]


@dataclass(frozen=True, slots=True)
class Group:
    """The findings of one rule at one place, in all sessions of an audit.

    Attributes
    ----------
    findings : tuple of Finding
        One per session, in the order of the sessions.
    """

    findings: tuple[Finding, ...]

    @property
    def first(self) -> Finding:
        """The finding whose texts are shown for all."""
        return self.findings[0]

    @property
    def rule(self) -> str:
        """The id of the rule."""
        return self.first.rule

    @property
    def level(self) -> Level:
        """The level of the rule."""
        return self.first.level

    @property
    def sessions(self) -> int:
        """The number of sessions."""
        return len(self.findings)

    @property
    def count(self) -> int:
        """The number of entries in all sessions."""
        return sum(finding.count for finding in self.findings)

    @property
    def where(self) -> str:
        """The number of sessions, the entries and the time of the first finding."""
        first = self.first
        parts = [first.where, first.time_in_words]
        if self.sessions > 1:
            sessions = ngettext("in {number} session", "in {number} sessions", self.sessions)
            parts.insert(0, sessions.format(number=self.sessions))
        return ", ".join(part for part in parts if part)


def grouped(findings: Iterable[Finding]) -> tuple[Group, ...]:
    """Group findings by rule and place, the most severe first."""
    found: dict[tuple[str, str, str], list[Finding]] = {}
    for finding in findings:
        found.setdefault(finding.cause, []).append(finding)
    firsts = ranked(each[0] for each in found.values())
    return tuple(Group(tuple(found[first.cause])) for first in firsts)
