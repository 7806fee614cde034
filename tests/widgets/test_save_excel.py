"""Save as Excel: the saved rows, the path and errors."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest

from mctoolkit import InputError, ManualClock, Sandbox, SessionForm, seeded_ids
from mctoolkit.client.journal import MEMORY, Journal
from tests.widgets.conftest import NOW_MS
from tests.widgets.form_page import FormPage


@pytest.fixture
def form(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SessionForm]:
    monkeypatch.chdir(tmp_path)
    with Sandbox(clock=ManualClock(NOW_MS), ids=seeded_ids(7)) as running:
        yield SessionForm(running, clock=ManualClock(NOW_MS, step_ms=4), journal=Journal(MEMORY))


def _rows(path: Path) -> list[tuple[object, ...]]:
    return list(openpyxl.load_workbook(path).worksheets[0].iter_rows(values_only=True))


def test_save_excel_returns_the_path(form: SessionForm) -> None:
    form.set("media.id", "=1+1")
    form.send()
    form.clear("media.channel")
    form.send()
    path = form.save_excel()
    assert path == Path("results", "responses-2026-11-23.xlsx")
    head, first, second = _rows(path)
    assert head[:4] == ("no", "time (local time)", "time (UTC)", "host")
    assert (first[0], first[4], second[4]) == (1, 201, 400)
    assert seeded_ids(7)() in first
    assert first[head.index("media_id")] == "=1+1"
    assert form.save_excel("elsewhere") == Path("elsewhere", "responses-2026-11-23.xlsx")


def test_button_saves_the_shown_responses(form: SessionForm, page: FormPage) -> None:
    responses = page.view.responses
    assert responses._save_row.layout.display == "none"
    form.set("media.id", "first")
    form.send()
    form.set("media.id", "second")
    form.send()
    form.search("second")
    page.button("Save as Excel").click()
    assert str(Path("results", "responses-2026-11-23.xlsx")) + ", 1 row." in responses.saved.value
    assert page.view.bridge.announcement.startswith("Saved: ")
    assert [row[0] for row in _rows(Path("results", "responses-2026-11-23.xlsx"))] == ["no", 2]
    page.button("Save as Excel").click()
    assert "responses-2026-11-23-2.xlsx" in responses.saved.value
    form.send()
    assert responses.saved.value == ""


def test_save_error_is_shown_at_the_button(form: SessionForm, page: FormPage) -> None:
    form.send()
    Path("results").write_text("not a folder", encoding="utf-8")
    page.button("Save as Excel").click()
    assert "cannot be written" in page.view.responses.saved.value
    with pytest.raises(InputError, match="cannot be written"):
        form.save_excel()
