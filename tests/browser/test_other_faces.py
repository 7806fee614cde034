"""The form where there is no JupyterLab: as a page by itself (Voila), and in Notebook 7."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.test_for_everyone import barriers
from tools import labpage


@pytest.fixture(scope="module")
def by_itself(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with labpage.page_by_itself(tmp_path_factory.mktemp("page")) as address:
        yield address


@pytest.fixture
def complaints(page: Page) -> list[str]:
    """What the browser's console and scripts complain of, from here on."""
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: told.append(str(error)))
    return told


TOO_WIDE = """form => [document.documentElement, ...form.querySelectorAll("*")]
  .filter((each) => each.clientWidth && each.scrollWidth > each.clientWidth + 1)
  .filter((each) => !each.matches("input, .mct-announcer") && !each.closest(".mct-table"))
  .map((each) => `${each.tagName}.${each.className}: ${each.scrollWidth} in ${each.clientWidth}`)"""


def too_wide(form: Locator) -> list[str]:
    """Return what is cut or would have to be scrolled sideways; only a table of responses may be."""
    found: list[str] = form.evaluate(TOO_WIDE)
    return [each for each in found if "mct-scroll" not in each]


def use(form: Locator) -> None:
    """Do what each face must be able to: type, see, send, read, copy, and hear."""
    form.get_by_label("Content ID").fill("from-another-face")
    expect(form.locator(".mct-preview")).to_contain_text('"media.id": "from-another-face"')
    form.get_by_label("Channel").fill("")
    form.get_by_role("button", name="Go there").click()
    expect(form.get_by_label("Channel")).to_be_focused()
    form.page.keyboard.type("a-channel")
    form.get_by_role("button", name="Send to the sandbox").click()
    expect(form.locator(".mct-response")).to_contain_text("201 Created", timeout=labpage.PATIENCE_MS)
    expect(form.get_by_role("status").first).to_contain_text("201 Created")
    form.locator(".mct-response").get_by_role("button", name="Copy").first.click()
    expect(form.get_by_role("status").first).to_have_text("Copied")


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_form_in_voila(page: Page, complaints: list[str], by_itself: str, colours: str) -> None:
    page.emulate_media(color_scheme="dark" if colours == "dark" else "light")
    page.goto(by_itself)
    form = page.locator(".mct-form")
    expect(form).to_be_visible(timeout=labpage.PATIENCE_MS)
    assert "token" not in page.url, "it would stand in the history, and in each picture of the screen"
    assert page.title() == "mctoolkit"
    use(form)
    assert barriers(page, "html") == [], "here the whole page is ours"
    assert complaints == []
    page.set_viewport_size({"width": 360, "height": 700})
    form.get_by_text("More fields").click()
    expect(form.get_by_label("Season")).to_be_visible()
    assert too_wide(form) == []


def test_voila_page_reports_lost_kernel(page: Page, by_itself: str) -> None:
    page.goto(by_itself)
    form = page.locator(".mct-form")
    expect(form).to_be_visible(timeout=labpage.PATIENCE_MS)
    _kill_the_kernels_of(by_itself)
    expect(form.locator(".mct-kernel-lost")).to_contain_text("reload this page", timeout=15_000)
    page.reload()
    expect(form).to_be_visible(timeout=labpage.PATIENCE_MS)
    expect(form.locator(".mct-kernel-lost")).not_to_be_visible()


def test_form_in_notebook_7(page: Page, complaints: list[str], tmp_path: Path) -> None:
    with labpage.notebook_7(tmp_path) as address:
        labpage.open_notebook(page, address)
        complaints.clear()  # what Notebook has to say of itself
        form = labpage.wake_the_form(page)
        use(form)
        assert complaints == []
        assert barriers(page, ".mct-form") == []
        page.goto("about:blank")  # before the server goes


def _kill_the_kernels_of(address: str) -> None:
    port = urlsplit(address).port
    for child in psutil.Process().children():
        with suppress(psutil.Error):  # others of ours come and go
            listening = [each.laddr.port for each in child.net_connections("tcp") if each.status == psutil.CONN_LISTEN]
            for kernel in child.children(recursive=True) if port in listening else ():
                kernel.kill()
