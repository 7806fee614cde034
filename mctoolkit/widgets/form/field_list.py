"""The fields of the form: required first, optional ones folded and searchable, metadata, and unplaced problems."""

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
from mctoolkit.widgets.common.browser import UNPLACED, slug
from mctoolkit.widgets.common.problem_list import problem_lines
from mctoolkit.widgets.form.field import SECTIONS, Field, PlanConstraint, section_heading
from mctoolkit.widgets.form.metadata_rows import MetadataRows
from mctoolkit.widgets.form.text_repr import find_unplaced, format_parsed_number

if TYPE_CHECKING:
    from mctoolkit.validation.tracking_plan import PlanRule, TrackingPlan

__all__ = ["FieldList"]

_TS = "playerTime.ts"

_SECTION_LABELS = {
    "content": Message("Content"),
    "player": Message("Player"),
    "destination": Message("Destination"),
    "moment": Message("Time"),
    "viewer": Message("Viewer"),
    "description": Message("About the content"),
    "session": Message("Session"),
    "privacy": Message("Privacy"),
    "quality": Message("Playback quality"),
}


class FieldList:
    """The left half of the form.

    Parameters
    ----------
    draft : Draft
        The draft to show; never changed here.
    plan : TrackingPlan, optional
        The keys that it requires are listed among the required fields.
    on_input : callable
        Called with a key and the text on each keystroke in its field.
    on_metadata : callable
        Called with a ``customMetadata`` key and its value, which may be empty.
    on_clear : callable
        Called with a ``customMetadata`` key that was removed.
    on_now : callable
        Called to set the time stamp to the current time.
    """

    def __init__(
        self,
        draft: Draft,
        plan: TrackingPlan | None = None,
        *,
        on_input: Callable[[str, str], None],
        on_metadata: Callable[[str, str], None],
        on_clear: Callable[[str], None],
        on_now: Callable[[], None],
    ) -> None:
        self._draft = draft
        self._plan = plan
        self._on_input = on_input
        self.fields: dict[str, Field] = {}
        self.now = ipywidgets.Button(description=_("Now"), layout={"width": "auto"})
        self.now.add_class("mct-now")
        self.now.on_click(lambda _: on_now())
        self.unplaced = ipywidgets.HTML()
        self.unplaced.add_class(f"mct-at-{UNPLACED}")
        self.metadata = MetadataRows(on_metadata, on_clear, self._metadata_values)
        self.search = ipywidgets.Text(
            description=_("Find a field"), placeholder=_("episode, dropped frames, c. ..."), layout={"width": "auto"}
        )
        self.search.add_class("mct-input")
        self.search.observe(self._on_search, names="value")
        self._no_match = ipywidgets.HTML()
        self._optional = ipywidgets.VBox([])
        optional = self._parameters(required=False)
        self.more = ipywidgets.Accordion([self._optional, self.metadata.widget], selected_index=None)
        self.more.set_title(0, _("More fields ({number} optional)").format(number=len(optional)))
        self.more.observe(self._on_unfold, names="selected_index")
        self.widget = ipywidgets.VBox([self.unplaced, *self._sections(self._parameters(required=True)), self.more])
        self.widget.add_class("mct-fields")
        self._refresh: Callable[[], None] = lambda: None

    def on_new_fields(self, refresh: Callable[[], None]) -> None:
        """Set the function to call after new fields were made that have no values yet."""
        self._refresh = refresh

    def show(self, verdict: Verdict) -> None:
        """Show the draft and the problems without a field; for those of fields see :meth:`messages_by_field`."""
        for key, field in self.fields.items():
            field.show(self._draft.text(key))
        self.metadata.show(self._draft.labels, lambda name: verdict.at("customMetadata", name))
        self.more.set_title(1, _("Custom metadata ({number})").format(number=len(self._draft.labels)))
        self._show_unplaced(find_unplaced(self._draft, verdict))

    def messages_by_field(self, verdict: Verdict) -> dict[str, str]:
        """Return the HTML of each field that has a problem or a note, by the name of its place."""
        messages = {
            field.place: field.message_html(verdict.at(*field.parameter.place), self._note(key))
            for key, field in self.fields.items()
        }
        return {place: html for place, html in messages.items() if html}

    def unfold(self, name: str) -> bool:
        """Unfold the part that holds a place (see ``browser.slug``); return whether there is one."""
        if any(slug(p.place) == name for p in self._parameters(required=False)):
            self.more.selected_index = 0
            self.search.value = ""
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
            if (p.required(event) or any(rule.required for rule in self._plan_rules(p.key))) is required
        ]

    def _plan_rules(self, key: str) -> tuple[PlanRule, ...]:
        return () if self._plan is None else self._plan.rules_for(key, self._draft.event_type.name)

    def _sections(self, parameters: list[Parameter]) -> list[ipywidgets.Widget]:
        widgets: list[ipywidgets.Widget] = []
        for section in sorted({p.section for p in parameters}, key=SECTIONS.index):
            widgets.append(section_heading(str(_SECTION_LABELS[section])))
            widgets += [self._make_field(p) for p in parameters if p.section == section]
        return widgets

    def _make_field(self, parameter: Parameter) -> ipywidgets.Widget:
        required = parameter.required(self._draft.event_type.name)
        extra = (self.now,) if parameter.key == _TS else ()
        field = Field(parameter, required, self._on_input, extra, self._constraint(parameter.key))
        self.fields[parameter.key] = field
        return field.widget

    def _constraint(self, key: str) -> PlanConstraint | None:
        rules = self._plan_rules(key)
        if self._plan is None or not rules:
            return None
        values = dict.fromkeys(value for rule in rules for value in rule.values)
        message = " ".join(map(self._plan.describe, rules))
        return PlanConstraint(message, tuple(values), required=any(rule.required for rule in rules))

    def _metadata_values(self, name: str) -> tuple[str, ...]:
        constraint = self._constraint(f"customMetadata.{name}")
        return constraint.values if constraint else ()

    def _on_unfold(self, change: dict[str, Any]) -> None:
        """Make the optional fields when they are first unfolded, so that the form opens sooner."""
        if change["new"] == 0 and not self._optional.children:
            widgets = self._sections(self._parameters(required=False))
            self._refresh()
            self._optional.children = (self.search, self._no_match, *widgets)

    def _on_search(self, change: dict[str, Any]) -> None:
        text = change["new"].strip()
        optional = self._parameters(required=False)
        matches = {p.key for p in (catalog.search(text, optional) if text else optional)}
        for p in optional:
            if p.key in self.fields:
                self.fields[p.key].set_visible(p.key in matches)
        for child in self._optional.children[2:]:
            if isinstance(child, ipywidgets.HTML):
                child.layout.display = "none" if text else None
        no_match = Markup('<div class="mct-quiet">{}</div>').format(
            _("No optional field matches: {text}").format(text=text)
        )
        self._no_match.value = "" if matches else str(no_match)

    def _note(self, key: str) -> str | None:
        """Return how a typed number was read, or the date of a time stamp."""
        reading = self._draft.parsed_number(key)
        if reading is not None:
            return format_parsed_number(reading)
        if key != _TS:
            return None
        ts = self._draft.get(key)
        return clocks.format_timestamp(ts) if isinstance(ts, int) and not isinstance(ts, bool) else None

    def _show_unplaced(self, problems: Sequence[Problem]) -> None:
        heading = Markup('<h3 class="mct-section">{}</h3>').format(_("Problems without a field"))
        lines = problem_lines(problems, lambda problem: f"{problem.where}: {problem.message}")
        self.unplaced.value = str(heading + lines) if problems else ""
