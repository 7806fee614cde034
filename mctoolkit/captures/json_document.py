"""One JSON document of any size: a HAR, a list of bodies or entries, or a single body."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mctoolkit._core import json_io
from mctoolkit._core.errors import InputError
from mctoolkit._core.messages import gettext as _
from mctoolkit._core.messages import ngettext
from mctoolkit.captures.detect import Stream
from mctoolkit.captures.har import UnparseableEntry, call_of_entry, entry_of
from mctoolkit.captures.json_stream import LONGEST_ENTRY, JsonArrayStream
from mctoolkit.captures.ndjson import call_of_value
from mctoolkit.captures.stats import CaptureStats
from mctoolkit.models.captured_request import CapturedRequest

__all__ = ["calls_of_document"]

_URL = re.compile(rb'"url"\s*:\s*"([^"]*)')
_OF_INTEREST = re.compile(rb"omtrdc|sessions|downloaded|va\\?/v1")


def calls_of_document(stream: Stream, tally: CaptureStats, source: str, name: str) -> Iterator[CapturedRequest]:
    """Go through the calls of a document in its own order; everything else is counted.

    Raises
    ------
    InputError
        It is JSON, but neither a HAR nor a list nor a body of the API.
    """
    cutter = JsonArrayStream(stream)
    position = 0
    for position, data in enumerate(cutter, 1):
        tally.requests += 1
        if not _may_be_call(data):
            tally.count_other("other")
            continue
        try:
            entry = entry_of(data)
            call = call_of_entry(entry, position, tally) if "request" in entry else call_of_value(entry, position)
        except UnparseableEntry as why:
            tally.note_unreadable(position, str(why), source)
            continue
        if position == 1 and call is not None and _is_downloaded(call):  # the list is one body, as it was sent
            tally.requests -= 1  # it is counted as a whole
            yield from _single(stream, tally, name)
            return
        if call is not None:
            yield call
    if not cutter.found:
        yield from _single(stream, tally, name)
    elif not cutter.ended:
        tally.damage.append(
            ngettext(
                "{name} is cut off at the end: {number:,} request is whole and was read.",
                "{name} is cut off at the end: {number:,} requests are whole and were read.",
                position,
            ).format(name=source or _("The file"), number=position)
        )


def _is_downloaded(call: CapturedRequest) -> bool:
    """Tell whether a bare body begins a session of downloaded content, whose events are sent as one list."""
    params = call.value.get("params") if isinstance(call.value, dict) and not call.url else None
    return isinstance(params, dict) and params.get("media.downloaded") is True


def _may_be_call(data: bytes) -> bool:
    """Tell quickly whether an element has an address of interest, or is no entry; most of a HAR is neither."""
    at = data.find(b'"url"')
    while at >= 0:
        found = _URL.match(data, at)
        if found is not None and _OF_INTEREST.search(found[1]):
            return True
        at = data.find(b'"url"', at + 1)
    return b'"request"' not in data


def _single(stream: Stream, tally: CaptureStats, name: str) -> Iterator[CapturedRequest]:
    """Take the whole document for one body, which may be written on many lines."""
    data = stream.head(LONGEST_ENTRY)
    value = json_io.read(data)
    if isinstance(value, json_io.NotJson):
        if value.reason == "end" or len(data) == LONGEST_ENTRY:
            raise InputError(
                _("{name} is cut off before its first request. Export the recording once more.").format(name=name)
            )
        raise InputError(
            _("{name} is no JSON: line {line}, column {column} is wrong. Export the recording once more.").format(
                name=name, line=value.line, column=value.column
            )
        )
    try:
        call = call_of_value(value, 1)
    except UnparseableEntry:
        call = None
    if call is None:
        raise InputError(
            _(
                "{name} is JSON, but no HAR and no message of the API. In Chrome: Network > the arrow "
                "down (Export HAR)."
            ).format(name=name)
        )
    tally.requests += 1
    yield call
