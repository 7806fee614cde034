"""The rows of customMetadata: a name, its value, Remove; and one row more to add another."""

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
    """The labels of one's own.

    Parameters
    ----------
    on_set : callable
        Called with a key (``customMetadata.<name>``) and a text.
    on_clear : callable
        Called with the key of a row that was removed.
    values_of : callable, optional
        Called with a name; returns the values to offer for it.
    """

    def __init__(
        self,
        on_set: Callable[[str, str], None],
        on_clear: Callable[[str], None],
        values_of: Callable[[str], Sequence[str]] = lambda name: (),
    ) -> None:
        self._on_set = on_set
        self._on_clear = on_clear
        self._values_of = values_of
        self._showing = False
        self._values: dict[str, ipywidgets.Text] = {}
        self._helps: dict[str, ipywidgets.HTML] = {}
        self._made: dict[str, ipywidgets.Widget] = {}
        self._rows = ipywidgets.VBox([])
        self.new_name = ipywidgets.Text(description=_("Name"), layout={"width": "auto"})
        self.new_value = ipywidgets.Text(description=_("Value"), layout={"width": "auto"})
        self.add = ipywidgets.Button(description=_("Add"), layout={"width": "auto"})
        self.add.on_click(self._clicked_add)
        for text in (self.new_name, self.new_value):
            text.add_class("mct-input")
        line = ipywidgets.Box([self.new_name, self.new_value, self.add])
        line.add_class("mct-label-row")
        help_line = ipywidgets.HTML(
            str(
                Markup("<div>{}</div>").format(
                    _("Letters, digits, _ and . only in the name. The value is always text.")
                )
            )
        )
        help_line.add_class("mct-help")
        self.widget = ipywidgets.VBox([self._rows, line, help_line])
        self.widget.add_class("mct-field")

    def show(self, labels: Mapping[str, Any], problems: Callable[[str], Sequence[Problem]]) -> None:
        """Show these labels, and what is wrong with each."""
        labels = {str(name): value for name, value in labels.items()}
        if list(labels) != list(self._made):
            self._make_rows(labels)
        self._showing = True
        try:
            for name, value in labels.items():
                text = value if isinstance(value, str) else json_io.to_text(value)
                if self._values[name].value != text:
                    self._values[name].value = text
        finally:
            self._showing = False
        for name in labels:
            self._helps[name].value = str(problem_lines(problems(name)))

    def _make_rows(self, labels: Mapping[str, Any]) -> None:
        kept = {name: row for name, row in self._made.items() if name in labels}
        for name in self._made.keys() - kept.keys():
            del self._values[name], self._helps[name]
        self._made = {name: kept.get(name) or self._make_row(name) for name in labels}
        self._rows.children = tuple(self._made.values())

    def _make_row(self, name: str) -> ipywidgets.Widget:
        offered = self._values_of(name)
        kind = partial(ipywidgets.Combobox, options=tuple(offered)) if offered else ipywidgets.Text
        value = kind(
            description=str(Markup("<code>{}</code>").format(escape(name))),
            description_allow_html=True,
            continuous_update=True,
            layout={"width": "auto"},
        )
        value.add_class("mct-input")
        value.observe(self._typed_in(name), names="value")
        remove = ipywidgets.Button(description=_("Remove"), layout={"width": "auto"})
        remove.on_click(self._removed(name))
        line = ipywidgets.Box([value, remove])
        line.add_class("mct-label-row")
        help_line = ipywidgets.HTML()
        help_line.add_class("mct-help")
        row = ipywidgets.VBox([line, help_line])
        row.add_class("mct-field")
        row.add_class(f"mct-at-{slug(('customMetadata', name))}")
        self._values[name], self._helps[name] = value, help_line
        return row

    def _typed_in(self, name: str) -> Callable[[dict[str, Any]], None]:
        def typed(change: dict[str, Any]) -> None:
            if not self._showing:
                self._on_set(_PREFIX + name, change["new"])

        return typed

    def _removed(self, name: str) -> Callable[[object], None]:
        return lambda _: self._on_clear(_PREFIX + name)

    def _clicked_add(self, _: object) -> None:
        name, value = self.new_name.value, self.new_value.value
        if name and name not in self._values:  # one that is there is changed in its own row
            self._on_set(_PREFIX + name, value)
            self.new_name.value = self.new_value.value = ""
