"""Save every exchange in an append-only SQLite file that only its user can read.

``database`` opens the file, ``rows`` converts an exchange to rows and back, and ``filters`` select entries.
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
from typing import Any, Self, Unpack

from mctoolkit._core.errors import UsageError
from mctoolkit._core.messages import gettext as _
from mctoolkit._core.messages import ngettext
from mctoolkit.client.journal import database, rows
from mctoolkit.client.journal.database import JOURNAL_VARIABLE, MEMORY, JournalError, default_path
from mctoolkit.client.journal.filters import Filters, where_clause
from mctoolkit.client.journal.rows import JournalEntry
from mctoolkit.models.exchange import Exchange

__all__ = ["JOURNAL_VARIABLE", "MEMORY", "Filters", "Journal", "JournalEntry", "JournalError", "default_path"]

_PAGE_SIZE = 200


class Journal:
    """An append-only history of exchanges.

    Exchanges are saved unchanged, with all identifiers; identifiers are masked only for display. An appended entry
    survives a killed process. A journal is thread-safe, and several processes can use the same file.

    Parameters
    ----------
    path : Path or str, optional
        The file; it is created with its folder if it does not exist. The default is the path in the environment
        variable ``MCTOOLKIT_JOURNAL``, or ``journal.sqlite3`` in the user's data folder. ``":memory:"``, or ``off`` in
        the variable, keeps the journal in memory.

    Attributes
    ----------
    path : Path or None
        The file, or None for a journal in memory.

    Raises
    ------
    JournalError
        The file cannot be created, written or made private; or it is damaged, of a newer mctoolkit, or not a journal.
        A file that is rejected is not modified. ``Journal(":memory:")`` always works.

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
        self.path = database.resolve_path(path)
        self._lock = threading.Lock()
        self._process = os.getpid()
        self._connection = database.connect(self.path)
        self._file_id = self._current_file_id()
        self._finalizer = weakref.finalize(self, _close, self._connection, self._process)

    def append(self, exchange: Exchange) -> int:
        """Append an exchange.

        Returns
        -------
        int
            The number of its entry, larger than all earlier ones.

        Raises
        ------
        JournalError
            The exchange cannot be saved, for example because the disk is full; nothing of it was written.
        UsageError
            The journal is closed.

        Examples
        --------
        >>> from mctoolkit.models.exchange import Failure, Request
        >>> request = Request("POST", "https://company.hb-api.omtrdc.net/api/v1/sessions", (), b"{}")
        >>> exchange = Exchange("company.hb-api.omtrdc.net", request, None, Failure("cut"), 1_509_045_324_153, 4.0)
        >>> with Journal(":memory:") as journal:
        ...     journal.append(exchange), journal.append(exchange)
        (1, 2)
        """
        entry = rows.entry_row(exchange)
        with self._lock_connection("append") as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                number = connection.execute(rows.INSERT_ENTRY, entry).lastrowid
                assert number is not None  # noqa: S101  always set after an INSERT
                connection.execute(rows.INSERT_EXCHANGE, rows.exchange_row(number, exchange))
                connection.execute("COMMIT")
            except BaseException:  # also Ctrl+C
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
        return number

    def entries(self, newest: int | None = _PAGE_SIZE, **filters: Unpack[Filters]) -> list[JournalEntry]:
        """Return the newest entries that match the filters, in the order of sending.

        Parameters
        ----------
        newest : int or None
            The maximum number of entries; None for all.
        **filters
            See :class:`Filters`.

        Returns
        -------
        list of JournalEntry
            The verdicts are from the installed version of mctoolkit.

        Raises
        ------
        JournalError
            The file cannot be read.
        UsageError
            A filter is unknown, ``newest`` is not an integer from 0, or the journal is closed.

        Examples
        --------
        >>> with Journal(":memory:") as journal:
        ...     journal.entries(search="refused media.channel", is_sandbox=True)
        []
        """
        return self._read(filters, _parse_limit(newest), "DESC")[::-1]

    def entry(self, number: int) -> JournalEntry:
        """Return one entry.

        Raises
        ------
        JournalError
            The file cannot be read.
        UsageError
            There is no entry of this number, or the journal is closed.

        Examples
        --------
        >>> with Journal(":memory:") as journal:
        ...     journal.entry(1)
        Traceback (most recent call last):
        mctoolkit._core.errors.UsageError: There is no entry 1; this journal is empty.
        """
        try:
            number = operator.index(number)  # accepts integers of numpy, as in the index of a DataFrame
        except TypeError:
            raise UsageError(
                _("{number} is not the number of an entry. Use an integer from 1.").format(number=repr(number))
            ) from None
        with self._lock_connection("read") as connection:
            row = connection.execute(f"{rows.SELECT_ENTRIES} WHERE number = ?", (number,)).fetchone()
            last = connection.execute("SELECT max(number) FROM entries").fetchone()[0]
        if row is None:
            raise UsageError(
                _("There is no entry {number}; this journal has the entries 1 to {last}.").format(
                    number=number, last=last
                )
                if last
                else _("There is no entry {number}; this journal is empty.").format(number=number)
            )
        return self._parse_row(row)

    def count(self, **filters: Unpack[Filters]) -> int:
        """Return the number of entries that match the filters; without filters, of all entries.

        Raises
        ------
        JournalError
            The file cannot be read.
        UsageError
            A filter is unknown, or the journal is closed.

        Examples
        --------
        >>> with Journal(":memory:") as journal:
        ...     journal.count(has_response=False)
        0
        """
        where, values = where_clause(filters)
        with self._lock_connection("read") as connection:
            return int(connection.execute(f"SELECT count(*) FROM entries{where}", values).fetchone()[0])  # noqa: S608

    def last_body(self, *, endpoint: str = "sessions", **filters: Any) -> bytes | None:
        """Return the body of the newest request that matches the filters; None if there is none.

        Parameters
        ----------
        endpoint : {"sessions", "events"}
            The endpoint of the request.
        **filters
            See :class:`Filters`.

        Raises
        ------
        JournalError
            The file cannot be read.
        UsageError
            A filter is unknown, or the journal is closed.

        Examples
        --------
        >>> with Journal(":memory:") as journal:
        ...     print(journal.last_body(target="company.hb-api.omtrdc.net"))
        None
        """
        where, values = where_clause(filters | {"endpoint": endpoint})
        query = (
            "SELECT request_body FROM exchanges"  # noqa: S608  the conditions are constants
            f" WHERE number = (SELECT number FROM entries{where} ORDER BY number DESC LIMIT 1)"
        )
        with self._lock_connection("read") as connection:
            row = connection.execute(query, values).fetchone()
        return row and bytes(row[0])

    def recheck(self, **filters: Unpack[Filters]) -> Iterator[JournalEntry]:
        """Validate saved requests again, and yield those whose number of errors or hints has changed.

        Nothing is sent, and the journal does not change. A request that was not validated before it was sent counts as
        one without problems.

        Parameters
        ----------
        **filters
            See :class:`Filters`.

        Yields
        ------
        JournalEntry
            In the order of sending, with the new verdict in ``exchange.verdict`` and the old counts in
            ``recorded_errors`` and ``recorded_hints``.

        Raises
        ------
        JournalError
            The file cannot be read.
        UsageError
            A filter is unknown, or the journal is closed.

        Examples
        --------
        >>> with Journal(":memory:") as journal:
        ...     list(journal.recheck(is_sandbox=False))
        []
        """
        where_clause(filters)
        return self._recheck(filters)

    def close(self) -> None:
        """Close the file; a journal in memory is lost."""
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
        where = _("in memory") if self.path is None else _("in a file")
        return ngettext("Journal({number} entry, {where})", "Journal({number} entries, {where})", self.count()).format(
            where=where, number=self.count()
        )

    def _recheck(self, filters: Filters) -> Iterator[JournalEntry]:
        while found := self._read(filters, _PAGE_SIZE, "ASC", always_validate=True):
            yield from (entry for entry in found if entry.verdict_changed)
            filters = {**filters, "after": found[-1].number}

    def _read(self, filters: Filters, limit: int, order: str, *, always_validate: bool = False) -> list[JournalEntry]:
        where, values = where_clause(filters)
        # Select the numbers first, so that SQLite does not read or sort bodies.
        query = (
            f"{rows.SELECT_ENTRIES} WHERE number IN"  # noqa: S608  the conditions are constants
            f" (SELECT number FROM entries{where} ORDER BY number {order} LIMIT ?) ORDER BY number {order}"
        )
        with self._lock_connection("read") as connection:
            found = connection.execute(query, (*values, limit)).fetchall()
        return [self._parse_row(row, always_validate=always_validate) for row in found]

    def _parse_row(self, row: tuple[Any, ...], *, always_validate: bool = False) -> JournalEntry:
        try:
            return rows.parse_row(row, always_validate=always_validate)
        except (ValueError, KeyError, TypeError) as error:
            raise database.journal_error("read", self.path, database.DAMAGED.format(detail=error)) from None

    @contextmanager
    def _lock_connection(self, action: str) -> Iterator[sqlite3.Connection]:
        """Return the connection for one thread at a time, and convert errors of SQLite."""
        with self._lock:
            if not self._finalizer.alive:
                raise UsageError(_("This journal is closed. Open it again with Journal()."))
            if os.getpid() != self._process:
                raise UsageError(
                    _(
                        "This journal was opened before the process was forked, and SQLite does not support its use "
                        "in both processes. Open another one here with Journal()."
                    )
                )
            if action == "append" and self._current_file_id() != self._file_id:
                raise database.journal_error(
                    action,
                    self.path,
                    _("the file was moved or deleted while it was open. Open a new one with Journal()."),
                )
            try:
                yield self._connection
            except (sqlite3.Error, OverflowError) as error:
                raise database.journal_error(action, self.path, database.explain_sqlite_error(error)) from None

    def _current_file_id(self) -> tuple[int, int] | None:
        """Return the device and inode of the file at the path: SQLite continues to write to a deleted file."""
        if self.path is None:
            return None
        try:
            status = self.path.stat()
        except OSError:
            return None
        return status.st_dev, status.st_ino


def _parse_limit(newest: object) -> int:
    if newest is None:
        return -1
    if not isinstance(newest, int) or newest < 0:
        raise UsageError(
            _("newest is {value}; use an integer from 0, or None for all entries.").format(value=repr(newest))
        )
    return newest


def _close(connection: sqlite3.Connection, process: int) -> None:
    if os.getpid() == process:  # closing in a forked process would release the locks of its parent
        connection.close()
