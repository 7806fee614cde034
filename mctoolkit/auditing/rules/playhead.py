"""Playhead: within the programme, in seconds, moving while it plays and only then."""

from __future__ import annotations

from typing import Final

from mctoolkit._core.clocks import DAY_S
from mctoolkit.auditing.active_session import ActiveSession
from mctoolkit.auditing.session_event import SessionEvent, plain, seconds, shown

__all__ = ["TOLERANCE_S", "move", "place", "settle"]

TOLERANCE_S: Final = 2
_LATE_S: Final = 5
"""When the playhead moves so long after an ad should have ended, the ad was not closed."""

_CLOCK: Final = 10**8
_STILL_MS: Final = 20_000
_FASTEST: Final = 2
"""Playing faster than this is a jump, unless it goes on at the same speed."""

_TELLING_MS: Final = 4_000
"""How long it takes until a speed can be told from a jump."""

_CREEPS: Final = 2
"""So many events in a row that move as if playing show that it plays."""


def place(watched: ActiveSession, step: SessionEvent, playhead_s: float) -> None:
    """Say what is wrong with a playhead that is out of range."""
    length_s = watched.length_s
    if watched.record.cause("playhead-moves-in-ad") and 0 <= playhead_s < DAY_S:
        return  # a playhead that counts ads goes beyond the length
    watched.odd_playhead = True
    watched.anchored = False
    value = plain(playhead_s)
    if playhead_s < 0:
        watched.note(step, "playhead-negative", value=value)
    elif playhead_s >= _CLOCK:
        watched.note(step, "playhead-clock", value=value)
    elif playhead_s >= 1000 and playhead_s / 1000 <= (length_s or DAY_S) + TOLERANCE_S and _is_fast(watched, step):
        _in_milliseconds(watched, step, playhead_s)
    elif watched.live:
        watched.note(step, "playhead-live", value=value)
    elif length_s is not None:
        watched.note(step, "playhead-beyond", value=value, length=plain(length_s))


def _in_milliseconds(watched: ActiveSession, step: SessionEvent, playhead_s: float) -> None:
    for consequence in ("playhead-jumps", "playhead-beyond", "playhead-live"):
        watched.record.drop(consequence)
    watched.note(step, "playhead-milliseconds", value=plain(playhead_s), meant=seconds(playhead_s))


def _is_fast(watched: ActiveSession, step: SessionEvent) -> bool:
    """Tell whether a playhead has come as far since the start as only milliseconds do."""
    if watched.record.cause("playhead-milliseconds"):
        return True
    begun_s = watched.state.first_playhead_s or 0
    passed_ms = step.ts_ms - watched.start_ms
    moved = (step.playhead_s or 0) - begun_s
    return moved > passed_ms / 20 if passed_ms > 0 else moved > 0


def move(watched: ActiveSession, step: SessionEvent, playhead_s: float) -> None:
    """Look at a playhead beside the one before it."""
    before_s = watched.playhead_s
    if step.in_break or step.in_ad:
        _in_break(watched, step, playhead_s)
        return
    if not watched.anchored or before_s is None or (watched.state.completed and watched.kind == "sessionComplete"):
        return
    moved_s = playhead_s - before_s
    playback = step.playback
    if playback == "playing":
        if moved_s == 0:
            _still(watched, step, playhead_s)
            return
        watched.still_ms = watched.still = 0
        watched.stuck = False
        most_s = _FASTEST * step.longest_ms / 1000 + TOLERANCE_S
        if moved_s > most_s or moved_s < -TOLERANCE_S:
            _jump(watched, step, before_s, playhead_s)
        elif watched.sped is not None and step.longest_ms >= _TELLING_MS:
            settle(watched)
        return
    if moved_s:
        watched.still_ms = watched.still = 0
        watched.stuck = False
    if step.kind != "ping":
        return
    if moved_s > TOLERANCE_S and moved_s * 2000 >= step.elapsed_ms and moved_s * 500 <= step.longest_ms:
        watched.crept += 1
        if watched.crept >= _CREEPS and playback == "starting":
            watched.ran = watched.ran or step
        elif watched.crept >= _CREEPS and not watched.live:  # there it is the time of day, which never pauses
            watched.note(step, "play-missing", state=playback)
    else:
        watched.crept = 0


def _still(watched: ActiveSession, step: SessionEvent, playhead_s: float) -> None:
    if step.kind == "error" or watched.error_since:
        return
    watched.still_ms += step.elapsed_ms
    watched.still += 1
    if watched.still_ms >= _STILL_MS and watched.still > 1 and not watched.state.completed:
        watched.stuck = True
        watched.note(step, "playhead-still", value=plain(playhead_s), still=seconds(watched.still_ms))


def _jump(watched: ActiveSession, step: SessionEvent, before_s: float, playhead_s: float) -> None:
    if watched.error_since or watched.odd_playhead or not step.longest_ms:
        return
    moved_s = playhead_s - before_s
    if watched.live and before_s - playhead_s > DAY_S - 3600:  # over midnight
        return
    speed = moved_s * 1000 / step.longest_ms
    if 500 <= speed <= 1500 and moved_s >= 1000:
        watched.odd_playhead = True
        _in_milliseconds(watched, step, playhead_s)
    elif not _FASTEST < speed <= 2 * _FASTEST:
        _note_jump(watched, step, before_s)
    elif not _is_like(speed, watched.speed):
        pending = watched.sped
        watched.sped = None
        if pending is not None and _is_like(speed, pending[0]):
            watched.speed = speed
            return
        if pending is not None:
            _note_jump(watched, pending[1], pending[2])
        watched.sped = (speed, step, before_s)


def _is_like(speed: float, other: float | None) -> bool:
    return other is not None and abs(speed - other) <= other / 4


def settle(watched: ActiveSession) -> None:
    """Note the jump that an event before must have been, for the programme did not go on as fast."""
    if watched.sped is not None:
        _, step, before_s = watched.sped
        watched.sped = None
        _note_jump(watched, step, before_s)


def _note_jump(watched: ActiveSession, step: SessionEvent, before_s: float) -> None:
    watched.note(
        step,
        "playhead-jumps",
        before=plain(before_s),
        value=plain(step.playhead_s or 0),
        elapsed=seconds(step.longest_ms),
    )


def _in_break(watched: ActiveSession, step: SessionEvent, playhead_s: float) -> None:
    """Look at the playhead in an ad break, where it stands still."""
    before_s = watched.break_playhead_s
    if before_s is None:
        watched.break_playhead_s = playhead_s
        return
    if (
        watched.live
        or abs(playhead_s - before_s) <= TOLERANCE_S
        or watched.odd_playhead
        or step.kind == "adBreakComplete"
    ):
        return
    length_s = watched.ad_length_s or 0
    if watched.record.cause("playhead-moves-in-ad"):  # it may go on between ads
        watched.note(step, "playhead-moves-in-ad")
    elif step.in_ad and step.ts_ms - watched.ad_started_ms <= (length_s + _LATE_S) * 1000:
        watched.note(step, "playhead-moves-in-ad", before=plain(before_s), value=plain(playhead_s))
    elif not watched.open_blamed:
        watched.open_blamed = True
        if not step.in_ad:  # the programme plays on: it was not between two ads
            watched.record.drop("playback-between-ads", since=watched.break_number)
        watched.note(step, "ad-not-closed" if step.in_ad else "break-not-closed", event=shown(step.kind))
