"""The entries of a HAR: which are calls of the API, which are another protocol, and what the rest of them says.

Each tool has its own way to write the body of a request: as text, as base64, packed, as the parameters of a form, or
not at all. What was recorded is taken as it is; what is missing is not made up.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import zlib
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Literal
from urllib.parse import unquote_plus, urlsplit

from mctoolkit._core import json_io
from mctoolkit._core.messages import gettext as _
from mctoolkit.captures.json_stream import LONGEST_ENTRY
from mctoolkit.captures.stats import CaptureStats
from mctoolkit.models.captured_request import NO_BODY, CapturedRequest
from mctoolkit.models.exchange import Headers
from mctoolkit.spec.paths import Endpoint, endpoint_of, session_id_of_response

__all__ = [
    "LATEST_MS",
    "Address",
    "UnparseableEntry",
    "address_of",
    "call_of_entry",
    "entry_of",
    "is_ours",
    "moment_ms",
    "number_of",
]

Protocol = Literal["api", "maybe", "connect", "heartbeat", "edge", "other"]

_API_HOST = re.compile(r"(?:^|\.)hb-api\.omtrdc\.net$")
_OLD_HOST = re.compile(r"(?:^|\.)hb\.omtrdc\.net$")
_EDGE_PATH = re.compile(r"(?:^|/)va/v1/")
_LONGEST_BODY = 16 * 2**20
_RESPONSE_BYTES = 64 * 1024
LATEST_MS = 10**14
_FRACTION = re.compile(r"\.\d+")
_PACKED = frozenset({"gzip", "x-gzip", "deflate"})


class UnparseableEntry(Exception):
    """An entry that cannot be read; the message says why."""


class Address:
    """What a URL says: the protocol spoken there, and for the API the host, endpoint and session id."""

    __slots__ = ("endpoint", "host", "protocol", "secure", "session_id")

    def __init__(self, host: str, path: str, secure: bool | None, method: str) -> None:
        self.host = host
        self.secure = secure
        self.endpoint: Endpoint
        self.endpoint, self.session_id = endpoint_of(path)
        self.protocol: Protocol = "other"
        if _API_HOST.search(host):
            self.protocol = "connect" if method == "CONNECT" else "api"
        elif self.endpoint == "events":
            self.protocol = "api"
        elif self.endpoint in ("sessions", "downloaded"):
            self.protocol = "api" if _OLD_HOST.search(host) else "maybe"
        elif _OLD_HOST.search(host):
            self.protocol = "heartbeat"
        elif _EDGE_PATH.search(path):
            self.protocol = "edge"


@lru_cache(maxsize=4096)
def address_of(url: str, method: str = "POST", named_host: str = "") -> Address:
    """Read a URL; where it has no host, ``named_host`` (of the header) is taken."""
    try:
        parts = urlsplit(url if "//" in url or method != "CONNECT" else f"//{url}")
        host = parts.hostname or ""
    except ValueError:
        return Address("", "", None, method)
    secure = True if parts.scheme in ("https", "wss") else False if parts.scheme == "http" else None
    if not host:
        host = named_host.partition(":")[0].lower()
    return Address(host, parts.path, secure, method)


def call_of_entry(entry: dict[str, Any], position: int, tally: CaptureStats) -> CapturedRequest | None:
    """Read one entry of a HAR; None for one that is no call, which is counted.

    Raises
    ------
    UnparseableEntry
        It has not the form of an entry, or its body cannot be unpacked.
    """
    request = entry.get("request")
    if not isinstance(request, dict) or not isinstance(request.get("url"), str):
        raise UnparseableEntry(_("this is no entry of a HAR: it has no request with a URL"))
    method = request.get("method")
    method = method.upper() if isinstance(method, str) else ""
    headers = _headers(request)
    named = _header(headers, ":authority") or _header(headers, "host") or ""
    address = address_of(request["url"], method, named)
    kind = address.protocol if method != "OPTIONS" or address.protocol not in ("api", "maybe") else "preflight"
    if kind not in ("api", "maybe"):
        tally.count_other(kind)
        return None
    raw, value = _request_body(request, method, headers, tally)
    if kind == "maybe" and not is_ours(value):
        tally.count_other("other")
        return None
    response = entry.get("response")
    status, response_headers, response_body = _response(response if isinstance(response, dict) else {})
    session_id = address.session_id
    if session_id is None:
        location = _header(response_headers, "location") or _text(response, "redirectURL")
        session_id = session_id_of_response(status, location)
    elapsed = entry.get("time")
    return CapturedRequest(
        number=number_of(entry.get("_mctoolkit"), position),
        endpoint=address.endpoint,
        value=value,
        raw=raw,
        at_ms=moment_ms(entry.get("startedDateTime"), tally),
        session_id=session_id,
        status=status,
        without_response=status is None and isinstance(response, dict) and response.get("status") == 0,
        host=address.host,
        url=request["url"],
        secure=address.secure,
        method=method,
        elapsed_ms=float(elapsed) if isinstance(elapsed, int | float) and 0 <= elapsed < LATEST_MS else None,
        request_headers=headers,
        response_headers=response_headers,
        response_body=response_body,
    )


def number_of(ours: object, position: int) -> int:
    """Return the number that a trimmed capture keeps of the original, or the position in this one."""
    found = ours.get("entry") if isinstance(ours, dict) else None
    return found if type(found) is int and 0 < found < LATEST_MS else position


def is_ours(value: object) -> bool:
    """Tell whether a body looks like one of the API: other services have a path /api/v1/sessions, too."""
    if isinstance(value, list):
        return bool(value) and is_ours(value[0])
    return isinstance(value, dict) and ("eventType" in value or "playerTime" in value)


def moment_ms(written: object, tally: CaptureStats | None = None) -> int | None:
    """Read a moment: milliseconds or seconds since 1970, or ISO 8601; one without a time zone counts as UTC.

    Examples
    --------
    >>> moment_ms("2017-10-26T19:15:24.153Z"), moment_ms(1509045324.153), moment_ms(1509045324153), moment_ms("soon")
    (1509045324153, 1509045324153, 1509045324153, None)
    """
    if isinstance(written, int | float) and not isinstance(written, bool):
        if not 0 < written < LATEST_MS:
            return None
        return round(written if written >= 10**11 else written * 1000)
    if not isinstance(written, str):
        return None
    try:
        moment = datetime.fromisoformat(_FRACTION.sub(lambda found: found[0][:7], written.strip(), count=1))
        if moment.tzinfo is None:
            if tally is not None:
                tally.no_zone += 1
            moment = moment.replace(tzinfo=UTC)
        return max(round(moment.timestamp() * 1000), 0) or None
    except (ValueError, OverflowError):
        return None


def entry_of(data: bytes) -> dict[str, Any]:
    """Read the bytes of an entry.

    Raises
    ------
    UnparseableEntry
        They are too many, or no JSON object.
    """
    if len(data) > LONGEST_ENTRY:
        raise UnparseableEntry(_("this is too long to be a message of the API"))
    entry = json_io.read(data)
    if isinstance(entry, json_io.NotJson):
        try:  # bytes that are no UTF-8, half letters, NaN: not worth losing the entry
            entry = json.loads(data.decode("utf-8", "replace"), strict=False)
        except (ValueError, RecursionError) as error:
            raise UnparseableEntry(_("this is no JSON ({detail})").format(detail=str(error)[:100])) from None
    if not isinstance(entry, dict):
        raise UnparseableEntry(_("this is no entry of a HAR: it has no request with a URL"))
    return entry


def _request_body(
    request: dict[str, Any], method: str, headers: Headers, tally: CaptureStats
) -> tuple[bytes | None, object]:
    raw = _recorded_body(request, headers)
    size = request.get("bodySize")
    if raw is None:
        if method != "POST" or size == 0 or _header(headers, "content-length") == "0":
            return b"", json_io.read(b"")
        tally.without_body += 1
        return None, NO_BODY
    value = json_io.read(raw)
    cut = isinstance(size, int) and size > len(raw) and not _header(headers, "content-encoding")
    if cut and isinstance(value, json_io.NotJson) and value.reason == "end":
        tally.short_bodies += 1
        return None, NO_BODY
    return raw, value


def _recorded_body(request: dict[str, Any], headers: Headers) -> bytes | None:
    """Return the bytes of the body, or None where there are none."""
    posted = request.get("postData")
    if not isinstance(posted, dict):
        return None
    text = posted.get("text")
    if isinstance(text, dict | list):  # written as a value instead of a text
        return json_io.write(text)
    if not isinstance(text, str) or not text:
        return _form_body(posted.get("params"))
    if "base64" in (posted.get("encoding"), posted.get("_encoding")):
        raw = _unbase64(text)
    else:
        raw = text.encode("utf-8", "surrogatepass")
    packing = (_header(headers, "content-encoding") or "").strip().lower()
    if packing in _PACKED or raw.startswith(b"\x1f\x8b"):
        return _unpack(raw)
    return raw


def _form_body(params: object) -> bytes | None:
    """Put a body together that a tool took for a form: what curl sends without a Content-Type is called one."""
    if not isinstance(params, list):
        return None
    pieces = []
    for param in params:
        if isinstance(param, dict) and isinstance(param.get("name"), str):
            value = param.get("value")
            pieces.append(param["name"] + (f"={value}" if isinstance(value, str) and value else ""))
    if not pieces:
        return None
    text = "&".join(pieces)
    if text.lstrip()[:1] not in ("{", "["):
        text = unquote_plus(text)
    return text.encode("utf-8", "surrogatepass")


def _unbase64(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        raise UnparseableEntry(_("its body says that it is base64, and is not")) from None


def _unpack(raw: bytes) -> bytes:
    """Unpack a body; one that its tool has unpacked before writing it is returned as it is."""
    for bits in (47, -15):  # gzip or zlib, and bare deflate
        unpack = zlib.decompressobj(wbits=bits)
        try:
            found = unpack.decompress(raw, _LONGEST_BODY)
        except zlib.error:
            continue
        if unpack.unconsumed_tail:
            raise UnparseableEntry(_("this is too long to be a message of the API"))
        return found
    return raw


def _response(response: dict[str, Any]) -> tuple[int | None, Headers, bytes]:
    status = response.get("status")
    known = type(status) is int and 100 <= status <= 999
    if not known:
        return None, (), b""
    content = response.get("content")
    text = _text(content, "text")
    body = text[:_RESPONSE_BYTES].encode("utf-8", "replace")
    if text and isinstance(content, dict) and content.get("encoding") == "base64":
        try:
            body = base64.b64decode(text[: _RESPONSE_BYTES // 4 * 4])
        except (binascii.Error, ValueError):
            body = b""
    return status, _headers(response), body


def _headers(message: dict[str, Any]) -> Headers:
    found = message.get("headers")
    if not isinstance(found, list):
        return ()
    return tuple(
        (header["name"], header["value"])
        for header in found
        if isinstance(header, dict) and isinstance(header.get("name"), str) and isinstance(header.get("value"), str)
    )


def _header(headers: Headers, name: str) -> str | None:
    return next((value for key, value in headers if key.lower() == name), None)


def _text(holder: object, name: str) -> str:
    found = holder.get(name) if isinstance(holder, dict) else None
    return found if isinstance(found, str) else ""
