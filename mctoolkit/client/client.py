"""Send one request and hold what came of it.

``Client`` checks, sends once and makes the Exchange; ``errand`` carries a request over the network within its time;
``CancelToken`` ends the wait from another thread; ``failures`` says why no response came.
"""

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
from mctoolkit.client.schemas import fetch_schemas
from mctoolkit.client.transport import Transport
from mctoolkit.models.errors import NoResponse, NotSent
from mctoolkit.models.event import Event
from mctoolkit.models.exchange import Exchange, Request
from mctoolkit.models.problem import Verdict
from mctoolkit.models.target import Target, read_target
from mctoolkit.spec.paths import DOWNLOADED_PATH, SCHEMAS_PATH, SESSIONS_PATH, events_path, session_id_in
from mctoolkit.validation import Endpoint, validate

__all__ = ["CancelToken", "Client"]

_LONGEST_TIMEOUT_S = 3600
_PROBLEMS_NAMED = 5
_SESSION_ID = re.compile(r"[^/?#\s\x00-\x20\x7f\ud800-\udfff]+")
_UNRESERVED = "!$&'()*+,;=:@"


class Client:
    """Sends events to a Media Collection API, or to a sandbox.

    A request goes out once: it is never sent again by itself and follows no redirect. It carries no cookies and no
    passwords from files. The certificates that count are those of the system, and those in the file that
    ``REQUESTS_CA_BUNDLE`` names. The proxies of the environment are used, except for this computer; what is said to
    a proxy (its password, too) is not part of the request that is kept. Threads may share a client.

    Parameters
    ----------
    to : str, Sandbox or Target
        ``"company.hb-api.omtrdc.net"``, a URL, or a sandbox; https unless it lies on this computer. See
        :func:`mctoolkit.models.target.read_target`.
    clock : Clock, optional
        Tells the time of sending and how long it took; the computer's clock by default. How long is waited is
        always measured in real time.
    timeout_s : float
        The longest that one request may take, in seconds: from looking up the host to the last byte of the response.
    allow_http : bool
        Take ``http://`` for a host that is not this computer. Then everybody on the way can read along.

    Attributes
    ----------
    target : Target
        Where it sends to; ``target.hints`` has what looks odd about the address.

    Raises
    ------
    HostError
        ``to`` is a text that cannot be the address of an API.
    UsageError
        ``to`` is no text and has no ``url``, or ``timeout_s`` is not a number above 0 and up to 3600.

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
        self._timeout_s = _checked_timeout(timeout_s)
        self._closed = False

    def start_session(self, event: object, *, send_anyway: bool = False, cancel: CancelToken | None = None) -> Exchange:
        """Send a ``sessionStart`` to ``/api/v1/sessions``.

        Parameters
        ----------
        event : dict, str, bytes, Path or Event
            The body. Text and bytes go out to the byte, also when they are no JSON.
        send_anyway : bool
            Send it although the checker found errors, to see how it is refused.
        cancel : CancelToken, optional
            Its ``cancel()``, called by another thread, ends the wait at once.

        Returns
        -------
        Exchange
            The request as it was sent, the response as it came (whatever its status), the session id, the time that
            it took in ``elapsed_ms``, and words for what it means. Of the body of a response at most 1 MiB is kept.

        Raises
        ------
        NotSent
            The body has errors and ``send_anyway`` is False; nothing was sent. Its ``verdict`` has all of them.
        NoResponse
            No response came, or no whole one, or somebody cancelled. Its ``exchange`` says why, and whether anything
            was sent.
        InputError
            ``event`` is a Path to a file that cannot be read, or holds a value that cannot be written at all.
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
        Source: EL and DEV "Sessions request" (path, answers); that the body is application/json: EL set-http-req.
        """
        return self._send(SESSIONS_PATH, "sessions", event, "start_session(event", send_anyway, cancel)

    def send_event(
        self, session: str | Exchange, event: object, *, send_anyway: bool = False, cancel: CancelToken | None = None
    ) -> Exchange:
        """Send any other event than ``sessionStart`` to ``/api/v1/sessions/<session id>/events``.

        Parameters
        ----------
        session : str or Exchange
            The session id, or what :meth:`start_session` returned. Whether there is such a session, the response says.
        event : dict, str, bytes, Path or Event
            The body. Text and bytes go out to the byte, also when they are no JSON.
        send_anyway : bool
            Send it although the checker found errors, to see how it is refused.
        cancel : CancelToken, optional
            Its ``cancel()``, called by another thread, ends the wait at once.

        Returns
        -------
        Exchange
            As for :meth:`start_session`. 204: taken. 400: refused. 404 and 410: there is no such session, or it is
            closed; the event is lost, and a player begins a new session.

        Raises
        ------
        NotSent, NoResponse, InputError
            As for :meth:`start_session`.
        UsageError
            ``session`` is no session id, or an exchange that has none; or the client is closed.

        Examples
        --------
        >>> from mctoolkit import example
        >>> from mctoolkit.sandbox import Sandbox
        >>> play = {"eventType": "play", "playerTime": {"playhead": 0, "ts": 1795421642000}}
        >>> with Sandbox() as sandbox, Client(sandbox) as client:
        ...     begun = client.start_session(example("sessionStart"))
        ...     print(client.send_event(begun, play).in_words)
        ...     sandbox.clock.advance(minutes=11)
        ...     print(client.send_event(begun, play).in_words)
        event accepted
        session closed

        Notes
        -----
        Source: EL and DEV "Events request" (path, answers).
        """
        path = events_path(quote(_session_id(session), safe=_UNRESERVED))
        return self._send(path, "events", event, "send_event(session, event", send_anyway, cancel)

    def send_downloaded(
        self, events: object, *, send_anyway: bool = False, cancel: CancelToken | None = None
    ) -> Exchange:
        """Send a viewing of downloaded content, all its events at once, to ``/api/v1/downloaded``.

        Parameters
        ----------
        events : list, str, bytes, Path or Event
            The events in their order, the first a ``sessionStart``. Text and bytes go out to the byte.
        send_anyway : bool
            Send them although the checker found errors, to see how they are refused: one wrong event is enough.
        cancel : CancelToken, optional
            Its ``cancel()``, called by another thread, ends the wait at once.

        Returns
        -------
        Exchange
            As for :meth:`start_session`. 201: all of them are taken. 400: none is.

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
        """Fetch the JSON Schemas that the host serves, one request for each event type.

        Parameters
        ----------
        events : iterable of str, optional
            The event types, such as ``["sessionStart"]``; all of them by default.

        Returns
        -------
        dict
            The draft-04 schemas by event type, which ``validate(body, schemas=...)`` takes. :func:`mctoolkit.compare`
            lists how one differs from ``mctoolkit.spec.schemas.schema(event)``.

        Raises
        ------
        InputError
            At least one response is not 200 or not a schema; the message lists each event type with the reason.
        NoResponse
            The host did not respond.
        UsageError
            There is no such event type, or the client is closed.

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
        return fetch_schemas(
            self.target.label, events, lambda event: self._go("GET", f"{SCHEMAS_PATH}/{event}", "schemas")
        )

    def close(self) -> None:
        """Send nothing more. There is nothing to free: no connection outlives its request."""
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
        self, path: str, endpoint: Endpoint, body: object, call: str, anyway: bool, cancel: CancelToken | None
    ) -> Exchange:
        """Check a body and send it; ``call`` is what the caller wrote, for the message that nothing was sent."""
        event = body if isinstance(body, Event) else Event(body)
        verdict = validate(event, endpoint=endpoint, now_ms=self._clock.now_ms())
        if verdict.errors and not anyway:
            raise NotSent(_why_not_sent(self.target, verdict, f"{call}, send_anyway=True)"), verdict)
        return self._go("POST", path, endpoint, event.to_bytes(), verdict, cancel)

    def _go(
        self,
        method: str,
        path: str,
        endpoint: str,
        body: bytes = b"",
        verdict: Verdict | None = None,
        cancel: CancelToken | None = None,
    ) -> Exchange:
        if self._closed:
            raise UsageError(_("This client is closed. Make a new one to send again."))
        prepared = _prepared(self.target, method, path, body)
        request = Request(method, str(prepared.url), tuple(prepared.headers.items()), body)
        errand = Transport(prepared, self._timeout_s, use_proxies=not self.target.loopback, cancel=cancel)
        sent_at_ms, begun_ms = self._clock.now_ms(), self._clock.monotonic_ms()
        errand.run()
        elapsed_ms = self._clock.monotonic_ms() - begun_ms
        response, failure = errand.result()
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
            raise NoResponse(str(exchange.explanation), exchange) from errand.error
        return exchange


def _checked_timeout(timeout_s: object) -> float:
    usable = isinstance(timeout_s, int | float) and not isinstance(timeout_s, bool)
    if not usable or not 0 < float(timeout_s) <= _LONGEST_TIMEOUT_S:  # type: ignore[arg-type]
        raise UsageError(
            _("timeout_s is a number of seconds, more than 0 and at most {most}. This is {value}.").format(
                most=_LONGEST_TIMEOUT_S, value=repr(timeout_s)
            )
        )
    return float(timeout_s)  # type: ignore[arg-type]


def _session_id(session: object) -> str:
    """Return the id of a session; a whole Location has it, too."""
    found = session.session_id if isinstance(session, Exchange) else session
    if isinstance(found, str):
        found = session_id_in(found.strip()) or found.strip()
    if not isinstance(found, str) or not _SESSION_ID.fullmatch(found):
        value = shorten(repr(session), 80)
        no_session = isinstance(session, Exchange)
        raise UsageError(
            _(
                "The sessionStart was not answered with a session id, so there is nowhere to send the "
                "event to. Its own explanation says what happened."
            )
            if no_session
            else _(
                "A session id is the text behind /sessions/ in the header Location, without spaces and "
                "slashes; or hand over what start_session returned. This is {value}."
            ).format(value=value)
        )
    return found


def _why_not_sent(target: Target, verdict: Verdict, anyway: str) -> str:
    lines = [
        _("Not sent to {target}: the API would refuse this ({summary}).").format(
            target=target.shown, summary=verdict.summary
        )
    ]
    lines += [f"- {problem}" for problem in verdict.errors[:_PROBLEMS_NAMED]]
    if len(verdict.errors) > _PROBLEMS_NAMED:
        lines.append(
            _("... and {number} more: see .verdict of this error.").format(number=len(verdict.errors) - _PROBLEMS_NAMED)
        )
    return "\n".join(
        [*lines, _("Mend it and send again. To send it as it is, and see the refusal: {call}.").format(call=anyway)]
    )


def _prepared(target: Target, method: str, path: str, body: bytes) -> requests.PreparedRequest:
    """Write the request with every header that goes over the wire, so that none is added on the way."""
    headers = {
        "Host": target.authority,
        "User-Agent": f"mctoolkit/{__version__}",
        "Accept": "*/*",
        "Accept-Encoding": "gzip, deflate",
    }
    if method == "POST":
        headers |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
    return requests.Request(method, f"{target.base}{path}", headers=headers, data=body).prepare()
