"""Parse a tracking plan from an Excel or CSV file."""

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

_COLUMN_NAMES = {
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
_MAX_ROWS = 10_000
_MAX_HEADER_ROW = 20

_READ_ERRORS = (OSError, InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, csv.Error)

Row = tuple[int, list[str]]


_CELL_ERRORS = {
    "key": Message(
        "the API has no key {key}; the nearest is {close}. Write a label without a prefix, or as customMetadata.name."
    ),
    "event": Message("there is no event type {event}; the nearest is {close}."),
    "required": Message('"{value}" is not yes, no or a condition such as media.contentType = Live, Linear.'),
    "pattern": Message('"{value}" is not a regular expression: {reason}.'),
}


def read_rows(path: Path) -> Iterator[Row]:
    """Yield the numbered rows of a file as texts; of a workbook, those of the first sheet with a header.

    Raises
    ------
    InputError
        The file does not exist, has another format, or has no header.
    """
    try:
        sheets = list(_sheets(path))
    except FileNotFoundError:
        raise InputError(
            _("The file {path} does not exist. Check the name and the folder.").format(path=path)
        ) from None
    except _READ_ERRORS as error:
        reason = shorten(str(error), 120)
        raise InputError(
            _("{path} cannot be read as a tracking plan: {reason}.").format(path=path, reason=reason)
        ) from None
    for rows in sheets:
        if len(rows) > _MAX_ROWS:
            raise InputError(
                _("{path} has more than {limit} rows. Delete the empty formatted rows at its end.").format(
                    path=path, limit=_MAX_ROWS
                )
            )
        if any(_header(cells) for _unused, cells in rows[:_MAX_HEADER_ROW]):
            yield from rows
            return
    raise InputError(
        _('{path} has no header. Add a row with "key" and at least one of the other columns: {columns}.').format(
            path=path, columns=", ".join(COLUMNS)
        )
    )


def _sheets(path: Path) -> Iterator[list[Row]]:
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        try:
            for sheet in book.worksheets:
                rows = sheet.iter_rows(values_only=True, max_row=_MAX_ROWS + 1)
                yield [(number, [_cell(cell) for cell in row]) for number, row in enumerate(rows, 1)]
        finally:
            book.close()
        return
    if path.suffix.lower() not in (".csv", ".txt", ".tsv"):
        raise ValueError(_("a tracking plan is an Excel file (.xlsx) or a CSV file (.csv)"))
    text = path.read_text(encoding="utf-8-sig")
    first = text.partition("\n")[0]
    delimiter = max((";", ",", "\t"), key=first.count)
    reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter, strict=True)
    yield [(reader.line_num, [cell.strip() for cell in row]) for row in reader]


def _cell(value: object) -> str:
    """Format a cell as Excel shows it: 2 for 2.0, a date without a time, true for TRUE."""
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
    """Parse the rows below the header; rows without a key are skipped.

    Raises
    ------
    InputError
        Cells are invalid. The message lists all of them by row and column.
    """
    columns: dict[str, int] = {}
    rules: list[PlanRule] = []
    errors: list[str] = []
    for number, cells in rows:
        if not columns:
            columns = _header(cells)
            continue
        row = _Row(number, {name: cells[at] if at < len(cells) else "" for name, at in columns.items()})
        if row.text("key"):
            rules.append(row.rule())
            errors += row.errors
    if errors:
        raise InputError(
            "\n".join(
                [
                    ngettext(
                        "1 cell of the tracking plan is invalid:",
                        "{number} cells of the tracking plan are invalid:",
                        len(errors),
                    ).format(number=len(errors)),
                    *(f"- {error}" for error in errors),
                ]
            )
        )
    return tuple(rules)


def _header(cells: Sequence[str]) -> dict[str, int]:
    """Return the index of each column if a row is a header, otherwise nothing."""
    found: dict[str, int] = {}
    for at, cell in enumerate(cells):
        named = next((name for name, known in _COLUMN_NAMES.items() if cell.strip().casefold() in known), None)
        if named is not None:
            found.setdefault(named, at)
    return found if "key" in found and len(found) > 1 else {}


class _Row:
    """Parses a row to a rule, and collects errors."""

    def __init__(self, number: int, cells: dict[str, str]) -> None:
        self._number = number
        self._cells = cells
        self.errors: list[str] = []

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
            tuple(_split(self.text("values"))),
            self._pattern(),
            self.text("platform") or None,
            self.text("note"),
        )

    def _add_error(self, column: str, kind: str, **values: object) -> None:
        message = _CELL_ERRORS[kind].format(**values)
        self.errors.append(
            _("Row {row}, column {column}: {message}").format(row=self._number, column=column, message=message)
        )

    def _key(self, key: str, column: str) -> str:
        """Return a key without its member; one that looks like a key of the API must be one."""
        bare = key.removeprefix("params.").removeprefix("qoeData.")
        current = [known.key for known in catalog.parameters().values() if known.status == "current"]
        if bare in current or key.startswith("customMetadata."):
            return bare
        if bare.split(".")[0] in ("media", "analytics", "visitor"):
            close = catalog.nearest(bare, current)
            self._add_error(column, "key", key=bare, close=close or _("none"))
        return bare

    def _events(self, key: str) -> tuple[str, ...]:
        named = _split(self.text("event").replace(",", ";"))
        if named in (["*"], ["all"]):
            return tuple(catalog.event_types())
        known = catalog.parameters().get(key)
        if not named:
            first = [event for event in catalog.event_types() if known is not None and known.allowed(event)]
            return ("sessionStart",) if known is None or "sessionStart" in first else tuple(first)
        for name in named:
            if name not in catalog.event_types():
                close = catalog.nearest(name, catalog.event_types())
                self._add_error("event", "event", event=name, close=close or _("none"))
        return tuple(named)

    def _required(self) -> tuple[bool, tuple[Condition, ...]]:
        text = self.text("required")
        if text.casefold() in _YES | _NO:
            return text.casefold() in _YES, ()
        conditions = []
        for part in re.split(r"\s+(?:and|en)\s+|;", re.sub(r"^(?:when|if|als)\s+", "", text, flags=re.IGNORECASE)):
            found = _CONDITION.fullmatch(part)
            if found is None:
                self._add_error("required", "required", value=shorten(text, 60))
                return False, ()
            values = tuple(value.strip().strip("\"'") for value in re.split(r"[,|]", found["values"]))
            conditions.append(Condition(self._key(found["key"], "required"), values, unless=found["sign"] == "!="))
        return True, tuple(conditions)

    def _pattern(self) -> str | None:
        pattern = self.text("pattern")
        try:
            re.compile(pattern)
        except re.error as error:
            self._add_error("pattern", "pattern", value=shorten(pattern, 60), reason=error)
        return pattern or None


def _split(cell: str) -> list[str]:
    return [part.strip() for part in re.split(r"[|;\n]", cell) if part.strip()]
