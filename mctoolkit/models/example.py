"""A valid event of each type, built from the examples of the specification."""

from __future__ import annotations

import copy
from typing import Any

from mctoolkit._core import clocks
from mctoolkit.models.event import Event
from mctoolkit.spec import catalog
from mctoolkit.spec.catalog import Parameter

__all__ = ["example"]

_USUAL_GROUPS = frozenset({"ad", "chapter", "state"})
_USUAL_QOE_KEYS = {
    "bitrateChange": ("media.qoe.bitrate",),
    "error": ("media.qoe.errorID", "media.qoe.errorSource"),
}


def example(event_type: str, *, now_ms: int | None = None) -> Event:
    """Return a valid event of a type, filled with its required and usual keys.

    Parameters
    ----------
    event_type : str
        The event type, such as ``"adStart"``.
    now_ms : int, optional
        The ``ts`` of the event, in milliseconds since 1970; the current time by default.

    Raises
    ------
    UsageError
        The API has no such event type. The message suggests the nearest name.

    Examples
    --------
    >>> event = example("adBreakStart", now_ms=1_509_045_324_153)
    >>> event.params["media.ad.podIndex"], event.ts_ms
    (1, 1509045324153)
    """
    body: dict[str, Any] = {
        "playerTime": {"playhead": 0, "ts": clocks.default_clock().now_ms() if now_ms is None else now_ms},
        "eventType": catalog.event_type(event_type).name,
    }
    for parameter in catalog.parameters_of(event_type):
        if parameter.member != "envelope" and _is_usual(parameter, event_type):
            member, key = parameter.place
            value = parameter.example if parameter.demo is None else parameter.demo
            body.setdefault(member, {})[key] = copy.deepcopy(value)
    return Event(body)


def _is_usual(parameter: Parameter, event_type: str) -> bool:
    return (
        parameter.required(event_type)
        or parameter.demo is not None
        or parameter.group in _USUAL_GROUPS
        or parameter.key in _USUAL_QOE_KEYS.get(event_type, ())
    )
