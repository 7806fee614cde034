"""Explain each field of a body: its meaning, whether it is valid, and its name in reports."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from mctoolkit._core import clocks, json_io
from mctoolkit._core.errors import InputError
from mctoolkit._core.html import Markup, join, shorten, style, table
from mctoolkit._core.json_io import Place
from mctoolkit._core.messages import gettext as _
from mctoolkit._core.messages import ngettext
from mctoolkit.models import masking
from mctoolkit.models.draft import Draft
from mctoolkit.models.event import Event
from mctoolkit.models.exchange import Exchange
from mctoolkit.models.problem import Problem, Verdict, where
from mctoolkit.reporting.html.verdict import problem_list
from mctoolkit.spec import catalog
from mctoolkit.spec.types import Parameter
from mctoolkit.validation import validate
from mctoolkit.validation.schema_errors import effective_event_type

__all__ = ["Explained", "FieldRow", "explain"]

Kind = Literal["known", "own", "misplaced", "unknown"]

_MAX_SHOWN = 120
_MEMBERS = ("playerTime", "params", "customMetadata", "qoeData")
_TYPE_RULES = frozenset({"type", "whole-number", "metadata-value", "odd-value", "not-an-object"})


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field of a body.

    Attributes
    ----------
    place : tuple
        The keys that lead to the value.
    where : str
        The place as text.
    key : str
        Its name in the API; members of ``playerTime`` are written ``playerTime.ts``.
    label : str
        Its name in plain language.
    value : object
        The value, not masked.
    shown : str
        The value as text, shortened and with identifiers hidden.
    decoded : str
        The meaning of a code (``"0"`` of the show type: full episode), or the date of a time stamp; or empty.
    meaning : str
        The meaning of the key; empty for a key that the API does not have.
    kind : str
        ``"known"``; ``"own"`` for a key of ``customMetadata``; ``"misplaced"`` for a key of the API that belongs in
        another place or on another event, or is no longer used; ``"unknown"``.
    required : bool or None
        Whether this event requires it; None for a misplaced or unknown key.
    type_ok : bool or None
        Whether the value has the right JSON type; None for a misplaced or unknown key.
    nearest : str or None
        The key that was probably meant.
    context, xdm : str or None
        Its name in Adobe Analytics and in the Experience Data Model (XDM).
    problems : tuple of Problem
        Its errors and hints.
    """

    place: Place
    where: str
    key: str
    label: str
    value: Any = field(repr=False)
    shown: str
    decoded: str
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
        """Whether the key is required and the type is right; for a misplaced or unknown key, what is wrong."""
        if self.required is None:
            return self.problems[0].message if self.problems else _("Not a key of the API")
        required = _("required") if self.required else _("optional")
        return f"{required}, {_('right type') if self.type_ok else _('wrong type')}"

    @property
    def in_reports(self) -> str:
        """Its names in reports; empty if they are not documented."""
        found = []
        if self.context:
            found.append(_("In Analytics: {context}").format(context=self.context))
        if self.xdm:
            found.append(_("In XDM: {xdm}").format(xdm=self.xdm))
        return "; ".join(found)

    def __str__(self) -> str:
        value = f"{self.shown} = {self.decoded}" if self.decoded else self.shown
        parts = [f"{self.where}: {self.label}", value, self.checked, self.in_reports]
        return " | ".join(part for part in parts if part)


@dataclass(frozen=True)
class Explained:
    """A body, field by field.

    Attributes
    ----------
    event : Event
        The body.
    rows : tuple of FieldRow
        One row per field, in the order of the body; empty for a body that is not a JSON object.
    missing : tuple of Parameter
        The required keys that are missing.
    verdict : Verdict
        All problems of the body.

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
        """The event type, the number of fields and the number of problems."""
        return _("{type}: {fields}, {problems}").format(
            type=_event_type(self.event),
            fields=ngettext("{number} field", "{number} fields", len(self.rows)).format(number=len(self.rows)),
            problems=self.verdict.summary,
        )

    def __len__(self) -> int:
        return len(self.rows)

    def __str__(self) -> str:
        lines = [self._heading, *(f"- {row}" for row in self.rows)]
        if self.missing:
            lines.append(f"{_('Required, but missing:')} {self._missing_keys}")
        lines += [f"- {problem}" for problem in self._other_problems()]
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return str(Markup("{}{}").format(style(), self.to_html()))

    def to_html(self) -> Markup:
        """Return the table as HTML, without the style sheet."""
        parts = [Markup('<p class="mct-head">{}</p>').format(self._heading)]
        if self.rows:
            caption = _("{type}, field by field; identifiers hidden").format(type=_event_type(self.event))
            header = (_("Field"), _("Value"), _("Meaning"), _("Check"), _("In reports"))
            parts.append(table(caption, header, map(_cells, self.rows)))
        if self.missing:
            label = _("Required, but missing:")
            parts.append(Markup('<p><b class="mct-bad">{}</b> {}</p>').format(label, self._missing_keys))
        parts.append(problem_list(self._other_problems()))
        return Markup('<div class="mct">{}</div>').format(join(parts))

    @property
    def _heading(self) -> str:
        return self.summary if self.rows else _("The body has no fields.")

    @property
    def _missing_keys(self) -> str:
        return ", ".join(f"{parameter.key} ({parameter.label})" for parameter in self.missing)

    def _other_problems(self) -> tuple[Problem, ...]:
        """Return the problems that belong to no row and to no missing key."""
        shown = {id(problem) for row in self.rows for problem in row.problems}
        missing = {parameter.place for parameter in self.missing}
        return tuple(p for p in self.verdict.problems if id(p) not in shown and p.place not in missing)


def explain(thing: object, *, now_ms: int | None = None) -> Explained:
    """Explain a body field by field: what each means, whether it is valid, and its name in reports.

    Parameters
    ----------
    thing : dict, str, bytes, Path, Event, Draft or Exchange
        The body; for an exchange, the body of its request.
    now_ms : int, optional
        The time of sending in milliseconds since 1970, for the hint about a time stamp that is far from it. By default
        the time of the exchange, or now.

    Returns
    -------
    Explained
        One row per field, the missing keys and all problems. Identifiers are hidden in what is shown.

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
    value = None if isinstance(event.value, json_io.NotJson) else json_io.to_json_value(event.value)[0]
    rows = tuple(_rows(value, verdict)) if isinstance(value, dict) else ()
    missing = (catalog.parameter_at(p.place) for p in verdict.problems if p.rule == "missing")
    return Explained(event, rows, tuple(parameter for parameter in missing if parameter is not None), verdict)


def _event_type(event: Event) -> str:
    return shorten(event.type or "", _MAX_SHOWN) or _("A body without eventType")


def _rows(body: dict[Any, Any], verdict: Verdict) -> Iterator[FieldRow]:
    event = effective_event_type(verdict.event.type)
    for key, member in body.items():
        if key in _MEMBERS and isinstance(member, dict) and member:
            for inner, value in member.items():
                yield _row((key, _key_text(inner)), value, event, verdict)
        else:
            yield _row((_key_text(key),), member, event, verdict)


def _row(place: Place, value: Any, event: str, verdict: Verdict) -> FieldRow:
    name = str(place[-1])
    problems = tuple(p for p in verdict.problems if p.place[: len(place)] == place and p.rule != "missing")
    kind, parameter = _find_parameter(place, event)
    in_place = kind in ("known", "own")
    documented = parameter
    if kind == "own":
        label = _("Custom metadata: {name}").format(name=name)
        meaning = _("Your own key. It is in reports once an administrator has set it up.")
        documented = catalog.parameter("customMetadata")
    else:
        label, meaning = (parameter.label, parameter.help) if parameter else (name, "")
    wrong_type = any(problem.rule in _TYPE_RULES and problem.place == place for problem in problems)
    context = documented.context if documented else None
    return FieldRow(
        place=place,
        where=where(place),
        key=parameter.key if parameter else name,
        label=shorten(label, _MAX_SHOWN),
        value=value,
        shown=_show(place, value),
        decoded=_decode(parameter, value) if parameter else "",
        meaning=meaning,
        kind=kind,
        required=(parameter is not None and parameter.required(event)) if in_place else None,
        type_ok=not wrong_type if in_place else None,
        nearest=next((problem.nearest for problem in problems if problem.nearest), None),
        context=shorten(context.replace("<name>", name), _MAX_SHOWN) if context and kind == "own" else context,
        xdm=documented.xdm if documented else None,
        problems=problems,
    )


def _find_parameter(place: Place, event: str) -> tuple[Kind, Parameter | None]:
    """Return the kind of the key at a place, and the key of the API that it is or resembles."""
    if place[0] == "customMetadata" and len(place) == 2:
        return "own", None
    found = catalog.parameter_at(place)
    if found is not None and found.allowed(event):
        return "known", found
    found = found or catalog.parameters().get(str(place[-1]))
    return ("unknown", None) if found is None else ("misplaced", found)


def _decode(parameter: Parameter, value: Any) -> str:
    """Return the meaning of a code or the date of a time stamp; empty if the value is neither."""
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


def _show(place: Place, value: Any) -> str:
    masked = masking.mask({place[-1]: value})[place[-1]]
    if masked == masking.HIDDEN:
        return masking.HIDDEN
    try:
        written = json_io.write(masked).decode("utf-8", "replace")
    except InputError:
        written = repr(masked)
    return shorten(written, _MAX_SHOWN)


def _cells(row: FieldRow) -> tuple[Markup | str, ...]:
    value = Markup("<code>{}</code>").format(row.shown)
    if row.decoded:
        value += Markup('<div class="mct-quiet">= {}</div>').format(row.decoded)
    is_wrong = row.required is None or row.type_ok is False
    checked = Markup('<span class="{}">{}</span>').format("mct-bad" if is_wrong else "", row.checked)
    return (
        Markup('<div style="min-width: 12em"><code>{}</code><div>{}</div></div>').format(row.where, row.label),
        value,
        row.meaning,
        checked + problem_list([p for p in row.problems if p.message != row.checked]),
        row.in_reports,
    )


def _key_text(key: Any) -> str:
    return key if isinstance(key, str) else repr(key)
