"""The first ten minutes, as somebody has them: JupyterLab in a browser, notebook 00, the form, the mouse, the keys."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import PICTURES
from tools.labpage import PATIENCE_MS, open_notebook, wake_the_form


def test_lab_opens_on_one_page_with_the_sidebar_shut_and_no_news(page: Page, lab: str) -> None:
    open_notebook(page, lab)
    assert page.locator(".jp-SideBar .lm-mod-current").count() == 0
    assert page.locator(".lm-DockPanel-tabBar .lm-TabBar-tab").count() == 1
    page.wait_for_timeout(1500)
    assert page.locator(".Toastify__toast").count() == 0


def test_fill_send_break_understand_mend(page: Page, lab: str) -> None:
    open_notebook(page, lab)
    form = wake_the_form(page)

    form.get_by_label("Content ID").fill("from-the-browser")
    expect(form.locator(".mct-preview")).to_contain_text('"media.id": "from-the-browser"')
    form.get_by_role("button", name="Send to the practice server").click()
    expect(form.locator(".mct-answer")).to_contain_text("201 Created", timeout=PATIENCE_MS)
    expect(form.locator(".mct-answers tbody tr")).to_have_count(1)
    expect(form.locator(".mct-answers tbody tr").first).to_contain_text("from-the-browser")

    form.get_by_label("Channel").fill("")
    expect(form.locator(".mct-status")).to_contain_text("1 problem")
    expect(form.locator(".mct-preview")).not_to_contain_text("media.channel")
    form.get_by_role("button", name="Send anyway (1 problem)").click()
    expect(form.locator(".mct-answer")).to_contain_text("400 Bad Request", timeout=PATIENCE_MS)
    expect(form.locator(".mct-answer")).to_contain_text("media.channel")
    expect(form.locator(".mct-answers tbody tr")).to_have_count(2)

    form.get_by_label("Length").fill("60,39")
    expect(form.locator(".mct-preview")).to_contain_text('"media.length": 60.39')
    form.get_by_label("Channel").fill("demo-channel")
    expect(form.locator(".mct-status")).to_contain_text("Ready to send")
    PICTURES.mkdir(parents=True, exist_ok=True)
    form.scroll_into_view_if_needed()
    page.screenshot(path=PICTURES / "notebook.png")
    form.screenshot(path=PICTURES / "form.png")


def test_a_field_can_be_reached_and_named_by_keyboard_and_screen_reader(page: Page, lab: str) -> None:
    open_notebook(page, lab)
    form = wake_the_form(page)
    for label in ("Content ID", "Length", "Channel", "Report suite", "Playhead"):
        expect(form.get_by_label(label).first).to_be_editable()
    form.get_by_label("Content ID").focus()
    page.keyboard.press("Tab")
    focused = page.evaluate("document.activeElement.closest('.mct-field') !== null")
    assert focused


def test_optional_fields_unfold(page: Page, lab: str) -> None:
    open_notebook(page, lab)
    form = wake_the_form(page)
    form.get_by_text("More fields").click()
    form.get_by_label("Season").fill("2")
    expect(form.locator(".mct-preview")).to_contain_text('"media.season": "2"')
