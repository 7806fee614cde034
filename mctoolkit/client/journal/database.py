"""Open the SQLite file of a journal: its path, its permissions, its format and its tables."""

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

__all__ = [
    "DAMAGED",
    "JOURNAL_VARIABLE",
    "MEMORY",
    "JournalError",
    "connect",
    "default_path",
    "explain_sqlite_error",
    "journal_error",
    "resolve_path",
]

JOURNAL_VARIABLE = "MCTOOLKIT_JOURNAL"
MEMORY = ":memory:"
"""The path of a journal in memory."""

FORMAT = 1
_APPLICATION_ID = 0x4D43544A  # "MCTJ"
_BUSY_TIMEOUT_S = 5.0
_FILE_SUFFIXES = ("", "-wal", "-shm", "-journal")
_GROUP_AND_OTHERS = 0o077

# Filters read only the narrow table `entries`, not the bodies: about 20 ms for 100,000 entries, measured on two cores.
# That is fast enough without indexes, which doubled the time of an append.
_TABLES = (
    """CREATE TABLE entries (
  number      INTEGER PRIMARY KEY,
  sent_at_ms  INTEGER NOT NULL,  -- since 1970
  endpoint    TEXT NOT NULL,
  target      TEXT NOT NULL,     -- display name of the host
  practice    INTEGER NOT NULL,  -- 1: sandbox
  event_type  TEXT,
  status      INTEGER,           -- NULL: no response
  session_id  TEXT,              -- from the response, or from the URL
  media_id    TEXT,
  errors      INTEGER,           -- number of errors at the time of sending; NULL: not validated
  hints       INTEGER,
  search      TEXT NOT NULL      -- text to search in, lower case, without identifiers
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

_CANNOT = {
    "open": Message("Cannot open the journal {path}: {reason}"),
    "append": Message("Cannot save this exchange in the journal {path}: {reason}"),
    "read": Message("Cannot read the journal {path}: {reason}"),
}
DAMAGED = Message(
    "the file is damaged ({detail}). Move it away; Journal() then creates a new one. "
    '"sqlite3 FILE .recover" can restore some of its content.'
)
_NOT_A_JOURNAL = Message(
    "not an mctoolkit journal; not modified. Choose another file with MCTOOLKIT_JOURNAL or Journal(path)."
)
_NEWER_FORMAT = Message(
    "it has format {version} of a newer mctoolkit, but this version supports format {supported}; not modified. Update "
    "mctoolkit, or choose another file with MCTOOLKIT_JOURNAL or Journal(path)."
)
_NOT_A_FILE = Message("not a regular file. Choose another path with MCTOOLKIT_JOURNAL or Journal(path).")
_NOT_WRITABLE = Message(
    "it cannot be written ({detail}). Choose another file with MCTOOLKIT_JOURNAL or Journal(path), or keep responses "
    "in memory only: MCTOOLKIT_JOURNAL=off."
)
_NOT_PRIVATE = Message(
    "other users of this computer can read it, and its permissions cannot be changed ({detail}). It has requests with "
    "all identifiers. Run chmod 600, or choose another file with MCTOOLKIT_JOURNAL."
)
_FULL = Message("the disk is full. Free some space, or keep responses in memory only: MCTOOLKIT_JOURNAL=off.")
_BUSY = Message(
    "another program has been writing to it for more than {seconds} seconds. Try again, or close the other program."
)
_OTHER_ERROR = Message('SQLite reports "{detail}". Try again, or keep responses in memory only: MCTOOLKIT_JOURNAL=off.')
_SQLITE_ERRORS = {
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_BUSY: _BUSY,
    sqlite3.SQLITE_LOCKED: _BUSY,
    sqlite3.SQLITE_CORRUPT: DAMAGED,
    sqlite3.SQLITE_NOTADB: DAMAGED,
    sqlite3.SQLITE_READONLY: _NOT_WRITABLE,
    sqlite3.SQLITE_CANTOPEN: _NOT_WRITABLE,
    sqlite3.SQLITE_PERM: _NOT_WRITABLE,
}


def default_path() -> Path | None:
    """Return the path of the default journal, or None if it is in memory.

    The environment variable ``MCTOOLKIT_JOURNAL`` is a path, or ``off`` for a journal in memory. Under
    ``MCTOOLKIT_SEED`` the journal is always in memory, so that tests and stored notebooks do not write to the user's
    journal.
    """
    if clocks.SEED:
        return None
    value = os.environ.get(JOURNAL_VARIABLE, "").strip()
    if value:
        return None if value.casefold() in ("off", MEMORY) else _absolute(Path(value))
    return platformdirs.user_data_path("mctoolkit", appauthor=False) / "journal.sqlite3"


def resolve_path(path: str | Path | None) -> Path | None:
    """Return the absolute path of a journal, or None if it is in memory; without ``path``, the default.

    Examples
    --------
    >>> resolve_path(":memory:") is None
    True
    """
    if path is None:
        return default_path()
    return None if path == MEMORY else _absolute(Path(path))


def connect(path: Path | None) -> sqlite3.Connection:
    """Open the file of a journal, or create it.

    Parameters
    ----------
    path : Path or None
        An absolute path; None for a journal in memory.

    Returns
    -------
    sqlite3.Connection
        In autocommit mode, for any thread that holds the journal's lock.

    Raises
    ------
    JournalError
        The file cannot be created, written or made private; or it is damaged, of a newer mctoolkit, or not a journal.
        A file that is rejected is not modified.
    """
    if path is None:
        connection = _open(MEMORY)
        _prepare(connection, path)
        return connection
    # SQLite loses its locks when the process closes another handle of the file, so only a new file is opened here.
    with _OPENING:
        try:
            _create_file(path)
            _check_format(path)
            _make_private(path)
            connection = _open(path)
        except sqlite3.Error as error:
            raise journal_error("open", path, explain_sqlite_error(error)) from None
        try:
            _prepare(connection, path)
        except sqlite3.Error as error:
            connection.close()
            raise journal_error("open", path, explain_sqlite_error(error)) from None
        except BaseException:
            connection.close()
            raise
    return connection


def journal_error(action: str, path: Path | None, reason: str) -> JournalError:
    """Return the error of an action (``"open"``, ``"append"`` or ``"read"``) on a journal."""
    return JournalError(_CANNOT[action].format(path=_display_path(path), reason=reason))


def explain_sqlite_error(error: Exception) -> str:
    """Return the reason of an SQLite error, with the next step."""
    code = getattr(error, "sqlite_errorcode", None)
    message = _SQLITE_ERRORS.get(code & 0xFF if code else -1, _OTHER_ERROR)
    return message.format(detail=error, seconds=f"{_BUSY_TIMEOUT_S:g}")


def _absolute(path: Path) -> Path:
    with suppress(RuntimeError):  # "~name" of an unknown user is the name of a folder
        path = path.expanduser()
    return path.absolute()


def _display_path(path: Path | None) -> str:
    """Return a path with ``~`` for the home folder, which has the name of the user."""
    if path is None:
        return _("memory")
    with suppress(RuntimeError, ValueError):
        return str(Path("~") / path.relative_to(Path.home()))
    return str(path)


def _open(path: Path | str, *, uri: bool = False) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=_BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False, uri=uri)


def _create_file(path: Path) -> None:
    """Create the folder and an empty file that only the user can read, unless they exist."""
    try:
        if not path.parent.is_dir():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        mode = path.stat().st_mode
    except OSError as error:
        detail = error_reason(error)
        raise journal_error("open", path, _NOT_WRITABLE.format(detail=detail)) from None
    if not stat.S_ISREG(mode):
        raise journal_error("open", path, str(_NOT_A_FILE))


def _check_format(path: Path) -> None:
    """Reject a file that is not a journal, without locking or writing it or creating files beside it."""
    if path.stat().st_size == 0:
        return
    connection = _open(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        is_journal = _pragma(connection, "application_id") == _APPLICATION_ID
        version = _pragma(connection, "user_version")
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_NOTADB:
            raise
        is_journal, version = False, 0
    finally:
        connection.close()
    if not is_journal:
        raise journal_error("open", path, str(_NOT_A_JOURNAL))
    _check_version(path, version)


def _check_version(path: Path | None, version: int) -> None:
    if version > FORMAT:
        raise journal_error("open", path, _NEWER_FORMAT.format(version=version, supported=FORMAT))


def _make_private(path: Path) -> None:
    """Remove the permissions of other users from the files of the journal; on Windows the folder protects them."""
    if os.name == "nt":
        return
    for file in (Path(f"{path}{suffix}") for suffix in _FILE_SUFFIXES):
        try:
            mode = stat.S_IMODE(file.stat().st_mode)
            if mode & _GROUP_AND_OTHERS:
                file.chmod(mode & 0o600)
                mode = stat.S_IMODE(file.stat().st_mode)
        except FileNotFoundError:
            continue
        except OSError as error:
            detail = error_reason(error)
            raise journal_error("open", path, _NOT_PRIVATE.format(detail=detail)) from None
        if mode & _GROUP_AND_OTHERS:
            detail = _("the file system has no permissions")
            raise journal_error("open", path, _NOT_PRIVATE.format(detail=detail))


def _prepare(connection: sqlite3.Connection, path: Path | None) -> None:
    """Create the tables of a new file, turn on write-ahead logging, and check that the file is writable."""
    if _pragma(connection, "user_version") == 0:
        _create_tables(connection, path)
    _check_version(path, _pragma(connection, "user_version"))
    _enable_wal(connection)
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("BEGIN IMMEDIATE")  # only checks that the file is writable
    try:
        connection.execute(f"PRAGMA user_version = {FORMAT}")
    finally:
        connection.execute("ROLLBACK")


def _create_tables(connection: sqlite3.Connection, path: Path | None) -> None:
    # Before write-ahead logging is on, so that the application id is written to the file itself.
    connection.execute("BEGIN EXCLUSIVE")
    try:
        if _pragma(connection, "user_version") == 0:  # otherwise another process has created them
            if connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                raise journal_error("open", path, str(_NOT_A_JOURNAL))
            for statement in (*_TABLES, *_append_only_triggers()):
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {FORMAT}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _append_only_triggers() -> list[str]:
    """Return the triggers that reject every change of an entry; REPLACE deletes without a delete trigger."""
    reject = "RAISE(ABORT, '{}')".format(_("Entries of a journal are never changed or deleted.").replace("'", "''"))
    return [
        f"CREATE TRIGGER {table}_no_{name} BEFORE {operation} ON {table} {when} BEGIN SELECT {reject}; END"
        for table in ("entries", "exchanges")
        for name, operation, when in (
            ("update", "UPDATE", ""),
            ("delete", "DELETE", ""),
            ("replace", "INSERT", f"WHEN EXISTS (SELECT 1 FROM {table} WHERE number = NEW.number)"),  # noqa: S608
        )
    ]


def _enable_wal(connection: sqlite3.Connection) -> None:
    """Turn on write-ahead logging; SQLite itself does not wait for other processes that open the same new file."""
    deadline = time.monotonic() + _BUSY_TIMEOUT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])
