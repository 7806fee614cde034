"""A part of the page that changes while somebody reads it."""

from __future__ import annotations

from pathlib import Path

import anywidget
import traitlets

__all__ = ["LiveRegion"]


class LiveRegion(anywidget.AnyWidget):
    """HTML that is brought up to date in place: scroll position, focus and selected text stay where they can.

    ``ipywidgets.HTML`` draws everything anew. Rows of a table are told apart by their first cell.

    Examples
    --------
    >>> live = LiveRegion()
    >>> live.value = "<p>38 events</p>"
    """

    _esm = Path(__file__).with_name("live_region.js")

    value = traitlets.Unicode("").tag(sync=True)

    def __init__(self) -> None:
        super().__init__()
        self.add_class("mct-live")
