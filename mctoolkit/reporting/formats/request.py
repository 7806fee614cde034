"""The URL and the body of a request that is written as code, in whatever language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mctoolkit._core import json_io
from mctoolkit._core.messages import gettext as _
from mctoolkit.models import masking
from mctoolkit.models.draft import Draft
from mctoolkit.models.event import Event
from mctoolkit.models.exchange import Exchange
from mctoolkit.models.target import Target, read_target
from mctoolkit.spec.paths import API_PATH, SESSIONS_PATH, split_path

__all__ = ["CONTENT_TYPE", "PLACEHOLDER", "PreparedRequest", "prepare_request"]

CONTENT_TYPE = "application/json"

PLACEHOLDER = "<hidden>"
"""Replaces an identifier in code that hides them; the client refuses a host that contains it."""


@dataclass(frozen=True, slots=True)
class PreparedRequest:
    """A request to write as code.

    Attributes
    ----------
    base : str
        The URL of the API without its path.
    url : str
        The whole URL.
    body : bytes
        The exact body, unless identifiers in it are hidden.
    is_sandbox : bool
        Whether the host is a sandbox of this process.
    loopback : bool
        Whether the host is this computer, so that no proxy must be used.
    comment : str
        A comment for the first line of the code, ending in a line break; empty if nothing is hidden.
    """

    base: str
    url: str
    body: bytes
    is_sandbox: bool
    loopback: bool
    comment: str


def prepare_request(thing: Any, host: Any, *, masked: bool = False) -> PreparedRequest:
    """Return the request that a piece of code sends.

    Parameters
    ----------
    thing : dict, str, bytes, Path, Event, Draft or Exchange
        The body.
    host : str, Sandbox or Target
        The host as :class:`mctoolkit.Client` accepts it. An endpoint below ``/api/v1/sessions`` is kept.
    masked : bool
        Replace the identifiers of viewers and companies with ``<hidden>``.

    Raises
    ------
    HostError
        ``host`` is text that cannot be the URL of an API.
    UsageError
        ``host`` is neither text nor an object with a ``url``.
    InputError
        ``thing`` is a Path to a file that cannot be read, or contains a value that cannot be written.

    Examples
    --------
    >>> prepare_request({}, "acme.hb-api.omtrdc.net").url
    'https://acme.hb-api.omtrdc.net/api/v1/sessions'
    >>> prepare_request({}, "acme.hb-api.omtrdc.net", masked=True).base
    'https://<hidden>.hb-api.omtrdc.net'
    """
    event = thing.event if isinstance(thing, Draft | Exchange) else thing
    body = (event if isinstance(event, Event) else Event(event)).to_bytes()
    target: Target = read_target(host)
    _prefix, _api, endpoint = split_path(host.partition("?")[0].partition("#")[0] if isinstance(host, str) else "")
    path = API_PATH + endpoint if endpoint.lower().startswith("/sessions") else SESSIONS_PATH
    base, comment = target.base, ""
    if masked:
        body = _mask_body(body)
        base = masking.mask_host(base).replace(masking.HIDDEN, PLACEHOLDER)
        comment = "# " + _("Identifiers are hidden: replace <hidden> with your own.") + "\n"
    return PreparedRequest(base, base + path, body, target.is_sandbox, target.loopback, comment)


def _mask_body(body: bytes) -> bytes:
    value = json_io.read(body)
    if isinstance(value, json_io.NotJson):
        text = masking.mask_text(body)
    else:
        text = json_io.write(masking.mask(value)).decode("utf-8")
    return text.replace(masking.HIDDEN, PLACEHOLDER).encode("utf-8")
