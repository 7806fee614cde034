"""Auditor: the order of time stamps, the release of closed sessions, and that no input makes it raise."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mctoolkit import audit
from mctoolkit._core import json_io
from mctoolkit.auditing import Auditor
from mctoolkit.models.captured_request import NO_BODY, CapturedRequest
from mctoolkit.models.finding import MOST_ENTRIES
from mctoolkit.spec import catalog
from tests.auditing.scripts import START, T0, audited, calls, rules

HOUR_MS = 3_600_000


def _session(key: str, at_ms: int, number: int) -> list[CapturedRequest]:
    made = calls("0 start; 0.5 play; 10 ping 9.5; 15 sessionEnd 14.5; 20 ping")
    for call in made:
        call.session_key = key
        call.session_id = key
        call.number += number
        call.at_ms = (call.at_ms or 0) + at_ms
        call.value["playerTime"]["ts"] += at_ms
    made[0].value["params"] = {**START, "analytics.visitorId": key}
    return made


def test_closed_sessions_are_released_with_findings_kept() -> None:
    auditor = Auditor()
    most = 0
    for n in range(6000):
        for call in _session(f"s{n}", n * HOUR_MS, 5 * n):
            auditor.feed(call)
        most = max(most, len(auditor._active))
    assert most < 2000
    found = auditor.finish()
    assert len(found) == 6000
    assert all([finding.rule for finding in session.findings] == ["ping-after-end"] for session in found)
    assert not auditor._active


def test_event_after_release_is_lost() -> None:
    auditor = Auditor()
    first, *rest = [_session(f"s{n}", n * HOUR_MS, 5 * n) for n in range(3000)]
    for call in first[:3]:
        auditor.feed(call)
    for session in rest:
        for call in session:
            auditor.feed(call)
    assert "s0" not in auditor._active
    late = first[4]
    late.at_ms = (late.at_ms or 0) + 3000 * HOUR_MS
    auditor.feed(late)
    assert "s0" not in auditor._active
    audited_first = auditor.finish()[0]
    assert [finding.rule for finding in audited_first.findings] == ["idle-timeout"]
    assert audited_first.closed == "idle"


def test_events_are_checked_in_order_of_time_stamps() -> None:
    swapped = "0 start; 0.5 play; 10 ping 9.5; 15 adStart 14.5 ts=15.1; 15.1 adBreakStart 14.5 ts=15; 16 ping; 17 ping; 18.1 adComplete; 18.2 adBreakComplete; 18.3 play"
    assert rules(swapped) == set()
    assert rules(swapped, arrival=False) == set()
    after_end = "0 start; 0.5 play; 10 ping 9.5; 15 sessionEnd 14.5 ts=15.1; 15.1 stateStart ts=15 state=mute"
    assert rules(after_end) == set()


def test_event_later_than_window_is_not_sorted() -> None:
    late = "0 start; 0.5 play; 10 ping 9.5; 15 adStart 14.5; 16 ping; 17 ping; 18 adComplete; 25 adBreakStart 14.5 ts=14.9; 26 adBreakComplete"
    assert {"ad-outside-break", "ts-falling"} <= rules(late)


def test_eleventh_event_pushes_first_out_of_window() -> None:
    states = "; ".join(f"{15 + n / 100:.2f} stateStart 14.5 state=s{n % 5}{n // 5}" for n in range(9))
    ends = "; ".join(f"{15.2 + n / 100:.2f} stateEnd 14.5 state=s{n % 5}{n // 5}" for n in range(9))
    script = f"0 start; 0.5 play; 10 ping 9.5; 14.9 adStart 14.5; {states}; {ends}; 15.5 adBreakStart 14.5 ts=14.8"
    assert "ad-outside-break" in rules(script)
    assert "ad-outside-break" not in rules(script.replace(ends, ""))


def test_finding_lists_first_entries_and_counts_all() -> None:
    script = "0 start; 0.5 play; 10 ping 9.5; 15 sessionEnd 14.5;" + ";".join(f"{20 + n} ping" for n in range(50))
    [session] = audited(calls(script))
    [finding] = session.findings
    assert finding.entries == tuple(range(5, 5 + MOST_ENTRIES))
    assert (finding.count, finding.at_ms) == (50, T0 + 20_000)


def test_time_stamps_in_seconds_are_one_finding() -> None:
    made = calls(
        "0 start; 0.4 adBreakStart; 0.6 adStart; 1 ping; 2 ping; 3.6 adComplete; 3.7 adBreakComplete; 4 play; 14 ping 10"
    )
    for call in made:
        call.value["playerTime"]["ts"] //= 1000
    assert {f.rule for s in audited(made) for f in s.findings} == {"ts-seconds"}
    for call in made:
        call.at_ms = None
    assert {f.rule for s in audited(made) for f in s.findings} == {"ts-seconds"}


def test_problems_of_bodies_are_findings_with_place() -> None:
    made = calls("0 start; 0.5 play; 10 ping 9.5; 20 ping 19.5")
    made[0].value["params"] = {**START, "media.length": "600", "media.season": "N/A"}
    for call in made[2:]:
        call.value["params"] = {"x": 1}
    [session] = audited(made)
    assert [(f.rule, f.level, f.place, f.entries) for f in session.findings] == [
        ("type", "error", 'params["media.length"]', (1,)),
        ("unknown-key", "error", "params.x", (3, 4)),
        ("filler", "hint", 'params["media.season"]', (1,)),
    ]
    assert "204" in session.findings[1].effect
    assert "600" in session.findings[0].ask


def test_body_that_is_not_json_is_finding() -> None:
    made = calls("0 start; 0.5 play; 10 ping 9.5")
    made[1].raw = b'{"eventType": "play",}'
    made[1].value = json_io.read(made[1].raw)
    assert {f.rule for s in audited(made) for f in s.findings} == {"not-json"}


_leaves = (
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.sampled_from(
        [-1, 0, 1e308, -1e308, 10**30, 10**400, 2**63, float("nan"), float("inf"), T0, T0 // 1000, T0 * 1000]
    )
    | st.text(max_size=3)
    | st.sampled_from(["Live", "VOD", "mute"])
)
_any = st.recursive(
    _leaves,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)
_keys = st.sampled_from([*catalog.parameters(), "statesStart", "x"])
_times = st.fixed_dictionaries(
    {}, optional={"playhead": _leaves | st.floats(), "ts": _leaves | st.integers(T0, T0 + 10**7)}
)
_bodies = st.fixed_dictionaries(
    {},
    optional={
        "eventType": st.sampled_from(list(catalog.event_types())) | _any,
        "playerTime": _times | _any,
        "params": st.dictionaries(_keys, _any, max_size=5) | _any,
        "qoeData": st.dictionaries(_keys, _any, max_size=3) | _any,
        "customMetadata": _any,
    },
)
_calls = st.builds(
    CapturedRequest,
    st.integers(1, 100),
    st.sampled_from(["sessions", "events", "events", "events", "downloaded", "schemas", "other"]),
    _bodies | st.lists(_bodies, max_size=3) | st.just(NO_BODY) | _any,
    st.none(),
    st.none() | st.integers(T0, T0 + 10**7) | st.sampled_from([0, -(10**15), 10**16]),
    st.none() | st.sampled_from(["a", "b", "undefined"]),
    st.sampled_from(["a", "b", "#1"]),
    st.just("path"),
    st.none() | st.sampled_from([201, 204, 302, 400, 404, 410, 500]),
    st.sampled_from(["", "a.hb-api.omtrdc.net", "a.hb.omtrdc.net", "localhost"]),
    st.sampled_from(["", "https://a/api/v1/a/events", "https://a/api/v1/sessions//events", "https://[", "%zz/\x1b"]),
)


@settings(deadline=None, max_examples=300)
@given(st.lists(_calls, max_size=12))
def test_auditor_never_raises(made: list[CapturedRequest]) -> None:
    found = audited(made)
    numbers = {call.number for call in made}
    for session in found:
        assert session.verdict
        for finding in session.findings:
            assert set(finding.entries) <= numbers
            assert 1 <= len(finding.entries) <= finding.count
            assert finding.message
            assert finding.ticket()
            assert finding.to_dict()
    whole = audit(made) if made else None
    assert whole is None or (str(whole) and whole._repr_html_() and whole.to_json())
    assert whole is None or (
        len(whole.table) == len(whole.findings) and len(whole.session_table) == len(whole.sessions)
    )


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_parallel_requests_in_any_order_are_fine(data: Any) -> None:
    """Adobe's JavaScript SDK sends up to three events in parallel: any order within half a second is possible."""
    made = calls(
        """0 start; 0.3 adBreakStart; 0.31 adStart; 1.3 ping; 2.3 ping; 3.3 adComplete; 3.31 adBreakComplete; 3.32 play
        13.3 ping 10; 23.3 ping 20; 25 pauseStart 21.7; 25.2 stateStart state=mute; 25.4 play; 35.4 ping 31.7
        40 chapterStart 36.3; 40.1 bitrateChange bitrate=2000000; 50 ping 46.3; 60 chapterComplete 56.3; 60.01 sessionEnd"""
    )
    times = [call.at_ms or 0 for call in made]
    order = sorted(range(1, len(made)), key=lambda n: times[n] + data.draw(st.integers(0, 450)))
    shuffled = [made[0], *(made[n] for n in order)]
    for call, at_ms in zip(shuffled, times, strict=True):
        call.at_ms = at_ms
    assert {f.rule for s in audited(shuffled) for f in s.findings} == set()


@pytest.mark.parametrize("status", [404, 410])
def test_event_sent_before_refusal_arrives_is_fine(status: int) -> None:
    script = f"0 start; 0.5 play; 10 ping 9.5 status={status}; 10.01 stateStart state=mute status={status}"
    assert rules(script) == set()
    assert rules(f"{script}; 20 ping 19.5 status={status}") == {f"ignored-{status}"}


def test_410_after_end_is_not_ignored_410() -> None:
    assert rules("0 start; 0.5 play; 10 sessionEnd 9.5; 20 ping status=410; 30 ping status=410") == {"ping-after-end"}


def test_session_before_reused_id_is_audited_to_its_end() -> None:
    script = "0 start length=30; 0.5 play; pings 10 20 9.5; 29.5 sessionEnd 29; 60 start 0 length=30 viewer=b; 60.5 play; 70 ping 9.5"
    assert rules(script) == {"complete-missing", "session-id-reused"}


def test_start_without_playhead_does_not_resume() -> None:
    made = calls("0 start; 0.5 play; 10 ping 9.5; 12 sessionEnd 11.5; @b 100 start 11.5")
    del made[-1].value["playerTime"]["playhead"]
    assert {f.rule for s in audited(made) for f in s.findings} == {"missing"}


def test_every_hint_about_body_has_effect() -> None:
    for rule in catalog.rules().values():
        assert rule.level == "error" or rule.effect, rule.id


def test_control_characters_of_player_are_replaced() -> None:
    made = calls("0 start; 0.5 play; 10 ping 9.5; 11 stateEnd state=x")
    made[-1].value["params"]["media.state.name"] = "\x1b[31mred"
    text = str(audit(made))
    assert "\x1b" not in text
