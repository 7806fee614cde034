"""Benchmarks: mctoolkit and comparable tools, measured in one run with ``python -m benchmarks``.

Each module with a function ``rows``, which yields :class:`Row` objects, is a benchmark. mctoolkit and its peer are
timed in turns, so that a busy computer slows both. The result is the median of the ratios of all turns, with quartiles.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Goal", "Row", "in_turns"]

ROUNDS = 1000
ROUND_S = 0.001


@dataclass(frozen=True, slots=True)
class Goal:
    """The goal for a ratio: at most or at least this value."""

    ratio: float
    at_least: bool = False

    def met(self, ratio: float) -> bool:
        """Return whether a ratio meets the goal."""
        return ratio >= self.ratio if self.at_least else ratio <= self.ratio

    def __str__(self) -> str:
        return f"{'at least' if self.at_least else 'at most'} {self.ratio:g}"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    Attributes
    ----------
    what, peer : str
        What is measured, and what it is compared with.
    ours_us, peer_us : float
        The medians of the microseconds for one call.
    ratio, low, high : float
        The median of the ratios of all turns, and their quartiles: our time by that of the peer, or for a goal of
        "at least" that of the peer by ours.
    goal : Goal or None
        The goal, if there is one.
    unit : str
        The unit of both values, if it is not microseconds.
    """

    what: str
    peer: str
    ours_us: float
    peer_us: float
    ratio: float
    low: float
    high: float
    goal: Goal | None = None
    unit: str = ""


def in_turns(
    what: str,
    ours: Callable[[], object],
    peer_name: str,
    peer: Callable[[], object],
    goal: Goal | None = None,
    rounds: int = ROUNDS,
) -> Row:
    """Time two things in turns.

    Parameters
    ----------
    what, peer_name : str
        Their names in the table.
    ours, peer : callable
        What to time, without arguments; each is called for about a millisecond in each turn.
    goal : Goal, optional
        The goal for the ratio.
    rounds : int
        The number of turns.
    """
    ours_calls, peer_calls = _calls(ours), _calls(peer)
    ours_us, peer_us = [], []
    for turn in range(rounds):
        if turn % 2:  # change the order, because the second may profit from caches
            ours_us.append(_time_us(ours, ours_calls))
            peer_us.append(_time_us(peer, peer_calls))
        else:
            peer_us.append(_time_us(peer, peer_calls))
            ours_us.append(_time_us(ours, ours_calls))
    faster = goal is not None and goal.at_least
    ratios = [p / o if faster else o / p for o, p in zip(ours_us, peer_us, strict=True)]
    low, middle, high = statistics.quantiles(ratios, n=4)
    return Row(what, peer_name, statistics.median(ours_us), statistics.median(peer_us), middle, low, high, goal)


def _calls(thing: Callable[[], object]) -> int:
    """Return how many calls fill a turn."""
    thing()  # the first call fills caches and is not representative
    calls = 1
    while (taken_us := _time_us(thing, calls) * calls) < ROUND_S * 1e6 / 4:
        calls *= 2
    return max(1, round(calls * ROUND_S * 1e6 / taken_us))


def _time_us(thing: Callable[[], object], calls: int) -> float:
    times = range(calls)
    start = time.perf_counter_ns()
    for _ in times:
        thing()
    return (time.perf_counter_ns() - start) / calls / 1000
