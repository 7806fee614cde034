"""The JSON editor of the form: typing, undo, line numbers, marks, and links to the fields."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tools.labpage import open_notebook, run_form_cell

LINES = "pane => [...pane.querySelectorAll('.mct-line')].map((line) => line.textContent)"


@pytest.fixture
def form(page: Page, lab: str) -> Locator:
    open_notebook(page, lab)
    return run_form_cell(page)


def textarea(form: Locator) -> Locator:
    return form.get_by_label("The request as JSON")


def line(form: Locator, text: str) -> Locator:
    return form.locator(".mct-line", has_text=text)


def test_highlighted_text_covers_the_textarea(form: Locator) -> None:
    form.get_by_label("Content ID").fill("a-long-name " * 30)
    expect(line(form, '"media.id"')).to_contain_text("a-long-name a-long-name")
    expect(textarea(form)).to_have_value(re.compile("a-long-name a-long-name"))
    height, typed = form.locator(".mct-json-text").evaluate(
        "box => [box.querySelector('pre').scrollHeight, box.querySelector('textarea').scrollHeight]"
    )
    assert abs(height - typed) <= 1, "the highlighted copy is as high as the textarea"
    expect(textarea(form)).to_have_value("\n".join(form.locator(".mct-preview").evaluate(LINES)))
    box = line(form, '"media.id"').bounding_box()
    assert box is not None
    assert box["height"] > 40, "the text wraps"


def test_changed_lines_keep_other_lines(form: Locator, page: Page) -> None:
    numbers = "pane => [...pane.querySelectorAll('.mct-line')].map((line) => Number(line.dataset.number))"
    pane = form.locator(".mct-preview")
    for place, typed in (
        (form.get_by_label("Channel"), ""),
        (form.get_by_label("Channel"), "back"),
        (textarea(form), '{\n\n\n"a": 1\n}'),
        (form.get_by_label("Content ID"), "x"),
        (textarea(form), ""),
        (textarea(form), "\n".join(f'"{number}"' for number in range(120))),
    ):
        place.fill(typed)
        page.wait_for_timeout(400)
        lines = pane.evaluate(LINES)
        expect(textarea(form)).to_have_value("\n".join(lines))
        assert pane.evaluate(numbers) == list(range(1, len(lines) + 1))


def test_fast_typing_keeps_text_and_cursor(form: Locator, page: Page) -> None:
    textarea(form).evaluate(
        "area => area.setSelectionRange(area.value.indexOf('demo-episode-1'), area.value.indexOf('demo-episode-1'))"
    )
    textarea(form).focus()
    page.keyboard.type("abcdefghijklmnopqrstuvwxyz0123456789", delay=5)
    expect(form.get_by_label("Content ID")).to_have_value("abcdefghijklmnopqrstuvwxyz0123456789demo-episode-1")
    page.wait_for_timeout(500)
    before, after = textarea(form).evaluate(
        "area => [area.value.slice(0, area.selectionStart), area.value.slice(area.selectionEnd)]"
    )
    assert before.endswith('"media.id": "abcdefghijklmnopqrstuvwxyz0123456789')
    assert after.startswith('demo-episode-1"')
    page.keyboard.press("Control+z")
    expect(form.get_by_label("Content ID")).to_have_value("demo-episode-1")
    page.keyboard.press("Control+y")
    expect(form.get_by_label("Content ID")).to_have_value("abcdefghijklmnopqrstuvwxyz0123456789demo-episode-1")


def test_undo_keys_and_button_share_one_history(form: Locator, page: Page) -> None:
    area = textarea(form)
    before = area.input_value()
    area.click()
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    expect(form.locator(".mct-status")).to_contain_text("1 error")
    form.get_by_role("button", name="Undo").click()
    expect(area).to_have_value(before)
    area.click()
    page.keyboard.press("Control+z")
    page.wait_for_timeout(500)
    expect(area).to_have_value(before)
    expect(form.locator(".mct-status")).to_contain_text("Ready to send")
    page.keyboard.press("Control+Shift+Z")
    expect(area).to_have_value("")


def test_undo_key_in_a_field_undoes_the_form(form: Locator, page: Page) -> None:
    area = textarea(form)
    initial = area.input_value()
    area.click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text('{"params": {"media.id": "x"}}')
    expect(form.get_by_label("Content ID")).to_have_value("x")
    form.get_by_label("Channel").fill("c")
    expect(area).to_have_value(re.compile('"media.channel": "c"'))
    form.get_by_label("Channel").focus()
    page.keyboard.press("Control+z")
    expect(form.get_by_label("Channel")).to_have_value("")
    expect(form.get_by_label("Content ID")).to_have_value("x")
    expect(form.get_by_label("Channel")).to_be_focused()
    for _ in range(4):  # more often than there are changes
        page.keyboard.press("Control+z")
        page.wait_for_timeout(200)
    expect(area).to_have_value(initial)
    expect(form.locator(".mct-status")).to_contain_text("Ready to send")


def test_cursor_stays_when_other_text_changes(form: Locator, page: Page) -> None:
    area = textarea(form)
    form.get_by_role("button", name="Now").focus()
    area.evaluate(
        "area => { const at = area.value.indexOf('demo-channel'); area.focus(); area.setSelectionRange(at, at); }"
    )
    form.get_by_role("button", name="Now").evaluate("button => button.click()")
    page.wait_for_timeout(500)
    page.keyboard.type("AA")
    expect(form.get_by_label("Channel")).to_have_value("AAdemo-channel")


def test_new_line_keeps_the_indent(form: Locator, page: Page) -> None:
    area = textarea(form)
    area.evaluate("area => { const at = area.value.indexOf('\"media.id\"'); area.setSelectionRange(at, at); }")
    area.focus()
    page.keyboard.type('"media.name": "new",')
    page.keyboard.press("Shift+Enter")
    expect(form.locator(".mct-status")).to_contain_text("Ready to send")
    assert '{\n    "media.name": "new",\n    "media.id": "demo-episode-1"' in area.input_value()


def test_lines_with_problems_are_marked(form: Locator) -> None:
    form.get_by_label("Length").fill("soon")
    expect(line(form, '"media.length"')).to_contain_class("mct-line-error mct-current")
    form.get_by_label("Channel").fill("")
    expect(line(form, '"params"')).to_have_attribute("data-sign", "!")
    form.get_by_label("Length").fill("60390")
    expect(line(form, '"media.length"')).to_have_attribute("data-sign", "i")
    textarea(form).fill('{\n"eventType": "sessionStart",\n}')
    expect(form.locator(".mct-line-error")).to_have_count(1)
    expect(textarea(form)).to_have_attribute("aria-invalid", "true")
    expect(textarea(form)).to_have_accessible_description(re.compile("line 2, column 28: "))
    expect(form.locator(".mct-line").nth(1)).to_contain_class("mct-line-error")


def test_field_and_line_highlight_each_other(form: Locator) -> None:
    form.get_by_label("Report suite").first.focus()
    current = form.locator(".mct-line.mct-current")
    expect(current).to_contain_text('"analytics.reportSuite"')
    expect(current).to_be_in_viewport()
    area = textarea(form)
    area.focus()
    expect(current).to_have_count(0)
    for key, label in (("media.id", "Content ID"), ("ts", "Time stamp")):
        area.evaluate(f"area => {{ const at = area.value.indexOf('\"{key}\"'); area.setSelectionRange(at, at); }}")
        field = form.locator(".mct-field.mct-current")
        expect(field).to_have_count(1)
        expect(field).to_contain_text(label)
        expect(field).to_be_in_viewport(ratio=0.9)


def test_copy_button_copies_the_whole_text(form: Locator, page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    form.get_by_label("Channel").fill("to-be-copied")
    expect(line(form, "to-be-copied")).to_be_visible()
    form.get_by_role("button", name="Copy the JSON").click()
    expect(form.get_by_role("button", name="Copy the JSON")).to_have_text("Copied")
    expect(textarea(form)).to_have_value(page.evaluate("navigator.clipboard.readText()"))
    assert "to-be-copied" in textarea(form).input_value()
