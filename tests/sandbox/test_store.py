"""The store: nothing that was answered is lost, and a new sandbox goes on where the old one was killed."""

from __future__ import annotations

import asyncio
import json
import random
import re
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from http.client import HTTPException
from pathlib import Path

import pytest

from mctoolkit import Sandbox
from mctoolkit.clocks import HandClock, seeded_ids
from mctoolkit.errors import SandboxError
from mctoolkit.sandbox.registry import Closed
from mctoolkit.sandbox.store import Store
from tests.contract.player import SESSIONS, Player, event, start


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "store.sqlite3"


def told(sandbox: Sandbox) -> list[tuple[object, ...]]:
    """Return all that a sandbox can say of what it saw, to be compared."""
    return [
        (entry.number, entry.exchange, entry.endpoint, entry.session_id, entry.event_type, entry.taken, entry.slips,
         entry.notes, entry.fault)
        for entry in sandbox.seen.entries
    ]  # fmt: skip


def test_a_new_sandbox_goes_on_with_the_sessions(file: Path) -> None:
    clock = HandClock()
    with Sandbox(store=file, clock=clock, lenient=True) as first, Player(first) as player:
        playing, ended, idle, still = (player.begin().session_id for _ in range(4))
        for name in ("play", "adStart", "stateStart"):
            assert player.send(playing, event(name)).status == 204
        assert player.send(playing, event("ping", own=1)).status == 204
        assert player.send(playing, event("pause")).status == 400
        assert player.send(ended, event("sessionEnd")).status == 204
        for minute in range(1, 30):
            clock.advance(minutes=1)
            player.send(still, event("ping"))
            player.send(playing, event("ping", minute))
        player.ask("GET", "/nothing?a=1", X_Own="\u00e9")
        assert player.send("of-nobody", event("play")).status == 404
        first.faults.add("cut-before")
        with suppress(HTTPException, OSError):
            player.begin()
        before = told(first)
        left = first.sessions.open[playing]
    clock.advance(minutes=2)
    with Sandbox(store=file, clock=clock) as second, Player(second) as player:
        assert told(second) == before
        assert second.seen.total == first.seen.total
        assert player.send(still, event("ping")).status == 410, "half an hour has passed, half of it while it was down"
        assert [player.send(sid, event("ping")).status for sid in (ended, idle)] == [410, 410]
        state = second.sessions.open[playing]
        assert {name: getattr(state, name) for name in state.__slots__} == {
            name: getattr(left, name) for name in left.__slots__
        }
        assert player.send("of-nobody", event("play")).status == 404
        assert player.send(playing, event("adComplete")).status == 204
        assert second.seen.entries[-1].slips == ()
        assert second.seen.entries[-1].number == len(before) + 5
        clock.advance(minutes=10)
        assert player.send(playing, event("ping")).status == 410
        assert second.sessions.closed[still].why == "playhead"
        assert second.sessions.closed[idle] == Closed("idle", clock.now_ms() - 31 * 60_000)


def test_time_does_not_go_back_for_a_new_sandbox(file: Path) -> None:
    with Sandbox(store=file) as first, Player(first) as player:
        session_id = player.begin().session_id
        first.clock.advance(minutes=60)
        assert player.send(session_id, event("ping")).status == 410
        now_ms = first.seen.entries[-1].at_ms
    with Sandbox(store=file) as second, Player(second) as player:
        assert second.clock.now_ms() >= now_ms
        assert player.send(session_id, event("ping")).status == 410


def test_ids_that_repeat_themselves_are_not_given_twice(file: Path) -> None:
    made = []
    for _ in range(3):
        with Sandbox(store=file, clock=HandClock(), ids=seeded_ids(7)) as sandbox, Player(sandbox) as player:
            made += [player.begin().session_id, player.begin().session_id]
    assert len(set(made)) == 6


def test_a_lost_event_stays_lost(file: Path) -> None:
    clock = HandClock()
    with Sandbox(store=file, clock=clock) as sandbox, Player(sandbox) as player:
        session_id = player.begin().session_id
        sandbox.faults.add("lost", event="sessionEnd")
        assert player.send(session_id, event("sessionEnd")).status == 204
    with Sandbox(store=file, clock=clock) as sandbox, Player(sandbox) as player:
        assert player.send(session_id, event("play")).status == 204


def test_only_its_user_can_read_it(file: Path) -> None:
    with Sandbox(store=file) as sandbox, Player(sandbox) as player:
        player.begin()
        found = {path.name: stat.S_IMODE(path.stat().st_mode) for path in file.parent.iterdir()}
    assert found.keys() >= {file.name, f"{file.name}-wal"}
    assert set(found.values()) == {0o600}
    file.chmod(0o644)
    with Sandbox(store=file):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_more_than_memory_keeps_can_be_read_from_the_store(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mctoolkit.sandbox.seen.MOST_KEPT", 5)
    with Sandbox(store=file) as sandbox, Player(sandbox) as player:
        for _ in range(12):
            player.begin()
        assert [entry.number for entry in sandbox.seen.entries] == [8, 9, 10, 11, 12]
        assert [entry.number for entry in sandbox.seen.stored(2, 4)] == [2, 3, 4]
        assert [entry.number for entry in sandbox.seen.stored()] == list(range(1, 13))
        assert next(sandbox.seen.stored(12)).exchange == sandbox.exchanges[-1]


# --- what is refused


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"not a database at all, but a text of some length that somebody wrote", "no store of a practice server"),
        (b"SQLite format 3\0" + b"\0" * 84, "no store of a practice server"),
    ],
)
def test_a_file_of_somebody_else_is_left_as_it_is(file: Path, content: bytes, words: str) -> None:
    file.write_bytes(content)
    with pytest.raises(SandboxError, match=words):
        Sandbox(store=file)
    assert file.read_bytes() == content


def test_a_database_of_another_program_or_of_a_newer_one_is_refused(file: Path) -> None:
    with sqlite3.connect(file) as other:
        other.execute("CREATE TABLE entries (number)")
    other.close()
    before = file.read_bytes()
    with pytest.raises(SandboxError, match="no store"):
        Sandbox(store=file)
    assert file.read_bytes() == before
    file.unlink()
    Store(file).close()
    with sqlite3.connect(file) as newer:
        newer.execute("PRAGMA user_version = 2")
    newer.close()
    with pytest.raises(SandboxError, match="newer mctoolkit"):
        Sandbox(store=file)


def test_a_place_that_cannot_be_written_is_refused(file: Path) -> None:
    file.write_bytes(b"")
    with pytest.raises(SandboxError, match="cannot be made"):
        Sandbox(store=file / "below a file")


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match=r"no store|cannot be made"):
        Sandbox(store=tmp_path)


def test_one_sandbox_at_a_time(file: Path) -> None:
    with Sandbox(store=file) as first:
        with pytest.raises(SandboxError, match="another practice server writes into it"):
            Sandbox(store=file)
        with Player(first) as player:
            assert player.begin().status == 201
    with Sandbox(store=file) as second:
        assert second.seen.total == 1


def test_a_store_that_fails_is_told_and_the_sandbox_goes_on(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    with Sandbox(store=file) as sandbox, Player(sandbox) as player:
        blocking = sqlite3.connect(file, isolation_level=None)
        blocking.execute("DROP TABLE exchanges")
        answered = player.begin()
        blocking.close()
        assert answered.status == 500
        assert "store" in answered.message
        assert sandbox.seen.entries[-1].status == 500
    assert [record.name for record in caplog.records] == ["mctoolkit.sandbox"]


# --- many at once


async def talk(port: int, rounds: int) -> list[str]:
    """Begin sessions over one connection, each with three events; return their ids."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    made: list[str] = []
    for _ in range(rounds):
        path, bodies = SESSIONS, [start(), event("play"), event("ping", 1), event("sessionEnd", 2)]
        for body in bodies:
            data = json.dumps(body).encode()
            writer.write(
                f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(data)}\r\n\r\n".encode() + data
            )
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            assert head.startswith("HTTP/1.1 201 " if path == SESSIONS else "HTTP/1.1 204 ")
            if path == SESSIONS:
                made.append(re.findall("Location: /api/v1/sessions/(.*)\r", head)[0])
                path = f"{SESSIONS}/{made[-1]}/events"
    writer.close()
    await writer.wait_closed()
    return made


def test_ten_thousand_requests_over_256_connections(file: Path) -> None:
    connections, rounds = 256, 10

    async def everybody() -> list[list[str]]:
        return await asyncio.gather(*(talk(sandbox.port, rounds) for _ in range(connections)))

    with Sandbox(store=file) as sandbox:
        ids = [session_id for made in asyncio.run(everybody()) for session_id in made]
        assert len(set(ids)) == connections * rounds
        assert sandbox.seen.total == 4 * len(ids)
        assert not sandbox.sessions.open
    counted = sqlite3.connect(file)
    rows = counted.execute("SELECT session_id, group_concat(event_type) FROM entries WHERE taken GROUP BY session_id")
    assert dict(rows.fetchall()) == dict.fromkeys(ids, "sessionStart,play,ping,sessionEnd")
    counted.close()


# --- killed


@contextmanager
def running(file: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Run a sandbox as its own process; yield the process and its port."""
    code = (
        "import sys, threading; from mctoolkit.sandbox import Sandbox\n"
        "sandbox = Sandbox(store=sys.argv[1]); print(sandbox.port, flush=True); threading.Event().wait()"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(file)], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process, int(process.stdout.readline())
    finally:
        process.kill()
        process.wait(30)
        assert process.stdout is not None
        process.stdout.close()


class At:
    """Something with a port."""

    def __init__(self, port: int) -> None:
        self.port = port


def talk_until_cut(port: int, answered: list[tuple[str, str, int]], stop: threading.Event) -> None:
    """Begin sessions and send events, noting each answer that came."""
    with suppress(OSError, HTTPException), Player(At(port)) as player:  # type: ignore[arg-type]
        number = 0
        while not stop.is_set():
            session_id = player.begin().session_id
            answered.append((session_id, "sessionStart", 0))
            for name in ("play", "ping", "adStart", "adComplete"):
                number += 1
                assert player.send(session_id, event(name, number, 1_509_045_324_153 + number)).status == 204
                answered.append((session_id, name, number))


def test_killed_at_any_moment_it_loses_nothing_that_it_had_answered(file: Path) -> None:
    answered: list[tuple[str, str, int]] = []
    chance = random.Random(2026)
    for _ in range(4):
        with running(file) as (process, port):
            stop = threading.Event()
            with ThreadPoolExecutor(8) as pool:
                lists: list[list[tuple[str, str, int]]] = [[] for _ in range(8)]
                talking = [pool.submit(talk_until_cut, port, mine, stop) for mine in lists]
                time.sleep(0.2 + chance.random() * 0.3)
                process.kill()
                process.wait(30)
                stop.set()
                for each in talking:
                    each.result()
            answered += [one for mine in lists for one in mine]
    assert len(answered) > 100
    with Sandbox(store=file) as sandbox, Player(sandbox) as player:
        kept = {
            (entry.session_id, entry.event_type, round(entry.exchange.event.playhead_s or 0))
            for entry in sandbox.seen.stored()
            if entry.taken
        }
        assert set(answered) <= kept
        assert [entry.number for entry in sandbox.seen.stored()] == list(range(1, sandbox.seen.total + 1))
        events: dict[str, int] = {}
        for session_id, _, _ in sorted(kept, key=str):
            assert session_id is not None
            events[session_id] = events.get(session_id, 0) + 1
        assert {sid: state.events for sid, state in sandbox.sessions.open.items()} == events
        for session_id in {session_id for session_id, _, _ in answered}:
            assert player.send(session_id, event("ping")).status == 204
        assert player.ask("POST", SESSIONS, start()).status == 201
