"""What a piece of code is to send, and where: the same for every language that it is written in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mctoolkit._core import json_io
from mctoolkit.models import masking
from mctoolkit.models.draft import Draft
from mctoolkit.models.event import Event
from mctoolkit.models.exchange import Exchange
from mctoolkit.models.target import Target, read_target
from mctoolkit.spec.paths import API_PATH, SESSIONS_PATH, split_path

__all__ = ["CONTENT_TYPE", "PLACEHOLDER", "PreparedRequest", "sending"]

CONTENT_TYPE = "application/json"

PLACEHOLDER = "<hidden>"
"""What stands for an identifier in code that hides them; an address with it in is refused by the client."""


@dataclass(frozen=True, slots=True)
class PreparedRequest:
    """A request to be written down.

    Attributes
    ----------
    base : str
        The address of the API without its path.
    url : str
        The whole URL.
    body : bytes
        The body to the byte, unless identifiers are hidden in it.
    is_sandbox : bool
        Whether it goes to a sandbox of this process.
    loopback : bool
        Whether it stays on this computer, so that no proxy may see it.
    masked : bool
        Whether identifiers of people and tenants are hidden.
    """

    base: str
    url: str
    body: bytes
    is_sandbox: bool
    loopback: bool
    masked: bool


def sending(thing: Any, to: Any, *, masked: bool = False) -> PreparedRequest:
    """Read what is to be sent where.

    Parameters
    ----------
    thing : dict, str, bytes, Path, Event, Draft or Exchange
        The body.
    to : str, Sandbox or Target
        The address as :class:`mctoolkit.Client` takes it. An endpoint below ``/api/v1/sessions`` is kept.
    masked : bool
        Put ``<hidden>`` for the identifiers of people and tenants, as what is shown of past requests needs it.

    Raises
    ------
    HostError
        ``to`` is a text that cannot be the address of an API.
    UsageError
        ``to`` is no text and has no ``url``.
    InputError
        ``thing`` is a Path to a file that cannot be read, or holds a value that cannot be written at all.

    Examples
    --------
    >>> sending({}, "acme.hb-api.omtrdc.net").url
    'https://acme.hb-api.omtrdc.net/api/v1/sessions'
    >>> sending({}, "acme.hb-api.omtrdc.net", masked=True).base
    'https://<hidden>.hb-api.omtrdc.net'
    """
    event = thing.event if isinstance(thing, Draft | Exchange) else thing
    body = (event if isinstance(event, Event) else Event(event)).to_bytes()
    target: Target = read_target(to)
    _, _, below = split_path(to.partition("?")[0].partition("#")[0] if isinstance(to, str) else "")
    path = API_PATH + below if below.lower().startswith("/sessions") else SESSIONS_PATH
    base = target.base
    if masked:
        body = _hidden(body)
        base = masking.mask_host(base).replace(masking.HIDDEN, PLACEHOLDER)
    return PreparedRequest(base, base + path, body, target.is_sandbox, target.loopback, masked)


def _hidden(body: bytes) -> bytes:
    value = json_io.read(body)
    if isinstance(value, json_io.NotJson):
        text = masking.mask_text(body)
    else:
        text = json_io.write(masking.mask(value)).decode("utf-8")
    return text.replace(masking.HIDDEN, PLACEHOLDER).encode("utf-8")
