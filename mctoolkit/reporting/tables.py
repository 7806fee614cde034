"""Exchanges, verdicts, sessions and the API's documentation as pandas DataFrames."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from mctoolkit._core import clocks
from mctoolkit._core.messages import gettext as _
from mctoolkit.models import masking
from mctoolkit.models.exchange import Exchange
from mctoolkit.models.problem import Verdict
from mctoolkit.models.session import Session
from mctoolkit.spec import catalog
from mctoolkit.spec.paths import endpoint_of

if TYPE_CHECKING:
    from mctoolkit.auditing.monitor import ObservedEvent

__all__ = [
    "contradictions",
    "documented_responses",
    "event_types",
    "events",
    "headers",
    "observed_events",
    "parameters",
    "problems",
    "responses",
    "sessions",
]

_TIME: Final = "datetime64[ms, UTC]"


def responses(exchanges: Sequence[Exchange], numbers: Sequence[int] | None = None) -> pd.DataFrame:
    """Return one row per exchange: what was sent, where, and the response.

    Parameters
    ----------
    exchanges : sequence of Exchange
        In the order of sending.
    numbers : sequence of int, optional
        The index, such as the numbers of journal entries. Counts from 1 by default.

    Returns
    -------
    DataFrame
        Index ``no``. Columns: ``time`` (datetime64, UTC), ``host`` (text; the namespace of a real host is hidden),
        ``response`` (Int64; the status, missing if no response came), ``meaning`` (text), ``session_id`` (text or
        missing), ``problems`` (int64; errors that mctoolkit found before sending), ``media_id`` (text or missing),
        ``elapsed_ms`` (float64; until the last byte of the response).

    Examples
    --------
    >>> responses([]).columns.tolist()[:4]
    ['time', 'host', 'response', 'meaning']
    """
    types = {
        "time": _TIME,
        "host": "string",
        "response": "Int64",
        "meaning": "string",
        "session_id": "string",
        "problems": "int64",
        "media_id": "string",
        "elapsed_ms": "float64",
    }
    rows = [
        (
            exchange.sent_at,
            masking.mask_host(exchange.target),
            exchange.status,
            exchange.in_words,
            exchange.session_id,
            _count_errors(exchange),
            _text_or_none(exchange.event.params.get("media.id")),
            exchange.elapsed_ms,
        )
        for exchange in exchanges
    ]
    index = range(1, len(rows) + 1) if numbers is None else numbers
    return _frame(rows, types, pd.Index(list(index), name="no", dtype="int64"))


def events(exchanges: Sequence[Exchange]) -> pd.DataFrame:
    """Return one row per exchange of a session: the event, its time and playhead, and the response.

    Parameters
    ----------
    exchanges : sequence of Exchange
        In the order of sending.

    Returns
    -------
    DataFrame
        Index ``no``, from 1. Columns: ``after_s`` (float64; seconds since the first was sent), ``event`` (text; missing
        for a list of events), ``playhead_s`` (float64 or missing), ``response`` (Int64; the status, missing if no
        response came), ``meaning`` (text), ``problems`` (int64; errors that mctoolkit found before sending),
        ``session_id`` (text or missing; from the response, or else from the path).

    Examples
    --------
    >>> events([]).columns.tolist()[:4]
    ['after_s', 'event', 'playhead_s', 'response']
    """
    types = {
        "after_s": "float64",
        "event": "string",
        "playhead_s": "float64",
        "response": "Int64",
        "meaning": "string",
        "problems": "int64",
        "session_id": "string",
    }
    rows = [
        (
            (exchange.sent_at_ms - exchanges[0].sent_at_ms) / 1000,
            exchange.event.type,
            exchange.event.playhead_s,
            exchange.status,
            exchange.in_words,
            _count_errors(exchange),
            exchange.session_id or endpoint_of(exchange.request.path)[1],
        )
        for exchange in exchanges
    ]
    return _frame(rows, types, pd.RangeIndex(1, len(rows) + 1, name="no"))


def problems(verdict: Verdict) -> pd.DataFrame:
    """Return one row per problem of a verdict.

    Returns
    -------
    DataFrame
        Index from 1. Columns, all text: ``level``, ``where``, ``message``, ``fix`` (what the fix does, or missing),
        ``rule``, ``source``.

    Examples
    --------
    >>> from mctoolkit import validate
    >>> problems(validate({}))["where"].tolist()[:3]
    ['playerTime.playhead', 'playerTime.ts', 'eventType']
    """
    columns = ("level", "where", "message", "fix", "rule", "source")
    rows = [(p.level, p.where, p.message, p.fix.label if p.fix else None, p.rule, p.source) for p in verdict.problems]
    return _text_frame(rows, columns, pd.RangeIndex(1, len(rows) + 1))


def headers(exchange: Exchange) -> pd.DataFrame:
    """Return one row per header of a response, in the order received; none if no response came.

    Returns
    -------
    DataFrame
        Index from 1. Columns, all text: ``header``, ``value`` (the namespace of a real host is hidden), ``meaning``
        (empty for a header that the documentation does not mention).
    """
    rows = exchange.header_rows
    return _text_frame(rows, ("header", "value", "meaning"), pd.RangeIndex(1, len(rows) + 1))


def parameters(event: str = "sessionStart", member: catalog.Member | None = None) -> pd.DataFrame:
    """Return one row per key that an event type accepts.

    Parameters
    ----------
    event : str
        The event type.
    member : {"envelope", "params", "qoeData"}, optional
        Only the keys of this member of the body.

    Returns
    -------
    DataFrame
        Index ``key``. Columns, all text: ``label``, ``type``, ``required`` ("required" or "optional", translated),
        ``unit``, ``values`` (the known values), ``meaning``, ``source``.

    Raises
    ------
    UsageError
        The event type is unknown.

    Examples
    --------
    >>> parameters("sessionStart").loc["media.length", ["type", "required", "unit"]].tolist()
    ['number', 'required', 'seconds']
    """
    catalog.event_type(event)
    found = catalog.parameters_of(event, member)
    rows = [
        (
            p.label,
            p.type,
            _("required") if p.required(event) else _("optional"),
            p.unit or "",
            ", ".join(p.values),
            p.help,
            p.source,
        )
        for p in found
    ]
    columns = ("label", "type", "required", "unit", "values", "meaning", "source")
    return _text_frame(rows, columns, pd.Index([p.key for p in found], name="key"))


def documented_responses(endpoint: str = "sessions") -> pd.DataFrame:
    """Return one row per documented response of an endpoint.

    Returns
    -------
    DataFrame
        Index ``status`` (int). Columns, all text: ``reason``, ``meaning``, ``next_step``, ``source``.

    Examples
    --------
    >>> documented_responses().index.tolist()
    [201, 400, 500]
    """
    found = catalog.responses(endpoint).values()
    rows = [(each.reason, each.meaning, each.next_step, each.source) for each in found]
    index = pd.Index([each.status for each in found], name="status")
    return _text_frame(rows, ("reason", "meaning", "next_step", "source"), index)


def event_types() -> pd.DataFrame:
    """Return one row per event type, in the order in which a session uses them.

    Returns
    -------
    DataFrame
        Index ``event``. Columns: ``endpoint``, ``meaning``, ``required`` (text; the required keys of ``params``, or
        empty), ``optional`` (int64; the number of optional keys of ``params``), ``custom_metadata`` (bool; whether the
        event accepts custom metadata).

    Examples
    --------
    >>> event_types().loc["adStart", "custom_metadata"].item(), len(event_types())
    (True, 20)
    """
    types = {
        "endpoint": "string",
        "meaning": "string",
        "required": "string",
        "optional": "int64",
        "custom_metadata": "bool",
    }
    rows = []
    for kind in catalog.event_types().values():
        params = catalog.parameters_of(kind.name, "params")
        required = [p.key for p in params if p.required(kind.name)]
        rows.append((kind.endpoint, kind.help, ", ".join(required), len(params) - len(required), kind.custom_metadata))
    return _frame(rows, types, pd.Index(list(catalog.event_types()), name="event", dtype="string"))


def contradictions() -> pd.DataFrame:
    """Return one row per question on which Adobe's pages disagree, with the answer that mctoolkit follows.

    Returns
    -------
    DataFrame
        Index ``id``. Columns: ``question``, ``sources``, ``reading`` (what mctoolkit follows), ``why`` (text),
        ``response`` (int64; the status that the sandbox returns), ``level`` (text; the severity in a verdict or an
        audit, or missing).

    Examples
    --------
    >>> contradictions().loc["C-27", "response"].item()
    404
    """
    types = dict.fromkeys(("question", "sources", "reading", "why", "response", "level"), "string")
    types["response"] = "int64"
    found = catalog.contradictions().values()
    rows = [
        (each.question, "; ".join(each.sources), each.reading, each.why, each.response, each.level) for each in found
    ]
    return _frame(rows, types, pd.Index([each.id for each in found], name="id", dtype="string"))


def observed_events(events: Sequence[ObservedEvent]) -> pd.DataFrame:
    """Return one row per event that a sandbox received.

    Returns
    -------
    DataFrame
        Index ``no``. Columns: ``time`` (datetime64, UTC), ``session_id``, ``event`` (text or missing), ``playhead_s``
        (float64), ``response`` (Int64; missing if a fault closed the connection), ``verdict`` ("ok", "hint",
        "warning" or "error"), ``meaning`` (text).

    Examples
    --------
    >>> observed_events([]).columns.tolist()[:3]
    ['time', 'session_id', 'event']
    """
    types = {
        "time": _TIME,
        "session_id": "string",
        "event": "string",
        "playhead_s": "float64",
        "response": "Int64",
        "verdict": "string",
        "meaning": "string",
    }
    rows = [
        (clocks.utc(e.at_ms), e.session_id, e.event_type or None, e.playhead_s, e.status, e.verdict, e.message)
        for e in events
    ]
    return _frame(rows, types, pd.Index([event.number for event in events], name="no", dtype="int64"))


def sessions(found: Iterable[Session]) -> pd.DataFrame:
    """Return one row per session with its totals; :class:`mctoolkit.models.session.Summary` defines each.

    Parameters
    ----------
    found : iterable of Session
        Such as the values of :func:`mctoolkit.models.session.gather`.

    Returns
    -------
    DataFrame
        Index ``session``, its id or key. Columns: ``started`` (datetime64, UTC); ``duration_s``, ``playing_s``,
        ``ads_s``, ``paused_s``, ``buffering_s`` (float64, seconds); ``content_started``, ``completed``, ``resumed``,
        ``has_start`` (bool); ``events``, ``lost``, ``ads_started``, ``ads_completed``, ``pauses``, ``buffers``,
        ``errors``, ``bitrate_changes`` (int64); ``progress`` (Int64; the highest progress marker passed, in percent,
        or missing), ``average_minute_audience``, ``bitrate`` (float64 or missing), ``dropped_frames`` (Int64 or
        missing).

    Examples
    --------
    >>> sessions([]).columns.tolist()[:3]
    ['started', 'duration_s', 'playing_s']
    """
    types = {"started": _TIME}
    types |= dict.fromkeys(("duration_s", "playing_s", "ads_s", "paused_s", "buffering_s"), "float64")
    types |= dict.fromkeys(("content_started", "completed", "resumed", "has_start"), "bool")
    types |= dict.fromkeys(("events", "lost", "ads_started", "ads_completed", "pauses", "buffers"), "int64")
    types |= dict.fromkeys(("errors", "bitrate_changes"), "int64")
    types |= {
        "progress": "Int64",
        "average_minute_audience": "float64",
        "bitrate": "float64",
        "dropped_frames": "Int64",
    }
    held = list(found)
    rows = []
    for summary in (session.summary for session in held):
        computed = {
            "started": clocks.utc(summary.started_ms),
            "duration_s": summary.lasted_s,
            "has_start": summary.whole_start,
            "progress": max(summary.progress, default=None),
        }
        rows.append([computed[name] if name in computed else getattr(summary, name) for name in types])
    return _frame(rows, types, pd.Index([session.id for session in held], name="session", dtype="string"))


def _frame(rows: Sequence[Sequence[Any]], types: Mapping[str, str], index: pd.Index[Any]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=list(types), index=index)
    for name in (name for name, kind in types.items() if kind == _TIME):
        frame[name] = pd.to_datetime(frame[name], utc=True)
    return frame.astype(dict(types))


def _text_frame(rows: Sequence[Sequence[Any]], columns: Sequence[str], index: pd.Index[Any]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(columns), index=index, dtype="string")


def _count_errors(exchange: Exchange) -> int:
    return len(exchange.verdict.errors) if exchange.verdict else 0


def _text_or_none(value: object) -> str | None:
    return None if value is None else str(value)
