"""Rules about chapters: their numbers, offsets and lengths."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from mctoolkit.auditing.active_session import ActiveSession
from mctoolkit.auditing.rules import playhead
from mctoolkit.auditing.session_event import SessionEvent, format_number

__all__ = ["ChapterState", "check_start"]

_TOLERANCE_S: Final = 2
_MAX_CHAPTERS: Final = 500


@dataclass(slots=True)
class ChapterState:
    """The chapters of a session: offset and length in seconds, by index."""

    chapters: dict[float, tuple[float, float]] = field(default_factory=dict)


def check_start(session: ActiveSession, event: SessionEvent) -> None:
    """Check a chapterStart."""
    offset_s, length_s = event.number_at("media.chapter.offset"), event.number_at("media.chapter.length")
    if length_s is not None and length_s <= 0:
        key, value = "media.chapter.length", format_number(length_s)
        if length_s == -1:
            session.flag(event, "number-filler", key=key, place=f'params["{key}"]', key_name=key, value=value)
        else:
            session.flag(event, "chapter-length-zero", place=f'params["{key}"]', value=value)
        return
    if offset_s is None or length_s is None:
        return
    end_s = offset_s + length_s
    if session.length_s is not None and not session.is_live and end_s > session.length_s + _TOLERANCE_S:
        values = {"end": format_number(end_s), "length": format_number(session.length_s)}
        session.flag(event, "chapter-beyond-end", **values)
    else:
        _check_offset(session, event, offset_s, end_s)
    index = event.number_at("media.chapter.index")
    if index is not None:
        _compare_with_others(session, event, index, offset_s, length_s)


def _check_offset(session: ActiveSession, event: SessionEvent, offset_s: float, end_s: float) -> None:
    at_s = event.playhead_s
    if at_s is None or session.is_live or playhead.is_unreliable(session):
        return
    if not offset_s - _TOLERANCE_S <= at_s <= end_s + _TOLERANCE_S:
        values = {"offset": format_number(offset_s), "end": format_number(end_s), "playhead": format_number(at_s)}
        session.flag(event, "chapter-offset", **values)


def _compare_with_others(
    session: ActiveSession, event: SessionEvent, index: float, offset_s: float, length_s: float
) -> None:
    chapters = session.state(ChapterState).chapters
    known = chapters.get(index)
    if known is not None:
        if abs(known[0] - offset_s) > _TOLERANCE_S or abs(known[1] - length_s) > _TOLERANCE_S:
            session.flag(event, "chapter-inconsistent", key=format_number(index), value=format_number(index))
        return
    for other, (other_offset_s, other_length_s) in chapters.items():
        shared_s = min(offset_s + length_s, other_offset_s + other_length_s) - max(offset_s, other_offset_s)
        if shared_s > _TOLERANCE_S:
            session.flag(
                event,
                "chapters-overlap",
                value=format_number(index),
                offset=format_number(offset_s),
                length=format_number(length_s),
                other=format_number(other),
            )
            break
    if len(chapters) < _MAX_CHAPTERS:
        chapters[index] = (offset_s, length_s)
