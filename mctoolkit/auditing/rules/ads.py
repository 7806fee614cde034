"""Rules about ads and ad breaks: their numbers and lengths, and the playhead during them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from mctoolkit.auditing.active_session import ActiveSession
from mctoolkit.auditing.rules import playhead
from mctoolkit.auditing.session_event import SessionEvent, format_number, format_seconds, printable

__all__ = [
    "AdState",
    "check_ad_end",
    "check_ad_start",
    "check_break_end",
    "check_break_start",
    "check_playhead",
    "on_interruption",
]

_TOLERANCE_S: Final = 2
_MAX_GAP_MS: Final = 250
_MAX_LENGTH_S: Final = 1000
"""A longer ad is in milliseconds."""

_LATE_S: Final = 5
"""A playhead that moves this long after an ad should have ended shows that the ad was not closed."""

_MAX_BREAKS: Final = 500
_MAX_SAME_POSITIONS: Final = 3
"""In Adobe's own examples the first and the second ad of a break have one position; a third is a mistake."""


@dataclass(slots=True)
class AdState:
    """What the ad rules know of a session.

    Attributes
    ----------
    break_playhead_s : float or None
        Where the main content stopped for the break.
    break_number : int
        The entry of the adBreakStart.
    is_flagged_open : bool
        Whether the current break, or an ad in it, is already flagged as not closed.
    ads : int
        The number of ads in the break.
    position, same_positions : float or None, int
        The ``podPosition`` of the last ad, and how many ads in a row have it.
    started_ts_ms, started_at_ms, length_s, was_interrupted
        Of the current ad.
    ended_ms : int or None
        When the last ad of the break ended.
    breaks : dict
        ``podSecond`` of the breaks by ``podIndex``.
    """

    break_playhead_s: float | None = None
    break_number: int = 0
    is_flagged_open: bool = False
    ads: int = 0
    position: float | None = None
    same_positions: int = 0
    started_ts_ms: int = 0
    started_at_ms: int = 0
    length_s: float | None = None
    was_interrupted: bool = False
    ended_ms: int | None = None
    breaks: dict[float, float] = field(default_factory=dict)


def check_break_start(session: ActiveSession, event: SessionEvent) -> None:
    """Check an adBreakStart."""
    state = session.state(AdState)
    state.break_playhead_s = event.playhead_s
    state.break_number = event.number
    state.ads = state.same_positions = 0
    state.position = state.ended_ms = state.length_s = None
    state.is_flagged_open = False
    index = event.number_at("media.ad.podIndex")
    second = event.number_at("media.ad.podSecond")
    if index is not None and index < 0:
        session.flag(event, "break-index-negative", place='params["media.ad.podIndex"]', value=format_number(index))
    if second == -1:
        _flag_filler(session, event, "media.ad.podSecond", second)
    elif second is not None:
        _check_offset(session, event, second)
        if index is not None and index >= 0:
            _check_index(session, state, event, index, second)


def _check_offset(session: ActiveSession, event: SessionEvent, second: float) -> None:
    at_s = event.playhead_s
    if at_s is None or session.is_live or abs(second - at_s) <= _TOLERANCE_S or playhead.is_unreliable(session):
        return
    if second == 0 and not session.has_played:  # the pre-roll of a session that resumes
        return
    values = {"value": format_number(second), "playhead": format_number(at_s)}
    session.flag(event, "break-offset", place='params["media.ad.podSecond"]', **values)


def _check_index(session: ActiveSession, state: AdState, event: SessionEvent, index: float, second: float) -> None:
    first = state.breaks.setdefault(index, second) if len(state.breaks) < _MAX_BREAKS else second
    if abs(first - second) > _TOLERANCE_S and not session.is_live:
        values = {"value": format_number(index), "first": format_number(first), "second": format_number(second)}
        session.flag(event, "break-index-repeats", values["value"], place='params["media.ad.podIndex"]', **values)


def check_ad_start(session: ActiveSession, event: SessionEvent) -> None:
    """Check an adStart."""
    state = session.state(AdState)
    if event.in_break and state.ended_ms is not None and event.ts_ms - state.ended_ms > _MAX_GAP_MS:
        session.flag(event, "gap-between-ads", gap=event.ts_ms - state.ended_ms)
    state.ads += 1
    state.started_ts_ms, state.started_at_ms = event.ts_ms, event.at_ms
    state.was_interrupted = False
    state.ended_ms = None
    state.length_s = _valid_length(session, event)
    if event.in_break:
        _check_position(session, state, event)
    else:
        state.break_playhead_s = event.playhead_s
    if "media.ad.podFriendlyName" in event.params:
        session.flag(event, "pod-name-on-ad", place='params["media.ad.podFriendlyName"]')


def _valid_length(session: ActiveSession, event: SessionEvent) -> float | None:
    """Return the length of an ad in seconds; flag an invalid one and return None."""
    length_s = event.number_at("media.ad.length")
    place = 'params["media.ad.length"]'
    if length_s is None or 0 < length_s < _MAX_LENGTH_S:
        return length_s
    value = format_number(length_s)
    if length_s == -1:
        _flag_filler(session, event, "media.ad.length", length_s)
    elif length_s <= 0:
        session.flag(event, "ad-length-zero", place=place, value=value)
    else:
        session.flag(event, "ad-length-milliseconds", place=place, value=value, meant=format_seconds(length_s))
    return None


def _check_position(session: ActiveSession, state: AdState, event: SessionEvent) -> None:
    position = event.number_at("media.ad.podPosition")
    if position is None:
        return
    place, value = 'params["media.ad.podPosition"]', format_number(position)
    before = state.position
    state.same_positions = state.same_positions + 1 if position == before else 1
    state.position = position
    if position == -1:
        _flag_filler(session, event, "media.ad.podPosition", position)
    elif position < 1:
        session.flag(event, "ad-position-zero", place=place, value=value)
    if before is not None and position < before:
        session.flag(event, "ad-position-order", place=place, value=value, previous=format_number(before))
    elif state.same_positions == _MAX_SAME_POSITIONS:
        session.flag(event, "ad-position-order", variant="same", place=place, value=value)


def on_interruption(session: ActiveSession, event: SessionEvent) -> None:
    """Note a pause or buffering, which makes an ad take longer than its length."""
    if event.in_ad:
        session.state(AdState).was_interrupted = True


def check_ad_end(session: ActiveSession, event: SessionEvent) -> None:
    """Check an adComplete or adSkip."""
    state = session.state(AdState)
    state.ended_ms = event.ts_ms
    if not event.in_break:
        session.can_compare_playhead = False
    length_s = state.length_s
    if event.type != "adComplete" or not event.in_ad or state.was_interrupted or length_s is None:
        return
    played_s = (event.ts_ms - state.started_ts_ms) / 1000
    passed_s = (event.at_ms - state.started_at_ms) / 1000
    max_s = max(_TOLERANCE_S, length_s / 4)
    if abs(played_s - length_s) > max_s and (session.is_downloaded or abs(passed_s - length_s) > max_s):
        session.flag(event, "ad-length-differs", played=format_number(played_s), length=format_number(length_s))


def check_break_end(session: ActiveSession, event: SessionEvent) -> None:
    """Check an adBreakComplete."""
    state = session.state(AdState)
    if event.in_break and not state.ads:
        session.flag(event, "empty-break")
    session.awaits_play = event.in_break and session.has_played
    session.can_compare_playhead = False
    state.ended_ms = None
    state.break_playhead_s = None


def check_playhead(session: ActiveSession, event: SessionEvent, playhead_s: float) -> None:
    """Check the playhead during an ad or a break, where it must not move."""
    state = session.state(AdState)
    before_s = state.break_playhead_s
    if before_s is None:
        state.break_playhead_s = playhead_s
        return
    head = session.state(playhead.PlayheadState)
    has_moved = abs(playhead_s - before_s) > _TOLERANCE_S
    if not has_moved or session.is_live or head.is_wrong or event.type == "adBreakComplete":
        return
    max_ms = ((state.length_s or 0) + _LATE_S) * 1000
    if head.counts_ads or (event.in_ad and event.ts_ms - state.started_ts_ms <= max_ms):
        head.counts_ads = True
        session.flag(event, "playhead-moves-in-ad", before=format_number(before_s), value=format_number(playhead_s))
    elif not state.is_flagged_open:
        state.is_flagged_open = True
        rule = "ad-not-closed" if event.in_ad else "break-not-closed"
        finding = session.flag(event, rule, event=printable(event.type))
        if finding is not None and not event.in_ad:  # the content plays, so play was not sent between two ads
            finding.spans.append((state.break_number, event.number))


def _flag_filler(session: ActiveSession, event: SessionEvent, key: str, value: float) -> None:
    session.flag(event, "number-filler", key=key, place=f'params["{key}"]', key_name=key, value=format_number(value))
