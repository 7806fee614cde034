"""The form in its three faces and a real Chromium, for the browser tests, the benchmarks and the manual's pictures.

The Chromium is the system's; nothing is downloaded. The notebooks are copies, and JupyterLab's settings are its own.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Empty, Queue
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from mctoolkit.cli.working_copies import trust

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
    if theme is not None:
        settings = folder / "data" / "mctoolkit" / "jupyterlab" / "lab" / "user-settings"
        themes = settings / "@jupyterlab" / "apputils-extension"
        themes.mkdir(parents=True)
        (themes / "themes.jupyterlab-settings").write_text(json.dumps({"theme": theme}), encoding="utf-8")
    command = ["mctoolkit", "lab", str(notebooks / FIRST), "--no-browser"]
    with _served(command, folder) as address:
        yield address


@contextmanager
def notebook_7(folder: Path) -> Iterator[str]:
    """Run Notebook 7 as its users do, in a folder with copies of the notebooks; yield the address of the first."""
    notebooks = shutil.copytree(PROJECT / "notebooks", folder / "notebooks")
    command = ["notebook", "--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1", f"--notebook-dir={notebooks}"]
    with _served(command, folder, JUPYTER_CONFIG_DIR=str(folder / "jupyter" / "config")) as address:
        yield address.replace("/tree?", f"/notebooks/{FIRST}?")


@contextmanager
def page_by_itself(folder: Path) -> Iterator[str]:
    """Serve the form as `mctoolkit app` does; yield the address that it prints."""
    with _served(["mctoolkit", "app", "--no-browser"], folder) as address:
        yield address


@contextmanager
def _served(command: list[str], folder: Path, **variables: str) -> Iterator[str]:
    """Run a module that serves pages, keep what it remembers in a folder, and yield the address that it prints."""
    environment = {**os.environ, "MCTOOLKIT_SEED": "2026", "XDG_DATA_HOME": str(folder / "data"), **variables}
    process = subprocess.Popen(  # noqa: S603  our own command
        [sys.executable, "-m", *command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
    )
    try:
        address = _address(process)
        _wait_for(address)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=30)
        if process.stdout is not None:
            process.stdout.close()


def open_notebook(page: Page, address: str, heading: str = "Start here: your first session") -> None:
    """Open a notebook and wait until its first heading is on the screen."""
    page.goto(address)
    expect(page.get_by_role("heading", name=heading)).to_be_visible(timeout=PATIENCE_MS)


def wait_for_kernel(page: Page) -> None:
    """Wait until the notebook of this page has its kernel; asked to run a cell sooner, JupyterLab asks for one."""
    in_lab = page.locator("#jp-main-statusbar").get_by_text("| Idle")
    in_notebook_7 = page.locator(".jp-NotebookKernelStatus-fade")
    expect(in_lab.or_(in_notebook_7).first).to_be_attached(timeout=PATIENCE_MS)


def wake_the_form(page: Page) -> Locator:
    """Run the first cell with a form, as a person does once the kernel is up, and return the form."""
    wait_for_kernel(page)
    cell = page.locator(".jp-CodeCell", has_text="SessionForm(sandbox)").first
    cell.locator(".cm-content").click()
    page.keyboard.press("Shift+Enter")
    form = page.locator(".mct-form").first
    expect(form).to_be_visible(timeout=PATIENCE_MS)
    return form


def _wait_for(address: str) -> None:
    """Wait until somebody listens there: Notebook says where it will be before it is."""
    host = urlsplit(address)
    for _ in range(UP_WITHIN_S * 10):
        with suppress(OSError), socket.create_connection((host.hostname or "", host.port or 80), timeout=1):
            return
        time.sleep(0.1)
    raise RuntimeError(f"nobody listens at {host.netloc} after {UP_WITHIN_S} s")


def _address(process: subprocess.Popen[str]) -> str:
    lines: Queue[str] = Queue()
    stdout = process.stdout
    if stdout is None:
        raise RuntimeError("the server was started without a pipe")

    def pass_on() -> None:
        for line in stdout:
            lines.put(line)

    threading.Thread(target=pass_on, daemon=True).start()
    seen = ""
    while True:
        try:
            seen += lines.get(timeout=UP_WITHIN_S)
        except Empty:
            raise RuntimeError(f"the server printed no address within {UP_WITHIN_S} s:\n{seen}") from None
        found = re.search(r"http://\S+token=\w+", seen)
        if found:
            return found[0]
