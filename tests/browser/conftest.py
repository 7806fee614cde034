"""A real JupyterLab and a real Chromium: the one that the system has."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tools import labpage

PICTURES = labpage.PROJECT / "build" / "pictures"
THEMES = {"light": None, "dark": "JupyterLab Dark", "high contrast": "JupyterLab Dark High Contrast"}


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Start the Chromium of this system; without one this is a skip on a desk, and a failure in CI."""
    found = labpage.find_browser()
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("no Chromium on this machine: .ci/run installs it")
        pytest.skip("no Chromium on this machine; install it to run the browser tests")
    with labpage.chromium(found) as chromium:
        yield chromium


@pytest.fixture(scope="package")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start JupyterLab as `mctoolkit lab` does; yield the address that it prints."""
    folder: Path = tmp_path_factory.mktemp("lab")
    with labpage.lab(folder) as address:
        yield address


@pytest.fixture(params=THEMES, scope="package")
def lab_in(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[str]:
    """Start JupyterLab once in each theme; yield its address."""
    with labpage.lab(tmp_path_factory.mktemp("lab"), theme=THEMES[request.param]) as address:
        yield address


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Open a page that may talk to this machine only; anything else that it asks for fails the test."""
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="en-US")
    page = context.new_page()
    outside: list[str] = []
    page.on("request", lambda request: None if _is_ours(request.url) else outside.append(request.url))
    yield page
    context.close()
    assert outside == [], "the page asked for something outside this machine"


def _is_ours(url: str) -> bool:
    return url.startswith(("http://127.0.0.1:", "http://localhost:", "ws://127.0.0.1:", "data:", "blob:", "about:"))
