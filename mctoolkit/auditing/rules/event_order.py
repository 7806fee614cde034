"""Rules about order and nesting: what the state machine of the session finds, and play after an ad break."""

from __future__ import annotations

from typing import Final

from mctoolkit.auditing.active_session import ActiveSession
from mctoolkit.auditing.rules import playhead
from mctoolkit.auditing.rules.ads import AdState
from mctoolkit.auditing.rules.completion import CompletionState
from mctoolkit.auditing.session_event import SessionEvent, printable

__all__ = ["check_play_after_break", "flag_violations"]

_CONTENT_EVENTS: Final = frozenset(
    {"ping", "pauseStart", "bufferStart", "chapterStart", "chapterComplete", "chapterSkip"}
)
_BREAK_RULES: Final = frozenset(
    {"ad-not-closed", "ad-open-at-end", "break-not-closed", "break-open-at-end", "playback-between-ads"}
)
"""What follows if the content was seen to play on during a break."""

_NOT_CLOSED: Final = {
    "ad-open-at-end": "ad-not-closed",
    "break-open-at-end": "break-not-closed",
    "chapter-open-at-end": "chapter-not-closed",
}


def flag_violations(session: ActiveSession, event: SessionEvent, violations: tuple[str, ...]) -> None:
    """Flag the rules that an event violates by the state machine of its session."""
    for violation in violations:
        rule = _rule_of(session, event, violation)
        if rule is not None:
            name = printable(event.params.get("media.state.name", event.type))
            session.flag(event, rule, event=printable(event.type), value=name)


def _rule_of(session: ActiveSession, event: SessionEvent, violation: str) -> str | None:
    """Return the rule under which a violation is reported; None if it is a consequence of another one."""
    if violation in _BREAK_RULES and session.state(AdState).is_flagged_open:
        return None
    if violation == "play-before-preroll" and playhead.is_unreliable(session):
        return None
    if violation in _NOT_CLOSED and event.type == "sessionComplete":  # the content played to its end after the ad
        return _NOT_CLOSED[violation]
    if violation == "after-complete":
        completion = session.state(CompletionState)
        if completion.is_replayed:
            return None
        if event.type == "play" and _is_replay(completion, event):
            completion.is_replayed = True
            return "two-viewings"
    return violation


def _is_replay(completion: CompletionState, event: SessionEvent) -> bool:
    ended_s, now_s = completion.completed_s, event.playhead_s
    return ended_s is not None and now_s is not None and now_s < ended_s / 2


def check_play_after_break(session: ActiveSession, event: SessionEvent) -> None:
    """Look for the play that is due after an ad break."""
    if event.type in _CONTENT_EVENTS:
        session.awaits_play = False
        session.flag(event, "no-play-after-break")
    elif event.type in ("play", "adBreakStart", "sessionComplete", "sessionEnd"):
        session.awaits_play = False
