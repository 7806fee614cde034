"""Accessibility of the form in light, dark and high-contrast themes; JupyterLab's own page is not checked."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.axe import axe_violations
from tools import labpage


def test_form_has_no_axe_violations(page: Page, lab_in: str) -> None:
    labpage.open_notebook(page, lab_in)
    expect(page.locator(".mct-static").first).to_be_visible(timeout=labpage.TIMEOUT_MS)
    assert axe_violations(page, ".mct-static") == []
    form = labpage.run_form_cell(page)
    form.get_by_text("More fields").click()
    expect(form.get_by_label("Season")).to_be_visible()
    assert axe_violations(page, ".mct-form") == []
    _add_two_errors(form)
    assert axe_violations(page, ".mct-form") == []
    form.get_by_role("button", name="Send anyway").click()
    expect(form.locator(".mct-response")).to_contain_text("400 Bad Request", timeout=labpage.TIMEOUT_MS)
    for summary in form.locator(".mct-response summary").all():
        summary.click()
    assert axe_violations(page, ".mct-form") == []


FOCUS = """form => {
  const style = getComputedStyle(document.activeElement);
  const visible = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  return [form.contains(document.activeElement), visible, document.activeElement.outerHTML.slice(0, 120)];
}"""


def test_focus_is_always_visible(page: Page, lab_in: str) -> None:
    labpage.open_notebook(page, lab_in)
    form = labpage.run_form_cell(page)
    form.get_by_role("button", name="Send to the sandbox").click()
    expect(form.locator(".mct-response")).to_contain_text("201 Created", timeout=labpage.TIMEOUT_MS)
    form.get_by_label("Example").focus()
    kinds = set()
    for _ in range(40):
        inside, visible, element = form.evaluate(FOCUS)
        if not inside:
            break
        kinds.add(element.partition(" ")[0].partition(">")[0])
        assert visible, element
        page.keyboard.press("Tab")
    assert kinds >= {"<select", "<input", "<button", "<div", "<summary"}, "Tab does not reach every kind of element"


def _add_two_errors(form: Locator) -> None:
    form.get_by_label("Channel").fill("")
    form.get_by_label("Length").fill('"60.39"')
    expect(form.locator(".mct-status")).to_contain_text(re.compile("2 errors"))
