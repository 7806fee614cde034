"""Group: what one rule found at one place, in all sessions of an audit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mctoolkit._core.messages import ngettext
from mctoolkit.models.finding import Finding, ranked
from mctoolkit.models.severity import Level

__all__ = ["Group", "grouped"]


@dataclass(frozen=True, slots=True)
class Group:
    """What one rule found at one place in all sessions of an audit.

    Attributes
    ----------
    findings : tuple of Finding
        One a session, in the order of the sessions.
    """

    findings: tuple[Finding, ...]

    @property
    def first(self) -> Finding:
        """The finding whose words stand for all."""
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
        """In how many sessions."""
        return len(self.findings)

    @property
    def count(self) -> int:
        """How many entries are concerned in all."""
        return sum(finding.count for finding in self.findings)

    @property
    def where(self) -> str:
        """Where it was found, in words: sessions, entries and time."""
        first = self.first
        parts = (
            [ngettext("in {number} session", "in {number} sessions", self.sessions).format(number=self.sessions)]
            if self.sessions > 1
            else []
        )
        parts += [part for part in (first.where, first.time_in_words) if part]
        return ", ".join(parts)


def grouped(findings: Iterable[Finding]) -> tuple[Group, ...]:
    """Put findings together by rule and place, the gravest first."""
    found: dict[tuple[str, str, str], list[Finding]] = {}
    for finding in findings:
        found.setdefault(finding.cause, []).append(finding)
    firsts = ranked(each[0] for each in found.values())
    return tuple(Group(tuple(found[first.cause])) for first in firsts)
