"""Scenarios: viewings written down in small files, one action a line, and read with clear errors.

::

    about = "An episode with one ad before it"
    preset = "vod"                      # what the session begins with: an example of the form
    start.media.length = 45             # and what differs from it, by the names of the API

    steps = [
      { at = 0, do = "start" },
      { at = 0, do = "ad", length = 15, name = "Ad 1" },
      { at = 15, do = "play" },
      { at = "1:05", do = "end" },      # seconds, or minutes and seconds in quotes
    ]

What a player does between two lines (pings, ads and chapters that end, the programme that ends) it does by itself.
"""

from __future__ import annotations

import copy
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import time
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal

from mctoolkit._core import clocks
from mctoolkit._core.errors import InputError, UsageError, error_reason
from mctoolkit._core.messages import gettext, ngettext
from mctoolkit._core.messages import gettext as _
from mctoolkit.simulation import presets
from mctoolkit.simulation.actions import action, check_values, nearest_words
from mctoolkit.simulation.defects import checked
from mctoolkit.simulation.engine import PlannedEvent
from mctoolkit.simulation.player import Player
from mctoolkit.spec import catalog

__all__ = ["Scenario", "known", "read_scenario", "scenario"]

_PARTS: Final = ("about", "preset", "start", "labels", "pings", "online_at", "defects", "steps")
_PINGS: Final = ("playback", "clock")
_CLOCK = re.compile(r"(?:(\d+):)?([0-5]?\d):([0-5]\d(?:\.\d{1,3})?)")
_MOST_PROBLEMS: Final = 10
_LONGEST_S: Final = 48 * 3600


_AFTER_END_MS = 30_000
"""How long a player whose pings go on after the end is watched."""


@dataclass(frozen=True, slots=True)
class _Line:
    at_ms: int
    do: str
    device: str
    values: Mapping[str, Any]


class _StepError(InputError):
    """A line asks for what cannot be done at that moment."""

    def __init__(self, name: str, number: int, words: str) -> None:
        super().__init__(_all_of(name, [f"{_('step {number}:').format(number=number)} {words}"]))
        self.number, self.message = number, words


@dataclass(frozen=True, slots=True)
class Scenario:
    """A viewing, action by action.

    Attributes
    ----------
    name : str
        Its short name: that of its file.
    about : str
        What happens in it, in a sentence.
    preset : str
        The example that its session begins with; see :mod:`mctoolkit.presets`.
    online_at_ms : int or None
        For a viewing without a network: when the device is online again and sends all events as one list.
    defects : frozenset of str
        What its player gets wrong on purpose.
    """

    name: str
    about: str
    preset: str = "vod"
    online_at_ms: int | None = None
    defects: frozenset[str] = frozenset()
    _start: Mapping[str, Any] = field(default_factory=dict, repr=False)
    _labels: Mapping[str, Any] = field(default_factory=dict, repr=False)
    _pings: Literal["playback", "clock"] = "playback"
    _lines: tuple[_Line, ...] = field(default=(), repr=False)

    def steps(self, start_ms: int | None = None, *, defects: Iterable[str] = ()) -> tuple[PlannedEvent, ...]:
        """Return everything that its players would send, in order.

        Parameters
        ----------
        start_ms : int, optional
            The time stamp of its beginning, in milliseconds since 1970; now by default.
        defects : iterable of str
            What the players get wrong on purpose, besides those of the file; see
            :data:`mctoolkit.simulation.DEFECTS`.

        Raises
        ------
        InputError
            A line asks for what cannot be done at that moment; the message has the line.

        Examples
        --------
        >>> [step.event_type for step in scenario("timeline-1").steps(0)][:4]
        ['sessionStart', 'adBreakStart', 'adStart', 'ping']
        """
        begin_ms = clocks.default_clock().now_ms() if start_ms is None else start_ms
        players: dict[str, Player] = {}
        found: list[PlannedEvent] = []
        for number, line in enumerate(self._lines, 1):
            player = players.get(line.device)
            if player is None:
                player = players[line.device] = self._player(line, begin_ms, defects)
            if line.at_ms < player.now_ms:
                raise _StepError(
                    self.name,
                    number,
                    _("the player is away until {until}. Let this step be later.").format(
                        until=clocks.format_duration(player.now_ms)
                    ),
                )
            found += player.move_to(line.at_ms, before=True)
            try:
                found += player.do(line.do, **line.values)
            except UsageError as error:
                raise _StepError(self.name, number, str(error)) from None
        for player in players.values():
            if "pings-after-end" in player.defects:  # which shows only where somebody goes on waiting
                found += player.move_to(player.now_ms + _AFTER_END_MS)
        found.sort(key=lambda step: step.at_ms)
        return tuple(found) if self.online_at_ms is None else _as_lists(found, self.online_at_ms)

    def _player(self, line: _Line, begin_ms: int, defects: Iterable[str]) -> Player:
        body = dict(presets.preset(self.preset, begin_ms).value)
        body["params"] = {**body["params"], **copy.deepcopy(dict(self._start))}
        if self._labels:
            body["customMetadata"] = dict(self._labels)
        return Player(
            body,
            start_ms=begin_ms,
            at_ms=line.at_ms,
            defects={*self.defects, *checked(defects)},
            pings=self._pings,
            device=line.device,
        )


@cache
def known() -> Mapping[str, Scenario]:
    """Return every scenario that comes with mctoolkit, by its name.

    Examples
    --------
    >>> list(known())
    ['downloaded', 'hand-over', 'linear', 'live', 'podcast', 'resume', 'timeline-1', 'timeline-2', 'timeline-3']
    """
    folder = files("mctoolkit") / "simulation" / "data"
    found = {}
    for file in folder.iterdir():
        name = file.name.removesuffix(".toml")
        if name != file.name:
            found[name] = read_scenario(file.read_text(encoding="utf-8"), name)
    return MappingProxyType({name: found[name] for name in sorted(found)})


def scenario(which: str | Path | Scenario) -> Scenario:
    """Return a scenario: one that comes with mctoolkit by its name, or one of your own by the path of its file.

    Raises
    ------
    InputError
        There is no such scenario or file, or the file has mistakes; the message has the line of each.

    Examples
    --------
    >>> scenario("podcast").preset
    'podcast'
    """
    if isinstance(which, Scenario):
        return which
    if not isinstance(which, str | Path):
        raise UsageError(
            _('A scenario is a name, such as "timeline-1", or the path of a file. This is {value}.').format(
                value=repr(which)
            )
        )
    if isinstance(which, str) and which in known():
        return known()[which]
    path = Path(which)
    if path.suffix != ".toml" and not path.is_file():
        raise InputError(
            _(
                "There is no scenario {name}. {next} For one of your own, give the name of its file, "
                "which ends in .toml."
            ).format(name=repr(str(which)), next=nearest_words(which, known()))
        )
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        reason = error_reason(error)
        raise InputError(
            _("The scenario {path} cannot be read: {reason}. Check the name and the folder.").format(
                path=path, reason=reason
            )
        ) from None
    except UnicodeDecodeError:
        raise InputError(
            _("The scenario {path} is no text in UTF-8. Save it once more from your editor as UTF-8.").format(path=path)
        ) from None
    return read_scenario(text, path.name)


def read_scenario(text: str, name: str) -> Scenario:
    """Read a scenario from the text of its file.

    Parameters
    ----------
    text : str
        TOML; see the head of this module.
    name : str
        How messages call it: the name of the file, or of a scenario that comes with mctoolkit.

    Raises
    ------
    InputError
        It has mistakes; the message names each with its line.

    Examples
    --------
    >>> read_scenario('steps = [ { at = 0, do = "start" }, { at = 5, do = "end" } ]', "mine").steps(0)[-1].event_type
    'sessionEnd'
    """
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(
            _(
                "Reading the scenario {name}: it is not written as TOML wants it: {said}. Look for a "
                'missing quote, comma or bracket just before that place; a moment such as "1:05" stands '
                "in quotes."
            ).format(name=name, said=error)
        ) from None
    problems = _problems_of_parts(found)
    lines: list[_Line] = []
    for number, step in enumerate(_listed(found), 1):
        words, read = _read_line(step, lines[-1] if lines else None)
        problems += [_place(number, text) + one for one in words]
        if read is not None:
            lines.append(read)
    if problems:
        raise InputError(_all_of(name, problems))
    made = Scenario(
        name,
        about=gettext(str(found.get("about", ""))),
        preset=found.get("preset", "vod"),
        online_at_ms=_moment_ms(found["online_at"]) if "online_at" in found else None,
        defects=frozenset(found.get("defects", ())),
        _start=MappingProxyType(_flat(found.get("start", {}))),
        _labels=MappingProxyType(found.get("labels", {})),
        _pings=found.get("pings", "playback"),
        _lines=tuple(lines),
    )
    try:
        made.steps(0)  # so that a line that cannot be done shows now
    except _StepError as error:
        raise InputError(_all_of(name, [_place(error.number, text) + error.message])) from None
    return made


# --- the parts of a file ---------------------------------------------------------------------------------------------


def _problems_of_parts(found: Mapping[str, Any]) -> list[str]:
    problems = [
        _("a scenario has no part {part}. {next}").format(part=repr(part), next=nearest_words(part, _PARTS))
        for part in found
        if part not in _PARTS
    ]
    start = found.get("start", {})
    if isinstance(start, Mapping) and "steps" in start:
        return [
            _(
                '"steps" stands inside [{part}], as everything under such a heading does. Move the '
                "heading below the steps, or write {part}.media.length = 45 above them."
            ).format(part="start")
        ]
    problems += [
        _("{part} is a table of names and values, but this is {value}.").format(part=part, value=repr(found[part]))
        for part in ("start", "labels")
        if not isinstance(found.get(part, {}), Mapping)
    ]
    preset = found.get("preset", "vod")
    if not isinstance(preset, str) or preset not in presets.known():
        problems.append(
            _("there is no example {preset} to begin with. {next}").format(
                preset=repr(preset), next=nearest_words(preset, presets.known())
            )
        )
    if found.get("pings", "playback") not in _PINGS:
        problems.append(
            _("pings cannot be {value}. It is one of: {known}.").format(
                value=repr(found["pings"]), known=", ".join(_PINGS)
            )
        )
    if "online_at" in found and _moment_ms(found["online_at"]) is None:
        problems.append(
            _(
                "{name} is {value}, but must be seconds, such as 65, or minutes and seconds in quotes, "
                'such as "1:05"; at most 48 hours.'
            ).format(name="online_at", value=repr(found["online_at"]))
        )
    problems += _problems_of_defects(found.get("defects", []))
    if not _listed(found):
        problems.append(
            _('it has no steps. Write them as steps = [ { at = 0, do = "start" }, { at = 0, do = "play" } ].')
        )
    return problems


def _problems_of_defects(defects: object) -> list[str]:
    if not isinstance(defects, list):
        return [
            _("{part} is a list in square brackets, but this is {value}.").format(part="defects", value=repr(defects))
        ]
    problems = []
    for name in defects:
        try:
            checked([str(name)])
        except UsageError as error:
            problems.append(str(error))
    return problems


def _listed(found: Mapping[str, Any]) -> list[Any]:
    steps = found.get("steps")
    return steps if isinstance(steps, list) else []


def _read_line(step: object, last: _Line | None) -> tuple[list[str], _Line | None]:
    """Read one line: what is wrong with it, and what it says when nothing is."""
    if not isinstance(step, Mapping):
        return [
            _('a step is a line such as {{ at = 0, do = "play" }}, but this is {value}.').format(value=repr(step))
        ], None
    problems = [
        _('"{name}" is missing. Each step says when (at) and what (do).').format(name=name)
        for name in ("at", "do")
        if name not in step
    ]
    if problems:
        return problems, None
    at_ms = _moment_ms(step["at"])
    if at_ms is None:
        problems.append(
            _(
                "{name} is {value}, but must be seconds, such as 65, or minutes and seconds in quotes, "
                'such as "1:05"; at most 48 hours.'
            ).format(name="at", value=repr(step["at"]))
        )
    elif last is not None and at_ms < last.at_ms:
        problems.append(
            _(
                "at is {at}, which lies before the step above it ({last}). Put the steps in the order in "
                "which they happen."
            ).format(at=step["at"], last=clocks.format_duration(last.at_ms))
        )
    device = step.get("device", "")
    if not isinstance(device, str):
        problems.append(
            _('device is {value}, but must be the name of a device in quotes, such as "phone".').format(
                value=repr(device)
            )
        )
    values = {key: value for key, value in step.items() if key not in ("at", "do", "device")}
    if "params" in values and isinstance(values["params"], Mapping):
        values["params"] = _flat(values["params"])
    try:
        check_values(action(step["do"]), values)
    except UsageError as error:
        problems.append(str(error))
    if problems or at_ms is None:
        return problems, None
    return [], _Line(at_ms, step["do"], device, MappingProxyType(values))


def _moment_ms(value: object) -> int | None:
    """Read a moment: seconds, or hours, minutes and seconds.

    Examples
    --------
    >>> _moment_ms(12.5), _moment_ms("1:05"), _moment_ms("0:35:00"), _moment_ms("soon")
    (12500, 65000, 2100000, None)
    """
    if isinstance(value, time):
        value = value.isoformat("milliseconds")
    seconds: float
    if isinstance(value, str):
        read = _CLOCK.fullmatch(value.strip())
        if read is None:
            return None
        hours, minutes, rest = read.groups()
        seconds = int(hours or 0) * 3600 + int(minutes) * 60 + float(rest)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        seconds = value
    else:
        return None
    return round(seconds * 1000) if 0 <= seconds <= _LONGEST_S else None


def _flat(table: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """Write ``media.length = 45`` and ``"media.length" = 45`` alike: TOML takes the first for tables in tables."""
    found: dict[str, Any] = {}
    for name, value in table.items():
        key = f"{before}{name}"
        known_as = catalog.parameters().get(key)
        if isinstance(value, Mapping) and (known_as is None or known_as.type != "object"):
            found |= _flat(value, f"{key}.")
        else:
            found[key] = value
    return found


def _as_lists(steps: Iterable[PlannedEvent], at_ms: int) -> tuple[PlannedEvent, ...]:
    """Gather the events of each session into one list, as a device does that was offline."""
    by_session: dict[str, list[PlannedEvent]] = {}
    for step in steps:
        by_session.setdefault(step.session, []).append(step)
    return tuple(
        PlannedEvent(max(at_ms, of[-1].at_ms), "downloaded", [step.body for step in of], session)
        for session, of in by_session.items()
    )


# --- where a mistake stands ------------------------------------------------------------------------------------------


def _line_of(text: str, number: int) -> int | None:
    """Return the line of the file on which a step begins: the first that makes the text hold so many."""
    lines = text.splitlines()
    for count in range(1, len(lines) + 1):
        so_far = "\n".join(lines[:count])
        for closing in ("", "]", "\n]"):
            try:
                found = tomllib.loads(so_far + closing)
            except tomllib.TOMLDecodeError:
                continue
            if len(_listed(found)) >= number:
                return count
            break
    return None


def _place(number: int, text: str) -> str:
    line = _line_of(text, number)
    return (
        _("step {number}:").format(number=number)
        if line is None
        else _("line {line} (step {number}):").format(number=number, line=line)
    ) + " "


def _all_of(name: str, problems: list[str]) -> str:
    head = ngettext(
        "The scenario {name} cannot be played:",
        "The scenario {name} cannot be played: {number} problems.",
        len(problems),
    ).format(name=name, number=len(problems))
    shown = [f"- {problem}" for problem in problems[:_MOST_PROBLEMS]]
    more = len(problems) - len(shown)
    return "\n".join([head, *shown, *([_("... and {number} more.").format(number=more)] if more else [])])
