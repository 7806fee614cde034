"""Chapters: their numbers, offsets and lengths."""

from __future__ import annotations

from typing import Final

from mctoolkit.auditing.active_session import ActiveSession
from mctoolkit.auditing.session_event import SessionEvent, plain

__all__ = ["begin"]

_TOLERANCE_S: Final = 2
_MOST_CHAPTERS: Final = 500


def begin(watched: ActiveSession, step: SessionEvent) -> None:
    """Look at a chapterStart."""
    offset, length = step.number_at("media.chapter.offset"), step.number_at("media.chapter.length")
    if length is not None and length <= 0:
        place = 'params["media.chapter.length"]'
        if length == -1:
            values = {"key_name": "media.chapter.length", "value": plain(length)}
            watched.note(step, "number-filler", key="media.chapter.length", place=place, **values)
        else:
            watched.note(step, "chapter-length-zero", place=place, value=plain(length))
        return
    if offset is None or length is None:
        return
    end = offset + length
    if watched.length_s is not None and not watched.live and end > watched.length_s + _TOLERANCE_S:
        watched.note(step, "chapter-beyond-end", end=plain(end), length=plain(watched.length_s))
    elif _is_elsewhere(watched, step, offset, end):
        values = {"offset": plain(offset), "end": plain(end), "playhead": plain(step.playhead_s or 0)}
        watched.note(step, "chapter-offset", **values)
    index = step.number_at("media.chapter.index")
    if index is not None:
        _compare(watched, step, index, offset, length)


def _is_elsewhere(watched: ActiveSession, step: SessionEvent, offset: float, end: float) -> bool:
    at_s = step.playhead_s
    if at_s is None or watched.live or watched.has_odd_playhead:
        return False
    return not offset - _TOLERANCE_S <= at_s <= end + _TOLERANCE_S


def _compare(watched: ActiveSession, step: SessionEvent, index: float, offset: float, length: float) -> None:
    if watched.chapters is None:
        watched.chapters = {}
    known = watched.chapters
    before = known.get(index)
    if before is not None:
        if abs(before[0] - offset) > _TOLERANCE_S or abs(before[1] - length) > _TOLERANCE_S:
            watched.note(step, "chapter-inconsistent", key=plain(index), value=plain(index))
        return
    for other, (begin_s, length_s) in known.items():
        if min(offset + length, begin_s + length_s) - max(offset, begin_s) > _TOLERANCE_S:
            values = {"value": plain(index), "offset": plain(offset), "length": plain(length), "other": plain(other)}
            watched.note(step, "chapters-overlap", **values)
            break
    if len(known) < _MOST_CHAPTERS:
        known[index] = (offset, length)
