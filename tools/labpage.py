"""Servers for the form and the system's Chromium, for browser tests, benchmarks and screenshots.

The servers use copies of the notebooks and their own settings folder.
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
FIRST_NOTEBOOK = "00_start_here.ipynb"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
CHROMIUM_ARGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip
START_TIMEOUT_S = 60
TIMEOUT_MS = 60_000


def find_browser() -> str | None:
    """Return the path of the system's Chromium, or None."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


@contextmanager
def chromium(path: str) -> Iterator[Browser]:
    """Run a headless browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def lab(folder: Path, *, theme: str | None = None) -> Iterator[str]:
    """Run `mctoolkit lab` on copies of the notebooks and yield its address."""
    notebooks = Path(shutil.copytree(PROJECT / "notebooks", folder / "notebooks"))
    trust(notebooks)
    if theme is not None:
        settings = folder / "data" / "mctoolkit" / "jupyterlab" / "lab" / "user-settings"
        themes = settings / "@jupyterlab" / "apputils-extension"
        themes.mkdir(parents=True)
        (themes / "themes.jupyterlab-settings").write_text(json.dumps({"theme": theme}), encoding="utf-8")
    command = ["mctoolkit", "lab", str(notebooks / FIRST_NOTEBOOK), "--no-browser", f"--port={_first_port()}"]
    with _serve(command, folder) as address:
        yield address


@contextmanager
def notebook_7(folder: Path) -> Iterator[str]:
    """Run Notebook 7 on copies of the notebooks and yield the address of the first one."""
    notebooks = shutil.copytree(PROJECT / "notebooks", folder / "notebooks")
    command = ["notebook", "--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1", f"--notebook-dir={notebooks}"]
    command.append(f"--ServerApp.port={_first_port()}")
    with _serve(command, folder, JUPYTER_CONFIG_DIR=str(folder / "jupyter" / "config")) as address:
        yield address.replace("/tree?", f"/notebooks/{FIRST_NOTEBOOK}?")


@contextmanager
def voila_page(folder: Path) -> Iterator[str]:
    """Run `mctoolkit app` and yield its address."""
    with _serve(["mctoolkit", "app", "--no-browser", f"--port={_first_port()}"], folder) as address:
        yield address


def _first_port() -> int:
    """Return the first port for a server to try, another one in each process of pytest-xdist."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    return 8900 + 20 * int(worker)


@contextmanager
def _serve(command: list[str], folder: Path, **variables: str) -> Iterator[str]:
    """Run a Python module that serves pages, with its data in a folder, and yield the address that it prints."""
    environment = {**os.environ, "MCTOOLKIT_SEED": "2026", "XDG_DATA_HOME": str(folder / "data"), **variables}
    process = subprocess.Popen(  # noqa: S603  the command is not user input
        [sys.executable, "-m", *command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
    )
    try:
        address = _read_address(process)
        _wait_for_server(address)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=30)
        if process.stdout is not None:
            process.stdout.close()


def open_notebook(page: Page, address: str, heading: str = "Start here: your first session") -> None:
    """Open a notebook and wait for its heading."""
    page.goto(address)
    expect(page.get_by_role("heading", name=heading)).to_be_visible(timeout=TIMEOUT_MS)


def wait_for_kernel(page: Page) -> None:
    """Wait until the kernel of the notebook is ready. Before that, JupyterLab asks which kernel to use."""
    in_lab = page.locator("#jp-main-statusbar").get_by_text("| Idle")
    in_notebook_7 = page.locator(".jp-NotebookKernelStatus-fade")
    expect(in_lab.or_(in_notebook_7).first).to_be_attached(timeout=TIMEOUT_MS)


def run_form_cell(page: Page) -> Locator:
    """Run the first cell with a form and return the form."""
    wait_for_kernel(page)
    cell = page.locator(".jp-CodeCell", has_text="SessionForm(sandbox)").first
    form = page.locator(".mct-form").first
    for _ in range(3):  # Jupyter ignores a key that arrives before its commands are ready
        cell.locator(".cm-content").click()
        page.keyboard.press("Shift+Enter")
        with suppress(AssertionError):
            expect(form).to_be_visible(timeout=TIMEOUT_MS // 3)
            return form
    expect(form).to_be_visible(timeout=TIMEOUT_MS)
    return form


def _wait_for_server(address: str) -> None:
    """Wait until the server accepts connections: Notebook prints its address earlier."""
    host = urlsplit(address)
    for _ in range(START_TIMEOUT_S * 10):
        with suppress(OSError), socket.create_connection((host.hostname or "", host.port or 80), timeout=1):
            return
        time.sleep(0.1)
    raise RuntimeError(f"{host.netloc} did not accept connections within {START_TIMEOUT_S} s")


def _read_address(process: subprocess.Popen[str]) -> str:
    lines: Queue[str] = Queue()
    stdout = process.stdout
    if stdout is None:
        raise RuntimeError("the server was started without a pipe")

    def forward() -> None:
        for line in stdout:
            lines.put(line)

    threading.Thread(target=forward, daemon=True).start()
    output = ""
    while True:
        try:
            output += lines.get(timeout=START_TIMEOUT_S)
        except Empty:
            raise RuntimeError(f"the server printed no address within {START_TIMEOUT_S} s:\n{output}") from None
        found = re.search(r"http://\S+token=\w+", output)
        if found:
            return found[0]
