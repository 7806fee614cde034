"""Notebook 00 in JupyterLab: the form with mouse and keyboard."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

from mctoolkit.cli.working_copies import update_copies
from mctoolkit.spec import catalog
from tests.browser.conftest import SCREENSHOTS
from tools.labpage import FIRST_NOTEBOOK, PROJECT, TIMEOUT_MS, open_notebook, run_form_cell


def test_lab_opens_one_notebook_without_sidebar_or_news(page: Page, lab: str) -> None:
    open_notebook(page, lab)
    assert page.locator(".jp-SideBar .lm-mod-current").count() == 0
    assert page.locator(".lm-DockPanel-tabBar .lm-TabBar-tab").count() == 1
    page.wait_for_timeout(1500)
    assert page.locator(".Toastify__toast").count() == 0


def test_saved_notebook_does_not_count_as_edited(page: Page, lab: str, tmp_path: Path) -> None:
    open_notebook(page, lab)
    run_form_cell(page)
    with page.expect_response(
        lambda response: response.request.method == "PUT" and FIRST_NOTEBOOK in response.url
    ) as saved:
        page.keyboard.press("Control+S")
    assert saved.value.ok
    address = urlsplit(lab)
    stored = page.request.get(f"http://{address.netloc}/api/contents/{FIRST_NOTEBOOK}?content=1&{address.query}").json()
    original, copy = PROJECT / "notebooks" / FIRST_NOTEBOOK, tmp_path / FIRST_NOTEBOOK
    copy.write_text(json.dumps(stored["content"]), "utf-8")
    assert json.loads(original.read_text("utf-8")) != stored["content"], "saving must change the outputs"
    assert update_copies(original.parent, tmp_path) == []


def test_fill_send_break_fix(page: Page, lab: str) -> None:
    open_notebook(page, lab)
    form = run_form_cell(page)

    form.get_by_label("Content ID").fill("from-the-browser")
    expect(form.locator(".mct-preview")).to_contain_text('"media.id": "from-the-browser"')
    form.get_by_role("button", name="Send to the sandbox").click()
    expect(form.locator(".mct-response")).to_contain_text("201 Created", timeout=TIMEOUT_MS)
    expect(form.locator(".mct-responses tbody tr")).to_have_count(1)
    expect(form.locator(".mct-responses tbody tr").first).to_contain_text("from-the-browser")

    form.get_by_label("Channel").fill("")
    expect(form.locator(".mct-status")).to_contain_text("1 error")
    expect(form.locator(".mct-preview")).not_to_contain_text("media.channel")
    expect(form.locator(".mct-announcer")).to_have_text(re.compile("Invalid: 1 error"))
    expect(form.get_by_text("The sandbox will respond with 400")).to_be_visible()
    form.get_by_role("button", name="Send anyway: expect 400").click()
    expect(form.locator(".mct-response")).to_contain_text("400 Bad Request", timeout=TIMEOUT_MS)
    expect(form.locator(".mct-responses tbody tr").first).to_contain_text("media.channel missing")
    expect(form.locator(".mct-responses tbody tr")).to_have_count(2)

    form.get_by_label("Length").fill("60,39")
    expect(form.locator(".mct-preview")).to_contain_text('"media.length": 60.39')
    form.locator(".mct-response").get_by_role("button", name="Go there").click()
    expect(form.get_by_label("Channel")).to_be_focused()
    form.get_by_role("button", name='Restore "demo-channel"').click()
    expect(form.locator(".mct-status")).to_contain_text("Ready to send")
    expect(form.get_by_label("Channel")).to_have_value("demo-channel")
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    form.scroll_into_view_if_needed()
    page.screenshot(path=SCREENSHOTS / "notebook.png")
    form.screenshot(path=SCREENSHOTS / "form.png")


def test_fields_are_labelled_and_reachable_by_keyboard(page: Page, lab: str) -> None:
    open_notebook(page, lab)
    form = run_form_cell(page)
    for label in ("Content ID", "Length", "Channel", "Report suite", "Playhead"):
        expect(form.get_by_label(label).first).to_be_editable()
    form.get_by_label("Content ID").focus()
    page.keyboard.press("Tab")
    focused = page.evaluate("document.activeElement.closest('.mct-field') !== null")
    assert focused


def test_optional_fields_unfold(page: Page, lab: str) -> None:
    open_notebook(page, lab)
    form = run_form_cell(page)
    form.get_by_text("More fields").click()
    form.get_by_label("Season").fill("2")
    expect(form.locator(".mct-preview")).to_contain_text('"media.season": "2"')


def test_static_view_is_visible_only_without_kernel(page: Page, lab: str) -> None:
    open_notebook(page, lab)
    first = page.locator(".jp-CodeCell", has_text="SessionForm(sandbox)").first
    static_view = first.locator(".mct-static")
    expect(static_view).to_be_visible(timeout=TIMEOUT_MS)
    page.wait_for_timeout(4000)  # the kernel starts, and JupyterLab adds its widget placeholder
    expect(static_view).to_be_visible()
    expect(first.get_by_text("Error displaying widget")).not_to_be_visible()
    form = run_form_cell(page)
    expect(form).to_be_visible()
    expect(first.locator(".mct-static").first).not_to_be_visible()


def test_status_line_focuses_field_and_json_is_editable(page: Page, lab: str) -> None:
    open_notebook(page, lab)
    form = run_form_cell(page)
    form.get_by_label("Channel").fill("")
    form.get_by_role("button", name="Go there").click()
    expect(form.get_by_label("Channel")).to_be_focused()
    page.keyboard.type("typed-after-going")
    expect(form.locator(".mct-preview")).to_contain_text("typed-after-going")
    editor = form.get_by_label("The request as JSON")
    editor.fill('{"eventType": "sessionStart", "params": {"media.id": "edited"}}')
    expect(form.get_by_label("Content ID")).to_have_value("edited")
    editor.fill('{"eventType": ')
    expect(form.get_by_text("line 1, column 15").first).to_be_visible()
    form.get_by_role("button", name="Undo").click()
    expect(form.locator(".mct-syntax-error")).to_be_hidden()
    expect(form.get_by_label("Content ID")).to_have_value("edited")
    form.get_by_role("button", name="Undo").click()
    expect(form.get_by_label("Channel")).to_have_value("typed-after-going")


def test_help_is_the_accessible_description(page: Page, lab: str) -> None:
    open_notebook(page, lab)
    form = run_form_cell(page)
    length = form.get_by_label("Length")
    expect(length).to_have_accessible_description(catalog.parameter("media.length").help)
    form.get_by_label("Length").fill("soon")
    expect(length).to_have_attribute("aria-invalid", "true")
    expect(length).to_have_accessible_description(re.compile('"soon" is text'))


def test_description_updates_after_typing_or_on_focus(page: Page, lab: str) -> None:
    """Chromium's autofill rescans the whole form after each keystroke that changes a description."""
    open_notebook(page, lab)
    form = run_form_cell(page)
    length = form.get_by_label("Length")
    length.fill("soon")
    expect(length).to_have_accessible_description(re.compile('"soon" is text'))
    length.evaluate("""input => {
      window.descriptionChanges = 0;
      const description = document.getElementById(input.getAttribute("aria-describedby"));
      new MutationObserver(() => (window.descriptionChanges += 1)).observe(description, { childList: true });
    }""")
    length.focus()
    page.keyboard.press("End")
    page.keyboard.type("er", delay=100)
    expect(form.locator(".mct-at-params-media_length .mct-help")).to_contain_text('"sooner" is text')
    assert page.evaluate("window.descriptionChanges") == 0, "no update while typing"
    form.get_by_label("Content ID").focus()
    length.focus()
    assert page.evaluate("window.descriptionChanges") == 1, "one update on focus"
    expect(length).to_have_accessible_description(re.compile('"sooner" is text'), timeout=1)


def test_killed_kernel_is_reported(page: Page, lab: str) -> None:
    open_notebook(page, lab)
    form = run_form_cell(page)
    expect(form.locator(".mct-kernel-lost")).not_to_be_visible()
    page.locator(".jp-CodeCell", has_text="form.send()").first.locator(".cm-content").click()
    page.keyboard.press("Control+A")
    page.keyboard.type("import os; os.kill(os.getpid(), 9)")
    page.keyboard.press("Shift+Enter")
    expect(form.locator(".mct-kernel-lost")).to_contain_text("connection to the kernel is lost", timeout=10_000)


def test_double_click_sends_once(page: Page, lab: str) -> None:
    open_notebook(page, lab)
    form = run_form_cell(page)
    form.get_by_role("button", name="Send to the sandbox").dblclick()
    expect(form.locator(".mct-response")).to_contain_text("201 Created", timeout=TIMEOUT_MS)
    page.wait_for_timeout(1500)
    expect(form.locator(".mct-responses tbody tr")).to_have_count(1)


def test_go_there_selects_the_syntax_error(page: Page, lab: str) -> None:
    open_notebook(page, lab)
    form = run_form_cell(page)
    assert form.bounding_box()["y"] >= 0, "the top of the form is in view"  # type: ignore[index]
    form.get_by_label("Try a mistake").select_option(label="A comma too many")
    form.locator(".mct-status").get_by_role("button", name="Go there").click()
    text = form.get_by_label("The request as JSON")
    expect(text).to_be_focused()
    expect(form.locator(".mct-syntax-error")).to_be_in_viewport()
    assert text.evaluate("text => text.value.slice(text.selectionStart, text.selectionEnd)") == ","


def test_messages_do_not_move_fields(page: Page, lab: str) -> None:
    open_notebook(page, lab)
    form = run_form_cell(page)
    places = "form => [...form.querySelectorAll('.mct-fields > .mct-field')].map((field) => field.offsetTop)"
    before = form.evaluate(places)
    assert len(before) >= 10
    for label, wrong in (("Length", "soon"), ("Length", '"60.39"'), ("Length", "60390"), ("Channel", "")):
        form.get_by_label(label).fill(wrong)
        expect(form.locator(".mct-status")).to_contain_text(re.compile("1 (error|hint)"))
        page.wait_for_timeout(200)
        assert form.evaluate(places) == before
        form.get_by_role("button", name="Undo").click()
        expect(form.locator(".mct-status")).not_to_contain_text(re.compile("1 (error|hint)"))
    form.get_by_text("More fields").click()
    expect(form.get_by_label("Season")).to_be_visible()
    heights = {
        box["height"] for box in (each.bounding_box() for each in form.locator(".mct-field select").all()) if box
    }
    assert heights
    assert max(heights) < 40


def test_shut_down_kernel_is_reported(page: Page, lab: str) -> None:
    open_notebook(page, lab)
    form = run_form_cell(page)
    page.get_by_role("menuitem", name="Kernel").click()
    page.get_by_role("menuitem", name="Shut Down Kernel", exact=True).click()
    expect(form.locator(".mct-kernel-lost")).to_contain_text("connection to the kernel is lost", timeout=15_000)
