"""A real JupyterLab in a real Chromium, for the browser tests and for the pictures of the manual.

The Chromium is the system's; nothing is downloaded. The notebooks are copies, and JupyterLab's settings are its own.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, Queue

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from mctoolkit.cli.lab import trust

PROJECT = Path(__file__).parents[1]
FIRST = "00_start_here.ipynb"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip
UP_WITHIN_S = 60
PATIENCE_MS = 60_000


def find_browser() -> str | None:
    """Return the Chromium of this system, or None."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


@contextmanager
def chromium(path: str) -> Iterator[Browser]:
    """Run a browser without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def lab(folder: Path, *, theme: str | None = None) -> Iterator[str]:
    """Run JupyterLab as `mctoolkit lab` does, on copies of the notebooks; yield the address that it prints."""
    notebooks = Path(shutil.copytree(PROJECT / "notebooks", folder / "notebooks"))
    trust(notebooks)
    settings = folder / "jupyter" / "user-settings"
    if theme is not None:
        themes = settings.with_name("mctoolkit") / "settings" / "@jupyterlab" / "apputils-extension"
        themes.mkdir(parents=True)
        (themes / "themes.jupyterlab-settings").write_text(json.dumps({"theme": theme}), encoding="utf-8")
    environment = {
        **os.environ,
        "MCTOOLKIT_SEED": "2026",
        "XDG_DATA_HOME": str(folder / "data"),
        "JUPYTERLAB_SETTINGS_DIR": str(settings),
    }
    command = [sys.executable, "-m", "mctoolkit", "lab", str(notebooks / FIRST), "--no-browser"]
    process = subprocess.Popen(  # noqa: S603  our own command
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
    )
    try:
        yield _address(process)
    finally:
        process.terminate()
        process.wait(timeout=30)
        if process.stdout is not None:
            process.stdout.close()


def open_notebook(page: Page, address: str, heading: str = "Start here: your first session") -> None:
    """Open a notebook and wait until its first heading is on the screen."""
    page.goto(address)
    expect(page.get_by_role("heading", name=heading)).to_be_visible(timeout=PATIENCE_MS)


def wake_the_form(page: Page) -> Locator:
    """Run the first cell with a form, as a person does once the kernel is up, and return the form."""
    expect(page.locator(".jp-Notebook-ExecutionIndicator[data-status='idle']")).to_be_attached(timeout=PATIENCE_MS)
    cell = page.locator(".jp-CodeCell", has_text="SessionForm(sandbox)").first
    cell.locator(".cm-content").click()
    page.keyboard.press("Shift+Enter")
    form = page.locator(".mct-form").first
    expect(form).to_be_visible(timeout=PATIENCE_MS)
    return form


def _address(process: subprocess.Popen[str]) -> str:
    lines: Queue[str] = Queue()
    stdout = process.stdout
    if stdout is None:
        raise RuntimeError("JupyterLab was started without a pipe")

    def pass_on() -> None:
        for line in stdout:
            lines.put(line)

    threading.Thread(target=pass_on, daemon=True).start()
    seen = ""
    while True:
        try:
            seen += lines.get(timeout=UP_WITHIN_S)
        except Empty:
            raise RuntimeError(f"JupyterLab printed no address within {UP_WITHIN_S} s:\n{seen}") from None
        found = re.search(r"http://\S+token=\w+", seen)
        if found:
            return found[0]
