"""The journal: content, filters, the append-only file, its permissions and its errors."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mctoolkit import validate
from mctoolkit._core.errors import MctoolkitError, UsageError
from mctoolkit.client.journal import JOURNAL_VARIABLE, MEMORY, Journal, JournalError, database, default_path
from mctoolkit.models.exchange import Exchange, Failure, Request, Response
from mctoolkit.reporting import tables
from tests.models.test_exchange import exchange
from tests.validation.test_validate import GOOD, NOW_MS, changed

POSIX = pytest.mark.skipif(os.name == "nt", reason="Windows has no POSIX permissions")
SESSION = Response(201, "Created", (("Location", "/api/v1/sessions/7f3a"),), b"")
REFUSED = Response(400, "Bad Request", (("Content-Type", "application/json"),), b'{"message": "no"}')


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "journal.sqlite3"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    with Journal(path) as opened:
        yield opened


def sent(body: object = GOOD, response: Response | None = SESSION, **others: Any) -> Exchange:
    """Return an exchange as a client does: validated, with the body as bytes."""
    verdict = validate(body, endpoint="sessions", now_ms=NOW_MS)
    values: dict[str, Any] = {"verdict": verdict, "sent_at_ms": NOW_MS, "body": verdict.event.to_bytes()}
    return exchange(response, None if response else Failure("cut"), **(values | others))


def modes(folder: Path) -> dict[str, int]:
    return {each.name: stat.S_IMODE(each.stat().st_mode) for each in folder.iterdir()}


# --- content --------------------------------------------------------------------------------------------

ODD_HEADERS = (("Set-Cookie", "a=1"), ("set-cookie", "b=2"), ("X", "é\udc80\n\0"), ("", ""))
EXCHANGES = {
    "201": exchange(SESSION),
    "no response": exchange(None, Failure("connect-timeout", "detail \ud800", 2.5)),
    "incomplete response": exchange(REFUSED, Failure("cut", "in its body")),
    "binary body": exchange(replace(REFUSED, body=bytes(range(256)), headers=ODD_HEADERS), body=bytes(range(256))),
    "cut response body": exchange(replace(REFUSED, cut_short=True, reason="Ça \udcff")),
    "invalid URL": exchange(url="http://[/\ud800 ?a=b", headers=ODD_HEADERS),
    "sandbox": exchange(target="sandbox", is_sandbox=True, sent_at_ms=0, elapsed_ms=0.25),
    "event": exchange(Response(204, "", (), b""), endpoint="events", url="https://h/api/v1/sessions/7f3a/events"),
    "other method": replace(exchange(), request=Request("GET", "", (), b"")),
    "time before 1970": exchange(sent_at_ms=-1),
}


@pytest.mark.parametrize("name", EXCHANGES)
def test_exchange_round_trips(name: str, path: Path) -> None:
    with Journal(path) as journal:
        number = journal.append(EXCHANGES[name])
    with Journal(path) as reopened:
        entry = reopened.entry(number)
    assert entry.exchange == EXCHANGES[name]
    assert entry.exchange.response is None or type(entry.exchange.response.cut_short) is bool
    assert (entry.recorded_errors, entry.recorded_hints) == (None, None)


def test_identifiers_are_saved_but_not_displayed(journal: Journal) -> None:
    number = journal.append(sent(changed(("params/analytics.visitorId", "anna"))))
    entry = journal.entry(number)
    assert b"anna" in entry.exchange.request.body
    assert "anna" not in str(entry.exchange) + repr(entry)
    assert "acme" not in str(entry.exchange) + repr(entry)


def test_entry_is_validated_again(journal: Journal) -> None:
    invalid = sent(changed(("params/media.length", "60")), REFUSED)
    journal.append(invalid)
    entry = journal.entry(1)
    assert invalid.verdict is not None
    assert entry.exchange.verdict is not None
    assert entry.exchange.verdict.problems == invalid.verdict.problems
    assert (entry.recorded_errors, entry.recorded_hints) == (1, 0)
    assert not entry.verdict_changed


def test_entry_is_validated_with_its_time_of_sending(journal: Journal) -> None:
    journal.append(sent())
    verdict = journal.entry(1).exchange.verdict
    assert verdict is not None
    assert verdict.hints == ()  # with the current time, ts would be years away


def test_recheck_yields_changed_verdicts(journal: Journal) -> None:
    good = validate(GOOD, now_ms=NOW_MS)
    invalid = changed(("params/media.length", "60"))
    for each in (
        sent(),
        sent(invalid, verdict=good),  # recorded without errors
        sent(invalid),
        sent(invalid, verdict=None),  # not validated
        sent(verdict=None),
        sent(GOOD, verdict=validate(invalid, now_ms=NOW_MS)),  # recorded with an error
    ):
        journal.append(each)
    found = list(journal.recheck())
    assert [entry.number for entry in found] == [2, 4, 6]
    assert [
        (entry.recorded_errors, len(entry.exchange.verdict.errors)) for entry in found if entry.exchange.verdict
    ] == [
        (0, 1),
        (None, 1),
        (1, 0),
    ]
    assert [entry.number for entry in journal.recheck(after=4)] == [6]
    with pytest.raises(UsageError):
        journal.recheck(colour="red")  # type: ignore[call-arg]


def test_recheck_reads_all_pages(journal: Journal) -> None:
    recorded_without_errors = sent(changed(("params/media.length", "60")), verdict=validate(GOOD, now_ms=NOW_MS))
    for _ in range(405):
        journal.append(recorded_without_errors)
    assert [entry.number for entry in journal.recheck()] == list(range(1, 406))


@pytest.fixture
def journal_0_1_0(path: Path) -> Path:
    """A journal written by mctoolkit 0.1.0: an accepted, a refused, an event, a timeout and an incomplete response."""
    path.parent.mkdir()
    shutil.copyfile(Path(__file__).with_name("data") / "journal-0.1.0.sqlite3", path)
    return path


def test_journal_of_0_1_0_is_read_and_extended(journal_0_1_0: Path) -> None:
    with Journal(journal_0_1_0) as journal:
        entries = journal.entries()
        assert [entry.exchange.status for entry in entries] == [201, 400, 204, None, 201]
        assert [entry.exchange.endpoint for entry in entries] == [
            "sessions",
            "sessions",
            "events",
            "sessions",
            "sessions",
        ]
        assert [entry.exchange.is_sandbox for entry in entries] == [True, False, False, False, False]
        assert [entry.recorded_errors for entry in entries] == [0, 1, 0, 0, 1]
        assert [entry.session_id for entry in entries] == ["7f3a", None, "7f3a", None, None]
        accepted, refused, _, timeout, incomplete = (entry.exchange for entry in entries)
        assert accepted.headers == {"Location": "/api/v1/sessions/7f3a"}
        assert refused.body == b'{"message": "no"}'
        assert timeout.failure == Failure("response-timeout", "", 10.0)
        assert incomplete.failure == Failure("cut", "in the middle of its body")
        assert incomplete.response == Response(201, "Created", (), b"x", cut_short=True)
        assert incomplete.request.body == b"not JSON"
        assert all(str(exchange) and exchange._repr_html_() for exchange in (accepted, refused, timeout, incomplete))
        assert list(journal.recheck()) == []
        assert (
            journal.count(is_sandbox=True) == journal.count(has_response=False) == journal.count(search="refused") == 1
        )
        assert journal.append(ROWS[0]) == 6


# --- filters -------------------------------------------------------------------------------------------------------

EVENT = exchange(
    Response(204, "No Content", (), b""),
    endpoint="events",
    url="https://acme.hb-api.omtrdc.net/api/v1/sessions/7f3a/events",
    body=b'{"eventType": "ping"}',
    sent_at_ms=NOW_MS + 3000,
)
ROWS = [
    sent(target="sandbox", is_sandbox=True),
    sent(
        changed(("params/media.channel", None), ("params/media.id", "Ænima 50%")),
        REFUSED,
        sent_at_ms=NOW_MS + 1000,
    ),
    sent(response=None, sent_at_ms=NOW_MS + 2000),
    EVENT,
    sent(b"not JSON", REFUSED, sent_at_ms=NOW_MS + 4000),
]
FILTERS: list[tuple[dict[str, Any], list[int]]] = [
    ({}, [1, 2, 3, 4, 5]),
    ({"status": 400}, [2, 5]),
    ({"status": 418}, []),
    ({"status": None, "target": None, "search": None}, [1, 2, 3, 4, 5]),
    ({"has_response": False}, [3]),
    ({"has_response": True}, [1, 2, 4, 5]),
    ({"target": "sandbox"}, [1]),
    ({"target": "acme.hb-api.omtrdc.net"}, [2, 3, 4, 5]),
    ({"is_sandbox": True}, [1]),
    ({"is_sandbox": False, "has_response": True}, [2, 4, 5]),
    ({"endpoint": "events"}, [4]),
    ({"event_type": "ping"}, [4]),
    ({"session_id": "7f3a"}, [1, 4]),
    ({"media_id": "Ænima 50%"}, [2]),
    ({"media_id": "demo-episode-1"}, [1, 3]),
    ({"since_ms": NOW_MS + 2000}, [3, 4, 5]),
    ({"until_ms": NOW_MS + 2000}, [1, 2]),
    ({"before": 3}, [1, 2]),
    ({"after": 3}, [4, 5]),
    ({"search": ""}, [1, 2, 3, 4, 5]),
    ({"search": "ænima"}, [2]),
    ({"search": "50%"}, [2]),
    ({"search": "0%M"}, []),
    ({"search": "_"}, []),
    ({"search": "\\"}, []),
    ({"search": "7F3"}, [1, 4]),
    ({"search": "400  REFUSED"}, [2, 5]),
    ({"search": "refused 201"}, []),
    ({"search": "media.channel"}, [1, 2, 3]),  # sent, or missing
    ({"search": "sandbox"}, [1]),
    ({"search": "' OR 1 --"}, []),
    ({"search": "\ud800\0"}, []),
]


@pytest.fixture
def filled(journal: Journal) -> Journal:
    for each in ROWS:
        journal.append(each)
    return journal


@pytest.mark.parametrize(("filters", "numbers"), FILTERS, ids=lambda value: str(value))
def test_filters(filters: Any, numbers: list[int], filled: Journal) -> None:
    assert [entry.number for entry in filled.entries(**filters)] == numbers
    assert filled.count(**filters) == len(numbers)


def test_newest_entries_are_in_order_of_sending(filled: Journal) -> None:
    assert [entry.number for entry in filled.entries(2)] == [4, 5]
    assert [entry.number for entry in filled.entries(1, before=4)] == [3]
    assert filled.entries(0) == []
    for _ in range(200):
        filled.append(ROWS[0])
    assert [entry.number for entry in filled.entries()] == list(range(6, 206))
    assert len(filled.entries(None)) == 205


def test_table_of_responses(filled: Journal) -> None:
    frame = tables.responses([entry.exchange for entry in filled.entries()])
    assert frame["response"].fillna(0).tolist() == [201, 400, 0, 204, 400]
    assert frame["problems"].tolist()[:3] == [0, 1, 0]


def test_session_id_of_entry(filled: Journal) -> None:
    assert [entry.session_id for entry in filled.entries()] == ["7f3a", None, None, "7f3a", None]


def test_search_does_not_find_identifiers(journal: Journal) -> None:
    journal.append(
        sent(
            changed(
                ("params/analytics.visitorId", "anna"),
                ("params/analytics.reportSuite", "acme-prod"),
                ("customMetadata", {"mail": "anna@acme.example"}),
            )
        )
    )
    assert journal.count(search="customMetadata") == 0
    assert journal.count(search="mail visitorid") == 1  # names of keys are searched
    for identifier in ("anna", "acme"):
        assert journal.count(search=identifier) == 0
    assert journal.count(target="acme.hb-api.omtrdc.net") == 1


def test_search_behind_null_character(journal: Journal) -> None:
    journal.append(sent(changed(("params/media.id", "a\0b"))))
    assert journal.count(search="media.channel") == 1  # behind media.id in the text
    assert journal.count(search="a\0b") == journal.count(media_id="a\0b") == 1


def test_last_body(journal: Journal) -> None:
    assert journal.last_body() is None
    for each in ROWS:
        journal.append(each)
    assert journal.last_body() == b"not JSON"
    assert journal.last_body(event_type="sessionStart") == ROWS[2].request.body
    assert journal.last_body(is_sandbox=True) == ROWS[0].request.body
    assert journal.last_body(endpoint="events") == EVENT.request.body
    assert journal.last_body(target="nowhere") is None


@pytest.mark.parametrize("newest", [-1, 1.5, "all"])
def test_invalid_newest_raises_usage_error(newest: Any, journal: Journal) -> None:
    with pytest.raises(UsageError, match="integer from 0"):
        journal.entries(newest)


def test_unknown_filter_or_entry_raises_usage_error(journal: Journal) -> None:
    with pytest.raises(UsageError, match=r"Unknown filter 'colour'.* session_id,"):
        journal.entries(colour="red")  # type: ignore[call-arg]
    with pytest.raises(UsageError, match=r"no entry 1; .* empty"):
        journal.entry(1)
    journal.append(ROWS[0])
    with pytest.raises(UsageError, match=r"no entry 2; .* 1 to 1"):
        journal.entry(2)


# --- append only --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE entries SET status = 201",
        "DELETE FROM entries",
        "REPLACE INTO entries SELECT * FROM entries",
        "UPDATE exchanges SET request_body = x''",
        "DELETE FROM exchanges WHERE number = 1",
        "INSERT OR REPLACE INTO exchanges SELECT * FROM exchanges",
    ],
)
def test_entries_cannot_be_changed_or_deleted(change: str, path: Path) -> None:
    with Journal(path) as journal:
        journal.append(sent(response=REFUSED))
    with closing(sqlite3.connect(path)) as other, pytest.raises(sqlite3.IntegrityError, match="never changed"):
        other.execute(change)
    with Journal(path) as journal:
        assert [entry.exchange.status for entry in journal.entries()] == [400]


WRITER = """
import sys
from mctoolkit.client.journal import Journal
from tests.client.test_journal import ROWS
journal = Journal(sys.argv[1])
for _ in range(int(sys.argv[2])):
    print(journal.append(ROWS[0]), flush=True)
"""


def start_writer(path: Path, times: int) -> subprocess.Popen[str]:
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", WRITER, str(path), str(times)]
    return subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True)


def test_appended_entries_survive_killed_process(path: Path) -> None:
    with start_writer(path, 1_000_000) as process:
        assert process.stdout is not None
        printed = [process.stdout.readline() for _ in range(50)]
        process.kill()
        printed += process.stdout.read().splitlines(keepends=True)
    returned = [int(line) for line in printed if line.endswith("\n")]
    with Journal(path) as journal:
        numbers = [entry.number for entry in journal.entries(None)]
        assert numbers == list(range(1, len(numbers) + 1))
        assert len(numbers) >= returned[-1] >= 50
        assert journal.append(ROWS[0]) == len(numbers) + 1


def test_three_processes_write_to_one_new_file(path: Path) -> None:
    with start_writer(path, 100) as first, start_writer(path, 100) as second, start_writer(path, 100) as third:
        numbers = [int(line) for each in (first, second, third) for line in each.communicate(timeout=60)[0].split()]
    assert sorted(numbers) == list(range(1, 301))
    with Journal(path) as journal:
        assert journal.count() == 300


@pytest.mark.parametrize("place", ["file", "memory"])
def test_journal_is_thread_safe(place: str, path: Path) -> None:
    with Journal(path if place == "file" else MEMORY) as journal:
        numbers: list[int] = []
        errors: list[BaseException] = []

        def work() -> None:
            try:
                for _ in range(50):
                    numbers.append(journal.append(ROWS[0]))
                    assert journal.entries(1)
            except BaseException as error:  # noqa: BLE001  reported by the main thread
                errors.append(error)

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert errors == []
        assert sorted(numbers) == list(range(1, 201))


@pytest.mark.parametrize("interrupt", [KeyboardInterrupt, ValueError])
def test_interrupted_append_saves_nothing(
    interrupt: type[BaseException], journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(number: int, exchange: Exchange) -> tuple[Any, ...]:
        raise interrupt

    with monkeypatch.context() as patched:
        patched.setattr("mctoolkit.client.journal.rows.exchange_row", stop)
        with pytest.raises(interrupt):
            journal.append(ROWS[0])
    assert journal.count() == 0
    assert journal.append(ROWS[0]) == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="os.fork is not available")
def test_journal_cannot_be_used_after_fork(journal: Journal) -> None:
    real = os.getpid()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(os, "getpid", lambda: real + 1)
        with pytest.raises(UsageError, match="forked"):
            journal.append(ROWS[0])
        journal.close()  # does not close the connection of the parent process
    assert journal._connection.execute("SELECT 1").fetchone() == (1,)
    journal._connection.close()


# --- file ------------------------------------------------------------------------------------------------------


@POSIX
@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077], ids=oct)
def test_file_is_private_with_any_umask(umask: int, path: Path) -> None:
    before = os.umask(umask)
    try:
        with Journal(path) as journal:
            journal.append(ROWS[0])
            found = modes(path.parent)
    finally:
        os.umask(before)
    assert found == dict.fromkeys(("journal.sqlite3", "journal.sqlite3-wal", "journal.sqlite3-shm"), 0o600)
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@POSIX
def test_permissions_of_existing_files_are_fixed(path: Path) -> None:
    with Journal(path) as journal:
        journal.append(ROWS[0])
        for each in path.parent.iterdir():
            each.chmod(0o666)
        with Journal(path) as second:
            second.append(ROWS[0])
            assert set(modes(path.parent).values()) == {0o600}
            assert len(modes(path.parent)) == 3


@POSIX
def test_file_that_cannot_be_made_private_is_rejected(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Journal(path).close()
    path.chmod(0o644)

    def refuse(self: Path, mode: int) -> None:
        raise PermissionError(1, "Operation not permitted")

    for change, reason in ((refuse, "Operation not permitted"), (lambda self, mode: None, "has no permissions")):
        monkeypatch.setattr(Path, "chmod", change)
        with pytest.raises(JournalError, match=f"other users .* can read it.*{reason}.*chmod 600"):
            Journal(path)


def set_newer_format(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 2")


def replace_by_other_database(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE entries (number INTEGER PRIMARY KEY)")


def replace_by_empty_database(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 1")


def remove_format(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 0")


def replace_by_text(path: Path) -> None:
    path.write_bytes(b"date;status\n" * 200)


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:700])


def overwrite_content(path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[:100] + b"\xff" * (len(whole) - 100))


REJECTED_FILES: list[tuple[Callable[[Path], None], str]] = [
    (set_newer_format, r"format 2 of a newer mctoolkit, but .* format 1; .*Update mctoolkit"),
    (replace_by_other_database, r"not an mctoolkit journal; not modified\."),
    (replace_by_empty_database, r"not an mctoolkit journal"),
    (remove_format, r"not an mctoolkit journal"),
    (replace_by_text, r"not an mctoolkit journal"),
    (truncate, r"the file is damaged"),
    (overwrite_content, r"the file is damaged"),
]


@pytest.mark.parametrize(("change", "message"), REJECTED_FILES)
def test_rejected_file_is_not_modified(change: Callable[[Path], None], message: str, path: Path) -> None:
    with Journal(path) as journal:
        journal.append(ROWS[0])
    change(path)
    path.chmod(0o644)
    before = path.read_bytes(), path.stat().st_mtime_ns
    with pytest.raises(JournalError, match=message) as caught:
        Journal(path)
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    assert [each.name for each in path.parent.iterdir()] == [path.name]
    assert isinstance(caught.value, MctoolkitError)
    assert caught.value.__cause__ is None


def test_newer_format_in_write_ahead_log_is_rejected(path: Path) -> None:
    with Journal(path) as journal:
        journal._connection.execute("PRAGMA user_version = 2")
        with pytest.raises(JournalError, match="of a newer mctoolkit"):
            Journal(path)


def test_empty_file_becomes_journal(path: Path) -> None:
    path.parent.mkdir()
    path.touch(mode=0o644)
    with Journal(path) as journal:
        assert journal.append(ROWS[0]) == 1
    if os.name != "nt":
        assert modes(path.parent)[path.name] == 0o600


def test_path_with_special_characters(tmp_path: Path) -> None:
    for _ in range(2):
        with Journal(tmp_path / "a?b#c%20 é" / "x?mode=ro") as journal:
            journal.append(ROWS[0])
    assert [each.name for each in (tmp_path / "a?b#c%20 é").iterdir()] == ["x?mode=ro"]
    with Journal(tmp_path / "a?b#c%20 é" / "x?mode=ro") as journal:
        assert journal.count() == 2


def test_path_that_cannot_be_a_file(tmp_path: Path) -> None:
    (tmp_path / "plain").touch()
    (tmp_path / "folder").mkdir()
    for wrong, message in (
        (tmp_path / "plain" / "journal", r"cannot be written \((Not a directory|File exists|.*path.*)\).*=off"),
        (tmp_path / "folder", "not a regular file"),
    ):
        with pytest.raises(JournalError, match=message):
            Journal(wrong)


def test_folder_that_cannot_be_written(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(JournalError, match=r"cannot be written \(Permission denied\)"):
        Journal(path)


def test_file_that_cannot_be_written(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Journal(path).close()

    def read_only(path: Path | str, *, uri: bool = False) -> sqlite3.Connection:
        where = path if uri else f"{Path(path).as_uri()}?mode=ro"
        return sqlite3.connect(where, isolation_level=None, check_same_thread=False, uri=True)

    monkeypatch.setattr(database, "_open", read_only)
    with pytest.raises(
        JournalError, match=r"Cannot open .* cannot be written \(attempt to write a readonly database\)"
    ):
        Journal(path)


def test_full_disk(journal: Journal) -> None:
    journal.append(ROWS[0])
    pages = journal._connection.execute("PRAGMA page_count").fetchone()[0]
    journal._connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(JournalError, match=r"Cannot save this exchange .* the disk is full\."):
        journal.append(sent(body=b" " * 100_000, response=REFUSED))
    assert journal.count() == 1
    journal._connection.execute("PRAGMA max_page_count = 100000")
    assert journal.append(ROWS[0]) == 2


def test_busy_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_BUSY_TIMEOUT_S", 0.01)
    with Journal(path) as journal, closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(JournalError, match=r"writing to it for more than 0\.01 seconds\. Try again"):
            journal.append(ROWS[0])
        with pytest.raises(JournalError, match="Cannot open"):
            Journal(path)
        other.execute("ROLLBACK")
        assert journal.append(ROWS[0]) == 1


@POSIX
@pytest.mark.parametrize("replaced", [False, True])
def test_deleted_or_replaced_file(replaced: bool, path: Path) -> None:
    with Journal(path) as journal:
        journal.append(ROWS[0])
        for each in path.parent.iterdir():
            each.rename(path.with_name(f"old-{each.name}"))
        if replaced:
            Journal(path).close()
        with pytest.raises(JournalError, match=r"moved or deleted.*Journal\(\)"):
            journal.append(ROWS[0])


def test_damaged_pages_are_reported_when_read(path: Path) -> None:
    with Journal(path) as journal:
        for _ in range(50):
            journal.append(ROWS[0])
    whole = bytearray(path.read_bytes())
    whole[2 * 4096 :] = b"\xff" * (len(whole) - 2 * 4096)
    path.write_bytes(whole)
    with Journal(path) as journal, pytest.raises(JournalError, match=r"Cannot read .* damaged .*Move it away"):
        journal.entries()


def test_changed_row_is_reported_as_damage(path: Path) -> None:
    with Journal(path) as journal:
        journal._connection.execute("DROP TRIGGER exchanges_no_update")
        journal.append(ROWS[0])
        for wrong in ("{", "{}", "[]", '{"headers": 1}'):
            journal._connection.execute("UPDATE exchanges SET request = ?", (wrong,))
            with pytest.raises(JournalError, match="damaged"):
                journal.entries()


def test_closed_journal_raises_usage_error(journal: Journal) -> None:
    journal.close()
    journal.close()
    for use in (lambda: journal.append(ROWS[0]), journal.entries, journal.count, journal.last_body):
        with pytest.raises(UsageError, match="closed"):
            use()
    assert repr(journal) == "Journal(closed)"


def test_message_hides_home_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    home = tmp_path / "anna"
    (home / "folder").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    with pytest.raises(JournalError) as caught:
        Journal("~/folder")
    assert str(Path("~") / "folder") in str(caught.value)
    assert "anna" not in str(caught.value)


def test_repr_has_no_path(journal: Journal) -> None:
    assert repr(journal) == "Journal(0 entries, in a file)"
    with Journal(MEMORY) as other:
        other.append(ROWS[0])
        assert repr(other) == "Journal(1 entry, in memory)"


# --- default path -------------------------------------------------------------------------------------------------


def test_default_path_is_in_data_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("mctoolkit._core.clocks.SEED", "")
    monkeypatch.delenv(JOURNAL_VARIABLE, raising=False)
    monkeypatch.setattr("platformdirs.user_data_path", lambda name, appauthor: tmp_path / name)
    assert default_path() == tmp_path / "mctoolkit" / "journal.sqlite3"
    with Journal() as journal:
        assert journal.path == tmp_path / "mctoolkit" / "journal.sqlite3"
        assert journal.path.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="the path on Linux")
def test_data_folder_on_linux(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("mctoolkit._core.clocks.SEED", "")
    for name in (JOURNAL_VARIABLE, "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert default_path() == tmp_path / ".local" / "share" / "mctoolkit" / "journal.sqlite3"
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "xdg"))
    assert default_path() == tmp_path / "xdg" / "mctoolkit" / "journal.sqlite3"


@pytest.mark.parametrize(
    ("seed", "variable", "expected"),
    [
        ("", "off", None),
        ("", "OFF", None),
        ("", " :memory: ", None),
        ("", "{tmp}/mine.sqlite3", "{tmp}/mine.sqlite3"),
        ("", "~/mine.sqlite3", "{tmp}/mine.sqlite3"),
        ("7", "", None),
        ("7", "{tmp}/mine.sqlite3", None),  # tests never write to the user's journal
    ],
)
def test_path_from_environment(
    seed: str, variable: str, expected: str | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setattr("mctoolkit._core.clocks.SEED", seed)
    monkeypatch.setenv(JOURNAL_VARIABLE, variable.format(tmp=tmp_path))
    assert default_path() == (None if expected is None else Path(expected.format(tmp=tmp_path)))
    with Journal() as journal:
        journal.append(ROWS[0])
        assert journal.path == default_path()
    assert [each.name for each in tmp_path.iterdir()] == ([] if expected is None else ["mine.sqlite3"])
