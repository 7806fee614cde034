"""Two sessions side by side: which difference is the first."""

from __future__ import annotations

import pytest

from mctoolkit import charts
from mctoolkit.sessions import Session
from tests.charts.test_drawing import words
from tests.sessions.viewing import TIMELINE_1, session


def test_the_same_session_twice_has_no_difference() -> None:
    found = charts.side_by_side(session(TIMELINE_1), session(TIMELINE_1, key="other"))
    assert found.same
    assert found.summary == "No difference: the same events in the same order, pings aside."
    assert found.rows[0][0] == "1"
    assert "first difference" not in words(found.left.svg)


@pytest.mark.parametrize(
    ("before", "after", "number", "summary"),
    [
        ("33 11  bufferStart", "33 11  pauseStart", 9, "event 9: bufferStart on the left, pauseStart on the right."),
        ("name=Third", "name=Fourth", 12, '"Third" on the left, "Fourth" on the right.'),
        ("1   0  ping\n", "", None, "No difference"),
        ("33 11  bufferStart", "34 12  bufferStart", None, "No difference"),  # times and playheads are not compared
        ("88 45  sessionComplete", "88 45  ping", 17, "only left goes on, with sessionComplete."),
        (" media.ad.name=First", "", 3, "First difference at event 3, adStart: params"),
    ],
)
def test_the_first_difference(before: str, after: str, number: int | None, summary: str) -> None:
    assert before in TIMELINE_1
    found = charts.side_by_side(session(TIMELINE_1), session(TIMELINE_1.replace(before, after)))
    assert found.number == number
    assert summary in found.summary
    assert found.same == (number is None)


def test_who_watches_is_no_difference_but_that_nobody_is_named_is() -> None:
    def of(visitor: str) -> Session:
        return session(f"0 0 sessionStart media.id=x {visitor}\n1 0 play")

    one, other, nobody = of("visitor.marketingCloudUserId=1"), of("visitor.marketingCloudUserId=2"), of("")
    assert charts.side_by_side(one, other).same
    found = charts.side_by_side(one, nobody)
    assert found.number == 1
    assert "visitor.marketingCloudUserId" in found.summary
    assert "not sent on the right" in found.summary


def test_the_difference_is_marked_in_both_pictures_and_in_words() -> None:
    changed = TIMELINE_1.replace("64 31  pauseStart", "64 31  bufferStart").replace("80 37  ping", "99 50  ping")
    found = charts.side_by_side(session(TIMELINE_1), session(changed))
    for side in (found.left, found.right):
        assert "first difference" in words(side.svg)
        assert "1" in words(side.svg)
        assert side.to_ms - side.from_ms == 99_000  # both span as much time as the longer one
    marked = [row for row in found.rows if "→" in row[0]]
    assert marked == [("15 →", "pauseStart, 1:04, entry 20", "bufferStart, 1:04, entry 20")]
    assert found.rows[0][0] == "10"
    html = found._repr_html_()
    for row in found.rows:
        assert row[1] in html
    assert found.summary in html
    assert str(found).startswith(found.summary)
