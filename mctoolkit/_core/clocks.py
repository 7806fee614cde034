"""Clocks and session ids: real ones, and repeatable ones for tests and notebooks.

With the environment variable ``MCTOOLKIT_SEED`` set, :func:`default_clock` returns a clock that stays at a fixed time
and :func:`default_ids` returns a fixed sequence of ids. The variable is read once, when the package is imported,
because the time is needed for every body that is validated.
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
    "DAY_MS",
    "DAY_S",
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
    "format_timestamp",
    "random_ids",
    "seeded_ids",
    "utc",
]

SEED_VARIABLE = "MCTOOLKIT_SEED"
SEED = os.environ.get(SEED_VARIABLE, "")
"""The seed of repeatable clocks and ids; empty if they are real."""
SEEDED_NOW_MS = 1_795_421_642_000
"""The time of a seeded clock: 23 November 2026, 08:14:02 UTC."""
SEEDED_STEP_MS = 4.0
"""The duration in milliseconds that a seeded clock measures for each exchange."""
DAY_S: Final = 86_400
DAY_MS: Final = DAY_S * 1000
"""The length of a day, in seconds and in milliseconds."""

IdSource = Callable[[], str]
"""A function that returns a new session id at each call: 64 lower-case hexadecimal digits."""


class Clock(Protocol):
    """A source of time stamps and durations."""

    def now_ms(self) -> int:
        """Return the milliseconds since 1 January 1970, 00:00 UTC."""
        ...

    def monotonic_ms(self) -> float:
        """Return monotonic milliseconds; the difference of two readings is a duration."""
        ...


class SystemClock:
    """The system clock."""

    def now_ms(self) -> int:
        """Return the milliseconds since 1 January 1970, 00:00 UTC."""
        return time.time_ns() // 1_000_000

    def monotonic_ms(self) -> float:
        """Return monotonic milliseconds."""
        return time.perf_counter_ns() / 1_000_000


_SYSTEM: Final = SystemClock()


_UNITS_MS: Final = {"hours": 3_600_000, "minutes": 60_000, "seconds": 1_000, "milliseconds": 1}
_MAX_ADVANCE_MS: Final = 100 * 366 * DAY_MS


def _total_ms(**durations: Any) -> int:
    total_ms = 0.0
    for unit, value in durations.items():
        try:
            part_ms = float(value) * _UNITS_MS[unit]
        except (TypeError, ValueError, OverflowError):
            part_ms = math.nan
        if not abs(part_ms) <= _MAX_ADVANCE_MS:
            raise UsageError(
                _("{unit} must be a number of at most a hundred years, as in {unit}=11, not {value}.").format(
                    unit=unit, value=repr(value)
                )
            )
        total_ms += part_ms
    return round(total_ms)


class _AdvanceableClock:
    """A clock that can be advanced."""

    def advance(
        self, *bare: object, hours: float = 0, minutes: float = 0, seconds: float = 0, milliseconds: float = 0
    ) -> None:
        """Advance the clock; a negative duration sets it back.

        Raises
        ------
        UsageError
            A duration is not a number, or a number has no unit.
        """
        if bare:
            raise UsageError(_("A number needs a unit: advance(minutes=11)."))
        self._move(_total_ms(hours=hours, minutes=minutes, seconds=seconds, milliseconds=milliseconds))

    def _move(self, by_ms: int) -> None:
        raise NotImplementedError


class ManualClock(_AdvanceableClock):
    """A clock that moves only when :meth:`advance` is called.

    Parameters
    ----------
    now_ms : int
        The initial time, in milliseconds since 1970.
    step_ms : float
        How far the monotonic time moves at each reading, in milliseconds, so that measured durations are not 0.

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
        self._monotonic_ms = 0.0

    def now_ms(self) -> int:
        """Return the milliseconds since 1 January 1970, 00:00 UTC."""
        return self._now_ms

    def monotonic_ms(self) -> float:
        """Return monotonic milliseconds, then move them by one step."""
        reading = self._monotonic_ms
        self._monotonic_ms += self._step_ms
        return reading

    def _move(self, by_ms: int) -> None:
        self._now_ms += by_ms
        self._monotonic_ms += by_ms


class OffsetClock(_AdvanceableClock):
    """A clock that runs like another one, plus an offset that can be changed.

    Parameters
    ----------
    base : Clock
        The other clock.

    Examples
    --------
    >>> clock = OffsetClock(ManualClock(1_509_045_324_153))
    >>> clock.advance(minutes=11)
    >>> clock.now_ms()
    1509045984153
    """

    def __init__(self, base: Clock) -> None:
        self._base = base
        self._offset_ms = 0

    def now_ms(self) -> int:
        """Return the milliseconds since 1 January 1970, 00:00 UTC, plus the offset."""
        return self._base.now_ms() + self._offset_ms

    def monotonic_ms(self) -> float:
        """Return the monotonic milliseconds of the other clock, without the offset."""
        return self._base.monotonic_ms()

    def _move(self, by_ms: int) -> None:
        self._offset_ms += by_ms


def random_ids() -> str:
    """Return a random session id."""
    return secrets.token_hex(32)


def seeded_ids(seed: int | str) -> IdSource:
    """Return a function that makes the same sequence of session ids for the same seed.

    Examples
    --------
    >>> seeded_ids(7)() == seeded_ids(7)()
    True
    """
    numbers = itertools.count(1)
    return lambda: hashlib.sha256(f"{seed}/{next(numbers)}".encode()).hexdigest()


def default_clock() -> Clock:
    """Return the system clock, or a fixed clock if ``MCTOOLKIT_SEED`` is set."""
    return ManualClock(SEEDED_NOW_MS, SEEDED_STEP_MS) if SEED else _SYSTEM


def default_ids() -> IdSource:
    """Return the source of random ids, or a repeatable one if ``MCTOOLKIT_SEED`` is set."""
    return seeded_ids(SEED) if SEED else random_ids


def utc(ms: int) -> datetime:
    """Return milliseconds since 1970 as a date and time in UTC.

    Examples
    --------
    >>> utc(1509045324153).isoformat()
    '2017-10-26T19:15:24.153000+00:00'
    """
    return datetime.fromtimestamp(ms // 1000, UTC).replace(microsecond=ms % 1000 * 1000)


def format_timestamp(ms: int) -> str | None:
    """Format milliseconds since 1970 as a date and time in UTC, and in local time if that differs.

    Returns None for a time that the calendar does not have.

    Examples
    --------
    >>> format_timestamp(1509045324153).startswith("Thu 26 Oct 2017, 19:15:24.153 UTC")
    True
    """
    try:
        moment = utc(ms)
        here = moment.astimezone()
    except (ValueError, OverflowError, OSError):
        return None
    text = _date(moment) + f"{moment:%H:%M:%S}.{ms % 1000:03} UTC"
    if here.utcoffset():
        text += f" = {_date(here) if here.date() != moment.date() else ''}{here:%H:%M:%S} {here.tzname()}"
    return text


def format_duration(ms: int) -> str:
    """Format a duration as minutes and seconds, with hours and milliseconds if there are any.

    Examples
    --------
    >>> format_duration(65_002), format_duration(3_600_000)
    ('1:05.002', '1:00:00')
    """
    seconds, rest = divmod(max(0, ms), 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    text = f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
    return text + (f".{rest:03}" if rest else "")


def _date(moment: datetime) -> str:
    """Format a date in English, in every locale."""
    day, month = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"][moment.weekday()], _MONTHS[moment.month - 1]
    return f"{day} {moment.day} {month} {moment.year}, "


_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
