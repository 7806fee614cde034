"""Parse one JSON document of any size: a HAR, a list of bodies or entries, or a single body."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mctoolkit._core import json_io
from mctoolkit._core.errors import InputError
from mctoolkit._core.messages import gettext as _
from mctoolkit.captures.detect import CaptureStream, not_readable
from mctoolkit.captures.har import UnparseableEntry, load_entry, parse_entry
from mctoolkit.captures.json_stream import MAX_ELEMENT_BYTES, JsonArrayStream
from mctoolkit.captures.ndjson import parse_value
from mctoolkit.captures.stats import CaptureStats
from mctoolkit.models.captured_request import CapturedRequest

__all__ = ["parse_json_document"]

_URL = re.compile(rb'"url"\s*:\s*"([^"]*)')
_RELEVANT_URL = re.compile(rb"omtrdc|sessions|downloaded|va\\?/v1")


def parse_json_document(
    stream: CaptureStream, stats: CaptureStats, source: str, name: str
) -> Iterator[CapturedRequest]:
    """Yield the API requests of a document in their order; all other entries are only counted.

    Raises
    ------
    InputError
        It is not JSON, or neither a HAR nor a list nor a body of the API.

    Examples
    --------
    >>> data = b'[{"eventType": "ping", "playerTime": {"playhead": 0, "ts": 1509045334153}}]'
    >>> [request.event_type for request in parse_json_document(CaptureStream(data), CaptureStats(), "", "the text")]
    ['ping']
    """
    elements = JsonArrayStream(stream)
    position = 0
    for position, data in enumerate(elements, 1):
        stats.requests += 1
        if not _may_be_request(data):
            stats.count_other("other")
            continue
        try:
            entry = load_entry(data)
            request = parse_entry(entry, position, stats) if "request" in entry else parse_value(entry, position)
        except UnparseableEntry as error:
            stats.note_unreadable(position, str(error), source)
            continue
        if position == 1 and request is not None and _starts_downloaded_session(request):  # the list is one body
            stats.requests -= 1  # _parse_single counts the list
            yield from _parse_single(stream, stats, name)
            return
        if request is not None:
            yield request
    if not elements.has_array:
        yield from _parse_single(stream, stats, name)
    elif not elements.is_complete:
        stats.note_cut_off(source, position)


def _starts_downloaded_session(request: CapturedRequest) -> bool:
    """Return whether a bare body starts a session of downloaded content, whose events are sent as one list."""
    params = request.value.get("params") if isinstance(request.value, dict) and not request.url else None
    return isinstance(params, dict) and params.get("media.downloaded") is True


def _may_be_request(data: bytes) -> bool:
    """Return quickly whether an element has a relevant URL or is not an entry; most entries of a HAR are neither."""
    start = data.find(b'"url"')
    while start >= 0:
        match = _URL.match(data, start)
        if match is not None and _RELEVANT_URL.search(match[1]):
            return True
        start = data.find(b'"url"', start + 1)
    return b'"request"' not in data


def _parse_single(stream: CaptureStream, stats: CaptureStats, name: str) -> Iterator[CapturedRequest]:
    """Parse the whole document as one body, which can have many lines."""
    data = stream.read_start(MAX_ELEMENT_BYTES)
    value = json_io.read(data)
    if isinstance(value, json_io.NotJson):
        if value.reason == "end" or len(data) == MAX_ELEMENT_BYTES:
            raise not_readable("cut_short", name)
        raise InputError(
            _("{name} is not valid JSON: line {line}, column {column}. Export the recording again.").format(
                name=name, line=value.line, column=value.column
            )
        )
    try:
        request = parse_value(value, 1)
    except UnparseableEntry:
        request = None
    if request is None:
        raise not_readable("not_har", name)
    stats.requests += 1
    yield request
