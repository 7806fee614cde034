"""Download the JSON Schemas of a host."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from mctoolkit._core.errors import InputError
from mctoolkit._core.messages import gettext as _
from mctoolkit._core.messages import ngettext
from mctoolkit.models.exchange import Exchange
from mctoolkit.spec import catalog
from mctoolkit.validation.remote_schemas import read_schema

__all__ = ["download_schemas"]

_OK = 200


def download_schemas(
    host: str, events: Iterable[str] | None, request_schema: Callable[[str], Exchange]
) -> dict[str, dict[str, Any]]:
    """Download the schemas of event types, one after another.

    Parameters
    ----------
    host : str
        The display name of the host, for messages.
    events : iterable of str or None
        The event types; None for all of them.
    request_schema : callable
        Sends the request for one event type.

    Raises
    ------
    UsageError, NoResponse, InputError
        See :meth:`mctoolkit.Client.schemas`.
    """
    names = [catalog.event_type(event).name for event in (catalog.event_types() if events is None else events)]
    downloaded: dict[str, dict[str, Any]] = {}
    problems: list[str] = []
    for name in names:
        exchange = request_schema(name)
        if exchange.status != _OK:
            problems.append(_("{event}: status {status} instead of 200.").format(event=name, status=exchange.status))
            continue
        try:
            downloaded[name] = read_schema(name, exchange.body)
        except InputError as error:
            problems.append(str(error))
    if problems:
        head = ngettext(
            "Cannot read {number} schema of {host}:", "Cannot read {number} schemas of {host}:", len(problems)
        ).format(host=host, number=len(problems))
        raise InputError("\n".join([head, *(f"- {problem}" for problem in problems)]))
    return downloaded
