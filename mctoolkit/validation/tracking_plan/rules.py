"""Rows of a tracking plan, and the violations of a row in a body."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mctoolkit._core import json_io, messages
from mctoolkit._core.html import shorten
from mctoolkit._core.json_io import Place
from mctoolkit._core.messages import gettext as _
from mctoolkit.models import masking
from mctoolkit.models.problem import Fix, PatchOperation, Problem
from mctoolkit.spec import catalog

__all__ = ["RULE", "Condition", "PlanRule", "place_of"]

RULE = "tracking-plan"
"""The rule id of all violations of a tracking plan; their source names the row."""

_MAX_LISTED_VALUES = 8
_ABSENT = object()
_PLAYER: Place = ("params", "media.playerName")


def place_of(key: str) -> Place:
    """Return the place of a key in a body; a name that the API does not have is a label in ``customMetadata``.

    Examples
    --------
    >>> place_of("media.show"), place_of("season_id")
    (('params', 'media.show'), ('customMetadata', 'season_id'))
    """
    known = catalog.parameters().get(key)
    if known is not None:
        return known.place
    return ("customMetadata", key.removeprefix("customMetadata."))


@dataclass(frozen=True, slots=True)
class Condition:
    """The condition of a row: a key has one of these values, or with ``unless`` none of them."""

    key: str
    values: tuple[str, ...]
    unless: bool = False

    def is_met(self, body: Mapping[str, Any]) -> bool:
        """Return whether a body meets the condition. An absent key has none of the values."""
        found = _found(body, place_of(self.key))
        has_value = found is not _ABSENT and _text(found).casefold() in {value.casefold() for value in self.values}
        return has_value != self.unless


@dataclass(frozen=True, slots=True)
class PlanRule:
    """A row of a tracking plan.

    Attributes
    ----------
    row : int
        The number of the row in the file, from 1.
    key : str
        The key.
    events : tuple of str
        The event types.
    required : bool
        Whether the key is required.
    conditions : tuple of Condition
        The conditions of the row; all must be met.
    values : tuple of str
        The allowed values; empty for any.
    pattern : str or None
        A regular expression that the whole value must match.
    platform : str or None
        The platform, such as ``web`` or ``tv*``; None for all.
    note : str
        A text that is added to the message of a violation.
    """

    row: int
    key: str
    events: tuple[str, ...] = ("sessionStart",)
    required: bool = False
    conditions: tuple[Condition, ...] = ()
    values: tuple[str, ...] = ()
    pattern: str | None = None
    platform: str | None = None
    note: str = ""

    def applies_to(self, body: Mapping[str, Any], platform: str | None) -> bool:
        """Return whether the row applies to a body from a platform; by default its player name."""
        if body.get("eventType") not in self.events:
            return False
        if self.platform is not None:
            name = platform if platform is not None else _text(_found(body, _PLAYER))
            if not fnmatch.fnmatchcase(name.casefold(), self.platform.casefold()):
                return False
        return all(condition.is_met(body) for condition in self.conditions)

    def violations(self, body: Mapping[str, Any], cited: str) -> Iterator[Problem]:
        """Yield the violations in a body to which the row applies; messages call the row ``cited``."""
        place = place_of(self.key)
        found = _found(body, place)
        if found is _ABSENT:
            if self.required:
                yield self._problem(place, "missing", cited)
            return
        text = _text(found)
        if self.values and text not in self.values:
            yield self._wrong_value(found, text, cited)
        if self.pattern is not None and re.fullmatch(self.pattern, text) is None:
            shown = masking.HIDDEN if masking.identifies(self.key) else _truncated(text)
            yield self._problem(place, "pattern", cited, value=shown, pattern=self.pattern)

    def _wrong_value(self, found: Any, text: str, cited: str) -> Problem:
        place = place_of(self.key)
        if masking.identifies(self.key):  # the allowed values identify as much as the value
            return self._problem(place, "hidden_value", cited)
        fix = None
        close = next((value for value in self.values if value.casefold() == text.strip().casefold()), None)
        if close is not None and isinstance(found, str):
            fix = Fix(_("Make it {value}").format(value=close), (PatchOperation("put", place, close),))
        allowed = ", ".join(self.values[:_MAX_LISTED_VALUES]) + (
            " ..." if len(self.values) > _MAX_LISTED_VALUES else ""
        )
        return self._problem(place, "value", cited, fix, value=_truncated(text), allowed=allowed)

    def _problem(self, place: Place, variant: str, cited: str, fix: Fix | None = None, **values: object) -> Problem:
        message = catalog.rule(RULE).message(variant, key=self.key, cited=cited, **values)
        return Problem(RULE, place, messages.join_sentences(message, self.note), fix, cited=cited)


def _found(body: Mapping[str, Any], place: Place) -> Any:
    found: Any = body
    for part in place:
        found = found.get(part, _ABSENT) if isinstance(found, Mapping) else _ABSENT
    return found


def _text(value: Any) -> str:
    """Return a value as a spreadsheet shows it: text without quotes, 60.0 as 60."""
    if value is _ABSENT:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, str) else json_io.to_text(value)


def _truncated(text: str) -> str:
    return shorten(text, 60)
