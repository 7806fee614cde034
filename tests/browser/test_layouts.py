"""At 360 px nothing that we show as HTML is cut or makes the page scroll sideways, in a narrow and in a wide font.

The fonts come with the test: what the machine has installed does not matter.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Final

import pytest
from playwright.sync_api import Browser

from mctoolkit import ManualClock, Sandbox, SessionForm, audit, compare, explain, validate
from mctoolkit.reporting import charts
from mctoolkit.reporting.formats import to_html_report
from tests.browser import fonts
from tests.models.session.viewing import TIMELINE_1, calls, session

LONG: Final = "0123456789abcdef" * 8
FAULTY: Final = f"0 0 sessionStart media.id={LONG} media.name={LONG}\n0 0 play\n5 5 adStart\n8 5 adComplete\n11 7 error"
BODY: Final = {"eventType": "sessionStart", "params": {f"media.{LONG}": LONG, "media.length": "60"}}
NOW_MS: Final = 1_509_045_324_000


def _page_of(*shown: Any) -> str:
    body = "".join(each._repr_html_() for each in shown)
    return f'<!DOCTYPE html><html lang="en"><body style="margin: 8px">{body}</body></html>'


@functools.cache
def _report() -> str:
    every = calls(TIMELINE_1) + calls(FAULTY, key=LONG, first=50)
    return to_html_report(audit(every), every)


def _sent() -> str:
    form = SessionForm(Sandbox(clock=ManualClock(NOW_MS)), clock=ManualClock(NOW_MS))
    form.set("media.id", LONG)
    exchange = form.send()
    form.set("media.length", "60")
    return _page_of(exchange) + form.static_html()


SHOWN: Final[dict[str, Callable[[], str]]] = {
    "report": _report,
    "audit": lambda: _page_of(audit(calls(FAULTY, key=LONG))),
    "verdict": lambda: _page_of(validate(BODY)),
    "comparison": lambda: _page_of(compare(BODY, {"params": {"media.id": LONG}})),
    "explanation": lambda: _page_of(explain(BODY)),
    "timelines": lambda: _page_of(
        charts.timeline(session(FAULTY, key=LONG)), charts.timeline(session(TIMELINE_1), session(FAULTY, key=LONG))
    ),
    "exchange and static form": _sent,
}

# A table may scroll in its own box; what is cut with an ellipsis by intent is one line.
TOO_WIDE: Final = """() => [document.documentElement, ...document.body.querySelectorAll("*")]
  .filter((each) => each.clientWidth && each.scrollWidth > each.clientWidth + 1)
  .filter((each) => !each.matches("input, select, .mct-announcer, .mct-scroll") && !each.closest(".mct-table, svg"))
  .map((each) => `${each.tagName}.${each.className}: ${each.scrollWidth} in ${each.clientWidth}`)"""


@pytest.mark.parametrize("family", fonts.FAMILIES)
@pytest.mark.parametrize("name", SHOWN)
def test_nothing_is_wider_than_a_phone(browser: Browser, name: str, family: str) -> None:
    # the policy of the report would stop the font
    context = browser.new_context(viewport={"width": 360, "height": 800}, bypass_csp=True)
    page = context.new_page()
    page.set_content(SHOWN[name]())
    page.add_style_tag(content=fonts.style(family))
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    page.evaluate("document.fonts.ready.then(() => null)")
    assert page.evaluate("name => document.fonts.check(`16px ${name}`)", f"test-{family}")
    assert page.evaluate(TOO_WIDE) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    context.close()
