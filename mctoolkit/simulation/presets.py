"""Bodies of sessionStart to begin from: VOD, live, podcast and others. What is in each stands in the facts."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Any, Literal

from mctoolkit._core import clocks
from mctoolkit._core.clocks import DAY_S
from mctoolkit.models.event import Event
from mctoolkit.spec import catalog, loader
from mctoolkit.spec.types import Parameter

__all__ = ["Preset", "known", "preset"]

_EVENT = "sessionStart"

Base = Literal["demo", "required", "every-key", "nothing"]


@dataclass(frozen=True, slots=True)
class Preset:
    """A body to begin from.

    Attributes
    ----------
    name : str
        Its short name, such as ``"vod"``.
    base : str
        What it is made of before ``put`` changes it: ``"demo"``, ``"required"``, ``"every-key"`` or ``"nothing"``.
    put : Mapping
        Values in the form of a body.
    playhead : str
        ``"start"``, or ``"second-of-day"`` where it counts from midnight in UTC.
    keeps_ts : bool
        Whether its time stamp is that of ``put``, and not the time at which it is made.
    rules : tuple of str
        The rules that it breaks on purpose; empty for a body without any problem.
    source : str
        The pages that say so.
    label, help : str
        What a list calls it, and what it is for, in a sentence or two.
    """

    name: str
    base: Base
    put: Mapping[str, Any] = field(compare=False)
    playhead: Literal["start", "second-of-day"] = "start"
    keeps_ts: bool = False
    rules: tuple[str, ...] = ()
    source: str = ""
    label: str = ""
    help: str = ""

    def event(self, now_ms: int) -> Event:
        """Return the body as it would begin at a time.

        Parameters
        ----------
        now_ms : int
            The time stamp, in milliseconds since 1970; for live also what the playhead is taken from.
        """
        body: dict[str, Any] = {} if self.base == "nothing" else {"playerTime": {}, "eventType": _EVENT}
        for parameter in _keys(self.base):
            _put(body, parameter.place, _value(parameter, self.base))
        for name, member in self.put.items():
            if isinstance(member, Mapping):
                body.setdefault(name, {}).update(copy.deepcopy(member))
            else:
                body[name] = member
        if self.playhead == "second-of-day":
            body["playerTime"]["playhead"] = now_ms // 1000 % DAY_S
        if not self.keeps_ts:
            body["playerTime"]["ts"] = now_ms
        return Event(body)


@cache
def known() -> Mapping[str, Preset]:
    """Return every preset by its name, in the order in which a list offers them.

    Examples
    --------
    >>> list(known())
    ['vod', 'live', 'linear', 'podcast', 'minimal', 'full', 'documentation']
    >>> known()["live"].label
    'Live event'
    """
    blocks = loader.read("presets")
    return MappingProxyType({name: _preset(name, block) for name, block in blocks.items()})


def preset(name: str, now_ms: int | None = None) -> Event:
    """Return the body of a preset.

    Parameters
    ----------
    name : str
        Its name: ``"vod"``, ``"live"``, ``"linear"``, ``"podcast"``, ``"minimal"``, ``"full"`` or
        ``"documentation"``.
    now_ms : int, optional
        The time at which it begins, in milliseconds since 1970; now by default.

    Returns
    -------
    Event
        A ``sessionStart``; a new one at each call.

    Raises
    ------
    UsageError
        There is no such preset; the message has the nearest one.

    Examples
    --------
    >>> live = preset("live", 1_509_045_324_153)
    >>> live.params["media.length"], live.playhead_s, live.ts_ms
    (86400, 69324, 1509045324153)
    """
    found = known().get(name)
    if found is None:
        raise catalog.unknown_name_error("preset", name, known())
    return found.event(clocks.default_clock().now_ms() if now_ms is None else now_ms)


def _preset(name: str, block: dict[str, Any]) -> Preset:
    return Preset(
        name,
        base=block["from"],
        put=MappingProxyType(block.get("put", {})),
        playhead=block.get("playhead", "start"),
        keeps_ts=block.get("keeps_ts", False),
        rules=tuple(block.get("rules", ())),
        source=block["source"],
        label=block["label"],
        help=block["help"],
    )


def _keys(base: Base) -> Iterable[Parameter]:
    """Return the keys that a body is made of, the values of ``params`` and the like and not the members themselves."""
    found = catalog.parameters_of(_EVENT)
    if base == "every-key":
        single = [p for p in found if p.type != "object" or p.member != "envelope"]
        own = [p for p in found if p.key == "customMetadata"]
        return [p for p in [*single, *own] if p.key != "eventType"]
    if base == "nothing":
        return ()
    return [p for p in found if p.demo is not None and (base == "demo" or p.required(_EVENT))]


def _value(parameter: Parameter, base: Base) -> Any:
    example = base == "every-key" and parameter.demo is None
    return copy.deepcopy(parameter.example if example else parameter.demo)


def _put(body: dict[str, Any], place: tuple[str, ...], value: Any) -> None:
    holder = body
    for part in place[:-1]:
        holder = holder.setdefault(part, {})
    holder[place[-1]] = value
