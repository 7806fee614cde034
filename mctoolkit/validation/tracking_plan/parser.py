"""Read a tracking plan from a sheet: Excel, or text with commas or semicolons."""

from __future__ import annotations

import csv
import datetime
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from mctoolkit._core.errors import InputError
from mctoolkit._core.html import shorten
from mctoolkit._core.messages import Message, ngettext
from mctoolkit._core.messages import gettext as _
from mctoolkit.spec import catalog
from mctoolkit.validation.tracking_plan.rules import Condition, PlanRule

__all__ = ["COLUMNS", "read_rows", "read_rules"]

COLUMNS = ("key", "event", "required", "values", "pattern", "platform", "note")

_NAMES = {
    "key": {"key", "parameter", "variable", "field", "sleutel", "veld"},
    "event": {"event", "events", "eventtype"},
    "required": {"required", "required when", "mandatory", "verplicht", "verplicht als"},
    "values": {"values", "allowed values", "allowed", "waarden", "toegestane waarden"},
    "pattern": {"pattern", "format", "regex", "patroon"},
    "platform": {"platform", "player", "speler"},
    "note": {"note", "notes", "comment", "remark", "opmerking"},
}
_YES = frozenset({"yes", "y", "x", "true", "1", "always", "required", "ja", "altijd", "verplicht", "waar"})
_NO = frozenset({"", "no", "n", "false", "0", "never", "optional", "nee", "nooit", "optioneel", "onwaar"})
_CONDITION = re.compile(r"\s*(?P<key>[^=!<>]+?)\s*(?P<sign>!?=)\s*(?P<values>.+?)\s*", re.DOTALL)
_MOST_ROWS = 10_000
_HEADER_WITHIN = 20

_UNREADABLE = (OSError, InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, csv.Error)

Row = tuple[int, list[str]]


_WRONG_CELLS = {
    "key": Message(
        "the API has no key {key}; the nearest is {close}. Your own labels stand without "
        "a prefix, or as customMetadata.name."
    ),
    "event": Message("there is no event type {event}; the nearest is {close}."),
    "required": Message('"{said}" is not understood. Write yes, no, or when: media.contentType = Live, Linear'),
    "pattern": Message('"{said}" is no pattern: {reason}.'),
}


def read_rows(path: Path) -> Iterator[Row]:
    """Yield the rows of a sheet as texts, each with its number; of a workbook, those of the sheet with a header.

    Raises
    ------
    InputError
        There is no such file, it is of another kind, or no sheet of it has a header.
    """
    try:
        sheets = list(_sheets(path))
    except FileNotFoundError:
        raise InputError(_("There is no file {path}.").format(path=path)) from None
    except (
        OSError,
        InvalidFileException,
        zipfile.BadZipFile,
        KeyError,
        ValueError,
        UnicodeDecodeError,
        csv.Error,
    ) as error:
        reason = shorten(str(error), 120)
        raise InputError(
            _("{path} cannot be read as a tracking plan: {reason}.").format(path=path, reason=reason)
        ) from None
    for rows in sheets:
        if len(rows) > _MOST_ROWS:
            raise InputError(
                _(
                    "{path} has more than {most} rows; a tracking plan has fewer. Are there empty rows with "
                    "a format at its end?"
                ).format(path=path, most=_MOST_ROWS)
            )
        if any(_header(cells) for _unused, cells in rows[:_HEADER_WITHIN]):
            yield from rows
            return
    raise InputError(
        _(
            '{path} has no row with the names of the columns. It needs "key" and at least one of the others: {columns}.'
        ).format(path=path, columns=", ".join(COLUMNS))
    )


def _sheets(path: Path) -> Iterator[list[Row]]:
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        try:
            for sheet in book.worksheets:
                rows = sheet.iter_rows(values_only=True, max_row=_MOST_ROWS + 1)
                yield [(number, [_cell(cell) for cell in row]) for number, row in enumerate(rows, 1)]
        finally:
            book.close()
        return
    if path.suffix.lower() not in (".csv", ".txt", ".tsv"):
        raise ValueError(_("a tracking plan is an Excel sheet (.xlsx) or text with commas or semicolons (.csv)"))
    text = path.read_text(encoding="utf-8-sig")
    first = text.partition("\n")[0]
    delimiter = max((";", ",", "\t"), key=first.count)
    reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter, strict=True)
    yield [(reader.line_num, [cell.strip() for cell in row]) for row in reader]


def _cell(value: object) -> str:
    """Write a cell as one reads it in Excel: 2 for 2.0, a date without a time, TRUE as true."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    return str(value).strip()


def read_rules(rows: Iterable[Row]) -> tuple[PlanRule, ...]:
    """Make a rule of each row below the header; rows without a key are passed over.

    Raises
    ------
    InputError
        Cells say what cannot be understood. All of them are named at once, by row and column.
    """
    columns: dict[str, int] = {}
    rules: list[PlanRule] = []
    wrong: list[str] = []
    for number, cells in rows:
        if not columns:
            columns = _header(cells)
            continue
        row = _Row(number, {name: cells[at] if at < len(cells) else "" for name, at in columns.items()})
        if row.text("key"):
            rules.append(row.rule())
            wrong += row.wrong
    if wrong:
        raise InputError(
            "\n".join(
                [
                    ngettext(
                        "1 cell of the tracking plan cannot be understood:",
                        "{number} cells of the tracking plan cannot be understood:",
                        len(wrong),
                    ).format(number=len(wrong)),
                    *(f"- {line}" for line in wrong),
                ]
            )
        )
    return tuple(rules)


def _header(cells: Sequence[str]) -> dict[str, int]:
    """Return which column is where, for a row that is a header; otherwise nothing."""
    found: dict[str, int] = {}
    for at, cell in enumerate(cells):
        named = next((name for name, known in _NAMES.items() if cell.strip().casefold() in known), None)
        if named is not None:
            found.setdefault(named, at)
    return found if "key" in found and len(found) > 1 else {}


class _Row:
    """One row on its way to a rule; notes what cannot be understood."""

    def __init__(self, number: int, cells: dict[str, str]) -> None:
        self._number = number
        self._cells = cells
        self.wrong: list[str] = []

    def text(self, column: str) -> str:
        return self._cells.get(column, "").strip()

    def rule(self) -> PlanRule:
        key = self._key(self.text("key"), "key")
        required, conditions = self._required()
        return PlanRule(
            self._number,
            key,
            self._events(key),
            required,
            conditions,
            tuple(_several(self.text("values"))),
            self._pattern(),
            self.text("platform") or None,
            self.text("note"),
        )

    def _say(self, column: str, what: str, **values: object) -> None:
        words = _WRONG_CELLS[what].format(**values)
        self.wrong.append(
            _("Row {row}, column {column}: {message}").format(row=self._number, column=column, message=words)
        )

    def _key(self, key: str, column: str) -> str:
        """Return a key as it is; one that looks like a key of the API and is none is a slip."""
        bare = key.removeprefix("params.").removeprefix("qoeData.")
        current = [known.key for known in catalog.parameters().values() if known.status == "current"]
        if bare in current or key.startswith("customMetadata."):
            return bare
        if bare.split(".")[0] in ("media", "analytics", "visitor"):
            close = catalog.nearest(bare, current)
            self._say(column, "key", key=bare, close=close or _("nothing that is near"))
        return bare

    def _events(self, key: str) -> tuple[str, ...]:
        named = _several(self.text("event").replace(",", ";"))
        if named in (["*"], ["all"]):
            return tuple(catalog.event_types())
        known = catalog.parameters().get(key)
        if not named:
            first = [event for event in catalog.event_types() if known is not None and known.allowed(event)]
            return ("sessionStart",) if known is None or "sessionStart" in first else tuple(first)
        for name in named:
            if name not in catalog.event_types():
                close = catalog.nearest(name, catalog.event_types())
                self._say("event", "event", event=name, close=close or _("nothing that is near"))
        return tuple(named)

    def _required(self) -> tuple[bool, tuple[Condition, ...]]:
        said = self.text("required")
        if said.casefold() in _YES | _NO:
            return said.casefold() in _YES, ()
        conditions = []
        for part in re.split(r"\s+(?:and|en)\s+|;", re.sub(r"^(?:when|if|als)\s+", "", said, flags=re.IGNORECASE)):
            found = _CONDITION.fullmatch(part)
            if found is None:
                self._say("required", "required", said=shorten(said, 60))
                return False, ()
            values = tuple(value.strip().strip("\"'") for value in re.split(r"[,|]", found["values"]))
            conditions.append(Condition(self._key(found["key"], "required"), values, unless=found["sign"] == "!="))
        return True, tuple(conditions)

    def _pattern(self) -> str | None:
        said = self.text("pattern")
        try:
            re.compile(said)
        except re.error as error:
            self._say("pattern", "pattern", said=shorten(said, 60), reason=error)
        return said or None


def _several(cell: str) -> list[str]:
    return [part.strip() for part in re.split(r"[|;\n]", cell) if part.strip()]
