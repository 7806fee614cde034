"""Suppression: findings that another finding of the session explains are not reported."""

from __future__ import annotations

import pytest

from mctoolkit.auditing.session_report import SessionReport
from mctoolkit.auditing.suppression import EXPLANATIONS, Explanation, suppress_explained
from mctoolkit.models.captured_request import CapturedRequest
from mctoolkit.spec import session_rules


def _report(*flags: tuple[str, int]) -> SessionReport:
    report = SessionReport(CapturedRequest(1, "sessions", {}), "a", has_start=True)
    for rule, number in flags:
        values = dict.fromkeys(("event", "previous", "gap", "before", "value", "elapsed", "length", "meant"), "x")
        values |= dict.fromkeys(("failed", "events", "status", "state", "path"), "x")
        report.flag(rule, number, number * 1000, 204, "", "default", "", **values)
    return report


def _rules(report: SessionReport) -> list[str]:
    suppress_explained(report)
    return [finding.rule for finding in report.to_session().findings]


@pytest.mark.parametrize("explanation", EXPLANATIONS, ids=lambda each: f"{each.rule}-{each.scope}")
def test_explained_findings_are_removed(explanation: Explanation) -> None:
    for rule in explanation.explains:
        assert {explanation.rule, rule} <= set(session_rules.rules())
        report = _report((rule, 5), (explanation.rule, 6))
        cause = report.find(explanation.rule)
        assert cause is not None
        cause.spans.append((4, 6))
        assert _rules(report) == [explanation.rule]


def test_unrelated_findings_are_kept() -> None:
    assert set(_rules(_report(("pings-rare", 5), ("ad-pings-slow", 6)))) == {"pings-rare", "ad-pings-slow"}


def test_span_removes_only_entries_inside() -> None:
    report = _report(("playback-between-ads", 3), ("playback-between-ads", 12), ("break-not-closed", 15))
    cause, finding = report.find("break-not-closed"), report.find("playback-between-ads")
    assert cause is not None
    assert finding is not None
    cause.spans.append((10, 15))
    suppress_explained(report)
    assert (finding.numbers, finding.count) == ((3,), 1)


def test_merge_counts_entries_of_both_in_order() -> None:
    report = _report(("ts-equal", 7), ("sent-twice", 4), ("sent-twice", 9))
    suppress_explained(report)
    (finding,) = report.to_session().findings
    assert (finding.rule, finding.entries, finding.count, finding.at_ms) == ("ts-equal", (4, 7, 9), 3, 4000)
