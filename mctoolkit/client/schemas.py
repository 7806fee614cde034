"""Fetch the schemas that a host serves."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from mctoolkit._core.errors import InputError
from mctoolkit._core.messages import gettext as _
from mctoolkit._core.messages import ngettext
from mctoolkit.models.exchange import Exchange
from mctoolkit.spec import catalog
from mctoolkit.validation.remote_schemas import read_schema

__all__ = ["fetch_schemas"]

_OK = 200


def fetch_schemas(
    host: str, events: Iterable[str] | None, fetch: Callable[[str], Exchange]
) -> dict[str, dict[str, Any]]:
    """Fetch schemas one by one.

    Parameters
    ----------
    host : str
        The name of the host in messages.
    events : iterable of str or None
        The event types; all of them with None.
    fetch : callable
        Sends the request for one event type.

    Raises
    ------
    UsageError, NoResponse, InputError
        See :meth:`mctoolkit.Client.schemas`.
    """
    names = [catalog.event_type(event).name for event in (catalog.event_types() if events is None else events)]
    found: dict[str, dict[str, Any]] = {}
    problems: list[str] = []
    for name in names:
        exchange = fetch(name)
        if exchange.status != _OK:
            problems.append(
                _("{event}: the host responded {status}; a schema comes with 200.").format(
                    event=name, status=exchange.status
                )
            )
            continue
        try:
            found[name] = read_schema(name, exchange.body)
        except InputError as error:
            problems.append(str(error))
    if problems:
        head = ngettext(
            "Cannot read 1 schema of {host}:", "Cannot read {number} schemas of {host}:", len(problems)
        ).format(host=host, number=len(problems))
        raise InputError("\n".join([head, *(f"- {problem}" for problem in problems)]))
    return found
