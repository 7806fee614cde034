"""Exchange: one request as it was sent and its response as it came, or none, with words for what that means.

What is held is raw: the bytes as they went and came. What is shown (``str``, HTML) hides the identifiers of
people and tenants, the namespace of the host, and the secrets that proxies and login pages put into headers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Literal

from mctoolkit._core import clocks, display
from mctoolkit._core.errors import UsageError
from mctoolkit._core.messages import Message
from mctoolkit._core.messages import gettext as _
from mctoolkit._core.text import shorten
from mctoolkit.models import masking
from mctoolkit.models.event import Event
from mctoolkit.models.exchange.explanation import OLD_HOST, Explanation, explain_response
from mctoolkit.models.exchange.http import Failure, FailureKind, Headers, Request, Response
from mctoolkit.models.problem import Verdict
from mctoolkit.spec import catalog
from mctoolkit.spec.paths import session_id_of_response

__all__ = [
    "OLD_HOST",
    "Exchange",
    "Explanation",
    "Failure",
    "FailureKind",
    "Headers",
    "Outcome",
    "Request",
    "Response",
]

Outcome = Literal["accepted", "no-id", "refused", "failed", "redirect", "page", "unexpected", "no-answer"]

_SECRET_HEADERS = frozenset({"authorization", "cookie", "proxy-authorization", "set-cookie", "set-cookie2"})
_SHOWN_CHARACTERS = 4000
_BAD_REQUEST = 400


_FAILURES_SHORT = {
    "host-not-found": Message("host not found"),
    "refused": Message("connection refused"),
    "unreachable": Message("host out of reach"),
    "tls": Message("no secure connection"),
    "connect-timeout": Message("no connection in time"),
    "proxy": Message("stopped at the proxy"),
    "answer-timeout": Message("no response in time"),
    "cancelled-unsent": Message("cancelled, nothing sent"),
    "cancelled": Message("cancelled"),
    "cut": Message("connection broke off"),
    "unreadable": Message("answer cannot be read"),
    "other": Message("no response"),
}
_SHORT = {
    "no-id": Message("201, but no session id"),
    "redirect": Message("sent on to another address"),
    "page": Message("a web page answered"),
    "unexpected": Message("unexpected answer"),
}
_PROBLEMS = {
    "reasons": Message("Why, as mctoolkit's own checker sees it ({summary}):"),
    "taken_with_errors": Message("The server has taken it, but mctoolkit's own checker would not have ({summary}):"),
    "taken_with_tips": Message("Worth a look all the same ({summary}):"),
    "besides": Message("What mctoolkit's own checker says of the message ({summary}):"),
}


@dataclass(frozen=True)
class Exchange:
    """One request as it was sent and its response as it came, or none.

    Attributes
    ----------
    target : str
        How people call the place it was sent to: a host, or "sandbox".
    request : Request
        The request, to the byte.
    response : Response or None
        The response; None when none came. Beside a ``failure`` it is what had come until then.
    failure : Failure or None
        Why no response came, or no whole one.
    sent_at_ms : int
        When it was sent, in milliseconds since 1970.
    elapsed_ms : float
        From the moment before the connection was asked for to the last byte of the response that was read.
    verdict : Verdict or None
        What mctoolkit's own checker said of the body before it was sent.
    endpoint : str
        ``"sessions"``, ``"events"``, ``"downloaded"`` (a list of events, wherever it was sent), ``"schemas"``,
        ``"preflight"`` (a browser that asks whether it may send) or ``"other"``.
    is_sandbox : bool
        Whether it went to a sandbox on this computer.

    Raises
    ------
    UsageError
        There is neither a response nor a failure.

    Examples
    --------
    >>> request = Request("POST", "https://company.hb-api.omtrdc.net/api/v1/sessions", (), b"{}")
    >>> response = Response(201, "Created", (("Location", "/api/v1/sessions/7f3a"),), b"")
    >>> exchange = Exchange("company.hb-api.omtrdc.net", request, response, None, 1_509_045_324_153, 4.0)
    >>> exchange.session_id, exchange.outcome, exchange.in_words
    ('7f3a', 'accepted', 'session started')
    """

    target: str
    request: Request
    response: Response | None
    failure: Failure | None
    sent_at_ms: int
    elapsed_ms: float
    verdict: Verdict | None = None
    endpoint: str = "sessions"
    is_sandbox: bool = False

    def __post_init__(self) -> None:
        if self.response is None and self.failure is None:
            raise UsageError(_("An Exchange has a response, or a failure that says why there is none, or both."))

    @property
    def status(self) -> int | None:
        """The HTTP status, or None without a response."""
        return self.response.status if self.response else None

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers of the response by name, as the server spelled them; of a repeated one the last."""
        return dict(self.response.headers) if self.response else {}

    @property
    def body(self) -> bytes:
        """The body of the response; empty without a response."""
        return self.response.body if self.response else b""

    @property
    def event(self) -> Event:
        """The event that was sent."""
        return Event(self.request.body)

    @property
    def sent_at(self) -> datetime:
        """When it was sent, in UTC."""
        return clocks.utc(self.sent_at_ms)

    @cached_property
    def session_id(self) -> str | None:
        """The session id in the header ``Location`` of a success (2xx), or None.

        The session has begun only where :attr:`outcome` is ``"accepted"``, which takes a 201; see
        :func:`mctoolkit.spec.paths.session_id_of_response`.
        """
        response = self.response
        return session_id_of_response(response.status, response.header("Location")) if response is not None else None

    @cached_property
    def outcome(self) -> Outcome:
        """What became of it, in one word: what explanations and tables choose their sentences by."""
        if self.failure is not None or self.response is None:
            return "no-answer"
        status = self.response.status
        if status == 201 and self.endpoint == "sessions":
            return "accepted" if self.session_id is not None else "no-id"
        if 300 <= status < 400 and self.response.header("Location"):
            return "redirect"
        if self.response.is_page and status < 500:
            return "page"
        documented = catalog.response(self.endpoint, status)
        return documented.outcome if documented else "unexpected"

    @property
    def refused_for_its_form(self) -> bool:
        """Whether the body was refused for what is in it (400), and not because of its session (404, 410)."""
        return self.outcome == "refused" and self.status == _BAD_REQUEST

    @property
    def in_words(self) -> str:
        """What became of it, in a few words for a table."""
        if self.failure is not None:
            return str(_FAILURES_SHORT[self.failure.kind])
        assert self.response is not None  # noqa: S101  there is a response or a failure
        documented = catalog.response(self.endpoint, self.response.status)
        if self.outcome in ("accepted", "refused", "failed") and documented is not None:
            if self.refused_for_its_form and self.verdict is not None and self.verdict.errors:
                return _("refused: {what}").format(what=self.verdict.errors[0].short)
            return documented.short
        return str(_SHORT[self.outcome])

    @cached_property
    def explanation(self) -> Explanation:
        """What it means and what to do next, in plain words."""
        return explain_response(self)

    @property
    def same_request_sent(self) -> str:
        """The request as it was sent, in the form of HTTP; identifiers hidden, JSON on indented lines."""
        lines = [f"{self.request.method} {self.request.path} HTTP/1.1"]
        lines += [f"{name}: {self.shown_value(name, value)}" for name, value in self.request.headers]
        return "\n".join([*lines, "", shorten(masking.mask_text(self.request.body), 5 * _SHOWN_CHARACTERS)])

    def shown_value(self, name: str, value: str) -> str:
        """Return the value of a header as people may see it: without a tenant's name and without secrets."""
        if name.lower() in _SECRET_HEADERS:
            return masking.HIDDEN
        if name.lower() == "location" and "?" in value:
            value = f"{value.partition('?')[0]}?{masking.HIDDEN}"
        return self.shown(value)

    def shown(self, text: str) -> str:
        """Return a text as people may see it: a sandbox by its name, the namespace of a real host hidden."""
        authority = self.request.authority
        if self.is_sandbox and authority:
            name = "{" + _("sandbox") + "}"
            text = text.replace(f"http://{authority}", name).replace(authority, name)
        return masking.mask_host(text)

    @property
    def header_rows(self) -> tuple[tuple[str, str, str], ...]:
        """Name, value as people may see it, and meaning (or an empty text) of each header of the response."""
        responses = [response for at in ("sessions", self.endpoint) for response in catalog.responses(at).values()]
        known = {header.name.lower(): header for response in responses for header in response.headers}
        return tuple(
            (name, self.shown_value(name, value), known[name.lower()].help if name.lower() in known else "")
            for name, value in (self.response.headers if self.response else ())
        )

    def __str__(self) -> str:
        lines = [f"{self.request.method} {self.shown(self.request.url)}"]
        headline, *told = str(self.explanation).split("\n")
        found = []
        if self.verdict is not None and self.verdict.problems:
            found = [self.problem_heading, *(f"- {problem}" for problem in self.verdict.problems)]
        lines += [headline, *(found + told if self.refused_for_its_form else told + found)]
        if self.response is not None:
            lines += ["", *(f"{name}: {value}" for name, value, _unused in self.header_rows)]
            if self.is_sandbox and self.response.message is not None:  # the rest of it is the list above
                lines += ["", f"{_('Message from the server:')} {self.shown_message}"]
            elif self.response.body and not self.response.is_page:
                lines += ["", self.shown_body]
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return display.to_html(self)

    @property
    def shown_message(self) -> str:
        """The member ``message`` of the response body, cut to a readable length; empty without one."""
        message = self.response.message if self.response else None
        return shorten(self.shown(message or ""), _SHOWN_CHARACTERS)

    @property
    def shown_body(self) -> str:
        """The response body as text with identifiers hidden, cut to a readable length."""
        return shorten(self.shown(masking.mask_text(self.body)), _SHOWN_CHARACTERS)

    @property
    def problem_heading(self) -> str:
        """The heading of the problems in the verdict: the reason of a refusal, or an additional check."""
        if self.verdict is None:
            return ""
        if self.refused_for_its_form and self.verdict.errors:
            key = "reasons"
        elif self.outcome == "accepted":
            key = "taken_with_errors" if self.verdict.errors else "taken_with_tips"
        else:
            key = "besides"
        return _PROBLEMS[key].format(summary=self.verdict.summary)
