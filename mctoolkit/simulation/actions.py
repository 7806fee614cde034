"""The actions of a viewer, by the names that scenarios and the event pad use."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from mctoolkit._core.errors import UsageError
from mctoolkit._core.messages import gettext as _
from mctoolkit.simulation import ad_actions, playback_actions
from mctoolkit.simulation.action_values import EVENT_OVERRIDES, ValueKind, check_values, suggest_name
from mctoolkit.simulation.engine import PlannedEvent

__all__ = ["ACTIONS", "Action", "action"]


@dataclass(frozen=True, slots=True)
class Action:
    """Something that a viewer or a player does.

    Attributes
    ----------
    name : str
        Its name in a scenario, such as ``"ad break"``.
    run : callable
        Does it: takes an engine and the values, returns the events that follow.
    values : Mapping
        The kind of each value by name.
    required : tuple of str
        The values that it needs.
    needs_session : bool
        Whether it needs an open session. Otherwise ``run`` checks what it needs.
    accepts_overrides : bool
        Whether it also accepts :data:`~mctoolkit.simulation.action_values.EVENT_OVERRIDES`.
    """

    name: str
    run: Callable[..., Sequence[PlannedEvent]] = field(repr=False)
    values: Mapping[str, ValueKind] = field(default_factory=dict, compare=False)
    required: tuple[str, ...] = ()
    needs_session: bool = True
    accepts_overrides: bool = True

    def check(self, values: Mapping[str, Any]) -> None:
        """Check values for it.

        Raises
        ------
        UsageError
            A value is unknown, of the wrong kind, or missing.
        """
        kinds = {**self.values, **EVENT_OVERRIDES} if self.accepts_overrides else self.values
        check_values(self.name, kinds, values, self.required)


_AD: Final[Mapping[str, ValueKind]] = {
    "length": "seconds",
    "id": "text",
    "name": "text",
    "position": "whole",
    "player": "text",
}
_CHAPTER: Final[Mapping[str, ValueKind]] = {"length": "seconds", "name": "text", "index": "whole", "offset": "seconds"}

ACTIONS: Final[Mapping[str, Action]] = MappingProxyType(
    {
        each.name: each
        for each in (
            Action("start", playback_actions.start, {"resume": "flag"}, needs_session=False),
            Action("play", playback_actions.play, needs_session=False),
            Action("pause", playback_actions.pause),
            Action("buffer", playback_actions.buffer),
            Action("seek", playback_actions.seek, {"to": "seconds"}, ("to",)),
            Action("ad break", ad_actions.ad_break, {"name": "text", "index": "whole", "second": "seconds"}),
            Action("ad", ad_actions.ad, _AD),
            Action("skip", ad_actions.skip),
            Action("ad break end", ad_actions.ad_break_end),
            Action("chapter", ad_actions.chapter, _CHAPTER),
            Action("state", playback_actions.state, {"name": "text", "on": "flag"}, ("name",)),
            Action("bitrate", playback_actions.bitrate, {"bits": "whole"}, ("bits",)),
            Action("error", playback_actions.error, {"id": "text", "source": "text", "stops": "flag"}),
            Action("complete", playback_actions.complete, needs_session=False),
            Action("end", playback_actions.end, needs_session=False),
            Action("send", playback_actions.send, {"event": "text"}, ("event",), needs_session=False),
            Action(
                "sleep",
                playback_actions.sleep,
                {"seconds": "seconds"},
                ("seconds",),
                needs_session=False,
                accepts_overrides=False,
            ),
            Action("wait", playback_actions.wait, {"seconds": "seconds"}, needs_session=False, accepts_overrides=False),
        )
    }
)
"""All actions by name."""


def action(name: object) -> Action:
    """Return one action; the case of its name does not matter.

    Raises
    ------
    UsageError
        There is no such action. The message suggests the most similar name.

    Examples
    --------
    >>> action("Ad Break").name
    'ad break'
    """
    found = ACTIONS.get(name.strip().casefold()) if isinstance(name, str) else None
    if found is None:
        raise UsageError(
            _("There is no action {name}. {next}").format(name=repr(name), next=suggest_name(name, ACTIONS))
        )
    return found
