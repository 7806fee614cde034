"""The sessions of a sandbox: found, closed, remembered, and never more than there is room for."""

from __future__ import annotations

import sys
import tracemalloc

from mctoolkit._core.clocks import random_ids
from mctoolkit.sandbox.sessions import Closed, SessionRegistry

START = {"eventType": "sessionStart", "playerTime": {"playhead": 0, "ts": 1}}
MINUTE_MS = 60_000


def ping(playhead: float) -> dict[str, object]:
    return {"eventType": "ping", "playerTime": {"playhead": playhead, "ts": 1}}


def take(registry: SessionRegistry, session_id: str, body: dict[str, object], now_ms: int) -> tuple[str, ...]:
    state = registry.find(session_id, now_ms)
    assert state is not None
    assert not isinstance(state, Closed)
    return registry.take(session_id, state, body, now_ms)


def test_an_end_closes_at_once() -> None:
    registry = SessionRegistry()
    registry.begin("a", START, 0)
    take(registry, "a", {**START, "eventType": "sessionEnd"}, 5)
    assert registry.find("a", 6) == Closed("end", 5)
    assert (list(registry.open), list(registry.closed)) == ([], ["a"])


def test_sessions_whose_time_is_up_are_put_away_when_new_ones_come() -> None:
    registry = SessionRegistry()
    for number in range(100):
        registry.begin(f"old{number}", START, number)
    take(registry, "old0", ping(1), 9 * MINUTE_MS)
    for number in range(30):
        registry.begin(f"new{number}", START, 11 * MINUTE_MS)
    assert set(registry.open) == {"old0", *(f"new{number}" for number in range(30))}
    assert registry.closed["old7"] == Closed("idle", 10 * MINUTE_MS + 7)


def test_a_session_that_events_keep_alive_is_closed_by_its_playhead_only() -> None:
    registry = SessionRegistry()
    registry.begin("a", START, 0)
    for minute in range(1, 30):
        take(registry, "a", ping(0), minute * MINUTE_MS)
    assert registry.find("a", 30 * MINUTE_MS) == Closed("playhead", 30 * MINUTE_MS)


def test_with_too_many_open_sessions_the_idlest_gives_way() -> None:
    registry = SessionRegistry(most_open=3)
    for name in "abc":
        registry.begin(name, START, 0)
    take(registry, "a", ping(1), 1)
    registry.begin("d", START, 2)
    assert list(registry.open) == ["c", "a", "d"]
    assert registry.find("b", 2) == Closed("crowded", 2)


def test_closed_sessions_are_forgotten_in_the_end() -> None:
    registry = SessionRegistry(most_closed=2)
    for number, name in enumerate("abc"):
        registry.begin(name, START, number)
        registry.close(name, Closed("end", number))
    assert (registry.find("a", 9), registry.find("b", 9)) == (None, Closed("end", 1))


def test_an_id_that_is_given_again_is_a_new_session() -> None:
    registry = SessionRegistry()
    registry.begin("a", START, 0)
    registry.close("a", Closed("end", 1))
    registry.begin("a", START, 2)
    registry.begin("a", START, 3)
    assert (list(registry.open), list(registry.closed)) == (["a"], [])


def test_what_is_handed_out_is_a_copy() -> None:
    registry = SessionRegistry()
    registry.begin("a", START, 0)
    before = registry.open
    registry.begin("b", START, 0)
    assert list(before) == ["a"]


def test_an_open_session_takes_less_than_two_kibibytes() -> None:
    number = 5_000
    registry = SessionRegistry()
    ids = [random_ids() for _ in range(number)]
    sizes = sum(map(sys.getsizeof, ids))
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for session_id in ids:
            registry.begin(session_id, START, 0)
            take(registry, session_id, {**ping(1), "eventType": "stateStart", "params": {"media.state.name": "x"}}, 1)
        used = tracemalloc.get_traced_memory()[0] - before + sizes
    finally:
        tracemalloc.stop()
    assert used / number < 2048


def test_a_new_session_looks_at_a_few_others_only() -> None:
    # Counted, not timed: with every session alive, only the first is looked at.
    registry = SessionRegistry()
    looked = 0
    find = registry.find

    def counted(session_id: str, now_ms: int) -> object:
        nonlocal looked
        looked += 1
        return find(session_id, now_ms)

    registry.find = counted  # type: ignore[method-assign, assignment]
    for number in range(1_000):
        registry.begin(str(number), START, number)
    assert looked <= 1_000
