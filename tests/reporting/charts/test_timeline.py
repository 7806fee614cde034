"""Timeline: the drawing of a session and its text version."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from markupsafe import escape

from mctoolkit import audit
from mctoolkit.auditing.api import Audit, Group
from mctoolkit.models.finding import Finding
from mctoolkit.models.session import gather
from mctoolkit.reporting import charts
from mctoolkit.reporting.charts import labels
from mctoolkit.reporting.charts.timeline import MAX_ROWS
from tests.models.session.viewing import TIMELINE_1, calls, session
from tests.reporting.charts.test_svg import texts


@pytest.fixture
def amsterdam(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Amsterdam")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


LOST = Finding("after-end", "error", "Lost.", session_id="7f3a", entries=(4,))
WRONG = Finding("x", "warning", "Wrong.", session_id="7f3a", entries=(10, 11), count=2)


def test_text_lists_spans_and_marks_in_order() -> None:
    drawn = charts.timeline(session(TIMELINE_1))
    assert [row[2] for row in drawn.rows] == [
        "ad break: ad pod1", "ad: First", "session start", "ad: Second", "playing", "buffering", "playing",
        "ad break: ad pod2", "ad: Third", "playing", "paused", "playing", "content complete",
    ]  # fmt: skip
    assert drawn.rows[5][1:] == ("0:11", "buffering", "0:03")
    text = str(drawn)
    for row in drawn.rows:
        assert "  ".join(filter(None, row)) in text
    assert "7 pings, median interval 10 s, longest interval 29 s" in text
    assert "Content played 0:45, ads 0:30, paused 0:10, buffering 0:03." in text


def test_html_contains_the_text_version() -> None:
    html = charts.timeline(session(TIMELINE_1), findings=[LOST, WRONG])._repr_html_()
    assert html.count('role="img"') == 2
    assert html.count('aria-label="Timeline of session 7f3a. Content played 0:45') == 2
    for expected in (
        "ad: Third",
        "Lost.",
        "Wrong.",
        "Entries 10, 11",
        "7 pings",
        "Progress markers passed",
        "10 %, 25 %, 50 %",
    ):
        assert expected in html


def test_lanes_are_named() -> None:
    states = TIMELINE_1.replace("30  8  ping", "30 8 stateStart media.state.name=mute\n31 9 chapterStart")
    drawn = charts.timeline(session(states), findings=[LOST])
    found = texts(drawn.svg)
    for name in ("Findings", "Content", "Ads", "Chapters", "State mute", "Pings", "Other events", "playhead"):
        assert name in found
    assert "1" in found
    assert "Second" in found


def test_axis_shows_local_time(amsterdam: None) -> None:
    drawn = charts.timeline(session(TIMELINE_1))
    assert "time, CEST" in texts(drawn.svg)
    assert "21:15:30" in texts(drawn.svg)
    assert drawn.rows[0][0] == "21:15:24"


def test_ticks_are_at_full_local_hours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    time.tzset()
    try:
        long = session("0 0 sessionStart\n0 0 play\n" + "\n".join(f"{n * 60} {n * 60} ping" for n in range(600)))
        ticks = [text for text in texts(charts.timeline(long).svg) if re.fullmatch(r"\d\d:\d\d:\d\d", text)]
        assert ticks
        assert all(tick.endswith(":00:00") for tick in ticks)
    finally:
        monkeypatch.undo()
        time.tzset()


def test_playhead_on_the_axis_is_interpolated() -> None:
    drawn = charts.timeline(session("0 0 sessionStart\n0 100 play\n100 200 ping"))
    assert drawn._playhead_at(drawn.from_ms + 50_000) == "2:30"
    assert drawn._playhead_at(drawn.from_ms - 1) == ""
    assert drawn._playhead_at(drawn.from_ms + 100_001) == ""


def test_only_findings_of_the_session_are_drawn() -> None:
    other = Finding("x", "hint", "Other.", session_id="else", entries=(4,))
    without_id = Finding("x", "hint", "Without id.", entries=(12,))
    elsewhere = Finding("x", "hint", "Elsewhere.", session_id="7f3a", entries=(4,), capture="two.har")
    drawn = charts.timeline(session(TIMELINE_1, source="one.har"), findings=[other, LOST, without_id, elsewhere])
    assert [(number, finding.message) for number, finding in drawn.findings] == [(2, "Lost."), (3, "Without id.")]


def test_finding_is_drawn_at_its_first_event() -> None:
    drawn = charts.timeline(session(TIMELINE_1), findings=[LOST])
    assert drawn._finding_ms(LOST) == 1_000
    far = Finding("x", "hint", "Far.", session_id="7f3a", at_ms=9_999_999_999_999)
    assert drawn._finding_ms(far) == drawn.duration_ms


def test_session_with_one_event_is_drawn() -> None:
    drawn = charts.timeline(session("0 0 sessionStart"))
    assert "S" in texts(drawn.svg)
    assert drawn.rows == ((labels.format_time(drawn.from_ms), "0:00", "session start", ""),)


def test_session_without_start_has_a_note() -> None:
    drawn = charts.timeline(session("0 5 ping"))
    sentence = "The start of this session is not in the capture, so these durations are too short."
    assert sentence in str(drawn)
    assert sentence in drawn.to_html()


def test_table_of_a_long_session_is_bounded() -> None:
    pauses = "\n".join(f"{n} {n} {'pauseStart' if n % 2 else 'play'}" for n in range(1, 401))
    drawn = charts.timeline(session(f"0 0 sessionStart\n0 0 play\n{pauses}"))
    assert len(drawn.rows) > MAX_ROWS
    assert f"... and {len(drawn.rows) - MAX_ROWS} more, not listed here." in drawn.to_html()
    assert drawn.to_html().count("<tr>") < MAX_ROWS + 40


def test_hostile_text_is_escaped_and_hosts_are_hidden() -> None:
    hostile = "<img/src=x>acme.hb-api.omtrdc.net"
    lines = f"0 0 sessionStart media.name={hostile}\n0 0 play\n5 5 error media.qoe.errorID={hostile}"
    lines += f"\n6 6 chapterStart media.chapter.friendlyName={hostile}\n99 99 ping"
    html = charts.timeline(session(lines, key="<b>"))._repr_html_()
    assert "<img" not in html
    assert "<b>" not in html.replace("<b>S</b>", "").replace("<b>!</b>", "")
    assert "acme" not in html
    assert str(escape("<img/src=x>")) in html


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, "0:00"),
        (59.9, "1:00"),
        (59.4, "0:59"),
        (3600, "1:00:00"),
        (-0.4, "0:00"),
        (-61, "-1:01"),
        (1_509_045_324, "1.51e+09 s"),
    ],
)
def test_format_duration(seconds: float, expected: str) -> None:
    assert labels.format_duration(seconds) == expected


def test_timelines_start_with_the_worst_session() -> None:
    good = calls("0 5 ping\n10 15 ping", key="good")
    bad = calls("0 0 sessionStart\n0 0 play\n5 5 sessionEnd\n6 5 play", key="bad", first=100)
    found = audit(good + bad)
    drawn = charts.timelines(found, good + bad, limit=1)
    assert [each.session.id for each in drawn] == ["bad"]
    numbers = dict(drawn[0].findings)
    for number, group in enumerate(found.groups, 1):
        assert (number in numbers) == any(finding.session_id == "bad" for finding in group.findings)
    assert drawn.omitted == 1
    assert "1 more sessions are not shown." in str(drawn)
    assert "1 more sessions are not shown." in drawn._repr_html_()


def test_copied_findings_keep_their_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    requests = calls("0 0 sessionStart\n0 0 play\n5 5 sessionEnd\n6 5 play", key="bad")
    found = audit(requests)
    numbers = charts.timelines(found, requests)[0].findings
    assert numbers
    copied = tuple(Group(tuple(replace(finding) for finding in group.findings)) for group in found.groups)
    monkeypatch.setattr(Audit, "groups", copied)
    assert charts.timelines(audit(requests), requests)[0].findings == numbers


def test_audit_without_requests_has_no_timelines() -> None:
    found = audit(calls(TIMELINE_1))
    assert charts.timelines(found, []) == ()


def test_gather_uses_the_session_keys_of_the_audit() -> None:
    requests = calls(TIMELINE_1)
    assert {each.key for each in audit(requests).sessions} == set(gather(requests))
