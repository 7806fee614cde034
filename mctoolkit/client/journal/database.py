"""The file of a journal: where it lies, who may read it, whether it is one of ours, and its tables."""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
import time
from contextlib import suppress
from pathlib import Path

import platformdirs

from mctoolkit._core import clocks
from mctoolkit._core.errors import JournalError, error_reason
from mctoolkit._core.messages import Message
from mctoolkit._core.messages import gettext as _

__all__ = ["JOURNAL_VARIABLE", "MEMORY", "JournalError", "cannot", "connect", "default_path", "place", "why"]

JOURNAL_VARIABLE = "MCTOOLKIT_JOURNAL"
MEMORY = ":memory:"
"""What stands in the place of a path for a journal that ends with its process."""

FORMAT = 1
_APPLICATION_ID = 0x4D43544A  # "MCTJ", by which a file is known to be ours
_BUSY_S = 5.0
_SIBLINGS = ("", "-wal", "-shm", "-journal")
_OTHERS = 0o077

# What is filtered by stands in a narrow table, so that looking through all of it reads no bodies: about 20 ms for
# 100,000 entries, seen on two cores. That is quick enough without indexes; five of them doubled the cost of an append.
_TABLES = (
    """CREATE TABLE entries (
  number      INTEGER PRIMARY KEY,
  sent_at_ms  INTEGER NOT NULL,  -- since 1970
  endpoint    TEXT NOT NULL,
  target      TEXT NOT NULL,     -- how people call the place it was sent to
  practice    INTEGER NOT NULL,  -- 1: a sandbox on this computer
  event_type  TEXT,
  status      INTEGER,           -- NULL: no answer came
  session_id  TEXT,              -- of the answer, or in the URL
  media_id    TEXT,
  errors      INTEGER,           -- what the checker of that day found; NULL: it was not asked
  hints       INTEGER,
  search      TEXT NOT NULL      -- what a search looks through, in lower case; nobody's identifiers
)""",
    """CREATE TABLE exchanges (
  number        INTEGER PRIMARY KEY REFERENCES entries (number),
  elapsed_ms    REAL,
  request       TEXT NOT NULL,   -- JSON: method, url, headers
  request_body  BLOB NOT NULL,
  answer        TEXT,            -- JSON: status, reason, headers, cut_short
  answer_body   BLOB,
  failure       TEXT             -- JSON: kind, detail, after_s
)""",
)

_OPENING = threading.Lock()

_REASONS = {
    sqlite3.SQLITE_FULL: "full",
    sqlite3.SQLITE_BUSY: "busy",
    sqlite3.SQLITE_LOCKED: "busy",
    sqlite3.SQLITE_CORRUPT: "damaged",
    sqlite3.SQLITE_NOTADB: "damaged",
    sqlite3.SQLITE_READONLY: "unwritable",
    sqlite3.SQLITE_CANTOPEN: "unwritable",
    sqlite3.SQLITE_PERM: "unwritable",
}


_CANNOT = {
    "open": Message("Cannot open the journal {path}: {why}"),
    "append": Message("Cannot keep this exchange in the journal {path}: {why}"),
    "read": Message("Cannot read the journal {path}: {why}"),
}
_EXPLANATIONS = {
    "foreign": Message(
        "it is no journal of mctoolkit. It was left as it is. Choose another file: MCTOOLKIT_JOURNAL, or Journal(path)."
    ),
    "no_file": Message(
        "there is something of this name that is no file. Choose another name: MCTOOLKIT_JOURNAL, or Journal(path)."
    ),
    "unwritable": Message(
        "it cannot be written ({reason}). Choose another file (MCTOOLKIT_JOURNAL, or "
        "Journal(path)), or keep answers in memory only: MCTOOLKIT_JOURNAL=off."
    ),
    "not_private": Message(
        "others on this computer may read it, and that could not be mended ({reason}). "
        "It holds requests as they were sent, so nobody else may: chmod 600, or choose "
        "another file with MCTOOLKIT_JOURNAL."
    ),
    "not_private_here": Message("the file system knows no permissions"),
    "damaged": Message(
        "the file is damaged ({reason}). Move it away, and Journal() begins a new one; "
        'what it held can perhaps be saved by "sqlite3 <file> .recover".'
    ),
    "full": Message(
        "there is no room left on the disk. Make room and try again, or keep answers in "
        "memory only: MCTOOLKIT_JOURNAL=off."
    ),
    "busy": Message(
        "another program has been writing to it for more than {seconds} seconds. Try "
        "again; if it stays so, close the other program."
    ),
    "gone": Message("the file was moved or deleted while it was open. Open a new one with Journal()."),
    "other": Message('SQLite says "{reason}". Try again, or keep answers in memory only: MCTOOLKIT_JOURNAL=off.'),
}


def default_path() -> Path | None:
    """Return the file of the default journal, or None where it is kept in memory.

    The environment variable ``MCTOOLKIT_JOURNAL`` names another file, or none (``off``). Under ``MCTOOLKIT_SEED``
    there is none, whatever else is set: tests and notebooks that are stored must not write into a person's history.
    """
    if clocks.SEED:
        return None
    wanted = os.environ.get(JOURNAL_VARIABLE, "").strip()
    if wanted:
        return None if wanted.casefold() in ("off", MEMORY) else _absolute(Path(wanted))
    return platformdirs.user_data_path("mctoolkit", appauthor=False) / "journal.sqlite3"


def place(path: str | Path | None) -> Path | None:
    """Return the file that is meant, or None for a journal in memory."""
    if path is None:
        return default_path()
    return None if path == MEMORY else _absolute(Path(path))


def connect(path: Path | None) -> sqlite3.Connection:
    """Open the file of a journal, and make it where there is none.

    Parameters
    ----------
    path : Path or None
        An absolute path; None keeps the journal in memory.

    Returns
    -------
    sqlite3.Connection
        In autocommit mode, for any thread that holds the journal's lock.

    Raises
    ------
    JournalError
        It cannot be made, written or kept from the eyes of others; or it is damaged, of a newer mctoolkit, or no
        journal. A file that is refused was not touched.
    """
    if path is None:
        connection = _open(MEMORY)
        _make_ready(connection, path)
        return connection
    # SQLite's locks are lost when a process closes a file beside it: only a new file is opened by hand, once.
    with _OPENING:
        try:
            _make_file(path)
            _refuse_foreign(path)
            _keep_private(path)
            connection = _open(path)
        except sqlite3.Error as error:
            raise cannot("open", path, why(error)) from None
        try:
            _make_ready(connection, path)
        except sqlite3.Error as error:
            connection.close()
            raise cannot("open", path, why(error)) from None
        except BaseException:
            connection.close()
            raise
    return connection


def cannot(doing: str, path: Path | None, reason: str) -> JournalError:
    """Return the error that says what could not be done with which file, and why."""
    return JournalError(_CANNOT[doing].format(path=_shown(path), why=reason))


def why(error: Exception) -> str:
    """Put an error of SQLite into words, with the next step."""
    code = getattr(error, "sqlite_errorcode", None)
    key = _REASONS.get(code & 0xFF if code else -1, "other")
    return _EXPLANATIONS[key].format(reason=error, seconds=f"{_BUSY_S:g}")


def _absolute(path: Path) -> Path:
    with suppress(RuntimeError):  # "~nobody" has no home: then it is the name of a folder
        path = path.expanduser()
    return path.absolute()


def _shown(path: Path | None) -> str:
    """Return a path as it may stand in a stored notebook: without the name of the person in it."""
    if path is None:
        return _("memory")
    with suppress(RuntimeError, ValueError):
        return str(Path("~") / path.relative_to(Path.home()))
    return str(path)


def _open(path: Path | str, *, uri: bool = False) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None, check_same_thread=False, uri=uri)


def _make_file(path: Path) -> None:
    """Make the folder and an empty file that only the user can read, unless there is one."""
    try:
        if not path.parent.is_dir():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        kind = path.stat().st_mode
    except OSError as error:
        reason = error_reason(error)
        raise cannot(
            "open",
            path,
            _(
                "it cannot be written ({reason}). Choose another file (MCTOOLKIT_JOURNAL, or "
                "Journal(path)), or keep answers in memory only: MCTOOLKIT_JOURNAL=off."
            ).format(reason=reason),
        ) from None
    if not stat.S_ISREG(kind):
        raise cannot(
            "open",
            path,
            _(
                "there is something of this name that is no file. Choose another name: "
                "MCTOOLKIT_JOURNAL, or Journal(path)."
            ),
        )


def _refuse_foreign(path: Path) -> None:
    """Look at a file without a lock, a sibling or a byte being written, and refuse what is not ours."""
    if path.stat().st_size == 0:
        return
    looking = _open(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        ours = _pragma(looking, "application_id") == _APPLICATION_ID
        version = _pragma(looking, "user_version")
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_NOTADB:
            raise
        ours, version = False, 0
    finally:
        looking.close()
    if not ours:
        raise cannot(
            "open",
            path,
            _(
                "it is no journal of mctoolkit. It was left as it is. Choose another file: "
                "MCTOOLKIT_JOURNAL, or Journal(path)."
            ),
        )
    _refuse_newer(path, version)


def _refuse_newer(path: Path | None, version: int) -> None:
    if version > FORMAT:
        raise cannot(
            "open",
            path,
            _(
                "a newer mctoolkit made it (its format is {version}, this mctoolkit knows {known}). It "
                "was left as it is. Update mctoolkit, or choose another file: MCTOOLKIT_JOURNAL, or "
                "Journal(path)."
            ).format(version=version, known=FORMAT),
        )


def _keep_private(path: Path) -> None:
    """Take the file and its siblings from the eyes of others; Windows does so by the folder they lie in."""
    if os.name == "nt":
        return
    for name in (f"{path}{ending}" for ending in _SIBLINGS):
        sibling = Path(name)
        try:
            mode = stat.S_IMODE(sibling.stat().st_mode)
            if mode & _OTHERS:
                sibling.chmod(mode & 0o600)
                mode = stat.S_IMODE(sibling.stat().st_mode)
        except FileNotFoundError:
            continue
        except OSError as error:
            reason = error_reason(error)
            raise cannot(
                "open",
                path,
                _(
                    "others on this computer may read it, and that could not be mended ({reason}). It holds "
                    "requests as they were sent, so nobody else may: chmod 600, or choose another file with "
                    "MCTOOLKIT_JOURNAL."
                ).format(reason=reason),
            ) from None
        if mode & _OTHERS:
            reason = _("the file system knows no permissions")
            raise cannot(
                "open",
                path,
                _(
                    "others on this computer may read it, and that could not be mended ({reason}). It holds "
                    "requests as they were sent, so nobody else may: chmod 600, or choose another file with "
                    "MCTOOLKIT_JOURNAL."
                ).format(reason=reason),
            )


def _make_ready(connection: sqlite3.Connection, path: Path | None) -> None:
    """Make the tables of a new file, switch to the write-ahead log, and see whether it can be written."""
    if _pragma(connection, "user_version") == 0:
        _make_tables(connection, path)
    _refuse_newer(path, _pragma(connection, "user_version"))
    _write_ahead(connection)
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("BEGIN IMMEDIATE")  # taken back: only to see whether a byte could be written
    try:
        connection.execute(f"PRAGMA user_version = {FORMAT}")
    finally:
        connection.execute("ROLLBACK")


def _make_tables(connection: sqlite3.Connection, path: Path | None) -> None:
    # Before the write-ahead log, so that the first page of the file itself says whose it is.
    connection.execute("BEGIN EXCLUSIVE")
    try:
        if _pragma(connection, "user_version") == 0:  # else another process was quicker
            if connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                raise cannot(
                    "open",
                    path,
                    _(
                        "it is no journal of mctoolkit. It was left as it is. Choose another file: "
                        "MCTOOLKIT_JOURNAL, or Journal(path)."
                    ),
                )
            for statement in (*_TABLES, *_append_only()):
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {FORMAT}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _append_only() -> list[str]:
    """Return the triggers that refuse every change of what is written; a REPLACE is a deletion without a trigger."""
    refuse = "RAISE(ABORT, '{}')".format(_("Entries of a journal are never changed or deleted.").replace("'", "''"))
    return [
        f"CREATE TRIGGER {table}_no_{name} BEFORE {what} ON {table} {when} BEGIN SELECT {refuse}; END"
        for table in ("entries", "exchanges")
        for name, what, when in (
            ("update", "UPDATE", ""),
            ("delete", "DELETE", ""),
            ("replace", "INSERT", f"WHEN EXISTS (SELECT 1 FROM {table} WHERE number = NEW.number)"),  # noqa: S608
        )
    ]


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Switch to the write-ahead log, waiting for others who open the same new file: SQLite does not wait here."""
    until = time.monotonic() + _BUSY_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.01)
        else:
            return


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])
