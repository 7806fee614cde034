"""Open a capture: what kind of file it is, and its bytes as a stream without packing and marks."""

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

__all__ = ["LONGEST_LINE", "Kind", "Stream", "kind_of", "lines"]

Kind = Literal["har", "list", "lines", "curl"]

LONGEST_LINE = 16 * 2**20
"""Bytes of one line of a log."""

_CHUNK = 64 * 1024
_HEAD = 64 * 1024
_GZIP = b"\x1f\x8b"
_WIDE = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}

_HAR = re.compile(rb'\s*\{\s*"log"\s*:\s*\{')
_COMMAND = re.compile(rb"(?m)^[ \t$>]*(?:curl(?:\.exe)?|printf)[ \t]")
_POWERSHELL = re.compile(rb"(?im)^[ \t]*(?:invoke-(?:webrequest|restmethod)\b|\$\w+[ \t]*=)")
_JSON_LINE = re.compile(rb"(?m)^[ \t]*\{")
_PAGE = re.compile(rb"(?i)\s*<(?:!doctype html|html|head|body)")
_MITMPROXY = re.compile(rb"\d+:\d+:version;|\d+:(?:\d+:)?[a-z_]+;")

_BEGINNINGS: tuple[tuple[bytes, str], ...] = (
    (b"\xac\xed", "charles"),
    (b"PK\x03\x04", "zip"),
    (b"\xd4\xc3\xb2\xa1", "packets"),
    (b"\xa1\xb2\xc3\xd4", "packets"),
    (b"\x4d\x3c\xb2\xa1", "packets"),
    (b"\xa1\xb2\x3c\x4d", "packets"),
    (b"\x0a\x0d\x0d\x0a", "packets"),
    (b"%PDF", "document"),
    (b"\xd0\xcf\x11\xe0", "document"),
    (b"\x89PNG", "picture"),
    (b"\xff\xd8\xff", "picture"),
    (b"GIF8", "picture"),
    (b"SQLite format 3\x00", "database"),
)
_SUFFIXES = {
    ".chls": "charles", ".chlz": "charles", ".chlsj": "charles", ".chlsx": "charles", ".saz": "fiddler",
    ".xlsx": "sheet", ".xls": "sheet", ".xlsm": "sheet", ".docx": "document",
    ".pcap": "packets", ".pcapng": "packets", ".cap": "packets",
}  # fmt: skip


_REFUSED = {
    "empty": Message(
        "{name} is empty. Export the recording once more; in Chrome: Network > the arrow down (Export HAR)."
    ),
    "damaged": Message("{name} is a damaged .gz file. Copy or export it once more."),
    "charles": Message("{name} is a Charles session. In Charles: File > Export Session > HTTP Archive (.har)."),
    "fiddler": Message(
        "{name} is a Fiddler session. In Fiddler: File > Export Sessions > All Sessions > HTTPArchive v1.2."
    ),
    "mitmproxy": Message(
        "{name} is a recording of mitmproxy. Turn it into a HAR: mitmdump -nr RECORDING --set hardump=capture.har"
    ),
    "packets": Message(
        "{name} is a recording of network packets, in which everything is encrypted. "
        "Record with Charles, mitmproxy or the browser, and save a .har."
    ),
    "zip": Message("{name} is a zip file. Unpack it first, and hand over the .har in it."),
    "sheet": Message("{name} is a spreadsheet. A capture is a .har file, or a log with one JSON object a line."),
    "document": Message("{name} is a document. A capture is a .har file, or a log with one JSON object a line."),
    "picture": Message(
        "{name} is a picture. A capture is a .har file; in Chrome: Network > the arrow down (Export HAR)."
    ),
    "database": Message('{name} is a database. If it is a journal of mctoolkit, hand over Journal("{name}").'),
    "page": Message(
        "{name} is a web page, saved in the place of the file. Open the link in a "
        "browser, log in, and download the .har itself."
    ),
    "powershell": Message("{name} is a command of PowerShell, which cannot be read. Copy it as cURL (bash) instead."),
    "xml": Message("{name} is an XML file. In Charles: File > Export Session > HTTP Archive (.har)."),
    "unknown": Message(
        "{name} is no capture that can be read. It takes a .har file, a log with one "
        "JSON object a line, or curl commands."
    ),
    "not_har": Message(
        "{name} is JSON, but no HAR and no message of the API. In Chrome: Network > the arrow down (Export HAR)."
    ),
    "cut_short": Message("{name} is cut off before its first request. Export the recording once more."),
}


@dataclass(slots=True)
class Stream:
    """The bytes of a capture in chunks, unpacked, without a byte order mark; it can be gone through again.

    Attributes
    ----------
    origin : Path or bytes
        The file, or its contents.
    broken : bool
        After a pass: whether the packing was cut off or damaged, so that the rest is missing.
    """

    origin: Path | bytes
    broken: bool = False

    def __iter__(self) -> Iterator[bytes]:
        self.broken = False
        chunks = self._unpacked()
        first = next(chunks, b"")
        encoding = _WIDE.get(first[:2])
        if encoding is not None:
            decoder = codecs.getincrementaldecoder(encoding)("replace")
            yield decoder.decode(first[2:]).encode("utf-8", "replace")
            for chunk in chunks:
                yield decoder.decode(chunk).encode("utf-8", "replace")
            return
        yield first.removeprefix(codecs.BOM_UTF8)
        yield from chunks

    def _unpacked(self) -> Iterator[bytes]:
        try:
            with self._open() as file:
                chunk = file.read(_CHUNK)
                if not chunk.startswith(_GZIP):
                    while chunk:
                        yield chunk
                        chunk = file.read(_CHUNK)
                    return
                yield from self._gunzipped(chunk, file)
        except OSError as error:
            raise InputError(
                _("{path} cannot be read: {reason}.").format(
                    path=self.origin, reason=error.strerror or type(error).__name__
                )
            ) from None

    def _gunzipped(self, packed: bytes, file: BinaryIO) -> Iterator[bytes]:
        unpack = zlib.decompressobj(wbits=31)
        while packed:
            try:
                chunk = unpack.decompress(packed, _CHUNK)
            except zlib.error:
                self.broken = True
                return
            if chunk:
                yield chunk
            packed = unpack.unconsumed_tail
            if unpack.eof:  # another member may follow
                packed = unpack.unused_data.lstrip(b"\0") or file.read(_CHUNK)
                unpack = zlib.decompressobj(wbits=31)
                if packed and not _GZIP.startswith(packed[:2]):
                    return
            elif not packed:
                packed = file.read(_CHUNK)
                self.broken = not packed

    def _open(self) -> BinaryIO:
        return BytesIO(self.origin) if isinstance(self.origin, bytes) else self.origin.open("rb")

    def head(self, size: int = _HEAD) -> bytes:
        """Return the first bytes."""
        found = b""
        for chunk in self:
            found += chunk
            if len(found) >= size:
                break
        return found[:size]


def kind_of(stream: Stream, name: str) -> Kind:
    """Tell what kind of capture it is.

    Raises
    ------
    InputError
        It is none that can be read; the message says what it is and the next click.
    """
    suffix = Path(name).suffix.lower()
    if suffix in _SUFFIXES:
        raise _refused(_SUFFIXES[suffix], name)
    head = stream.head()
    if not head.strip():
        raise _refused("damaged" if stream.broken else "empty", name)
    for beginning, what in _BEGINNINGS:
        if head.startswith(beginning):
            raise _refused(what, name)
    if _PAGE.match(head):
        raise _refused("page", name)
    if _HAR.match(head):
        return "har"
    start = head.lstrip()[:1]
    if start == b"[":
        return "list"
    if start == b"{":
        return "lines" if _has_lines(stream, head) else "har"
    if _POWERSHELL.match(head.lstrip()):
        raise _refused("powershell", name)
    if _COMMAND.search(head):
        return "curl"
    if _JSON_LINE.search(head):
        return "lines"
    if _MITMPROXY.match(head):
        raise _refused("mitmproxy", name)
    raise _refused("xml" if head.lstrip().startswith(b"<?xml") else "unknown", name)


def _has_lines(stream: Stream, head: bytes) -> bool:
    """Tell whether it is several lines, one of the first of which is a whole JSON object that is no HAR."""
    head = head.lstrip()
    if b"\n" not in head.rstrip():
        return len(head) > _HEAD // 2 and _is_object(next(lines(stream), b""))
    return any(_is_object(line) for line in head.split(b"\n"))


def _is_object(line: bytes) -> bool:
    value = json_io.read(line.strip()) if line.startswith(b"{") else None
    return isinstance(value, dict) and not isinstance(value.get("log"), dict)


def _refused(what: str, name: str) -> InputError:
    return InputError(_REFUSED[what].format(name=name))


def lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the lines without their ends; one that is too long comes as its first ``LONGEST_LINE`` bytes and more."""
    rest = b""
    for chunk in chunks:
        if len(rest) > LONGEST_LINE:  # let go of the rest of this line
            _, newline, chunk = chunk.partition(b"\n")
            if not newline:
                continue
            yield rest
            rest = b""
        found = (rest + chunk).split(b"\n")
        rest = found.pop()
        yield from found
    if rest:
        yield rest
