"""Clocks and session ids."""

from __future__ import annotations

import re
from typing import Any

import pytest

from mctoolkit import ManualClock, UsageError, seeded_ids
from mctoolkit._core import clocks
from mctoolkit._core.clocks import OffsetClock


def test_ids_have_documented_format_and_are_unique() -> None:
    for make in (clocks.random_ids, seeded_ids(7)):
        made = [make() for _ in range(500)]
        assert len(set(made)) == 500
        assert all(re.fullmatch(r"[0-9a-f]{64}", id_) for id_ in made)


def test_different_seeds_give_different_ids() -> None:
    assert seeded_ids(7)() != seeded_ids(8)()


def test_manual_clock_advances() -> None:
    clock = ManualClock(1_000, step_ms=4)
    assert (clock.now_ms(), clock.now_ms()) == (1_000, 1_000)
    assert (clock.monotonic_ms(), clock.monotonic_ms()) == (0, 4)
    clock.advance(minutes=1, seconds=1, milliseconds=1)
    assert clock.now_ms() == 62_001
    assert clock.monotonic_ms() == 8 + 61_001


def test_offset_clock_follows_base_clock() -> None:
    base = ManualClock(1_000, step_ms=4)
    clock = clocks.OffsetClock(base)
    clock.advance(minutes=10)
    clock.advance(seconds=1, milliseconds=1)
    base.advance(milliseconds=5)
    assert clock.now_ms() == 1_000 + 600_000 + 1_001 + 5
    assert (clock.monotonic_ms(), clock.monotonic_ms()) == (5, 9), "the offset does not change durations"


@pytest.mark.parametrize(
    "wrong", [{"minutes": float("nan")}, {"hours": float("inf")}, {"seconds": "ten"}, {"hours": 1e6}]
)
@pytest.mark.parametrize("clock", [ManualClock(7), OffsetClock(ManualClock(7))])
def test_advance_invalid_duration_raises(clock: ManualClock | OffsetClock, wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=rf"^{next(iter(wrong))} must be a number of at most a hundred years, as in"):
        clock.advance(milliseconds=5, **wrong)
    assert clock.now_ms() == 7
    clock.advance(hours=1, minutes=-59)
    assert clock.now_ms() == 60_007
    clock.advance(minutes=-1)


@pytest.mark.parametrize("bare", [(11,), ("x",), (1, 2)])
@pytest.mark.parametrize("clock", [ManualClock(7), OffsetClock(ManualClock(7))])
def test_advance_number_without_unit_raises(clock: ManualClock | OffsetClock, bare: tuple[object, ...]) -> None:
    with pytest.raises(UsageError, match=r"^A number needs a unit: advance\(minutes=11\)\.$"):
        clock.advance(*bare)
    assert clock.now_ms() == 7


def test_seed_makes_clock_and_ids_repeatable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mctoolkit._core.clocks.SEED", "2026")
    assert clocks.default_clock().now_ms() == clocks.default_clock().now_ms() == clocks.SEEDED_NOW_MS
    assert clocks.default_ids()() == clocks.default_ids()() == seeded_ids("2026")()


def test_without_seed_clock_and_ids_are_real(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mctoolkit._core.clocks.SEED", "")
    assert isinstance(clocks.default_clock(), clocks.SystemClock)
    assert clocks.default_ids() is clocks.random_ids
    assert clocks.SystemClock().now_ms() > 1_700_000_000_000
