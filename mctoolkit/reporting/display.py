"""How the objects of the lower packages are shown as HTML and as tables; see ``_core.display``."""

from __future__ import annotations

from functools import singledispatch
from typing import TYPE_CHECKING

from mctoolkit._core.html import Markup, style
from mctoolkit.auditing.api import Audit
from mctoolkit.auditing.monitor import Monitor
from mctoolkit.models.event import Event
from mctoolkit.models.exchange import Exchange
from mctoolkit.models.finding import Finding
from mctoolkit.models.problem import Verdict
from mctoolkit.reporting.html.audit import audit_html
from mctoolkit.reporting.html.event import event_html
from mctoolkit.reporting.html.exchange import exchange_html
from mctoolkit.reporting.html.finding import finding_html
from mctoolkit.reporting.html.verdict import verdict_html

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["to_fragment", "to_html", "to_table"]


@singledispatch
def to_fragment(thing: object) -> Markup:
    """Return an object as HTML without the style sheet."""
    raise TypeError(f"{type(thing).__name__} has no HTML view")


to_fragment.register(Audit, audit_html)
to_fragment.register(Event, event_html)
to_fragment.register(Exchange, exchange_html)
to_fragment.register(Finding, finding_html)
to_fragment.register(Verdict, verdict_html)


def to_html(thing: object) -> str:
    """Return an object as HTML: the style sheet, then its fragment."""
    return str(Markup('{}<div class="mct">{}</div>').format(style(), to_fragment(thing)))


@singledispatch
def to_table(thing: object, view: str = "") -> pd.DataFrame:
    """Return an object as a DataFrame; for an object with several tables, ``view`` names one."""
    raise TypeError(f"{type(thing).__name__} has no table")


@to_table.register(Monitor)
def _monitor_table(monitor: Monitor) -> pd.DataFrame:
    from mctoolkit.reporting import tables  # here, because the HTML views do not need pandas

    return tables.observed_events(monitor.events)


@to_table.register(Audit)
def _audit_table(audit: Audit, view: str = "findings") -> pd.DataFrame:
    from mctoolkit.reporting import audit_tables

    if view == "sessions":
        return audit_tables.session_table(audit)
    return audit_tables.capture_table(audit) if view == "captures" else audit_tables.finding_table(audit)
