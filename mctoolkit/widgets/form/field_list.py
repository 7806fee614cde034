"""The fields of the form: required ones first, optional ones folded and searchable, labels, and stray problems."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import ipywidgets

from mctoolkit._core import clocks
from mctoolkit._core.html import Markup
from mctoolkit._core.messages import Message
from mctoolkit._core.messages import gettext as _
from mctoolkit.models.draft import Draft
from mctoolkit.models.problem import Problem, Verdict
from mctoolkit.spec import catalog
from mctoolkit.spec.types import Parameter
from mctoolkit.widgets.common.browser import STRAYS, slug
from mctoolkit.widgets.common.problem_list import problem_lines
from mctoolkit.widgets.form.field import SECTIONS, Field, PlanConstraint, section_head
from mctoolkit.widgets.form.metadata_rows import MetadataRows
from mctoolkit.widgets.form.text_repr import reading_line, unplaced

if TYPE_CHECKING:
    from mctoolkit.validation.tracking_plan import PlanRule, TrackingPlan

__all__ = ["FieldList"]

_TS = "playerTime.ts"


_SECTIONS = {
    "programme": Message("The programme"),
    "player": Message("The player"),
    "destination": Message("Where the numbers go"),
    "moment": Message("The moment"),
    "viewer": Message("The viewer"),
    "description": Message("About the programme"),
    "session": Message("The session"),
    "privacy": Message("Privacy"),
    "quality": Message("Picture and sound quality"),
    "ad": Message("The ad"),
    "chapter": Message("The chapter"),
    "state": Message("The player state"),
    "other": Message("Other"),
    "strays": Message("Not at a field"),
}


class FieldList:
    """The left half of the form.

    Parameters
    ----------
    draft : Draft
        What is being written; this panel only reads it.
    plan : TrackingPlan, optional
        House rules: what they ask for stands among the required fields.
    on_typed : callable
        Called with a key and the text that was typed for it.
    on_label : callable
        Called with the key of a label and its value, which may be empty.
    on_clear : callable
        Called with the key of a label that was removed.
    on_now : callable
        Called when the time stamp shall be that of this moment.
    """

    def __init__(
        self,
        draft: Draft,
        plan: TrackingPlan | None = None,
        *,
        on_typed: Callable[[str, str], None],
        on_label: Callable[[str, str], None],
        on_clear: Callable[[str], None],
        on_now: Callable[[], None],
    ) -> None:
        self._draft = draft
        self._plan = plan
        self._on_typed = on_typed
        self.fields: dict[str, Field] = {}
        self.now = ipywidgets.Button(description=_("Now"), layout={"width": "auto"})
        self.now.add_class("mct-now")
        self.now.on_click(lambda _: on_now())
        self.strays = ipywidgets.HTML()
        self.strays.add_class(f"mct-at-{STRAYS}")
        self.labels = MetadataRows(on_label, on_clear, self._label_values)
        self.find = ipywidgets.Text(
            description=_("Find a field"), placeholder=_("episode, dropped frames, c. ..."), layout={"width": "auto"}
        )
        self.find.add_class("mct-input")
        self.find.observe(self._found, names="value")
        self._found_none = ipywidgets.HTML()
        self._optional = ipywidgets.VBox([])
        optional = self._parameters(required=False)
        self.more = ipywidgets.Accordion([self._optional, self.labels.widget], selected_index=None)
        self.more.set_title(0, _("More fields ({number} optional)").format(number=len(optional)))
        self.more.observe(self._unfolded, names="selected_index")
        self.widget = ipywidgets.VBox([self.strays, *self._sections(self._parameters(required=True)), self.more])
        self.widget.add_class("mct-fields")
        self._refresh: Callable[[], None] = lambda: None

    def on_unfold(self, refresh: Callable[[], None]) -> None:
        """Set what is called when fields were made that have nothing in them yet."""
        self._refresh = refresh

    def show(self, verdict: Verdict) -> None:
        """Show the draft, and what is wrong with it at no field; for the fields see :meth:`told`."""
        for key, field in self.fields.items():
            field.show(self._draft.text(key))
        self.labels.show(self._draft.labels, lambda name: verdict.at("customMetadata", name))
        self.more.set_title(1, _("Your own labels, customMetadata ({number})").format(number=len(self._draft.labels)))
        self._show_strays(unplaced(self._draft, verdict))

    def told(self, verdict: Verdict) -> dict[str, str]:
        """Return HTML for each field at which something is wrong or to be noted, by the name of its place."""
        told = {
            field.place: field.told(verdict.at(*field.parameter.place), self._note(key))
            for key, field in self.fields.items()
        }
        return {place: html for place, html in told.items() if html}

    def unfold(self, name: str) -> bool:
        """Unfold the part that holds a place (see ``bridge.slug``); tell whether there is one."""
        if any(slug(p.place) == name for p in self._parameters(required=False)):
            self.more.selected_index = 0
            self.find.value = ""
            return True
        if any(slug(("customMetadata", label)) == name for label in self._draft.labels):
            self.more.selected_index = 1
            return True
        return False

    def _parameters(self, *, required: bool) -> list[Parameter]:
        event = self._draft.event_type.name
        return [
            p
            for p in self._draft.fields
            if (p.required(event) or any(rule.required for rule in self._house_rules(p.key))) is required
        ]

    def _house_rules(self, key: str) -> tuple[PlanRule, ...]:
        return () if self._plan is None else self._plan.rules_for(key, self._draft.event_type.name)

    def _sections(self, parameters: list[Parameter]) -> list[ipywidgets.Widget]:
        made: list[ipywidgets.Widget] = []
        for section in sorted({p.section for p in parameters}, key=SECTIONS.index):
            made.append(section_head(str(_SECTIONS[section])))
            made += [self._make_field(p) for p in parameters if p.section == section]
        return made

    def _make_field(self, parameter: Parameter) -> ipywidgets.Widget:
        required = parameter.required(self._draft.event_type.name)
        beside = (self.now,) if parameter.key == _TS else ()
        field = Field(parameter, required, self._on_typed, beside, self._house(parameter.key))
        self.fields[parameter.key] = field
        return field.widget

    def _house(self, key: str) -> PlanConstraint | None:
        rules = self._house_rules(key)
        if self._plan is None or not rules:
            return None
        values = dict.fromkeys(value for rule in rules for value in rule.values)
        words = " ".join(map(self._plan.describe, rules))
        return PlanConstraint(words, tuple(values), asked=any(rule.required for rule in rules))

    def _label_values(self, name: str) -> tuple[str, ...]:
        house = self._house(f"customMetadata.{name}")
        return house.values if house else ()

    def _unfolded(self, change: dict[str, Any]) -> None:
        """Make the optional fields when they are first looked at: a form is on the screen sooner without them."""
        if change["new"] == 0 and not self._optional.children:
            made = self._sections(self._parameters(required=False))
            self._refresh()
            self._optional.children = (self.find, self._found_none, *made)

    def _found(self, change: dict[str, Any]) -> None:
        wanted = change["new"].strip()
        optional = self._parameters(required=False)
        found = {p.key for p in (catalog.search(wanted, optional) if wanted else optional)}
        for p in optional:
            if p.key in self.fields:
                self.fields[p.key].set_visible(p.key in found)
        for child in self._optional.children[2:]:
            if isinstance(child, ipywidgets.HTML):
                child.layout.display = "none" if wanted else None
        self._found_none.value = (
            ""
            if found
            else str(
                Markup('<div class="mct-quiet">{}</div>').format(
                    _("No optional field has to do with: {message}").format(message=wanted)
                )
            )
        )

    def _note(self, key: str) -> str | None:
        """Say how a typed text was read, or what date a time stamp is."""
        reading = self._draft.parsed_number(key)
        if reading is not None:
            return reading_line(reading)
        if key != _TS:
            return None
        ts = self._draft.get(key)
        return clocks.format_timestamp(ts) if isinstance(ts, int) and not isinstance(ts, bool) else None

    def _show_strays(self, problems: Sequence[Problem]) -> None:
        head = Markup('<h3 class="mct-section">{}</h3>').format(_("Not at a field"))
        lines = problem_lines(problems, lambda problem: f"{problem.where}: {problem.message}")
        self.strays.value = str(head + lines) if problems else ""
