"""One field of a form: label above, input, and below it the help, which a problem replaces."""

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

__all__ = ["SECTIONS", "Field", "PlanConstraint", "section_head"]

SECTIONS = (
    "programme", "player", "destination", "moment", "description", "viewer", "session", "quality", "privacy",
)  # fmt: skip
"""The sections of the form from top to bottom."""


@dataclass(frozen=True)
class PlanConstraint:
    """What house rules say of a field: in words, the values that they allow, and whether they ask for it at all."""

    message: str
    values: tuple[str, ...]
    asked: bool


class Field:
    """The widgets of one key.

    Parameters
    ----------
    parameter : Parameter
        The key, from the facts.
    required : bool
        Whether the event type must carry it; said in words behind the label.
    on_typed : callable
        Called with the key and the text at every key press.
    beside : sequence of Widget
        What stands behind the input, such as a button that fills it.
    house : PlanConstraint, optional
        What house rules say of it.
    """

    def __init__(
        self,
        parameter: Parameter,
        required: bool,
        on_typed: Callable[[str, str], None],
        beside: Sequence[ipywidgets.Widget] = (),
        house: PlanConstraint | None = None,
    ) -> None:
        self.parameter = parameter
        self.place = slug(parameter.place)
        self._house = house
        self._on_typed = on_typed
        self._showing = False
        self._told: tuple[tuple[Problem, ...], str | None] = ((), None)
        self._told_html = ""
        self.input = self._make_input(required)
        self.input.add_class("mct-input")
        self.input.observe(self._typed, names="value")
        own = f"{parameter.help} {house.message if house else ''}".strip()
        self.help = ipywidgets.HTML(str(Markup("<div>{}</div>").format(own)))
        self.help.add_class("mct-help")
        self.widget = ipywidgets.VBox([self.input, *beside, self.help])
        for name in ("mct-field", f"mct-at-{self.place}", *(["mct-must"] if required else [])):
            self.widget.add_class(name)

    def show(self, text: str) -> None:
        """Show a text; nothing is sent where it stands already."""
        self._showing = True
        try:
            self._set_text(text)
        finally:
            self._showing = False

    def told(self, problems: Sequence[Problem], note: str | None) -> str:
        """Return HTML for what is wrong here or what there is to note: it stands in the place of the help."""
        if self._told != (told := (tuple(problems), note)):
            self._told = told
            plain = Markup("") if note is None else Markup("<div>{}</div>").format(note)
            self._told_html = str(problem_lines(problems, self._words) if problems else plain)
        return self._told_html

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

    def _typed(self, change: dict[str, Any]) -> None:
        if not self._showing:
            self._on_typed(self.parameter.key, change["new"])

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
        values = (self._house.values if self._house else ()) or self.parameter.values
        if values:
            return ipywidgets.Combobox(
                options=values, ensure_option=False, placeholder=unset, continuous_update=True, **common
            )
        return ipywidgets.Text(placeholder=unset, continuous_update=True, **common)

    def _label(self, required: bool) -> Markup:
        asked = self._house is not None and self._house.asked
        mark = _("Required") if required else _("House rule") if asked else _("Optional")
        unit = _("in {unit}").format(unit=self.parameter.unit) if self.parameter.unit else ""
        return Markup('<b>{}</b> <em>{}</em> <code>{}</code> <em class="mct-mark">{}</em>').format(
            self.parameter.label, unit, self.parameter.key, mark
        )

    def _words(self, problem: Problem) -> str:
        """Say what is wrong; of a missing key not what it is called and where it stands, for it stands here."""
        if problem.rule == "missing" and problem.place == self.parameter.place:
            return _("Missing: the API refuses a start without it. {help}").format(help=self.parameter.help)
        return problem.message


def section_head(words: str) -> ipywidgets.HTML:
    """Make the head of a section of fields."""
    return ipywidgets.HTML(str(Markup('<h3 class="mct-section">{}</h3>').format(words)))
