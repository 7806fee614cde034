"""Take the pictures that README and manual show: ``make screenshots``.

Each is taken of a real form in a real JupyterLab; look at every one of them before you commit it.
"""

from __future__ import annotations

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


def send(form: Locator) -> None:
    """Send the demo request and wait for its 201."""
    form.get_by_role("button", name="Send to the practice server").click()
    expect(form.locator(".mct-answer")).to_contain_text("201 Created", timeout=labpage.PATIENCE_MS)


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
    expect(form.locator(".mct-answer")).to_contain_text("400 Bad Request", timeout=labpage.PATIENCE_MS)


@dataclass(frozen=True)
class Picture:
    """One picture: its name, the window, JupyterLab's theme, and what is done before it is taken."""

    name: str
    act: Callable[[Locator], None]
    width: int = 1366
    theme: str | None = None


SET = (
    Picture("form", send),
    Picture("wrong", make_wrong),
    Picture("refused", send_wrong),
    Picture("dark", make_wrong, theme="JupyterLab Dark"),
    Picture("narrow", make_wrong, width=480),
    Picture("wide", send, width=1920),
)


def take(browser: Browser, picture: Picture) -> None:
    """Take one picture of the form alone."""
    with tempfile.TemporaryDirectory() as folder, labpage.lab(Path(folder), theme=picture.theme) as address:
        context = browser.new_context(viewport={"width": picture.width, "height": 1600}, locale="en-US")
        page = context.new_page()
        labpage.open_notebook(page, address)
        form = labpage.wake_the_form(page)
        picture.act(form)
        form.scroll_into_view_if_needed()
        form.screenshot(path=PICTURES / f"{picture.name}.png")
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
