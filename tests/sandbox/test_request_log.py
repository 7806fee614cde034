"""What a sandbox saw: every request in its order, as it was sent and answered, and no more of it than there is room."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from mctoolkit import Client, Sandbox
from mctoolkit._core.clocks import ManualClock, seeded_ids
from mctoolkit.sandbox import request_log as seen_module
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


def test_each_request_is_seen_in_order_as_it_was_sent_and_answered(sandbox: Sandbox, player: Player) -> None:
    session_id = player.begin().session_id
    player.send(session_id, event("play"))
    player.send(session_id, {**event("ping"), "params": {"a": 1}})
    player.ask("GET", "/api/v1/schemas/play?x=1", X_My_Header="мы".encode().decode("latin-1"))
    player.ask("OPTIONS", SESSIONS)
    player.ask("HEAD", "/api/v1/schemas/play")
    player.ask("POST", DOWNLOADED, [start()])
    player.ask("DELETE", "/nothing")
    entries = sandbox.seen.entries
    assert [(entry.number, entry.endpoint, entry.event_type, entry.status, entry.taken) for entry in entries] == [
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
    begun, played, refused, asked, _, headed, *_ = sandbox.exchanges
    assert begun.session_id == session_id
    assert begun.request.url == f"http://127.0.0.1:{sandbox.port}{SESSIONS}"
    assert json.loads(begun.request.body) == start()
    assert ("host", f"127.0.0.1:{sandbox.port}") in [(name.lower(), value) for name, value in begun.request.headers]
    assert (played.status, played.body, played.headers["Connection"]) == (204, b"", "keep-alive")
    assert refused.verdict is not None
    assert [problem.rule for problem in refused.verdict.errors] == ["unknown-key"]
    assert asked.request.path == "/api/v1/schemas/play?x=1"
    assert ("x-my-header", "мы") in [
        (name.lower(), value.encode("latin-1").decode()) for name, value in asked.request.headers
    ]
    assert (headed.body, headed.headers["Content-Length"]) == (b"", asked.headers["Content-Length"])
    assert all(exchange.is_sandbox and exchange.sent_at_ms == sandbox.clock.now_ms() for exchange in sandbox.exchanges)
    assert sandbox.seen.total == 8


def test_what_the_client_has_and_what_the_sandbox_saw_is_the_same(sandbox: Sandbox) -> None:
    with Client(sandbox) as client:
        sent = client.start_session(GOOD)
    (seen,) = sandbox.exchanges
    assert seen.response == sent.response
    assert seen.request.body == sent.request.body
    assert seen.request.url == sent.request.url
    assert seen.session_id == sent.session_id
    assert str(seen.explanation) == str(sent.explanation)
    assert seen.target == sent.target
    assert seen.elapsed_ms == 4.0


def test_a_request_that_is_too_large_is_seen_without_its_body(sandbox: Sandbox, player: Player) -> None:
    assert player.begin(b" " * (1024 * 1024 + 1)).status == 413
    (entry,) = sandbox.seen.entries
    assert (entry.status, entry.request_body) == (413, b"")


def test_half_a_request_is_not_seen(sandbox: Sandbox) -> None:
    with socket.create_connection(("127.0.0.1", sandbox.port), timeout=30) as wire:
        wire.sendall(b"POST /api/v1/sessions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{}")
    with Player(sandbox) as player:
        player.begin()
    assert [entry.status for entry in sandbox.seen.entries] == [201]


@pytest.mark.parametrize(
    ("fault", "status", "taken"),
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
def test_a_fault_that_struck_is_marked(
    sandbox: Sandbox, player: Player, fault: str, status: int | None, taken: bool
) -> None:
    session_id = player.begin().session_id
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
    entry = sandbox.seen.entries[-1]
    assert (entry.fault, entry.status, entry.taken) == (f"{fault} event=play", status, taken)
    state = sandbox.sessions.open[session_id]
    assert (state.events, state.playback) == ((2, "playing") if taken else (1, "starting"))
    exchange = sandbox.exchanges[-1]
    assert (exchange.status, exchange.outcome == "no-answer") == (status, status is None)
    if status is None:
        assert "on purpose" in str(exchange)


def test_a_spoilt_session_start_begins_none(sandbox: Sandbox, player: Player) -> None:
    sandbox.faults.add("500")
    sandbox.faults.add("no-location")
    assert player.begin().status == 500
    assert not sandbox.sessions.open
    assert "Location" not in player.begin().headers
    assert len(sandbox.sessions.open) == 1, "a session that its player does not know of"
    entry = sandbox.seen.entries[-1]
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


def test_the_last_ten_thousand_are_kept_and_the_others_counted() -> None:
    seen = RequestLog()
    for number in range(12_345):
        seen.add(made(number))
    assert (seen.total, len(seen.entries)) == (12_345, 10_000)
    assert [seen.entries[0].number, seen.entries[0].at_ms, seen.entries[-1].number] == [2_346, 2_345, 12_345]


def test_of_large_ones_fewer_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seen_module, "MOST_KEPT_BYTES", 1_000)
    seen = RequestLog()
    for size in (300, 300, 300, 300):
        seen.add(made(size=size))
    assert (len(seen.entries), seen.total) == (3, 4)
    seen.add(made(size=5_000))
    assert len(seen.entries) == 1
    seen.add(made(size=10))
    assert [entry.size for entry in seen.entries] == [10]


def test_threads_may_look_while_requests_come_in(sandbox: Sandbox) -> None:
    def send(_: int) -> None:
        with Player(sandbox) as player:
            for _ in range(50):
                assert player.begin().status == 201

    with ThreadPoolExecutor(4) as pool:
        sending = [pool.submit(send, number) for number in range(3)]
        while not all(each.done() for each in sending):
            numbers = [entry.number for entry in sandbox.seen.entries]
            assert numbers == list(range(1, len(numbers) + 1))
            assert len(sandbox.sessions.open) <= 150
        for each in sending:
            each.result()
    assert sandbox.seen.total == len(sandbox.exchanges) == 150
    assert len({exchange.session_id for exchange in sandbox.exchanges}) == 150


def test_a_page_finds_nothing_of_what_was_seen(sandbox: Sandbox, player: Player) -> None:
    secret = "a name that nobody else has"
    player.begin(start(media__name=secret))
    paths = [
        "/",
        "/seen",
        "/exchanges",
        "/api/v1/sessions",
        "/api/v1/exchanges",
        "/api/v1/schemas/sessionStart",
        "/clock",
    ]
    for path in paths:
        for method in ("GET", "POST", "PUT", "DELETE", "OPTIONS"):
            assert secret.encode() not in player.ask(method, path).body
