"""No HTML output is cut off or makes the page scroll sideways, on a phone or a desktop, in a narrow or a wide font.

The fonts come with the test, so the result does not depend on those of the machine.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Page

from mctoolkit import ManualClock, Sandbox, SessionForm, audit, compare, explain, validate
from mctoolkit.reporting import charts
from mctoolkit.reporting.formats import to_html_report
from tests.browser import fonts
from tests.models.session.viewing import TIMELINE_1, calls, session

LONG: Final = "0123456789abcdef" * 8
FAULTY: Final = f"0 0 sessionStart media.id={LONG} media.name={LONG}\n0 0 play\n5 5 adStart\n8 5 adComplete\n11 7 error"
BODY: Final = {"eventType": "sessionStart", "params": {f"media.{LONG}": LONG, "media.length": "60"}}
NOW_MS: Final = 1_509_045_324_000


def _to_page(*things: Any) -> str:
    body = "".join(thing._repr_html_() for thing in things)
    return f'<!DOCTYPE html><html lang="en"><body style="margin: 8px">{body}</body></html>'


def _report() -> str:
    requests = calls(TIMELINE_1) + calls(FAULTY, key=LONG, first=50)
    return to_html_report(audit(requests), requests)


def _exchange_and_form() -> str:
    form = SessionForm(Sandbox(clock=ManualClock(NOW_MS)), clock=ManualClock(NOW_MS))
    form.set("media.id", LONG)
    exchange = form.send()
    form.set("media.length", "60")
    return _to_page(exchange) + form.static_html()


OUTPUTS: Final[dict[str, Callable[[], str]]] = {
    "report": _report,
    "audit": lambda: _to_page(audit(calls(FAULTY, key=LONG))),
    "verdict": lambda: _to_page(validate(BODY)),
    "comparison": lambda: _to_page(compare(BODY, {"params": {"media.id": LONG}})),
    "explanation": lambda: _to_page(explain(BODY)),
    "timelines": lambda: _to_page(
        charts.timeline(session(FAULTY, key=LONG)), charts.timeline(session(TIMELINE_1), session(FAULTY, key=LONG))
    ),
    "exchange and static form": _exchange_and_form,
}
WIDTHS: Final = (360, 1000)

# A table may scroll inside its own box, and a single line may end in an ellipsis.
FIND_OVERFLOWING: Final = """() => [document.documentElement, ...document.body.querySelectorAll("*")]
  .filter((each) => each.clientWidth && each.scrollWidth > each.clientWidth + 1)
  .filter((each) => !each.matches("input, select, .mct-announcer, .mct-scroll") && !each.closest(".mct-table, svg"))
  .map((each) => `${each.tagName}.${each.className}: ${each.scrollWidth} in ${each.clientWidth}`)"""

_html = functools.cache(lambda name: OUTPUTS[name]())


@pytest.fixture(scope="module")
def unrestricted_page(browser: Browser) -> Iterator[Page]:
    """Open one page for all tests; the content security policy of the report would block the fonts."""
    context = browser.new_context(bypass_csp=True)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("family", fonts.FAMILIES)
@pytest.mark.parametrize("name", OUTPUTS)
def test_output_fits_phone_and_desktop(unrestricted_page: Page, name: str, family: str) -> None:
    page = unrestricted_page
    page.set_content(_html(name))
    page.add_style_tag(content=fonts.style(family))
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    page.evaluate("document.fonts.ready.then(() => null)")
    assert page.evaluate("name => document.fonts.check(`16px ${name}`)", f"test-{family}")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate(FIND_OVERFLOWING) == [], f"{width} px"
        assert page.evaluate("document.documentElement.scrollWidth") <= width
