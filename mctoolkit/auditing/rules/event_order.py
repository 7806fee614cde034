"""Order and nesting: what the machine of a session finds, put into words; and play where it is due."""

from __future__ import annotations

from mctoolkit.auditing.active_session import ActiveSession
from mctoolkit.auditing.session_event import SessionEvent, shown

__all__ = ["awaits_play", "slips"]

_MOVES_ON = frozenset({"ping", "pauseStart", "bufferStart", "chapterStart", "chapterComplete", "chapterSkip"})
_OF_THIS_BREAK = frozenset(
    {"ad-not-closed", "ad-open-at-end", "break-not-closed", "break-open-at-end", "playback-between-ads"}
)
"""What follows when the programme was seen to run on in a break."""

_NEVER_CLOSED = {
    "ad-open-at-end": "ad-not-closed",
    "break-open-at-end": "break-not-closed",
    "chapter-open-at-end": "chapter-not-closed",
}


def slips(watched: ActiveSession, step: SessionEvent, found: tuple[str, ...]) -> None:
    """Note what the machine found out of order."""
    for slip in found:
        rule = slip
        if slip in _OF_THIS_BREAK and watched.open_blamed:
            continue
        if slip == "play-before-preroll" and watched.has_odd_playhead:  # nobody knows where the programme stands
            continue
        if slip in _NEVER_CLOSED:
            if step.kind == "sessionComplete":  # the programme went on to its end: nobody left in the middle
                rule = _NEVER_CLOSED[slip]
        elif slip == "after-complete" and watched.record.cause("two-viewings"):
            continue
        elif slip == "after-complete" and step.kind == "play" and _begins_anew(watched, step):
            rule = "two-viewings"
        watched.note(step, rule, event=shown(step.kind), value=_state_name(step))


def _begins_anew(watched: ActiveSession, step: SessionEvent) -> bool:
    ended_s, now_s = watched.completed_s, step.playhead_s
    return ended_s is not None and now_s is not None and now_s < ended_s / 2


def _state_name(step: SessionEvent) -> str:
    return shown(step.params.get("media.state.name", step.kind))


def awaits_play(watched: ActiveSession, step: SessionEvent) -> None:
    """Look for the play that is due after an ad break."""
    if step.kind in _MOVES_ON:
        watched.awaits_play = False
        watched.note(step, "no-play-after-break")
    elif step.kind in ("play", "adBreakStart", "sessionComplete", "sessionEnd"):
        watched.awaits_play = False
