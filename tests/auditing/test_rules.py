"""Each session rule: one session that violates only this rule, and a similar one that violates none."""

from __future__ import annotations

import pytest

from mctoolkit.spec import session_rules
from tests.auditing.cases import CASES
from tests.auditing.scripts import rules


def test_every_rule_has_a_case() -> None:
    assert set(CASES) == set(session_rules.rules())


@pytest.mark.parametrize("rule", CASES)
def test_session_violates_only_this_rule(rule: str) -> None:
    assert rules(CASES[rule][0]) == {rule}


@pytest.mark.parametrize("rule", CASES)
def test_similar_session_violates_no_rule(rule: str) -> None:
    assert rules(CASES[rule][1]) == set()


@pytest.mark.parametrize("rule", session_rules.rules().values(), ids=lambda rule: rule.id)
def test_every_rule_has_texts(rule: session_rules.SessionRule) -> None:
    assert rule.title
    assert {"default", "effect", "ask"} <= set(rule.messages)
    assert rule.source
    assert rule.level in ("error", "warning", "hint")


@pytest.mark.parametrize(
    ("rule", "script", "last", "first"),
    [
        ("pings-rare", "0 start; 0.5 play; 10 ping 9.5; {} ping 24.5; 30 ping 29.5", 25, 25.001),
        ("pings-stop-in-pause", "0 start; 0.5 play; 10 ping 9.5; 11 pauseStart 10.5; {} ping", 26, 26.001),
        (
            "ad-pings-rare",
            "0 start; 1 adBreakStart; 1.1 adStart adLength=20; {} ping; 21.1 adComplete; 21.2 adBreakComplete; 21.3 play",
            16.1,
            16.101,
        ),
        (
            "ad-pings-slow",
            "0 start; 1 adBreakStart; 1.1 adStart adLength=3; {} ping; 4.1 adComplete; 4.2 adBreakComplete; 4.3 play",
            3.1,
            3.101,
        ),
        (
            "playhead-beyond",
            "0 start length=30; 0.5 play; pings 10 20 9.5; 30 ping {}; 31 sessionComplete 30",
            32,
            32.001,
        ),
        ("break-offset", "0 start; 0.5 play; 10 ping 9.5; 15 adBreakStart 14.5 podSecond={}", 16.5, 16.501),
        ("ts-falling", "10 start; 10.1 play; 15 ping 4.9; 15.5 stateStart state=mute ts={}", 14, 13.999),
        ("before-start", "10 start; 10.5 stateStart state=mute ts={}; 10.6 play", 9, 8.999),
        ("clock-jumps", "0 start; 0.5 play; 10 ping 9.5; 20 ping 19.5 ts={}", 80, 80.001),
        ("idle-timeout", "0 start; 0.5 play; 10 ping 9.5; 10.1 pauseStart 9.6; {} play", 610.099, 610.1),
        ("complete-early", "0 start length=40; 0.5 play; 10 ping 9.5; 20 ping 19.5; 29 sessionComplete {}", 28, 27.999),
        ("complete-missing", "0 start length=30; 0.5 play; pings 10 20 9.5; 29 sessionEnd {}", 27.999, 28),
        ("no-end", "0 start; 0.5 play; 10 ping 9.5; until {}", 609.999, 610),
        (
            "gap-between-ads",
            "0 start; 0.1 adBreakStart; 0.2 adStart adLength=1; 1.2 adSkip; {} adStart podPosition=2",
            1.45,
            1.451,
        ),
        ("start-twice", "0 start; @b {} start", 5.001, 5),
        ("resume-missing", "0 start; 0.5 play; 10 ping 9.5; 12 sessionEnd 11.5; @b 100 start {}", 13.501, 13.5),
        (
            "playhead-timeout",  # 30 minutes, and 15 s for the first ping that shows the playhead moving
            "0 start; 0.5 play; 10 ping 9.5; 11.5 pauseStart 11; pings 20 1820 =11; {} ping 12; 1830 sessionEnd 13",
            1826.499,
            1826.5,
        ),
        ("playhead-jumps", "0 start; 0.5 play; 10 ping 9.5; 20 ping 19.5; 22 ping {}; 32 ping", 25.5, 25.501),
    ],
)
def test_tolerances(rule: str, script: str, last: float, first: float) -> None:
    assert rule not in rules(script.format(last))
    assert rule in rules(script.format(first))


@pytest.mark.parametrize(("before", "reordered"), [(3, True), (4, False)])
def test_equal_time_stamps_are_sorted_up_to_parallel_limit(before: int, reordered: bool) -> None:
    states = "".join(f"{5 + n / 100} stateStart 4.5 state=s{n} ts=5;" for n in range(1, before))
    script = f"""0 start; 0.5 play; 5 adStart 4.5 ts=5; {states} 5.1 adBreakStart 4.5 ts=5
        6.1 ping; 7.1 ping; 8 adComplete; 8.1 adBreakComplete; 8.2 play"""
    assert ("ad-outside-break" not in rules(script)) == reordered
