"""The responses that a form shows: the user's journal, or one in memory if that cannot be written."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from mctoolkit._core import clocks
from mctoolkit._core.errors import JournalError, UsageError
from mctoolkit._core.messages import gettext as _
from mctoolkit.client.journal import MEMORY, Journal, JournalEntry
from mctoolkit.models.event import Event
from mctoolkit.models.exchange import Exchange
from mctoolkit.models.target import Target

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

__all__ = ["ROWS_SHOWN", "History"]

ROWS_SHOWN = 200
"""How many responses the page shows; the journal keeps all."""


class History:
    """The newest responses of a journal that match a search.

    Attributes
    ----------
    journal : Journal
        Where the responses are kept.
    note : str
        Why a response is not kept; usually empty.
    entries : list of JournalEntry
        The newest 200 matches, oldest first; a new list after each change.
    total : int
        The number of matches.
    """

    def __init__(self, journal: Journal | None) -> None:
        self.note = ""
        self._search = ""
        self.entries: list[JournalEntry] = []
        self.total = 0
        self._newest: list[JournalEntry] = []  # regardless of the search
        self._count = 0
        self.journal = journal or self._open()
        self._read()

    @property
    def table(self) -> pd.DataFrame:
        """The newest 200 responses of the journal; the columns are those of :func:`.tables.responses`."""
        return _to_table(self.journal.entries(newest=ROWS_SHOWN))

    def search(self, text: str) -> None:
        """Show only the responses that contain this text."""
        self._search = text
        self._read()

    def keep(self, exchange: Exchange) -> None:
        """Add an exchange to the journal, or set :attr:`note` if the journal cannot be written."""
        try:
            self._add(JournalEntry.from_exchange(self.journal.append(exchange), exchange))
        except (JournalError, UsageError) as error:
            self.note = _("This response was not saved in the journal. {reason}").format(reason=error)

    def newest(self, number: int) -> tuple[list[tuple[int, Exchange]], int]:
        """Return the newest responses regardless of the search, and how many there are in total."""
        return [(entry.number, entry.exchange) for entry in self._newest[-number:]], self._count

    def last_accepted(self, target: Target) -> Event | None:
        """Return the last event that created a session at a target, if its body is a JSON object."""
        place: dict[str, Any] = {"is_sandbox": True} if target.is_sandbox else {"target": target.label}
        body = self.journal.last_body(status=201, **place)
        event = Event(body) if body is not None else None
        return event if event is not None and isinstance(event.value, dict) else None

    def save_excel(self, folder: str | os.PathLike[str], now_ms: int) -> Path:
        """Save :attr:`entries` as a new Excel file with the date in its name.

        Raises
        ------
        InputError
            The file cannot be written.
        """
        from mctoolkit.reporting.formats.excel import save_excel

        today = clocks.utc(now_ms).astimezone()
        return save_excel(_to_table(self.entries), f"responses-{today:%Y-%m-%d}", folder)

    def _open(self) -> Journal:
        try:
            return Journal()
        except JournalError as error:
            self.note = _("Your responses are kept only until this notebook ends. {reason}").format(reason=error)
            return Journal(MEMORY)

    def _add(self, entry: JournalEntry) -> None:
        """Add a new entry to the rows in memory; read all rows again if another process wrote to the journal."""
        if self.journal.count() != self._count + 1:
            self._read()
            return
        self._count += 1
        self._newest = [*self._newest, entry][-ROWS_SHOWN:]
        if not self._search:
            self.entries, self.total = self._newest, self._count
        elif self.journal.count(search=self._search, after=entry.number - 1):
            self.entries, self.total = [*self.entries, entry][-ROWS_SHOWN:], self.total + 1

    def _read(self) -> None:
        self._count = self.journal.count()
        self._newest = self.journal.entries(newest=ROWS_SHOWN)
        self.entries, self.total = self._newest, self._count
        if self._search:
            self.entries = self.journal.entries(newest=ROWS_SHOWN, search=self._search)
            self.total = self.journal.count(search=self._search)


def _to_table(entries: list[JournalEntry]) -> pd.DataFrame:
    from mctoolkit.reporting import tables  # imports pandas, which the form itself does not need

    return tables.responses([entry.exchange for entry in entries], [entry.number for entry in entries])
