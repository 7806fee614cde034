"""Write a copy of a capture that has only the API requests, with pseudonyms for people and tenants.

The copy is built from the parsed requests, so that it cannot contain anything else of the original, such as cookies,
pages or IP addresses.
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
from mctoolkit._core.version import __version__
from mctoolkit.captures.pseudonyms import Pseudonyms
from mctoolkit.captures.reader import Capture, read_requests
from mctoolkit.models.captured_request import CapturedRequest
from mctoolkit.models.exchange import Headers
from mctoolkit.spec.paths import SESSIONS_PATH

__all__ = ["RedactedCapture", "redact"]

_KEPT_HEADERS = frozenset(
    {"accept", "content-type", "content-length", "date", "location", "server", "user-agent"}
    | {"access-control-allow-origin", "access-control-expose-headers"}
)


@dataclass(frozen=True, slots=True)
class RedactedCapture:
    """The result of :func:`redact`; its text is a summary.

    Attributes
    ----------
    path : Path
        The file that was written.
    kept : int
        The number of API requests in it.
    requests : int
        The number of all requests of the original.
    """

    path: Path
    kept: int
    requests: int

    def __str__(self) -> str:
        return _(
            "{path}: {kept:,} of {requests:,} requests kept. People and tenants have pseudonyms; entries keep the "
            "numbers of the original."
        ).format(path=self.path, kept=self.kept, requests=self.requests)


def redact(
    capture: object, out: str | Path, *, force: bool = False, pseudonyms: Pseudonyms | None = None
) -> RedactedCapture:
    """Write a copy of a capture with only the API requests, and with pseudonyms for people and tenants.

    Each request keeps its entry number, so that a finding in the copy is easy to find in the original. Bodies are
    written as compact JSON; a body that is not JSON keeps its form, with its identifiers masked.

    Parameters
    ----------
    capture : object
        Any argument of :func:`read_requests`.
    out : path
        The file to write. The suffix sets its format: ``.har``, or ``.ndjson`` or ``.jsonl`` for one JSON object per
        line; with ``.gz`` behind it, compressed.
    force : bool
        Replace an existing file. A file that is read is never replaced.
    pseudonyms : Pseudonyms, optional
        Pass the same object for several files to get the same pseudonyms in all of them.

    Returns
    -------
    RedactedCapture

    Raises
    ------
    InputError
        The capture cannot be read or has no API request; or the file exists, is one of those read, cannot be written
        or has another suffix. Then nothing is written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> ping = {"eventType": "ping", "playerTime": {"playhead": 0, "ts": 1509045334153}}
    >>> with TemporaryDirectory() as folder:
    ...     redact([ping], Path(folder) / "small.ndjson").kept
    1
    """
    source, path = read_requests(capture), Path(out)
    for original in source.paths:
        if original.absolute() == path.absolute() or (path.exists() and path.samefile(original)):
            raise InputError(_("Cannot write {path}: it is the file to read. Choose another name.").format(path=path))
    if path.exists() and not force:
        raise _already_exists(path)
    plain = path.name.lower().removesuffix(".gz")
    is_ndjson = plain.endswith((".ndjson", ".jsonl"))
    if not is_ndjson and not plain.endswith((".har", ".json")):
        raise InputError(
            _(
                "Cannot write {path}: its suffix sets the format. Use .har, for browsers and proxies, or .ndjson, one "
                "request per line."
            ).format(path=path)
        )
    pseudonyms = pseudonyms or Pseudonyms()
    chunks = _write_ndjson(source, pseudonyms) if is_ndjson else _write_har(source, pseudonyms)
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name[:40]}.", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                _write_chunks(chunks, file, compress=path.name.lower().endswith(".gz"))
            stats = source.stats
            if not stats.api_requests:
                raise InputError(
                    _("The capture has no API request; nothing was written. {advice}").format(
                        advice=" ".join(stats.advice)
                    )
                )
            if path.exists() and not force:  # created by another process since the first check
                raise _already_exists(path)
            Path(temporary).replace(path)
        finally:
            with suppress(FileNotFoundError):
                Path(temporary).unlink()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise InputError(_("Cannot write {path}: {reason}.").format(path=path, reason=reason)) from None
    return RedactedCapture(path, stats.api_requests, stats.requests)


def _already_exists(path: Path) -> InputError:
    return InputError(_("{path} exists already. Choose another name, or use --force to replace it.").format(path=path))


def _write_chunks(chunks: Iterable[bytes], file: Any, *, compress: bool) -> None:
    if compress:
        with gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as archive:
            archive.writelines(chunks)
    else:
        file.writelines(chunks)


def _write_har(capture: Capture, pseudonyms: Pseudonyms) -> Iterator[bytes]:
    creator = {"name": "mctoolkit", "version": __version__}
    yield b'{"log":{"version":"1.2","creator":' + json_io.write(creator) + b',"pages":[],"entries":[\n'
    separator = b""
    for request in capture:
        yield separator + json_io.write(_har_entry(request, pseudonyms))
        separator = b",\n"
    comment = _("Redacted by mctoolkit: {kept:,} of {requests:,} requests, with pseudonyms.").format(
        kept=capture.stats.api_requests, requests=capture.stats.requests
    )
    yield b'\n],"comment":' + json_io.write(comment) + b"}}\n"


def _write_ndjson(capture: Capture, pseudonyms: Pseudonyms) -> Iterator[bytes]:
    for request in capture:
        line: dict[str, Any] = {"entry": request.number}
        if request.at_ms is not None:
            line["at"] = request.at_ms
        if request.url:
            line["url"] = pseudonyms.redact_url(request.url)
        if request.status is not None:
            line["status"] = request.status
        if request.elapsed_ms is not None:
            line["elapsed_ms"] = request.elapsed_ms
        if request.session_id is not None:
            line["session"] = request.session_id
        if request.has_body:
            is_json = not isinstance(request.value, json_io.NotJson)
            line["body"] = (
                pseudonyms.redact_value(request.value) if is_json else pseudonyms.redact_body(request.body or b"")
            )
        yield json_io.write(line) + b"\n"


def _har_entry(captured: CapturedRequest, pseudonyms: Pseudonyms) -> dict[str, Any]:
    when_ms = captured.when_ms
    if not captured.url or when_ms is None:
        raise InputError(
            _("Cannot write a HAR: entry {number} has no URL or no time. Use a name that ends in .ndjson.").format(
                number=captured.number
            )
        )
    request: dict[str, Any] = {
        "method": captured.method,
        "url": pseudonyms.redact_url(captured.url),
        "httpVersion": "HTTP/1.1",
        "headers": _har_headers(captured.request_headers, pseudonyms),
        "queryString": [],
        "cookies": [],
        "headersSize": -1,
        "bodySize": -1,
    }
    body = captured.body
    if body is not None:
        text = pseudonyms.redact_body(body) if body else ""
        request["bodySize"] = len(text.encode("utf-8"))
        if body:
            kind = next((value for name, value in captured.request_headers if name.lower() == "content-type"), "")
            request["postData"] = {"mimeType": kind, "text": text}
    content: dict[str, Any] = {"size": len(captured.response_body), "mimeType": ""}
    if captured.response_body:
        content["text"] = pseudonyms.redact_body(captured.response_body)
    elapsed = captured.elapsed_ms if captured.elapsed_ms is not None else -1
    has_location = captured.session_id and captured.endpoint != "events"
    return {
        "startedDateTime": clocks.utc(when_ms).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "time": elapsed,
        "request": request,
        "response": {
            "status": captured.status or 0,
            "statusText": "",
            "httpVersion": "HTTP/1.1",
            "headers": _har_headers(captured.response_headers, pseudonyms),
            "cookies": [],
            "content": content,
            "redirectURL": f"{SESSIONS_PATH}/{captured.session_id}" if has_location else "",
            "headersSize": -1,
            "bodySize": -1,
        },
        "cache": {},
        "timings": {"send": 0, "wait": max(elapsed, 0), "receive": 0},
        "comment": _("Entry {number} of {source}").format(
            number=captured.number, source=captured.source or _("the original")
        ),
        "_mctoolkit": {"entry": captured.number},
    }


def _har_headers(headers: Headers, pseudonyms: Pseudonyms) -> list[dict[str, str]]:
    return [
        {
            "name": name,
            "value": pseudonyms.redact_url(value) if name.lower() == "location" else pseudonyms.redact_text(value),
        }
        for name, value in headers
        if name.lower() in _KEPT_HEADERS
    ]
