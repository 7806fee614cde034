"""Hold two bodies, or two exchanges, against each other, field by field."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from mctoolkit._core import json_io
from mctoolkit._core.html import Markup, join, style, table
from mctoolkit._core.json_io import NotJson
from mctoolkit._core.messages import gettext as _
from mctoolkit._core.messages import ngettext
from mctoolkit.models.draft import Draft
from mctoolkit.models.event import Event
from mctoolkit.models.exchange import Exchange
from mctoolkit.reporting.diff.json_diff import MISSING, Change, Difference, differences
from mctoolkit.reporting.diff.response_diff import address, response_differences
from mctoolkit.reporting.diff.text_diff import line_differences

__all__ = ["MISSING", "Change", "Comparison", "Difference", "compare"]


@dataclass(frozen=True)
class Comparison:
    """What differs between two bodies, or two exchanges.

    Attributes
    ----------
    rows : tuple of Difference
        What differs in what was sent, in the order of the left body; of an exchange also the address.
    responses : tuple of Difference
        What differs in what came back: status, session id, message, headers. Empty unless two exchanges were compared.
    same_bytes : bool
        Whether the two bodies are the same to the byte. The same JSON can be written in two ways.
    names : tuple of (str, str)
        What the two sides are called.

    Examples
    --------
    >>> compare({"params": {"media.id": "x"}}, {"params": {"media.id": "x", "media.length": 60}})
    1 difference: params["media.length"]  left: not sent  right: 60
    """

    rows: tuple[Difference, ...]
    responses: tuple[Difference, ...]
    same_bytes: bool
    names: tuple[str, str]

    @property
    def same(self) -> bool:
        """Whether there is no difference, neither in what was sent nor in what came back."""
        return not self.rows and not self.responses

    @property
    def summary(self) -> str:
        """The number of differences in what was sent, in words."""
        if self.rows:
            return (
                ngettext(
                    "{number} difference in what was sent", "{number} differences in what was sent", len(self.rows)
                )
                if self.responses
                else ngettext("{number} difference", "{number} differences", len(self.rows))
            ).format(number=len(self.rows))
        return (
            _("No difference.")
            if self.same_bytes
            else _(
                "No difference in what it says. The bytes differ: spaces, the order of the keys, or how "
                "a value is spelled."
            )
        )

    def __len__(self) -> int:
        return len(self.rows) + len(self.responses)

    def __bool__(self) -> bool:
        return not self.same

    def __str__(self) -> str:
        lines = self._lines(self.summary, self.rows)
        if self.responses:
            lines += self._lines(
                ngettext(
                    "{number} difference in what came back",
                    "{number} differences in what came back",
                    len(self.responses),
                ).format(number=len(self.responses)),
                self.responses,
            )
        return "\n".join(lines)

    __repr__ = __str__

    def _lines(self, head: str, rows: tuple[Difference, ...]) -> list[str]:
        left, right = self.names
        lines = [f"{row.where}  {left}: {row.left_shown}  {right}: {row.right_shown}" for row in rows]
        return [f"{head}: {lines[0]}"] if len(lines) == 1 else [head, *(f"- {line}" for line in lines)]

    def _repr_html_(self) -> str:
        return str(Markup("{}{}").format(style(), self.to_html()))

    def to_html(self) -> Markup:
        """Build the differences as HTML, without the style sheet: a table each for what was sent and what came back."""
        parts = [Markup('<p class="mct-head">{}</p>').format(self.summary)]
        if self.rows:
            parts.append(self._table(_("What was sent"), self.rows))
        if self.responses:
            parts.append(
                self._table(
                    ngettext(
                        "{number} difference in what came back",
                        "{number} differences in what came back",
                        len(self.responses),
                    ).format(number=len(self.responses)),
                    self.responses,
                )
            )
        return Markup('<div class="mct mct-compared">{}</div>').format(join(parts))

    def _table(self, caption: str, rows: tuple[Difference, ...]) -> Markup:
        cells = [
            (
                Markup("<code>{}</code>").format(row.where),
                _cell(row.left, row.left_shown),
                _cell(row.right, row.right_shown),
            )
            for row in rows
        ]
        return table(caption, (_("Where"), *self.names), cells)


def compare(a: object, b: object, *, names: tuple[str, str] | None = None) -> Comparison:
    """Compare two bodies, two exchanges, or two JSON Schemas, field by field.

    The order of keys and the spelling of JSON make no difference, the type of a number does: ``1`` and ``1.0`` are
    two things to this API. A list is compared entry by entry. A body that is no JSON is compared line by line, also
    with one that is: that one then stands on indented lines, if it is on one line and the other on several. In two
    documents with a ``$schema``, the order of ``required`` and ``enum`` makes no difference either.

    Parameters
    ----------
    a, b : dict, str, bytes, Path, Event, Draft or Exchange
        The left side and the right side. Of two exchanges the responses are compared as well.
    names : tuple of (str, str), optional
        What the two sides are called, such as ``("row 2", "row 3")``; left and right by default.

    Returns
    -------
    Comparison
        Every difference; it is true when there is any.

    Raises
    ------
    InputError
        One of them is a Path to a file that cannot be read, or holds a value that cannot be written as JSON.

    Examples
    --------
    >>> found = compare('{"playerTime": {"ts": 1}}', {"playerTime": {"ts": 1.0}}, names=("before", "after"))
    >>> print(found)
    1 difference: playerTime.ts  before: 1  after: 1.0
    >>> found.rows[0].place, found.rows[0].change
    (('playerTime', 'ts'), 'changed')

    The schema of a host and that of mctoolkit:

    >>> from mctoolkit.spec import schemas
    >>> theirs = schemas.schema("ping")
    >>> theirs["required"].append("params")
    >>> compare(schemas.schema("ping"), theirs, names=("mctoolkit", "host"))
    1 difference: required.params  mctoolkit: not sent  host: "params"
    """
    left, right = _event(a), _event(b)
    left_bytes, right_bytes = left.to_bytes(), right.to_bytes()
    left_value, right_value = _value(left, left_bytes), _value(right, right_bytes)
    if isinstance(left_value, NotJson) or isinstance(right_value, NotJson):
        rows = list(line_differences(left, left_value, right, right_value))
    else:
        schema = _is_schema(left_value) and _is_schema(right_value)
        rows = list(differences(left_value, right_value, schema=schema))
    responses: tuple[Difference, ...] = ()
    if isinstance(a, Exchange) and isinstance(b, Exchange):
        rows = [*address(a, b), *rows]
        responses = tuple(response_differences(a, b))
    shown = (_("left"), _("right")) if names is None else names
    return Comparison(tuple(rows), responses, left_bytes == right_bytes, shown)


def _event(thing: object) -> Event:
    if isinstance(thing, Event):
        return thing
    return thing.event if isinstance(thing, Draft | Exchange) else Event(thing)


def _value(event: Event, data: bytes) -> Any | NotJson:
    """Return the JSON value of a body as it goes over the wire; NaN is one where Python code put it there."""
    found = json_io.read(data)
    if event.raw is not None or not isinstance(found, NotJson):
        return found
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return found


def _is_schema(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("$schema"), str)


def _cell(value: Any, shown: str) -> Markup:
    kind = Markup('<span class="mct-quiet">{}</span>') if value is MISSING else Markup("<code>{}</code>")
    return kind.format(shown)
