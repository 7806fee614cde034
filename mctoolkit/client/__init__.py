"""Send one request and hold what came of it.

``Client`` checks, sends once and makes the Exchange; ``errand`` carries a request over the network within its time;
``failures`` says why no answer came.
"""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

import requests

from mctoolkit import __version__, clocks, texts
from mctoolkit.client.errand import Errand
from mctoolkit.clocks import Clock
from mctoolkit.errors import MisuseError, NoAnswer, NotSent
from mctoolkit.events import Event
from mctoolkit.exchanges import Exchange, Request
from mctoolkit.problems import Verdict
from mctoolkit.targets import Target, read_target
from mctoolkit.validation import validate

__all__ = ["Client"]

_SESSIONS_PATH = "/api/v1/sessions"
_LONGEST_TIMEOUT_S = 3600
_PROBLEMS_NAMED = 5


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
        :func:`mctoolkit.targets.read_target`.
    clock : Clock, optional
        Tells the time of sending and how long it took; the computer's clock by default. How long is waited is
        always measured in real time.
    timeout_s : float
        The longest that one request may take, in seconds: from looking up the host to the last byte of the answer.
    allow_http : bool
        Take ``http://`` for a host that is not this computer. Then everybody on the way can read along.

    Attributes
    ----------
    target : Target
        Where it sends to; ``target.hints`` has what looks odd about the address.

    Raises
    ------
    TargetError
        ``to`` is a text that cannot be the address of an API.
    MisuseError
        ``to`` is no text and has no ``url``, or ``timeout_s`` is not a number above 0 and up to 3600.

    Examples
    --------
    >>> from mctoolkit.drafts import Draft
    >>> from mctoolkit.sandbox import Sandbox
    >>> with Sandbox() as sandbox, Client(sandbox) as client:
    ...     exchange = client.start_session(Draft("sessionStart").event)
    >>> client
    Client(practice server)
    >>> exchange.status, exchange.in_words, len(exchange.session_id)
    (201, 'session started', 64)
    """

    def __init__(self, to: Any, *, clock: Clock | None = None, timeout_s: float = 10, allow_http: bool = False) -> None:
        self.target: Target = read_target(to, allow_http=allow_http)
        self._clock = clocks.default_clock() if clock is None else clock
        self._timeout_s = _checked_timeout(timeout_s)
        self._closed = False

    def start_session(self, event: object, *, send_anyway: bool = False) -> Exchange:
        """Send a ``sessionStart`` to ``/api/v1/sessions``.

        Parameters
        ----------
        event : dict, str, bytes, Path or Event
            The body. Text and bytes go out to the byte, also when they are no JSON.
        send_anyway : bool
            Send it although the checker found errors, to see how it is refused.

        Returns
        -------
        Exchange
            The request as it was sent, the answer as it came (whatever its status), the session id, the time that
            it took in ``elapsed_ms``, and words for what it means. Of the body of an answer at most 1 MiB is kept.

        Raises
        ------
        NotSent
            The body has errors and ``send_anyway`` is False; nothing was sent. Its ``verdict`` has all of them.
        NoAnswer
            No answer came, or no whole one. Its ``exchange`` says why, and whether anything was sent.
        UnreadableInput
            ``event`` is a Path to a file that cannot be read, or holds a value that cannot be written at all.
        MisuseError
            The client is closed.

        Examples
        --------
        >>> from mctoolkit.sandbox import Sandbox
        >>> with Sandbox() as sandbox, Client(sandbox) as client:
        ...     print(client.start_session("{}", send_anyway=True).in_words)
        refused: playerTime.playhead

        Notes
        -----
        Source: EL and DEV "Sessions request" (path, answers); that the body is application/json: EL set-http-req.
        """
        event = event if isinstance(event, Event) else Event(event)
        verdict = validate(event, endpoint="sessions", now_ms=self._clock.now_ms())
        if verdict.errors and not send_anyway:
            raise NotSent(_why_not_sent(self.target, verdict), verdict)
        return self._post(_SESSIONS_PATH, event.to_bytes(), "sessions", verdict)

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

    def _post(self, path: str, body: bytes, endpoint: str, verdict: Verdict) -> Exchange:
        if self._closed:
            raise MisuseError(texts.say("client.closed"))
        prepared = _prepared(self.target, path, body)
        request = Request("POST", str(prepared.url), tuple(prepared.headers.items()), body)
        errand = Errand(prepared, self._timeout_s, use_proxies=not self.target.loopback)
        sent_at_ms, begun_ms = self._clock.now_ms(), self._clock.stopwatch_ms()
        errand.run()
        elapsed_ms = self._clock.stopwatch_ms() - begun_ms
        answer, failure = errand.result()
        exchange = Exchange(
            target=self.target.label,
            request=request,
            answer=answer,
            failure=failure,
            sent_at_ms=sent_at_ms,
            elapsed_ms=elapsed_ms,
            verdict=verdict,
            endpoint=endpoint,
            practice=self.target.practice,
        )
        if failure is not None:
            raise NoAnswer(str(exchange.explanation), exchange) from errand.error
        return exchange


def _checked_timeout(timeout_s: object) -> float:
    usable = isinstance(timeout_s, int | float) and not isinstance(timeout_s, bool)
    if not usable or not 0 < float(timeout_s) <= _LONGEST_TIMEOUT_S:  # type: ignore[arg-type]
        raise MisuseError(texts.say("client.timeout", most=_LONGEST_TIMEOUT_S, value=repr(timeout_s)))
    return float(timeout_s)  # type: ignore[arg-type]


def _why_not_sent(target: Target, verdict: Verdict) -> str:
    lines = [texts.say("client.not_sent.head", target=target.shown, summary=verdict.summary)]
    lines += [f"- {problem}" for problem in verdict.errors[:_PROBLEMS_NAMED]]
    if len(verdict.errors) > _PROBLEMS_NAMED:
        lines.append(texts.say("client.not_sent.more", number=len(verdict.errors) - _PROBLEMS_NAMED))
    return "\n".join([*lines, texts.say("client.not_sent.next")])


def _prepared(target: Target, path: str, body: bytes) -> requests.PreparedRequest:
    """Write the request with every header that goes over the wire, so that none is added on the way."""
    headers = {
        "Host": target.authority,
        "User-Agent": f"mctoolkit/{__version__}",
        "Accept": "*/*",
        "Accept-Encoding": "gzip, deflate",
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
    }
    return requests.Request("POST", f"{target.base}{path}", headers=headers, data=body).prepare()
