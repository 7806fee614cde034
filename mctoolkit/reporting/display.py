"""How the objects of the packages below are shown as HTML and as tables; see ``_core.display``."""

from __future__ import annotations

from functools import singledispatch

import pandas as pd

from mctoolkit.auditing.monitor import Monitor
from mctoolkit.reporting import tables

__all__ = ["to_html", "to_table"]


@singledispatch
def to_html(thing: object) -> str:
    """Return an object as HTML."""
    raise TypeError(f"{type(thing).__name__} has no HTML view")


@singledispatch
def to_table(thing: object) -> pd.DataFrame:
    """Return an object as a DataFrame."""
    raise TypeError(f"{type(thing).__name__} has no table")


@to_table.register
def _monitor_table(monitor: Monitor) -> pd.DataFrame:
    return tables.seen(monitor.events)
