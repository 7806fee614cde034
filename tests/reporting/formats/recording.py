"""A server that records one request, for generated code that is run."""

from __future__ import annotations

from tests.rawserver import RawServer

CREATED = b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\nLocation: /api/v1/sessions/7f3a\r\nConnection: close\r\n\r\n"


def recording_server() -> RawServer:
    return RawServer(CREATED)


def parse_request(request: bytes) -> tuple[str, dict[str, str], bytes]:
    """Return the request line, the headers by lower-case name, and the body."""
    head, _, body = request.partition(b"\r\n\r\n")
    request_line, *lines = head.decode("latin-1").split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    return request_line, {name.lower(): value for name, value in headers.items()}, body
