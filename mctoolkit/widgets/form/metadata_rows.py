"""The rows of customMetadata: name, value and Remove button, and a last row that adds a new name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import ipywidgets

from mctoolkit._core import json_io
from mctoolkit._core.html import Markup, escape
from mctoolkit._core.messages import gettext as _
from mctoolkit.models.problem import Problem
from mctoolkit.widgets.common.browser import slug
from mctoolkit.widgets.common.problem_list import problem_lines

__all__ = ["MetadataRows"]

_PREFIX = "customMetadata."


class MetadataRows:
    """The custom metadata of the draft.

    Parameters
    ----------
    on_set : callable
        Called with a key (``customMetadata.<name>``) and its text.
    on_clear : callable
        Called with the key of a removed row.
    values_for : callable, optional
        Called with a name; returns the values to suggest.
    """

    def __init__(
        self,
        on_set: Callable[[str, str], None],
        on_clear: Callable[[str], None],
        values_for: Callable[[str], Sequence[str]] = lambda name: (),
    ) -> None:
        self._on_set = on_set
        self._on_clear = on_clear
        self._values_for = values_for
        self._is_updating = False
        self._inputs: dict[str, ipywidgets.Text] = {}
        self._helps: dict[str, ipywidgets.HTML] = {}
        self._row_widgets: dict[str, ipywidgets.Widget] = {}
        self._rows = ipywidgets.VBox([])
        self.new_name = ipywidgets.Text(description=_("Name"), layout={"width": "auto"})
        self.new_value = ipywidgets.Text(description=_("Value"), layout={"width": "auto"})
        self.add = ipywidgets.Button(description=_("Add"), layout={"width": "auto"})
        self.add.on_click(self._on_add_click)
        for text in (self.new_name, self.new_value):
            text.add_class("mct-input")
        line = ipywidgets.Box([self.new_name, self.new_value, self.add])
        line.add_class("mct-metadata-row")
        help_line = ipywidgets.HTML(
            str(
                Markup("<div>{}</div>").format(
                    _("A name contains only letters, digits, _ and . Values are always text.")
                )
            )
        )
        help_line.add_class("mct-help")
        self.widget = ipywidgets.VBox([self._rows, line, help_line])
        self.widget.add_class("mct-field")

    def show(self, metadata: Mapping[str, Any], problems: Callable[[str], Sequence[Problem]]) -> None:
        """Show these names and values, with the problems of each."""
        metadata = {str(name): value for name, value in metadata.items()}
        if list(metadata) != list(self._row_widgets):
            self._make_rows(metadata)
        self._is_updating = True
        try:
            for name, value in metadata.items():
                text = value if isinstance(value, str) else json_io.to_text(value)
                if self._inputs[name].value != text:
                    self._inputs[name].value = text
        finally:
            self._is_updating = False
        for name in metadata:
            self._helps[name].value = str(problem_lines(problems(name)))

    def _make_rows(self, metadata: Mapping[str, Any]) -> None:
        kept = {name: row for name, row in self._row_widgets.items() if name in metadata}
        for name in self._row_widgets.keys() - kept.keys():
            del self._inputs[name], self._helps[name]
        self._row_widgets = {name: kept.get(name) or self._make_row(name) for name in metadata}
        self._rows.children = tuple(self._row_widgets.values())

    def _make_row(self, name: str) -> ipywidgets.Widget:
        suggestions = self._values_for(name)
        make = partial(ipywidgets.Combobox, options=tuple(suggestions)) if suggestions else ipywidgets.Text
        value = make(
            description=str(Markup("<code>{}</code>").format(escape(name))),
            description_allow_html=True,
            continuous_update=True,
            layout={"width": "auto"},
        )
        value.add_class("mct-input")
        value.observe(self._on_input_in(name), names="value")
        remove = ipywidgets.Button(description=_("Remove"), layout={"width": "auto"})
        remove.on_click(self._on_remove_click(name))
        line = ipywidgets.Box([value, remove])
        line.add_class("mct-metadata-row")
        help_line = ipywidgets.HTML()
        help_line.add_class("mct-help")
        row = ipywidgets.VBox([line, help_line])
        row.add_class("mct-field")
        row.add_class(f"mct-at-{slug(('customMetadata', name))}")
        self._inputs[name], self._helps[name] = value, help_line
        return row

    def _on_input_in(self, name: str) -> Callable[[dict[str, Any]], None]:
        def on_input(change: dict[str, Any]) -> None:
            if not self._is_updating:
                self._on_set(_PREFIX + name, change["new"])

        return on_input

    def _on_remove_click(self, name: str) -> Callable[[object], None]:
        return lambda _: self._on_clear(_PREFIX + name)

    def _on_add_click(self, _: object) -> None:
        name, value = self.new_name.value, self.new_value.value
        if name and name not in self._inputs:  # an existing name is changed in its own row
            self._on_set(_PREFIX + name, value)
            self.new_name.value = self.new_value.value = ""
