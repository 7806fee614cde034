"""Tables as Excel workbooks: what Excel would spoil (long numbers, formulas) stands in them as text."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from mctoolkit._core.errors import InputError
from mctoolkit._core.html import shorten, xml_text
from mctoolkit._core.messages import gettext as _

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["save_excel", "to_excel"]

_MOST_ROWS: Final = 1_048_575
_LONGEST_TEXT: Final = 16_000
"""A cell has room for 32,767 units of UTF-16."""
_MOST_DIGITS: Final = 11
"""Excel shows a longer number as 1,79542E+12, and of one with more than 15 digits it forgets the rest."""
_WIDEST: Final = 60
_TIME: Final = "yyyy-mm-dd hh:mm:ss"


def to_excel(frame: pd.DataFrame, path: str | os.PathLike[str]) -> Path:
    """Write a table to a new Excel workbook, and return where.

    Text stays text, also where it looks like a number or a formula. Whole numbers of more than 11 digits (identifiers,
    time stamps) become text. A column of times becomes two columns of real dates: in the time of this computer, and in
    UTC. The header is bold, stays in sight, and filters.

    Parameters
    ----------
    frame : DataFrame
        One row a row; the index is the first column.
    path : str or path
        A file that is not there yet.

    Raises
    ------
    InputError
        There is such a file already, it cannot be written, or the table has more rows than a sheet.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from mctoolkit.reporting import tables
    >>> with TemporaryDirectory() as folder:
    ...     to_excel(tables.documented_responses(), Path(folder, "responses.xlsx")).name
    'responses.xlsx'
    """
    file = Path(path)
    written = _workbook(frame, file)
    try:
        _write_new(file, written)
    except OSError as error:
        raise _not_saved(file, error) from None
    return file


def save_excel(frame: pd.DataFrame, stem: str, folder: str | os.PathLike[str] = "results") -> Path:
    """Write a table as :func:`to_excel` does, under the next name that is free: ``stem.xlsx``, ``stem-2.xlsx``, ...

    Parameters
    ----------
    frame : DataFrame
        The table.
    stem : str
        The name without ``.xlsx``.
    folder : str or path
        Where; made when it is not there.

    Raises
    ------
    InputError
        It cannot be written, or the table has more rows than a sheet.
    """
    into = Path(folder)
    written = _workbook(frame, into / f"{stem}.xlsx")
    number, file = 1, into / f"{stem}.xlsx"
    try:
        into.mkdir(parents=True, exist_ok=True)
        while True:
            try:
                _write_new(file, written)
            except FileExistsError:
                number += 1
                file = into / f"{stem}-{number}.xlsx"
            else:
                return file
    except OSError as error:
        raise _not_saved(file, error) from None


def _write_new(file: Path, written: bytes) -> None:
    """Write a file that must not be there; half of one is taken away again."""
    with file.open("xb") as out:
        try:
            out.write(written)
            out.flush()
        except OSError:
            file.unlink(missing_ok=True)
            raise


def _not_saved(file: Path, error: OSError) -> InputError:
    return InputError(
        _(
            "{path} cannot be written: {reason}. Is there such a file, is it open in Excel, or may you not write there?"
        ).format(path=file, reason=error.strerror or type(error).__name__)
    )


def _workbook(frame: pd.DataFrame, file: Path) -> bytes:
    if len(frame) > _MOST_ROWS:
        raise InputError(
            _("{path} cannot be written: the table has {rows} rows, and a sheet of Excel {most} at most.").format(
                path=file, rows=len(frame), most=_MOST_ROWS
            )
        )
    columns = [column for name, values in _series(frame) for column in _columns(name, values)]
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.freeze_panes = "A2"
    for number, (name, cells) in enumerate(columns, 1):
        longest = max([len(name) + 3, *(_width(cell) for cell in cells)])
        sheet.column_dimensions[get_column_letter(number)].width = min(longest + 2, _WIDEST)
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{len(frame) + 1}"
    header = [_cell(sheet, name) for name, _unused in columns]
    for cell in header:
        cell.font = Font(bold=True)
    sheet.append(header)
    for row in zip(*(cells for _unused, cells in columns), strict=True):
        sheet.append([_cell(sheet, value) for value in row])
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _series(frame: pd.DataFrame) -> Iterator[tuple[str, list[Any]]]:
    yield (
        _("no") if frame.index.name is None else str(frame.index.name),
        _values(frame.index.to_series()),
    )
    for at, name in enumerate(frame.columns):
        yield str(name), _values(frame.iloc[:, at])


def _values(column: pd.Series[Any]) -> list[Any]:
    """Return the values as Python's own, a missing one as None."""
    found: list[Any] = [None if missing else value for value, missing in zip(column, column.isna(), strict=True)]
    return [value.item() if hasattr(value, "item") else value for value in found]


def _columns(name: str, values: list[Any]) -> Iterator[tuple[str, list[Any]]]:
    """Return a column as Excel shall have it; one of times that say where they hold becomes two."""
    if any(isinstance(value, datetime) and value.tzinfo is not None for value in values):
        times = [None if value is None else datetime.fromisoformat(value.isoformat()) for value in values]
        here = [None if time is None else time.astimezone().replace(tzinfo=None) for time in times]
        utc = [None if time is None else time.astimezone(UTC).replace(tzinfo=None) for time in times]
        yield _("{column} (local time)").format(column=name), here
        yield _("{column} (UTC)").format(column=name), utc
        return
    if any(_is_whole(value) and abs(value) >= 10**_MOST_DIGITS for value in values):
        values = [None if value is None else str(value) for value in values]
    yield name, [value if _is_plain(value) else str(value) for value in values]


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_plain(value: object) -> bool:
    finite = not isinstance(value, float) or math.isfinite(value)
    return value is None or (isinstance(value, (bool, int, float, str, datetime)) and finite)


def _cell(sheet: Any, value: Any) -> Any:
    if isinstance(value, str):
        cell = WriteOnlyCell(sheet, shorten(xml_text(value), _LONGEST_TEXT))
        cell.data_type = "s"  # otherwise "=1+1" would be a formula, and "#N/A" an error
        cell.number_format = "@"  # and it stays text when somebody edits it
        return cell
    cell = WriteOnlyCell(sheet, value)
    if isinstance(value, datetime):
        cell.number_format = _TIME
    return cell


def _width(value: object) -> int:
    if isinstance(value, datetime):
        return len(_TIME)
    return max(map(len, str(value).splitlines()), default=0) if value is not None else 0
