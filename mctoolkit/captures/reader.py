"""Open captures of any kind as one stream of requests."""

from __future__ import annotations

import glob
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import Any

from mctoolkit._core import json_io
from mctoolkit._core.errors import InputError, UsageError
from mctoolkit._core.html import shorten
from mctoolkit._core.messages import gettext as _
from mctoolkit.captures.curl import parse_curl_commands
from mctoolkit.captures.detect import CaptureStream, detect_format
from mctoolkit.captures.har import UnparseableEntry, parse_url
from mctoolkit.captures.json_document import parse_json_document
from mctoolkit.captures.ndjson import parse_ndjson, parse_value
from mctoolkit.captures.ordering import SessionMatcher, sort_by_time
from mctoolkit.captures.stats import CaptureStats
from mctoolkit.models.captured_request import CapturedRequest
from mctoolkit.models.event import Event
from mctoolkit.models.exchange import Exchange, Request, Response
from mctoolkit.spec.paths import endpoint_of, session_id_of_response

__all__ = ["Capture", "read_requests"]

_SUFFIXES = (".har", ".json", ".ndjson", ".jsonl", ".log", ".txt", ".curl", ".sh")
"""The suffixes of the files in a folder that are read; each also followed by ``.gz``."""

_PAGE_SIZE = 500


@dataclass(frozen=True, slots=True)
class _Source:
    """One file, text, journal, sandbox or list: its display name and a function that yields its requests."""

    name: str
    read: Callable[[CaptureStats, str], Iterator[CapturedRequest]]
    path: Path | None = None


class Capture:
    """The requests of one or more captures. Each iteration reads them again and holds only a window of them.

    Requests come in the order of sending, source by source; see
    :class:`mctoolkit.models.captured_request.CapturedRequest`. ``stats`` counts everything else, and ``advice`` lists
    what cannot be audited. Both are complete at the end of an iteration.

    Attributes
    ----------
    stats : CaptureStats
        The counts of the last iteration.
    names : tuple of str
        The display names of the sources.
    paths : tuple of Path
        The files among them.

    Examples
    --------
    >>> capture = read_requests('{"eventType": "ping", "playerTime": {"playhead": 0, "ts": 1509045334153}}')
    >>> [request.event_type for request in capture], capture.stats.api_requests, capture.advice
    (['ping'], 1, ())
    """

    def __init__(self, sources: Iterable[_Source]) -> None:
        self._sources = tuple(sources)
        self.names = tuple(source.name for source in self._sources)
        self.paths = tuple(source.path for source in self._sources if source.path is not None)
        self.stats = CaptureStats(files=len(self.paths))

    @property
    def advice(self) -> tuple[str, ...]:
        """What cannot be audited, each with the next step; see :attr:`CaptureStats.advice`."""
        return self.stats.advice

    def __iter__(self) -> Iterator[CapturedRequest]:
        stats = self.stats = CaptureStats(files=len(self.paths))
        matcher = SessionMatcher(stats)
        has_several = len(self._sources) > 1
        for source in self._sources:
            name = source.name if has_several else ""
            try:
                yield from matcher.assign(sort_by_time(source.read(stats, name)), name)
            except InputError as error:
                if not has_several:
                    raise
                stats.damage.append(str(error))
                stats.unreadable_files += 1
        if stats.unreadable_files and stats.unreadable_files == len(self._sources):
            raise InputError("\n".join(stats.damage))

    def __repr__(self) -> str:
        return f"Capture({', '.join(self.names)})"


def read_requests(*origins: object) -> Capture:
    """Open one or more captures.

    Parameters
    ----------
    *origins : path, str, bytes, Journal, Sandbox, or a list of Exchange, CapturedRequest, Event or dict
        A path to a HAR, to a log with one JSON object per line (see :mod:`mctoolkit.captures.ndjson`), or to curl
        commands, each optionally compressed with gzip; to a folder of such files; or a pattern with ``*``. Text that
        is not a path is parsed as the contents of such a file. Several captures are read one after another.

    Returns
    -------
    Capture
        Iterate over it for the requests.

    Raises
    ------
    InputError
        There is no such file, or its format is not supported; the message has the next step. Of several files the
        others are read, and the message is in :attr:`Capture.advice`; iterating raises if none can be read.
    UsageError
        There is no argument, or one of another type.

    Examples
    --------
    >>> for request in read_requests([{"eventType": "play", "playerTime": {"playhead": 0, "ts": 1509045334153}}]):
    ...     print(request.number, request.endpoint, request.event_type)
    1 events play
    """
    if len(origins) == 1 and isinstance(origins[0], Capture):
        return origins[0]
    sources = [source for origin in origins for source in _sources(origin)]
    if not sources:
        raise UsageError(_("No capture given. Pass a file, a folder, a Journal, a Sandbox or a list of requests."))
    if len(sources) == 1 and sources[0].path is not None:
        detect_format(CaptureStream(sources[0].path), sources[0].name)  # raises now, not at the first request
    return Capture(sources)


def _sources(origin: object) -> Iterator[_Source]:
    if isinstance(origin, bytes | bytearray):
        yield _text_source(bytes(origin))
    elif isinstance(origin, str) and _is_text(origin):
        yield _text_source(origin.encode("utf-8", "surrogatepass"))
    elif isinstance(origin, str | Path):
        yield from _path_sources(origin)
    elif isinstance(origin, Mapping | Exchange | Event | CapturedRequest):
        yield _Source(type(origin).__name__, partial(_read_list, [origin]))
    elif hasattr(origin, "entries") and hasattr(origin, "recheck"):
        yield _Source(repr(origin), partial(_read_journal, origin))
    elif hasattr(origin, "log") and hasattr(origin, "faults"):
        yield _Source(repr(origin), partial(_read_sandbox, origin))
    elif hasattr(origin, "exchanges"):
        yield _Source(repr(origin), partial(_read_exchanges, origin))
    elif isinstance(origin, Iterable):
        items = list(origin)
        if items and all(isinstance(item, str | Path) for item in items):
            for item in items:
                yield from _sources(item)
        elif items:
            yield _Source(f"list of {len(items)}", partial(_read_list, items))
    else:
        raise UsageError(
            _(
                "Cannot read a capture from {kind}. Pass a file, a folder, text, a Journal, a Sandbox or a list of "
                "requests."
            ).format(kind=type(origin).__name__)
        )


def _is_text(origin: str) -> bool:
    start = origin.lstrip()[:1]
    return start in ("{", "[") or "\n" in origin.strip() or origin.lstrip().startswith("curl ") or not origin.strip()


def _text_source(data: bytes) -> _Source:
    name = _("the text")
    return _Source(name, partial(_read_stream, CaptureStream(data), name))


def _path_sources(origin: str | Path) -> Iterator[_Source]:
    path = Path(origin)
    try:
        path.lstat()
    except FileNotFoundError:
        pass
    except (OSError, ValueError) as error:  # an invalid file name, or a folder without read permission
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(
            _("Cannot read {path}: {reason}.").format(path=shorten(str(origin), 80), reason=reason)
        ) from None
    if path.is_dir():
        yield from _folder_sources(path)
        return
    if not path.exists():
        if glob.has_magic(str(origin)):
            files = sorted(Path(file) for file in glob.glob(str(origin)))  # noqa: PTH207  Path.glob rejects absolute patterns
            if not files:
                raise InputError(_("No file matches {path}.").format(path=origin))
            yield from map(_file_source, files)
            return
        siblings = [file.name for file in path.parent.iterdir()] if path.parent.is_dir() else []
        nearest = get_close_matches(path.name, siblings, n=1)
        if nearest:
            raise InputError(
                _("There is no file {path}. Did you mean {nearest}?").format(
                    path=origin, nearest=path.with_name(nearest[0])
                )
            )
        raise InputError(_("There is no file {path}.").format(path=origin))
    yield _file_source(path)


def _folder_sources(path: Path) -> Iterator[_Source]:
    try:
        files = sorted(file for file in path.iterdir() if file.name.lower().removesuffix(".gz").endswith(_SUFFIXES))
    except OSError as error:
        raise InputError(_("Cannot read {path}: {reason}.").format(path=path, reason=error.strerror)) from None
    if not files:
        raise InputError(
            _("There is no capture in the folder {path}. Copy a .har file into it and try again.").format(path=path)
        )
    yield from map(_file_source, files)


def _file_source(path: Path) -> _Source:
    return _Source(path.name, partial(_read_stream, CaptureStream(path), path.name), path)


def _read_stream(stream: CaptureStream, name: str, stats: CaptureStats, source: str) -> Iterator[CapturedRequest]:
    capture_format = detect_format(stream, name)
    if capture_format == "lines":
        return parse_ndjson(stream, stats, source)
    if capture_format == "curl":
        return parse_curl_commands(stream, stats, source)
    return parse_json_document(stream, stats, source, name)


def _read_journal(journal: Any, stats: CaptureStats, source: str) -> Iterator[CapturedRequest]:
    newest = journal.entries(1)
    last = newest[0].number if newest else 0
    for after in range(0, last, _PAGE_SIZE):
        for entry in journal.entries(None, after=after, before=after + _PAGE_SIZE + 1):
            stats.requests += 1
            yield _from_exchange(entry.exchange, entry.number)


def _read_sandbox(sandbox: Any, stats: CaptureStats, source: str) -> Iterator[CapturedRequest]:
    for entry in sandbox.log.entries:
        stats.requests += 1
        yield _from_parts(entry.number, entry.request, entry.response, entry.at_ms, entry.elapsed_ms)


def _read_exchanges(origin: Any, stats: CaptureStats, source: str) -> Iterator[CapturedRequest]:
    yield from _read_list(list(origin.exchanges), stats, source)


def _read_list(items: Iterable[object], stats: CaptureStats, source: str) -> Iterator[CapturedRequest]:
    for number, item in enumerate(items, 1):
        stats.requests += 1
        if isinstance(item, Exchange):
            yield _from_exchange(item, number)
        elif isinstance(item, CapturedRequest):
            yield item
        else:
            value = item.value if isinstance(item, Event) else item
            try:
                request = parse_value(dict(value) if isinstance(value, Mapping) else value, number)
            except UnparseableEntry as error:
                stats.note_unreadable(number, str(error), source)
                continue
            if request is not None:
                yield request


def _from_exchange(exchange: Exchange, number: int) -> CapturedRequest:
    return _from_parts(number, exchange.request, exchange.response, exchange.sent_at_ms, exchange.elapsed_ms)


def _from_parts(
    number: int, request: Request, response: Response | None, at_ms: int, elapsed_ms: float
) -> CapturedRequest:
    address = parse_url(request.url, request.method)
    endpoint, session_id = endpoint_of(request.path.partition("?")[0])
    if session_id is None and response is not None:
        session_id = session_id_of_response(response.status, response.header("Location"))
    return CapturedRequest(
        number,
        endpoint,
        json_io.read(request.body),
        request.body,
        at_ms,
        session_id,
        status=response.status if response else None,
        without_response=response is None,
        host=address.host,
        url=request.url,
        secure=address.secure,
        method=request.method,
        elapsed_ms=elapsed_ms,
        request_headers=request.headers,
        response_headers=response.headers if response else (),
        response_body=response.body if response else b"",
    )
