"""An audit as DataFrames; the columns are documented at the properties of ``Audit``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from mctoolkit.auditing.api import Audit

__all__ = ["capture_table", "finding_table", "session_table"]

_MAX_MS = 2**62
"""The largest time that a table can hold."""


def finding_table(audit: Audit) -> pd.DataFrame:
    """Return one row per finding."""
    columns = [
        "level",
        "rule",
        "session",
        "capture",
        "entries",
        "count",
        "time",
        "message",
        "effect",
        "ask",
        "source",
    ]
    rows = [
        (
            f.level,
            f.rule,
            f.session_id,
            f.capture,
            ", ".join(map(str, f.entries)),
            f.count,
            f.at_ms,
            f.message,
            f.effect,
            f.ask,
            f.source,
        )
        for f in audit.findings
    ]
    frame = pd.DataFrame(rows, columns=columns, index=pd.RangeIndex(1, len(rows) + 1))
    frame["time"] = _times(frame["time"])
    text = dict.fromkeys(("level", "rule", "session", "capture", "entries", "message", "effect", "ask", "source"))
    return frame.astype({"count": "int64"} | dict.fromkeys(text, "string"))


def session_table(audit: Audit) -> pd.DataFrame:
    """Return one row per session."""
    columns = ["capture", "started", "lasted_s", "events", "player", "media_id", "verdict"]
    rows = [
        (s.capture, s.started_ms, (s.lasted_ms or 0) / 1000, s.events, s.player, s.media_id, s.verdict)
        for s in audit.sessions
    ]
    index = pd.Index([s.session_id or s.key for s in audit.sessions], name="session", dtype="string")
    frame = pd.DataFrame(rows, columns=columns, index=index)
    frame["started"] = _times(frame["started"])
    text = dict.fromkeys(("capture", "player", "media_id", "verdict"), "string")
    return frame.astype({"events": "int64", "lasted_s": "float64"} | text)


def capture_table(audit: Audit) -> pd.DataFrame:
    """Return one row per rule, with a column for each capture."""
    names = audit.captures or ("",)
    counts: dict[str, dict[str, int]] = {}
    for group in audit.groups:
        row = counts.setdefault(group.rule, dict.fromkeys(names, 0))
        for finding in group.findings:
            name = finding.capture or names[0]
            row[name] = row.get(name, 0) + 1
    levels = {group.rule: group.level for group in audit.groups}
    frame = pd.DataFrame(
        [list(row.values()) for row in counts.values()],
        columns=list(names),
        index=pd.Index(list(counts), name="rule", dtype="string"),
        dtype="int64",
    )
    frame.insert(0, "level", pd.Series([levels[rule] for rule in counts], index=frame.index, dtype="string"))
    return frame


def _times(column: pd.Series[Any]) -> pd.Series[Any]:
    valid = [ms if isinstance(ms, int) and abs(ms) < _MAX_MS else None for ms in column]
    known = pd.Series(valid, index=column.index, dtype="Int64")
    return pd.to_datetime(known, unit="ms", utc=True, errors="coerce").astype("datetime64[ms, UTC]")
