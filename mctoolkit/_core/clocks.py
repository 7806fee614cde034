"""Clocks and makers of session ids: real ones, and ones that can be repeated.

Whatever needs the time or a new id takes it from here, so that a test or a notebook can run again to the byte. With
the environment variable ``MCTOOLKIT_SEED`` set (the tests set it, people need not), :func:`default_clock` stands
still at a fixed moment and :func:`default_ids` counts through a fixed row of ids. It is read once, when the package is
imported: the time is asked for each body that is checked, and looking into the environment costs more than that.
"""

from __future__ import annotations

import hashlib
import itertools
import math
import os
import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final, Protocol

from mctoolkit._core.errors import UsageError
from mctoolkit._core.messages import gettext as _

__all__ = [
    "SEED",
    "SEED_VARIABLE",
    "Clock",
    "IdSource",
    "ManualClock",
    "OffsetClock",
    "SystemClock",
    "default_clock",
    "default_ids",
    "format_duration",
    "in_words",
    "random_ids",
    "seeded_ids",
    "utc",
]

SEED_VARIABLE = "MCTOOLKIT_SEED"
SEED = os.environ.get(SEED_VARIABLE, "")
"""What makes clocks and ids repeat themselves; empty: nothing does."""
SEEDED_NOW_MS = 1_795_421_642_000
"""Where a seeded clock stands: 23 November 2026, 08:14:02 UTC."""
SEEDED_STEP_MS = 4.0
"""How long a seeded clock says that one exchange took."""

IdSource = Callable[[], str]
"""Makes session ids: called without arguments, returns 64 lower-case hexadecimal digits, each time others."""


class Clock(Protocol):
    """What tells the time: since 1970 for time stamps, and from any start for durations."""

    def now_ms(self) -> int:
        """Return the milliseconds since 1 January 1970, 00:00 UTC."""
        ...

    def monotonic_ms(self) -> float:
        """Return milliseconds that only ever grow; the difference of two readings is a duration."""
        ...


class SystemClock:
    """The clock of this computer."""

    def now_ms(self) -> int:
        """Return the milliseconds since 1 January 1970, 00:00 UTC."""
        return time.time_ns() // 1_000_000

    def monotonic_ms(self) -> float:
        """Return the milliseconds of a clock that is never set back."""
        return time.perf_counter_ns() / 1_000_000


_SYSTEM: Final = SystemClock()


_UNITS_MS: Final = {"hours": 3_600_000, "minutes": 60_000, "seconds": 1_000, "milliseconds": 1}
_LONGEST_MS: Final = 100 * 366 * 86_400_000


def _length_ms(**lengths: Any) -> int:
    length_ms = 0.0
    for unit, value in lengths.items():
        try:
            part_ms = float(value) * _UNITS_MS[unit]
        except (TypeError, ValueError, OverflowError):
            part_ms = math.nan
        if not abs(part_ms) <= _LONGEST_MS:
            raise UsageError(
                _(
                    "{unit} is a number, as in {unit}=11, and no more than a hundred years together. This is {value}."
                ).format(unit=unit, value=repr(value))
            )
        length_ms += part_ms
    return round(length_ms)


class _Movable:
    """A clock that can be moved."""

    def advance(
        self, *bare: object, hours: float = 0, minutes: float = 0, seconds: float = 0, milliseconds: float = 0
    ) -> None:
        """Move the clock on; with less than nothing, back.

        Raises
        ------
        UsageError
            That is no length of time, or a bare number: nobody knows of what.
        """
        if bare:
            raise UsageError(_("Say of what: advance(minutes=11)."))
        self._move(_length_ms(hours=hours, minutes=minutes, seconds=seconds, milliseconds=milliseconds))

    def _move(self, by_ms: int) -> None:
        raise NotImplementedError


class ManualClock(_Movable):
    """A clock that moves only when told to.

    Parameters
    ----------
    now_ms : int
        Where it stands at first, in milliseconds since 1970.
    step_ms : float
        How far the stopwatch goes on at each reading, so that a duration measured by it is this and not 0.

    Examples
    --------
    >>> clock = ManualClock(1_509_045_324_153)
    >>> clock.advance(minutes=11)
    >>> clock.now_ms()
    1509045984153
    """

    def __init__(self, now_ms: int = SEEDED_NOW_MS, step_ms: float = 0.0) -> None:
        self._now_ms = now_ms
        self._step_ms = step_ms
        self._stopwatch_ms = 0.0

    def now_ms(self) -> int:
        """Return the milliseconds since 1970 at which the clock stands."""
        return self._now_ms

    def monotonic_ms(self) -> float:
        """Return the reading of the stopwatch, and let it go on by one step."""
        reading = self._stopwatch_ms
        self._stopwatch_ms += self._step_ms
        return reading

    def _move(self, by_ms: int) -> None:
        self._now_ms += by_ms
        self._stopwatch_ms += by_ms


class OffsetClock(_Movable):
    """A clock that goes as another one does, and can be moved on besides.

    Parameters
    ----------
    base : Clock
        The clock that it goes by.

    Examples
    --------
    >>> clock = OffsetClock(ManualClock(1_509_045_324_153))
    >>> clock.advance(minutes=11)
    >>> clock.now_ms()
    1509045984153
    """

    def __init__(self, base: Clock) -> None:
        self._base = base
        self._shift_ms = 0

    def now_ms(self) -> int:
        """Return the milliseconds since 1970, with all by which the clock was moved."""
        return self._base.now_ms() + self._shift_ms

    def monotonic_ms(self) -> float:
        """Return the stopwatch of the other clock: how long something took does not change by moving the hands."""
        return self._base.monotonic_ms()

    def _move(self, by_ms: int) -> None:
        self._shift_ms += by_ms


def random_ids() -> str:
    """Return a session id that nobody can guess."""
    return secrets.token_hex(32)


def seeded_ids(seed: int | str) -> IdSource:
    """Return a maker of session ids that gives the same row of ids for the same seed.

    Examples
    --------
    >>> seeded_ids(7)() == seeded_ids(7)()
    True
    """
    numbers = itertools.count(1)
    return lambda: hashlib.sha256(f"{seed}/{next(numbers)}".encode()).hexdigest()


def default_clock() -> Clock:
    """Return the system's clock; under ``MCTOOLKIT_SEED`` one that stands still."""
    return ManualClock(SEEDED_NOW_MS, SEEDED_STEP_MS) if SEED else _SYSTEM


def default_ids() -> IdSource:
    """Return the maker of random ids; under ``MCTOOLKIT_SEED`` one that repeats itself."""
    return seeded_ids(SEED) if SEED else random_ids


def utc(ms: int) -> datetime:
    """Return milliseconds since 1970 as a date and time in UTC.

    Examples
    --------
    >>> utc(1509045324153).isoformat()
    '2017-10-26T19:15:24.153000+00:00'
    """
    return datetime.fromtimestamp(ms // 1000, UTC).replace(microsecond=ms % 1000 * 1000)


def in_words(ms: int) -> str | None:
    """Return milliseconds since 1970 as a date that one can read, in UTC and, where it differs, here.

    None for a time that no calendar has.

    Examples
    --------
    >>> in_words(1509045324153).startswith("Thu 26 Oct 2017, 19:15:24.153 UTC")
    True
    """
    try:
        moment = utc(ms)
        here = moment.astimezone()
    except (ValueError, OverflowError, OSError):
        return None
    words = _date(moment) + f"{moment:%H:%M:%S}.{ms % 1000:03} UTC"
    if here.utcoffset():
        words += f" = {_date(here) if here.date() != moment.date() else ''}{here:%H:%M:%S} {here.tzname()}"
    return words


def format_duration(ms: int) -> str:
    """Return a length of time as minutes and seconds, with hours and parts of a second where there are any.

    Examples
    --------
    >>> format_duration(65_002), format_duration(3_600_000)
    ('1:05.002', '1:00:00')
    """
    seconds, rest = divmod(max(0, ms), 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    words = f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
    return words + (f".{rest:03}" if rest else "")


def _date(moment: datetime) -> str:
    """Write the day in English, whatever the locale."""
    day, month = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"][moment.weekday()], _MONTHS[moment.month - 1]
    return f"{day} {moment.day} {month} {moment.year}, "


_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
