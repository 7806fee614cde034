"""Compare two bodies, exchanges or JSON Schemas field by field."""

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
from mctoolkit.reporting.diff.json_diff import MISSING, Change, Difference, json_differences
from mctoolkit.reporting.diff.response_diff import address_differences, response_differences
from mctoolkit.reporting.diff.text_diff import line_differences

__all__ = ["MISSING", "Change", "Comparison", "Difference", "compare"]


@dataclass(frozen=True)
class Comparison:
    """The differences between two bodies, exchanges or JSON Schemas.

    Attributes
    ----------
    rows : tuple of Difference
        The differences between the bodies, in the order of the left one, and between the addresses of two exchanges.
    responses : tuple of Difference
        The differences between the responses of two exchanges: status, session id, message, headers.
    same_bytes : bool
        Whether the two bodies are the same bytes. The same JSON can be written in more than one way.
    names : tuple of (str, str)
        The names of the two sides.

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
        """Whether there is no difference."""
        return not self.rows and not self.responses

    @property
    def summary(self) -> str:
        """The number of differences between the bodies, as a sentence."""
        if self.rows and self.responses:
            number = len(self.rows)
            return ngettext("{number} difference in the request", "{number} differences in the request", number).format(
                number=number
            )
        if self.rows:
            number = len(self.rows)
            return ngettext("{number} difference", "{number} differences", number).format(number=number)
        if self.same_bytes:
            return _("No difference.")
        return _("No difference in content. The bytes differ: white space, key order, or how a value is written.")

    @property
    def _response_summary(self) -> str:
        number = len(self.responses)
        return ngettext("{number} difference in the response", "{number} differences in the response", number).format(
            number=number
        )

    def __len__(self) -> int:
        return len(self.rows) + len(self.responses)

    def __bool__(self) -> bool:
        return not self.same

    def __str__(self) -> str:
        lines = self._lines(self.summary, self.rows)
        if self.responses:
            lines += self._lines(self._response_summary, self.responses)
        return "\n".join(lines)

    __repr__ = __str__

    def _lines(self, head: str, rows: tuple[Difference, ...]) -> list[str]:
        left, right = self.names
        lines = [f"{row.where}  {left}: {row.left_shown}  {right}: {row.right_shown}" for row in rows]
        return [f"{head}: {lines[0]}"] if len(lines) == 1 else [head, *(f"- {line}" for line in lines)]

    def _repr_html_(self) -> str:
        return str(Markup("{}{}").format(style(), self.to_html()))

    def to_html(self) -> Markup:
        """Return the differences as HTML tables, without the style sheet."""
        parts = [Markup('<p class="mct-head">{}</p>').format(self.summary)]
        if self.rows:
            caption = _("Differences in the request") if self.responses else _("Differences")
            parts.append(self._table(caption, self.rows))
        if self.responses:
            parts.append(self._table(self._response_summary, self.responses))
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
    """Compare two bodies, two exchanges, or two JSON Schemas field by field.

    The order of keys makes no difference; the type of a number does: the API treats ``1`` and ``1.0`` differently.
    Lists are compared item by item. If one body is not JSON, both are compared line by line. In two documents with a
    ``$schema``, the order of ``required`` and ``enum`` makes no difference either.

    Parameters
    ----------
    a, b : dict, str, bytes, Path, Event, Draft or Exchange
        The left and the right side. For two exchanges, the responses are compared too.
    names : tuple of (str, str), optional
        The names of the two sides, such as ``("row 2", "row 3")``; left and right by default.

    Returns
    -------
    Comparison
        Every difference. It is true if there is one.

    Raises
    ------
    InputError
        A Path is a file that cannot be read, or a value cannot be written as JSON.

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
    1 difference: required.params  mctoolkit: not present  host: "params"
    """
    left, right = _to_event(a), _to_event(b)
    left_bytes, right_bytes = left.to_bytes(), right.to_bytes()
    left_value, right_value = _read_value(left, left_bytes), _read_value(right, right_bytes)
    if isinstance(left_value, NotJson) or isinstance(right_value, NotJson):
        rows = list(line_differences(left, left_value, right, right_value))
    else:
        is_schema = _is_schema(left_value) and _is_schema(right_value)
        rows = list(json_differences(left_value, right_value, is_schema=is_schema))
    responses: tuple[Difference, ...] = ()
    if isinstance(a, Exchange) and isinstance(b, Exchange):
        rows = [*address_differences(a, b), *rows]
        responses = tuple(response_differences(a, b))
    return Comparison(tuple(rows), responses, left_bytes == right_bytes, names or (_("left"), _("right")))


def _to_event(thing: object) -> Event:
    if isinstance(thing, Event):
        return thing
    return thing.event if isinstance(thing, Draft | Exchange) else Event(thing)


def _read_value(event: Event, body: bytes) -> Any | NotJson:
    """Return the JSON value of a body. A NaN from Python code is accepted, a NaN in a text is not."""
    found = json_io.read(body)
    if event.raw is not None or not isinstance(found, NotJson):
        return found
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return found


def _is_schema(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("$schema"), str)


def _cell(value: Any, shown: str) -> Markup:
    kind = Markup('<span class="mct-quiet">{}</span>') if value is MISSING else Markup("<code>{}</code>")
    return kind.format(shown)
