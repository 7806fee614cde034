"""Find values that are valid, but probably not what was meant."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from mctoolkit._core import clocks, json_io
from mctoolkit._core.clocks import DAY_MS, DAY_S
from mctoolkit._core.json_io import Place
from mctoolkit._core.messages import Message
from mctoolkit.models.event import Event
from mctoolkit.models.problem import Fix, Problem
from mctoolkit.spec import catalog
from mctoolkit.validation import fixes

__all__ = ["FILLERS", "HIGH_BITRATE", "LONGEST_S", "LOW_BITRATE", "VISITORS", "far_time_stamp", "find_hints"]

_YEAR_MS = 366 * DAY_MS
_TOLERANCE_S = 2
LOW_BITRATE, HIGH_BITRATE = 10_000, 100_000_000
LONGEST_S = 12 * 3600
FILLERS = frozenset({"n/a", "na", "null", "none", "undefined", "unknown", "-", "-1", "nan", "nil", "todo"})
VISITORS = ("visitor.marketingCloudUserId", "appInstallationId", "analytics.visitorId")


def find_hints(event: Event, value: dict[str, Any], now_ms: int) -> list[Problem]:
    """Return the hints about a body, in the order of the checks.

    Parameters
    ----------
    event : Event
        The event. Its bytes are needed to find duplicate keys.
    value : dict
        The body as JSON values.
    now_ms : int
        The time of sending, in milliseconds since 1970.
    """
    found = [problem for check in _CHECKS for problem in check(value)]
    found += _time_stamp(value, now_ms)
    if event.raw is not None:
        for key in json_io.duplicate_keys(event.raw, value):
            found.append(_hint("duplicate-key", (), key=key))
    return found


def _hint(rule: str, place: Place, fix: Fix | None = None, /, variant: str = "default", **values: object) -> Problem:
    return Problem(rule, place, catalog.rule(rule).message(variant, **values), fix)


def _member(value: dict[str, Any], name: str) -> dict[str, Any]:
    found = value.get(name)
    return found if isinstance(found, dict) else {}


def _number(value: Any) -> float | None:
    usable = isinstance(value, int | float) and not isinstance(value, bool)
    try:
        return float(value) if usable and math.isfinite(value) else None
    except OverflowError:
        return None


def _time_stamp(value: dict[str, Any], now_ms: int) -> Iterator[Problem]:
    ts = _member(value, "playerTime").get("ts")
    if not isinstance(ts, int) or isinstance(ts, bool) or ts < 0:
        return
    if fixes.looks_like_seconds(ts):
        place = ("playerTime", "ts")
        yield _hint("ts-seconds", place, fixes.put(place, ts * 1000), value=ts, date=_format_date(ts))
    else:
        yield from far_time_stamp(ts, now_ms)


def far_time_stamp(ts_ms: int, now_ms: int) -> tuple[Problem, ...]:
    """Return the hint about a time stamp that is more than a year from now, or nothing.

    It is the only hint that depends on the current time.
    """
    return () if -_YEAR_MS <= ts_ms - now_ms <= _YEAR_MS else _far_day(ts_ms // DAY_MS)


@lru_cache(maxsize=1000)
def _far_day(day: int) -> tuple[Problem]:
    """Return the hint about a distant day, counted from 1970. Cached, since the events of a log share few days."""
    place = ("playerTime", "ts")
    try:
        return (_hint("ts-far", place, date=_format_date(day * DAY_MS)),)
    except (ValueError, OverflowError, OSError):  # a year after 9999
        return (_hint("ts-far", place, variant="beyond"),)


def _format_date(ts_ms: int) -> str:
    return clocks.utc(ts_ms).strftime("%d %B %Y").lstrip("0")


def _length(value: dict[str, Any]) -> Iterator[Problem]:
    length = _number(_member(value, "params").get("media.length"))
    place = ("params", "media.length")
    if length is None:
        return
    if length <= 0:
        yield _hint("length-zero", place)
    elif length > LONGEST_S and length != DAY_S:
        fix = fixes.put(place, _without_fraction(length / 1000))
        shown = fixes.format_value(place, _member(value, "params")["media.length"])
        yield _hint("length-milliseconds", place, fix, value=shown, duration=_format_duration(length))


def _playhead(value: dict[str, Any]) -> Iterator[Problem]:
    playhead = _number(_member(value, "playerTime").get("playhead"))
    place = ("playerTime", "playhead")
    if playhead is None:
        return
    params = _member(value, "params")
    length = _number(params.get("media.length"))
    shown = fixes.format_value(place, _member(value, "playerTime")["playhead"])
    if playhead < 0:
        yield _hint("playhead-range", place, variant="negative", value=shown)
    elif playhead >= 10**8:
        yield _hint("playhead-clock", place, value=shown)
    elif str(params.get("media.contentType", "")).casefold() in ("live", "linear"):
        if playhead >= DAY_S:
            yield _hint("playhead-range", place, variant="live", value=shown)
    elif length is not None and length > 0 and playhead > length + _TOLERANCE_S:
        yield _hint("playhead-range", place, value=shown, length=fixes.format_value(place, _without_fraction(length)))


def _content_type(value: dict[str, Any]) -> Iterator[Problem]:
    found = _member(value, "params").get("media.contentType")
    known = catalog.parameter("media.contentType").values
    if not isinstance(found, str) or not found or found.casefold() in {name.casefold() for name in known}:
        return
    place = ("params", "media.contentType")
    close = catalog.nearest(found, known)
    yield _hint("content-type", place, fixes.put(place, close) if close else None, value=found, known=", ".join(known))


def _show_type(value: dict[str, Any]) -> Iterator[Problem]:
    found = _member(value, "params").get("media.showType")
    known = catalog.parameter("media.showType").values
    if isinstance(found, str) and found not in known:
        yield _hint("show-type", ("params", "media.showType"), value=found, known=", ".join(known))


def _bitrate(value: dict[str, Any]) -> Iterator[Problem]:
    found = _member(value, "qoeData").get("media.qoe.bitrate")
    if not isinstance(found, int) or isinstance(found, bool):
        return
    place = ("qoeData", "media.qoe.bitrate")
    if found < LOW_BITRATE:
        fix = fixes.put(place, found * 1000) if found > 0 else None
        yield _hint("bitrate-unit", place, fix, variant="low", value=found)
    elif found > HIGH_BITRATE:
        yield _hint("bitrate-unit", place, variant="high", value=found)


def _visitor(value: dict[str, Any]) -> Iterator[Problem]:
    params = _member(value, "params")
    if value.get("eventType") == "sessionStart" and params and not any(key in params for key in VISITORS):
        yield _hint("no-visitor", ("params",))


def _organisation_id(value: dict[str, Any]) -> Iterator[Problem]:
    found = _member(value, "params").get("visitor.marketingCloudOrgId")
    if isinstance(found, str) and found and not found.startswith("<") and not found.endswith("@AdobeOrg"):
        yield _hint("organisation-id", ("params", "visitor.marketingCloudOrgId"))


def _tracking_server(value: dict[str, Any]) -> Iterator[Problem]:
    found = _member(value, "params").get("analytics.trackingServer")
    place = ("params", "analytics.trackingServer")
    if isinstance(found, str) and "://" in found:
        host = found.split("://", 1)[1].split("/", 1)[0]
        yield _hint("tracking-server", place, fixes.put(place, host) if host else None)
    elif isinstance(found, str) and ".hb-api." in found:
        yield _hint("tracking-server", place, variant="api_host")


def _texts(value: dict[str, Any]) -> Iterator[Problem]:
    for member in ("params", "customMetadata"):
        for key, found in _member(value, member).items():
            if not isinstance(found, str) or not isinstance(key, str):
                continue
            place = (member, key)
            if not found.strip():
                if not (key == "media.contentType" and not found):
                    yield _hint("empty-text", place)
            elif found != found.strip():
                yield _hint("spaces", place, fixes.put(place, found.strip()))
            elif member == "params" and found.strip().casefold() in FILLERS:
                yield _hint("filler", place, value=found)


def _metadata_names(value: dict[str, Any]) -> Iterator[Problem]:
    for key in _member(value, "customMetadata"):
        if key.startswith("a."):
            yield _hint("metadata-prefix", ("customMetadata", key), variant="a", key=key)
        elif key.startswith("media."):
            yield _hint("metadata-prefix", ("customMetadata", key), variant="media", key=key)


_CHECKS: tuple[Callable[[dict[str, Any]], Iterator[Problem]], ...] = (
    _playhead,
    _length,
    _content_type,
    _show_type,
    _tracking_server,
    _organisation_id,
    _visitor,
    _texts,
    _metadata_names,
    _bitrate,
)


def _without_fraction(number: float) -> int | float:
    return int(number) if number.is_integer() else number


def _format_duration(seconds: float) -> Message:
    days, rest = divmod(int(seconds), DAY_S)
    hours, minutes = rest // 3600, rest % 3600 // 60
    if days:
        return catalog.rule("length-milliseconds").message("days", days=days, hours=hours)
    return catalog.rule("length-milliseconds").message("hours", hours=hours, minutes=minutes)
