"""What can be done with a player, by the names that scenarios and the event pad use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, Literal

from mctoolkit._core.errors import UsageError
from mctoolkit._core.messages import Message
from mctoolkit._core.messages import gettext as _
from mctoolkit.spec import catalog

__all__ = ["ACTIONS", "OWN", "Action", "Kind", "action", "check_values", "nearest_words"]

Kind = Literal["seconds", "number", "whole", "text", "flag", "table"]


_KINDS = {
    "seconds": Message("a number of seconds, 0 or more, such as 15"),
    "number": Message("a number, such as 60.5"),
    "whole": Message("a whole number, such as 1"),
    "text": Message("a text in quotes"),
    "flag": Message("true or false"),
    "table": Message('a table of names and values, such as {{ myLabel = "x" }}'),
}


@dataclass(frozen=True, slots=True)
class Action:
    """Something that can be done.

    Attributes
    ----------
    name : str
        Its name in a scenario, such as ``"ad break"``.
    method : str
        The method of :class:`mctoolkit.simulation.Player`.
    values : Mapping
        The names of its values, each with its kind.
    needs : tuple of str
        The values that must be there.
    """

    name: str
    method: str
    values: Mapping[str, Kind] = field(default_factory=dict, compare=False)
    needs: tuple[str, ...] = ()


OWN: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "params": "table",
        "customMetadata": "table",
        "qoeData": "table",
        "playhead": "number",
        "ts": "whole",
        "drop": "flag",
    }
)
"""What any action takes besides: changes to the one event that it is about."""

_AD: Final[Mapping[str, Kind]] = {
    "length": "seconds",
    "id": "text",
    "name": "text",
    "position": "whole",
    "player": "text",
}

ACTIONS: Final[Mapping[str, Action]] = MappingProxyType(
    {
        found.name: found
        for found in (
            Action("start", "start", {"resume": "flag"}),
            Action("play", "play"),
            Action("pause", "pause"),
            Action("buffer", "buffer"),
            Action("seek", "seek", {"to": "seconds"}, ("to",)),
            Action("ad break", "ad_break", {"name": "text", "index": "whole", "second": "seconds"}),
            Action("ad", "ad", _AD),
            Action("skip", "skip"),
            Action("ad break end", "ad_break_end"),
            Action(
                "chapter",
                "chapter",
                {"length": "seconds", "name": "text", "index": "whole", "offset": "seconds"},
            ),
            Action("state", "state", {"name": "text", "on": "flag"}, ("name",)),
            Action("bitrate", "bitrate", {"bits": "whole"}, ("bits",)),
            Action("error", "error", {"id": "text", "source": "text", "stops": "flag"}),
            Action("complete", "complete"),
            Action("end", "end"),
            Action("send", "send", {"event": "text"}, ("event",)),
            Action("sleep", "sleep", {"seconds": "seconds"}, ("seconds",)),
            Action("wait", "wait", {"seconds": "seconds"}),
        )
    }
)
"""Every action by its name."""


def action(name: object) -> Action:
    """Return one action.

    Raises
    ------
    UsageError
        There is no such action; the message has the nearest one.
    """
    found = ACTIONS.get(name.strip().casefold()) if isinstance(name, str) else None
    if found is None:
        raise UsageError(
            _("There is no action {name}. {next}").format(name=repr(name), next=nearest_words(name, ACTIONS))
        )
    return found


def check_values(of: Action, values: Mapping[str, Any]) -> None:
    """Check that these are values of an action, and each of its kind.

    Raises
    ------
    UsageError
        One is unknown, of a wrong kind, or missing.
    """
    known = {**of.values, **OWN}
    for name, value in values.items():
        if name not in known:
            raise UsageError(
                _('"{action}" has no value {name}. {next}').format(
                    action=of.name, name=repr(name), next=nearest_words(name, known)
                )
            )
        if not _is_a(known[name], value):
            kind = str(_KINDS[known[name]])
            raise UsageError(
                _('{name} of "{action}" is {value}, but must be {kind}.').format(
                    action=of.name, name=name, value=repr(value), kind=kind
                )
            )
    for name in of.needs:
        if name not in values:
            raise UsageError(_('"{action}" needs a value {name}.').format(action=of.name, name=name))


def nearest_words(name: object, known: Iterable[str]) -> str:
    """Say which known name was meant, or which there are."""
    names = list(known)
    close = catalog.nearest(str(name), names)
    if close:
        return _("Did you mean {near}?").format(near=repr(close))
    return _("There are: {known}.").format(known=", ".join(names)) if names else ""


def _is_a(kind: Kind, value: object) -> bool:
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
