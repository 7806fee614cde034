"""Exchange: one request as sent and its response as received, with an explanation.

The attributes hold the raw bytes. What is displayed (``str``, HTML) hides identifiers of people and tenants, the
namespace of the host, and secrets in headers.
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

Outcome = Literal["accepted", "no-id", "refused", "failed", "redirect", "page", "unexpected", "no-response"]

_SECRET_HEADERS = frozenset({"authorization", "cookie", "proxy-authorization", "set-cookie", "set-cookie2"})
_SHOWN_CHARACTERS = 4000
_BAD_REQUEST = 400

_SHORT_FAILURES = {
    "host-not-found": Message("host not found"),
    "refused": Message("connection refused"),
    "unreachable": Message("host unreachable"),
    "tls": Message("no secure connection"),
    "connect-timeout": Message("connection timed out"),
    "proxy": Message("proxy failed"),
    "response-timeout": Message("response timed out"),
    "cancelled-unsent": Message("cancelled, nothing sent"),
    "cancelled": Message("cancelled"),
    "cut": Message("connection closed early"),
    "unreadable": Message("response not valid HTTP"),
    "other": Message("no response"),
}
_SHORT_OUTCOMES = {
    "no-id": Message("201, but no session id"),
    "redirect": Message("redirected"),
    "page": Message("web page as response"),
    "unexpected": Message("unexpected response"),
}
_PROBLEM_HEADINGS = {
    "reasons": Message("Reasons, as found by mctoolkit ({summary}):"),
    "accepted-with-errors": Message("The server accepted it, but mctoolkit finds errors ({summary}):"),
    "accepted-with-hints": Message("Accepted, with hints by mctoolkit ({summary}):"),
    "additional": Message("Validation by mctoolkit ({summary}):"),
}


@dataclass(frozen=True)
class Exchange:
    """One request as sent and its response as received, or the failure.

    Attributes
    ----------
    target : str
        The label of the target: a host, or "sandbox".
    request : Request
        The request as sent.
    response : Response or None
        The response. Beside a ``failure`` it is the part that was received.
    failure : Failure or None
        Why there is no response, or no complete one.
    sent_at_ms : int
        The time of sending, in milliseconds since 1970.
    elapsed_ms : float
        The time from before the connection to the last byte of the response, in milliseconds.
    verdict : Verdict or None
        The validation of the body before it was sent.
    endpoint : str
        ``"sessions"``, ``"events"``, ``"downloaded"`` (a list of events, whatever its path), ``"schemas"``,
        ``"preflight"`` (the CORS request of a browser) or ``"other"``.
    is_sandbox : bool
        Whether the target is a sandbox on this computer.

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
            raise UsageError(_("An Exchange needs a response or a failure."))

    @property
    def status(self) -> int | None:
        """The HTTP status, or None without a response."""
        return self.response.status if self.response else None

    @property
    def headers(self) -> Mapping[str, str]:
        """The response headers by name; the last one of a repeated name."""
        return dict(self.response.headers) if self.response else {}

    @property
    def body(self) -> bytes:
        """The response body; empty without a response."""
        return self.response.body if self.response else b""

    @property
    def event(self) -> Event:
        """The event in the request body."""
        return Event(self.request.body)

    @property
    def sent_at(self) -> datetime:
        """The time of sending, in UTC."""
        return clocks.utc(self.sent_at_ms)

    @cached_property
    def session_id(self) -> str | None:
        """The session id in the header ``Location`` of a success (2xx), or None.

        The session started only if :attr:`outcome` is ``"accepted"``, which requires status 201; see
        :func:`mctoolkit.spec.paths.session_id_of_response`.
        """
        response = self.response
        return session_id_of_response(response.status, response.header("Location")) if response is not None else None

    @cached_property
    def outcome(self) -> Outcome:
        """The kind of result, which selects the explanation."""
        if self.failure is not None or self.response is None:
            return "no-response"
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
    def is_body_refused(self) -> bool:
        """Whether the server refused the body (400), not the session (404, 410)."""
        return self.outcome == "refused" and self.status == _BAD_REQUEST

    @property
    def in_words(self) -> str:
        """The result in a few words, for a table."""
        if self.failure is not None:
            return str(_SHORT_FAILURES[self.failure.kind])
        assert self.response is not None  # noqa: S101  there is a response or a failure
        documented = catalog.response(self.endpoint, self.response.status)
        if self.outcome in ("accepted", "refused", "failed") and documented is not None:
            if self.is_body_refused and self.verdict is not None and self.verdict.errors:
                return _("refused: {what}").format(what=self.verdict.errors[0].short)
            return documented.short
        return str(_SHORT_OUTCOMES[self.outcome])

    @cached_property
    def explanation(self) -> Explanation:
        """What happened, what it means, and what to do next."""
        return explain_response(self)

    @property
    def request_text(self) -> str:
        """The request as HTTP text with identifiers hidden and indented JSON."""
        lines = [f"{self.request.method} {self.request.path} HTTP/1.1"]
        lines += [f"{name}: {self.mask_header(name, value)}" for name, value in self.request.headers]
        return "\n".join([*lines, "", shorten(masking.mask_text(self.request.body), 5 * _SHOWN_CHARACTERS)])

    def mask_header(self, name: str, value: str) -> str:
        """Return the value of a header without secrets and without the name of a tenant."""
        if name.lower() in _SECRET_HEADERS:
            return masking.HIDDEN
        if name.lower() == "location" and "?" in value:
            value = f"{value.partition('?')[0]}?{masking.HIDDEN}"
        return self.mask(value)

    def mask(self, text: str) -> str:
        """Return a text with the address of a sandbox as ``{sandbox}`` and the namespace of a real host hidden."""
        authority = self.request.authority
        if self.is_sandbox and authority:
            name = "{" + _("sandbox") + "}"
            text = text.replace(f"http://{authority}", name).replace(authority, name)
        return masking.mask_host(text)

    @property
    def header_rows(self) -> tuple[tuple[str, str, str], ...]:
        """The name, masked value and meaning of each response header; the meaning is empty when not documented."""
        responses = [response for at in ("sessions", self.endpoint) for response in catalog.responses(at).values()]
        known = {header.name.lower(): header for response in responses for header in response.headers}
        return tuple(
            (name, self.mask_header(name, value), known[name.lower()].help if name.lower() in known else "")
            for name, value in (self.response.headers if self.response else ())
        )

    @property
    def masked_message(self) -> str:
        """The member ``message`` of the response body, cut to a readable length; empty without one."""
        message = self.response.message if self.response else None
        return shorten(self.mask(message or ""), _SHOWN_CHARACTERS)

    @property
    def masked_body(self) -> str:
        """The response body as text with identifiers hidden, cut to a readable length."""
        return shorten(self.mask(masking.mask_text(self.body)), _SHOWN_CHARACTERS)

    @property
    def problem_heading(self) -> str:
        """The heading for the problems of the verdict; empty without a verdict."""
        if self.verdict is None:
            return ""
        if self.is_body_refused and self.verdict.errors:
            key = "reasons"
        elif self.outcome == "accepted":
            key = "accepted-with-errors" if self.verdict.errors else "accepted-with-hints"
        else:
            key = "additional"
        return _PROBLEM_HEADINGS[key].format(summary=self.verdict.summary)

    def __str__(self) -> str:
        headline, *sentences = str(self.explanation).split("\n")
        problems = []
        if self.verdict is not None and self.verdict.problems:
            problems = [self.problem_heading, *(f"- {problem}" for problem in self.verdict.problems)]
        lines = [f"{self.request.method} {self.mask(self.request.url)}", headline]
        lines += problems + sentences if self.is_body_refused else sentences + problems
        if self.response is not None:
            lines += ["", *(f"{name}: {value}" for name, value, _unused in self.header_rows)]
            if self.is_sandbox and self.response.message is not None:  # its other members repeat the problems
                lines += ["", f"{_('Message from the server:')} {self.masked_message}"]
            elif self.response.body and not self.response.is_page:
                lines += ["", self.masked_body]
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return display.to_html(self)
