"""One row of a tracking plan, and what it says of a body."""

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

RULE = "house-rule"
"""The id of the rule that a breach of a tracking plan has; its source names the row."""

_MOST_NAMED = 8
_ABSENT = object()
_PLAYER: Place = ("params", "media.playerName")


def place_of(key: str) -> Place:
    """Return where a key of a plan stands in a body; a name that the API does not have is one of the user's labels.

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
    """When a row asks for its key: another key has one of these values, or for ``unless`` has none of them."""

    key: str
    values: tuple[str, ...]
    unless: bool = False

    def holds(self, body: Mapping[str, Any]) -> bool:
        """Tell whether a body is of this kind. A key that is absent has none of the values."""
        found = _found(body, place_of(self.key))
        among = found is not _ABSENT and _text(found).casefold() in {value.casefold() for value in self.values}
        return among != self.unless


@dataclass(frozen=True, slots=True)
class PlanRule:
    """One row of a tracking plan.

    Attributes
    ----------
    row : int
        The row of the sheet, as its program counts them.
    key : str
        The key that it is about.
    events : tuple of str
        The event types that it is about.
    required : bool
        Whether the key must be there.
    conditions : tuple of Condition
        When; all of them must hold. Without one, always.
    values : tuple of str
        The values that are allowed; empty for any.
    pattern : str or None
        A regular expression that the whole value must match.
    platform : str or None
        The platform that it is for, such as ``web`` or ``tv*``; None for all.
    note : str
        What the plan says to the reader.
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

    def concerns(self, body: Mapping[str, Any], platform: str | None) -> bool:
        """Tell whether the row is about a body, sent by a player on a platform (by its name, where nobody says)."""
        if body.get("eventType") not in self.events:
            return False
        if self.platform is not None:
            name = platform if platform is not None else _text(_found(body, _PLAYER))
            if not fnmatch.fnmatchcase(name.casefold(), self.platform.casefold()):
                return False
        return all(condition.holds(body) for condition in self.conditions)

    def violations(self, body: Mapping[str, Any], cited: str) -> Iterator[Problem]:
        """Yield what is wrong with a body that the row is about; ``cited`` is how a breach names the row."""
        place = place_of(self.key)
        found = _found(body, place)
        if found is _ABSENT:
            if self.required:
                yield self._problem(place, "missing", cited)
            return
        text = _text(found)
        if self.values and text not in self.values:
            yield self._not_allowed(found, text, cited)
        if self.pattern is not None and re.fullmatch(self.pattern, text) is None:
            shown = masking.HIDDEN if masking.identifies(self.key) else _shown(text)
            yield self._problem(place, "pattern", cited, value=shown, pattern=self.pattern)

    def _not_allowed(self, found: Any, text: str, cited: str) -> Problem:
        place = place_of(self.key)
        if masking.identifies(self.key):  # what is allowed would tell of whom it is, as the value does
            return self._problem(place, "hidden_value", cited)
        fix = None
        close = next((value for value in self.values if value.casefold() == text.strip().casefold()), None)
        if close is not None and isinstance(found, str):
            fix = Fix(_("Make it {value}").format(value=close), (PatchOperation("put", place, close),))
        allowed = ", ".join(self.values[:_MOST_NAMED]) + (" ..." if len(self.values) > _MOST_NAMED else "")
        return self._problem(place, "value", cited, fix, value=_shown(text), allowed=allowed)

    def _problem(self, place: Place, key: str, cited: str, fix: Fix | None = None, **values: object) -> Problem:
        words = catalog.rule(RULE).message(key, key=self.key, cited=cited, **values)
        return Problem(RULE, place, messages.sentences(words, self.note), fix, cited=cited)


def _found(body: Mapping[str, Any], place: Place) -> Any:
    found: Any = body
    for part in place:
        found = found.get(part, _ABSENT) if isinstance(found, Mapping) else _ABSENT
    return found


def _text(value: Any) -> str:
    """Return a value as a sheet would have it: text without quotes, 60.0 as 60."""
    if value is _ABSENT:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, str) else json_io.shown(value)


def _shown(text: str) -> str:
    return shorten(text, 60)
