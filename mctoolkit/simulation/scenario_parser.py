"""Read scenarios from TOML files; each error names its line.

::

    about = "An episode with one ad before it"
    preset = "vod"                      # the preset of the sessionStart
    start.media.length = 45             # changes to its params

    steps = [
      { at = 0, do = "start" },
      { at = 0, do = "ad", length = 15, name = "Ad 1" },
      { at = 15, do = "play" },
      { at = "1:05", do = "end" },      # seconds, or minutes and seconds in quotes
    ]

Between two steps the player sends pings, and ends ads, chapters and the content by itself.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import time
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from mctoolkit._core import clocks
from mctoolkit._core.errors import InputError, UsageError
from mctoolkit._core.messages import gettext as _
from mctoolkit.simulation import presets
from mctoolkit.simulation.action_values import suggest_name
from mctoolkit.simulation.actions import action
from mctoolkit.simulation.defects import check_defects
from mctoolkit.simulation.scenarios import Scenario, ScenarioStep, StepError, format_problems
from mctoolkit.spec import catalog

__all__ = ["known", "parse_scenario", "scenario"]

_KEYS: Final = ("about", "preset", "start", "labels", "pings", "online_at", "defects", "steps")
_PINGS: Final = ("playback", "clock")
_CLOCK_TIME = re.compile(r"(?:(\d+):)?([0-5]?\d):([0-5]\d(?:\.\d{1,3})?)")
_MAX_TIME_S: Final = 48 * 3600


@cache
def known() -> Mapping[str, Scenario]:
    """Return the scenarios of mctoolkit by name.

    Examples
    --------
    >>> list(known())
    ['downloaded', 'hand-over', 'linear', 'live', 'podcast', 'resume', 'timeline-1', 'timeline-2', 'timeline-3']
    """
    folder = files("mctoolkit") / "simulation" / "data"
    texts = {
        file.name.removesuffix(".toml"): file.read_text(encoding="utf-8")
        for file in folder.iterdir()
        if file.name.endswith(".toml")
    }
    return MappingProxyType({name: parse_scenario(texts[name], name) for name in sorted(texts)})


def scenario(which: str | Path | Scenario) -> Scenario:
    """Return a scenario: one of mctoolkit by its name, or one of your own by the path of its file.

    Raises
    ------
    InputError
        There is no such scenario or file, or the file has errors. The message names the line of each.

    Examples
    --------
    >>> scenario("podcast").preset
    'podcast'
    """
    if isinstance(which, Scenario):
        return which
    if not isinstance(which, str | Path):
        raise UsageError(
            _('A scenario is a name, such as "timeline-1", or the path of a file, but this is {value}.').format(
                value=repr(which)
            )
        )
    if isinstance(which, str) and which in known():
        return known()[which]
    path = Path(which)
    if path.suffix != ".toml" and not path.is_file():
        raise InputError(
            _("There is no scenario {name}. {next} For your own scenario, give the path of a .toml file.").format(
                name=repr(str(which)), next=suggest_name(which, known())
            )
        )
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise InputError(
            _("Cannot read the scenario {path}: {reason}. Check the path.").format(path=path, reason=reason)
        ) from None
    except UnicodeDecodeError:
        raise InputError(_("The scenario {path} is not UTF-8 text. Save it as UTF-8.").format(path=path)) from None
    return parse_scenario(text, path.name)


def parse_scenario(text: str, name: str) -> Scenario:
    """Parse the text of a scenario file.

    Parameters
    ----------
    text : str
        TOML; see the docstring of this module.
    name : str
        The name of the scenario for messages.

    Raises
    ------
    InputError
        The text has errors. The message names the line of each.

    Examples
    --------
    >>> parse_scenario('steps = [ { at = 0, do = "start" }, { at = 5, do = "end" } ]', "mine").events(0)[-1].event_type
    'sessionEnd'
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(
            _(
                "The scenario {name} is not valid TOML: {error}. Look for a missing quote, comma or bracket just "
                'before that place. Write a time such as "1:05" in quotes.'
            ).format(name=name, error=error)
        ) from None
    problems = _find_problems(document)
    steps: list[ScenarioStep] = []
    for number, entry in enumerate(_step_entries(document), 1):
        step_problems, step = _parse_step(entry, steps[-1] if steps else None)
        problems += [_format_place(number, text) + problem for problem in step_problems]
        if step is not None:
            steps.append(step)
    if problems:
        raise InputError(format_problems(name, problems))
    parsed = Scenario(
        name,
        about=_(str(document.get("about", ""))),
        preset=document.get("preset", "vod"),
        online_at_ms=_parse_time(document["online_at"]) if "online_at" in document else None,
        defects=frozenset(document.get("defects", ())),
        _start=MappingProxyType(_flatten(document.get("start", {}))),
        _labels=MappingProxyType(document.get("labels", {})),
        _pings=document.get("pings", "playback"),
        _steps=tuple(steps),
    )
    try:
        parsed.events(0)  # find steps that are not possible
    except StepError as error:
        raise InputError(format_problems(name, [_format_place(error.number, text) + error.message])) from None
    return parsed


# --- the parts of a file ---------------------------------------------------------------------------------------------


def _find_problems(document: Mapping[str, Any]) -> list[str]:
    start = document.get("start", {})
    if isinstance(start, Mapping) and "steps" in start:
        return [
            _(
                '"steps" is inside [start], like everything below such a heading. Move the heading below the steps, '
                "or write start.media.length = 45 above them."
            )
        ]
    problems = [
        _("a scenario has no key {key}. {next}").format(key=repr(key), next=suggest_name(key, _KEYS))
        for key in document
        if key not in _KEYS
    ]
    problems += [
        _("{key} is {value}, but must be a table of names and values.").format(key=key, value=repr(document[key]))
        for key in ("start", "labels")
        if not isinstance(document.get(key, {}), Mapping)
    ]
    preset = document.get("preset", "vod")
    if not isinstance(preset, str) or preset not in presets.known():
        problems.append(
            _("there is no preset {preset}. {next}").format(
                preset=repr(preset), next=suggest_name(preset, presets.known())
            )
        )
    if document.get("pings", "playback") not in _PINGS:
        problems.append(
            _("pings is {value}, but must be one of: {known}.").format(
                value=repr(document["pings"]), known=", ".join(_PINGS)
            )
        )
    if "online_at" in document and _parse_time(document["online_at"]) is None:
        problems.append(_time_problem("online_at", document["online_at"]))
    problems += _find_defect_problems(document.get("defects", []))
    if not _step_entries(document):
        problems.append(
            _('it has no steps. Write them as steps = [ { at = 0, do = "start" }, { at = 0, do = "play" } ].')
        )
    return problems


def _find_defect_problems(defects: object) -> list[str]:
    if not isinstance(defects, list):
        return [_("defects is {value}, but must be a list in square brackets.").format(value=repr(defects))]
    problems = []
    for id_ in defects:
        try:
            check_defects([str(id_)])
        except UsageError as error:
            problems.append(str(error))
    return problems


def _step_entries(document: Mapping[str, Any]) -> list[Any]:
    steps = document.get("steps")
    return steps if isinstance(steps, list) else []


def _parse_step(entry: object, last: ScenarioStep | None) -> tuple[list[str], ScenarioStep | None]:
    """Return the problems of a step, and the step if there are none."""
    if not isinstance(entry, Mapping):
        return [
            _('a step is a table such as {{ at = 0, do = "play" }}, but this is {value}.').format(value=repr(entry))
        ], None
    problems = [
        _('"{name}" is missing. Each step has a time (at) and an action (do).').format(name=name)
        for name in ("at", "do")
        if name not in entry
    ]
    if problems:
        return problems, None
    at_ms = _parse_time(entry["at"])
    if at_ms is None:
        problems.append(_time_problem("at", entry["at"]))
    elif last is not None and at_ms < last.at_ms:
        problems.append(
            _("at is {at}, which is before the previous step ({last}). Put the steps in order of time.").format(
                at=entry["at"], last=clocks.format_duration(last.at_ms)
            )
        )
    device = entry.get("device", "")
    if not isinstance(device, str):
        problems.append(
            _('device is {value}, but must be a name in quotes, such as "phone".').format(value=repr(device))
        )
    values = {key: value for key, value in entry.items() if key not in ("at", "do", "device")}
    if isinstance(values.get("params"), Mapping):
        values["params"] = _flatten(values["params"])
    try:
        action(entry["do"]).check(values)
    except UsageError as error:
        problems.append(str(error))
    if problems or at_ms is None:
        return problems, None
    return [], ScenarioStep(at_ms, entry["do"], device, MappingProxyType(values))


def _parse_time(value: object) -> int | None:
    """Return a time in milliseconds; None if it is not a valid one.

    Examples
    --------
    >>> _parse_time(12.5), _parse_time("1:05"), _parse_time("0:35:00"), _parse_time("soon")
    (12500, 65000, 2100000, None)
    """
    if isinstance(value, time):
        value = value.isoformat("milliseconds")
    seconds: float
    if isinstance(value, str):
        match = _CLOCK_TIME.fullmatch(value.strip())
        if match is None:
            return None
        hours, minutes, rest = match.groups()
        seconds = int(hours or 0) * 3600 + int(minutes) * 60 + float(rest)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        seconds = value
    else:
        return None
    return round(seconds * 1000) if 0 <= seconds <= _MAX_TIME_S else None


def _time_problem(name: str, value: object) -> str:
    return _(
        "{name} is {value}, but must be seconds, such as 65, or minutes and seconds in quotes, "
        'such as "1:05"; at most 48 hours.'
    ).format(name=name, value=repr(value))


def _flatten(table: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Join the names of nested tables with dots, because TOML reads ``media.length = 45`` as a table in a table."""
    flat: dict[str, Any] = {}
    for name, value in table.items():
        key = f"{prefix}{name}"
        parameter = catalog.parameters().get(key)
        if isinstance(value, Mapping) and (parameter is None or parameter.type != "object"):
            flat |= _flatten(value, f"{key}.")
        else:
            flat[key] = value
    return flat


# --- line numbers ----------------------------------------------------------------------------------------------------


def _format_place(number: int, text: str) -> str:
    line = _find_line(text, number)
    if line is None:
        return _("step {number}:").format(number=number) + " "
    return _("line {line} (step {number}):").format(number=number, line=line) + " "


def _find_line(text: str, number: int) -> int | None:
    """Return the line with a step: the first line up to which the text contains so many steps."""
    lines = text.splitlines()
    for count in range(1, len(lines) + 1):
        so_far = "\n".join(lines[:count])
        for closing in ("", "]", "\n]"):
            try:
                document = tomllib.loads(so_far + closing)
            except tomllib.TOMLDecodeError:
                continue
            if len(_step_entries(document)) >= number:
                return count
            break
    return None
