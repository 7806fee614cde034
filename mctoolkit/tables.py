"""Verdicts, exchanges and facts as pandas DataFrames."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from mctoolkit import masking
from mctoolkit.exchanges import Exchange
from mctoolkit.facts import catalog
from mctoolkit.problems import Verdict

__all__ = ["answers", "documented_answers", "headers", "parameters", "problems"]


def answers(exchanges: Sequence[Exchange], numbers: Sequence[int] | None = None) -> pd.DataFrame:
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
        hidden), ``answer`` (Int64; missing when no answer came), ``in_words`` (text), ``session_id`` (text or
        missing), ``problems`` (int64; errors that mctoolkit's own checker found before sending), ``media_id`` (text
        or missing), ``elapsed_ms`` (float64; to the last byte of the answer).

    Examples
    --------
    >>> answers([]).columns.tolist()[:4]
    ['time', 'sent_to', 'answer', 'in_words']
    """
    rows = [
        {
            "time": exchange.sent_at,
            "sent_to": masking.mask_host(exchange.target),
            "answer": exchange.status,
            "in_words": exchange.in_words,
            "session_id": exchange.session_id,
            "problems": len(exchange.verdict.errors) if exchange.verdict else 0,
            "media_id": _text_or_none(exchange.event.params.get("media.id")),
            "elapsed_ms": exchange.elapsed_ms,
        }
        for exchange in exchanges
    ]
    columns = ["time", "sent_to", "answer", "in_words", "session_id", "problems", "media_id", "elapsed_ms"]
    index = pd.Index(list(range(1, len(rows) + 1) if numbers is None else numbers), name="no", dtype="int64")
    frame = pd.DataFrame(rows, columns=columns, index=index)
    types = {"answer": "Int64", "problems": "int64", "elapsed_ms": "float64"}
    types |= dict.fromkeys(("sent_to", "in_words", "session_id", "media_id"), "string")
    frame["time"] = pd.to_datetime(frame["time"], utc=True).astype("datetime64[ms, UTC]")
    return frame.astype(types)


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
    columns = ["level", "where", "words", "fix", "rule", "source"]
    rows = [(p.level, p.where, p.words, p.fix.label if p.fix else None, p.rule, p.source) for p in verdict.problems]
    return pd.DataFrame(rows, columns=columns, index=pd.RangeIndex(1, len(rows) + 1), dtype="string")


def headers(exchange: Exchange) -> pd.DataFrame:
    """Return one row a header of an answer, in the order in which they came.

    Returns
    -------
    DataFrame
        Columns, all text: ``header``, ``value`` (the namespace of a real host hidden), ``meaning`` (empty for a
        header that the documentation does not show). Empty when no answer came.
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
        Index ``key``. Columns, all text: ``label``, ``type``, ``required`` ("required" or "optional"), ``unit``,
        ``values`` (known values), ``meaning``, ``source``.

    Raises
    ------
    MisuseError
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
            "required" if p.required(event) else "optional",
            p.unit or "",
            ", ".join(p.values),
            p.help,
            p.source,
        )
        for p in found
    ]
    columns = ["label", "type", "required", "unit", "values", "meaning", "source"]
    return pd.DataFrame(rows, columns=columns, index=pd.Index([p.key for p in found], name="key"), dtype="string")


def documented_answers(endpoint: str = "sessions") -> pd.DataFrame:
    """Return one row for each documented answer of an endpoint, from the facts.

    Returns
    -------
    DataFrame
        Index ``status`` (int). Columns, all text: ``reason``, ``meaning``, ``next_step``, ``source``.

    Examples
    --------
    >>> documented_answers().index.tolist()
    [201, 400, 500]
    """
    found = catalog.answers(endpoint).values()
    rows = [(a.reason, a.meaning, a.next_step, a.source) for a in found]
    index = pd.Index([a.status for a in found], name="status")
    return pd.DataFrame(rows, columns=["reason", "meaning", "next_step", "source"], index=index, dtype="string")


def _text_or_none(value: object) -> str | None:
    return None if value is None else str(value)
