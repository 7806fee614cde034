"""Two sessions on one time axis: which difference is the first."""

from __future__ import annotations

import pytest

from mctoolkit import UsageError
from mctoolkit.models.finding import Finding
from mctoolkit.models.session import Session
from mctoolkit.reporting import charts
from tests.models.session.viewing import TIMELINE_1, session
from tests.reporting.charts.test_svg import words


def test_the_same_session_twice_has_no_difference() -> None:
    pair = charts.timeline(session(TIMELINE_1), session(TIMELINE_1, key="other"))
    assert pair.summary.startswith("No difference: both sessions have the same events in the same order.")
    assert "First difference" not in words(pair.svg)


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
def test_the_first_difference(before: str, after: str, summary: str) -> None:
    assert before in TIMELINE_1
    assert summary in charts.timeline(session(TIMELINE_1), session(TIMELINE_1.replace(before, after))).summary


def test_the_value_of_a_viewer_identifier_is_not_a_difference_but_its_absence_is() -> None:
    def of(visitor: str) -> Session:
        return session(f"0 0 sessionStart media.id=x {visitor}\n1 0 play")

    one, other, nobody = of("visitor.marketingCloudUserId=1"), of("visitor.marketingCloudUserId=2"), of("")
    assert "No difference" in charts.timeline(one, other).summary
    summary = charts.timeline(one, nobody).summary
    assert "visitor.marketingCloudUserId" in summary
    assert "not sent in the second" in summary


def test_both_stand_in_one_picture_on_one_axis_with_the_difference_marked_and_said() -> None:
    changed = TIMELINE_1.replace("64 31  pauseStart", "64 31  bufferStart").replace("80 37  ping", "99 50  ping")
    pair = charts.timeline(session(TIMELINE_1), session(changed, key="9c1e"))
    for svg in (pair.svg, pair.narrow_svg):
        found = words(svg)
        assert found.index("First session") < found.index("Second session")
        assert found.count("First difference") == 2
        assert found.count("0:00") == 1
    assert pair.one.to_ms - pair.one.from_ms == 99_000  # as long as the longer one
    html = pair._repr_html_()
    assert html.count('role="img"') == 2
    assert pair.summary in html
    assert str(pair).startswith(pair.summary)
    assert str(pair.other) in str(pair)


def test_findings_with_two_sessions_are_refused() -> None:
    with pytest.raises(UsageError, match="one session only"):
        charts.timeline(session(TIMELINE_1), session(TIMELINE_1), findings=[Finding("x", "hint", "X.")])  # type: ignore[call-overload]
