"""One field of a form: label above, input, and below it the help, which a problem replaces."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import ipywidgets

from mctoolkit import texts, typed
from mctoolkit.facts.catalog import Parameter
from mctoolkit.markup import Markup, escape, join
from mctoolkit.problems import Fix, Problem

__all__ = ["Field", "fix_button"]


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
    on_fix : callable
        Called with the fix whose button was pressed.
    """

    def __init__(
        self,
        parameter: Parameter,
        required: bool,
        on_typed: Callable[[str, str], None],
        on_fix: Callable[[Fix], None],
    ) -> None:
        self.parameter = parameter
        self.required = required
        self._on_typed = on_typed
        self._on_fix = on_fix
        self._showing = False
        self.input = self._make_input()
        self.input.add_class("mct-input")
        self.input.observe(self._typed, names="value")
        self.help = ipywidgets.HTML()
        self.help.add_class("mct-help")
        self.widget = ipywidgets.VBox([self.input, self.help])
        self.widget.add_class("mct-field")

    def show(self, text: str, problems: Sequence[Problem], reading: typed.NumberRead | None) -> None:
        """Show a text, and what is wrong with it; only what changed is sent to the browser."""
        self._showing = True
        try:
            self._set_text(text)
        finally:
            self._showing = False
        self.help.value = str(self._help_line(problems, reading))
        mark = self.widget.add_class if any(p.level == "error" for p in problems) else self.widget.remove_class
        mark("mct-wrong")
        fixes = tuple(problem.fix for problem in problems if problem.fix is not None)
        if fixes != tuple(getattr(child, "mct_fix", None) for child in self.widget.children[2:]):
            buttons = [fix_button(fix, self._on_fix) for fix in fixes]
            self.widget.children = (self.input, self.help, *buttons)

    def _set_text(self, text: str) -> None:
        if isinstance(self.input, ipywidgets.Dropdown):
            known = [value for _, value in self.input.options]
            if text not in known:
                self.input.options = (*self.input.options, (text, text))
        if self.input.value != text:
            self.input.value = text

    def _typed(self, change: dict[str, Any]) -> None:
        if not self._showing:
            self._on_typed(self.parameter.key, change["new"])

    def _make_input(self) -> ipywidgets.DOMWidget:
        unset = texts.say("form.unset")
        common = {
            "description": str(self._label()),
            "description_allow_html": True,
            "layout": {"width": "auto"},
        }
        if self.parameter.type == "boolean":
            options = [(unset, ""), ("true", "true"), ("false", "false")]
            return ipywidgets.Dropdown(options=options, value="", **common)
        if self.parameter.values:
            return ipywidgets.Combobox(
                options=self.parameter.values,
                ensure_option=False,
                placeholder=unset,
                continuous_update=True,
                **common,
            )
        return ipywidgets.Text(placeholder=unset, continuous_update=True, **common)

    def _label(self) -> Markup:
        mark = texts.say("form.required" if self.required else "form.optional")
        unit = Markup(" <em>{}</em>").format(texts.say("form.unit", unit=self.parameter.unit))
        return Markup('<b>{}</b>{} <code>{}</code> <em class="mct-mark">{}</em>').format(
            self.parameter.label, unit if self.parameter.unit else "", self.parameter.key, mark
        )

    def _help_line(self, problems: Sequence[Problem], reading: typed.NumberRead | None) -> Markup:
        if problems:
            return join(
                Markup('<div class="{}"><b>{}:</b> {}</div>').format(
                    "mct-bad" if problem.level == "error" else "mct-tip",
                    texts.say(f"verdict.{problem.level}"),
                    problem.words,
                )
                for problem in problems
            )
        if reading is not None:
            return Markup('<div class="mct-tip">{}</div>').format(reading_line(reading))
        return Markup("<div>{}</div>").format(escape(self.parameter.help))


def reading_line(reading: typed.NumberRead) -> str:
    """Say how a typed number was read."""
    if reading.other is not None:
        return texts.say("form.read_two_ways", value=reading.value, other=reading.other)
    return texts.say("form.read_as", value=reading.value)


def fix_button(fix: Fix, on_fix: Callable[[Fix], None]) -> ipywidgets.Button:
    """Make the button that applies a fix."""
    button = ipywidgets.Button(description=fix.label, layout={"width": "auto"})
    button.add_class("mct-fix")
    button.mct_fix = fix
    button.on_click(lambda _: on_fix(fix))
    return button
