"""The picture of a session and its twin in words."""

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
from mctoolkit.reporting.charts.timeline import MOST_ROWS
from tests.models.session.viewing import TIMELINE_1, calls, session
from tests.reporting.charts.test_svg import words


@pytest.fixture
def amsterdam(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Amsterdam")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


LOST = Finding("after-end", "error", "Lost.", session_id="7f3a", entries=(4,))
WRONG = Finding("x", "warning", "Wrong.", session_id="7f3a", entries=(10, 11), count=2)


def test_the_twin_says_every_span_and_moment_in_order() -> None:
    drawn = charts.timeline(session(TIMELINE_1))
    assert [row[2] for row in drawn.rows] == [
        "ad break: ad pod1", "ad: First", "session starts", "ad: Second", "playing", "waiting for data", "playing",
        "ad break: ad pod2", "ad: Third", "playing", "paused", "playing", "watched to the end",
    ]  # fmt: skip
    assert drawn.rows[5][1:] == ("0:11", "waiting for data", "0:03")
    text = str(drawn)
    for row in drawn.rows:
        assert "  ".join(filter(None, row)) in text
    assert "7 pings, mostly 10 s apart, at most 29 s" in text
    assert "Programme played 0:45, ads 0:30, paused 0:10, waited for data 0:03." in text


def test_html_says_in_words_what_the_picture_shows() -> None:
    html = charts.timeline(session(TIMELINE_1), findings=[LOST, WRONG])._repr_html_()
    assert html.count('role="img"') == 2
    assert html.count('aria-label="Timeline of session 7f3a. Programme played 0:45') == 2
    for said in (
        "ad: Third",
        "Lost.",
        "Wrong.",
        "Entries 10, 11",
        "7 pings",
        "Progress marks passed",
        "10 %, 25 %, 50 %",
    ):
        assert said in html


def test_the_rows_of_the_picture() -> None:
    states = TIMELINE_1.replace("30  8  ping", "30 8 stateStart media.state.name=mute\n31 9 chapterStart")
    drawn = charts.timeline(session(states), findings=[LOST])
    found = words(drawn.svg)
    for name in ("Findings", "Programme", "Ads", "Chapters", "State mute", "Pings", "Moments", "playhead"):
        assert name in found
    assert "1" in found
    assert "Second" in found


def test_the_axis_is_in_the_time_of_this_computer(amsterdam: None) -> None:
    drawn = charts.timeline(session(TIMELINE_1))
    assert "time, CEST" in words(drawn.svg)
    assert "21:15:30" in words(drawn.svg)
    assert drawn.rows[0][0] == "21:15:24"


def test_ticks_stand_at_round_times_of_a_zone_that_is_half_an_hour_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    time.tzset()
    try:
        long = session("0 0 sessionStart\n0 0 play\n" + "\n".join(f"{n * 60} {n * 60} ping" for n in range(600)))
        ticks = [word for word in words(charts.timeline(long).svg) if re.fullmatch(r"\d\d:\d\d:\d\d", word)]
        assert ticks
        assert all(tick.endswith(":00:00") for tick in ticks)
    finally:
        monkeypatch.undo()
        time.tzset()


def test_the_playhead_under_the_axis_is_reckoned_between_two_events() -> None:
    drawn = charts.timeline(session("0 0 sessionStart\n0 100 play\n100 200 ping"))
    assert drawn._playhead_at(drawn.from_ms + 50_000) == "2:30"
    assert drawn._playhead_at(drawn.from_ms - 1) == ""
    assert drawn._playhead_at(drawn.to_ms + 1) == ""


def test_only_findings_of_the_session_are_drawn_with_their_numbers() -> None:
    other = Finding("x", "hint", "Other.", session_id="else", entries=(4,))
    nobody = Finding("x", "hint", "Nobody.", entries=(12,))
    elsewhere = Finding("x", "hint", "Elsewhere.", session_id="7f3a", entries=(4,), capture="two.har")
    drawn = charts.timeline(session(TIMELINE_1, source="one.har"), findings=[other, LOST, nobody, elsewhere])
    assert [(number, finding.message) for number, finding in drawn.findings] == [(2, "Lost."), (3, "Nobody.")]


def test_a_finding_stands_at_its_event_also_where_clocks_differ() -> None:
    drawn = charts.timeline(session(TIMELINE_1), findings=[LOST])
    assert drawn._moment_of(LOST) - drawn.from_ms == 1_000
    far = Finding("x", "hint", "Far.", session_id="7f3a", at_ms=9_999_999_999_999)
    assert drawn._moment_of(far) == drawn.to_ms


def test_a_session_of_one_event_is_drawn() -> None:
    drawn = charts.timeline(session("0 0 sessionStart"))
    assert "S" in words(drawn.svg)
    assert drawn.rows == ((labels.time_of_day(drawn.from_ms), "0:00", "session starts", ""),)


def test_a_session_without_its_beginning_says_so() -> None:
    drawn = charts.timeline(session("0 5 ping"))
    sentence = "The beginning of this session is not in the capture, so the times below are too short."
    assert sentence in str(drawn)
    assert sentence in drawn.to_html()


def test_a_long_session_has_a_table_of_bounded_length() -> None:
    pauses = "\n".join(f"{n} {n} {'pauseStart' if n % 2 else 'play'}" for n in range(1, 401))
    drawn = charts.timeline(session(f"0 0 sessionStart\n0 0 play\n{pauses}"))
    assert len(drawn.rows) > MOST_ROWS
    assert f"... and {len(drawn.rows) - MOST_ROWS} more, not listed here." in drawn.to_html()
    assert drawn.to_html().count("<tr>") < MOST_ROWS + 40


def test_what_a_player_sends_is_escaped_and_hosts_are_hidden() -> None:
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
def test_durations(seconds: float, expected: str) -> None:
    assert labels.hms(seconds) == expected


def test_the_timelines_of_an_audit_have_its_numbers_and_begin_with_the_worst() -> None:
    good = calls("0 5 ping\n10 15 ping", key="good")
    bad = calls("0 0 sessionStart\n0 0 play\n5 5 sessionEnd\n6 5 play", key="bad", first=100)
    found = audit(good + bad)
    drawn = charts.timelines(found, good + bad, most=1)
    assert [each.session.id for each in drawn] == ["bad"]
    numbers = dict(drawn[0].findings)
    for number, group in enumerate(found.groups, 1):
        assert (number in numbers) == any(finding.session_id == "bad" for finding in group.findings)
    assert drawn.left_out == 1
    assert f"{1} more sessions are not drawn." in str(drawn)
    assert f"{1} more sessions are not drawn." in drawn._repr_html_()


def test_findings_that_were_copied_keep_their_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    made = calls("0 0 sessionStart\n0 0 play\n5 5 sessionEnd\n6 5 play", key="bad")
    found = audit(made)
    numbers = charts.timelines(found, made)[0].findings
    assert numbers
    copied = tuple(Group(tuple(replace(finding) for finding in group.findings)) for group in found.groups)
    monkeypatch.setattr(Audit, "groups", copied)
    assert charts.timelines(audit(made), made)[0].findings == numbers


def test_an_audit_whose_calls_are_gone_has_no_pictures() -> None:
    found = audit(calls(TIMELINE_1))
    assert charts.timelines(found, []) == ()


def test_keys_of_sessions_are_those_of_the_audit() -> None:
    made = calls(TIMELINE_1)
    assert {each.key for each in audit(made).sessions} == set(gather(made))
