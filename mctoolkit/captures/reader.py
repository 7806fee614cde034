"""read_requests: anything that holds calls of the API, as one stream of them."""

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
from mctoolkit.captures.curl import calls_of_commands
from mctoolkit.captures.detect import Stream, kind_of
from mctoolkit.captures.har import UnparseableEntry, address_of
from mctoolkit.captures.json_document import calls_of_document
from mctoolkit.captures.ndjson import call_of_value, calls_of_lines
from mctoolkit.captures.ordering import Sessions, in_time_order
from mctoolkit.captures.stats import CaptureStats
from mctoolkit.models.captured_request import CapturedRequest
from mctoolkit.models.event import Event
from mctoolkit.models.exchange import Exchange, Request, Response
from mctoolkit.spec.paths import endpoint_of, session_id_of_response

__all__ = ["SUFFIXES", "Capture", "read_requests"]

SUFFIXES = (".har", ".json", ".ndjson", ".jsonl", ".log", ".txt", ".curl", ".sh")
"""Which files of a folder are captures; each also with ``.gz`` behind it."""

_PAGE = 500


@dataclass(frozen=True, slots=True)
class Source:
    """A place that calls come from: its name for people, and how to go through it."""

    name: str
    read: Callable[[CaptureStats, str], Iterator[CapturedRequest]]
    path: Path | None = None


class Capture:
    """What a capture holds: iterate for its calls; each pass reads anew and holds no more than a window of them.

    The calls come in the order of sending, source by source; see :class:`mctoolkit.models.captured_request.CapturedRequest` for what each knows.
    What is no call is counted in ``tally``, and ``advice`` says what cannot be judged. Both are whole when a pass has
    come to its end.

    Attributes
    ----------
    tally : CaptureStats
        The counts of the last pass.
    names : tuple of str
        What the sources are called.
    paths : tuple of Path
        The files among them.

    Examples
    --------
    >>> capture = Capture.of('{"eventType": "ping", "playerTime": {"playhead": 0, "ts": 1509045334153}}')
    >>> [call.event_type for call in capture], capture.tally.calls, capture.advice
    (['ping'], 1, ())
    """

    def __init__(self, sources: Iterable[Source]) -> None:
        self._sources = tuple(sources)
        self.names = tuple(source.name for source in self._sources)
        self.paths = tuple(source.path for source in self._sources if source.path is not None)
        self.tally = CaptureStats(files=len(self.paths))

    @classmethod
    def of(cls, *origins: object) -> Capture:
        """Open captures; the same as :func:`read_requests`."""
        return read_requests(*origins)

    @property
    def advice(self) -> tuple[str, ...]:
        """What cannot be judged and the next click, in plain words; after a pass."""
        return self.tally.advice

    def __iter__(self) -> Iterator[CapturedRequest]:
        tally = self.tally = CaptureStats(files=len(self.paths))
        sessions = Sessions(tally)
        several = len(self._sources) > 1
        refused: list[str] = []
        for source in self._sources:
            name = source.name if several else ""
            try:
                yield from sessions.of_source(in_time_order(source.read(tally, name)), name)
            except InputError as why:
                if not several:
                    raise
                refused.append(str(why))
                tally.damage.append(str(why))
                tally.refused += 1
        if refused and len(refused) == len(self._sources):
            raise InputError("\n".join(refused))

    def __repr__(self) -> str:
        return f"Capture({', '.join(self.names)})"


def read_requests(*origins: object) -> Capture:
    """Open one or more captures.

    Parameters
    ----------
    *origins : path, text, bytes, Journal, Sandbox, or a list of Exchange, Call, Event or dict
        A path to a HAR, to a log with one JSON object a line (see :mod:`mctoolkit.captures.ndjson`), to curl commands,
        each also packed with gzip; to a folder of these; or with ``*`` in its name. A text that is no path is read as
        the contents of such a file. Several, or a list of paths, are read one after another.

    Returns
    -------
    Capture
        Iterate it for the calls.

    Raises
    ------
    InputError
        There is no such file, or it is none that can be read; the message says what it is and the next click. Of
        several files the others are read, and the sentence stands in the tally; iterating raises when all fail.
    UsageError
        Nothing was handed over, or something else.

    Examples
    --------
    >>> for call in read_requests([{"eventType": "play", "playerTime": {"playhead": 0, "ts": 1509045334153}}]):
    ...     print(call.number, call.endpoint, call.event_type)
    1 events play
    """
    if len(origins) == 1 and isinstance(origins[0], Capture):
        return origins[0]
    sources = [source for origin in origins for source in _sources(origin)]
    if not sources:
        raise UsageError(_("Nothing was handed over: name a file, a folder, or pass a journal, a sandbox or a list."))
    if len(sources) == 1 and sources[0].path is not None:
        kind_of(Stream(sources[0].path), sources[0].name)  # a slip shows at once, not at the first call
    return Capture(sources)


def _sources(origin: object) -> Iterator[Source]:
    if isinstance(origin, bytes | bytearray):
        yield _of_contents(bytes(origin))
    elif isinstance(origin, str) and _is_text(origin):
        yield _of_contents(origin.encode("utf-8", "surrogatepass"))
    elif isinstance(origin, str | Path):
        yield from _of_path(origin)
    elif isinstance(origin, Mapping | Exchange | Event | CapturedRequest):
        yield Source(type(origin).__name__, partial(_calls_of_things, [origin]))
    elif hasattr(origin, "entries") and hasattr(origin, "recheck"):
        yield Source(repr(origin), partial(_calls_of_journal, origin))
    elif hasattr(origin, "seen"):
        yield Source(repr(origin), partial(_calls_of_sandbox, origin))
    elif hasattr(origin, "exchanges"):
        yield Source(repr(origin), partial(_calls_of_exchanges, origin))
    elif isinstance(origin, Iterable):
        things = list(origin)
        if things and all(isinstance(thing, str | Path) for thing in things):
            for thing in things:
                yield from _sources(thing)
        elif things:
            yield Source(f"list of {len(things)}", partial(_calls_of_things, things))
    else:
        raise UsageError(
            _(
                "a capture is a file, a folder, text, a Journal, a Sandbox, or a list of calls or "
                "bodies; this is a {kind}"
            ).format(kind=type(origin).__name__)
        )


def _is_text(origin: str) -> bool:
    start = origin.lstrip()[:1]
    return start in ("{", "[") or "\n" in origin.strip() or origin.lstrip().startswith("curl ") or not origin.strip()


def _of_contents(data: bytes) -> Source:
    name = _("the text")
    return Source(name, partial(_calls_of_stream, Stream(data), name))


def _of_path(origin: str | Path) -> Iterator[Source]:
    path = Path(origin)
    try:
        path.lstat()
    except FileNotFoundError:
        pass
    except (OSError, ValueError) as error:  # a name that no file can have, or a folder that is closed to us
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(
            _("{path} cannot be read: {reason}.").format(path=shorten(str(origin), 80), reason=reason)
        ) from None
    if path.is_dir():
        yield from _of_folder(path)
        return
    if not path.exists():
        if glob.has_magic(str(origin)):
            found = sorted(Path(each) for each in glob.glob(str(origin)))  # noqa: PTH207  also absolute patterns
            if not found:
                raise InputError(_("No file fits {path}.").format(path=origin))
            for each in found:
                yield _of_file(each)
            return
        beside = [each.name for each in path.parent.iterdir()] if path.parent.is_dir() else []
        near = get_close_matches(path.name, beside, n=1)
        if near:
            raise InputError(
                _("There is no file {path}. Did you mean {near}?").format(path=origin, near=path.with_name(near[0]))
            )
        raise InputError(_("There is no file {path}.").format(path=origin))
    yield _of_file(path)


def _of_folder(path: Path) -> Iterator[Source]:
    try:
        found = sorted(each for each in path.iterdir() if each.name.lower().removesuffix(".gz").endswith(SUFFIXES))
    except OSError as error:
        raise InputError(_("{path} cannot be read: {reason}.").format(path=path, reason=error.strerror)) from None
    if not found:
        raise InputError(
            _("There is no capture in the folder {path}. Put a .har file in it and try again.").format(path=path)
        )
    for each in found:
        yield _of_file(each)


def _of_file(path: Path) -> Source:
    return Source(path.name, partial(_calls_of_stream, Stream(path), path.name), path)


def _calls_of_stream(stream: Stream, name: str, tally: CaptureStats, source: str) -> Iterator[CapturedRequest]:
    kind = kind_of(stream, name)
    if kind == "lines":
        return calls_of_lines(stream, tally, source)
    if kind == "curl":
        return calls_of_commands(stream, tally, source)
    return calls_of_document(stream, tally, source, name)


def _calls_of_journal(journal: Any, tally: CaptureStats, source: str) -> Iterator[CapturedRequest]:
    newest = journal.entries(1)
    last = newest[0].number if newest else 0
    for after in range(0, last, _PAGE):
        for entry in journal.entries(None, after=after, before=after + _PAGE + 1):
            tally.requests += 1
            yield _of_exchange(entry.exchange, entry.number)


def _calls_of_sandbox(sandbox: Any, tally: CaptureStats, source: str) -> Iterator[CapturedRequest]:
    for entry in sandbox.seen.entries:
        tally.requests += 1
        yield _call(entry.number, entry.request, entry.response, entry.at_ms, entry.elapsed_ms)


def _calls_of_exchanges(origin: Any, tally: CaptureStats, source: str) -> Iterator[CapturedRequest]:
    found = origin.exchanges
    yield from _calls_of_things(list(found() if callable(found) else found), tally, source)


def _calls_of_things(things: Iterable[object], tally: CaptureStats, source: str) -> Iterator[CapturedRequest]:
    for number, thing in enumerate(things, 1):
        tally.requests += 1
        if isinstance(thing, Exchange):
            yield _of_exchange(thing, number)
        elif isinstance(thing, CapturedRequest):
            yield thing
        else:
            value = thing.value if isinstance(thing, Event) else thing
            try:
                call = call_of_value(dict(value) if isinstance(value, Mapping) else value, number)
            except UnparseableEntry as why:
                tally.note_unreadable(number, str(why), source)
                continue
            if call is not None:
                yield call


def _of_exchange(exchange: Exchange, number: int) -> CapturedRequest:
    return _call(number, exchange.request, exchange.response, exchange.sent_at_ms, exchange.elapsed_ms)


def _call(number: int, request: Request, response: Response | None, at_ms: int, elapsed_ms: float) -> CapturedRequest:
    address = address_of(request.url, request.method)
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
