"""Presets: bodies of ``sessionStart`` for VOD, live, podcasts and others; see ``spec/data/presets.toml``."""

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

_EVENT_TYPE = "sessionStart"

Base = Literal["demo", "required", "every-key", "nothing"]


@dataclass(frozen=True, slots=True)
class Preset:
    """A body of ``sessionStart``.

    Attributes
    ----------
    name : str
        Its name, such as ``"vod"``.
    base : str
        What the body contains before ``put`` changes it: ``"demo"``, ``"required"``, ``"every-key"`` or ``"nothing"``.
    put : Mapping
        Values, in the form of a body.
    playhead : str
        ``"start"``, or ``"second-of-day"`` if the playhead counts from midnight in UTC.
    keeps_ts : bool
        Whether the time stamp is that of ``put`` instead of the current time.
    rules : tuple of str
        The rules that the body violates on purpose.
    source : str
        The pages that document it.
    label, help : str
        A short name for lists, and a description.
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
        """Return the body for a start at a given time.

        Parameters
        ----------
        now_ms : int
            The time stamp, in milliseconds since 1970. The playhead of live content is computed from it.
        """
        body: dict[str, Any] = {} if self.base == "nothing" else {"playerTime": {}, "eventType": _EVENT_TYPE}
        for parameter in _base_parameters(self.base):
            _set_value(body, parameter.place, _base_value(parameter, self.base))
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
    """Return all presets by name, in the order of lists.

    Examples
    --------
    >>> list(known())
    ['vod', 'live', 'linear', 'podcast', 'minimal', 'full', 'documentation']
    >>> known()["live"].label
    'Live event'
    """
    blocks = loader.read("presets")
    return MappingProxyType({name: _parse_preset(name, block) for name, block in blocks.items()})


def preset(name: str, now_ms: int | None = None) -> Event:
    """Return the body of a preset.

    Parameters
    ----------
    name : str
        ``"vod"``, ``"live"``, ``"linear"``, ``"podcast"``, ``"minimal"``, ``"full"`` or ``"documentation"``.
    now_ms : int, optional
        The time of the start, in milliseconds since 1970; now by default.

    Returns
    -------
    Event
        A new ``sessionStart``.

    Raises
    ------
    UsageError
        There is no such preset. The message suggests the most similar name.

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


def _parse_preset(name: str, block: dict[str, Any]) -> Preset:
    fields = {**block, "rules": tuple(block.get("rules", ())), "put": MappingProxyType(block.get("put", {}))}
    return Preset(name, base=fields.pop("from"), **fields)


def _base_parameters(base: Base) -> Iterable[Parameter]:
    """Return the parameters whose values a body starts with."""
    parameters = catalog.parameters_of(_EVENT_TYPE)
    if base == "every-key":
        leaves = [p for p in parameters if p.type != "object" or p.member != "envelope"]
        labels = [p for p in parameters if p.key == "customMetadata"]
        return [p for p in [*leaves, *labels] if p.key != "eventType"]
    if base == "nothing":
        return ()
    return [p for p in parameters if p.demo is not None and (base == "demo" or p.required(_EVENT_TYPE))]


def _base_value(parameter: Parameter, base: Base) -> Any:
    use_example = base == "every-key" and parameter.demo is None
    return copy.deepcopy(parameter.example if use_example else parameter.demo)


def _set_value(body: dict[str, Any], place: tuple[str, ...], value: Any) -> None:
    parent = body
    for part in place[:-1]:
        parent = parent.setdefault(part, {})
    parent[place[-1]] = value
