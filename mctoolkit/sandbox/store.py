"""The store of a sandbox: a file that has every request before it is answered, and from which a new sandbox goes on."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from mctoolkit import texts, wire
from mctoolkit.errors import SandboxError
from mctoolkit.sandbox.registry import Closed, Registry
from mctoolkit.sandbox.replies import RawPairs
from mctoolkit.sandbox.seen import MOST_KEPT, MOST_KEPT_BYTES, Entry
from mctoolkit.sessions import IDLE_LIMIT_MS

__all__ = ["Store"]

_FORMAT = 1
_APPLICATION_ID = 0x4D435453  # "MCTS", by which a file is known to be ours
_BUSY_S = 5.0

# What a new sandbox looks through stands in a narrow table, so that no bodies are read that it does not need.
_TABLES = (
    """CREATE TABLE entries (
  number      INTEGER PRIMARY KEY,
  at_ms       INTEGER NOT NULL,  -- since 1970, by the sandbox's clock
  endpoint    TEXT NOT NULL,
  session_id  TEXT,
  event_type  TEXT,
  status      INTEGER,           -- NULL: the connection was cut on purpose
  taken       INTEGER NOT NULL,  -- 1: it counts in its session
  slips       TEXT NOT NULL,     -- rules of a session, with spaces between them
  notes       TEXT NOT NULL,     -- the same of what a lenient sandbox took
  fault       TEXT               -- what went wrong on purpose
)""",
    """CREATE TABLE exchanges (
  number        INTEGER PRIMARY KEY REFERENCES entries (number),
  elapsed_ms    REAL NOT NULL,
  method        TEXT NOT NULL,
  url           TEXT NOT NULL,
  request_head  BLOB NOT NULL,   -- the lines of the headers
  request_body  BLOB NOT NULL,
  answer_head   BLOB NOT NULL,
  answer_body   BLOB NOT NULL
)""",
)
_INSERT_ENTRY = "INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_INSERT_EXCHANGE = "INSERT INTO exchanges VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_READ = "SELECT e.*, x.* FROM entries e JOIN exchanges x USING (number)"
_SESSIONS = """SELECT session_id, event_type, at_ms, max(number) FROM entries
WHERE taken = 1 AND session_id IS NOT NULL GROUP BY session_id ORDER BY 4"""
_EVENTS = """SELECT e.endpoint, e.session_id, e.at_ms, x.request_body
FROM entries e JOIN exchanges x USING (number) WHERE e.taken = 1 AND e.session_id IN (SELECT id FROM alive)
ORDER BY number"""


class Store:
    """A file of SQLite that only its user can read, and that one sandbox at a time writes.

    What is written is safe when the process dies, at whatever moment. (Power that fails may cost the last requests.)
    Requests that come in together are committed together.

    Parameters
    ----------
    path : str or Path
        The file; it is made where there is none.

    Raises
    ------
    SandboxError
        It cannot be made or written, is none of ours, or another sandbox writes it. It was not changed.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path).expanduser().absolute()
        self._waiting: list[tuple[Entry, asyncio.Future[None]]] = []
        self._lock: sqlite3.Connection | None = None
        try:
            _make_file(self.path)
            _refuse_foreign(self.path)
            self._lock = _locked(self.path)
            self._file = sqlite3.connect(self.path, timeout=_BUSY_S, isolation_level=None, check_same_thread=False)
            _make_ready(self._file, self.path)
        except OSError as error:
            raise _refused(self.path, "unwritable", error.strerror or type(error).__name__) from None
        except sqlite3.Error as error:
            self._unlock()
            damaged = getattr(error, "sqlite_errorcode", None) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
            raise _refused(self.path, "damaged" if damaged else "unwritable", str(error)) from None
        except SandboxError:
            self._unlock()
            raise

    def keep(self, entry: Entry) -> asyncio.Future[None]:
        """Write an entry; what is returned is done when it is committed. To be called on the loop of the sandbox.

        The commit waits until all that came in at once has been looked at. It fails with a SandboxError.
        """
        loop = asyncio.get_running_loop()
        kept = loop.create_future()
        if not self._waiting:
            loop.call_soon(self._commit)
        self._waiting.append((entry, kept))
        return kept

    def _commit(self) -> None:
        waiting, self._waiting = self._waiting, []
        try:
            self._write(entry for entry, _ in waiting)
        except (sqlite3.Error, OverflowError) as error:
            for _, kept in waiting:
                if not kept.cancelled():
                    kept.set_exception(SandboxError(str(error)))
        else:
            for _, kept in waiting:
                if not kept.cancelled():
                    kept.set_result(None)

    def _write(self, entries: Iterable[Entry]) -> None:
        execute = self._file.execute
        execute("BEGIN IMMEDIATE")
        try:
            for entry in entries:
                execute(_INSERT_ENTRY, _entry_row(entry))
                execute(_INSERT_EXCHANGE, _exchange_row(entry))
            execute("COMMIT")
        except BaseException:
            if self._file.in_transaction:
                execute("ROLLBACK")
            raise

    @property
    def last_ms(self) -> int | None:
        """The time of the latest entry, in milliseconds since 1970; None for an empty store."""
        found: int | None = self._file.execute("SELECT max(at_ms) FROM entries").fetchone()[0]
        return found

    @property
    def total(self) -> int:
        """How many requests it has."""
        return int(self._file.execute("SELECT coalesce(max(number), 0) FROM entries").fetchone()[0])

    def read(self, first: int = 1, last: int | None = None) -> Iterator[Entry]:
        """Yield entries by number, ends included. Another connection is opened for it, so any thread may read."""
        reading = sqlite3.connect(f"{self.path.as_uri()}?mode=ro", timeout=_BUSY_S, uri=True)
        try:
            until = 2**62 if last is None else last
            for row in reading.execute(f"{_READ} WHERE number BETWEEN ? AND ? ORDER BY number", (first, until)):
                yield _entry_of(row)
        finally:
            reading.close()

    def newest(self) -> list[Entry]:
        """Return the entries that a new sandbox keeps in memory, oldest first."""
        kept: list[Entry] = []
        size = 0
        for row in self._file.execute(f"{_READ} ORDER BY number DESC LIMIT ?", (MOST_KEPT,)):
            kept.append(_entry_of(row))
            size += len(kept[-1].request_body) + len(kept[-1].answer_body)
            if size > MOST_KEPT_BYTES:
                break
        return kept[::-1]

    def restore(self, registry: Registry, now_ms: int) -> int:
        """Rebuild the sessions of an earlier sandbox from their events; return how many ids it gave."""
        sessions = self._file.execute(_SESSIONS).fetchall()
        self._file.execute("CREATE TEMP TABLE alive (id TEXT PRIMARY KEY)")
        for session_id, event_type, last_ms, _ in sessions:
            if event_type != "sessionEnd" and now_ms - last_ms < IDLE_LIMIT_MS:
                self._file.execute("INSERT INTO alive VALUES (?)", (session_id,))
            else:
                ended = event_type == "sessionEnd"
                closed = Closed("end", last_ms) if ended else Closed("idle", last_ms + IDLE_LIMIT_MS)
                registry.close(session_id, closed)
        for endpoint, session_id, at_ms, body in self._file.execute(_EVENTS):
            value: Any = wire.read(body)  # an object: it was judged before it was taken
            if endpoint == "sessions":
                registry.begin(session_id, value, at_ms)
            else:
                state = registry.find(session_id, at_ms)
                if state is not None and not isinstance(state, Closed):
                    registry.take(session_id, state, value, at_ms)
        self._file.execute("DROP TABLE alive")
        return len(sessions)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()
        self._unlock()

    def _unlock(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None


def _entry_row(entry: Entry) -> tuple[Any, ...]:
    return (
        entry.number,
        entry.at_ms,
        entry.endpoint,
        _clean(entry.session_id),
        _clean(entry.event_type),
        entry.status,
        entry.taken,
        " ".join(entry.slips),
        " ".join(entry.notes),
        entry.fault,
    )


def _exchange_row(entry: Entry) -> tuple[Any, ...]:
    return (
        entry.number,
        entry.elapsed_ms,
        entry.method,
        entry.full_url,
        _head(entry.headers),
        entry.request_body,
        _head(entry.answer_headers),
        entry.answer_body,
    )


def _entry_of(row: tuple[Any, ...]) -> Entry:
    entry = Entry()
    number, entry.at_ms, entry.endpoint, entry.session_id, entry.event_type, entry.status = row[:6]
    entry.number = number
    entry.taken, entry.slips, entry.notes = bool(row[6]), tuple(row[7].split()), tuple(row[8].split())
    entry.fault = row[9]
    entry.elapsed_ms, entry.method, entry.url = row[11:14]
    entry.headers, entry.request_body = _pairs(row[14]), row[15]
    entry.answer_headers, entry.answer_body = _pairs(row[16]), row[17]
    return entry


def _head(pairs: RawPairs) -> bytes:
    return b"".join([b"%b: %b\r\n" % pair for pair in pairs])


def _pairs(head: bytes) -> RawPairs:
    lines = (line.partition(b": ") for line in head.split(b"\r\n")[:-1])
    return [(name, value) for name, _, value in lines]


def _clean(text: str | None) -> str | None:
    """Return a text that SQLite takes: half a surrogate pair, which a path can have, is no UTF-8."""
    return text if text is None or text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _make_file(path: Path) -> None:
    """Make an empty file that only the user can read, unless there is one; take one from the eyes of others."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        raise _refused(path, "foreign")
    with path.open("r+b"):
        pass  # OSError where it cannot be written


def _refuse_foreign(path: Path) -> None:
    """Look at a file without writing a byte, and refuse what is not ours."""
    if path.stat().st_size == 0:
        return
    looking = sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        ours = _pragma(looking, "application_id") == _APPLICATION_ID
        newer = _pragma(looking, "user_version") > _FORMAT
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", None) != sqlite3.SQLITE_NOTADB:
            raise
        ours = newer = False
    finally:
        looking.close()
    if not ours or newer:
        raise _refused(path, "newer" if ours else "foreign")
    path.chmod(0o600)


def _locked(path: Path) -> sqlite3.Connection:
    """Hold a lock beside the file: two sandboxes that wrote one file would each know half of the sessions.

    It is a file of SQLite, too, so that its lock ends with the process on every system.
    """
    beside = path.with_name(f"{path.name}-lock")
    with suppress(FileExistsError):
        os.close(os.open(beside, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    lock = sqlite3.connect(beside, timeout=0, isolation_level=None, check_same_thread=False)
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        lock.close()
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
            raise
        raise _refused(path, "in_use") from None
    return lock


def _make_ready(file: sqlite3.Connection, path: Path) -> None:
    """Make the tables of a new file, and switch to the write-ahead log."""
    if _pragma(file, "user_version") == 0:
        file.execute("BEGIN EXCLUSIVE")
        for statement in _TABLES:
            file.execute(statement)
        file.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
        file.execute(f"PRAGMA user_version = {_FORMAT}")
        file.execute("COMMIT")
    file.execute("PRAGMA journal_mode = WAL")
    file.execute("PRAGMA synchronous = NORMAL")
    file.execute("PRAGMA temp_store = MEMORY")


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


def _refused(path: Path, why: str, reason: str = "") -> SandboxError:
    shown = str(path)
    with suppress(RuntimeError, ValueError):  # a stored notebook need not have the name of a person in it
        shown = str(Path("~") / path.relative_to(Path.home()))
    words = texts.say(f"sandbox.store.why_{why}", reason=reason)
    return SandboxError(texts.say("sandbox.store.refused", path=shown, why=words))
