"""Say of each field of a body what it is, whether it is in order, and what it becomes in reports."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from mctoolkit._core import clocks, json_io
from mctoolkit._core.errors import InputError
from mctoolkit._core.html import Markup, join, shorten, style, table
from mctoolkit._core.json_io import Place
from mctoolkit._core.messages import Message, ngettext
from mctoolkit._core.messages import gettext as _
from mctoolkit.models import masking
from mctoolkit.models.draft import Draft
from mctoolkit.models.event import Event
from mctoolkit.models.exchange import Exchange
from mctoolkit.models.problem import Problem, Verdict, where
from mctoolkit.reporting.html.verdict import problem_list
from mctoolkit.spec import catalog
from mctoolkit.spec.catalog import Parameter
from mctoolkit.validation import validate
from mctoolkit.validation.schema_errors import judged_as

__all__ = ["Explained", "FieldRow", "explain"]

_LONGEST_SHOWN = 120
_MEMBERS = ("playerTime", "params", "customMetadata", "qoeData")
_TYPE_RULES = frozenset({"type", "whole-number", "metadata-value", "odd-value", "not-an-object"})


Kind = Literal["known", "own", "astray", "unknown"]


_COLUMNS = {
    "field": Message("Field"),
    "value": Message("Value"),
    "meaning": Message("What it is"),
    "checked": Message("Checked"),
    "becomes": Message("What it becomes"),
}


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field that stands in a body.

    Attributes
    ----------
    place : tuple
        The way to the value from the top of the body.
    where : str
        The place in words.
    key : str
        Its name on the wire; members of ``playerTime`` are written ``playerTime.ts``.
    label : str
        Its name in plain words.
    value : object
        The value as it is; nothing in it is hidden.
    shown : str
        The value for people, cut short, with identifiers hidden.
    reads_as : str
        What a coded value says (``"0"`` of the show type: full episode), or the date of a time stamp; or empty.
    meaning : str
        What the key means; empty for one that the API does not have.
    kind : str
        ``"known"``; ``"own"`` for a label of one's own; ``"astray"`` for a key that the API has, but in another place,
        on another event or no more; ``"unknown"``.
    required : bool or None
        Whether this event must carry it; None where the key is astray or unknown.
    type_ok : bool or None
        Whether the value has the right JSON type; None where the key is astray or unknown.
    nearest : str or None
        The key that was probably meant.
    context, xdm : str or None
        What it becomes in Adobe Analytics and in the Experience Data Model.
    problems : tuple of Problem
        What is wrong with it, hints too.
    """

    place: Place
    where: str
    key: str
    label: str
    value: Any = field(repr=False)
    shown: str
    reads_as: str
    meaning: str
    kind: Kind
    required: bool | None
    type_ok: bool | None
    nearest: str | None
    context: str | None
    xdm: str | None
    problems: tuple[Problem, ...]

    @property
    def checked(self) -> str:
        """Required or not, and whether the type is right; of a key that is not in its place what is wrong with it."""
        if self.required is None:
            return self.problems[0].message if self.problems else _("Not a key of the API")
        words = _("required") if self.required else _("optional")
        return f"{words}, {(_('right type') if self.type_ok else _('wrong type'))}"

    @property
    def becomes(self) -> str:
        """What it becomes, in words; empty where that is not documented."""
        found = []
        if self.context:
            found.append(_("In Analytics: {context}").format(context=self.context))
        if self.xdm:
            found.append(_("In XDM: {xdm}").format(xdm=self.xdm))
        return "; ".join(found)

    def __str__(self) -> str:
        value = f"{self.shown} {_('= {value}').format(value=self.reads_as)}" if self.reads_as else self.shown
        parts = [f"{self.where}: {self.label}", value, self.checked, self.becomes]
        return " | ".join(part for part in parts if part)


@dataclass(frozen=True)
class Explained:
    """A body, field by field.

    Attributes
    ----------
    event : Event
        What was explained.
    rows : tuple of FieldRow
        One row a field, in the order of the body; none for a body that is no JSON object.
    missing : tuple of Parameter
        The keys that this event must carry and does not.
    verdict : Verdict
        All that is wrong with it.

    Examples
    --------
    >>> found = explain({"eventType": "sessionStart", "params": {"media.length": "60"}})
    >>> [(row.key, row.type_ok, row.context) for row in found.rows]
    [('eventType', True, None), ('media.length', False, 'a.media.length')]
    """

    event: Event
    rows: tuple[FieldRow, ...]
    missing: tuple[Parameter, ...]
    verdict: Verdict

    @property
    def summary(self) -> str:
        """The event type, the number of fields and that of problems, in words."""
        return _("{type}: {fields}, {problems}").format(
            type=_type(self.event),
            fields=ngettext("{number} field", "{number} fields", len(self.rows)).format(number=len(self.rows)),
            problems=self.verdict.summary,
        )

    def __len__(self) -> int:
        return len(self.rows)

    def __str__(self) -> str:
        lines = [
            self.summary if self.rows else _("There are no fields to explain."),
            *(f"- {row}" for row in self.rows),
        ]
        if self.missing:
            lines.append(f"{_('Missing, and required:')} {self._missing_in_words()}")
        lines += [f"- {problem}" for problem in self._other_problems()]
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return str(Markup("{}{}").format(style(), self.to_html()))

    def to_html(self) -> Markup:
        """Build the table as HTML, without the style sheet."""
        parts = []
        if self.rows:
            caption = _("{type}, field by field; identifiers hidden").format(type=_type(self.event))
            columns = ("field", "value", "meaning", "checked", "becomes")
            header = [str(_COLUMNS[name]) for name in columns]
            parts.append(Markup('<p class="mct-head">{}</p>').format(self.summary))
            parts.append(table(caption, header, map(_cells, self.rows)))
        else:
            parts.append(Markup('<p class="mct-head">{}</p>').format(_("There are no fields to explain.")))
        if self.missing:
            words = _("Missing, and required:")
            parts.append(Markup('<p><b class="mct-bad">{}</b> {}</p>').format(words, self._missing_in_words()))
        parts.append(problem_list(self._other_problems()))
        return Markup('<div class="mct">{}</div>').format(join(parts))

    def _missing_in_words(self) -> str:
        return ", ".join(f"{parameter.key} ({parameter.label})" for parameter in self.missing)

    def _other_problems(self) -> tuple[Problem, ...]:
        """Return the problems that stand at none of the rows and miss no key."""
        shown = {id(problem) for row in self.rows for problem in row.problems}
        missing = {parameter.place for parameter in self.missing}
        return tuple(p for p in self.verdict.problems if id(p) not in shown and p.place not in missing)


def explain(thing: object, *, now_ms: int | None = None) -> Explained:
    """Explain a body field by field: what each means, whether it is in order, what it becomes in reports.

    Parameters
    ----------
    thing : dict, str, bytes, Path, Event, Draft or Exchange
        The body; of an exchange the one that was sent.
    now_ms : int, optional
        The time of sending in milliseconds since 1970, for the hint about a time stamp far from it. That of the
        exchange, or now, by default.

    Returns
    -------
    Explained
        One row a field; what is missing; all that is wrong. Identifiers are hidden in what is shown.

    Raises
    ------
    InputError
        ``thing`` is a Path to a file that cannot be read.

    Examples
    --------
    >>> text = '{"playerTime": {"playhead": 1.5, "ts": 1509045324153}, "params": {"media.lenght": 60}}'
    >>> for row in explain(text).rows:
    ...     print(row)
    playerTime.playhead: Playhead | 1.5 | required, right type | In XDM: playhead
    playerTime.ts: Time stamp | 1509045324153 = 26 October 2017, 19:15:24.153 UTC | required, right type | In XDM: ...
    params["media.lenght"]: media.lenght | 60 | The API has no key media.lenght in params. Did you mean media.length?
    """
    if isinstance(thing, Exchange):
        event = thing.event
        now_ms = thing.sent_at_ms if now_ms is None else now_ms
    elif isinstance(thing, Draft):
        event = thing.event
    else:
        event = thing if isinstance(thing, Event) else Event(thing)
    verdict = validate(event, now_ms=now_ms)
    value, _ = (None, ()) if isinstance(event.value, json_io.NotJson) else json_io.plain(event.value)
    rows = tuple(_rows(value, verdict)) if isinstance(value, dict) else ()
    missing = [p.place for p in verdict.problems if p.rule == "missing"]
    return Explained(event, rows, tuple(_missing(missing)), verdict)


def _type(event: Event) -> str:
    return shorten(event.type or "", _LONGEST_SHOWN) or _("A body without eventType")


def _rows(body: dict[Any, Any], verdict: Verdict) -> Iterator[FieldRow]:
    event = judged_as(verdict.event.type)
    for key, member in body.items():
        if key in _MEMBERS and isinstance(member, dict) and member:
            for inner, value in member.items():
                yield _row((key, _text(inner)), value, event, verdict)
        else:
            yield _row((_text(key),), member, event, verdict)


def _row(place: Place, value: Any, event: str, verdict: Verdict) -> FieldRow:
    name = str(place[-1])
    problems = tuple(p for p in verdict.problems if p.place[: len(place)] == place and p.rule != "missing")
    kind, described = _described(place, event)
    in_place = kind in ("known", "own")
    own = catalog.parameter("customMetadata") if kind == "own" else None
    if own is not None:
        label, meaning = (
            _("Your own label: {name}").format(name=name),
            _("A label of your own. In reports once an administrator has set it up."),
        )
    else:
        label, meaning = (described.label, described.help) if described else (name, "")
    wrong = any(problem.rule in _TYPE_RULES and problem.place == place for problem in problems)
    counterpart = own or described
    context = counterpart.context if counterpart else None
    return FieldRow(
        place=place,
        where=where(place),
        key=described.key if described else name,
        label=shorten(label, _LONGEST_SHOWN),
        value=value,
        shown=_shown(place, value),
        reads_as=_reads_as(described, value) if described else "",
        meaning=meaning,
        kind=kind,
        required=(described is not None and described.required(event)) if in_place else None,
        type_ok=not wrong if in_place else None,
        nearest=next((problem.nearest for problem in problems if problem.nearest), None),
        context=shorten(context.replace("<name>", name), _LONGEST_SHOWN) if context and own else context,
        xdm=counterpart.xdm if counterpart else None,
        problems=problems,
    )


def _described(place: Place, event: str) -> tuple[Kind, Parameter | None]:
    """Return what kind of key stands at a place, and the facts about it where there are any."""
    if place[0] == "customMetadata" and len(place) == 2:
        return "own", None
    found = catalog.parameter_at(place)
    if found is not None and found.allowed(event):
        return "known", found
    found = found or catalog.parameters().get(str(place[-1]))
    return ("unknown", None) if found is None else ("astray", found)


def _reads_as(parameter: Parameter, value: Any) -> str:
    """Say what a coded value means, or when a time stamp is; an empty text where there is nothing to say."""
    if parameter.key == "playerTime.ts" and isinstance(value, int) and not isinstance(value, bool):
        try:
            moment = clocks.utc(value)
        except (ValueError, OverflowError, OSError):
            return ""
        date = moment.strftime("%d %B %Y").lstrip("0")
        return _("{date}, {time} UTC").format(date=date, time=moment.strftime("%H:%M:%S.%f")[:-3])
    if not isinstance(value, str):
        return ""
    if parameter.key == "eventType" and value in catalog.event_types():
        return catalog.event_type(value).help
    return parameter.meanings.get(value, "") if value in parameter.values else ""


def _shown(place: Place, value: Any) -> str:
    masked = masking.mask({place[-1]: value})[place[-1]]
    if masked == masking.HIDDEN:
        return masking.HIDDEN
    try:
        written = json_io.write(masked).decode("utf-8", "replace")
    except InputError:
        written = repr(masked)
    return shorten(written, _LONGEST_SHOWN)


def _cells(row: FieldRow) -> tuple[Markup | str, ...]:
    value = Markup("<code>{}</code>").format(row.shown)
    if row.reads_as:
        value += Markup('<div class="mct-quiet">{}</div>').format(_("= {value}").format(value=row.reads_as))
    wrong = row.required is None or row.type_ok is False
    checked = Markup('<span class="{}">{}</span>').format("mct-bad" if wrong else "", row.checked)
    return (
        Markup("<code>{}</code><div>{}</div>").format(row.where, row.label),
        value,
        row.meaning,
        checked + problem_list([p for p in row.problems if p.message != row.checked]),
        row.becomes,
    )


def _missing(places: list[Place]) -> Iterator[Parameter]:
    for place in places:
        found = catalog.parameter_at(place)
        if found is not None:
            yield found


def _text(key: Any) -> str:
    return key if isinstance(key, str) else repr(key)
