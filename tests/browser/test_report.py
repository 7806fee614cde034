"""The HTML report in a browser: as a file, in light and dark, wide and narrow, with and without its script."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from mctoolkit import audit
from mctoolkit.reporting.formats import to_html_report
from tests.browser.axe import axe_violations
from tests.models.session.viewing import TIMELINE_1, calls

FAULTY = "0 0 sessionStart\n0 0 play\n5 5 adStart\n8 5 adComplete\n10 7 sessionEnd\n11 7 ping"
WIDTHS = {"wide": 1000, "narrow": 360}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    requests = calls(TIMELINE_1) + calls(FAULTY, key="b", first=50)
    path: Path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(to_html_report(audit(requests), requests), encoding="utf-8")
    return path.as_uri()


@pytest.fixture(scope="module")
def report(browser: Browser, url: str) -> Iterator[Page]:
    """Open one page for the tests; each loads the report again."""
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def unrestricted_report(browser: Browser, url: str) -> Iterator[Page]:
    """Open the report without its content security policy, which blocks axe-core, with all details open."""
    context = browser.new_context(bypass_csp=True)
    page = context.new_page()
    page.goto(url)
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    yield page
    context.close()


@pytest.mark.parametrize("size", WIDTHS)
def test_report_fits_and_loads_nothing_else(report: Page, url: str, size: str) -> None:
    messages: list[str] = []
    requests: list[str] = []
    report.on("console", lambda message: messages.append(message.text))
    report.on("request", lambda request: requests.append(request.url))
    report.set_viewport_size({"width": WIDTHS[size], "height": 800})
    report.goto(url)
    shown, hidden = ("mct-wide", "mct-narrow") if size == "wide" else ("mct-narrow", "mct-wide")
    expect(report.locator(f".{shown}").first).to_be_visible()
    expect(report.locator(f".{hidden}").first).to_be_hidden()
    assert report.evaluate("document.documentElement.scrollWidth") <= WIDTHS[size]
    assert messages == []  # the policy blocks nothing that the report needs
    assert requests == [url]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", WIDTHS)
def test_report_is_accessible(unrestricted_report: Page, theme: Literal["light", "dark"], size: str) -> None:
    unrestricted_report.set_viewport_size({"width": WIDTHS[size], "height": 800})
    unrestricted_report.emulate_media(color_scheme=theme)
    assert axe_violations(unrestricted_report, "html") == []


def test_button_copies_the_ticket(report: Page, url: str) -> None:
    report.goto(url)
    finding = report.locator(".mct-finding").first
    finding.get_by_role("button", name="Copy ticket text").click()
    expect(finding.get_by_role("status")).to_have_text("Copied")
    ticket = finding.locator("pre").text_content()
    assert ticket
    assert report.evaluate("navigator.clipboard.readText()") == ticket


def test_button_selects_the_ticket_without_clipboard(report: Page, url: str) -> None:
    report.goto(url)
    report.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    finding = report.locator(".mct-finding").first
    finding.get_by_role("button", name="Copy ticket text").click()
    expect(finding.locator("pre")).to_be_visible()
    assert report.evaluate("window.getSelection().toString().trim()") == finding.locator("pre").inner_text().strip()


def test_link_leads_to_the_timeline(report: Page, url: str) -> None:
    report.goto(url)
    report.get_by_role("link", name="7f3a").click()
    expect(report.locator(":target")).to_contain_text("Session 7f3a: ClickMe")
    expect(report.locator(":target").get_by_role("img").first).to_be_in_viewport()


def test_ticket_is_readable_without_script(browser: Browser, url: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(url)
    finding = page.locator(".mct-finding").first
    expect(finding.locator("button")).to_be_hidden()
    finding.locator("summary").click()
    expect(finding.locator("pre")).to_be_visible()
    context.close()
