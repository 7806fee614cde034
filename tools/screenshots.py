"""Take the pictures that README and manual show: ``make screenshots``.

Each is taken of a real form in a real JupyterLab; look at every one of them before you commit it.
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

PICTURES = labpage.PROJECT / "docs" / "pictures"


def nothing(form: Locator) -> None:
    """Leave the form as it woke."""


def _run(form: Locator, code: str) -> None:
    """Write code into the cell of the form in place of its own, run it, and wait for its form."""
    page = form.page
    cell = page.locator(".jp-CodeCell", has=page.locator(".mct-form")).first
    ran = cell.locator(".jp-InputPrompt").inner_text()
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(code)
    page.keyboard.press("Shift+Enter")
    expect(cell.locator(".jp-InputPrompt")).to_have_text(re.compile(rf"^(?!{re.escape(ran)})\[\d+\]:$"))
    expect(cell.locator(".mct-form")).to_be_visible()


def empty(form: Locator) -> None:
    """Wake a form with nothing filled in."""
    _run(form, "form = SessionForm(sandbox, empty=True)\nform")
    expect(form.locator(".mct-status")).to_contain_text("problems")


def no_network(form: Locator) -> None:
    """Send to a sandbox that has gone."""
    _run(form, "sandbox.stop()\nform")
    form.get_by_role("button", name="Send to the sandbox").click()
    expect(form.locator(".mct-response")).to_contain_text("Nothing was sent", timeout=labpage.PATIENCE_MS)


def real_host(form: Locator) -> None:
    """Ask before the first request to a real host; nothing is sent."""
    _run(form, 'form = SessionForm("company.hb-api.omtrdc.net")\nform')
    form.get_by_role("button", name="Send to the REAL host").click()
    expect(form.locator(".mct-confirm")).to_be_visible()


def sending(form: Locator) -> None:
    """Send to a sandbox that takes its time."""
    _run(form, 'sandbox.faults.add("slow", seconds=600)\nform')
    form.get_by_role("button", name="Send to the sandbox").click()
    expect(form.get_by_role("button", name="Cancel")).to_be_visible()


def asleep(form: Locator) -> None:
    """Open the notebook again, without running anything."""
    form.page.reload()
    expect(form.page.locator(".mct-static").first).to_be_visible(timeout=labpage.PATIENCE_MS)


def send(form: Locator) -> None:
    """Send the demo request and wait for its 201."""
    form.get_by_role("button", name="Send to the sandbox").click()
    expect(form.locator(".mct-response")).to_contain_text("201 Created", timeout=labpage.PATIENCE_MS)


def make_wrong(form: Locator) -> None:
    """Take the channel out and put the length in quotes."""
    form.get_by_label("Channel").fill("")
    form.get_by_label("Length").fill('"60.39"')
    expect(form.locator(".mct-status")).to_contain_text("2 problems")


def send_wrong(form: Locator) -> None:
    """Send the wrong request and wait for its 400."""
    send(form)
    make_wrong(form)
    form.get_by_role("button", name="Send anyway (2 problems)").click()
    expect(form.locator(".mct-response")).to_contain_text("400 Bad Request", timeout=labpage.PATIENCE_MS)


@dataclass(frozen=True)
class Picture:
    """One picture: its name, the window, JupyterLab's theme, and what is done before it is taken."""

    name: str
    act: Callable[[Locator], None]
    width: int = 1366
    theme: str | None = None
    scope: str = ".mct-form"


SET = (
    Picture("empty", empty),
    Picture("form", send),
    Picture("wrong", make_wrong),
    Picture("sending", sending),
    Picture("refused", send_wrong),
    Picture("dark", make_wrong, theme="JupyterLab Dark"),
    Picture("narrow", make_wrong, width=480),
    Picture("wide", send, width=1920),
    Picture("no-network", no_network),
    Picture("real-host", real_host),
    Picture("asleep", asleep, scope=".mct-static"),
)


def take(browser: Browser, picture: Picture) -> None:
    """Take one picture of the form alone."""
    with tempfile.TemporaryDirectory() as folder, labpage.lab(Path(folder), theme=picture.theme) as address:
        context = browser.new_context(viewport={"width": picture.width, "height": 2400}, locale="en-US")
        page = context.new_page()
        labpage.open_notebook(page, address)
        form = labpage.wake_the_form(page)
        picture.act(form)
        shown = page.locator(picture.scope).first
        shown.scroll_into_view_if_needed()
        page.mouse.move(0, 0)
        page.wait_for_timeout(600)  # what fades in has faded in
        shown.screenshot(path=PICTURES / f"{picture.name}.png")
        context.close()


def main(names: list[str]) -> int:
    """Take the pictures that are named, or all."""
    found = labpage.find_browser()
    if found is None:
        print("No Chromium on this machine; install it to take pictures.", file=sys.stderr)
        return 2
    PICTURES.mkdir(parents=True, exist_ok=True)
    with labpage.chromium(found) as browser:
        for picture in SET:
            if not names or picture.name in names:
                take(browser, picture)
                print(f"docs/pictures/{picture.name}.png")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
