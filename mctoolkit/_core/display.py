"""Show an object of a lower package as HTML or as a DataFrame.

The packages below ``reporting`` import neither HTML templates nor pandas. ``reporting.display`` registers a renderer
for each of their types and is imported on first use, so that importing mctoolkit does not import pandas.
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
    """Return an object as HTML with escaped values.

    Raises
    ------
    TypeError
        The type has no renderer.
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


def to_table(thing: object, *view: str) -> pd.DataFrame:
    """Return an object as a DataFrame; for an object with several tables, ``view`` names one.

    Raises
    ------
    TypeError
        The type has no renderer.
    """
    table: pd.DataFrame = import_module(_RENDERERS).to_table(thing, *view)
    return table
