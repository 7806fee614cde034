"""Verdicts, exchanges and facts as pandas DataFrames."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

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
    "parameters",
    "problems",
    "responses",
    "seen",
    "sessions",
]


def responses(exchanges: Sequence[Exchange], numbers: Sequence[int] | None = None) -> pd.DataFrame:
    """Return one row an exchange: what was sent where, and what came back.

    Parameters
    ----------
    exchanges : sequence of Exchange
        In the order of sending.
    numbers : sequence of int, optional
        The number of each, such as that of its entry in a journal; from 1 without it.

    Returns
    -------
    DataFrame
        Index ``no``, the numbers. Columns: ``time`` (datetime64, UTC), ``sent_to`` (text, the namespace of a real host
        hidden), ``response`` (Int64; missing when no response came), ``in_words`` (text), ``session_id`` (text or
        missing), ``problems`` (int64; errors that mctoolkit's own checker found before sending), ``media_id`` (text
        or missing), ``elapsed_ms`` (float64; to the last byte of the response).

    Examples
    --------
    >>> responses([]).columns.tolist()[:4]
    ['time', 'sent_to', 'response', 'in_words']
    """
    rows = [
        {
            "time": exchange.sent_at,
            "sent_to": masking.mask_host(exchange.target),
            "response": exchange.status,
            "in_words": exchange.in_words,
            "session_id": exchange.session_id,
            "problems": len(exchange.verdict.errors) if exchange.verdict else 0,
            "media_id": _text_or_none(exchange.event.params.get("media.id")),
            "elapsed_ms": exchange.elapsed_ms,
        }
        for exchange in exchanges
    ]
    columns = ["time", "sent_to", "response", "in_words", "session_id", "problems", "media_id", "elapsed_ms"]
    index = pd.Index(list(range(1, len(rows) + 1) if numbers is None else numbers), name="no", dtype="int64")
    frame = pd.DataFrame(rows, columns=columns, index=index)
    types = {"response": "Int64", "problems": "int64", "elapsed_ms": "float64"}
    types |= dict.fromkeys(("sent_to", "in_words", "session_id", "media_id"), "string")
    frame["time"] = pd.to_datetime(frame["time"], utc=True).astype("datetime64[ms, UTC]")
    return frame.astype(types)


def events(exchanges: Sequence[Exchange]) -> pd.DataFrame:
    """Return one row an exchange of a session: which event it was, where in time and programme, and what came back.

    Parameters
    ----------
    exchanges : sequence of Exchange
        In the order of sending.

    Returns
    -------
    DataFrame
        Index ``no``, from 1. Columns: ``after_s`` (float64; seconds since the first was sent), ``event`` (text; missing
        for a list of events), ``playhead_s`` (float64, or missing), ``response`` (Int64; missing when no response came),
        ``in_words`` (text), ``problems`` (int64; errors that mctoolkit's own checker found before sending),
        ``session_id`` (text or missing; given by the response, or that of the path).

    Examples
    --------
    >>> events([]).columns.tolist()[:4]
    ['after_s', 'event', 'playhead_s', 'response']
    """
    first_ms = exchanges[0].sent_at_ms if exchanges else 0
    rows = [
        {
            "after_s": (exchange.sent_at_ms - first_ms) / 1000,
            "event": exchange.event.type,
            "playhead_s": exchange.event.playhead_s,
            "response": exchange.status,
            "in_words": exchange.in_words,
            "problems": len(exchange.verdict.errors) if exchange.verdict else 0,
            "session_id": exchange.session_id or endpoint_of(exchange.request.path)[1],
        }
        for exchange in exchanges
    ]
    types = {
        "after_s": "float64",
        "event": "string",
        "playhead_s": "float64",
        "response": "Int64",
        "in_words": "string",
        "problems": "int64",
        "session_id": "string",
    }
    index = pd.RangeIndex(1, len(rows) + 1, name="no")
    return pd.DataFrame(rows, columns=list(types), index=index).astype(types)


def problems(verdict: Verdict) -> pd.DataFrame:
    """Return one row a problem.

    Returns
    -------
    DataFrame
        Columns, all text: ``level`` (error or hint), ``where``, ``words``, ``fix`` (what would mend it, or missing),
        ``rule``, ``source``. Index from 1.

    Examples
    --------
    >>> from mctoolkit import validate
    >>> problems(validate({}))["where"].tolist()[:3]
    ['playerTime.playhead', 'playerTime.ts', 'eventType']
    """
    columns = ["level", "where", "message", "fix", "rule", "source"]
    rows = [(p.level, p.where, p.message, p.fix.label if p.fix else None, p.rule, p.source) for p in verdict.problems]
    return pd.DataFrame(rows, columns=columns, index=pd.RangeIndex(1, len(rows) + 1), dtype="string")


def headers(exchange: Exchange) -> pd.DataFrame:
    """Return one row a header of a response, in the order in which they came.

    Returns
    -------
    DataFrame
        Columns, all text: ``header``, ``value`` (the namespace of a real host hidden), ``meaning`` (empty for a
        header that the documentation does not show). Empty when no response came.
    """
    rows = exchange.header_rows
    index = pd.RangeIndex(1, len(rows) + 1)
    return pd.DataFrame(rows, columns=["header", "value", "meaning"], index=index, dtype="string")


def parameters(event: str = "sessionStart", member: catalog.Member | None = None) -> pd.DataFrame:
    """Return one row for each key that an event type may carry, from the facts.

    Parameters
    ----------
    event : str
        The event type.
    member : {"envelope", "params", "qoeData"}, optional
        Only the keys of this member.

    Returns
    -------
    DataFrame
        Index ``key``. Columns, all text: ``label``, ``type``, ``required`` ("required" or "optional", in the language
        in use), ``unit``, ``values`` (known values), ``meaning``, ``source``.

    Raises
    ------
    UsageError
        There is no such event type.

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
    columns = ["label", "type", "required", "unit", "values", "meaning", "source"]
    return pd.DataFrame(rows, columns=columns, index=pd.Index([p.key for p in found], name="key"), dtype="string")


def documented_responses(endpoint: str = "sessions") -> pd.DataFrame:
    """Return one row for each documented response of an endpoint, from the facts.

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
    rows = [(a.reason, a.meaning, a.next_step, a.source) for a in found]
    index = pd.Index([a.status for a in found], name="status")
    return pd.DataFrame(rows, columns=["reason", "meaning", "next_step", "source"], index=index, dtype="string")


def _text_or_none(value: object) -> str | None:
    return None if value is None else str(value)


def event_types() -> pd.DataFrame:
    """Return one row for each event type, in the order of a viewing.

    Returns
    -------
    DataFrame
        Index ``event``. Columns: ``endpoint``, ``meaning``, ``required`` (keys of ``params`` that must be there, or
        empty), all text; ``optional`` (int64; how many more keys ``params`` may have); ``custom_metadata`` (bool;
        whether your own labels may stand on it).

    Examples
    --------
    >>> event_types().loc["adStart", "custom_metadata"].item(), len(event_types())
    (True, 20)
    """
    rows = []
    for kind in catalog.event_types().values():
        params = catalog.parameters_of(kind.name, "params")
        required = [p.key for p in params if p.required(kind.name)]
        optional = len(params) - len(required)
        rows.append((kind.endpoint, kind.help, ", ".join(required), optional, kind.custom_metadata))
    index = pd.Index(list(catalog.event_types()), name="event", dtype="string")
    types = {
        "endpoint": "string",
        "meaning": "string",
        "required": "string",
        "optional": "int64",
        "custom_metadata": "bool",
    }
    return pd.DataFrame(rows, columns=list(types), index=index).astype(types)


def contradictions() -> pd.DataFrame:
    """Return one row for each thing about which the sources disagree, with the reading that is followed.

    Returns
    -------
    DataFrame
        Index ``id``. Columns: ``question``, ``sources``, ``reading``, ``why`` (text), ``response`` (int64; what the
        sandbox answers), ``level`` (text; what validation and audit make of it, or missing).

    Examples
    --------
    >>> contradictions().loc["C-27", "response"].item()
    404
    """
    found = catalog.contradictions().values()
    rows = [
        (each.question, "; ".join(each.sources), each.reading, each.why, each.response, each.level) for each in found
    ]
    index = pd.Index([each.id for each in found], name="id", dtype="string")
    columns = ["question", "sources", "reading", "why", "response", "level"]
    frame = pd.DataFrame(rows, columns=columns, index=index)
    return frame.astype({name: "string" for name in columns if name != "response"})


def seen(events: Sequence[ObservedEvent]) -> pd.DataFrame:
    """Return one row for each event that a sandbox was sent.

    Returns
    -------
    DataFrame
        Index ``no``. Columns: ``time`` (datetime64, UTC), ``session_id``, ``event`` (text or missing), ``playhead_s``
        (float64), ``response`` (Int64; missing when the connection was cut on purpose), ``verdict`` ("ok", "hint",
        "warning" or "error"), ``in_words`` (text).

    Examples
    --------
    >>> seen([]).columns.tolist()[:3]
    ['time', 'session_id', 'event']
    """
    types = {
        "session_id": "string",
        "event": "string",
        "playhead_s": "float64",
        "response": "Int64",
        "verdict": "string",
        "in_words": "string",
    }
    rows = [
        (clocks.utc(e.at_ms), e.session_id, e.event_type or None, e.playhead_s, e.status, e.verdict, e.message)
        for e in events
    ]
    index = pd.Index([event.number for event in events], name="no", dtype="int64")
    frame = pd.DataFrame(rows, columns=["time", *types], index=index)
    frame["time"] = pd.to_datetime(frame["time"], utc=True).astype("datetime64[ms, UTC]")
    return frame.astype(types)


def sessions(found: Iterable[Session]) -> pd.DataFrame:
    """Return one row a session: what it adds up to.

    Parameters
    ----------
    found : iterable of Session
        Such as the values of :func:`mctoolkit.models.session.gather`.

    Returns
    -------
    DataFrame
        Index ``session``, its id or what stands for it. Columns: ``started`` (datetime64, UTC); ``lasted_s``,
        ``playing_s``, ``ads_s``, ``paused_s``, ``buffering_s`` (float64, seconds); ``content_started``, ``completed``,
        ``resumed``, ``whole_start`` (bool); ``events``, ``lost``, ``ads_started``, ``ads_completed``, ``pauses``,
        ``buffers``, ``errors``, ``bitrate_changes`` (int64); ``progress`` (Int64; the highest marker passed, in
        percent, or missing), ``average_minute_audience``, ``bitrate`` (float64, or missing), ``dropped_frames``
        (Int64, or missing). What each means is told by :class:`mctoolkit.models.session.Summary`.

    Examples
    --------
    >>> sessions([]).columns.tolist()[:3]
    ['started', 'lasted_s', 'playing_s']
    """
    types = dict.fromkeys(("lasted_s", "playing_s", "ads_s", "paused_s", "buffering_s"), "float64")
    types |= dict.fromkeys(("content_started", "completed", "resumed", "whole_start"), "bool")
    types |= dict.fromkeys(("events", "lost", "ads_started", "ads_completed", "pauses", "buffers"), "int64")
    types |= dict.fromkeys(("errors", "bitrate_changes"), "int64")
    types |= {
        "progress": "Int64",
        "average_minute_audience": "float64",
        "bitrate": "float64",
        "dropped_frames": "Int64",
    }
    held = list(found)
    rows = [
        [
            each.summary.started_ms,
            *(
                max(each.summary.progress, default=None) if name == "progress" else getattr(each.summary, name)
                for name in types
            ),
        ]
        for each in held
    ]
    index = pd.Index([each.id for each in held], name="session", dtype="string")
    frame = pd.DataFrame(rows, columns=["started", *types], index=index)
    frame["started"] = pd.to_datetime(frame["started"], unit="ms", utc=True).astype("datetime64[ms, UTC]")
    return frame.astype(types)
