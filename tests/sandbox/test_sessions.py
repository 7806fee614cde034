"""The session registry: lookup, timeouts, eviction and limits."""

from __future__ import annotations

import sys
import tracemalloc

from mctoolkit._core.clocks import random_ids
from mctoolkit.sandbox.sessions import Closed, SessionRegistry

START = {"eventType": "sessionStart", "playerTime": {"playhead": 0, "ts": 1}}
MINUTE_MS = 60_000


def ping(playhead: float) -> dict[str, object]:
    return {"eventType": "ping", "playerTime": {"playhead": playhead, "ts": 1}}


def add_event(registry: SessionRegistry, session_id: str, body: dict[str, object], now_ms: int) -> tuple[str, ...]:
    state = registry.find(session_id, now_ms)
    assert state is not None
    assert not isinstance(state, Closed)
    return registry.add_event(session_id, state, body, now_ms)


def test_session_end_closes_at_once() -> None:
    registry = SessionRegistry()
    registry.start("a", START, 0)
    add_event(registry, "a", {**START, "eventType": "sessionEnd"}, 5)
    assert registry.find("a", 6) == Closed("end", 5)
    assert (list(registry.open), list(registry.closed)) == ([], ["a"])


def test_new_sessions_close_expired_ones() -> None:
    registry = SessionRegistry()
    for number in range(100):
        registry.start(f"old{number}", START, number)
    add_event(registry, "old0", ping(1), 9 * MINUTE_MS)
    for number in range(30):
        registry.start(f"new{number}", START, 11 * MINUTE_MS)
    assert set(registry.open) == {"old0", *(f"new{number}" for number in range(30))}
    assert registry.closed["old7"] == Closed("idle", 10 * MINUTE_MS + 7)


def test_session_with_events_is_closed_by_playhead() -> None:
    registry = SessionRegistry()
    registry.start("a", START, 0)
    for minute in range(1, 30):
        add_event(registry, "a", ping(0), minute * MINUTE_MS)
    assert registry.find("a", 30 * MINUTE_MS) == Closed("playhead", 30 * MINUTE_MS)


def test_too_many_open_sessions_evict_the_idlest() -> None:
    registry = SessionRegistry(max_open=3)
    for name in "abc":
        registry.start(name, START, 0)
    add_event(registry, "a", ping(1), 1)
    registry.start("d", START, 2)
    assert list(registry.open) == ["c", "a", "d"]
    assert registry.find("b", 2) == Closed("evicted", 2)


def test_oldest_closed_sessions_are_forgotten() -> None:
    registry = SessionRegistry(max_closed=2)
    for number, name in enumerate("abc"):
        registry.start(name, START, number)
        registry.close(name, Closed("end", number))
    assert (registry.find("a", 9), registry.find("b", 9)) == (None, Closed("end", 1))


def test_reused_id_is_a_new_session() -> None:
    registry = SessionRegistry()
    registry.start("a", START, 0)
    registry.close("a", Closed("end", 1))
    registry.start("a", START, 2)
    registry.start("a", START, 3)
    assert (list(registry.open), list(registry.closed)) == (["a"], [])


def test_open_returns_a_copy() -> None:
    registry = SessionRegistry()
    registry.start("a", START, 0)
    before = registry.open
    registry.start("b", START, 0)
    assert list(before) == ["a"]


def test_open_session_uses_less_than_2_kib() -> None:
    number = 5_000
    registry = SessionRegistry()
    ids = [random_ids() for _ in range(number)]
    sizes = sum(map(sys.getsizeof, ids))
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for session_id in ids:
            registry.start(session_id, START, 0)
            add_event(
                registry, session_id, {**ping(1), "eventType": "stateStart", "params": {"media.state.name": "x"}}, 1
            )
        used = tracemalloc.get_traced_memory()[0] - before + sizes
    finally:
        tracemalloc.stop()
    assert used / number < 2048


def test_new_session_checks_few_others() -> None:
    # If no session has expired, only the first one is checked.
    registry = SessionRegistry()
    checks = 0
    find = registry.find

    def counted(session_id: str, now_ms: int) -> object:
        nonlocal checks
        checks += 1
        return find(session_id, now_ms)

    registry.find = counted  # type: ignore[method-assign, assignment]
    for number in range(1_000):
        registry.start(str(number), START, number)
    assert checks <= 1_000
