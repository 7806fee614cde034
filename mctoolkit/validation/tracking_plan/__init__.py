"""A company's own tracking plan: house rules in an Excel sheet, checked beside those of the API. No Python needed."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import openpyxl
from openpyxl.styles import Font

from mctoolkit._core.errors import InputError, UsageError
from mctoolkit._core.html import Markup, style, table
from mctoolkit._core.messages import Message, ngettext
from mctoolkit._core.messages import gettext as _
from mctoolkit.models.event import Event
from mctoolkit.models.problem import Problem, Verdict
from mctoolkit.spec import catalog
from mctoolkit.validation.tracking_plan.parser import COLUMNS, read_rows, read_rules
from mctoolkit.validation.tracking_plan.rules import RULE, Condition, PlanRule, place_of

__all__ = ["COLUMNS", "RULE", "Condition", "PlanRule", "TrackingPlan"]


_SAYS = {
    "always": Message("must be there"),
    "required": Message("must be there when {what}"),
    "platform": Message("for players named {what}"),
    "allowed": Message("allowed: {what}"),
    "pattern": Message("pattern: {what}"),
    "nothing": Message("may be there"),
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
    """The house rules of a tracking plan. Breaking one is no reason for the API to refuse anything: it is a hint.

    Parameters
    ----------
    rules : sequence of PlanRule
        Its rows.
    name : str
        What a breach calls the plan, such as the name of its file.

    Examples
    --------
    >>> plan = TrackingPlan([PlanRule(2, "media.show", required=True)], "plan.xlsx")
    >>> [str(problem) for problem in plan.check({"eventType": "sessionStart", "params": {}})]
    ['Hint: params["media.show"]: media.show is missing, and plan.xlsx, row 2, asks for it.']
    """

    def __init__(self, rules: Sequence[PlanRule], name: str) -> None:
        self.rules = tuple(rules)
        self.name = name

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> TrackingPlan:
        """Read a plan from an Excel sheet (.xlsx), or from text with commas, semicolons or tabs.

        The header may stand in any of the first 20 rows and needs the column ``key`` and one other. The columns:

        - ``key``: ``media.show``; a name that the API does not have is one of your own labels (customMetadata).
        - ``event``: the event types, ``*`` for all; ``sessionStart`` when empty.
        - ``required``: yes, no, or when: ``media.contentType = Live, Linear``; several with ``and``; also ``!=``.
        - ``values``: what is allowed, parted by ``;``, ``|`` or line breaks.
        - ``pattern``: a regular expression for the whole value.
        - ``platform``: for which players, by ``media.playerName``: ``web*``.
        - ``note``: what a breach tells besides.

        Raises
        ------
        InputError
            It cannot be read, or cells cannot be understood: all of them are named, by row and column.
        """
        file = Path(path)
        rules = read_rules(read_rows(file))
        if not rules:
            raise InputError(
                _("{path} has the names of the columns, but no row with a key below them.").format(path=file)
            )
        return cls(rules, file.name)

    @classmethod
    def of(cls, plan: TrackingPlan | str | os.PathLike[str]) -> TrackingPlan:
        """Return a plan as it is, or read it from its file.

        Raises
        ------
        InputError
            See :meth:`read`.
        UsageError
            It is neither.
        """
        if isinstance(plan, TrackingPlan):
            return plan
        if isinstance(plan, str | os.PathLike):
            return cls.read(plan)
        raise UsageError(
            _('A tracking plan is a sheet, such as "tracking-plan.xlsx", or a Plan; this is a {kind}.').format(
                kind=type(plan).__name__
            )
        )

    @staticmethod
    def template(path: str | os.PathLike[str]) -> None:
        """Write a sheet to begin with: the required keys of a sessionStart, and an example of each column.

        Raises
        ------
        InputError
            There is such a file already, it cannot be written, or its name does not end in ``.xlsx``.
        """
        if Path(path).suffix.lower() != ".xlsx":
            raise InputError(
                _("{path} would not open in Excel: the name of a tracking plan to begin with ends in .xlsx.").format(
                    path=path
                )
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
        example = _("An example: required for VOD, begins with a capital, in players whose name begins with web.")
        sheet.append(["media.show", "sessionStart", "media.contentType = VOD", "", "[A-Z].*", "web*", example])
        for column, width in zip("ABCDEFG", (32, 16, 28, 28, 16, 12, 60), strict=True):
            sheet.column_dimensions[column].width = width
        sheet.freeze_panes = "A2"
        try:
            with Path(path).open("xb") as file:
                book.save(file)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise InputError(
                _("{path} cannot be written: {reason}. Choose another name.").format(path=path, reason=reason)
            ) from None

    def check(self, body: object, *, platform: str | None = None) -> tuple[Problem, ...]:
        """Return every breach of the plan in a body; each cites its row.

        Parameters
        ----------
        body : dict, str, bytes, Path or Event
            The body. One that is no JSON object breaks nothing here: the checker speaks of that.
        platform : str, optional
            The platform that the body comes from; without it the player's name in the body decides.
        """
        value = body if type(body) is dict else Event(body).value
        if not isinstance(value, Mapping):
            return ()
        return tuple(
            problem
            for rule in self.rules
            if rule.concerns(value, platform)
            for problem in rule.violations(value, _("{name}, row {row}").format(name=self.name, row=rule.row))
        )

    def rules_of(self, key: str, event: str = "sessionStart") -> tuple[PlanRule, ...]:
        """Return the rows about a key on an event type, whatever they depend on besides."""
        place = place_of(key)
        return tuple(rule for rule in self.rules if event in rule.events and place_of(rule.key) == place)

    def in_words(self, rule: PlanRule) -> str:
        """Say what a row asks for.

        Examples
        --------
        >>> rule = PlanRule(2, "media.show", required=True, values=("Pilot", "News"), platform="web*")
        >>> TrackingPlan([rule], "plan.xlsx").in_words(rule)
        'plan.xlsx, row 2: must be there; for players named web*; allowed: Pilot, News.'
        """
        says = {
            "required": _asked(rule) if rule.conditions else "",
            "always": _("yes") if rule.required and not rule.conditions else "",
            "platform": rule.platform,
            "allowed": ", ".join(rule.values),
            "pattern": rule.pattern,
        }
        said = "; ".join(_SAYS[name].format(what=what) for name, what in says.items() if what)
        cited = _("{name}, row {row}").format(name=self.name, row=rule.row)
        return _("{cited}: {said}.").format(cited=cited, said=said or _("may be there")) + (
            f" {rule.note}" if rule.note else ""
        )

    def judge(self, verdict: Verdict, *, platform: str | None = None) -> Verdict:
        """Return a verdict with the violations of the plan behind its own problems."""
        violations = self.check(verdict.event, platform=platform)
        return Verdict(verdict.event, (*verdict.problems, *violations)) if violations else verdict

    def __len__(self) -> int:
        return len(self.rules)

    @property
    def headline(self) -> str:
        """How many rules it has, and its name."""
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
                _asked(rule),
                ", ".join(rule.values),
                rule.pattern or "",
                rule.platform or "",
                rule.note,
            ]
            for rule in self.rules
        ]


def _asked(rule: PlanRule) -> str:
    if not rule.conditions:
        return _("yes") if rule.required else _("no")
    return " and ".join(f"{c.key} {'!=' if c.unless else '='} {', '.join(c.values)}" for c in rule.conditions)
