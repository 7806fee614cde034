"""A field of the form: a label, an input, and a help line that a problem replaces."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import ipywidgets

from mctoolkit._core.html import Markup
from mctoolkit._core.messages import gettext as _
from mctoolkit.models.problem import Problem
from mctoolkit.spec.types import Parameter
from mctoolkit.widgets.common.browser import slug
from mctoolkit.widgets.common.problem_list import problem_lines

__all__ = ["SECTIONS", "Field", "PlanConstraint", "section_heading"]

SECTIONS = (
    "content", "player", "destination", "moment", "description", "viewer", "session", "quality", "privacy",
)  # fmt: skip
"""The sections of the form from top to bottom."""


@dataclass(frozen=True)
class PlanConstraint:
    """What a tracking plan says about a field: as text, its allowed values, and whether it is required."""

    message: str
    values: tuple[str, ...]
    required: bool


class Field:
    """The widgets of one key.

    Parameters
    ----------
    parameter : Parameter
        The key, from the specification.
    required : bool
        Whether the event type requires the key; shown behind the label.
    on_input : callable
        Called with the key and the text on each keystroke.
    extra : sequence of Widget
        Widgets below the input, such as a button that fills it.
    constraint : PlanConstraint, optional
        What the tracking plan says about the key.
    """

    def __init__(
        self,
        parameter: Parameter,
        required: bool,
        on_input: Callable[[str, str], None],
        extra: Sequence[ipywidgets.Widget] = (),
        constraint: PlanConstraint | None = None,
    ) -> None:
        self.parameter = parameter
        self.place = slug(parameter.place)
        self._constraint = constraint
        self._on_input = on_input
        self._is_updating = False
        self._shown: tuple[tuple[Problem, ...], str | None] = ((), None)
        self._shown_html = ""
        self.input = self._make_input(required)
        self.input.add_class("mct-input")
        self.input.observe(self._on_change, names="value")
        help_text = f"{parameter.help} {constraint.message if constraint else ''}".strip()
        self.help = ipywidgets.HTML(str(Markup("<div>{}</div>").format(help_text)))
        self.help.add_class("mct-help")
        self.widget = ipywidgets.VBox([self.input, *extra, self.help])
        for name in ("mct-field", f"mct-at-{self.place}", *(["mct-required"] if required else [])):
            self.widget.add_class(name)

    def show(self, text: str) -> None:
        """Show a text without calling ``on_input``."""
        self._is_updating = True
        try:
            self._set_text(text)
        finally:
            self._is_updating = False

    def message_html(self, problems: Sequence[Problem], note: str | None) -> str:
        """Return the HTML that replaces the help line: the problems, or else the note; empty for neither."""
        if self._shown != (shown := (tuple(problems), note)):
            self._shown = shown
            note_html = Markup("") if note is None else Markup("<div>{}</div>").format(note)
            self._shown_html = str(problem_lines(problems, self._format_message) if problems else note_html)
        return self._shown_html

    def set_visible(self, visible: bool) -> None:
        """Show or hide the field."""
        self.widget.layout.display = None if visible else "none"

    def _set_text(self, text: str) -> None:
        if isinstance(self.input, ipywidgets.Dropdown):
            known = [value for _unused, value in self.input.options]
            if text not in known:
                self.input.options = (*self.input.options, (text, text))
        if self.input.value != text:
            self.input.value = text

    def _on_change(self, change: dict[str, Any]) -> None:
        if not self._is_updating:
            self._on_input(self.parameter.key, change["new"])

    def _make_input(self, required: bool) -> ipywidgets.DOMWidget:
        unset = _("Not sent")
        common = {
            "description": str(self._label(required)),
            "description_allow_html": True,
            "layout": {"width": "auto"},
        }
        if self.parameter.type == "boolean":
            options = [(unset, ""), ("true", "true"), ("false", "false")]
            return ipywidgets.Dropdown(options=options, value="", **common)
        values = (self._constraint.values if self._constraint else ()) or self.parameter.values
        if values:
            return ipywidgets.Combobox(
                options=values, ensure_option=False, placeholder=unset, continuous_update=True, **common
            )
        return ipywidgets.Text(placeholder=unset, continuous_update=True, **common)

    def _label(self, required: bool) -> Markup:
        in_plan = self._constraint is not None and self._constraint.required
        mark = _("Required") if required else _("Tracking plan") if in_plan else _("Optional")
        unit = _("in {unit}").format(unit=self.parameter.unit) if self.parameter.unit else ""
        return Markup('<b>{}</b> <em>{}</em> <code>{}</code> <em class="mct-mark">{}</em>').format(
            self.parameter.label, unit, self.parameter.key, mark
        )

    def _format_message(self, problem: Problem) -> str:
        """Return the message; that of a missing key leaves out the key and its place, which the field shows."""
        if problem.rule == "missing" and problem.place == self.parameter.place:
            return _("Missing: the API requires it. {help}").format(help=self.parameter.help)
        return problem.message


def section_heading(text: str) -> ipywidgets.HTML:
    """Make the heading of a section of fields."""
    return ipywidgets.HTML(str(Markup('<h3 class="mct-section">{}</h3>').format(text)))
