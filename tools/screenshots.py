"""Take the screenshots for the README and the docs: ``make screenshots``.

They show a real form in JupyterLab. Look at each one before you commit it.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Locator, expect

from tools import labpage

FOLDER = labpage.PROJECT / "docs" / "pictures"


def _run(form: Locator, code: str) -> None:
    """Replace the code of the form's cell, run it, and wait for the form."""
    page = form.page
    cell = page.locator(".jp-CodeCell", has=page.locator(".mct-form")).first
    prompt = cell.locator(".jp-InputPrompt").inner_text()
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(code)
    page.keyboard.press("Shift+Enter")
    expect(cell.locator(".jp-InputPrompt")).to_have_text(re.compile(rf"^(?!{re.escape(prompt)})\[\d+\]:$"))
    expect(cell.locator(".mct-form")).to_be_visible()


def empty(form: Locator) -> None:
    """Create an empty form."""
    _run(form, "form = SessionForm(sandbox, empty=True)\nform")
    expect(form.locator(".mct-status")).to_contain_text("Invalid")


def no_network(form: Locator) -> None:
    """Send to a stopped sandbox."""
    _run(form, "sandbox.stop()\nform")
    form.get_by_role("button", name="Send to the sandbox").click()
    expect(form.locator(".mct-response")).to_contain_text("Nothing was sent", timeout=labpage.TIMEOUT_MS)


def real_host(form: Locator) -> None:
    """Open the confirmation for a real host, without sending."""
    _run(form, 'form = SessionForm("company.hb-api.omtrdc.net")\nform')
    form.get_by_role("button", name="Send to the REAL host").click()
    expect(form.locator(".mct-confirm")).to_be_visible()


def sending(form: Locator) -> None:
    """Send to a slow sandbox."""
    _run(form, 'sandbox.faults.add("slow", seconds=600)\nform')
    form.get_by_role("button", name="Send to the sandbox").click()
    expect(form.get_by_role("button", name="Cancel")).to_be_visible()


def static_view(form: Locator) -> None:
    """Open the notebook again without running a cell."""
    form.page.reload()
    expect(form.page.locator(".mct-static").first).to_be_visible(timeout=labpage.TIMEOUT_MS)


def send(form: Locator) -> None:
    """Send the demo values and wait for 201."""
    form.get_by_role("button", name="Send to the sandbox").click()
    expect(form.locator(".mct-response")).to_contain_text("201 Created", timeout=labpage.TIMEOUT_MS)


def add_errors(form: Locator) -> None:
    """Remove the channel and put the length in quotes."""
    form.get_by_label("Channel").fill("")
    form.get_by_label("Length").fill('"60.39"')
    expect(form.locator(".mct-status")).to_contain_text("Invalid")


def send_errors(form: Locator) -> None:
    """Send a request with errors and wait for 400."""
    send(form)
    add_errors(form)
    form.get_by_role("button", name="Send anyway: expect 400").click()
    expect(form.locator(".mct-response")).to_contain_text("400 Bad Request", timeout=labpage.TIMEOUT_MS)


@dataclass(frozen=True)
class Screenshot:
    """A screenshot: its name, the action before it, window width, theme, and the element to show."""

    name: str
    prepare: Callable[[Locator], None]
    width: int = 1366
    theme: str | None = None
    scope: str = ".mct-form"


SCREENSHOTS = (
    Screenshot("empty", empty),
    Screenshot("form", send),
    Screenshot("wrong", add_errors),
    Screenshot("sending", sending),
    Screenshot("refused", send_errors),
    Screenshot("dark", add_errors, theme="JupyterLab Dark"),
    Screenshot("narrow", add_errors, width=480),
    Screenshot("wide", send, width=1920),
    Screenshot("no-network", no_network),
    Screenshot("real-host", real_host),
    Screenshot("static-view", static_view, scope=".mct-static"),
)


def take(browser: Browser, screenshot: Screenshot) -> None:
    """Take one screenshot."""
    with tempfile.TemporaryDirectory() as folder, labpage.lab(Path(folder), theme=screenshot.theme) as address:
        context = browser.new_context(viewport={"width": screenshot.width, "height": 2400}, locale="en-US")
        page = context.new_page()
        labpage.open_notebook(page, address)
        form = labpage.run_form_cell(page)
        screenshot.prepare(form)
        shown = page.locator(screenshot.scope).first
        shown.scroll_into_view_if_needed()
        page.mouse.move(0, 0)
        page.wait_for_timeout(600)  # wait for transitions
        shown.screenshot(path=FOLDER / f"{screenshot.name}.png")
        context.close()


def main(names: list[str]) -> int:
    """Take the named screenshots, or all."""
    found = labpage.find_browser()
    if found is None:
        print("Chromium is not installed. Install it to take screenshots.", file=sys.stderr)
        return 2
    FOLDER.mkdir(parents=True, exist_ok=True)
    with labpage.chromium(found) as browser:
        for screenshot in SCREENSHOTS:
            if not names or screenshot.name in names:
                take(browser, screenshot)
                print(f"docs/pictures/{screenshot.name}.png")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
