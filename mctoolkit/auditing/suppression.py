"""Suppression: one table that says which findings of a session explain others, which are then not reported."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from mctoolkit.auditing.session_report import FindingBuilder, SessionReport
from mctoolkit.models.finding import MOST_ENTRIES

__all__ = ["EXPLANATIONS", "Explanation", "suppress_explained"]


@dataclass(frozen=True, slots=True)
class Explanation:
    """One rule whose finding explains the findings of others.

    Attributes
    ----------
    rule : str
        The rule that explains.
    explains : tuple of str
        The rules whose findings it explains.
    scope : {"session", "span", "merge"}
        ``"session"``: all their entries in the session. ``"span"``: only the entries in the part of the session that
        the finding is about. ``"merge"``: all, and they are counted as entries of the rule that explains.
    """

    rule: str
    explains: tuple[str, ...]
    scope: Literal["session", "span", "merge"] = "session"


EXPLANATIONS: Final = (
    Explanation("no-pings", ("pings-rare", "pings-stop-in-pause", "ad-pings-rare", "ad-pings-slow")),
    Explanation("pings-rare", ("pings-stop-in-pause",)),
    Explanation("ad-pings-rare", ("ad-pings-slow",)),
    Explanation("playhead-milliseconds", ("playhead-jumps", "playhead-beyond", "playhead-live")),
    Explanation("break-not-closed", ("playback-between-ads",), scope="span"),
    Explanation("ts-equal", ("sent-twice",), scope="merge"),
    Explanation("idle-timeout", ("no-end",)),
    Explanation("playhead-timeout", ("no-end",)),
    Explanation("wrong-path", ("no-end",)),
    Explanation("events-lost", ("server-error",)),
    Explanation("start-lost", ("server-error",)),
)
"""Applied in this order; a finding that is explained still explains others."""


def suppress_explained(report: SessionReport) -> None:
    """Remove the findings of a session that others of its findings explain."""
    findings = report.findings
    if findings is None or len(findings) == 1:
        return
    explained = set()
    for explanation in EXPLANATIONS:
        cause = report.find(explanation.rule)
        if cause is None:
            continue
        for rule in explanation.explains:
            finding = report.find(rule)
            if finding is None:
                continue
            if explanation.scope == "merge":
                _merge(cause, finding)
            elif explanation.scope == "span":
                _remove_spans(finding, cause.spans)
            if explanation.scope != "span" or not finding.numbers:
                explained.add((rule, ""))
    for key in explained:
        del findings[key]


def _merge(into: FindingBuilder, finding: FindingBuilder) -> None:
    if finding.numbers[0] < into.numbers[0]:
        into.at_ms = finding.at_ms
    into.numbers = tuple(sorted({*into.numbers, *finding.numbers}))[:MOST_ENTRIES]
    into.count += finding.count


def _remove_spans(finding: FindingBuilder, spans: list[tuple[int, int]]) -> None:
    kept = tuple(number for number in finding.numbers if not any(first <= number <= last for first, last in spans))
    finding.count -= len(finding.numbers) - len(kept)
    finding.numbers = kept
