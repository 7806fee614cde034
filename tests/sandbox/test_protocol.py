"""What a client may do on a connection: sizes, times, numbers, and answers in order whatever it sends."""

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
    """An application that responses 200 with what it was asked, as late as the path says, and keeps the scopes."""

    def __init__(self) -> None:
        self.scopes: list[Scope] = []
        self.blocked, self.go_on = threading.Event(), threading.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        size, more = 0, True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            size += len(message.get("body", b""))
            more = message.get("more_body", False)
        self.scopes.append(scope)
        if scope["path"] == "/block":  # the whole server
            self.blocked.set()
            self.go_on.wait(WAIT_S)
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


def rest_of(wire: socket.socket) -> bytes:
    received = b""
    with contextlib.suppress(ConnectionError):
        while piece := wire.recv(65536):
            received += piece
    return received


def talk(sandbox: Sandbox, *pieces: bytes) -> bytes:
    with connect(sandbox) as wire:
        for piece in pieces:
            wire.sendall(piece)
        return rest_of(wire)


def statuses(responses: bytes) -> list[int]:
    return [int(status) for status in re.findall(rb"HTTP/1.1 (\d+) ", responses)]


GOOD = b"POST /good HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}"
LAST = GOOD.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
LATE = GOOD.replace(b"/good", b"/late")
CHUNKED = b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"


def served(sandbox: Sandbox) -> bool:
    return statuses(talk(sandbox, LAST)) == [200]


# --- the size of a head


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
def test_a_head_that_is_too_large_is_told_so(sandbox: Sandbox, stub: Stub, head: bytes, at_once: bool) -> None:
    pieces = [head] if at_once else [head[at : at + 997] for at in range(0, len(head), 997)]
    response = talk(sandbox, *pieces)
    assert response.startswith(b"HTTP/1.1 431 Request Header Fields Too Large\r\n")
    assert b"65,536 bytes and 100 headers" in response
    assert b"\r\nConnection: close\r\n" in response
    assert b"\r\nAccess-Control-Allow-Origin: *\r\n" in response
    assert stub.scopes == []
    assert served(sandbox)


@pytest.mark.parametrize("at_once", [True, False])
def test_a_head_of_the_largest_size_is_read(sandbox: Sandbox, at_once: bool) -> None:
    head = b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 98 + b"Connection: close\r\nZ: " + b"z" * 64_000 + b"\r\n\r\n"
    pieces = [head] if at_once else [head[at : at + 997] for at in range(0, len(head), 997)]
    assert statuses(talk(sandbox, *pieces)) == [200]


def endless(sandbox: Sandbox, start: bytes, piece: bytes) -> bytes:
    """Send a piece over and over until the other side says something; return what it says."""
    with connect(sandbox) as wire:
        wire.sendall(start)
        while not select.select([wire], [], [], 0)[0]:
            wire.sendall(piece)
        return rest_of(wire)


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
def test_what_never_ends_is_cut_off_and_holds_nobody_up(
    sandbox: Sandbox, start: bytes, piece: bytes, status: int
) -> None:
    with ThreadPoolExecutor(1) as pool:
        response = pool.submit(endless, sandbox, start, piece)
        assert all(served(sandbox) for _ in range(20))
    assert statuses(response.result()) == [status]


def test_the_head_behind_a_large_body_is_not_taken_for_large(sandbox: Sandbox, stub: Stub) -> None:
    large = GOOD.replace(b"Length: 2", b"Length: 100000").replace(b"{}", b"x" * 100_000)
    with connect(sandbox) as other, connect(sandbox) as wire:
        other.sendall(GOOD.replace(b"/good", b"/block"))
        assert stub.blocked.wait(WAIT_S)
        wire.sendall(large + LAST[:20])  # so that all of it arrives in one piece
        stub.go_on.set()
        response = wire.recv(65536)
        wire.sendall(LAST[20:])
        assert statuses(response + rest_of(wire)) == [200, 200]


def test_a_body_in_the_smallest_pieces_is_read(sandbox: Sandbox) -> None:
    data = CHUNKED.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n") + b"1\r\nx\r\n" * 200_000 + b"0\r\n\r\n"
    response = talk(sandbox, data)
    assert statuses(response) == [200]
    assert response.endswith(b"200000")


def test_what_follows_the_body_is_no_header(sandbox: Sandbox, stub: Stub) -> None:
    trailed = CHUNKED + b"2\r\n{}\r\n0\r\nHost: evil.example\r\nX: y\r\n\r\n"
    assert statuses(talk(sandbox, trailed + LAST)) == [200, 200]
    assert stub.scopes[0]["headers"] == [(b"host", b"localhost"), (b"transfer-encoding", b"chunked")]


# --- time


HALVES = {
    "half a line": b"POST /go",
    "half a head": b"POST / HTTP/1.1\r\nHost: localhost\r\n",
    "half a body": GOOD[:-1],
    "half a piece": CHUNKED + b"5\r\nab",
}


@pytest.mark.parametrize("half", HALVES.values(), ids=HALVES)
@pytest.mark.parametrize("before", [b"", GOOD], ids=["first", "second"])
def test_a_request_that_does_not_arrive_is_told_so(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, half: bytes, before: bytes
) -> None:
    monkeypatch.setattr(protocol, "_HEAD_S", 0.1)
    monkeypatch.setattr(protocol, "_BODY_S", 0.1)
    with connect(sandbox) as wire:
        if before:
            wire.sendall(before)
            assert wire.recv(65536).startswith(b"HTTP/1.1 200 ")
        wire.sendall(half)
        response = rest_of(wire)
    assert statuses(response) == [408]
    assert b"took too long to arrive" in response


@pytest.mark.parametrize("start", [b"GET / HTTP/1.1\r\n", CHUNKED], ids=["head", "body"])
def test_a_request_that_drips_has_no_more_time(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, start: bytes) -> None:
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


def test_head_and_body_have_a_time_of_their_own_and_nothing_runs_on(
    stub: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "_HEAD_S", 1_000.0)
    monkeypatch.setattr(protocol, "_BODY_S", 5_000.0)
    made: list[protocol.Connection] = []

    class Kept(protocol.Connection):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            made.append(self)

    monkeypatch.setattr(server, "Connection", Kept)

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
def test_a_connection_without_a_request_ends_without_a_word(
    stub: Stub, monkeypatch: pytest.MonkeyPatch, before: bytes
) -> None:
    monkeypatch.setattr(server, "_KEEP_ALIVE_S", 0.1)
    with Sandbox() as sandbox:
        assert statuses(talk(sandbox, before)) == [200] * (GOOD in before)


def test_responses_that_nobody_reads_are_not_kept_for_ever(
    sandbox: Sandbox, stub: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "_UNREAD_S", 0.2)
    with socket.socket() as wire:
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        wire.settimeout(WAIT_S)
        wire.connect(("127.0.0.1", sandbox.port))
        wire.sendall(b"GET /large HTTP/1.1\r\n\r\n" * 20)
        state = sandbox._server.server_state
        until = time.monotonic() + WAIT_S
        while not stub.scopes or state.connections:
            assert time.monotonic() < until
            time.sleep(0.01)
    assert len(stub.scopes) < 20


def test_nothing_is_read_while_requests_wait_for_their_turn(sandbox: Sandbox) -> None:
    flood, sent = LATE * 1_000, 0
    with connect(sandbox) as wire:
        wire.setblocking(False)
        while sent < 2**25 and select.select([], [wire], [], 1)[1]:
            sent += wire.send(flood)
        assert sent < 2**25
    assert served(sandbox)


# --- how many connections


def test_too_many_connections_get_a_503(stub: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "_MOST_CONNECTIONS", 2)
    with Sandbox() as sandbox:
        with contextlib.ExitStack() as stack:
            open_ones = [stack.enter_context(connect(sandbox)) for _ in range(2)]
            for wire in open_ones:  # and by their responses they are known to be in
                wire.sendall(GOOD)
                assert wire.recv(65536).startswith(b"HTTP/1.1 200 ")
            assert statuses(talk(sandbox, GOOD)) == [503]
        while sandbox._server.server_state.connections:
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
def test_a_refusal_comes_after_the_responses_before_it(sandbox: Sandbox, first: bytes, bad: bytes, status: int) -> None:
    responses = talk(sandbox, first * 3 + bad + GOOD)
    assert statuses(responses) == [200, 200, 200, status]


def test_a_refusal_is_read_though_the_client_goes_on_sending(sandbox: Sandbox) -> None:
    response = talk(sandbox, b"GARBAGE\r\n\r\n", *[b"x" * 65536] * 30)
    assert statuses(response) == [400]


# --- request lines of proxies


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
def test_a_whole_url_as_proxies_get_it_counts_for_the_host_in_it(
    sandbox: Sandbox, stub: Stub, line: str, path: str, host: bytes
) -> None:
    names = ("company.hb-api.omtrdc.net",)
    with Sandbox(allow_hosts=names) as sandbox:
        head = f"POST {line} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode()
        assert statuses(talk(sandbox, head)) == [200]
    scope = stub.scopes[0]
    assert scope["path"] == path
    assert [value for name, value in scope["headers"] if name == b"host"] == [host]


def test_a_whole_url_for_another_host_is_refused_whatever_the_header_says(sandbox: Sandbox, stub: Stub) -> None:
    head = b"POST http://evil.example/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    assert statuses(talk(sandbox, head)) == [421]
    assert stub.scopes == []


def test_who_asks_for_a_tunnel_is_told_what_to_do(sandbox: Sandbox) -> None:
    assert b"Map Remote" in talk(sandbox, b"CONNECT company.hb-api.omtrdc.net:443 HTTP/1.1\r\n\r\n")


def test_an_offer_to_upgrade_in_small_pieces_is_ignored(sandbox: Sandbox, stub: Stub) -> None:
    offer = LAST.replace(b"\r\nConnection: close", b"\r\nConnection: Upgrade\r\nUpgrade: h2c") + LAST
    assert statuses(talk(sandbox, *(offer[at : at + 1] for at in range(len(offer))))) == [200, 200]
    assert [name for name, _ in stub.scopes[0]["headers"]] == [b"host", b"content-length", b"connection"]


# --- anything at all

ALPHABET = [
    b"GET", b"POST", b"OPTIONS", b" ", b"/", b"/api/v1/sessions", b" HTTP/1.1", b" HTTP/1.0", b"HTTP/9", b"\r\n", b"\r\n\r\n",
    b"\n", b"\r", b"Host: localhost", b"Host: evil", b"Content-Length: ", b"Content-Length: 5", b"Transfer-Encoding: chunked",
    b"Expect: 100-continue", b"Connection: close", b"Connection: Upgrade", b"Upgrade: h2c", b":", b"0", b"5", b"ff", b";",
    b"\x00", b"\xff\xfe", b"\x16\x03\x01\x02", b"{}", b'{"eventType":"play"}', b"A" * 3_000, GOOD, LATE[:40], CHUNKED,
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"http://", b"%00", b"%zz", b"-1", b"99999999999999999999", b"\xc3\xa9",
]  # fmt: skip


def test_no_bytes_stop_the_sandbox_or_break_it(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(protocol, "_HEAD_S", 0.1)
    monkeypatch.setattr(protocol, "_BODY_S", 0.1)
    monkeypatch.setattr(server, "_KEEP_ALIVE_S", 0.1)
    chance = random.Random(20261123)
    seen: set[int] = set()
    with Sandbox() as sandbox:  # the real application behind it
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
                spoiled = bytearray(data)
                for _ in range(chance.randint(1, 8)):
                    spoiled[chance.randrange(len(spoiled))] = chance.randrange(256)
                data = bytes(spoiled)
            cut = chance.randrange(len(data) + 1)
            with connect(sandbox) as wire:
                with contextlib.suppress(OSError):  # it may be cut off at any byte
                    wire.sendall(data[:cut])
                    wire.sendall(data[cut:])
                    if chance.random() < 0.8:
                        wire.shutdown(socket.SHUT_WR)
                responses = rest_of(wire)
            assert responses == b"" or responses.startswith(b"HTTP/1.1 "), responses
            seen.update(statuses(responses))
        assert served(sandbox) or statuses(talk(sandbox, LAST)) == [404]
        until = time.monotonic() + WAIT_S
        while sandbox._server.server_state.connections or sandbox._server.server_state.tasks:
            assert time.monotonic() < until, "something is left over"
            time.sleep(0.01)
    assert 500 not in seen
    assert {400, 404, 408, 421} <= seen
    assert caplog.messages == []
    assert capfd.readouterr() == ("", "")
