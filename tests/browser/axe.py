"""Accessibility checks with axe-core."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page


def axe_violations(page: Page, scope: str) -> list[str]:
    """Return the violations that axe-core finds in a part of the page, one line each."""
    report = Axe().run(page, context=scope).response
    assert report["passes"], f"axe-core found no elements in {scope}"
    return [
        f"{rule['id']}: {node['target']} {node['failureSummary']}"
        for rule in report["violations"]
        for node in rule["nodes"]
    ]
