"""Validate single events.

``schema_problems`` validates a body with the schema of its event type, ``find_hints`` looks for values that are valid
but probably not what was meant, ``fixes`` builds the fixes. Most bodies have no problems: ``fast_path`` recognises
them, and the other steps are skipped.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from mctoolkit._core import clocks
from mctoolkit.models.event import Event
from mctoolkit.models.problem import Problem, Verdict
from mctoolkit.validation import batch, fast_path
from mctoolkit.validation.fast_path import is_certainly_valid
from mctoolkit.validation.hints import far_time_stamp, find_hints
from mctoolkit.validation.schema_errors import schema_problems

__all__ = ["Endpoint", "is_certainly_valid", "validate"]

Endpoint = Literal["sessions", "events", "downloaded"]


def validate(
    thing: object,
    *,
    endpoint: Endpoint | None = None,
    now_ms: int | None = None,
    schemas: Mapping[str, dict[str, Any]] | None = None,
) -> Verdict:
    """Validate an event.

    Nothing is sent or changed, and an invalid body does not raise. One event does not show whether its session is
    right: :func:`mctoolkit.audit` validates sessions.

    Parameters
    ----------
    thing : dict, str, bytes, Path or Event
        The body: JSON values, JSON text, the bytes of a request, a file, or an Event.
    endpoint : {"sessions", "events", "downloaded"}, optional
        The endpoint that the body is sent to. Without it, only the ``eventType`` of the body decides. For
        ``downloaded`` (and, deprecated, for ``sessions``) the body is a list of events.
    now_ms : int, optional
        The time of sending in milliseconds since 1970, for the hint about a distant time stamp; now by default.
    schemas : Mapping, optional
        Draft-04 schemas by event type that replace those of mctoolkit, such as the schemas of a host, which
        :meth:`mctoolkit.Client.schemas` fetches.

    Returns
    -------
    Verdict
        Errors (the API rejects the body) and hints (the body is valid, but probably not what was meant).

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
        return batch.validate_list(event, endpoint, lambda item: _validate_event(item, "downloaded", now_ms, schemas))
    return _validate_event(event, endpoint, now_ms, schemas)


def _validate_event(
    event: Event, endpoint: Endpoint | None, now_ms: int, schemas: Mapping[str, dict[str, Any]] | None
) -> Verdict:
    """Validate a single event, on the fast path if possible."""
    body = event.value
    if schemas is None and fast_path.is_clean(body, event.raw, endpoint):
        return Verdict(event, far_time_stamp(body["playerTime"]["ts"], now_ms))
    return _validate_in_full(event, endpoint, now_ms, schemas)


def _validate_in_full(
    event: Event, endpoint: Endpoint | None, now_ms: int, schemas: Mapping[str, dict[str, Any]] | None = None
) -> Verdict:
    """Validate a single event without the fast path."""
    errors, value = schema_problems(event, endpoint, schemas)
    hints: list[Problem] = []
    if isinstance(value, dict):
        places_with_errors = {error.place for error in errors}
        hints = [hint for hint in find_hints(event, value, now_ms) if hint.place not in places_with_errors]
    return Verdict(event, (*errors, *hints))
