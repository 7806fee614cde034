"""The form outside JupyterLab: as a Voila page and in Notebook 7."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.axe import axe_violations
from tools import labpage


@pytest.fixture(scope="module")
def voila(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with labpage.voila_page(tmp_path_factory.mktemp("page")) as address:
        yield address


@pytest.fixture
def console_errors(page: Page) -> list[str]:
    """The errors that the browser console shows during the test."""
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    return errors


TOO_WIDE = """form => [document.documentElement, ...form.querySelectorAll("*")]
  .filter((each) => each.clientWidth && each.scrollWidth > each.clientWidth + 1)
  .filter((each) => !each.matches("input, .mct-announcer") && !each.closest(".mct-table"))
  .map((each) => `${each.tagName}.${each.className}: ${each.scrollWidth} in ${each.clientWidth}`)"""


def too_wide(form: Locator) -> list[str]:
    """Return elements that are cut off or scroll sideways, except tables."""
    found: list[str] = form.evaluate(TOO_WIDE)
    return [each for each in found if "mct-scroll" not in each]


def use_form(form: Locator) -> None:
    """Type, follow a link, send, and copy."""
    form.get_by_label("Content ID").fill("from-outside-lab")
    expect(form.locator(".mct-preview")).to_contain_text('"media.id": "from-outside-lab"')
    form.get_by_label("Channel").fill("")
    form.get_by_role("button", name="Go there").click()
    expect(form.get_by_label("Channel")).to_be_focused()
    form.page.keyboard.type("a-channel")
    form.get_by_role("button", name="Send to the sandbox").click()
    expect(form.locator(".mct-response")).to_contain_text("201 Created", timeout=labpage.TIMEOUT_MS)
    expect(form.get_by_role("status").first).to_contain_text("201 Created")
    form.locator(".mct-response").get_by_role("button", name="Copy").first.click()
    expect(form.get_by_role("status").first).to_have_text("Copied")


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_form_in_voila(page: Page, console_errors: list[str], voila: str, colours: str) -> None:
    page.emulate_media(color_scheme="dark" if colours == "dark" else "light")
    page.goto(voila)
    form = page.locator(".mct-form")
    expect(form).to_be_visible(timeout=labpage.TIMEOUT_MS)
    assert "token" not in page.url, "the token would be stored in the browser history"
    assert page.title() == "mctoolkit"
    use_form(form)
    assert axe_violations(page, "html") == [], "all of this page is ours"
    assert console_errors == []
    page.set_viewport_size({"width": 360, "height": 700})
    form.get_by_text("More fields").click()
    expect(form.get_by_label("Season")).to_be_visible()
    assert too_wide(form) == []


def test_voila_page_reports_lost_kernel(page: Page, voila: str) -> None:
    page.goto(voila)
    form = page.locator(".mct-form")
    expect(form).to_be_visible(timeout=labpage.TIMEOUT_MS)
    _kill_kernels(voila)
    expect(form.locator(".mct-kernel-lost")).to_contain_text("reload it", timeout=15_000)
    page.reload()
    expect(form).to_be_visible(timeout=labpage.TIMEOUT_MS)
    expect(form.locator(".mct-kernel-lost")).not_to_be_visible()


def test_form_in_notebook_7(page: Page, console_errors: list[str], tmp_path: Path) -> None:
    with labpage.notebook_7(tmp_path) as address:
        labpage.open_notebook(page, address)
        console_errors.clear()  # errors of Notebook itself
        form = labpage.run_form_cell(page)
        use_form(form)
        assert console_errors == []
        assert axe_violations(page, ".mct-form") == []
        page.goto("about:blank")  # close the page before the server stops


def _kill_kernels(address: str) -> None:
    port = urlsplit(address).port
    for child in psutil.Process().children():
        with suppress(psutil.Error):  # a process may end at any time
            listening = [each.laddr.port for each in child.net_connections("tcp") if each.status == psutil.CONN_LISTEN]
            for kernel in child.children(recursive=True) if port in listening else ():
                kernel.kill()
