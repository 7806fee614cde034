"""to_excel and save_excel: identifiers stay text, times become dates, and no file is overwritten."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from mctoolkit import InputError
from mctoolkit.reporting.formats import save_excel, to_excel


@pytest.fixture(autouse=True)
def _amsterdam_time(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    if not hasattr(time, "tzset"):
        pytest.skip("the time zone can only be set on POSIX")
    monkeypatch.setenv("TZ", "Europe/Amsterdam")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def _read(path: Path) -> Any:
    return openpyxl.load_workbook(path).worksheets[0]


def _column(path: Path, name: str) -> list[Any]:
    sheet = _read(path)
    at = [cell.value for cell in sheet[1]].index(name)
    return [row[at] for row in sheet.iter_rows(min_row=2)]


def test_ids_and_formulas_stay_text(tmp_path: Path) -> None:
    ecid = "30250133503839474759038414231832847519"
    frame = pd.DataFrame(
        {
            "visitor": [ecid, "=1+1", "#N/A", None],
            "ts": [1_795_421_642_000, 5, 6, 7],
            "status": pd.array([201, None, 400, 500], dtype="Int64"),
            "ms": [1.5, float("nan"), float("inf"), 2],
            "odd": ["a\x00b", "x" * 40_000, "true", ""],
        }
    ).astype({"visitor": "string"})
    path = to_excel(frame, tmp_path / "a.xlsx")
    visitor = _column(path, "visitor")
    assert [(cell.value, cell.data_type, cell.number_format) for cell in visitor[:3]] == [
        (ecid, "s", "@"), ("=1+1", "s", "@"), ("#N/A", "s", "@"),
    ]  # fmt: skip
    assert visitor[3].value is None
    assert [cell.value for cell in _column(path, "ts")] == ["1795421642000", "5", "6", "7"]
    assert [cell.value for cell in _column(path, "status")] == [201, None, 400, 500]
    assert [cell.value for cell in _column(path, "ms")] == [1.5, None, "inf", 2]
    odd = [cell.value for cell in _column(path, "odd")]
    assert odd[0] == "a\ufffdb"
    assert (len(odd[1]), odd[1][-1], odd[2]) == (16_000, "…", "true")


def test_times_become_local_and_utc_dates(tmp_path: Path) -> None:
    times = pd.to_datetime(pd.Series(["2026-11-23T08:14:02.500Z", None, "2026-07-01T23:30:00.000Z"]), utc=True)
    path = to_excel(pd.DataFrame({"time": times}), tmp_path / "a.xlsx")
    here, utc = _column(path, "time (local time)"), _column(path, "time (UTC)")
    assert [cell.value for cell in here[1:]] == [None, datetime(2026, 7, 2, 1, 30)]
    assert here[0].value == datetime(2026, 11, 23, 9, 14, 2, 500_000)
    assert [cell.value for cell in utc[1:]] == [None, datetime(2026, 7, 1, 23, 30)]
    assert here[0].is_date
    assert here[0].number_format == "yyyy-mm-dd hh:mm:ss"


def test_header_is_bold_frozen_and_filtered(tmp_path: Path) -> None:
    frame = pd.DataFrame({"meaning": ["created", "a rather long sentence about a problem " * 4]})
    sheet = _read(to_excel(frame, tmp_path / "a.xlsx"))
    assert [(cell.value, cell.font.bold) for cell in sheet[1]] == [("no", True), ("meaning", True)]
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:B3")
    assert sheet.column_dimensions["A"].width == 7
    assert sheet.column_dimensions["B"].width == 60


def test_empty_table_has_a_header(tmp_path: Path) -> None:
    sheet = _read(to_excel(pd.DataFrame({"a": []}), tmp_path / "a.xlsx"))
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [["no", "a"]]


def test_save_excel_uses_the_next_free_name(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": [1]})
    folder = tmp_path / "deep" / "results"
    names = [save_excel(frame, "responses-2026-11-23", folder).name for _ in range(3)]
    assert names == ["responses-2026-11-23.xlsx", "responses-2026-11-23-2.xlsx", "responses-2026-11-23-3.xlsx"]
    kept = (folder / names[0]).read_bytes()
    with pytest.raises(InputError, match=r"responses-2026-11-23\.xlsx cannot be written: File exists"):
        to_excel(frame.assign(a=2), folder / names[0])
    assert (folder / names[0]).read_bytes() == kept


def test_folder_that_is_a_file_raises_input_error(tmp_path: Path) -> None:
    (tmp_path / "results").write_text("a file where the folder should be", encoding="utf-8")
    with pytest.raises(InputError, match="cannot be written: File exists"):
        save_excel(pd.DataFrame(), "a", tmp_path / "results")


def test_incomplete_file_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(io.FileIO):
        def write(self, _: object) -> int:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "open", lambda self, mode: Full(self, mode.replace("b", "")))
    with pytest.raises(InputError, match="No space left"):
        to_excel(pd.DataFrame({"a": [1]}), tmp_path / "a.xlsx")
    monkeypatch.undo()
    assert list(tmp_path.iterdir()) == []


def test_too_many_rows_raise_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="1048576 rows, and an Excel sheet has at most 1048575"):
        to_excel(pd.DataFrame(index=range(1_048_576)), tmp_path / "a.xlsx")


def test_other_time_zone_is_converted_to_utc(tmp_path: Path) -> None:
    times = pd.Series([datetime(2026, 11, 23, 8, 14, tzinfo=UTC)]).dt.tz_convert("America/New_York")
    path = to_excel(pd.DataFrame({"at": times}), tmp_path / "a.xlsx")
    assert _column(path, "at (UTC)")[0].value == datetime(2026, 11, 23, 8, 14)
