"""Detect the format of a capture and read its bytes, decompressed and without a byte order mark."""

from __future__ import annotations

import codecs
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Literal

from mctoolkit._core import json_io
from mctoolkit._core.errors import InputError
from mctoolkit._core.messages import Message
from mctoolkit._core.messages import gettext as _

__all__ = ["MAX_LINE_BYTES", "CaptureFormat", "CaptureStream", "detect_format", "not_readable", "split_lines"]

CaptureFormat = Literal["har", "list", "lines", "curl"]

MAX_LINE_BYTES = 16 * 2**20
"""The longest line of a log that is read, in bytes."""

_CHUNK_BYTES = 64 * 1024
_DETECTION_BYTES = 64 * 1024
_GZIP = b"\x1f\x8b"
_UTF16_ENCODINGS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}

_HAR = re.compile(rb'\s*\{\s*"log"\s*:\s*\{')
_CURL_COMMAND = re.compile(rb"(?m)^[ \t$>]*(?:curl(?:\.exe)?|printf)[ \t]")
_POWERSHELL = re.compile(rb"(?im)^[ \t]*(?:invoke-(?:webrequest|restmethod)\b|\$\w+[ \t]*=)")
_JSON_LINE = re.compile(rb"(?m)^[ \t]*\{")
_HTML_PAGE = re.compile(rb"(?i)\s*<(?:!doctype html|html|head|body)")
_MITMPROXY = re.compile(rb"\d+:\d+:version;|\d+:(?:\d+:)?[a-z_]+;")

_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"\xac\xed", "charles"),
    (b"PK\x03\x04", "zip"),
    (b"\xd4\xc3\xb2\xa1", "packets"),
    (b"\xa1\xb2\xc3\xd4", "packets"),
    (b"\x4d\x3c\xb2\xa1", "packets"),
    (b"\xa1\xb2\x3c\x4d", "packets"),
    (b"\x0a\x0d\x0d\x0a", "packets"),
    (b"SQLite format 3\x00", "database"),
)
_SUFFIXES = {
    ".chls": "charles", ".chlz": "charles", ".chlsj": "charles", ".chlsx": "charles", ".saz": "fiddler",
    ".xlsx": "unknown", ".xlsm": "unknown", ".docx": "unknown",
    ".pcap": "packets", ".pcapng": "packets", ".cap": "packets",
}  # fmt: skip
_NOT_READABLE = {
    "empty": Message("{name} is empty. Export the recording again; in Chrome: Network > the arrow down (Export HAR)."),
    "damaged": Message("{name} is a damaged .gz file. Copy or export it again."),
    "charles": Message("{name} is a Charles session. In Charles: File > Export Session > HTTP Archive (.har)."),
    "fiddler": Message(
        "{name} is a Fiddler session. In Fiddler: File > Export Sessions > All Sessions > HTTPArchive v1.2."
    ),
    "mitmproxy": Message(
        "{name} is a mitmproxy recording. Convert it to a HAR: mitmdump -nr RECORDING --set hardump=capture.har"
    ),
    "packets": Message(
        "{name} is a recording of encrypted network packets. Record with Charles, mitmproxy or the browser, and save "
        "a .har file."
    ),
    "zip": Message("{name} is a zip file. Unpack it and pass the .har file in it."),
    "database": Message('{name} is a database. If it is an mctoolkit journal, pass Journal("{name}").'),
    "page": Message(
        "{name} is a web page, saved instead of the file. Open the link in a browser, log in, and download the .har "
        "file."
    ),
    "powershell": Message("{name} is a PowerShell command, which is not supported. Use Copy as cURL (bash) instead."),
    "xml": Message("{name} is an XML file. In Charles: File > Export Session > HTTP Archive (.har)."),
    "unknown": Message(
        "{name} is not a supported capture. Pass a .har file, a log with one JSON object per line, or curl commands."
    ),
    "not_har": Message(
        "{name} is JSON, but neither a HAR nor a body of the API. In Chrome: Network > the arrow down (Export HAR)."
    ),
    "cut_short": Message("{name} is cut off before its first request. Export the recording again."),
}


@dataclass(slots=True)
class CaptureStream:
    r"""The bytes of a capture in chunks: decompressed, as UTF-8, without a byte order mark. Iterate as often as needed.

    Attributes
    ----------
    origin : Path or bytes
        The file, or its contents.
    is_truncated : bool
        After an iteration: whether the gzip data is cut off or damaged, so that the rest is missing.

    Examples
    --------
    >>> stream = CaptureStream(b"\xef\xbb\xbf{}")
    >>> list(stream), stream.is_truncated
    ([b'{}'], False)
    """

    origin: Path | bytes
    is_truncated: bool = False

    def __iter__(self) -> Iterator[bytes]:
        self.is_truncated = False
        chunks = self._decompressed_chunks()
        first = next(chunks, b"")
        encoding = _UTF16_ENCODINGS.get(first[:2])
        if encoding is not None:
            decoder = codecs.getincrementaldecoder(encoding)("replace")
            yield decoder.decode(first[2:]).encode("utf-8", "replace")
            for chunk in chunks:
                yield decoder.decode(chunk).encode("utf-8", "replace")
            return
        yield first.removeprefix(codecs.BOM_UTF8)
        yield from chunks

    def read_start(self, size: int = _DETECTION_BYTES) -> bytes:
        """Return the first ``size`` bytes."""
        data = b""
        for chunk in self:
            data += chunk
            if len(data) >= size:
                break
        return data[:size]

    def _decompressed_chunks(self) -> Iterator[bytes]:
        try:
            with self._open() as file:
                chunk = file.read(_CHUNK_BYTES)
                if not chunk.startswith(_GZIP):
                    while chunk:
                        yield chunk
                        chunk = file.read(_CHUNK_BYTES)
                    return
                yield from self._gunzip(chunk, file)
        except OSError as error:
            raise InputError(
                _("Cannot read {path}: {reason}.").format(
                    path=self.origin, reason=error.strerror or type(error).__name__
                )
            ) from None

    def _gunzip(self, compressed: bytes, file: BinaryIO) -> Iterator[bytes]:
        decompressor = zlib.decompressobj(wbits=31)
        while compressed:
            try:
                chunk = decompressor.decompress(compressed, _CHUNK_BYTES)
            except zlib.error:
                self.is_truncated = True
                return
            if chunk:
                yield chunk
            compressed = decompressor.unconsumed_tail
            if decompressor.eof:  # another gzip member may follow
                compressed = decompressor.unused_data.lstrip(b"\0") or file.read(_CHUNK_BYTES)
                decompressor = zlib.decompressobj(wbits=31)
                if compressed and not _GZIP.startswith(compressed[:2]):
                    return
            elif not compressed:
                compressed = file.read(_CHUNK_BYTES)
                self.is_truncated = not compressed

    def _open(self) -> BinaryIO:
        return BytesIO(self.origin) if isinstance(self.origin, bytes) else self.origin.open("rb")


def detect_format(stream: CaptureStream, name: str) -> CaptureFormat:
    """Return the format of a capture: ``"har"``, ``"list"``, ``"lines"`` or ``"curl"``.

    Parameters
    ----------
    stream : CaptureStream
        The capture; only its first 64 KiB are read, or its first line.
    name : str
        The name of the file, for its suffix and for messages.

    Raises
    ------
    InputError
        The format is not supported; the message names the format and the next step.

    Examples
    --------
    >>> detect_format(CaptureStream(b'{"log": {"entries": []}}'), "player.har")
    'har'
    """
    suffix = Path(name).suffix.lower()
    if suffix in _SUFFIXES:
        raise not_readable(_SUFFIXES[suffix], name)
    head = stream.read_start()
    if not head.strip():
        raise not_readable("damaged" if stream.is_truncated else "empty", name)
    for signature, kind in _SIGNATURES:
        if head.startswith(signature):
            raise not_readable(kind, name)
    if _HTML_PAGE.match(head):
        raise not_readable("page", name)
    if _HAR.match(head):
        return "har"
    start = head.lstrip()[:1]
    if start == b"[":
        return "list"
    if start == b"{":
        return "lines" if _has_object_lines(stream, head) else "har"
    if _POWERSHELL.match(head.lstrip()):
        raise not_readable("powershell", name)
    if _CURL_COMMAND.search(head):
        return "curl"
    if _JSON_LINE.search(head):
        return "lines"
    if _MITMPROXY.match(head):
        raise not_readable("mitmproxy", name)
    raise not_readable("xml" if head.lstrip().startswith(b"<?xml") else "unknown", name)


def not_readable(kind: str, name: str) -> InputError:
    """Return the error for a file of an unsupported kind."""
    return InputError(_NOT_READABLE[kind].format(name=name))


def split_lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    r"""Yield the lines without their ends. A line that is too long is cut after at least ``MAX_LINE_BYTES``.

    Examples
    --------
    >>> list(split_lines([b"a\nb", b"c\n", b"d"]))
    [b'a', b'bc', b'd']
    """
    rest = b""
    for chunk in chunks:
        if len(rest) > MAX_LINE_BYTES:  # skip the rest of this line
            _, newline, chunk = chunk.partition(b"\n")
            if not newline:
                continue
            yield rest
            rest = b""
        lines = (rest + chunk).split(b"\n")
        rest = lines.pop()
        yield from lines
    if rest:
        yield rest


def _has_object_lines(stream: CaptureStream, head: bytes) -> bool:
    """Return whether there are several lines, and one of the first is a complete JSON object other than a HAR."""
    head = head.lstrip()
    if b"\n" not in head.rstrip():
        return len(head) > _DETECTION_BYTES // 2 and _is_object_line(next(split_lines(stream), b""))
    return any(_is_object_line(line) for line in head.split(b"\n"))


def _is_object_line(line: bytes) -> bool:
    value = json_io.read(line.strip()) if line.startswith(b"{") else None
    return isinstance(value, dict) and not isinstance(value.get("log"), dict)
