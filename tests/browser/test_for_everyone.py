"""axe-core finds no barrier inside what is ours, in light, dark and high contrast; JupyterLab's own page is not ours to mend."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from tools import labpage


def barriers(page: Page, scope: str) -> list[str]:
    """Return what axe-core finds inside a part of the page, a line a finding."""
    found = Axe().run(page, context=scope).response
    assert found["passes"], f"axe-core looked at nothing in {scope}"
    return [
        f"{each['id']}: {node['target']} {node['failureSummary']}"
        for each in found["violations"]
        for node in each["nodes"]
    ]


def test_form_has_no_axe_violations(page: Page, lab_in: str) -> None:
    labpage.open_notebook(page, lab_in)
    expect(page.locator(".mct-static").first).to_be_visible(timeout=labpage.PATIENCE_MS)
    assert barriers(page, ".mct-static") == []
    form = labpage.wake_the_form(page)
    form.get_by_text("More fields").click()
    expect(form.get_by_label("Season")).to_be_visible()
    assert barriers(page, ".mct-form") == []
    _break(form)
    assert barriers(page, ".mct-form") == []
    form.get_by_role("button", name="Send anyway").click()
    expect(form.locator(".mct-response")).to_contain_text("400 Bad Request", timeout=labpage.PATIENCE_MS)
    for summary in form.locator(".mct-response summary").all():
        summary.click()
    assert barriers(page, ".mct-form") == []


FOCUS = """form => {
  const style = getComputedStyle(document.activeElement);
  const seen = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  return [form.contains(document.activeElement), seen, document.activeElement.outerHTML.slice(0, 120)];
}"""


def test_focus_is_always_visible(page: Page, lab_in: str) -> None:
    labpage.open_notebook(page, lab_in)
    form = labpage.wake_the_form(page)
    form.get_by_role("button", name="Send to the sandbox").click()
    expect(form.locator(".mct-response")).to_contain_text("201 Created", timeout=labpage.PATIENCE_MS)
    form.get_by_label("Example").focus()
    kinds = set()
    for _ in range(40):
        inside, seen, element = form.evaluate(FOCUS)
        if not inside:
            break
        kinds.add(element.partition(" ")[0].partition(">")[0])
        assert seen, element
        page.keyboard.press("Tab")
    assert kinds >= {"<select", "<input", "<button", "<div", "<summary"}, "the keys do not get through all of it"


def _break(form: Locator) -> None:
    form.get_by_label("Channel").fill("")
    form.get_by_label("Length").fill('"60.39"')
    expect(form.locator(".mct-status")).to_contain_text("2 errors")
