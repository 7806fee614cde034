"""trim: a small copy of a capture, with the calls of the API alone and without anybody in it.

The copy is written anew from what a Call knows, so that nothing that was not thought of (cookies, pages, addresses of
computers) can be in it.
"""

from __future__ import annotations

import gzip
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mctoolkit._core import clocks, json_io
from mctoolkit._core.errors import InputError
from mctoolkit._core.messages import gettext as _
from mctoolkit._core.messages import ngettext
from mctoolkit._core.version import __version__
from mctoolkit.captures.pseudonyms import Pseudonyms
from mctoolkit.captures.reader import read_requests
from mctoolkit.models.captured_request import CapturedRequest
from mctoolkit.models.exchange import Headers
from mctoolkit.spec.paths import SESSIONS_PATH

__all__ = ["KEPT_HEADERS", "RedactedCapture", "redact"]

KEPT_HEADERS = frozenset(
    {"accept", "content-type", "content-length", "date", "location", "server", "user-agent"}
    | {"access-control-allow-origin", "access-control-expose-headers"}
)
"""All others go: above all Cookie and Authorization, but also the page that the player stands on."""


@dataclass(frozen=True, slots=True)
class RedactedCapture:
    """What became of a trim: the file, how many calls it has, and of how many requests."""

    path: Path
    calls: int
    requests: int

    def __str__(self) -> str:
        requests = ngettext("{number:,} request", "{number:,} requests", self.requests).format(number=self.requests)
        return ngettext(
            "{path}: {number} call kept of {requests}. People and tenants have aliases; the numbers "
            "of the entries are those of the original.",
            "{path}: {number:,} calls kept of {requests}. People and tenants have aliases; the "
            "numbers of the entries are those of the original.",
            self.calls,
        ).format(path=self.path, requests=requests, number=self.calls)


def redact(
    capture: object, out: str | Path, *, force: bool = False, aliases: Pseudonyms | None = None
) -> RedactedCapture:
    """Write the calls of the API in a capture to a file of their own, with aliases for people and tenants.

    Each call keeps its number in the original, so that a finding in the copy names the entry of the original. Bodies
    are written as compact JSON; what is no JSON keeps its form, with identifiers hidden.

    Parameters
    ----------
    capture : object
        Whatever :func:`read_requests` takes.
    out : path
        A HAR; or one JSON object a line when its name ends in ``.ndjson`` or ``.jsonl``. With ``.gz`` behind it,
        packed.
    force : bool
        Replace a file that is there. What is read is never replaced.
    aliases : Pseudonyms, optional
        To give several files the same aliases.

    Returns
    -------
    RedactedCapture
        As text it says what was done.

    Raises
    ------
    InputError
        The capture cannot be read, or has no call in it; or the file is there already, is the capture itself, cannot
        be written, or has a name that does not say what it shall be. Then nothing was written.
    """
    source, path = read_requests(capture), Path(out)
    for original in source.paths:
        if original.absolute() == path.absolute() or (path.exists() and path.samefile(original)):
            raise InputError(_("{path} is what is read; give the trimmed capture another name.").format(path=path))
    if path.exists() and not force:
        raise InputError(_("{path} is there already. Another name, or --force to replace it.").format(path=path))
    plain = path.name.lower().removesuffix(".gz")
    in_lines = plain.endswith((".ndjson", ".jsonl"))
    if not in_lines and not plain.endswith((".har", ".json")):
        raise InputError(
            _(
                "{path}: the name says what is written. Let it end in .har, for browsers and proxies, or "
                "in .ndjson, one call a line."
            ).format(path=path)
        )
    who = aliases or Pseudonyms()
    pieces = _lines(source, who) if in_lines else _har(source, who)
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name[:40]}.", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                _write(pieces, file, packed=path.name.lower().endswith(".gz"))
            tally = source.tally
            if not tally.calls:
                raise InputError(
                    _("There is nothing to keep, and nothing was written. {advice}").format(
                        advice=" ".join(tally.advice)
                    )
                )
            if path.exists() and not force:  # somebody else was quicker
                raise InputError(
                    _("{path} is there already. Another name, or --force to replace it.").format(path=path)
                )
            Path(temporary).replace(path)
        finally:
            with suppress(FileNotFoundError):
                Path(temporary).unlink()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise InputError(_("{path} cannot be written: {reason}.").format(path=path, reason=reason)) from None
    return RedactedCapture(path, tally.calls, tally.requests)


def _write(pieces: Iterable[bytes], file: Any, *, packed: bool) -> None:
    if packed:
        with gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as into:
            into.writelines(pieces)
    else:
        file.writelines(pieces)


def _har(source: Any, who: Pseudonyms) -> Iterator[bytes]:
    creator = {"name": "mctoolkit", "version": __version__}
    yield b'{"log":{"version":"1.2","creator":' + json_io.write(creator) + b',"pages":[],"entries":[\n'
    separator = b""
    for call in source:
        yield separator + json_io.write(_entry(call, who))
        separator = b",\n"
    tally = source.tally
    comment = _("RedactedCapture by mctoolkit: {calls} of {requests}; people and tenants have aliases.").format(
        calls=ngettext("{number:,} request", "{number:,} requests", tally.calls).format(number=tally.calls),
        requests=ngettext("{number:,} request", "{number:,} requests", tally.requests).format(number=tally.requests),
    )
    yield b'\n],"comment":' + json_io.write(comment) + b"}}\n"


def _lines(source: Any, who: Pseudonyms) -> Iterator[bytes]:
    for call in source:
        line: dict[str, Any] = {"entry": call.number}
        if call.at_ms is not None:
            line["at"] = call.at_ms
        if call.url:
            line["url"] = who.url(call.url)
        if call.status is not None:
            line["status"] = call.status
        if call.elapsed_ms is not None:
            line["elapsed_ms"] = call.elapsed_ms
        if call.session_id is not None:
            line["session"] = call.session_id
        if call.has_body:
            is_json = not isinstance(call.value, json_io.NotJson)
            line["body"] = who.body(call.value) if is_json else who.raw(call.body)
        yield json_io.write(line) + b"\n"


def _entry(call: CapturedRequest, who: Pseudonyms) -> dict[str, Any]:
    moment = call.when_ms
    if not call.url or moment is None:
        raise InputError(
            _(
                "These calls have no addresses, and a HAR cannot do without. Give the output a name that "
                "ends in .ndjson."
            )
        )
    request: dict[str, Any] = {
        "method": call.method,
        "url": who.url(call.url),
        "httpVersion": "HTTP/1.1",
        "headers": _headers(call.request_headers, who),
        "queryString": [],
        "cookies": [],
        "headersSize": -1,
        "bodySize": -1,
    }
    body = call.body
    if body is not None:
        text = who.raw(body) if body else ""
        request["bodySize"] = len(text.encode("utf-8"))
        if body:
            kind = next((value for name, value in call.request_headers if name.lower() == "content-type"), "")
            request["postData"] = {"mimeType": kind, "text": text}
    content: dict[str, Any] = {"size": len(call.response_body), "mimeType": ""}
    if call.response_body:
        content["text"] = who.raw(call.response_body)
    elapsed = call.elapsed_ms if call.elapsed_ms is not None else -1
    return {
        "startedDateTime": clocks.utc(moment).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "time": elapsed,
        "request": request,
        "response": {
            "status": call.status or 0,
            "statusText": "",
            "httpVersion": "HTTP/1.1",
            "headers": _headers(call.response_headers, who),
            "cookies": [],
            "content": content,
            "redirectURL": "" if call.endpoint == "events" or not call.session_id else _location(call),
            "headersSize": -1,
            "bodySize": -1,
        },
        "cache": {},
        "timings": {"send": 0, "wait": max(elapsed, 0), "receive": 0},
        "comment": _("Entry {number} of {source}").format(number=call.number, source=call.source or _("the original")),
        "_mctoolkit": {"entry": call.number},
    }


def _location(call: CapturedRequest) -> str:
    return f"{SESSIONS_PATH}/{call.session_id}"


def _headers(headers: Headers, who: Pseudonyms) -> list[dict[str, str]]:
    return [
        {"name": name, "value": who.url(value) if name.lower() == "location" else who.text(value)}
        for name, value in headers
        if name.lower() in KEPT_HEADERS
    ]
