"""The values that actions take, their kinds, and the check that a value is of its kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final, Literal

from mctoolkit._core.errors import UsageError
from mctoolkit._core.messages import Message
from mctoolkit._core.messages import gettext as _
from mctoolkit.spec import catalog

__all__ = ["EVENT_OVERRIDES", "ValueKind", "check_values", "suggest_name"]

ValueKind = Literal["seconds", "number", "whole", "text", "flag", "table"]

EVENT_OVERRIDES: Final[Mapping[str, ValueKind]] = MappingProxyType(
    {
        "params": "table",
        "customMetadata": "table",
        "qoeData": "table",
        "playhead": "number",
        "ts": "whole",
        "drop": "flag",
    }
)
"""Values that change the event of an action; ``drop`` leaves the event out."""

_KINDS = {
    "seconds": Message("a number of seconds, 0 or more, such as 15"),
    "number": Message("a number, such as 60.5"),
    "whole": Message("a whole number, such as 1"),
    "text": Message("a text in quotes"),
    "flag": Message("true or false"),
    "table": Message('a table of names and values, such as {{ myLabel = "x" }}'),
}


def check_values(
    action: str, kinds: Mapping[str, ValueKind], values: Mapping[str, Any], required: Iterable[str] = ()
) -> None:
    """Check the values of an action.

    Raises
    ------
    UsageError
        A value is unknown, of the wrong kind, or missing.
    """
    for name, value in values.items():
        if name not in kinds:
            raise UsageError(
                _('"{action}" has no value {name}. {next}').format(
                    action=action, name=repr(name), next=suggest_name(name, kinds)
                )
            )
        if not _is_of_kind(kinds[name], value):
            raise UsageError(
                _('{name} of "{action}" is {value}, but must be {kind}.').format(
                    action=action, name=name, value=repr(value), kind=_KINDS[kinds[name]]
                )
            )
    for name in required:
        if name not in values:
            raise UsageError(_('"{action}" needs a value {name}.').format(action=action, name=name))


def suggest_name(name: object, known: Iterable[str]) -> str:
    """Return a sentence with the known name that is most similar, or with all known names."""
    names = list(known)
    similar = catalog.nearest(str(name), names)
    if similar:
        return _("Did you mean {near}?").format(near=repr(similar))
    return _("There are: {known}.").format(known=", ".join(names)) if names else ""


def _is_of_kind(kind: ValueKind, value: object) -> bool:
    if kind == "flag":
        return isinstance(value, bool)
    if kind == "text":
        return isinstance(value, str) and value != ""
    if kind == "table":
        return isinstance(value, Mapping)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    if kind == "whole":
        return isinstance(value, int)
    return kind == "number" or 0 <= value < 10**9
