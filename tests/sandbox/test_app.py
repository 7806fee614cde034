"""Paths, methods, sizes, origins and connections of the sandbox."""

from __future__ import annotations

import contextlib
import http.client
import json
import logging
import re
import socket
import struct
from collections.abc import Iterator

import pytest

from mctoolkit._core.clocks import ManualClock, seeded_ids
from mctoolkit.sandbox import Sandbox, protocol
from mctoolkit.sandbox.app import MAX_BODY_BYTES

GOOD = json.dumps(
    {
        "eventType": "sessionStart",
        "playerTime": {"playhead": 0, "ts": 1509045324153},
        "params": {
            "analytics.reportSuite": "suite",
            "analytics.trackingServer": "company.sc.omtrdc.net",
            "media.channel": "channel",
            "media.contentType": "VOD",
            "media.id": "id",
            "media.length": 60.39,
            "media.playerName": "player",
            "visitor.marketingCloudOrgId": "0123456789ABCDEF01234567@AdobeOrg",
        },
    }
).encode()

SESSIONS = "/api/v1/sessions"
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "OPTIONS,POST,PUT",
    "Access-Control-Allow-Headers": "Content-Type",
    "Access-Control-Expose-Headers": "Location",
}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(clock=ManualClock(), ids=seeded_ids(1)) as running:
        yield running


class Received:
    """A response: status, headers by name, body."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        self.headers = dict(response.getheaders())
        self.body = response.read()

    @property
    def message(self) -> str:
        found = json.loads(self.body)["message"]
        assert isinstance(found, str)
        return found


def ask(sandbox: Sandbox, method: str, path: str, body: bytes | None = None, **headers: str) -> Received:
    connection = http.client.HTTPConnection("127.0.0.1", sandbox.port, timeout=30)
    try:
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        return Received(connection.getresponse())
    finally:
        connection.close()


def talk(sandbox: Sandbox, *pieces: bytes) -> bytes:
    """Send bytes over one socket, and return what arrives until the sandbox closes it."""
    with socket.create_connection(("127.0.0.1", sandbox.port), timeout=30) as wire:
        for piece in pieces:
            wire.sendall(piece)
        return read_all(wire)


def read_all(wire: socket.socket) -> bytes:
    received = b""
    while piece := wire.recv(65536):
        received += piece
    return received


def request(body: bytes = GOOD, *headers: str, path: str = SESSIONS) -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


# --- paths and methods


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/api/v1/sessions/", "Remove the trailing slash"),
        ("/sessions", "POST /api/v1/sessions"),
        ("/api/v1/session", "POST /api/v1/sessions"),
        ("/api/sessions", "POST /api/v1/sessions"),
        ("/API/V1/SESSIONS", "POST /api/v1/sessions"),
        ("//api/v1/sessions", "POST /api/v1/sessions"),
        ("/api/v1/sessions/x/events/", "without a trailing slash"),
        ("/api/v1/sessions/x", "POST /api/v1/sessions/<session id>/events"),
        ("/api/v1/sessions//events", "POST /api/v1/sessions/<session id>/events"),  # a player without an id sends this
        ("/api/v1/sessions/x/y/events", "POST /api/v1/sessions/<session id>/events"),
        ("/api/v1/x/events", "POST /api/v1/sessions/<session id>/events"),  # C-27
        ("/api/v1/schemas", "GET /api/v1/schemas/<event type>"),
        ("/api/v1/schemas/play/", "GET /api/v1/schemas/<event type>"),
        ("/api/v1/downloaded/", "without a trailing slash"),
        ("/favicon.ico", "POST /api/v1/sessions"),
        ("*", "POST /api/v1/sessions"),
        ("/%ff%00%0d%0aX-Evil:%201", "POST /api/v1/sessions"),
        ("/" + "x" * 5000, "POST /api/v1/sessions"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_unknown_path_suggests_the_right_one(sandbox: Sandbox, method: str, path: str, message: str) -> None:
    response = ask(sandbox, method, path, GOOD if method == "POST" else None)
    assert response.status == 404
    assert message in response.message
    assert len(response.message) < 400
    assert response.headers["Content-Type"] == "application/json"
    assert CORS.items() <= response.headers.items()


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", SESSIONS, "OPTIONS, POST"),
        ("HEAD", SESSIONS, "OPTIONS, POST"),
        ("PUT", SESSIONS, "OPTIONS, POST"),
        ("DELETE", SESSIONS, "OPTIONS, POST"),
        ("PATCH", SESSIONS + "?a=1", "OPTIONS, POST"),
        ("TRACE", SESSIONS, "OPTIONS, POST"),
        ("POST", "/", "GET, HEAD, OPTIONS"),
        ("GET", f"{SESSIONS}/x/events", "OPTIONS, POST"),
        (
            "PUT",
            f"{SESSIONS}/x/events",
            "OPTIONS, POST",
        ),  # in Access-Control-Allow-Methods, but no endpoint is documented for it
        ("GET", "/api/v1/downloaded", "OPTIONS, POST"),
        ("POST", "/api/v1/schemas/play", "GET, HEAD, OPTIONS"),  # C-42
        ("DELETE", "/api/v1/schemas/play", "GET, HEAD, OPTIONS"),
    ],
)
def test_wrong_method_lists_allowed_methods(sandbox: Sandbox, method: str, path: str, allowed: str) -> None:
    response = ask(sandbox, method, path)
    assert response.status == 405
    assert response.headers["Allow"] == allowed
    assert CORS.items() <= response.headers.items()
    if method == "HEAD":
        assert response.body == b""
    else:
        assert allowed in response.message
        assert method in response.message


def test_query_is_ignored(sandbox: Sandbox) -> None:
    assert ask(sandbox, "POST", f"{SESSIONS}?a=1&b", GOOD).status == 201


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_root_describes_the_server(sandbox: Sandbox, method: str) -> None:
    response = ask(sandbox, method, "/")
    assert response.status == 200
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert CORS.items() <= response.headers.items()
    assert response.body.decode() == (
        ""
        if method == "HEAD"
        else "This is the mctoolkit sandbox on this computer. It imitates Adobe's Media "
        "Collection API: start a session with POST /api/v1/sessions. Nothing is sent to Adobe.\n"
    )


# --- other origins


def test_preflight_allows_json_from_any_origin(sandbox: Sandbox) -> None:
    response = ask(
        sandbox,
        "OPTIONS",
        SESSIONS,
        Origin="https://player.example",
        Access_Control_Request_Method="POST",
        Access_Control_Request_Headers="content-type",
    )
    assert response.status == 204
    assert response.headers == {
        "Server": "mctoolkit-sandbox",
        "Date": "Mon, 23 Nov 2026 08:14:02 GMT",
        **CORS,
        "Allow": "OPTIONS, POST",
        "Via": "1.1 mctoolkit-sandbox",
    }
    assert response.body == b""


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        (SESSIONS, "OPTIONS, POST"),
        (f"{SESSIONS}/{'ab' * 32}/events", "OPTIONS, POST"),
        ("/api/v1/downloaded", "OPTIONS, POST"),
        ("/api/v1/schemas/ping", "GET, HEAD, OPTIONS"),
        ("/", "GET, HEAD, OPTIONS"),
    ],
)
def test_options_lists_methods(sandbox: Sandbox, path: str, allowed: str) -> None:
    response = ask(sandbox, "OPTIONS", path)
    assert (response.status, response.headers["Allow"]) == (204, allowed)


def test_preflight_of_unknown_path_succeeds(sandbox: Sandbox) -> None:
    response = ask(
        sandbox, "OPTIONS", "/sessions", Origin="https://player.example", Access_Control_Request_Method="POST"
    )
    assert response.status == 204
    assert "Allow" not in response.headers
    assert CORS.items() <= response.headers.items()
    assert ask(sandbox, "OPTIONS", "/sessions").status == 404


def test_other_origin_can_read_400_and_header(sandbox: Sandbox) -> None:
    response = ask(sandbox, "POST", SESSIONS, b"{}", Origin="https://player.example")
    assert response.status == 400
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.headers["Access-Control-Expose-Headers"] == "Location, X-Sandbox-Problems"


# --- sizes


def test_body_at_the_size_limit_is_accepted(sandbox: Sandbox) -> None:
    assert MAX_BODY_BYTES == 1_048_576
    assert ask(sandbox, "POST", SESSIONS, GOOD.ljust(MAX_BODY_BYTES)).status == 201


@pytest.mark.parametrize("size", [MAX_BODY_BYTES + 1, 10 * MAX_BODY_BYTES])
@pytest.mark.parametrize("path", [SESSIONS, "/sessions"])
def test_body_above_the_limit_gets_413(sandbox: Sandbox, size: int, path: str) -> None:
    response = ask(sandbox, "POST", path, GOOD.ljust(size))
    assert response.status == 413
    assert "1048576 bytes" in response.message
    assert response.headers["Connection"] == "close"
    assert CORS.items() <= response.headers.items()


def test_413_comes_before_100_continue(sandbox: Sandbox) -> None:
    head = b"POST /api/v1/sessions HTTP/1.1\r\nContent-Length: 1048577\r\nExpect: 100-continue\r\n\r\n"
    with socket.create_connection(("127.0.0.1", sandbox.port), timeout=30) as wire:
        wire.sendall(head)
        assert wire.recv(1000).startswith(b"HTTP/1.1 413 ")


CHUNKED = b"POST /api/v1/sessions HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def test_chunked_body_is_accepted(sandbox: Sandbox) -> None:
    pieces = [chunk(GOOD[at : at + 7]) for at in range(0, len(GOOD), 7)]
    assert talk(sandbox, CHUNKED, b"Connection: close\r\n\r\n", *pieces, chunk(b"")).startswith(b"HTTP/1.1 201 ")


def test_chunked_body_above_the_limit_gets_413(sandbox: Sandbox) -> None:
    pieces = [chunk(b" " * 65536)] * 16
    assert talk(sandbox, CHUNKED, b"\r\n", *pieces, chunk(b" "), chunk(b"")).startswith(b"HTTP/1.1 413 ")


def test_endless_body_is_cut_off(sandbox: Sandbox) -> None:
    with socket.create_connection(("127.0.0.1", sandbox.port), timeout=30) as wire:
        wire.sendall(CHUNKED + b"\r\n")
        piece, sent = chunk(b" " * 65536), 0
        with contextlib.suppress(ConnectionError):
            while sent < 2**34:
                wire.sendall(piece)
                sent += len(piece)
        assert 2**20 < sent < 2**34
    assert ask(sandbox, "POST", SESSIONS, GOOD).status == 201


# --- connections


def test_connection_is_kept_after_errors(sandbox: Sandbox) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", sandbox.port, timeout=30)
    connection.connect()
    kept = connection.sock
    expected = [(SESSIONS, GOOD, 201), (SESSIONS, b"{", 400), ("/x", GOOD, 404), ("/", GOOD, 405)] * 3
    for path, body, status in expected:
        connection.request("POST", path, body)
        assert Received(connection.getresponse()).status == status
        assert connection.sock is kept, "the connection was closed"
    connection.close()


def test_pipelined_requests_get_ordered_responses(sandbox: Sandbox) -> None:
    requests = request() + request(b"{}") + request(path="/x") + request(GOOD, "Connection: close")
    assert re.findall(rb"HTTP/1.1 (\d+)", talk(sandbox, requests)) == [b"201", b"400", b"404", b"201"]


def test_http_1_0_closes_the_connection(sandbox: Sandbox) -> None:
    head = b"POST /api/v1/sessions HTTP/1.0\r\nContent-Length: %d\r\n\r\n" % len(GOOD)
    response = talk(sandbox, head + GOOD)
    assert response.startswith(b"HTTP/1.1 201 ")
    assert b"\r\nConnection: close\r\n" in response


@pytest.mark.parametrize("times", [1, 100])
def test_half_closed_client_gets_its_responses(sandbox: Sandbox, times: int) -> None:
    with socket.create_connection(("127.0.0.1", sandbox.port), timeout=30) as wire:
        wire.sendall(request() * times)
        wire.shutdown(socket.SHUT_WR)
        assert read_all(wire).count(b"HTTP/1.1 201 Created") == times


@pytest.mark.parametrize("half", [b"", b"POST /api", request()[:-1]])
def test_incomplete_request_before_eof_is_dropped(sandbox: Sandbox, half: bytes) -> None:
    with socket.create_connection(("127.0.0.1", sandbox.port), timeout=30) as wire:
        wire.sendall(half)
        wire.shutdown(socket.SHUT_WR)
        assert read_all(wire) == b""


def test_expect_continue_gets_100(sandbox: Sandbox) -> None:
    head, body = request(GOOD, "Expect: 100-continue", "Connection: close").split(b"\r\n\r\n")
    with socket.create_connection(("127.0.0.1", sandbox.port), timeout=30) as wire:
        wire.sendall(head + b"\r\n\r\n")
        assert wire.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        wire.sendall(body)
        assert read_all(wire).startswith(b"HTTP/1.1 201 ")


@pytest.mark.parametrize("apart", [False, True])
@pytest.mark.parametrize("name", ["Upgrade", "upgrade"])
def test_upgrade_offer_of_java_clients_is_ignored(sandbox: Sandbox, name: str, apart: bool) -> None:
    offer = [
        "Connection: Upgrade, HTTP2-Settings",
        f"{name}: h2c",
        "HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABk",
    ]
    body = GOOD.replace(b'"channel"', b'"\\r\\nUpgrade: no header"')
    head, _, _ = request(body, *offer).partition(b"\r\n\r\n")
    last = request(GOOD, "Connection: close")
    pieces = [head + b"\r\n\r\n", body, last] if apart else [head + b"\r\n\r\n" + body, last]
    responses = talk(sandbox, *pieces)
    assert responses.count(b"HTTP/1.1 201 Created") == 2


def test_upgrade_text_in_body_is_not_an_offer(sandbox: Sandbox) -> None:
    spoiled = GOOD + b"\r\nUpgrade: h2c"
    assert talk(sandbox, request(spoiled, "Connection: close")).startswith(b"HTTP/1.1 400 ")
    head, _, _ = request(spoiled, "Expect: 100-continue", "Connection: close").partition(b"\r\n\r\n")
    with socket.create_connection(("127.0.0.1", sandbox.port), timeout=30) as wire:
        wire.sendall(head + b"\r\n\r\n")
        assert wire.recv(1000).startswith(b"HTTP/1.1 100 ")
        wire.sendall(b"\r\nUpgrade: h2c" + GOOD)
        assert read_all(wire).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x00\xff\x16\x03\x01\r\n\r\n",
        b"GET\r\n\r\n",
        b"FETCH / HTTP/1.1\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\n\r\n",
        b"CONNECT example.com:443 HTTP/1.1\r\n\r\n",
        b"POST /api/v1/sessions HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST /api/v1/sessions HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"POST /api/v1/sessions HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n",
        b"POST /api/v1/sessions HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
    ],
)
def test_invalid_http_gets_400(sandbox: Sandbox, garbage: bytes) -> None:
    assert talk(sandbox, garbage).startswith(b"HTTP/1.1 400 ")
    assert ask(sandbox, "POST", SESSIONS, GOOD).status == 201


def test_disconnected_client_is_not_logged(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    halves = [
        b"",
        b"POST",
        request()[:-10],
        CHUNKED + b"\r\n5\r\nab",
        request(b" " * MAX_BODY_BYTES * 2),
        request() * 9,
    ]
    with caplog.at_level(logging.INFO), Sandbox() as sandbox:
        for half in halves:
            for regularly in (True, False):
                wire = socket.create_connection(("127.0.0.1", sandbox.port), timeout=30)
                if not regularly:
                    wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                wire.sendall(half)
                wire.close()
        assert ask(sandbox, "POST", SESSIONS, GOOD).status == 201
    assert caplog.messages == []
    assert capfd.readouterr() == ("", "")


def test_incomplete_request_starts_no_session() -> None:
    made: list[str] = []

    def ids() -> str:
        made.append("ab" * 32)
        return made[-1]

    with Sandbox(ids=ids) as sandbox:
        half = request(GOOD + b"  ")[:-1]  # the JSON is complete, the body is not
        with socket.create_connection(("127.0.0.1", sandbox.port), timeout=30) as wire:
            wire.sendall(half)
    assert made == []


def test_client_that_never_reads_is_cut_off(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "_UNREAD_S", 0.2)
    flood, sent = request(b"{}", path="/x") * 1000, 0
    with socket.create_connection(("127.0.0.1", sandbox.port), timeout=30) as wire:
        with contextlib.suppress(ConnectionError):
            while sent < 2**25:
                sent += wire.send(flood)
        assert sent < 2**25
    assert ask(sandbox, "POST", SESSIONS, GOOD).status == 201


# --- internal errors


def test_internal_error_gets_500_without_traceback(
    caplog: pytest.LogCaptureFixture,
) -> None:
    ids = iter(["invalid \u2603", "ab" * 32])

    with Sandbox(ids=lambda: next(ids)) as sandbox:
        connection = http.client.HTTPConnection("127.0.0.1", sandbox.port, timeout=30)
        statuses = []
        for _ in range(3):  # an invalid id, a valid one, and no more ids
            connection.request("POST", SESSIONS, GOOD)
            response = Received(connection.getresponse())
            statuses.append(response.status)
            assert response.headers["Access-Control-Allow-Origin"] == "*"
            if response.status == 500:
                assert list(json.loads(response.body)) == ["message"]
                assert "mctoolkit.sandbox" in response.message
                assert b"Traceback" not in response.body
                assert b"line" not in response.body
        connection.close()
    assert statuses == [500, 201, 500]
    assert {record.name for record in caplog.records} == {"mctoolkit.sandbox"}
    assert [record.exc_info is not None for record in caplog.records] == [True, True]
