"""Audit: what was found in captures, for people and for programs."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from mctoolkit._core.messages import ngettext
from mctoolkit.auditing import text
from mctoolkit.auditing.baseline import Baseline
from mctoolkit.auditing.groups import Group, grouped
from mctoolkit.captures import CaptureStats
from mctoolkit.models.finding import AuditedSession, Finding, ranked

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Audit"]

FOUND_NOTHING, FOUND_PROBLEMS, UNREADABLE = 0, 1, 2


@dataclass(frozen=True)
class Audit:
    """What an audit found.

    Attributes
    ----------
    sessions : tuple of AuditedSession
        In the order in which they begin.
    tally : CaptureStats
        What the captures hold besides, and what could not be read.
    captures : tuple of str
        The names of the captures.
    accepted : int
        How many findings a baseline accepts; they stand nowhere else.
    resolved : tuple of str
        The rules of findings that the baseline accepts and that are no more.

    Examples
    --------
    >>> from mctoolkit import audit
    >>> found = audit([{"eventType": "adStart", "playerTime": {"playhead": 0, "ts": 1509045334153}}])
    >>> found.ok, found.findings[0].rule
    (False, 'missing')
    """

    sessions: tuple[AuditedSession, ...]
    tally: CaptureStats
    captures: tuple[str, ...] = ()
    accepted: int = 0
    resolved: tuple[str, ...] = field(default=())

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """Every finding of every session, the gravest first."""
        return ranked(finding for session in self.sessions for finding in session.findings)

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """The findings by rule and place, the gravest first; one cause is one group."""
        return grouped(finding for session in self.sessions for finding in session.findings)

    @property
    def advice(self) -> tuple[str, ...]:
        """What could not be judged and the next click, in plain words."""
        return self.tally.advice

    @property
    def ok(self) -> bool:
        """Whether something was judged, and nothing was found above a hint."""
        return self.exit_status == FOUND_NOTHING

    @property
    def exit_status(self) -> int:
        """0: no finding above a hint. 1: errors or warnings. 2: none, but a capture, or all, could not be judged."""
        if any(not session.ok for session in self.sessions):
            return FOUND_PROBLEMS
        judged = any(session.without_body < session.events for session in self.sessions)
        return FOUND_NOTHING if judged and not self.tally.unreadable_files else UNREADABLE

    @property
    def summary(self) -> str:
        """What was read and how many sessions there are, in a sentence."""
        words = f"{self.tally.summary} " + ngettext(
            "{number} session.", "{number} sessions.", len(self.sessions)
        ).format(number=len(self.sessions))
        return (
            (
                f"{words} "
                + ngettext(
                    "{number} finding is accepted by the baseline.",
                    "{number} findings are accepted by the baseline.",
                    self.accepted,
                ).format(number=self.accepted)
            )
            if self.accepted
            else words
        )

    def without(self, baseline: Baseline) -> Audit:
        """Return the audit without what a baseline accepts."""
        kept, accepted = [], 0
        used: set[tuple[str, str, str]] = set()
        for session in self.sessions:
            fresh = []
            for finding in session.findings:
                entry = baseline.accepts(finding, session.player)
                if entry is None:
                    fresh.append(finding)
                else:
                    used.add(entry)
            accepted += len(session.findings) - len(fresh)
            kept.append(replace(session, findings=tuple(fresh)))
        resolved = tuple(sorted({entry[0] for entry in baseline.entries if entry not in used}))
        return replace(self, sessions=tuple(kept), accepted=self.accepted + accepted, resolved=resolved)

    # --- for programs ----------------------------------------------------------------------------------------------

    @property
    def table(self) -> pd.DataFrame:
        """The findings as a DataFrame, one row each, the gravest first.

        Index from 1. Columns: ``level``, ``rule``, ``session`` (text or missing), ``capture``, ``entries`` (text, the
        numbers), ``count`` (int64), ``time`` (datetime64, UTC), ``message``, ``effect``, ``ask``, ``source``.
        """
        from mctoolkit.auditing import frames  # and with it pandas, which an audit does not need

        return frames.findings(self)

    @property
    def session_table(self) -> pd.DataFrame:
        """The sessions as a DataFrame, one row each.

        Index ``session``, its id or what stands for it. Columns: ``capture``, ``started`` (datetime64, UTC),
        ``lasted_s`` (float64), ``events`` (int64), ``player``, ``media_id``, ``verdict`` (text).
        """
        from mctoolkit.auditing import frames  # and with it pandas, which an audit does not need

        return frames.sessions(self)

    @property
    def by_capture(self) -> pd.DataFrame:
        """In how many sessions of each capture each rule found something, to compare platforms and releases.

        Index ``rule``, the gravest first; a column ``level``, then one for each capture (int64).
        """
        from mctoolkit.auditing import frames  # and with it pandas, which an audit does not need

        return frames.by_capture(self)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as JSON values: each finding names its rule, level, session and entries."""
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
        """Return :meth:`to_dict` as JSON on indented lines."""
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False)

    # --- for people ------------------------------------------------------------------------------------------------

    def __str__(self) -> str:
        return "\n".join(text.text_lines(self))

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return text.html_page(self)
