"""Find the client and the sessionStart exchange for an event pad."""

from __future__ import annotations

from typing import Any

from mctoolkit._core.clocks import Clock
from mctoolkit._core.errors import UsageError
from mctoolkit._core.messages import gettext as _
from mctoolkit.client.client import Client
from mctoolkit.models.exchange import Exchange
from mctoolkit.simulation import presets

__all__ = ["get_start_exchange", "make_client"]


def make_client(source: Any, clock: Clock) -> Client:
    """Return the client of a form, a given client, or a new one for a sandbox or host."""
    if isinstance(source, Exchange):
        raise UsageError(
            _("An exchange does not contain its target. Pass the target too: EventPad(exchange, sandbox).")
        )
    if _is_form(source):
        return source.client  # type: ignore[no-any-return]
    if hasattr(source, "start_session"):
        return source  # type: ignore[no-any-return]
    return Client(source, clock=clock)


def get_start_exchange(source: Any, client: Client, clock: Clock) -> Exchange:
    """Return the exchange that started a session: the given one, the last of a form, or that of a new session."""
    if isinstance(source, Exchange):
        return source
    if _is_form(source):
        started: list[Exchange] = [one for one in source.exchanges if one.session_id is not None]
        if not started:
            raise UsageError(
                _("The form has not started a session. Click Send in the form, then create the event pad.")
            )
        return started[-1]
    if not client.target.loopback:
        raise UsageError(
            _(
                "{target} is a real host. Start the session in the form, which asks for confirmation, and pass the "
                "form: EventPad(form)."
            ).format(target=client.target.shown)
        )
    exchange: Exchange = client.start_session(presets.preset("vod", clock.now_ms()))
    if exchange.session_id is None:
        raise UsageError(
            _("The session was not created: {response}.").format(response=f"{exchange.status} {exchange.in_words}")
        )
    return exchange


def _is_form(source: Any) -> bool:
    return hasattr(source, "exchanges") and hasattr(source, "client")
