"""HTML that is updated in place while a user reads it."""

from __future__ import annotations

from pathlib import Path

import anywidget
import traitlets

__all__ = ["LiveRegion"]


class LiveRegion(anywidget.AnyWidget):
    """HTML that is updated in place and keeps scroll position, focus and selection where possible.

    ``ipywidgets.HTML`` redraws everything. Table rows are matched by the text of their first cell.

    Examples
    --------
    >>> region = LiveRegion()
    >>> region.value = "<p>38 events</p>"
    """

    _esm = Path(__file__).with_name("live_region.js")

    value = traitlets.Unicode("").tag(sync=True)

    def __init__(self) -> None:
        super().__init__()
        self.add_class("mct-live")
