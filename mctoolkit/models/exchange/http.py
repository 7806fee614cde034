"""The parts of an exchange: Request, Response and Failure."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import SplitResult, urlsplit

from mctoolkit._core import json_io
from mctoolkit._core.text import shorten

__all__ = ["Failure", "FailureKind", "Headers", "Request", "Response"]

Headers = tuple[tuple[str, str], ...]

FailureKind = Literal[
    "host-not-found",
    "refused",
    "unreachable",
    "tls",
    "connect-timeout",
    "proxy",
    "cancelled-unsent",
    "response-timeout",
    "cancelled",
    "cut",
    "unreadable",
    "other",
]

_UNSENT = frozenset({"host-not-found", "refused", "unreachable", "tls", "connect-timeout", "proxy", "cancelled-unsent"})
_TITLE = re.compile(r"(?is)<title[^>]*>(.*?)</title>")
_TITLE_SEARCH_CHARACTERS = 20_000


@dataclass(frozen=True, slots=True)
class Request:
    """A request as sent.

    Attributes
    ----------
    method, url : str
        The HTTP method in capitals, and the URL.
    headers : tuple of (str, str)
        Names and values in the order sent.
    body : bytes
        The exact bytes of the body.
    """

    method: str
    url: str
    headers: Headers
    body: bytes

    @property
    def path(self) -> str:
        """The path of the URL, with its query."""
        parts = self._split_url()
        return parts.path + (f"?{parts.query}" if parts.query else "")

    @property
    def host(self) -> str:
        """The host of the URL without the port; empty when there is none."""
        return self._split_url().hostname or ""

    @property
    def authority(self) -> str:
        """The host of the URL with the port, if it has one."""
        return self._split_url().netloc

    def _split_url(self) -> SplitResult:
        try:
            return urlsplit(self.url)
        except ValueError:  # the URL of a captured request can be any text
            return SplitResult("", "", self.url, "", "")


@dataclass(frozen=True, slots=True)
class Response:
    """A response as received.

    Attributes
    ----------
    status : int
        The HTTP status.
    reason : str
        The reason phrase of the status line; often empty.
    headers : tuple of (str, str)
        Names and values in the order and spelling received, including repeated names.
    body : bytes
        The body after decoding (gzip, deflate, chunks).
    cut_short : bool
        Whether the body was longer and only its start is kept.
    """

    status: int
    reason: str
    headers: Headers
    body: bytes
    cut_short: bool = False

    def header(self, name: str) -> str | None:
        """Return the first header of a name, case-insensitive, or None."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    @property
    def status_line(self) -> str:
        """The status and the reason phrase: ``"201 Created"``."""
        return f"{self.status} {self.reason}".strip()

    @property
    def text(self) -> str:
        """The body as text; bytes that are not UTF-8 become replacement characters."""
        return self.body.decode("utf-8", "replace")

    @property
    def message(self) -> str | None:
        """The member ``message`` of a JSON body, the only documented one; None without one."""
        value = json_io.read(self.body)
        found = value.get("message") if isinstance(value, dict) else None
        return found if isinstance(found, str) else None

    @property
    def is_page(self) -> bool:
        """Whether the content type is HTML. The API never sends it."""
        return "html" in (self.header("Content-Type") or "").lower()

    @property
    def title(self) -> str | None:
        """The title of a web page, cut to 80 characters; None without one."""
        found = _TITLE.search(self.text[:_TITLE_SEARCH_CHARACTERS]) if self.is_page else None
        title = " ".join(html.unescape(found[1]).split()) if found else ""
        return shorten(title, 80) or None


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no response, or no complete one.

    Attributes
    ----------
    kind : str
        Before the request was sent: ``"host-not-found"``, ``"refused"`` (nothing listens on the port),
        ``"unreachable"`` (no network route), ``"tls"``, ``"connect-timeout"``, ``"proxy"``, ``"cancelled-unsent"``.
        After it: ``"response-timeout"``, ``"cancelled"``, ``"cut"``, ``"unreadable"``. Anything else: ``"other"``.
    detail : str
        The message of the network library, or a detail such as the issuer of a certificate, without a full stop.
    after_s : float or None
        For a timeout, its duration in seconds.
    """

    kind: FailureKind
    detail: str = ""
    after_s: float | None = None

    @property
    def nothing_was_sent(self) -> bool:
        """Whether the server certainly did not receive the request. Otherwise the result is unknown."""
        return self.kind in _UNSENT
