"""Write tables as Excel workbooks. Long numbers and formulas are stored as text, so that Excel does not change them."""

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

_MAX_ROWS: Final = 1_048_575
"""Rows of a sheet, without the header."""
_MAX_TEXT: Final = 16_000
"""Characters. A cell holds 32,767 UTF-16 code units."""
_MAX_DIGITS: Final = 11
"""Excel shows a longer number as 1,79542E+12, and keeps only the first 15 digits."""
_MAX_WIDTH: Final = 60
_TIME_FORMAT: Final = "yyyy-mm-dd hh:mm:ss"


def to_excel(frame: pd.DataFrame, path: str | os.PathLike[str]) -> Path:
    """Write a table to a new Excel workbook.

    Text stays text, also if it looks like a number or a formula. Integers of more than 11 digits (identifiers, time
    stamps) become text. A column of times becomes two columns of dates: local time and UTC. The header is bold and
    frozen, and has filters.

    Parameters
    ----------
    frame : DataFrame
        The table; its index is the first column.
    path : str or path
        The file. It must not exist.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        The file exists or cannot be written, or the table has more rows than a sheet.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from mctoolkit.reporting import tables
    >>> with TemporaryDirectory() as folder:
    ...     to_excel(tables.documented_responses(), Path(folder, "responses.xlsx")).name
    'responses.xlsx'
    """
    file = Path(path)
    content = _build_workbook(frame, file)
    try:
        _write_new(file, content)
    except OSError as error:
        raise _not_saved(file, error) from None
    return file


def save_excel(frame: pd.DataFrame, stem: str, folder: str | os.PathLike[str] = "results") -> Path:
    """Write a table like :func:`to_excel`, under the first free name: ``stem.xlsx``, ``stem-2.xlsx``, ...

    Parameters
    ----------
    frame : DataFrame
        The table.
    stem : str
        The file name without ``.xlsx``.
    folder : str or path
        The folder; created if it does not exist.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        The file cannot be written, or the table has more rows than a sheet.
    """
    parent = Path(folder)
    file = parent / f"{stem}.xlsx"
    content = _build_workbook(frame, file)
    number = 1
    try:
        parent.mkdir(parents=True, exist_ok=True)
        while True:
            try:
                _write_new(file, content)
            except FileExistsError:
                number += 1
                file = parent / f"{stem}-{number}.xlsx"
            else:
                return file
    except OSError as error:
        raise _not_saved(file, error) from None


def _write_new(file: Path, content: bytes) -> None:
    """Write a file that must not exist; remove it again if writing fails."""
    with file.open("xb") as out:
        try:
            out.write(content)
            out.flush()
        except OSError:
            file.unlink(missing_ok=True)
            raise


def _not_saved(file: Path, error: OSError) -> InputError:
    return InputError(
        _(
            "{path} cannot be written: {reason}. Choose another name if the file exists, close it in Excel, or choose "
            "a folder that you may write to."
        ).format(path=file, reason=error.strerror or type(error).__name__)
    )


def _build_workbook(frame: pd.DataFrame, file: Path) -> bytes:
    if len(frame) > _MAX_ROWS:
        raise InputError(
            _("{path} cannot be written: the table has {rows} rows, and an Excel sheet has at most {most}.").format(
                path=file, rows=len(frame), most=_MAX_ROWS
            )
        )
    columns = [column for name, values in _series(frame) for column in _columns(name, values)]
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.freeze_panes = "A2"
    for number, (name, values) in enumerate(columns, 1):
        longest = max([len(name) + 3, *(_width(value) for value in values)])
        sheet.column_dimensions[get_column_letter(number)].width = min(longest + 2, _MAX_WIDTH)
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{len(frame) + 1}"
    header = [_cell(sheet, name) for name, _values in columns]
    for cell in header:
        cell.font = Font(bold=True)
    sheet.append(header)
    for row in zip(*(values for _name, values in columns), strict=True):
        sheet.append([_cell(sheet, value) for value in row])
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _series(frame: pd.DataFrame) -> Iterator[tuple[str, list[Any]]]:
    name = _("no") if frame.index.name is None else str(frame.index.name)
    yield name, _to_python(frame.index.to_series())
    for at, column in enumerate(frame.columns):
        yield str(column), _to_python(frame.iloc[:, at])


def _to_python(column: pd.Series[Any]) -> list[Any]:
    """Return the values as Python objects, a missing one as None."""
    found: list[Any] = [None if missing else value for value, missing in zip(column, column.isna(), strict=True)]
    return [value.item() if hasattr(value, "item") else value for value in found]


def _columns(name: str, values: list[Any]) -> Iterator[tuple[str, list[Any]]]:
    """Yield the Excel columns of a column: two if it holds times with a time zone, otherwise one."""
    if any(isinstance(value, datetime) and value.tzinfo is not None for value in values):
        times = [None if value is None else datetime.fromisoformat(value.isoformat()) for value in values]
        local = [None if time is None else time.astimezone().replace(tzinfo=None) for time in times]
        utc = [None if time is None else time.astimezone(UTC).replace(tzinfo=None) for time in times]
        yield _("{column} (local time)").format(column=name), local
        yield _("{column} (UTC)").format(column=name), utc
        return
    if any(_is_integer(value) and abs(value) >= 10**_MAX_DIGITS for value in values):
        values = [None if value is None else str(value) for value in values]
    yield name, [value if _is_cell_value(value) else str(value) for value in values]


def _is_integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_cell_value(value: object) -> bool:
    is_finite = not isinstance(value, float) or math.isfinite(value)
    return value is None or (isinstance(value, (bool, int, float, str, datetime)) and is_finite)


def _cell(sheet: Any, value: Any) -> Any:
    if isinstance(value, str):
        cell = WriteOnlyCell(sheet, shorten(xml_text(value), _MAX_TEXT))
        cell.data_type = "s"  # otherwise "=1+1" would be a formula, and "#N/A" an error
        cell.number_format = "@"  # keeps it text when it is edited
        return cell
    cell = WriteOnlyCell(sheet, value)
    if isinstance(value, datetime):
        cell.number_format = _TIME_FORMAT
    return cell


def _width(value: object) -> int:
    if isinstance(value, datetime):
        return len(_TIME_FORMAT)
    return max(map(len, str(value).splitlines()), default=0) if value is not None else 0
