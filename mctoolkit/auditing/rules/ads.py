"""Ads and ad breaks: their numbers, lengths and places."""

from __future__ import annotations

from typing import Final

from mctoolkit.auditing.active_session import ActiveSession
from mctoolkit.auditing.session_event import SessionEvent, plain, seconds

__all__ = ["begin", "begin_break", "end", "end_break"]

_TOLERANCE_S: Final = 2
_GAP_MS: Final = 250
_LONGEST_S: Final = 1000
"""An ad that seems longer is in milliseconds."""

_MOST_PODS: Final = 500
_THIRD: Final = 3
"""The first and the second ad of a break have one position in Adobe's own examples; a third is a slip."""


def begin_break(watched: ActiveSession, step: SessionEvent) -> None:
    """Look at an adBreakStart."""
    watched.break_playhead_s = step.playhead_s
    watched.break_number = step.number
    watched.ads = watched.positions = 0
    watched.position = watched.ad_ended_ms = watched.ad_length_s = None
    watched.open_blamed = False
    index = step.number_at("media.ad.podIndex")
    second = step.number_at("media.ad.podSecond")
    if index is not None and index < 0:
        watched.note(step, "break-index-negative", place='params["media.ad.podIndex"]', value=plain(index))
    if second is None:
        return
    if second == -1:
        _filler(watched, step, "media.ad.podSecond", second)
        return
    _place(watched, step, second)
    if index is not None and index >= 0:
        _remember(watched, step, index, second)


def _place(watched: ActiveSession, step: SessionEvent, second: float) -> None:
    playhead_s = step.playhead_s
    if playhead_s is None or watched.live or watched.has_odd_playhead or abs(second - playhead_s) <= _TOLERANCE_S:
        return
    if second == 0 and not watched.played:  # the pre-roll of a session that goes on where an earlier one stopped
        return
    place = 'params["media.ad.podSecond"]'
    watched.note(step, "break-offset", place=place, value=plain(second), playhead=plain(playhead_s))


def _remember(watched: ActiveSession, step: SessionEvent, index: float, second: float) -> None:
    if watched.pods is None:
        watched.pods = {}
    first = watched.pods.setdefault(index, second) if len(watched.pods) < _MOST_PODS else second
    if abs(first - second) > _TOLERANCE_S and not watched.live:
        place = 'params["media.ad.podIndex"]'
        values = {"value": plain(index), "first": plain(first), "second": plain(second)}
        watched.note(step, "break-index-repeats", key=values["value"], place=place, **values)


def begin(watched: ActiveSession, step: SessionEvent) -> None:
    """Look at an adStart."""
    ended_ms = watched.ad_ended_ms
    if step.in_break and ended_ms is not None and step.ts_ms - ended_ms > _GAP_MS:
        watched.note(step, "gap-between-ads", gap=step.ts_ms - ended_ms)
    watched.ads += 1
    watched.ad_started_ms, watched.ad_started_at_ms = step.ts_ms, step.at_ms
    watched.ad_disturbed = False
    watched.ad_ended_ms = None
    _length(watched, step)
    if step.in_break:
        _position(watched, step)
    else:
        watched.break_playhead_s = step.playhead_s
    if "media.ad.podFriendlyName" in step.params:
        watched.note(step, "pod-name-on-ad", place='params["media.ad.podFriendlyName"]')


def _length(watched: ActiveSession, step: SessionEvent) -> None:
    length_s = watched.ad_length_s = step.number_at("media.ad.length")
    place = 'params["media.ad.length"]'
    if length_s is None:
        return
    if length_s == -1:
        _filler(watched, step, "media.ad.length", length_s)
    elif length_s <= 0:
        watched.note(step, "ad-length-zero", place=place, value=plain(length_s))
    elif length_s >= _LONGEST_S:
        values = {"value": plain(length_s), "meant": seconds(length_s)}
        watched.note(step, "ad-length-milliseconds", place=place, **values)
    else:
        return
    watched.ad_length_s = None


def _position(watched: ActiveSession, step: SessionEvent) -> None:
    position = step.number_at("media.ad.podPosition")
    place = 'params["media.ad.podPosition"]'
    if position is None:
        return
    before = watched.position
    watched.positions = watched.positions + 1 if position == before else 1
    watched.position = position
    if position == -1:
        _filler(watched, step, "media.ad.podPosition", position)
    elif position < 1:
        watched.note(step, "ad-position-zero", place=place, value=plain(position))
    if before is not None and position < before:
        watched.note(step, "ad-position-order", place=place, value=plain(position), previous=plain(before))
    elif watched.positions == _THIRD:
        watched.note(step, "ad-position-order", variant="same", place=place, value=plain(position))


def end(watched: ActiveSession, step: SessionEvent) -> None:
    """Look at an adComplete or adSkip."""
    watched.ad_ended_ms = step.ts_ms
    if not step.in_break:
        watched.anchored = False
    length_s = watched.ad_length_s
    if step.kind != "adComplete" or not step.in_ad or watched.ad_disturbed or length_s is None:
        return
    played_s = (step.ts_ms - watched.ad_started_ms) / 1000
    passed_s = (step.at_ms - watched.ad_started_at_ms) / 1000
    most_s = max(_TOLERANCE_S, length_s / 4)
    if abs(played_s - length_s) > most_s and (watched.downloaded or abs(passed_s - length_s) > most_s):
        watched.note(step, "ad-length-differs", played=plain(played_s), length=plain(length_s))


def end_break(watched: ActiveSession, step: SessionEvent) -> None:
    """Look at an adBreakComplete."""
    if step.in_break and not watched.ads:
        watched.note(step, "empty-break")
    watched.awaits_play = step.in_break and watched.played
    watched.anchored = False
    watched.ad_ended_ms = None
    watched.break_playhead_s = None


def _filler(watched: ActiveSession, step: SessionEvent, key: str, value: float) -> None:
    watched.note(step, "number-filler", key=key, place=f'params["{key}"]', key_name=key, value=plain(value))
