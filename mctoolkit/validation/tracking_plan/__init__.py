"""Tracking plans: the rules of a company for its events, read from an Excel or CSV file."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import openpyxl
from openpyxl.styles import Font

from mctoolkit._core.errors import InputError, UsageError, error_reason
from mctoolkit._core.html import Markup, style, table
from mctoolkit._core.messages import Message, ngettext
from mctoolkit._core.messages import gettext as _
from mctoolkit.models.event import Event
from mctoolkit.models.problem import Problem, Verdict
from mctoolkit.spec import catalog
from mctoolkit.validation.tracking_plan.parser import COLUMNS, read_rows, read_rules
from mctoolkit.validation.tracking_plan.rules import RULE, Condition, PlanRule, place_of

__all__ = ["COLUMNS", "RULE", "Condition", "PlanRule", "TrackingPlan"]


_DESCRIPTIONS = {
    "always": Message("required"),
    "required": Message("required if {value}"),
    "platform": Message("players named {value}"),
    "allowed": Message("allowed values: {value}"),
    "pattern": Message("pattern: {value}"),
}
_COLUMNS = {
    "row": Message("Row"),
    "key": Message("Key"),
    "event": Message("Event"),
    "required": Message("Required"),
    "values": Message("Values"),
    "pattern": Message("Pattern"),
    "platform": Message("Platform"),
    "note": Message("Note"),
}


class TrackingPlan:
    """The rules of a tracking plan. A violation is a hint, because the API accepts the body.

    Parameters
    ----------
    rules : sequence of PlanRule
        The rows of the plan.
    name : str
        The name of the plan in messages, such as its file name.

    Examples
    --------
    >>> plan = TrackingPlan([PlanRule(2, "media.show", required=True)], "plan.xlsx")
    >>> [str(problem) for problem in plan.check({"eventType": "sessionStart", "params": {}})]
    ['Hint: params["media.show"]: media.show is missing. plan.xlsx, row 2, requires it.']
    """

    def __init__(self, rules: Sequence[PlanRule], name: str) -> None:
        self.rules = tuple(rules)
        self.name = name

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> TrackingPlan:
        """Read a plan from an Excel file (.xlsx), or from CSV with commas, semicolons or tabs.

        The header is one of the first 20 rows and has the column ``key`` and at least one other. The columns:

        - ``key``: ``media.show``. A name that the API does not have is a label in ``customMetadata``.
        - ``event``: the event types, ``*`` for all; ``sessionStart`` if empty.
        - ``required``: yes, no, or a condition: ``media.contentType = Live, Linear``. ``!=`` and ``and`` are possible.
        - ``values``: the allowed values, separated by ``;``, ``|`` or line breaks.
        - ``pattern``: a regular expression that the whole value must match.
        - ``platform``: the players, by ``media.playerName``: ``web*``.
        - ``note``: a text that is added to the message of a violation.

        Raises
        ------
        InputError
            The file cannot be read, or cells are invalid. The message lists all of them by row and column.
        """
        file = Path(path)
        rules = read_rules(read_rows(file))
        if not rules:
            raise InputError(
                _("{path} has a header, but no row with a key below it. Add one row per key.").format(path=file)
            )
        return cls(rules, file.name)

    @classmethod
    def load(cls, plan: TrackingPlan | str | os.PathLike[str]) -> TrackingPlan:
        """Return a plan, read from its file if it is a path.

        Raises
        ------
        InputError
            See :meth:`read`.
        UsageError
            It is neither a plan nor a path.
        """
        if isinstance(plan, TrackingPlan):
            return plan
        if isinstance(plan, str | os.PathLike):
            return cls.read(plan)
        raise UsageError(
            _('A tracking plan is a path, such as "tracking-plan.xlsx", or a TrackingPlan, not {kind}.').format(
                kind=type(plan).__name__
            )
        )

    @staticmethod
    def template(path: str | os.PathLike[str]) -> None:
        """Write an Excel file to start from, with the required keys of a sessionStart and an example of each column.

        Raises
        ------
        InputError
            The file exists or cannot be written, or its name does not end in ``.xlsx``.
        """
        if Path(path).suffix.lower() != ".xlsx":
            raise InputError(
                _("{path} does not end in .xlsx. Choose a name such as tracking-plan.xlsx.").format(path=path)
            )
        book = openpyxl.Workbook()
        sheet = book.worksheets[0]
        sheet.title = "tracking plan"
        sheet.append(list(COLUMNS))
        for cell in sheet[1]:
            cell.font = Font(bold=True)
        for parameter in catalog.parameters_of("sessionStart", "params"):
            if parameter.required("sessionStart"):
                sheet.append([parameter.key, "sessionStart", "yes", "; ".join(parameter.values)])
        example = _("An example: required for VOD, starts with a capital, for players whose name starts with web.")
        sheet.append(["media.show", "sessionStart", "media.contentType = VOD", "", "[A-Z].*", "web*", example])
        for column, width in zip("ABCDEFG", (32, 16, 28, 28, 16, 12, 60), strict=True):
            sheet.column_dimensions[column].width = width
        sheet.freeze_panes = "A2"
        try:
            with Path(path).open("xb") as file:
                book.save(file)
        except OSError as error:
            reason = error_reason(error)
            raise InputError(
                _("{path} cannot be written: {reason}. Choose another name.").format(path=path, reason=reason)
            ) from None

    def check(self, body: object, *, platform: str | None = None) -> tuple[Problem, ...]:
        """Return the violations of the plan in a body; each names its row.

        Parameters
        ----------
        body : dict, str, bytes, Path or Event
            The body. One that is not a JSON object has no violations.
        platform : str, optional
            The platform of the player; by default the player name in the body.
        """
        value = body if type(body) is dict else Event(body).value
        if not isinstance(value, Mapping):
            return ()
        return tuple(
            problem
            for rule in self.rules
            if rule.applies_to(value, platform)
            for problem in rule.violations(value, _("{name}, row {row}").format(name=self.name, row=rule.row))
        )

    def rules_for(self, key: str, event: str = "sessionStart") -> tuple[PlanRule, ...]:
        """Return the rows for a key on an event type, including those with a condition or a platform."""
        place = place_of(key)
        return tuple(rule for rule in self.rules if event in rule.events and place_of(rule.key) == place)

    def describe(self, rule: PlanRule) -> str:
        """Return what a row requires.

        Examples
        --------
        >>> rule = PlanRule(2, "media.show", required=True, values=("Pilot", "News"), platform="web*")
        >>> TrackingPlan([rule], "plan.xlsx").describe(rule)
        'plan.xlsx, row 2: required; players named web*; allowed values: Pilot, News.'
        """
        values = {
            "required": _format_required(rule) if rule.conditions else "",
            "always": _("yes") if rule.required and not rule.conditions else "",
            "platform": rule.platform,
            "allowed": ", ".join(rule.values),
            "pattern": rule.pattern,
        }
        parts = [_DESCRIPTIONS[name].format(value=value) for name, value in values.items() if value]
        cited = _("{name}, row {row}").format(name=self.name, row=rule.row)
        description = _("{cited}: {description}.").format(cited=cited, description="; ".join(parts) or _("optional"))
        return f"{description} {rule.note}".rstrip()

    def extend(self, verdict: Verdict, *, platform: str | None = None) -> Verdict:
        """Return a verdict with the violations of the plan after its own problems."""
        violations = self.check(verdict.event, platform=platform)
        return Verdict(verdict.event, (*verdict.problems, *violations)) if violations else verdict

    def __len__(self) -> int:
        return len(self.rules)

    @property
    def headline(self) -> str:
        """The number of rules and the name of the plan."""
        return ngettext("1 rule of {name}", "{number} rules of {name}", len(self.rules)).format(
            name=self.name, number=len(self.rules)
        )

    def __str__(self) -> str:
        lines = [self.headline]
        return "\n".join([*lines, *(f"- {' | '.join(cells)}" for cells in self._rows())])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        header = [str(_COLUMNS[name]) for name in ("row", *COLUMNS)]
        return str(Markup('{}<div class="mct">{}</div>').format(style(), table(self.headline, header, self._rows())))

    def _rows(self) -> list[list[str]]:
        return [
            [
                str(rule.row),
                rule.key,
                "*" if len(rule.events) == len(catalog.event_types()) else ", ".join(rule.events),
                _format_required(rule),
                ", ".join(rule.values),
                rule.pattern or "",
                rule.platform or "",
                rule.note,
            ]
            for rule in self.rules
        ]


def _format_required(rule: PlanRule) -> str:
    if not rule.conditions:
        return _("yes") if rule.required else _("no")
    return " and ".join(f"{c.key} {'!=' if c.unless else '='} {', '.join(c.values)}" for c in rule.conditions)
