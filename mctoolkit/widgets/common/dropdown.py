"""Lists that do something once one of their entries is chosen: examples to begin from, mistakes to try."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import ipywidgets

__all__ = ["Dropdown"]


class Dropdown:
    """A drop-down list that acts on the entry that is chosen, and then says again what it is for.

    Parameters
    ----------
    label : str
        What the list is for.
    rest : str
        What it shows when nothing is chosen.
    entries : mapping
        Name of each entry to what it is called.
    on_chosen : callable
        Called with the name that was chosen.
    """

    def __init__(self, label: str, rest: str, entries: Mapping[str, str], on_chosen: Callable[[str], None]) -> None:
        self._on_chosen = on_chosen
        options = [(rest, ""), *((words, name) for name, words in entries.items())]
        self.widget = ipywidgets.Dropdown(options=options, value="", description=label, layout={"width": "auto"})
        self.widget.add_class("mct-inline")
        self.widget.observe(self._chosen, names="value")

    def _chosen(self, change: dict[str, Any]) -> None:
        name = change["new"]
        if name:
            self.widget.value = ""
            self._on_chosen(name)
