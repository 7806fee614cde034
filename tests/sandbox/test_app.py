"""What the sandbox does with any request: paths, methods, sizes, origins, connections."""

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
from mctoolkit.sandbox.app import LARGEST_BODY_BYTES

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


class Asked:
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


def ask(sandbox: Sandbox, method: str, path: str, body: bytes | None = None, **headers: str) -> Asked:
    connection = http.client.HTTPConnection("127.0.0.1", sandbox.port, timeout=30)
    try:
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        return Asked(connection.getresponse())
    finally:
        connection.close()


def talk(sandbox: Sandbox, *pieces: bytes) -> bytes:
    """Send bytes over one socket and return all that comes back until the sandbox closes."""
    with socket.create_connection(("127.0.0.1", sandbox.port), timeout=30) as wire:
        for piece in pieces:
            wire.sendall(piece)
        return rest_of(wire)


def rest_of(wire: socket.socket) -> bytes:
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
        ("/api/v1/sessions/", "Leave out the slash"),
        ("/sessions", "POST /api/v1/sessions"),
        ("/api/v1/session", "POST /api/v1/sessions"),
        ("/api/sessions", "POST /api/v1/sessions"),
        ("/API/V1/SESSIONS", "POST /api/v1/sessions"),
        ("//api/v1/sessions", "POST /api/v1/sessions"),
        ("/api/v1/sessions/x/events/", "without a slash at the end"),
        ("/api/v1/sessions/x", "POST /api/v1/sessions/<session id>/events"),
        ("/api/v1/sessions//events", "POST /api/v1/sessions/<session id>/events"),  # what a player without an id sends
        ("/api/v1/sessions/x/y/events", "POST /api/v1/sessions/<session id>/events"),
        ("/api/v1/x/events", "POST /api/v1/sessions/<session id>/events"),  # C-27
        ("/api/v1/schemas", "GET /api/v1/schemas/<event type>"),
        ("/api/v1/schemas/play/", "GET /api/v1/schemas/<event type>"),
        ("/api/v1/downloaded/", "without a slash at the end"),
        ("/favicon.ico", "POST /api/v1/sessions"),
        ("*", "POST /api/v1/sessions"),
        ("/%ff%00%0d%0aX-Evil:%201", "POST /api/v1/sessions"),
        ("/" + "x" * 5000, "POST /api/v1/sessions"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_wrong_path_is_answered_with_what_helps(sandbox: Sandbox, method: str, path: str, message: str) -> None:
    asked = ask(sandbox, method, path, GOOD if method == "POST" else None)
    assert asked.status == 404
    assert message in asked.message
    assert len(asked.message) < 400
    assert asked.headers["Content-Type"] == "application/json"
    assert CORS.items() <= asked.headers.items()


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
        ("PUT", f"{SESSIONS}/x/events", "OPTIONS, POST"),  # Allow-Methods lists it; no page has an endpoint for it
        ("GET", "/api/v1/downloaded", "OPTIONS, POST"),
        ("POST", "/api/v1/schemas/play", "GET, HEAD, OPTIONS"),  # C-42
        ("DELETE", "/api/v1/schemas/play", "GET, HEAD, OPTIONS"),
    ],
)
def test_a_wrong_method_is_answered_with_the_right_ones(sandbox: Sandbox, method: str, path: str, allowed: str) -> None:
    asked = ask(sandbox, method, path)
    assert asked.status == 405
    assert asked.headers["Allow"] == allowed
    assert CORS.items() <= asked.headers.items()
    if method == "HEAD":
        assert asked.body == b""
    else:
        assert allowed in asked.message
        assert method in asked.message


def test_a_query_does_not_matter(sandbox: Sandbox) -> None:
    assert ask(sandbox, "POST", f"{SESSIONS}?a=1&b", GOOD).status == 201


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_top_says_what_this_is(sandbox: Sandbox, method: str) -> None:
    asked = ask(sandbox, method, "/")
    assert asked.status == 200
    assert asked.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert CORS.items() <= asked.headers.items()
    assert asked.body.decode() == (
        ""
        if method == "HEAD"
        else "This is the sandbox of mctoolkit, on this computer. It imitates Adobe's Media "
        "Collection API: send a sessionStart with POST /api/v1/sessions. Nothing is passed on to Adobe.\n"
    )


# --- other origins


def test_a_browser_may_send_json_from_another_origin(sandbox: Sandbox) -> None:
    asked = ask(
        sandbox,
        "OPTIONS",
        SESSIONS,
        Origin="https://player.example",
        Access_Control_Request_Method="POST",
        Access_Control_Request_Headers="content-type",
    )
    assert asked.status == 204
    assert asked.headers == {
        "Server": "mctoolkit-sandbox",
        "Date": "Mon, 23 Nov 2026 08:14:02 GMT",
        **CORS,
        "Allow": "OPTIONS, POST",
        "Via": "1.1 mctoolkit-sandbox",
    }
    assert asked.body == b""


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
def test_options_without_an_origin_tells_the_methods(sandbox: Sandbox, path: str, allowed: str) -> None:
    asked = ask(sandbox, "OPTIONS", path)
    assert (asked.status, asked.headers["Allow"]) == (204, allowed)


def test_a_browser_gets_as_far_as_the_words_about_a_wrong_path(sandbox: Sandbox) -> None:
    asked = ask(sandbox, "OPTIONS", "/sessions", Origin="https://player.example", Access_Control_Request_Method="POST")
    assert asked.status == 204
    assert "Allow" not in asked.headers
    assert CORS.items() <= asked.headers.items()
    assert ask(sandbox, "OPTIONS", "/sessions").status == 404


def test_a_page_of_another_origin_can_read_a_refusal_and_its_header(sandbox: Sandbox) -> None:
    asked = ask(sandbox, "POST", SESSIONS, b"{}", Origin="https://player.example")
    assert asked.status == 400
    assert asked.headers["Access-Control-Allow-Origin"] == "*"
    assert asked.headers["Access-Control-Expose-Headers"] == "Location, X-Sandbox-Problems"


# --- sizes


def test_a_body_of_the_largest_size_is_read(sandbox: Sandbox) -> None:
    assert LARGEST_BODY_BYTES == 1_048_576
    assert ask(sandbox, "POST", SESSIONS, GOOD.ljust(LARGEST_BODY_BYTES)).status == 201


@pytest.mark.parametrize("size", [LARGEST_BODY_BYTES + 1, 10 * LARGEST_BODY_BYTES])
@pytest.mark.parametrize("path", [SESSIONS, "/sessions"])
def test_a_larger_body_is_answered_though_the_client_sends_all_of_it(sandbox: Sandbox, size: int, path: str) -> None:
    asked = ask(sandbox, "POST", path, GOOD.ljust(size))
    assert asked.status == 413
    assert "1048576 bytes" in asked.message
    assert asked.headers["Connection"] == "close"
    assert CORS.items() <= asked.headers.items()


def test_a_larger_body_is_refused_before_it_is_sent(sandbox: Sandbox) -> None:
    head = b"POST /api/v1/sessions HTTP/1.1\r\nContent-Length: 1048577\r\nExpect: 100-continue\r\n\r\n"
    with socket.create_connection(("127.0.0.1", sandbox.port), timeout=30) as wire:
        wire.sendall(head)
        assert wire.recv(1000).startswith(b"HTTP/1.1 413 ")


CHUNKED = b"POST /api/v1/sessions HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def test_a_body_in_pieces_is_read(sandbox: Sandbox) -> None:
    pieces = [chunk(GOOD[at : at + 7]) for at in range(0, len(GOOD), 7)]
    assert talk(sandbox, CHUNKED, b"Connection: close\r\n\r\n", *pieces, chunk(b"")).startswith(b"HTTP/1.1 201 ")


def test_a_larger_body_in_pieces_is_refused(sandbox: Sandbox) -> None:
    pieces = [chunk(b" " * 65536)] * 16
    assert talk(sandbox, CHUNKED, b"\r\n", *pieces, chunk(b" "), chunk(b"")).startswith(b"HTTP/1.1 413 ")


def test_a_body_that_never_ends_is_not_read_for_ever(sandbox: Sandbox) -> None:
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


def test_a_connection_serves_many_requests_good_and_bad(sandbox: Sandbox) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", sandbox.port, timeout=30)
    connection.connect()
    kept = connection.sock
    expected = [(SESSIONS, GOOD, 201), (SESSIONS, b"{", 400), ("/x", GOOD, 404), ("/", GOOD, 405)] * 3
    for path, body, status in expected:
        connection.request("POST", path, body)
        assert Asked(connection.getresponse()).status == status
        assert connection.sock is kept, "the connection was closed"
    connection.close()


def test_requests_sent_in_one_go_are_answered_in_order(sandbox: Sandbox) -> None:
    requests = request() + request(b"{}") + request(path="/x") + request(GOOD, "Connection: close")
    assert re.findall(rb"HTTP/1.1 (\d+)", talk(sandbox, requests)) == [b"201", b"400", b"404", b"201"]


def test_http_1_0_is_spoken(sandbox: Sandbox) -> None:
    head = b"POST /api/v1/sessions HTTP/1.0\r\nContent-Length: %d\r\n\r\n" % len(GOOD)
    response = talk(sandbox, head + GOOD)
    assert response.startswith(b"HTTP/1.1 201 ")
    assert b"\r\nConnection: close\r\n" in response


@pytest.mark.parametrize("times", [1, 100])
def test_a_client_that_will_send_no_more_gets_its_responses(sandbox: Sandbox, times: int) -> None:
    with socket.create_connection(("127.0.0.1", sandbox.port), timeout=30) as wire:
        wire.sendall(request() * times)
        wire.shutdown(socket.SHUT_WR)
        assert rest_of(wire).count(b"HTTP/1.1 201 Created") == times


@pytest.mark.parametrize("half", [b"", b"POST /api", request()[:-1]])
def test_a_client_that_stops_half_way_is_let_go(sandbox: Sandbox, half: bytes) -> None:
    with socket.create_connection(("127.0.0.1", sandbox.port), timeout=30) as wire:
        wire.sendall(half)
        wire.shutdown(socket.SHUT_WR)
        assert rest_of(wire) == b""


def test_a_client_that_waits_for_leave_to_send_gets_it(sandbox: Sandbox) -> None:
    head, body = request(GOOD, "Expect: 100-continue", "Connection: close").split(b"\r\n\r\n")
    with socket.create_connection(("127.0.0.1", sandbox.port), timeout=30) as wire:
        wire.sendall(head + b"\r\n\r\n")
        assert wire.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        wire.sendall(body)
        assert rest_of(wire).startswith(b"HTTP/1.1 201 ")


@pytest.mark.parametrize("apart", [False, True])
@pytest.mark.parametrize("name", ["Upgrade", "upgrade"])
def test_an_offer_to_upgrade_is_ignored_as_java_clients_expect(sandbox: Sandbox, name: str, apart: bool) -> None:
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


def test_an_offer_to_upgrade_is_looked_for_in_heads_only(sandbox: Sandbox) -> None:
    spoiled = GOOD + b"\r\nUpgrade: h2c"
    assert talk(sandbox, request(spoiled, "Connection: close")).startswith(b"HTTP/1.1 400 ")
    head, _, _ = request(spoiled, "Expect: 100-continue", "Connection: close").partition(b"\r\n\r\n")
    with socket.create_connection(("127.0.0.1", sandbox.port), timeout=30) as wire:
        wire.sendall(head + b"\r\n\r\n")
        assert wire.recv(1000).startswith(b"HTTP/1.1 100 ")
        wire.sendall(b"\r\nUpgrade: h2c" + GOOD)
        assert rest_of(wire).startswith(b"HTTP/1.1 400 ")


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
def test_what_is_no_http_is_told_so(sandbox: Sandbox, garbage: bytes) -> None:
    assert talk(sandbox, garbage).startswith(b"HTTP/1.1 400 ")
    assert ask(sandbox, "POST", SESSIONS, GOOD).status == 201


def test_a_client_that_goes_away_leaves_no_trace(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    halves = [
        b"",
        b"POST",
        request()[:-10],
        CHUNKED + b"\r\n5\r\nab",
        request(b" " * LARGEST_BODY_BYTES * 2),
        request() * 9,
    ]
    with caplog.at_level(logging.INFO), Sandbox() as sandbox:
        for half in halves:
            for politely in (True, False):
                wire = socket.create_connection(("127.0.0.1", sandbox.port), timeout=30)
                if not politely:
                    wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                wire.sendall(half)
                wire.close()
        assert ask(sandbox, "POST", SESSIONS, GOOD).status == 201
    assert caplog.messages == []
    assert capfd.readouterr() == ("", "")


def test_half_a_request_begins_no_session() -> None:
    made: list[str] = []

    def ids() -> str:
        made.append("ab" * 32)
        return made[-1]

    with Sandbox(ids=ids) as sandbox:
        half = request(GOOD + b"  ")[:-1]  # all of the JSON, and not all of the body
        with socket.create_connection(("127.0.0.1", sandbox.port), timeout=30) as wire:
            wire.sendall(half)
    assert made == []


def test_a_client_that_sends_and_never_reads_is_cut_off(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "_UNREAD_S", 0.2)
    flood, sent = request(b"{}", path="/x") * 1000, 0
    with socket.create_connection(("127.0.0.1", sandbox.port), timeout=30) as wire:
        with contextlib.suppress(ConnectionError):
            while sent < 2**25:
                sent += wire.send(flood)
        assert sent < 2**25
    assert ask(sandbox, "POST", SESSIONS, GOOD).status == 201


# --- when the sandbox itself fails


def test_a_failure_of_ours_is_a_500_without_a_trace_and_the_next_request_is_served(
    caplog: pytest.LogCaptureFixture,
) -> None:
    ids = iter(["no id at all \u2603", "ab" * 32])

    with Sandbox(ids=lambda: next(ids)) as sandbox:
        connection = http.client.HTTPConnection("127.0.0.1", sandbox.port, timeout=30)
        statuses = []
        for _ in range(3):  # a bad id, a good one, and none any more
            connection.request("POST", SESSIONS, GOOD)
            asked = Asked(connection.getresponse())
            statuses.append(asked.status)
            assert asked.headers["Access-Control-Allow-Origin"] == "*"
            if asked.status == 500:
                assert list(json.loads(asked.body)) == ["message"]
                assert "mctoolkit.sandbox" in asked.message
                assert b"Traceback" not in asked.body
                assert b"line" not in asked.body
        connection.close()
    assert statuses == [500, 201, 500]
    assert {record.name for record in caplog.records} == {"mctoolkit.sandbox"}
    assert [record.exc_info is not None for record in caplog.records] == [True, True]
