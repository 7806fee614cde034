"""TimelinePair: two sessions on one time axis and their first difference."""

from __future__ import annotations

import pytest

from mctoolkit import UsageError
from mctoolkit.models.finding import Finding
from mctoolkit.models.session import Session
from mctoolkit.reporting import charts
from tests.models.session.viewing import TIMELINE_1, session
from tests.reporting.charts.test_svg import texts


def test_equal_sessions_have_no_difference() -> None:
    pair = charts.timeline(session(TIMELINE_1), session(TIMELINE_1, key="other"))
    assert pair.summary.startswith("No difference: both sessions have the same events in the same order.")
    assert "First difference" not in texts(pair.svg)


@pytest.mark.parametrize(
    ("before", "after", "summary"),
    [
        (
            "33 11  bufferStart",
            "33 11  pauseStart",
            "event 9: bufferStart in the first session, pauseStart in the second.",
        ),
        (
            "name=Third",
            "name=Fourth",
            'at event 12, adStart: params["media.ad.name"] is "Third" in the first session, "Fourth" in the second.',
        ),
        ("1   0  ping\n", "", "No difference"),
        ("33 11  bufferStart", "34 12  bufferStart", "No difference"),  # times and playheads are not compared
        (
            "88 45  sessionComplete",
            "88 45  ping",
            "first 16 events; then only the first session continues, with sessionComplete.",
        ),
        (
            "88 45  sessionComplete",
            "88 45  sessionComplete\n89 45 sessionEnd",
            "then only the second session continues, with sessionEnd.",
        ),
        (" media.ad.name=First", "", "First difference at event 3, adStart: params"),
    ],
)
def test_summary_names_the_first_difference(before: str, after: str, summary: str) -> None:
    assert before in TIMELINE_1
    assert summary in charts.timeline(session(TIMELINE_1), session(TIMELINE_1.replace(before, after))).summary


def test_viewer_identifier_counts_only_if_missing() -> None:
    def with_visitor(visitor: str) -> Session:
        return session(f"0 0 sessionStart media.id=x {visitor}\n1 0 play")

    one, other = (with_visitor(f"visitor.marketingCloudUserId={number}") for number in (1, 2))
    assert "No difference" in charts.timeline(one, other).summary
    summary = charts.timeline(one, with_visitor("")).summary
    assert "visitor.marketingCloudUserId" in summary
    assert "not sent in the second" in summary


def test_both_sessions_share_a_drawing_and_an_axis() -> None:
    changed = TIMELINE_1.replace("64 31  pauseStart", "64 31  bufferStart").replace("80 37  ping", "99 50  ping")
    pair = charts.timeline(session(TIMELINE_1), session(changed, key="9c1e"))
    for svg in (pair.svg, pair.narrow_svg):
        found = texts(svg)
        assert found.index("First session") < found.index("Second session")
        assert found.count("First difference") == 2
        assert found.count("0:00") == 1
    assert pair.one.duration_ms == 99_000  # as long as the longer one
    html = pair._repr_html_()
    assert html.count('role="img"') == 2
    assert pair.summary in html
    assert str(pair).startswith(pair.summary)
    assert str(pair.other) in str(pair)


def test_findings_with_two_sessions_raise_usage_error() -> None:
    with pytest.raises(UsageError, match="one session only"):
        charts.timeline(session(TIMELINE_1), session(TIMELINE_1), findings=[Finding("x", "hint", "X.")])  # type: ignore[call-overload]
