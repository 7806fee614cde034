"""What is claimed about speed, measured beside its peers in one run: ``python -m benchmarks``.

A module here takes part when it has a function ``rows`` that gives :class:`Row` objects. What is measured and its peer
are timed in turns, so that a busy computer slows both; the ratio of each turn counts, not the ratio of two bests. A
ratio of medians says what to expect, the quartiles beside it how sure that is.
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
    """What a ratio should be: at most or at least this."""

    ratio: float
    at_least: bool = False

    def met(self, ratio: float) -> bool:
        """Tell whether a ratio is on the right side."""
        return ratio >= self.ratio if self.at_least else ratio <= self.ratio

    def __str__(self) -> str:
        return f"{'at least' if self.at_least else 'at most'} {self.ratio:g}"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    Attributes
    ----------
    what, peer : str
        What is measured, and what it is measured beside.
    ours_us, peer_us : float
        Microseconds for one call of each, the medians.
    ratio, low, high : float
        The median of the ratios of all turns, and their quartiles. Ours to the peer's, or for a goal of "at least"
        the peer's to ours: how many times faster.
    goal : Goal or None
        None for a line that is told for what it is.
    unit : str
        What ours and the peer's are counted in, where it is not microseconds.
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
        What they are called in the table.
    ours, peer : callable
        What is timed, without arguments; each is called often enough to fill about a millisecond in a turn.
    goal : Goal, optional
        What the ratio should be.
    rounds : int
        How many turns.
    """
    ours_calls, peer_calls = _calls(ours), _calls(peer)
    ours_us, peer_us = [], []
    for turn in range(rounds):
        if turn % 2:  # who goes first changes, so that neither always finds the caches of the other
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
    """Return how often a thing is called to fill a turn."""
    thing()  # the first call makes what later ones find made, and says nothing of how long they take
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
