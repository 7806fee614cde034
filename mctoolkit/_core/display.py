"""Show an object of a lower package as HTML or as a table.

The packages below ``reporting`` hold neither HTML nor pandas. ``reporting.display`` registers how each of their types
is shown; it is loaded on first use, so that neither an import nor an audit waits for pandas.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from mctoolkit._core.html import Markup

__all__ = ["to_fragment", "to_html", "to_table"]

_RENDERERS = "mctoolkit.reporting.display"


def to_html(thing: object) -> str:
    """Return an object as HTML, every value in it escaped.

    Raises
    ------
    TypeError
        Nothing is registered for the type.
    """
    html: str = import_module(_RENDERERS).to_html(thing)
    return html


def to_fragment(thing: object) -> Markup:
    """Return an object as HTML without the style sheet, as a part of a larger view.

    Raises
    ------
    TypeError
        Nothing is registered for the type.
    """
    fragment: Markup = import_module(_RENDERERS).to_fragment(thing)
    return fragment


def to_table(thing: object) -> pd.DataFrame:
    """Return an object as a DataFrame.

    Raises
    ------
    TypeError
        Nothing is registered for the type.
    """
    table: pd.DataFrame = import_module(_RENDERERS).to_table(thing)
    return table
