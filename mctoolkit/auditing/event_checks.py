"""Check one event of an open session against the session rules, in the order of time stamps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from mctoolkit.auditing.active_session import ActiveSession
from mctoolkit.auditing.rules import ads, chapters, completion, event_order, pings, playhead, quality, timestamps
from mctoolkit.auditing.rules.playhead import PlayheadState
from mctoolkit.auditing.session_event import SessionEvent
from mctoolkit.validation.hints import LONGEST_S

__all__ = ["check_event", "check_start", "player_of"]

_CLOSED: Final = ("after-close",)
_DAY_MS: Final = 86_400_000


def check_start(session: ActiveSession, event: SessionEvent) -> None:
    """Check a sessionStart, and take from it what describes the content of its session."""
    params, report = event.params, session.report
    report.media_id = _text(params.get("media.id"))
    report.player = player_of(event)
    kind = params.get("media.contentType")
    session.is_live = type(kind) is str and kind.casefold() in ("live", "linear")
    length_s = event.number_at("media.length")
    if length_s is not None and 0 < length_s <= LONGEST_S:
        session.length_s = length_s
        if not session.is_live:
            session.max_playhead_s = length_s + playhead.TOLERANCE_S
    session.number = event.number
    if event.playhead_s is not None and not 0 <= event.playhead_s <= session.max_playhead_s:
        playhead.check_range(session, event, event.playhead_s)
    if event.quality:
        quality.check_quality(session, event, event.quality)


def player_of(event: SessionEvent) -> str:
    """Return the name of the player that a sessionStart reports; empty if it has none."""
    return _text(event.params.get("media.playerName"))


def check_event(session: ActiveSession, event: SessionEvent) -> None:
    """Check an event against the events before it; it becomes the previous event of its session."""
    machine = session.machine
    event_type, playhead_s, ts_ms, at_ms = event.type, event.playhead_s, event.ts_ms, event.at_ms
    event.playback, event.in_break, event.in_ad = machine.playback, machine.in_break, machine.in_ad
    was_completed = machine.completed
    violations = machine.apply_parsed(event_type, playhead_s, event.body, 0 if session.is_downloaded else at_ms)
    if violations == _CLOSED:
        timestamps.flag_after_closing(session.report, event, machine.closing(at_ms))
        return
    if session.has_previous:
        _check_time(session, event, was_completed)
    session.has_previous = True
    if playhead_s is not None:
        _check_playhead(session, event, playhead_s)
    if violations:
        event_order.flag_violations(session, event, violations)
    if session.awaits_play:
        event_order.check_play_after_break(session, event)
    if event_type == "ping":
        session.pings += 1
    else:
        check = _CHECKS.get(event_type)
        if check is not None:
            check(session, event)
    found = event.body.get("qoeData")
    if found and type(found) is dict:
        quality.check_quality(session, event, found)
    session.ts_ms, session.type, session.number = ts_ms, event_type, event.number
    if at_ms > session.at_ms:
        session.at_ms = at_ms


def _check_time(session: ActiveSession, event: SessionEvent, was_completed: bool) -> None:
    grown_ms, passed_ms = event.ts_ms - session.ts_ms, event.at_ms - session.at_ms
    event.min_elapsed_ms, event.max_elapsed_ms = (
        (grown_ms, passed_ms) if grown_ms < passed_ms else (passed_ms, grown_ms)
    )
    if (grown_ms == 0 and not session.ts_in_seconds) or grown_ms - passed_ms > 1000 or grown_ms < 0:
        timestamps.check_order(session, event, grown_ms, passed_ms)
    gap_ms = event.min_elapsed_ms
    if not was_completed and (gap_ms > pings.MAX_GAP_MS or (event.in_ad and gap_ms > pings.MAX_AD_GAP_MS)):
        pings.check_gap(session, event)
    if event.ts_ms - session.started_ts_ms > _DAY_MS:
        timestamps.flag_duration(session, event)


def _check_playhead(session: ActiveSession, event: SessionEvent, playhead_s: float) -> None:
    state = session.state(PlayheadState)
    if not 0 <= playhead_s <= session.max_playhead_s:
        playhead.check_range(session, event, playhead_s)
    if event.in_break or event.in_ad:
        ads.check_playhead(session, event, playhead_s)
    else:
        playhead.check_movement(session, state, event, playhead_s)
    session.playhead_s = playhead_s
    session.can_compare_playhead = not state.is_wrong


def _on_play(session: ActiveSession, event: SessionEvent) -> None:
    session.has_played = True
    playhead.on_playback_change(session)


def _on_halt(session: ActiveSession, event: SessionEvent) -> None:
    playhead.on_playback_change(session)
    ads.on_interruption(session, event)


def _on_error(session: ActiveSession, event: SessionEvent) -> None:
    playhead.on_error(session)
    quality.check_error(session, event)


def _text(found: object) -> str:
    return found if type(found) is str else ""


_CHECKS: Final[dict[str, Callable[[ActiveSession, SessionEvent], None]]] = {
    "play": _on_play,
    "pauseStart": _on_halt,
    "bufferStart": _on_halt,
    "error": _on_error,
    "bitrateChange": quality.check_bitrate_change,
    "adBreakStart": ads.check_break_start,
    "adStart": ads.check_ad_start,
    "adComplete": ads.check_ad_end,
    "adSkip": ads.check_ad_end,
    "adBreakComplete": ads.check_break_end,
    "chapterStart": chapters.check_start,
    "sessionComplete": completion.check_complete,
}
