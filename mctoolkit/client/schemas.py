"""Fetch the schemas that a host serves."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from mctoolkit import texts
from mctoolkit.errors import NoAnswer, UnreadableInput
from mctoolkit.exchanges import Exchange
from mctoolkit.facts import catalog
from mctoolkit.published import LiveSchemas, PublishedSchema, read_schema

__all__ = ["fetched"]

_OK = 200


def fetched(host: str, events: Iterable[str] | None, fetch: Callable[[str], Exchange]) -> LiveSchemas:
    """Fetch schemas one by one; what cannot be had is named with the reason.

    The first host that cannot be reached at all ends it: the others would fail in the same way.

    Parameters
    ----------
    host : str
        Where they come from, as people may see it.
    events : iterable of str or None
        The event types; all of the catalog with None.
    fetch : callable
        Sends the request for one event type.

    Raises
    ------
    MisuseError
        There is no such event type.
    """
    names = [catalog.event_type(event).name for event in (catalog.event_types() if events is None else events)]
    read: list[PublishedSchema] = []
    missing: dict[str, str] = {}
    for name in names:
        try:
            exchange = fetch(name)
        except NoAnswer as silence:
            reason = texts.say("published.no_answer", reason=silence.exchange.in_words)
            missing |= dict.fromkeys(names[names.index(name) :], reason)
            break
        if exchange.status != _OK:
            missing[name] = texts.say("published.status", status=exchange.status)
            continue
        try:
            read.append(read_schema(name, exchange.body))
        except UnreadableInput as error:
            missing[name] = str(error)
    return LiveSchemas(host, read, missing)
