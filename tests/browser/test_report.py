"""The report in a real browser: as a file, in light and dark, wide and narrow, with and without its script."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from mctoolkit import audit
from mctoolkit.reporting.formats import to_html_report
from tests.browser.axe import axe_violations
from tests.models.session.viewing import TIMELINE_1, calls

FAULTY = "0 0 sessionStart\n0 0 play\n5 5 adStart\n8 5 adComplete\n10 7 sessionEnd\n11 7 ping"
SIZES = {"wide": 1000, "narrow": 360}


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> str:
    every = calls(TIMELINE_1) + calls(FAULTY, key="b", first=50)
    path: Path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(to_html_report(audit(every), every), encoding="utf-8")
    return path.as_uri()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_no_barrier_and_nothing_that_its_policy_stops(browser: Browser, file: str, theme: str, size: str) -> None:
    viewport = {"width": SIZES[size], "height": 800}
    context = browser.new_context(viewport=viewport, color_scheme=theme)  # type: ignore[arg-type]
    page = context.new_page()
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file)
    assert said == []
    assert asked == [file]
    shown, hidden = ("mct-wide", "mct-narrow") if size == "wide" else ("mct-narrow", "mct-wide")
    expect(page.locator(f".{shown}").first).to_be_visible()
    expect(page.locator(f".{hidden}").first).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]
    context.close()
    # axe-core is a script of its own, which the policy would stop
    context = browser.new_context(viewport=viewport, color_scheme=theme, bypass_csp=True)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(file)
    for summary in page.locator("summary").all():
        summary.click()
    assert axe_violations(page, "html") == []
    context.close()


def test_the_ticket_is_copied(browser: Browser, file: str) -> None:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(file)
    finding = page.locator(".mct-finding").first
    finding.get_by_role("button", name="Copy for the ticket").click()
    expect(finding.get_by_role("status")).to_have_text("Copied")
    ticket = finding.locator("pre").text_content()
    assert ticket
    assert page.evaluate("navigator.clipboard.readText()") == ticket
    context.close()


def test_where_there_is_no_clipboard_the_text_is_marked(browser: Browser, file: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    page.goto(file)
    finding = page.locator(".mct-finding").first
    finding.get_by_role("button", name="Copy for the ticket").click()
    expect(finding.locator("pre")).to_be_visible()
    assert page.evaluate("window.getSelection().toString().trim()") == (finding.locator("pre").inner_text()).strip()
    context.close()


def test_without_its_script_no_button_is_there_and_the_ticket_can_be_read(browser: Browser, file: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page: Page = context.new_page()
    page.goto(file)
    finding = page.locator(".mct-finding").first
    expect(finding.locator("button")).to_be_hidden()
    finding.locator("summary").click()
    expect(finding.locator("pre")).to_be_visible()
    context.close()


def test_a_link_leads_to_the_picture_of_a_session(browser: Browser, file: str) -> None:
    page = browser.new_page()
    page.goto(file)
    page.get_by_role("link", name="7f3a").click()
    expect(page.locator(":target")).to_contain_text("Session 7f3a: ClickMe")
    expect(page.locator(":target").get_by_role("img").first).to_be_in_viewport()
    page.close()
