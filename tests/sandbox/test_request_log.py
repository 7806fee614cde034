"""The request log of a sandbox: order, content and limits."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from mctoolkit import Client, Sandbox
from mctoolkit._core.clocks import ManualClock, seeded_ids
from mctoolkit.sandbox import request_log
from mctoolkit.sandbox.request_log import LogEntry, RequestLog
from tests.contract.player import DOWNLOADED, SESSIONS, Player, event, start
from tests.validation.test_validate import GOOD


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(clock=ManualClock(step_ms=4), ids=seeded_ids(1)) as running:
        yield running


@pytest.fixture
def player(sandbox: Sandbox) -> Iterator[Player]:
    with Player(sandbox) as made:
        yield made


def test_log_has_requests_and_responses_in_order(sandbox: Sandbox, player: Player) -> None:
    session_id = player.start_session().session_id
    player.send(session_id, event("play"))
    player.send(session_id, {**event("ping"), "params": {"a": 1}})
    player.request("GET", "/api/v1/schemas/play?x=1", X_My_Header="мы".encode().decode("latin-1"))
    player.request("OPTIONS", SESSIONS)
    player.request("HEAD", "/api/v1/schemas/play")
    player.request("POST", DOWNLOADED, [start()])
    player.request("DELETE", "/nothing")
    entries = sandbox.log.entries
    assert [(entry.number, entry.endpoint, entry.event_type, entry.status, entry.accepted) for entry in entries] == [
        (1, "sessions", "sessionStart", 201, True),
        (2, "events", "play", 204, True),
        (3, "events", "ping", 400, False),
        (4, "schemas", None, 200, False),
        (5, "preflight", None, 204, False),
        (6, "schemas", None, 200, False),
        (7, "downloaded", None, 201, True),
        (8, "other", None, 404, False),
    ]
    assert {entry.session_id for entry in entries[:3]} == {session_id}
    started, played, refused, schema, _, head, *_ = sandbox.exchanges
    assert started.session_id == session_id
    assert started.request.url == f"http://127.0.0.1:{sandbox.port}{SESSIONS}"
    assert json.loads(started.request.body) == start()
    assert ("host", f"127.0.0.1:{sandbox.port}") in [(name.lower(), value) for name, value in started.request.headers]
    assert (played.status, played.body, played.headers["Connection"]) == (204, b"", "keep-alive")
    assert refused.verdict is not None
    assert [problem.rule for problem in refused.verdict.errors] == ["unknown-key"]
    assert schema.request.path == "/api/v1/schemas/play?x=1"
    assert ("x-my-header", "мы") in [
        (name.lower(), value.encode("latin-1").decode()) for name, value in schema.request.headers
    ]
    assert (head.body, head.headers["Content-Length"]) == (b"", schema.headers["Content-Length"])
    assert all(exchange.is_sandbox and exchange.sent_at_ms == sandbox.clock.now_ms() for exchange in sandbox.exchanges)
    assert sandbox.log.total == 8


def test_exchange_equals_that_of_the_client(sandbox: Sandbox) -> None:
    with Client(sandbox) as client:
        sent = client.start_session(GOOD)
    (log,) = sandbox.exchanges
    assert log.response == sent.response
    assert log.request.body == sent.request.body
    assert log.request.url == sent.request.url
    assert log.session_id == sent.session_id
    assert str(log.explanation) == str(sent.explanation)
    assert log.target == sent.target
    assert log.elapsed_ms == 4.0


def test_too_large_request_is_logged_without_body(sandbox: Sandbox, player: Player) -> None:
    assert player.start_session(b" " * (1024 * 1024 + 1)).status == 413
    (entry,) = sandbox.log.entries
    assert (entry.status, entry.request_body) == (413, b"")


def test_incomplete_request_is_not_logged(sandbox: Sandbox) -> None:
    with socket.create_connection(("127.0.0.1", sandbox.port), timeout=30) as wire:
        wire.sendall(b"POST /api/v1/sessions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{}")
    with Player(sandbox) as player:
        player.start_session()
    assert [entry.status for entry in sandbox.log.entries] == [201]


@pytest.mark.parametrize(
    ("fault", "status", "accepted"),
    [
        ("500", 500, False),
        ("503", 503, False),
        ("proxy-page", 502, False),
        ("lost", 204, False),
        ("cut-before", None, False),
        ("cut-status", None, True),
        ("cut-after", 204, True),
    ],
)
def test_log_entry_names_the_fault(
    sandbox: Sandbox, player: Player, fault: str, status: int | None, accepted: bool
) -> None:
    session_id = player.start_session().session_id
    sandbox.faults.add(fault, event="play")
    path = f"{SESSIONS}/{session_id}/events"
    body = json.dumps(event("play")).encode()
    with socket.create_connection(("127.0.0.1", sandbox.port), timeout=30) as wire:
        head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
        wire.sendall(head.encode() + body)
        received = b""
        try:
            while piece := wire.recv(65536):
                received += piece
        except ConnectionError:
            pass
    assert received.startswith(b"HTTP/1.1 %d " % status if status else b"HTTP/1.1 2" * (fault == "cut-status"))
    entry = sandbox.log.entries[-1]
    assert (entry.fault, entry.status, entry.accepted) == (f"{fault} event=play", status, accepted)
    state = sandbox.sessions.open[session_id]
    assert (state.events, state.playback) == ((2, "playing") if accepted else (1, "starting"))
    exchange = sandbox.exchanges[-1]
    assert (exchange.status, exchange.outcome == "no-response") == (status, status is None)
    if status is None:
        assert "by a fault" in str(exchange)


def test_fault_on_session_start(sandbox: Sandbox, player: Player) -> None:
    sandbox.faults.add("500")
    sandbox.faults.add("no-location")
    assert player.start_session().status == 500
    assert not sandbox.sessions.open
    assert "Location" not in player.start_session().headers
    assert len(sandbox.sessions.open) == 1, "the session started, although its player has no id"
    entry = sandbox.log.entries[-1]
    assert (entry.fault, entry.status, entry.session_id is None) == ("no-location", 201, False)
    assert sandbox.exchanges[-1].outcome == "no-id"


def made(number: int = 0, size: int = 10) -> LogEntry:
    scope: dict[str, Any] = {
        "method": "POST",
        "scheme": "http",
        "server": None,
        "raw_path": b"/",
        "query_string": b"",
        "headers": [],
    }
    return LogEntry.of(scope, b"x" * size, number)


def test_log_keeps_10000_entries_and_counts_all() -> None:
    log = RequestLog()
    for number in range(12_345):
        log.add(made(number))
    assert (log.total, len(log.entries)) == (12_345, 10_000)
    assert [log.entries[0].number, log.entries[0].at_ms, log.entries[-1].number] == [2_346, 2_345, 12_345]


def test_log_is_limited_by_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_log, "MAX_BYTES", 1_000)
    log = RequestLog()
    for size in (300, 300, 300, 300):
        log.add(made(size=size))
    assert (len(log.entries), log.total) == (3, 4)
    log.add(made(size=5_000))
    assert len(log.entries) == 1
    log.add(made(size=10))
    assert [entry.size for entry in log.entries] == [10]


def test_log_can_be_read_from_other_threads(sandbox: Sandbox) -> None:
    def send(_: int) -> None:
        with Player(sandbox) as player:
            for _ in range(50):
                assert player.start_session().status == 201

    with ThreadPoolExecutor(4) as pool:
        sending = [pool.submit(send, number) for number in range(3)]
        while not all(each.done() for each in sending):
            numbers = [entry.number for entry in sandbox.log.entries]
            assert numbers == list(range(1, len(numbers) + 1))
            assert len(sandbox.sessions.open) <= 150
        for each in sending:
            each.result()
    assert sandbox.log.total == len(sandbox.exchanges) == 150
    assert len({exchange.session_id for exchange in sandbox.exchanges}) == 150


def test_no_request_reveals_the_log(sandbox: Sandbox, player: Player) -> None:
    secret = "a unique name"
    player.start_session(start(media__name=secret))
    paths = [
        "/",
        "/log",
        "/exchanges",
        "/api/v1/sessions",
        "/api/v1/exchanges",
        "/api/v1/schemas/sessionStart",
        "/clock",
    ]
    for path in paths:
        for method in ("GET", "POST", "PUT", "DELETE", "OPTIONS"):
            assert secret.encode() not in player.request(method, path).body
