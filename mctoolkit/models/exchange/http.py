"""The parts of an exchange: the request, the response, and why there is none."""

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
    "answer-timeout",
    "cancelled",
    "cut",
    "unreadable",
    "other",
]


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it was sent: method, URL, headers in order, body to the byte."""

    method: str
    url: str
    headers: Headers
    body: bytes

    @property
    def path(self) -> str:
        """The path of the URL, with the query if there is one."""
        parts = self._split()
        return parts.path + (f"?{parts.query}" if parts.query else "")

    @property
    def host(self) -> str:
        """The host in the URL, without the port; empty where there is none."""
        return self._split().hostname or ""

    @property
    def authority(self) -> str:
        """The host in the URL, with the port where one is written."""
        return self._split().netloc

    def _split(self) -> SplitResult:
        try:
            return urlsplit(self.url)
        except ValueError:  # a recorded request can have any text for its URL
            return SplitResult("", "", self.url, "", "")


@dataclass(frozen=True, slots=True)
class Response:
    """A response as it came: status, the words behind it, headers in order, body.

    Attributes
    ----------
    status : int
        The HTTP status.
    reason : str
        The words behind it; often empty.
    headers : tuple of (str, str)
        Names and values in the order in which they came, spelled as they came, repeated ones too.
    body : bytes
        The body without its packing (gzip, deflate, chunks), and otherwise to the byte.
    cut_short : bool
        Whether the body went on beyond what is kept.
    """

    status: int
    reason: str
    headers: Headers
    body: bytes
    cut_short: bool = False

    def header(self, name: str) -> str | None:
        """Return the first header of this name, in any letter case, or None."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    @property
    def status_line(self) -> str:
        """The status and the words behind it: ``"201 Created"``."""
        return f"{self.status} {self.reason}".strip()

    @property
    def text(self) -> str:
        """The body as text; what is not UTF-8 in it shows as a replacement character."""
        return self.body.decode("utf-8", "replace")

    @property
    def message(self) -> str | None:
        """The member ``message`` of a JSON body, the only one that is documented; None where there is none."""
        value = json_io.read(self.body)
        found = value.get("message") if isinstance(value, dict) else None
        return found if isinstance(found, str) else None

    @property
    def is_page(self) -> bool:
        """Whether it says that it is a web page, which the API never sends."""
        return "html" in (self.header("Content-Type") or "").lower()

    @property
    def title(self) -> str | None:
        """The title of a web page, cut to a readable length; None without one."""
        found = _TITLE.search(self.text[:20_000]) if self.is_page else None
        title = " ".join(html.unescape(found[1]).split()) if found else ""
        return shorten(title, 80) or None


@dataclass(frozen=True, slots=True)
class Failure:
    """Why no response came, or no whole one.

    Attributes
    ----------
    kind : str
        Before anything was sent: ``"host-not-found"``, ``"refused"`` (nothing listens there),
        ``"unreachable"`` (no way there), ``"tls"``, ``"connect-timeout"``, ``"proxy"``, ``"cancelled-unsent"``.
        After it: ``"response-timeout"``, ``"cancelled"``, ``"cut"``, ``"unreadable"``. Anything else: ``"other"``.
    detail : str
        What the network said, or what was seen (the issuer of a certificate), without a full stop.
    after_s : float or None
        For a time-out, how long was waited, in seconds.
    """

    kind: FailureKind
    detail: str = ""
    after_s: float | None = None

    @property
    def nothing_was_sent(self) -> bool:
        """Whether it is sure that the server never saw the request; otherwise the outcome is unknown."""
        return self.kind in _UNSENT


_UNSENT = frozenset({"host-not-found", "refused", "unreachable", "tls", "connect-timeout", "proxy", "cancelled-unsent"})
_TITLE = re.compile(r"(?is)<title[^>]*>(.*?)</title>")
