"""Audit: the findings of captures."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from mctoolkit._core import display
from mctoolkit._core.messages import gettext as _
from mctoolkit._core.messages import ngettext
from mctoolkit.auditing.baseline import Baseline
from mctoolkit.auditing.groups import Group, grouped
from mctoolkit.auditing.text import group_lines, session_lines
from mctoolkit.captures import CaptureStats
from mctoolkit.models.finding import AuditedSession, Finding, ranked

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Audit"]

_OK: Final = 0
_PROBLEMS: Final = 1
_UNREADABLE: Final = 2


@dataclass(frozen=True)
class Audit:
    """The findings of one or more captures.

    Attributes
    ----------
    sessions : tuple of AuditedSession
        In the order of their starts.
    stats : CaptureStats
        What else the captures hold, and what could not be read.
    captures : tuple of str
        The names of the captures.
    accepted : int
        The number of findings that a baseline accepts; they are not listed.
    resolved : tuple of str
        The rules of baseline entries that no finding matches any more.

    Examples
    --------
    >>> from mctoolkit import audit
    >>> found = audit([{"eventType": "adStart", "playerTime": {"playhead": 0, "ts": 1509045334153}}])
    >>> found.ok, found.findings[0].rule
    (False, 'missing')
    """

    sessions: tuple[AuditedSession, ...]
    stats: CaptureStats
    captures: tuple[str, ...] = ()
    accepted: int = 0
    resolved: tuple[str, ...] = ()

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """Every finding of every session, the most severe first."""
        return ranked(finding for session in self.sessions for finding in session.findings)

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """The findings by rule and place, the most severe first."""
        return grouped(finding for session in self.sessions for finding in session.findings)

    @property
    def advice(self) -> tuple[str, ...]:
        """What could not be audited, and what to do about it."""
        return self.stats.advice

    @property
    def ok(self) -> bool:
        """Whether something was audited, without errors or warnings."""
        return self.exit_status == _OK

    @property
    def exit_status(self) -> int:
        """0: at most hints. 1: errors or warnings. 2: neither, but a capture, or everything, could not be audited."""
        if any(not session.ok for session in self.sessions):
            return _PROBLEMS
        has_bodies = any(session.without_body < session.events for session in self.sessions)
        return _OK if has_bodies and not self.stats.unreadable_files else _UNREADABLE

    @property
    def summary(self) -> str:
        """What was read, and the number of sessions."""
        sessions = ngettext("{number} session.", "{number} sessions.", len(self.sessions))
        text = f"{self.stats.summary} {sessions.format(number=len(self.sessions))}"
        if not self.accepted:
            return text
        accepted = ngettext(
            "{number} finding is accepted by the baseline.",
            "{number} findings are accepted by the baseline.",
            self.accepted,
        )
        return f"{text} {accepted.format(number=self.accepted)}"

    @property
    def notes(self) -> tuple[str, ...]:
        """What to add to the findings: that there are none, and which baseline entries can be removed."""
        notes = []
        if self.ok and not self.groups:
            if self.accepted:
                text = ngettext(
                    "No new findings: {number} accepted finding is not shown.",
                    "No new findings: {number} accepted findings are not shown.",
                    self.accepted,
                )
                notes.append(text.format(number=self.accepted))
            else:
                notes.append(_("No findings: every session is in order."))
        if self.resolved:
            text = _("The baseline accepts findings that no longer occur: {rules}. Remove them from the baseline.")
            notes.append(text.format(rules=", ".join(self.resolved)))
        return tuple(notes)

    def without(self, baseline: Baseline) -> Audit:
        """Return the audit without the findings that a baseline accepts."""
        kept, accepted = [], 0
        used: set[tuple[str, str, str]] = set()
        for session in self.sessions:
            new = []
            for finding in session.findings:
                entry = baseline.accepts(finding, session.player)
                if entry is None:
                    new.append(finding)
                else:
                    used.add(entry)
            accepted += len(session.findings) - len(new)
            kept.append(replace(session, findings=tuple(new)))
        resolved = tuple(sorted({entry[0] for entry in baseline.entries if entry not in used}))
        return replace(self, sessions=tuple(kept), accepted=self.accepted + accepted, resolved=resolved)

    @property
    def table(self) -> pd.DataFrame:
        """The findings as a DataFrame, one row each, the most severe first.

        Index from 1. Columns: ``level``, ``rule``, ``session`` (text or missing), ``capture``, ``entries`` (text, the
        numbers), ``count`` (int64), ``time`` (datetime64, UTC), ``message``, ``effect``, ``ask``, ``source``.
        """
        return display.to_table(self)

    @property
    def session_table(self) -> pd.DataFrame:
        """The sessions as a DataFrame, one row each.

        Index ``session``, its id or its key. Columns: ``capture``, ``started`` (datetime64, UTC), ``lasted_s``
        (float64), ``events`` (int64), ``player``, ``media_id``, ``verdict`` (text).
        """
        return display.to_table(self, "sessions")

    @property
    def by_capture(self) -> pd.DataFrame:
        """The number of sessions of each capture with a finding, by rule, to compare platforms and releases.

        Index ``rule``, the most severe first; a column ``level``, then one for each capture (int64).
        """
        return display.to_table(self, "captures")

    def to_dict(self) -> dict[str, Any]:
        """Return the audit as JSON values; ``spec/output/audit.schema.json`` describes them."""
        return {
            "ok": self.ok,
            "summary": self.summary,
            "advice": list(self.advice),
            "captures": list(self.captures),
            "accepted": self.accepted,
            "resolved": list(self.resolved),
            "sessions": [session.to_dict() for session in self.sessions],
            "findings": [finding.to_dict() for finding in self.findings],
        }

    def to_json(self) -> str:
        """Return :meth:`to_dict` as indented JSON."""
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False)

    def __str__(self) -> str:
        sessions, groups = session_lines(self.sessions), group_lines(self.groups)
        return "\n".join([self.summary, *self.advice, *sessions, *groups, *self.notes])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return display.to_html(self)
