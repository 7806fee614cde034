"""A real JupyterLab and the Chromium of this system."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tools import labpage

SCREENSHOTS = labpage.PROJECT / "build" / "screenshots"
THEMES = {"light": None, "dark": "JupyterLab Dark", "high contrast": "JupyterLab Dark High Contrast"}


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Start the Chromium of this system. Without one, skip the tests locally and fail in CI."""
    found = labpage.find_browser()
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("Chromium is not installed; .ci/run installs it")
        pytest.skip("Chromium is not installed; install it to run the browser tests")
    with labpage.chromium(found) as chromium:
        yield chromium


@pytest.fixture(scope="package")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start JupyterLab as `mctoolkit lab` does; yield its address."""
    folder: Path = tmp_path_factory.mktemp("lab")
    with labpage.lab(folder) as address:
        yield address


@pytest.fixture(params=THEMES, scope="package")
def lab_in(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[str]:
    """Start JupyterLab once for each theme and yield its address."""
    with labpage.lab(tmp_path_factory.mktemp("lab"), theme=THEMES[request.param]) as address:
        yield address


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Open a page. A request to another machine fails the test."""
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="en-US")
    page = context.new_page()
    external: list[str] = []
    page.on("request", lambda request: None if _is_local(request.url) else external.append(request.url))
    yield page
    context.close()
    assert external == [], "the page requested something from another machine"


def _is_local(url: str) -> bool:
    return url.startswith(("http://127.0.0.1:", "http://localhost:", "ws://127.0.0.1:", "data:", "blob:", "about:"))
