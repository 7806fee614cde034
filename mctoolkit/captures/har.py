"""Parse the entries of a HAR, and classify URLs: Media Collection API, another Adobe protocol, or neither.

Tools record the body of a request in different ways: as text, base64, compressed, as form parameters, or not at all.
A missing body is reported as missing, never guessed.
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
from mctoolkit.captures.json_stream import MAX_ELEMENT_BYTES
from mctoolkit.captures.stats import CaptureStats
from mctoolkit.models.captured_request import NO_BODY, CapturedRequest
from mctoolkit.models.exchange import Headers
from mctoolkit.spec.paths import Endpoint, endpoint_of, session_id_of_response

__all__ = [
    "MAX_TIME_MS",
    "Address",
    "UnparseableEntry",
    "is_api_body",
    "load_entry",
    "original_number",
    "parse_entry",
    "parse_time_ms",
    "parse_url",
]

Protocol = Literal["api", "maybe", "connect", "heartbeat", "edge", "other"]

MAX_TIME_MS = 10**14
"""The latest time that is accepted, in milliseconds since 1970 (the year 5138)."""

_API_HOST = re.compile(r"(?:^|\.)hb-api\.omtrdc\.net$")
_OLD_HOST = re.compile(r"(?:^|\.)hb\.omtrdc\.net$")
_EDGE_PATH = re.compile(r"(?:^|/)va/v1/")
_MAX_BODY_BYTES = 16 * 2**20
_MAX_RESPONSE_BYTES = 64 * 1024
_FRACTION = re.compile(r"\.\d+")
_COMPRESSIONS = frozenset({"gzip", "x-gzip", "deflate"})


class UnparseableEntry(Exception):
    """An entry cannot be parsed; the message has the reason."""


class Address:
    """A classified URL.

    Attributes
    ----------
    host : str
        In lower case, without a port.
    secure : bool or None
        Whether it is https; None for a URL without a scheme.
    endpoint, session_id
        See :func:`mctoolkit.spec.paths.endpoint_of`.
    protocol : str
        ``"api"``; ``"maybe"``, an API path on an unknown host, which only the body can confirm; ``"connect"``, a
        tunnel to the API; ``"heartbeat"``, the older protocol; ``"edge"``, Media Edge; or ``"other"``.
    """

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
def parse_url(url: str, method: str = "POST", default_host: str = "") -> Address:
    """Classify a URL; ``default_host``, from a header, is used if it has no host.

    Examples
    --------
    >>> address = parse_url("https://company.hb-api.omtrdc.net/api/v1/sessions/7f3a/events")
    >>> address.protocol, address.endpoint, address.session_id
    ('api', 'events', '7f3a')
    """
    try:
        parts = urlsplit(url if "//" in url or method != "CONNECT" else f"//{url}")
        host = parts.hostname or ""
    except ValueError:
        return Address("", "", None, method)
    secure = True if parts.scheme in ("https", "wss") else False if parts.scheme == "http" else None
    if not host:
        host = default_host.partition(":")[0].lower()
    return Address(host, parts.path, secure, method)


def parse_entry(entry: dict[str, Any], position: int, stats: CaptureStats) -> CapturedRequest | None:
    """Parse one entry of a HAR. Return None, and count it, if it is not an API request.

    Raises
    ------
    UnparseableEntry
        It is not an entry of a HAR, or its body cannot be decoded.

    Examples
    --------
    >>> url = "https://company.hb-api.omtrdc.net/api/v1/sessions/7f3a/events"
    >>> parse_entry({"request": {"method": "POST", "url": url}}, 1, CaptureStats()).session_id
    '7f3a'
    """
    request = entry.get("request")
    if not isinstance(request, dict) or not isinstance(request.get("url"), str):
        raise UnparseableEntry(_("not an entry of a HAR: it has no request with a URL"))
    method = request.get("method")
    method = method.upper() if isinstance(method, str) else ""
    headers = _parse_headers(request)
    default_host = _find_header(headers, ":authority") or _find_header(headers, "host") or ""
    address = parse_url(request["url"], method, default_host)
    kind = address.protocol if method != "OPTIONS" or address.protocol not in ("api", "maybe") else "preflight"
    if kind not in ("api", "maybe"):
        stats.count_other(kind)
        return None
    raw, value = _parse_request_body(request, method, headers, stats)
    if kind == "maybe" and not is_api_body(value):
        stats.count_other("other")
        return None
    response = entry.get("response")
    status, response_headers, response_body = _parse_response(response if isinstance(response, dict) else {})
    session_id = address.session_id
    if session_id is None:
        location = _find_header(response_headers, "location") or _text_member(response, "redirectURL")
        session_id = session_id_of_response(status, location)
    elapsed = entry.get("time")
    return CapturedRequest(
        number=original_number(entry.get("_mctoolkit"), position),
        endpoint=address.endpoint,
        value=value,
        raw=raw,
        at_ms=parse_time_ms(entry.get("startedDateTime"), stats),
        session_id=session_id,
        status=status,
        without_response=status is None and isinstance(response, dict) and response.get("status") == 0,
        host=address.host,
        url=request["url"],
        secure=address.secure,
        method=method,
        elapsed_ms=float(elapsed) if isinstance(elapsed, int | float) and 0 <= elapsed < MAX_TIME_MS else None,
        request_headers=headers,
        response_headers=response_headers,
        response_body=response_body,
    )


def original_number(holder: object, position: int) -> int:
    """Return the entry number of the original that a redacted capture keeps, or the position in this capture.

    Examples
    --------
    >>> original_number({"entry": 77}, 1), original_number(None, 1)
    (77, 1)
    """
    number = holder.get("entry") if isinstance(holder, dict) else None
    return number if type(number) is int and 0 < number < MAX_TIME_MS else position


def is_api_body(value: object) -> bool:
    """Return whether a body can be one of the API: other services also have a path ``/api/v1/sessions``.

    Examples
    --------
    >>> is_api_body({"eventType": "ping"}), is_api_body({"user": "ann"})
    (True, False)
    """
    if isinstance(value, list):
        return bool(value) and is_api_body(value[0])
    return isinstance(value, dict) and ("eventType" in value or "playerTime" in value)


def parse_time_ms(written: object, stats: CaptureStats | None = None) -> int | None:
    """Parse a time to milliseconds since 1970, or None if it is not one.

    Parameters
    ----------
    written : object
        Milliseconds or seconds since 1970, or ISO 8601. Without a time zone it is read as UTC.
    stats : CaptureStats, optional
        Counts the times without a time zone.

    Examples
    --------
    >>> parse_time_ms("2017-10-26T19:15:24.153Z"), parse_time_ms(1509045324.153), parse_time_ms("soon")
    (1509045324153, 1509045324153, None)
    """
    if isinstance(written, int | float) and not isinstance(written, bool):
        if not 0 < written < MAX_TIME_MS:
            return None
        return round(written if written >= 10**11 else written * 1000)
    if not isinstance(written, str):
        return None
    try:
        time = datetime.fromisoformat(_FRACTION.sub(lambda match: match[0][:7], written.strip(), count=1))
        if time.tzinfo is None:
            if stats is not None:
                stats.without_zone += 1
            time = time.replace(tzinfo=UTC)
        return max(round(time.timestamp() * 1000), 0) or None
    except (ValueError, OverflowError):
        return None


def load_entry(data: bytes) -> dict[str, Any]:
    """Load the JSON object of an entry.

    Raises
    ------
    UnparseableEntry
        It is too long, or not a JSON object.

    Examples
    --------
    >>> load_entry(b'{"time": 21}')
    {'time': 21}
    """
    if len(data) > MAX_ELEMENT_BYTES:
        raise UnparseableEntry(_("too long for a request to the API"))
    entry = json_io.read(data)
    if isinstance(entry, json_io.NotJson):
        try:  # accept invalid UTF-8, lone surrogates and NaN: the rest of the entry is of use
            entry = json.loads(data.decode("utf-8", "replace"), strict=False)
        except (ValueError, RecursionError) as error:
            raise UnparseableEntry(_("not valid JSON ({detail})").format(detail=str(error)[:100])) from None
    if not isinstance(entry, dict):
        raise UnparseableEntry(_("not an entry of a HAR: it has no request with a URL"))
    return entry


def _parse_request_body(
    request: dict[str, Any], method: str, headers: Headers, stats: CaptureStats
) -> tuple[bytes | None, object]:
    raw = _recorded_body(request, headers)
    size = request.get("bodySize")
    if raw is None:
        if method != "POST" or size == 0 or _find_header(headers, "content-length") == "0":
            return b"", json_io.read(b"")
        stats.without_body += 1
        return None, NO_BODY
    value = json_io.read(raw)
    is_shorter = isinstance(size, int) and size > len(raw) and not _find_header(headers, "content-encoding")
    if is_shorter and isinstance(value, json_io.NotJson) and value.reason == "end":
        stats.short_bodies += 1
        return None, NO_BODY
    return raw, value


def _recorded_body(request: dict[str, Any], headers: Headers) -> bytes | None:
    """Return the bytes of the body, or None if none were recorded."""
    posted = request.get("postData")
    if not isinstance(posted, dict):
        return None
    text = posted.get("text")
    if isinstance(text, dict | list):  # some tools write the parsed value
        return json_io.write(text)
    if not isinstance(text, str) or not text:
        return _join_form_params(posted.get("params"))
    if "base64" in (posted.get("encoding"), posted.get("_encoding")):
        raw = _decode_base64(text)
    else:
        raw = text.encode("utf-8", "surrogatepass")
    encoding = (_find_header(headers, "content-encoding") or "").strip().lower()
    if encoding in _COMPRESSIONS or raw.startswith(b"\x1f\x8b"):
        return _decompress(raw)
    return raw


def _join_form_params(params: object) -> bytes | None:
    """Restore a body that a tool parsed as a form: curl sends a form Content-Type unless -H sets another."""
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


def _decode_base64(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        raise UnparseableEntry(_("its body is marked as base64 but is not valid base64")) from None


def _decompress(raw: bytes) -> bytes:
    """Decompress a body; return it unchanged if the tool recorded it decompressed."""
    for bits in (47, -15):  # gzip or zlib, and bare deflate
        decompressor = zlib.decompressobj(wbits=bits)
        try:
            data = decompressor.decompress(raw, _MAX_BODY_BYTES)
        except zlib.error:
            continue
        if decompressor.unconsumed_tail:
            raise UnparseableEntry(_("too long for a request to the API"))
        return data
    return raw


def _parse_response(response: dict[str, Any]) -> tuple[int | None, Headers, bytes]:
    status = response.get("status")
    if type(status) is not int or not 100 <= status <= 999:
        return None, (), b""
    content = response.get("content")
    text = _text_member(content, "text")
    body = text[:_MAX_RESPONSE_BYTES].encode("utf-8", "replace")
    if text and isinstance(content, dict) and content.get("encoding") == "base64":
        try:
            body = base64.b64decode(text[: _MAX_RESPONSE_BYTES // 4 * 4])
        except (binascii.Error, ValueError):
            body = b""
    return status, _parse_headers(response), body


def _parse_headers(message: dict[str, Any]) -> Headers:
    found = message.get("headers")
    if not isinstance(found, list):
        return ()
    return tuple(
        (header["name"], header["value"])
        for header in found
        if isinstance(header, dict) and isinstance(header.get("name"), str) and isinstance(header.get("value"), str)
    )


def _find_header(headers: Headers, name: str) -> str | None:
    return next((value for key, value in headers if key.lower() == name), None)


def _text_member(holder: object, name: str) -> str:
    found = holder.get(name) if isinstance(holder, dict) else None
    return found if isinstance(found, str) else ""
