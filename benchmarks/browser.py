"""The form in JupyterLab in Chromium, compared with minimal ipywidgets.

- Key press: the time until the frame in which the request shows the typed text, and the field its error. The peer is a
  Text whose value is shown in an HTML widget. Both are open in their own page with their own kernel, and take turns.
  They are created in one cell and shown in a second one: after a cell that ran for a second or more, JupyterLab lays
  out its toolbar again with each change of the kernel status, which costs 6 ms per key press in both.
- Page load: the time from the address to the widgets on the screen, with a new kernel each time. The peer has twenty
  Texts.
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from pathlib import Path

import nbformat
from playwright.sync_api import Browser, ElementHandle, Locator, Page, expect

from benchmarks import Goal, Row
from tools import labpage

PRESSES = 200
LOADS = 8
GOAL = Goal(1.2)
JUPYTERLAB_FORGETS_MS = 2000
"""Wait this long so that JupyterLab does not treat two cells as run together."""

WORD, NOT_A_NUMBER = "abcdefghij", "twelvedays"

_Figure = Callable[[Sequence[float]], float]
KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
FORM = """\
from mctoolkit import Sandbox, SessionForm
sandbox = Sandbox()
shown = SessionForm(sandbox)
"""
ECHO = """\
import html, ipywidgets
text, echo = ipywidgets.Text(), ipywidgets.HTML()
text.observe(lambda change: setattr(echo, "value", f"<pre>{html.escape(change['new'])}</pre>"), names="value")
shown = ipywidgets.VBox([text, echo])
"""
TWENTY = """\
import ipywidgets
shown = ipywidgets.VBox([ipywidgets.Text(value="demo", description=f"Field {number}") for number in range(20)])
"""

NOTEBOOKS = {
    "form": [FORM, "shown"],
    "echo": [ECHO, "shown"],
    "form at once": [FORM + "shown"],
    "twenty at once": [TWENTY + "shown"],
}

WATCH = """([input, ...shown]) => {
  const bench = (window.bench = { wanted: null, took: null });
  let pressed = 0;
  input.addEventListener("keydown", () => (pressed = performance.now()), { capture: true });
  const look = () => {
    if (bench.wanted === null || !shown.every((each) => each.textContent.includes(bench.wanted))) return;
    bench.wanted = null;
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => (bench.took = performance.now() - pressed);
      channel.port2.postMessage(null);
    });
  };
  const changes = { subtree: true, childList: true, characterData: true };
  for (const each of shown) new MutationObserver(look).observe(each, changes);
}"""


def rows() -> Iterator[Row]:
    """Yield the rows."""
    found = labpage.find_browser()
    if found is None:
        print("\nNo Chromium found: skipped.", file=sys.stderr)
        return
    with (
        tempfile.TemporaryDirectory() as folder,
        labpage.chromium(found) as browser,
        labpage.lab(Path(folder)) as address,
    ):
        for name, cells in NOTEBOOKS.items():
            made = [nbformat.v4.new_code_cell(code) for code in cells]  # type: ignore[no-untyped-call]
            notebook = nbformat.v4.new_notebook(cells=made, metadata=KERNEL)  # type: ignore[no-untyped-call]
            nbformat.write(notebook, Path(folder) / "notebooks" / f"{name}.ipynb")  # type: ignore[no-untyped-call]
        place = _places(address)
        yield from _keys(browser, place)
        yield from _loads(browser, place)


def _places(address: str) -> Callable[[str], str]:
    """Return a function from the name of a notebook to its address in a new workspace, which restores no other tabs."""
    base, _, token = address.partition("/lab/tree/")
    number = count()
    return lambda name: f"{base}/lab/workspaces/bench{next(number)}/tree/{name}.ipynb?{token.partition('?')[2]}"


def _keys(browser: Browser, place: Callable[[str], str]) -> Iterator[Row]:
    ours, peer = _page(browser), _page(browser)
    form = _open(ours, place("form"), ".mct-form")
    echo = _open(peer, place("echo"), ".widget-text")
    echo_input = echo.locator("input").element_handle()
    echo_shown = peer.locator(".widget-html-content").first.element_handle()
    for what, label, word, places in (
        ("Content ID", "Content ID", WORD, [".mct-preview"]),
        ("Length, not a number", "Length", NOT_A_NUMBER, [".mct-preview", ".mct-at-params-media_length .mct-help"]),
    ):
        form_input = form.get_by_label(label, exact=False).first.element_handle()
        form_shown = [form.locator(each).first.element_handle() for each in places]
        sides = [(ours, form_input), (peer, echo_input)]
        ours.evaluate(WATCH, [form_input, *form_shown])
        peer.evaluate(WATCH, [echo_input, echo_shown])
        times: list[list[float]] = [[], []]
        for press in range(PRESSES + len(word)):
            for side in (0, 1) if press % 2 else (1, 0):
                took = _press(*sides[side], word, press)
                if press >= len(word):  # the first word is a warm-up
                    times[side].append(took)
        yield _row(f"key press in {what}, median", "Text that echoes, median", statistics.median, *times)
        yield _row(f"key press in {what}, 95th percentile", "Text that echoes, 95th", _p95, *times)
    for page in (ours, peer):
        page.context.close()


def _press(page: Page, input_: ElementHandle, word: str, press: int) -> float:
    """Type the next letter of a word, and return the milliseconds it took; start again with an empty input after it."""
    letter = press % len(word)
    page.bring_to_front()
    if letter == 0:
        input_.fill("")
        page.wait_for_timeout(300)
    input_.focus()
    page.evaluate("(wanted) => Object.assign(window.bench, { wanted, took: null })", word[: letter + 1])
    page.keyboard.press(word[letter])
    page.wait_for_function("window.bench.took !== null", timeout=labpage.TIMEOUT_MS)
    return float(page.evaluate("window.bench.took"))


def _loads(browser: Browser, place: Callable[[str], str]) -> Iterator[Row]:
    times: list[list[float]] = [[], []]
    sides = (("form at once", ".mct-form"), ("twenty at once", ".widget-text input"))
    for load in range(LOADS + 1):
        for side in (0, 1) if load % 2 else (1, 0):
            name, wanted = sides[side]
            page = _page(browser)
            start = time.perf_counter()
            _open(page, place(name), wanted)
            if load:
                times[side].append((time.perf_counter() - start) * 1e3)
            _end_kernels(page)
            page.context.close()
    yield _row("page load to form on the screen", "twenty Texts", statistics.median, *times)


def _page(browser: Browser) -> Page:
    return browser.new_context(viewport={"width": 1366, "height": 768}, locale="en-US").new_page()


def _open(page: Page, address: str, wanted: str) -> Locator:
    """Open a notebook, run its cells in order, and return the wanted element."""
    page.goto(address)
    labpage.wait_for_kernel(page)
    cells = page.locator(".jp-CodeCell")
    cells.locator(".cm-content").first.click()
    for number in range(cells.count()):
        if number:
            page.wait_for_timeout(JUPYTERLAB_FORGETS_MS)
        page.keyboard.press("Shift+Enter")
        expect(cells.nth(number)).to_contain_text(f"[{number + 1}]:", timeout=labpage.TIMEOUT_MS)
    shown = page.locator(wanted).first
    shown.wait_for(timeout=labpage.TIMEOUT_MS)
    return shown


def _end_kernels(page: Page) -> None:
    page.evaluate(
        """async () => {
          const xsrf = document.cookie.match(/_xsrf=([^;]*)/)?.[1];
          for (const session of await (await fetch("/api/sessions")).json())
            await fetch(`/api/sessions/${session.id}`, { method: "DELETE", headers: { "X-XSRFToken": xsrf } });
        }"""
    )


def _p95(times: Sequence[float]) -> float:
    return statistics.quantiles(times, n=20, method="inclusive")[-1]


def _row(what: str, peer_name: str, figure: _Figure, ours: Sequence[float], peer: Sequence[float]) -> Row:
    """Compare a statistic of two series of milliseconds; the quartiles come from resampled series."""
    chance = random.Random(2026)  # noqa: S311  not for secrets
    ratios = [figure(chance.choices(ours, k=len(ours))) / figure(chance.choices(peer, k=len(peer))) for _ in range(999)]
    low, _, high = statistics.quantiles(ratios, n=4)
    return Row(what, peer_name, figure(ours) * 1e3, figure(peer) * 1e3, figure(ours) / figure(peer), low, high, GOAL)
