"""A drop-down list that runs an action, such as loading an example."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import ipywidgets

__all__ = ["Dropdown"]


class Dropdown:
    """A drop-down list that calls a function with the chosen entry and then resets itself.

    Parameters
    ----------
    label : str
        Label beside the list.
    placeholder : str
        Text shown when nothing is chosen.
    entries : mapping
        Label of each entry by its name.
    on_choose : callable
        Called with the name of the chosen entry.
    """

    def __init__(
        self, label: str, placeholder: str, entries: Mapping[str, str], on_choose: Callable[[str], None]
    ) -> None:
        self._on_choose = on_choose
        options = [(placeholder, ""), *((text, name) for name, text in entries.items())]
        self.widget = ipywidgets.Dropdown(options=options, value="", description=label, layout={"width": "auto"})
        self.widget.add_class("mct-inline")
        self.widget.observe(self._on_change, names="value")

    def _on_change(self, change: dict[str, Any]) -> None:
        name = change["new"]
        if name:
            self.widget.value = ""
            self._on_choose(name)
