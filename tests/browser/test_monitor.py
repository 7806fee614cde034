"""The monitor and the guided checklist in a real browser: accessibility, and live updates that keep the reader's place."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.browser.axe import axe_violations
from tools import labpage

SETUP = """import threading, time, requests
from mctoolkit._core import clocks; clocks.SEED = ""
from IPython.display import display
from mctoolkit import Sandbox, guided_check, watch
from mctoolkit.simulation import presets
player = Sandbox()
seen, panel = watch(player), guided_check(player)
display(seen, panel)"""
PLAY = """base = f"{player.url}/api/v1/sessions"
now_ms = player.clock.now_ms
sid = requests.post(base, json=presets.preset("minimal", now_ms()).value).headers["Location"].split("/")[4]
def send(event, playhead=0):
    body = {"eventType": event, "playerTime": {"playhead": playhead, "ts": now_ms()}}
    requests.post(f"{base}/{sid}/events", json=body)
send("play")
for playhead in range(250): send("ping", playhead)
send("bitrateChange")
def keep_playing():
    for playhead in range(150): time.sleep(0.1) or send("ping", playhead)
threading.Thread(target=keep_playing, daemon=True).start()
display(seen, panel)"""
SELECT_A_ROW = """() => {
  const list = document.querySelectorAll(".mct-monitor .mct-scroll")[1];
  list.scrollTop = 1500;
  list.focus();
  const top = list.getBoundingClientRect().top;
  const row = [...list.querySelectorAll("tbody tr")].find((row) => row.getBoundingClientRect().top > top + 60);
  getSelection().selectAllChildren(row.cells[3]);
  window.readerState = () => ({
    focused: document.activeElement === list,
    text: getSelection().toString(),
    at: Math.round(row.getBoundingClientRect().top - list.getBoundingClientRect().top),
  });
  return window.readerState();
}"""
OVERFLOWING = """[...document.querySelectorAll(".mct-form, .mct-form .mct-part")]
  .filter((part) => part.scrollWidth > part.clientWidth + 1).map((part) => part.className)"""


def run(page: Page, code: str) -> Locator:
    """Replace the code of the first cell, run it, and return the cell."""
    cell = page.locator(".jp-CodeCell").first
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(code)
    page.keyboard.press("Control+Enter")
    return cell


def test_live_tables_keep_scroll_focus_and_selection(page: Page, lab_in: str) -> None:
    page.set_viewport_size({"width": 1366, "height": 1600})
    labpage.open_notebook(page, lab_in)
    labpage.wait_for_kernel(page)
    shown = run(page, SETUP).locator(".mct-form")
    expect(shown.nth(1)).to_contain_text("Now: Start", timeout=labpage.TIMEOUT_MS)
    expect(shown.first).to_contain_text("http://127.0.0.1")
    assert axe_violations(page, ".mct-form") == []

    rows = run(page, PLAY).locator(".mct-monitor tbody").nth(1).locator("tr")
    expect(rows).to_have_count(200, timeout=labpage.TIMEOUT_MS)
    expect(shown.nth(1).get_by_role("status")).to_contain_text("Now: Press Pause.")
    number = int(rows.first.locator("td").first.inner_text())
    before: Any = page.evaluate(SELECT_A_ROW)
    assert before["text"] == "ping"
    page.wait_for_function(
        f"Number(document.querySelectorAll('.mct-monitor tbody')[1].rows[0].cells[0].textContent) > {number + 10}"
    )
    assert page.evaluate("window.readerState()") == before

    assert page.locator(".mct-monitor [aria-live]").count() == 0, "a screen reader would read each event aloud"
    assert axe_violations(page, ".mct-form") == []
    page.set_viewport_size({"width": 360, "height": 1600})
    page.wait_for_timeout(500)
    assert page.evaluate(OVERFLOWING) == []
    assert axe_violations(page, ".mct-form") == []
