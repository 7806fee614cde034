"""The responses that a form shows: the user's journal, or one in memory where that cannot be kept."""

from __future__ import annotations

from typing import Any

from mctoolkit._core.errors import JournalError, UsageError
from mctoolkit._core.messages import gettext as _
from mctoolkit.client.journal import MEMORY, Journal, JournalEntry
from mctoolkit.models.event import Event
from mctoolkit.models.exchange import Exchange
from mctoolkit.models.target import Target

__all__ = ["ROWS_SHOWN", "History"]

ROWS_SHOWN = 200
"""How many responses stand in the page at once; the journal keeps all."""


class History:
    """The newest responses of a journal that words let through.

    Attributes
    ----------
    journal : Journal
        Where the responses are kept.
    note : str
        What a person should know about their keeping; mostly empty.
    entries : list of JournalEntry
        The newest 200 that hold the words, in the order of sending; a new list whenever they may have changed.
    total : int
        How many hold the words.
    """

    def __init__(self, journal: Journal | None) -> None:
        self.note = ""
        self._words = ""
        self.entries: list[JournalEntry] = []
        self.total = 0
        self._newest: list[JournalEntry] = []  # whatever is searched for
        self._count = 0
        self.journal = journal or self._open()
        self._read()

    def search(self, words: str) -> None:
        """Let only those through that hold these words."""
        self._words = words
        self._read()

    def keep(self, exchange: Exchange) -> None:
        """Add an exchange; where it cannot be kept, note that. What was sent is never hidden by it."""
        try:
            self._add(JournalEntry.of(self.journal.append(exchange), exchange))
        except (JournalError, UsageError) as error:
            self.note = _("This response is shown but was not kept. {reason}").format(reason=error)

    def newest(self, number: int) -> tuple[list[tuple[int, Exchange]], int]:
        """Return the newest responses of all, whatever is searched for, and how many there are."""
        return [(entry.number, entry.exchange) for entry in self._newest[-number:]], self._count

    def last_accepted(self, target: Target) -> Event | None:
        """Return the last event that made a session at this place, if its body is a JSON object."""
        place: dict[str, Any] = {"is_sandbox": True} if target.is_sandbox else {"target": target.label}
        body = self.journal.last_body(status=201, **place)
        event = Event(body) if body is not None else None
        return event if event is not None and isinstance(event.value, dict) else None

    def _open(self) -> Journal:
        try:
            return Journal()
        except JournalError as error:
            self.note = _("Your responses are kept only until this notebook ends. {reason}").format(reason=error)
            return Journal(MEMORY)

    def _add(self, entry: JournalEntry) -> None:
        """Add the entry that was just kept to the rows in memory; read them all if others wrote into the journal."""
        if self.journal.count() != self._count + 1:
            self._read()
            return
        self._count += 1
        self._newest = [*self._newest, entry][-ROWS_SHOWN:]
        if not self._words:
            self.entries, self.total = self._newest, self._count
        elif self.journal.count(search=self._words, after=entry.number - 1):
            self.entries, self.total = [*self.entries, entry][-ROWS_SHOWN:], self.total + 1

    def _read(self) -> None:
        self._count = self.journal.count()
        self._newest = self.journal.entries(newest=ROWS_SHOWN)
        self.entries, self.total = self._newest, self._count
        if self._words:
            self.entries = self.journal.entries(newest=ROWS_SHOWN, search=self._words)
            self.total = self.journal.count(search=self._words)
