"""Connections: limits of size, time and number, and the order of responses."""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
import select
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from starlette.types import Receive, Scope, Send

from mctoolkit.sandbox import Sandbox, protocol, server

WAIT_S = 30


class Stub:
    """An application that responds 200 with the size of the body, after the delay in the path, and records scopes."""

    def __init__(self) -> None:
        self.scopes: list[Scope] = []
        self.blocked, self.resume = threading.Event(), threading.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        size, more = 0, True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            size += len(message.get("body", b""))
            more = message.get("more_body", False)
        self.scopes.append(scope)
        if scope["path"] == "/block":  # blocks the whole server
            self.blocked.set()
            self.resume.wait(WAIT_S)
        if scope["path"].startswith("/late"):
            await asyncio.sleep(0.3)
        body = b"x" * 2_000_000 if scope["path"] == "/large" else b"%d" % size
        headers = [(b"Content-Length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body, "more_body": False})


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Stub:
    made = Stub()
    monkeypatch.setattr(server, "application", lambda *_, **__: made)
    return made


@pytest.fixture
def sandbox(stub: Stub) -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


def connect(sandbox: Sandbox) -> socket.socket:
    return socket.create_connection(("127.0.0.1", sandbox.port), timeout=WAIT_S)


def read_all(wire: socket.socket) -> bytes:
    received = b""
    with contextlib.suppress(ConnectionError):
        while piece := wire.recv(65536):
            received += piece
    return received


def talk(sandbox: Sandbox, *pieces: bytes) -> bytes:
    with connect(sandbox) as wire:
        for piece in pieces:
            wire.sendall(piece)
        return read_all(wire)


def statuses(responses: bytes) -> list[int]:
    return [int(status) for status in re.findall(rb"HTTP/1.1 (\d+) ", responses)]


GOOD = b"POST /good HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}"
LAST = GOOD.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
LATE = GOOD.replace(b"/good", b"/late")
CHUNKED = b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"


def served(sandbox: Sandbox) -> bool:
    return statuses(talk(sandbox, LAST)) == [200]


# --- size of the head


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\nX: " + b"x" * 65_536 + b"\r\n\r\n",
        b"GET /" + b"x" * 65_536 + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 101 + b"\r\n",
        b"GET / HTTP/1.1\r\n" + b"x" * 65_536 + b": y\r\n\r\n",
    ],
    ids=["value", "path", "many", "name"],
)
@pytest.mark.parametrize("at_once", [True, False])
def test_head_above_the_limit_gets_431(sandbox: Sandbox, stub: Stub, head: bytes, at_once: bool) -> None:
    pieces = [head] if at_once else [head[at : at + 997] for at in range(0, len(head), 997)]
    response = talk(sandbox, *pieces)
    assert response.startswith(b"HTTP/1.1 431 Request Header Fields Too Large\r\n")
    assert b"65,536 bytes or 100 headers" in response
    assert b"\r\nConnection: close\r\n" in response
    assert b"\r\nAccess-Control-Allow-Origin: *\r\n" in response
    assert stub.scopes == []
    assert served(sandbox)


@pytest.mark.parametrize("at_once", [True, False])
def test_head_at_the_limit_is_accepted(sandbox: Sandbox, at_once: bool) -> None:
    head = b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 98 + b"Connection: close\r\nZ: " + b"z" * 64_000 + b"\r\n\r\n"
    pieces = [head] if at_once else [head[at : at + 997] for at in range(0, len(head), 997)]
    assert statuses(talk(sandbox, *pieces)) == [200]


def endless(sandbox: Sandbox, start: bytes, piece: bytes) -> bytes:
    """Send a piece again and again until a response arrives; return the response."""
    with connect(sandbox) as wire:
        wire.sendall(start)
        while not select.select([wire], [], [], 0)[0]:
            wire.sendall(piece)
        return read_all(wire)


@pytest.mark.parametrize(
    ("start", "piece", "status"),
    [
        (b"GET / HTTP/1.1\r\nX: ", b"x" * 4096, 431),
        (b"GET / HTTP/1.1\r\n", b"X: y\r\n" * 500, 431),
        (b"GET /", b"x" * 4096, 431),
        (CHUNKED + b"1;", b"x" * 4096, 400),
        (CHUNKED + b"0\r\nX: ", b"x" * 4096, 400),
        (CHUNKED + b"0\r\n", b"X: y\r\n" * 500, 400),
        (CHUNKED, b"0" * 4096, 400),
    ],
    ids=["header", "headers", "path", "extension", "trailer", "trailers", "zeros"],
)
def test_endless_data_is_cut_off_without_blocking(sandbox: Sandbox, start: bytes, piece: bytes, status: int) -> None:
    with ThreadPoolExecutor(1) as pool:
        response = pool.submit(endless, sandbox, start, piece)
        assert all(served(sandbox) for _ in range(20))
    assert statuses(response.result()) == [status]


def test_head_after_a_large_body_is_measured_alone(sandbox: Sandbox, stub: Stub) -> None:
    large = GOOD.replace(b"Length: 2", b"Length: 100000").replace(b"{}", b"x" * 100_000)
    with connect(sandbox) as other, connect(sandbox) as wire:
        other.sendall(GOOD.replace(b"/good", b"/block"))
        assert stub.blocked.wait(WAIT_S)
        wire.sendall(large + LAST[:20])  # so that it arrives at once
        stub.resume.set()
        response = wire.recv(65536)
        wire.sendall(LAST[20:])
        assert statuses(response + read_all(wire)) == [200, 200]


def test_chunks_of_one_byte_are_accepted(sandbox: Sandbox) -> None:
    data = CHUNKED.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n") + b"1\r\nx\r\n" * 200_000 + b"0\r\n\r\n"
    response = talk(sandbox, data)
    assert statuses(response) == [200]
    assert response.endswith(b"200000")


def test_trailers_are_dropped(sandbox: Sandbox, stub: Stub) -> None:
    trailed = CHUNKED + b"2\r\n{}\r\n0\r\nHost: evil.example\r\nX: y\r\n\r\n"
    assert statuses(talk(sandbox, trailed + LAST)) == [200, 200]
    assert stub.scopes[0]["headers"] == [(b"host", b"localhost"), (b"transfer-encoding", b"chunked")]


# --- timeouts


HALVES = {
    "half a line": b"POST /go",
    "half a head": b"POST / HTTP/1.1\r\nHost: localhost\r\n",
    "half a body": GOOD[:-1],
    "half a piece": CHUNKED + b"5\r\nab",
}


@pytest.mark.parametrize("half", HALVES.values(), ids=HALVES)
@pytest.mark.parametrize("before", [b"", GOOD], ids=["first", "second"])
def test_incomplete_request_gets_408(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, half: bytes, before: bytes
) -> None:
    monkeypatch.setattr(protocol, "_HEAD_S", 0.1)
    monkeypatch.setattr(protocol, "_BODY_S", 0.1)
    with connect(sandbox) as wire:
        if before:
            wire.sendall(before)
            assert wire.recv(65536).startswith(b"HTTP/1.1 200 ")
        wire.sendall(half)
        response = read_all(wire)
    assert statuses(response) == [408]
    assert b"took too long to arrive" in response


@pytest.mark.parametrize("start", [b"GET / HTTP/1.1\r\n", CHUNKED], ids=["head", "body"])
def test_slow_request_gets_408(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, start: bytes) -> None:
    monkeypatch.setattr(protocol, "_HEAD_S", 0.2)
    monkeypatch.setattr(protocol, "_BODY_S", 0.2)
    drop = b"1\r\nx\r\n" if start == CHUNKED else b"X: y\r\n"
    with connect(sandbox) as wire:
        wire.sendall(start)
        wire.settimeout(0.01)
        response = b""
        for _ in range(1_000):
            with contextlib.suppress(TimeoutError):
                response = wire.recv(65536)
                break
            wire.sendall(drop)
    assert statuses(response) == [408]


def test_head_and_body_have_separate_deadlines(stub: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "_HEAD_S", 1_000.0)
    monkeypatch.setattr(protocol, "_BODY_S", 5_000.0)
    made: list[protocol.Connection] = []

    class Recorded(protocol.Connection):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            made.append(self)

    monkeypatch.setattr(protocol, "Connection", Recorded)

    def until(stage: int) -> asyncio.TimerHandle:
        while not (made and made[0]._stage == stage and not made[0]._deadline.cancelled()):
            time.sleep(0.01)
        return made[0]._deadline

    head, _, body = GOOD.partition(b"\r\n\r\n")
    with Sandbox() as sandbox, connect(sandbox) as wire:
        wire.sendall(head)
        for_head = until(protocol._HEAD)
        wire.sendall(b"\r\n\r\n" + body[:1])
        for_body = until(protocol._BODY)
        wire.sendall(body[1:])
        assert statuses(wire.recv(65536)) == [200]
        assert made[0]._deadline.cancelled()
    assert for_body.when() - for_head.when() > 3_000
    assert for_head.cancelled()
    assert for_body.cancelled()


@pytest.mark.parametrize("before", [b"", GOOD, b"\r\n", GOOD + b"\r\n"])
def test_idle_connection_is_closed_silently(stub: Stub, monkeypatch: pytest.MonkeyPatch, before: bytes) -> None:
    monkeypatch.setattr(server, "_KEEP_ALIVE_S", 0.1)
    with Sandbox() as sandbox:
        assert statuses(talk(sandbox, before)) == [200] * (GOOD in before)


def test_unread_responses_end_the_connection(sandbox: Sandbox, stub: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "_UNREAD_S", 0.2)
    with socket.socket() as wire:
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        wire.settimeout(WAIT_S)
        wire.connect(("127.0.0.1", sandbox.port))
        wire.sendall(b"GET /large HTTP/1.1\r\n\r\n" * 20)
        server = sandbox._server
        until = time.monotonic() + WAIT_S
        while not stub.scopes or server.connections:
            assert time.monotonic() < until
            time.sleep(0.01)
    assert len(stub.scopes) < 20


def test_reading_pauses_while_requests_are_queued(sandbox: Sandbox) -> None:
    flood, sent = LATE * 1_000, 0
    with connect(sandbox) as wire:
        wire.setblocking(False)
        while sent < 2**25 and select.select([], [wire], [], 1)[1]:
            sent += wire.send(flood)
        assert sent < 2**25
    assert served(sandbox)


# --- number of connections


def test_connections_above_the_limit_get_503(stub: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "_MAX_CONNECTIONS", 2)
    with Sandbox() as sandbox:
        with contextlib.ExitStack() as stack:
            open_ones = [stack.enter_context(connect(sandbox)) for _ in range(2)]
            for wire in open_ones:  # their responses show that they are open
                wire.sendall(GOOD)
                assert wire.recv(65536).startswith(b"HTTP/1.1 200 ")
            assert statuses(talk(sandbox, GOOD)) == [503]
        while sandbox._server.connections:
            time.sleep(0.01)
        assert served(sandbox)


# --- order


@pytest.mark.parametrize("first", [GOOD, LATE], ids=["at once", "late"])
@pytest.mark.parametrize(
    ("bad", "status"),
    [
        (b"GARBAGE\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 101 + b"\r\n", 431),
        (b"CONNECT example.com:443 HTTP/1.1\r\n\r\n", 400),
        (CHUNKED + b"xyz\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
    ],
    ids=["garbage", "headers", "connect", "chunks", "length"],
)
def test_rejection_follows_earlier_responses(sandbox: Sandbox, first: bytes, bad: bytes, status: int) -> None:
    responses = talk(sandbox, first * 3 + bad + GOOD)
    assert statuses(responses) == [200, 200, 200, status]


def test_sending_client_receives_the_rejection(sandbox: Sandbox) -> None:
    response = talk(sandbox, b"GARBAGE\r\n\r\n", *[b"x" * 65536] * 30)
    assert statuses(response) == [400]


# --- requests to proxies


@pytest.mark.parametrize(
    ("line", "path", "host"),
    [
        ("http://company.hb-api.omtrdc.net/api/v1/sessions", "/api/v1/sessions", b"company.hb-api.omtrdc.net"),
        ("HTTPS://localhost:8765/a%20b", "/a b", b"localhost:8765"),
        ("http://user:word@localhost/x", "/x", b"localhost"),
        ("http://[::1]:80", "/", b"[::1]:80"),
        ("http://localhost?a=1", "/", b"localhost"),
    ],
)
def test_absolute_url_sets_host_and_path(sandbox: Sandbox, stub: Stub, line: str, path: str, host: bytes) -> None:
    names = ("company.hb-api.omtrdc.net",)
    with Sandbox(allow_hosts=names) as sandbox:
        head = f"POST {line} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode()
        assert statuses(talk(sandbox, head)) == [200]
    scope = stub.scopes[0]
    assert scope["path"] == path
    assert [value for name, value in scope["headers"] if name == b"host"] == [host]


def test_absolute_url_of_unknown_host_gets_421(sandbox: Sandbox, stub: Stub) -> None:
    head = b"POST http://evil.example/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    assert statuses(talk(sandbox, head)) == [421]
    assert stub.scopes == []


def test_connect_suggests_map_remote(sandbox: Sandbox) -> None:
    assert b"Map Remote" in talk(sandbox, b"CONNECT company.hb-api.omtrdc.net:443 HTTP/1.1\r\n\r\n")


def test_upgrade_offer_byte_by_byte_is_ignored(sandbox: Sandbox, stub: Stub) -> None:
    offer = LAST.replace(b"\r\nConnection: close", b"\r\nConnection: Upgrade\r\nUpgrade: h2c") + LAST
    assert statuses(talk(sandbox, *(offer[at : at + 1] for at in range(len(offer))))) == [200, 200]
    assert [name for name, _ in stub.scopes[0]["headers"]] == [b"host", b"content-length", b"connection"]


# --- random bytes

ALPHABET = [
    b"GET", b"POST", b"OPTIONS", b" ", b"/", b"/api/v1/sessions", b" HTTP/1.1", b" HTTP/1.0", b"HTTP/9", b"\r\n", b"\r\n\r\n",
    b"\n", b"\r", b"Host: localhost", b"Host: evil", b"Content-Length: ", b"Content-Length: 5", b"Transfer-Encoding: chunked",
    b"Expect: 100-continue", b"Connection: close", b"Connection: Upgrade", b"Upgrade: h2c", b":", b"0", b"5", b"ff", b";",
    b"\x00", b"\xff\xfe", b"\x16\x03\x01\x02", b"{}", b'{"eventType":"play"}', b"A" * 3_000, GOOD, LATE[:40], CHUNKED,
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"http://", b"%00", b"%zz", b"-1", b"99999999999999999999", b"\xc3\xa9",
]  # fmt: skip


def test_random_bytes_never_break_the_sandbox(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(protocol, "_HEAD_S", 0.1)
    monkeypatch.setattr(protocol, "_BODY_S", 0.1)
    monkeypatch.setattr(server, "_KEEP_ALIVE_S", 0.1)
    chance = random.Random(20261123)
    received_statuses: set[int] = set()
    with Sandbox() as sandbox:  # with the real application
        for _ in range(1_000):
            data = b"".join(chance.choices(ALPHABET, k=chance.randint(1, 14)))
            shape = chance.random()
            if shape < 0.4:
                lines = chance.choices([piece for piece in ALPHABET if b": " in piece], k=chance.randint(0, 4))
                data = b"\r\n".join([b"POST /api/v1/sessions HTTP/1.1", *lines, b"", data])
            elif shape < 0.6:
                data = b"".join(chance.choices([GOOD, LAST, CHUNKED + b"2\r\n{}\r\n0\r\n\r\n"], k=3))
                data = data[: chance.randrange(len(data))]
            if chance.random() < 0.3 and data:
                damaged = bytearray(data)
                for _ in range(chance.randint(1, 8)):
                    damaged[chance.randrange(len(damaged))] = chance.randrange(256)
                data = bytes(damaged)
            cut = chance.randrange(len(data) + 1)
            with connect(sandbox) as wire:
                with contextlib.suppress(OSError):  # the connection can end at any byte
                    wire.sendall(data[:cut])
                    wire.sendall(data[cut:])
                    if chance.random() < 0.8:
                        wire.shutdown(socket.SHUT_WR)
                responses = read_all(wire)
            assert responses == b"" or responses.startswith(b"HTTP/1.1 "), responses
            received_statuses.update(statuses(responses))
        assert served(sandbox) or statuses(talk(sandbox, LAST)) == [404]
        until = time.monotonic() + WAIT_S
        while sandbox._server.connections or sandbox._server.server_state.tasks:
            assert time.monotonic() < until, "connections or tasks are left"
            time.sleep(0.01)
    assert 500 not in received_statuses
    assert {400, 404, 408, 421} <= received_statuses
    assert caplog.messages == []
    assert capfd.readouterr() == ("", "")
