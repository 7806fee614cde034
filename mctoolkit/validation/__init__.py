"""Say everything that is wrong with one event, in plain words.

Three steps: an Event reads what was handed over, ``judge`` holds it against the schema of its event type and puts each
finding into words, ``hints`` looks for what is legal but probably a slip. ``mend`` builds the fixes. Bodies about which
there is nothing to say, which most are, ``quiet`` tells at a glance; the last two steps are for the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from mctoolkit._core import clocks
from mctoolkit.models.event import Event
from mctoolkit.models.problem import Problem, Verdict
from mctoolkit.validation import batch, fast_path, schema_errors, warnings
from mctoolkit.validation.fast_path import is_right

__all__ = ["Endpoint", "is_right", "validate"]

Endpoint = Literal["sessions", "events", "downloaded"]


def validate(
    thing: object,
    *,
    endpoint: Endpoint | None = None,
    now_ms: int | None = None,
    schemas: Mapping[str, dict[str, Any]] | None = None,
) -> Verdict:
    """Check one event and return all that is wrong with it.

    Nothing is sent, nothing is changed, and nothing raises for what is wrong with the body. Whether a whole session
    is in order cannot be seen from one event.

    Parameters
    ----------
    thing : dict, str, bytes, Path or Event
        The body: JSON values, JSON text, the bytes of a request, a file that holds one, or an Event.
    endpoint : {"sessions", "events", "downloaded"}, optional
        The endpoint that it is meant for. Without it an event is judged by its own ``eventType`` alone. For
        ``downloaded`` (and, deprecated, for ``sessions``) a list of events is one body.
    now_ms : int, optional
        The time of sending in milliseconds since 1970, for the hint about a time stamp far from it; now by default.
    schemas : Mapping, optional
        Draft-04 schemas by event type to check the body with instead of ours, such as those of a real host:
        :meth:`mctoolkit.Client.schemas` fetches them. An event type that is not in it is checked with ours.

    Returns
    -------
    Verdict
        Errors (the API refuses the body) and hints (legal, but probably a slip).

    Raises
    ------
    InputError
        ``thing`` is a Path to a file that cannot be read.

    Examples
    --------
    >>> verdict = validate({"eventType": "sessionStart", "playerTime": {"playhead": "0", "ts": 1509045324153}})
    >>> verdict.at("playerTime", "playhead")[0].fix.label
    'Make it 0'

    Notes
    -----
    The schemas follow the published excerpt of 2018 and the parameter tables; see ``mctoolkit.spec.schemas``.
    """
    event = thing if isinstance(thing, Event) else Event(thing)
    now_ms = clocks.default_clock().now_ms() if now_ms is None else now_ms
    if endpoint == "downloaded" or (endpoint == "sessions" and type(event.value) in (list, tuple)):
        return batch.judge_list(event, endpoint, lambda one: _judged(one, "downloaded", now_ms, schemas))
    return _judged(event, endpoint, now_ms, schemas)


def _judged(
    event: Event, endpoint: Endpoint | None, now_ms: int, schemas: Mapping[str, dict[str, Any]] | None
) -> Verdict:
    """Judge an event by itself, at a glance where that will do."""
    body = event.value
    if schemas is None and fast_path.is_clean(body, event.raw, endpoint):
        return Verdict(event, warnings.far_time_stamp(body["playerTime"]["ts"], now_ms))
    return _in_full(event, endpoint, now_ms, schemas)


def _in_full(
    event: Event, endpoint: Endpoint | None, now_ms: int, schemas: Mapping[str, dict[str, Any]] | None = None
) -> Verdict:
    """Judge an event member by member, for whatever there may be to say about it."""
    errors, value = schema_errors.judge(event, endpoint, schemas)
    tips: list[Problem] = []
    if isinstance(value, dict):
        concerned = {problem.place for problem in errors}
        tips = [tip for tip in warnings.hints(event, value, now_ms) if tip.place not in concerned]
    return Verdict(event, (*errors, *tips))
