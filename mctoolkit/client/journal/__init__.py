"""Keep every exchange: whole, to the byte, for good, in one file that only its user can read.

``file`` opens the file and has its tables; ``rows`` turns an exchange into rows and back.
"""

from __future__ import annotations

import operator
import os
import sqlite3
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypedDict, Unpack

from mctoolkit._core.errors import UsageError
from mctoolkit._core.messages import gettext as _
from mctoolkit._core.messages import ngettext
from mctoolkit.client.journal import database, rows
from mctoolkit.client.journal.database import JOURNAL_VARIABLE, MEMORY, JournalError, default_path
from mctoolkit.client.journal.rows import JournalEntry
from mctoolkit.models.exchange import Exchange

__all__ = ["JOURNAL_VARIABLE", "MEMORY", "Filters", "Journal", "JournalEntry", "JournalError", "default_path"]

_AT_A_TIME = 200


class Filters(TypedDict, total=False):
    """What entries are chosen by; all that are given must hold, and None asks for nothing.

    Attributes
    ----------
    search : str
        Words, each of which must be part of something that the entry is known by, in any letter case: status, the
        answer in words, session id, ``media.id``, event type, sandbox, the keys that were sent and the keys
        with problems. Values of other keys are not looked through.
    status : int
        The HTTP status.
    answered : bool
        Whether a response came.
    target : str
        The label of the place it was sent to, exactly.
    is_sandbox : bool
        Whether it went to a sandbox on this computer.
    endpoint : str
        ``"sessions"`` or ``"events"``.
    event_type, session_id, media_id : str
        Exactly.
    since_ms, until_ms : int
        Sent at or after, and sent before, in milliseconds since 1970.
    before, after : int
        Entries with a smaller number (the page before), or a larger one (what is new).
    """

    search: str | None
    status: int | None
    answered: bool | None
    target: str | None
    is_sandbox: bool | None
    endpoint: str | None
    event_type: str | None
    session_id: str | None
    media_id: str | None
    since_ms: int | None
    until_ms: int | None
    before: int | None
    after: int | None


_CLAUSES = {
    "search": r"search LIKE ? ESCAPE '\'",
    "status": "status = ?",
    "answered": "(status IS NOT NULL) = ?",
    "target": "target = ?",
    "is_sandbox": "practice = ?",
    "endpoint": "endpoint = ?",
    "event_type": "event_type = ?",
    "session_id": "session_id = ?",
    "media_id": "media_id = ?",
    "since_ms": "sent_at_ms >= ?",
    "until_ms": "sent_at_ms < ?",
    "before": "number < ?",
    "after": "number > ?",
}


class Journal:
    """A history of exchanges to which one can only add.

    Each exchange is kept as it was, identifiers included: masking happens where it is shown. What was appended
    survives a killed process. Several threads may use one journal, and several processes one file.

    Parameters
    ----------
    path : Path or str, optional
        The file; a new one is made with its folder. By default ``journal.sqlite3`` in the folder for data of this
        user, or what the environment variable ``MCTOOLKIT_JOURNAL`` says: a path, or ``off``. ``":memory:"`` keeps
        the journal only as long as the process.

    Attributes
    ----------
    path : Path or None
        The file, or None for a journal in memory.

    Raises
    ------
    JournalError
        The file cannot be made, written or kept from the eyes of others; or it is damaged, of a newer mctoolkit, or
        no journal. A file that is refused was not touched. ``Journal(":memory:")`` always works.

    Examples
    --------
    >>> from mctoolkit.models.exchange import Response, Request
    >>> request = Request("POST", "https://company.hb-api.omtrdc.net/api/v1/sessions", (), b"{}")
    >>> response = Response(400, "Bad Request", (), b"")
    >>> exchange = Exchange("company.hb-api.omtrdc.net", request, response, None, 1_509_045_324_153, 4.0)
    >>> with Journal(":memory:") as journal:
    ...     number = journal.append(exchange)
    ...     found = journal.entries(status=400)
    ...     print(journal)
    Journal(1 entry, in memory)
    >>> found[0].number == number, found[0].exchange.request == request
    (True, True)
    """

    def __init__(self, path: str | Path | None = None) -> None:
        self.path = database.place(path)
        self._lock = threading.Lock()
        self._process = os.getpid()
        self._connection = database.connect(self.path)
        self._identity = self._identity_now()
        self._finalizer = weakref.finalize(self, _close, self._connection, self._process)

    def append(self, exchange: Exchange) -> int:
        """Add an exchange.

        Returns
        -------
        int
            The number of its entry, larger than every one before.

        Raises
        ------
        JournalError
            It could not be kept (the disk is full, the file is gone, ...); nothing of it was.
        UsageError
            The journal is closed.
        """
        entry = rows.entry_row(exchange)
        with self._using("append") as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                number = connection.execute(rows.INSERT_ENTRY, entry).lastrowid
                assert number is not None  # noqa: S101  an INSERT has one
                connection.execute(rows.INSERT_EXCHANGE, rows.exchange_row(number, exchange))
                connection.execute("COMMIT")
            except BaseException:  # also Ctrl+C between the two
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
        return number

    def entries(self, newest: int | None = _AT_A_TIME, **filters: Unpack[Filters]) -> list[JournalEntry]:
        """Return the newest entries that a filter lets through, in the order of sending.

        Parameters
        ----------
        newest : int or None
            At most so many; None for all.
        **filters
            See :class:`Filters`.

        Returns
        -------
        list of Entry
            Each with its ``number`` and its ``exchange``, which is judged by the checker of today.

        Raises
        ------
        JournalError
            The file cannot be read.
        UsageError
            There is no such filter, ``newest`` is no whole number from 0, or the journal is closed.

        Examples
        --------
        >>> with Journal(":memory:") as journal:
        ...     journal.entries(search="refused media.channel", is_sandbox=True)
        []
        """
        return self._read(filters, _limit(newest), "DESC")[::-1]

    def entry(self, number: int) -> JournalEntry:
        """Return one entry.

        Raises
        ------
        JournalError
            The file cannot be read.
        UsageError
            There is no entry of this number, or the journal is closed.
        """
        try:
            number = operator.index(number)  # also one of numpy, as the index of a DataFrame has them
        except TypeError:
            raise UsageError(
                _("An entry has a whole number, but this is {number}.").format(number=repr(number))
            ) from None
        with self._using("read") as connection:
            row = connection.execute(f"{rows.READ} WHERE number = ?", (number,)).fetchone()
            last = connection.execute("SELECT max(number) FROM entries").fetchone()[0]
        if row is None:
            raise UsageError(
                _("There is no entry {number} in this journal: it has the entries 1 to {last}.").format(
                    number=number, last=last
                )
                if last
                else _("There is no entry {number} in this journal: it is still empty.").format(number=number)
            )
        return self._entry(row)

    def count(self, **filters: Unpack[Filters]) -> int:
        """Return how many entries a filter lets through; without one, all.

        Raises
        ------
        JournalError
            The file cannot be read.
        UsageError
            There is no such filter, or the journal is closed.
        """
        where, values = _where(filters)
        with self._using("read") as connection:
            return int(connection.execute(f"SELECT count(*) FROM entries{where}", values).fetchone()[0])  # noqa: S608

    def last_body(self, *, endpoint: str = "sessions", **filters: Any) -> bytes | None:
        """Return the body that was sent last, by which a form can be filled again; None when none was.

        Parameters
        ----------
        endpoint : {"sessions", "events"}
            Where it was sent to.
        **filters
            See :class:`Filters`; above all ``target``.

        Raises
        ------
        JournalError
            The file cannot be read.
        UsageError
            There is no such filter, or the journal is closed.
        """
        where, values = _where(filters | {"endpoint": endpoint})
        query = (
            "SELECT request_body FROM exchanges"  # noqa: S608  the clauses are ours
            f" WHERE number = (SELECT number FROM entries{where} ORDER BY number DESC LIMIT 1)"
        )
        with self._using("read") as connection:
            row = connection.execute(query, values).fetchone()
        return row and bytes(row[0])

    def recheck(self, **filters: Unpack[Filters]) -> Iterator[JournalEntry]:
        """Judge old requests by the checker of today, and go through those of which it finds otherwise than then.

        Nothing is sent and nothing in the journal changes. A request that was never judged is found when it has a
        problem.

        Parameters
        ----------
        **filters
            See :class:`Filters`.

        Yields
        ------
        Entry
            In the order of sending, with the verdict of today in ``exchange.verdict`` and the counts of then in
            ``errors_then`` and ``hints_then``.

        Raises
        ------
        JournalError
            The file cannot be read.
        UsageError
            There is no such filter, or the journal is closed.
        """
        _where(filters)
        return self._recheck(filters)

    def close(self) -> None:
        """Write what is left to the file and let go of it; a journal in memory is lost."""
        with self._lock:
            self._finalizer()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        if not self._finalizer.alive:
            return _("Journal(closed)")
        where = _("in memory") if self.path is None else _("kept on this computer")
        return ngettext("Journal({number} entry, {where})", "Journal({number} entries, {where})", self.count()).format(
            where=where, number=self.count()
        )

    def _recheck(self, filters: Filters) -> Iterator[JournalEntry]:
        while found := self._read(filters, _AT_A_TIME, "ASC", judge=True):
            yield from (entry for entry in found if entry.judged_otherwise)
            filters = {**filters, "after": found[-1].number}

    def _read(self, filters: Filters, most: int, order: str, *, judge: bool = False) -> list[JournalEntry]:
        where, values = _where(filters)
        # The numbers first: whatever way SQLite takes to them, no body is read or sorted on it.
        query = (
            f"{rows.READ} WHERE number IN"  # noqa: S608  the clauses are ours
            f" (SELECT number FROM entries{where} ORDER BY number {order} LIMIT ?) ORDER BY number {order}"
        )
        with self._using("read") as connection:
            found = connection.execute(query, (*values, most)).fetchall()
        return [self._entry(row, judge=judge) for row in found]

    def _entry(self, row: tuple[Any, ...], *, judge: bool = False) -> JournalEntry:
        try:
            return rows.entry_of(row, judge=judge)
        except (ValueError, KeyError, TypeError) as error:
            raise database.cannot(
                "read",
                self.path,
                _(
                    "the file is damaged ({reason}). Move it away, and Journal() begins a new one; what it "
                    'held can perhaps be saved by "sqlite3 <file> .recover".'
                ).format(reason=error),
            ) from None

    @contextmanager
    def _using(self, doing: str) -> Iterator[sqlite3.Connection]:
        """Lend the connection to one thread, and say in words what went wrong."""
        with self._lock:
            if not self._finalizer.alive:
                raise UsageError(_("This journal is closed. Open it again with Journal()."))
            if os.getpid() != self._process:
                raise UsageError(
                    _(
                        "This journal was opened by the process that this one was forked from, and SQLite "
                        "forbids to use it from both. Open one here with Journal()."
                    )
                )
            if doing == "append" and self._identity_now() != self._identity:
                raise database.cannot(
                    doing,
                    self.path,
                    _("the file was moved or deleted while it was open. Open a new one with Journal()."),
                )
            try:
                yield self._connection
            except (sqlite3.Error, OverflowError) as error:
                raise database.cannot(doing, self.path, database.why(error)) from None

    def _identity_now(self) -> tuple[int, int] | None:
        """Return what tells the file from another of its name; SQLite goes on writing into a deleted one."""
        if self.path is None:
            return None
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino


def _limit(newest: object) -> int:
    if newest is None:
        return -1
    if not isinstance(newest, int) or newest < 0:
        raise UsageError(
            _("How many of the newest entries: a whole number from 0, or None for all. This is {value}.").format(
                value=repr(newest)
            )
        )
    return newest


def _where(filters: Any) -> tuple[str, list[Any]]:
    """Return the WHERE of filters, and the values that belong into it."""
    unknown = [name for name in filters if name not in _CLAUSES]
    if unknown:
        raise UsageError(
            _("A journal is not filtered by {name}. It is by: {known}.").format(
                name=repr(unknown[0]), known=", ".join(_CLAUSES)
            )
        )
    clauses: list[str] = []
    values: list[Any] = []
    for name, value in filters.items():
        if value is None:
            continue
        found = rows.search_patterns(value) if name == "search" else [rows.clean(value)]
        clauses += [_CLAUSES[name]] * len(found)
        values += found
    return (f" WHERE {' AND '.join(clauses)}" if clauses else ""), values


def _close(connection: sqlite3.Connection, process: int) -> None:
    if os.getpid() == process:  # in a fork, closing would free the locks of the other
        connection.close()
