"""Send events to the API and return each request with its response."""

from __future__ import annotations

import re
from collections.abc import Iterable
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import requests

from mctoolkit._core import clocks
from mctoolkit._core.clocks import Clock
from mctoolkit._core.errors import UsageError
from mctoolkit._core.html import shorten
from mctoolkit._core.messages import gettext as _
from mctoolkit._core.version import __version__
from mctoolkit.client.cancel import CancelToken
from mctoolkit.client.schemas import download_schemas
from mctoolkit.client.transport import Transport
from mctoolkit.models.errors import NoResponse, NotSent
from mctoolkit.models.event import Event
from mctoolkit.models.exchange import Exchange, Request
from mctoolkit.models.problem import Verdict
from mctoolkit.models.target import Target, read_target
from mctoolkit.spec.paths import DOWNLOADED_PATH, SCHEMAS_PATH, SESSIONS_PATH, events_path, session_id_from_url
from mctoolkit.validation import Endpoint, validate

__all__ = ["CancelToken", "Client"]

_MAX_TIMEOUT_S = 3600
_MAX_LISTED_PROBLEMS = 5
_SESSION_ID = re.compile(r"[^/?#\s\x00-\x20\x7f\ud800-\udfff]+")
_SAFE_IN_PATH = "!$&'()*+,;=:@"


class Client:
    """Sends events to a Media Collection API, or to a sandbox.

    A request is sent once: there are no retries, and redirects are not followed. Cookies and passwords from ``.netrc``
    are not sent. Certificates are verified with those of the system and of the file in ``REQUESTS_CA_BUNDLE``. The
    proxies of the environment are used, except for this computer; headers for a proxy, such as its password, are not
    part of the :class:`Exchange`. A client is thread-safe.

    Parameters
    ----------
    to : str, Sandbox or Target
        ``"company.hb-api.omtrdc.net"``, a URL, or a sandbox. The default scheme is https, and http for this computer.
        See :func:`mctoolkit.models.target.read_target`.
    clock : Clock, optional
        The clock for the time of sending and the elapsed time; the system clock by default. The timeout is always
        measured in real time.
    timeout_s : float
        The total time for one request in seconds, from the DNS lookup to the last byte of the response.
    allow_http : bool
        Accept ``http://`` for a host that is not this computer. Requests are then not encrypted.

    Attributes
    ----------
    target : Target
        The host that requests are sent to; ``target.hints`` has hints about the address.

    Raises
    ------
    HostError
        ``to`` is not a valid address of an API.
    UsageError
        ``to`` is neither a str nor has a ``url``, or ``timeout_s`` is not a number above 0 and up to 3600.

    Examples
    --------
    >>> from mctoolkit import example
    >>> from mctoolkit.sandbox import Sandbox
    >>> with Sandbox() as sandbox, Client(sandbox) as client:
    ...     exchange = client.start_session(example("sessionStart"))
    >>> client
    Client(sandbox)
    >>> exchange.status, exchange.in_words, len(exchange.session_id)
    (201, 'session started', 64)
    """

    def __init__(self, to: Any, *, clock: Clock | None = None, timeout_s: float = 10, allow_http: bool = False) -> None:
        self.target: Target = read_target(to, allow_http=allow_http)
        self._clock = clocks.default_clock() if clock is None else clock
        self._timeout_s = _validate_timeout(timeout_s)
        self._closed = False

    def start_session(self, event: object, *, send_anyway: bool = False, cancel: CancelToken | None = None) -> Exchange:
        """Send a ``sessionStart`` to ``/api/v1/sessions``.

        Parameters
        ----------
        event : dict, str, bytes, Path or Event
            The body. Text and bytes are sent unchanged, even if they are not JSON.
        send_anyway : bool
            Send a body with errors, to see how the API refuses it.
        cancel : CancelToken, optional
            Cancels the request from another thread.

        Returns
        -------
        Exchange
            The request, the response with any status, the session id, the time in ``elapsed_ms``, and an explanation.
            At most 1 MiB of the body of the response is kept.

        Raises
        ------
        NotSent
            The body has errors and ``send_anyway`` is False; nothing was sent. ``verdict`` has the errors.
        NoResponse
            The response is missing or incomplete, or the request was cancelled. ``exchange.failure`` has the reason
            and whether the request was sent.
        InputError
            ``event`` is a Path to a file that cannot be read, or has a value that cannot be written as JSON.
        UsageError
            The client is closed.

        Examples
        --------
        >>> from mctoolkit.sandbox import Sandbox
        >>> with Sandbox() as sandbox, Client(sandbox) as client:
        ...     print(client.start_session("{}", send_anyway=True).in_words)
        refused: playerTime.playhead missing

        Notes
        -----
        Sources: EL and DEV "Sessions request" (path, responses); EL set-http-req (application/json).
        """
        return self._send(SESSIONS_PATH, "sessions", event, "start_session(event", send_anyway, cancel)

    def send_event(
        self, session: str | Exchange, event: object, *, send_anyway: bool = False, cancel: CancelToken | None = None
    ) -> Exchange:
        """Send any other event than ``sessionStart`` to ``/api/v1/sessions/<session id>/events``.

        Parameters
        ----------
        session : str or Exchange
            The session id, or the return value of :meth:`start_session`.
        event : dict, str, bytes, Path or Event
            The body. Text and bytes are sent unchanged, even if they are not JSON.
        send_anyway : bool
            Send a body with errors, to see how the API refuses it.
        cancel : CancelToken, optional
            Cancels the request from another thread.

        Returns
        -------
        Exchange
            As for :meth:`start_session`. 204: accepted. 400: refused. 404 or 410: the session is unknown or closed;
            the event is lost, and a player starts a new session.

        Raises
        ------
        NotSent, NoResponse, InputError
            As for :meth:`start_session`.
        UsageError
            ``session`` is not a session id, or an exchange without one; or the client is closed.

        Examples
        --------
        >>> from mctoolkit import example
        >>> from mctoolkit.sandbox import Sandbox
        >>> play = {"eventType": "play", "playerTime": {"playhead": 0, "ts": 1795421642000}}
        >>> with Sandbox() as sandbox, Client(sandbox) as client:
        ...     started = client.start_session(example("sessionStart"))
        ...     print(client.send_event(started, play).in_words)
        ...     sandbox.clock.advance(minutes=11)
        ...     print(client.send_event(started, play).in_words)
        event accepted
        session closed

        Notes
        -----
        Sources: EL and DEV "Events request" (path, responses).
        """
        path = events_path(quote(_find_session_id(session), safe=_SAFE_IN_PATH))
        return self._send(path, "events", event, "send_event(session, event", send_anyway, cancel)

    def send_downloaded(
        self, events: object, *, send_anyway: bool = False, cancel: CancelToken | None = None
    ) -> Exchange:
        """Send all events of a session of downloaded content at once to ``/api/v1/downloaded``.

        Parameters
        ----------
        events : list, str, bytes, Path or Event
            The events in their order, starting with a ``sessionStart``. Text and bytes are sent unchanged.
        send_anyway : bool
            Send events with errors, to see how the API refuses them: one wrong event is enough.
        cancel : CancelToken, optional
            Cancels the request from another thread.

        Returns
        -------
        Exchange
            As for :meth:`start_session`. 201: all events are accepted. 400: none is accepted.

        Raises
        ------
        NotSent, NoResponse, InputError, UsageError
            As for :meth:`start_session`.

        Examples
        --------
        >>> from mctoolkit import example
        >>> from mctoolkit.sandbox import Sandbox
        >>> end = {"eventType": "sessionComplete", "playerTime": {"playhead": 60, "ts": 1795421702000}}
        >>> with Sandbox() as sandbox, Client(sandbox) as client:
        ...     print(client.send_downloaded([example("sessionStart").value, end]).status)
        201

        Notes
        -----
        Source: EL "Downloaded content".
        """
        return self._send(DOWNLOADED_PATH, "downloaded", events, "send_downloaded(events", send_anyway, cancel)

    def schemas(self, events: Iterable[str] | None = None) -> dict[str, dict[str, Any]]:
        """Download the JSON Schemas of the host, one request for each event type.

        Parameters
        ----------
        events : iterable of str, optional
            The event types, such as ``["sessionStart"]``; all of them by default.

        Returns
        -------
        dict
            The draft-04 schemas by event type, for ``validate(body, schemas=...)``. :func:`mctoolkit.compare` lists
            the differences from ``mctoolkit.spec.schemas.schema(event)``.

        Raises
        ------
        InputError
            At least one response is not 200 or not a schema; the message lists each event type with the reason.
        NoResponse
            There is no response.
        UsageError
            An event type is unknown, or the client is closed.

        Examples
        --------
        >>> from mctoolkit import compare
        >>> from mctoolkit.spec import schemas
        >>> from mctoolkit.sandbox import Sandbox
        >>> with Sandbox() as sandbox, Client(sandbox) as client:
        ...     served = client.schemas(["ping"])
        >>> compare(schemas.schema("ping"), served["ping"]).same
        True

        Notes
        -----
        Source: EL "Validating event requests" (``GET /api/v1/schemas/{eventType}``).
        """
        return download_schemas(
            self.target.label, events, lambda event: self._request("GET", f"{SCHEMAS_PATH}/{event}", "schemas")
        )

    def close(self) -> None:
        """Send no further requests. There are no connections to close: each one ends with its request."""
        self._closed = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Client({self.target.shown})"

    def _send(
        self, path: str, endpoint: Endpoint, body: object, call: str, send_anyway: bool, cancel: CancelToken | None
    ) -> Exchange:
        """Validate a body and send it; ``call`` is the call of the user, for the message of NotSent."""
        event = body if isinstance(body, Event) else Event(body)
        verdict = validate(event, endpoint=endpoint, now_ms=self._clock.now_ms())
        if verdict.errors and not send_anyway:
            raise NotSent(_format_not_sent(self.target, verdict, f"{call}, send_anyway=True)"), verdict)
        return self._request("POST", path, endpoint, event.to_bytes(), verdict, cancel)

    def _request(
        self,
        method: str,
        path: str,
        endpoint: str,
        body: bytes = b"",
        verdict: Verdict | None = None,
        cancel: CancelToken | None = None,
    ) -> Exchange:
        if self._closed:
            raise UsageError(_("This client is closed. Create a new Client to send again."))
        prepared = _prepare(self.target, method, path, body)
        request = Request(method, str(prepared.url), tuple(prepared.headers.items()), body)
        transport = Transport(prepared, self._timeout_s, use_proxies=not self.target.loopback, cancel=cancel)
        sent_at_ms, started_ms = self._clock.now_ms(), self._clock.monotonic_ms()
        transport.run()
        elapsed_ms = self._clock.monotonic_ms() - started_ms
        response, failure = transport.result()
        exchange = Exchange(
            target=self.target.label,
            request=request,
            response=response,
            failure=failure,
            sent_at_ms=sent_at_ms,
            elapsed_ms=elapsed_ms,
            verdict=verdict,
            endpoint=endpoint,
            is_sandbox=self.target.is_sandbox,
        )
        if failure is not None:
            raise NoResponse(str(exchange.explanation), exchange) from transport.error
        return exchange


def _validate_timeout(timeout_s: object) -> float:
    is_number = isinstance(timeout_s, int | float) and not isinstance(timeout_s, bool)
    if not is_number or not 0 < float(timeout_s) <= _MAX_TIMEOUT_S:  # type: ignore[arg-type]
        raise UsageError(
            _("timeout_s is {value}; use a number of seconds greater than 0 and at most {maximum}.").format(
                maximum=_MAX_TIMEOUT_S, value=repr(timeout_s)
            )
        )
    return float(timeout_s)  # type: ignore[arg-type]


def _find_session_id(session: object) -> str:
    """Return the session id of an exchange, of a Location, or the id itself."""
    found = session.session_id if isinstance(session, Exchange) else session
    if isinstance(found, str):
        found = session_id_from_url(found.strip()) or found.strip()
    if not isinstance(found, str) or not _SESSION_ID.fullmatch(found):
        raise UsageError(
            _("The response to sessionStart has no session id. See the explanation of the exchange, and start again.")
            if isinstance(session, Exchange)
            else _(
                "{value} is not a session id. Pass the return value of start_session, or the text behind /sessions/ "
                "in the header Location."
            ).format(value=shorten(repr(session), 80))
        )
    return found


def _format_not_sent(target: Target, verdict: Verdict, call: str) -> str:
    lines = [
        _("Not sent to {target}: the API would refuse this body ({summary}).").format(
            target=target.shown, summary=verdict.summary
        )
    ]
    lines += [f"- {problem}" for problem in verdict.errors[:_MAX_LISTED_PROBLEMS]]
    if len(verdict.errors) > _MAX_LISTED_PROBLEMS:
        lines.append(
            _("... and {number} more: see the verdict of this error.").format(
                number=len(verdict.errors) - _MAX_LISTED_PROBLEMS
            )
        )
    return "\n".join(
        [*lines, _("Fix the body and send it again. To see how the API refuses it: {call}.").format(call=call)]
    )


def _prepare(target: Target, method: str, path: str, body: bytes) -> requests.PreparedRequest:
    """Prepare the request with all its headers, so that requests adds none."""
    headers = {
        "Host": target.authority,
        "User-Agent": f"mctoolkit/{__version__}",
        "Accept": "*/*",
        "Accept-Encoding": "gzip, deflate",
    }
    if method == "POST":
        headers |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
    return requests.Request(method, f"{target.base}{path}", headers=headers, data=body).prepare()
