"""Filters of journal entries, and the SQL they become."""

from __future__ import annotations

from typing import Any, TypedDict

from mctoolkit._core.errors import UsageError
from mctoolkit._core.messages import gettext as _
from mctoolkit.client.journal import rows

__all__ = ["Filters", "where_clause"]


class Filters(TypedDict, total=False):
    """Conditions for journal entries. An entry must meet all of them; None is the same as no condition.

    Attributes
    ----------
    search : str
        Words, separated by spaces, in any case. Each one must occur in the status, the summary of the response, the
        session id, ``media.id``, the event type, the host, the keys of the body, or the keys with problems. Values of
        other keys are not searched.
    status : int
        The HTTP status.
    has_response : bool
        Whether there is a response.
    target : str
        The display name of the host, exactly.
    is_sandbox : bool
        Whether the request was sent to a sandbox.
    endpoint : str
        ``"sessions"`` or ``"events"``.
    event_type, session_id, media_id : str
        Exactly.
    since_ms, until_ms : int
        Sent at or after, and sent before, in milliseconds since 1970.
    before, after : int
        Entries with a smaller number, and with a larger one.
    """

    search: str | None
    status: int | None
    has_response: bool | None
    target: str | None
    is_sandbox: bool | None
    endpoint: str | None
    event_type: str | None
    session_id: str | None
    media_id: str | None
    since_ms: int | None
    until_ms: int | None
    before: int | None
    after: int | None


_CONDITIONS = {
    "search": r"search LIKE ? ESCAPE '\'",
    "status": "status = ?",
    "has_response": "(status IS NOT NULL) = ?",
    "target": "target = ?",
    "is_sandbox": "practice = ?",
    "endpoint": "endpoint = ?",
    "event_type": "event_type = ?",
    "session_id": "session_id = ?",
    "media_id": "media_id = ?",
    "since_ms": "sent_at_ms >= ?",
    "until_ms": "sent_at_ms < ?",
    "before": "number < ?",
    "after": "number > ?",
}


def where_clause(filters: Any) -> tuple[str, list[Any]]:
    """Return the WHERE clause of filters, and the values of its parameters.

    Raises
    ------
    UsageError
        A filter is unknown.

    Examples
    --------
    >>> where_clause({"status": 400, "target": None, "after": 7})
    (' WHERE status = ? AND number > ?', [400, 7])
    """
    unknown = [name for name in filters if name not in _CONDITIONS]
    if unknown:
        raise UsageError(
            _("Unknown filter {name}. Known filters: {known}.").format(
                name=repr(unknown[0]), known=", ".join(_CONDITIONS)
            )
        )
    conditions: list[str] = []
    values: list[Any] = []
    for name, value in filters.items():
        if value is None:
            continue
        parameters = rows.search_patterns(value) if name == "search" else [rows.replace_surrogates(value)]
        conditions += [_CONDITIONS[name]] * len(parameters)
        values += parameters
    return (f" WHERE {' AND '.join(conditions)}" if conditions else ""), values
