"""Scenario: the actions of one or more viewers, with the time of each."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from mctoolkit._core import clocks
from mctoolkit._core.errors import InputError, UsageError
from mctoolkit._core.messages import Plural
from mctoolkit._core.messages import gettext as _
from mctoolkit.simulation import presets
from mctoolkit.simulation.defects import check_defects
from mctoolkit.simulation.engine import PlannedEvent
from mctoolkit.simulation.player import Player

__all__ = ["Scenario", "ScenarioStep", "StepError", "format_problems"]

_MAX_PROBLEMS: Final = 10
_AFTER_END_MS: Final = 30_000  # pings after the end show only if time passes after the end
_HEADER = Plural(
    "The scenario {name} cannot be played:",
    "The scenario {name} cannot be played: {number} problems.",
)


@dataclass(frozen=True, slots=True)
class ScenarioStep:
    """One line of a scenario: when, what, and on which device."""

    at_ms: int
    action: str
    device: str
    values: Mapping[str, Any]


class StepError(InputError):
    """A step is not possible at its time."""

    def __init__(self, name: str, number: int, message: str) -> None:
        super().__init__(format_problems(name, [f"{_('step {number}:').format(number=number)} {message}"]))
        self.number, self.message = number, message


@dataclass(frozen=True, slots=True)
class Scenario:
    """A session, or several, action by action.

    Attributes
    ----------
    name : str
        Its name, or the name of its file.
    about : str
        What happens in it, in a sentence.
    preset : str
        The preset of its ``sessionStart``; see :mod:`mctoolkit.presets`.
    online_at_ms : int or None
        For downloaded content: when the device is online again and sends all events as one list.
    defects : frozenset of str
        Ids of :data:`mctoolkit.simulation.DEFECTS`.
    """

    name: str
    about: str
    preset: str = "vod"
    online_at_ms: int | None = None
    defects: frozenset[str] = frozenset()
    _start: Mapping[str, Any] = field(default_factory=dict, repr=False)
    _labels: Mapping[str, Any] = field(default_factory=dict, repr=False)
    _pings: Literal["playback", "clock"] = "playback"
    _steps: tuple[ScenarioStep, ...] = field(default=(), repr=False)

    def events(self, start_ms: int | None = None, *, defects: Iterable[str] = ()) -> tuple[PlannedEvent, ...]:
        """Return all events that its players would send, in order of time.

        Parameters
        ----------
        start_ms : int, optional
            The time stamp of the start, in milliseconds since 1970; now by default.
        defects : iterable of str
            More ids of :data:`mctoolkit.simulation.DEFECTS`, in addition to those of the scenario.

        Raises
        ------
        InputError
            A step is not possible at its time. The message names the step.
        UsageError
            There is no such defect.

        Examples
        --------
        >>> from mctoolkit.simulation import scenario
        >>> [event.event_type for event in scenario("timeline-1").events(0)][:4]
        ['sessionStart', 'adBreakStart', 'adStart', 'ping']
        """
        begin_ms = clocks.default_clock().now_ms() if start_ms is None else start_ms
        players: dict[str, Player] = {}
        events: list[PlannedEvent] = []
        for number, step in enumerate(self._steps, 1):
            player = players.get(step.device)
            if player is None:
                player = players[step.device] = self._create_player(step, begin_ms, defects)
            if step.at_ms < player.now_ms:
                raise StepError(
                    self.name,
                    number,
                    _("the player sleeps until {until}. Use a later time for this step.").format(
                        until=clocks.format_duration(player.now_ms)
                    ),
                )
            events += player.move_to(step.at_ms, before=True)
            try:
                events += player.do(step.action, **step.values)
            except UsageError as error:
                raise StepError(self.name, number, str(error)) from None
        for player in players.values():
            if "pings-after-end" in player.defects:
                events += player.move_to(player.now_ms + _AFTER_END_MS)
        events.sort(key=lambda event: event.at_ms)
        return tuple(events) if self.online_at_ms is None else _group_by_session(events, self.online_at_ms)

    def _create_player(self, step: ScenarioStep, begin_ms: int, defects: Iterable[str]) -> Player:
        body = dict(presets.preset(self.preset, begin_ms).value)
        body["params"] = {**body["params"], **copy.deepcopy(dict(self._start))}
        if self._labels:
            body["customMetadata"] = dict(self._labels)
        return Player(
            body,
            start_ms=begin_ms,
            at_ms=step.at_ms,
            defects={*self.defects, *check_defects(defects)},
            pings=self._pings,
            device=step.device,
        )


def format_problems(name: str, problems: list[str]) -> str:
    """Return the message for a scenario with problems: a line for each of the first ten."""
    lines = [_HEADER.format(len(problems), name=name), *(f"- {problem}" for problem in problems[:_MAX_PROBLEMS])]
    if len(problems) > _MAX_PROBLEMS:
        lines.append(_("... and {number} more.").format(number=len(problems) - _MAX_PROBLEMS))
    return "\n".join(lines)


def _group_by_session(events: Iterable[PlannedEvent], at_ms: int) -> tuple[PlannedEvent, ...]:
    """Return one list of events for each session, as a device sends them after it was offline."""
    by_session: dict[str, list[PlannedEvent]] = {}
    for event in events:
        by_session.setdefault(event.session, []).append(event)
    return tuple(
        PlannedEvent(max(at_ms, group[-1].at_ms), "downloaded", [event.body for event in group], session)
        for session, group in by_session.items()
    )
