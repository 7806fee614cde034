"""Put an alias in the place of whoever is named: the same person or tenant gets the same one throughout a file.

An alias is a keyed hash whose key is random and never kept: nobody can find the person by trying names, and two files
have nothing in common. What an alias must keep is what a checker looks at: the type of the value, the ending of an
organisation ID or of a tracking server, spaces around it, and fillers such as ``N/A``, which are nobody.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from mctoolkit._core import json_io
from mctoolkit.models import masking
from mctoolkit.validation.warnings import FILLERS

__all__ = ["Pseudonyms"]

_KEPT = re.compile(
    r"(?P<before>\s*(?:[a-z]+://)?)(?P<who>.*?)(?P<after>(?:@AdobeOrg|(?:\.[a-z0-9-]+)?\.omtrdc\.net)?\s*)", re.S
)
_API_HOST = re.compile(r"(?i)^([a-z0-9-]+)(?=\.hb(?:-api)?\.omtrdc\.net(?::\d+)?$)")
_MAIL = re.compile(r"[\w.+-]+@(?!AdobeOrg\b)[\w-]+(?:\.[\w-]+)+")
_VISITOR = re.compile(r"(?<!\d)\d{38}(?!\d)")
_PUBLIC_NAMESPACES = frozenset({"company", "example"})
_STATES = frozenset({"authState"})
_DIGITS = 10


class Pseudonyms:
    """Pseudonyms by one key.

    Parameters
    ----------
    key : bytes, optional
        For tests; random without it.

    Examples
    --------
    >>> aliases = Pseudonyms(b"a key")
    >>> aliases.body({"analytics.visitorId": "ann", "media.id": "x", "analytics.reportSuite": "N/A"})
    {'analytics.visitorId': 'alias-e59113e199', 'media.id': 'x', 'analytics.reportSuite': 'N/A'}
    """

    def __init__(self, key: bytes | None = None) -> None:
        self._key = key or secrets.token_bytes(32)
        self._of = lru_cache(maxsize=65536)(self._hashed)

    def body(self, value: Any) -> Any:
        """Return a JSON value with aliases under the keys that identify, and for mail addresses and ECIDs anywhere."""
        if isinstance(value, dict):
            return {
                self.text(key) if isinstance(key, str) else key: self._who(member)
                if isinstance(key, str) and masking.identifies(key)
                else self.body(member)
                for key, member in value.items()
            }
        if isinstance(value, list):
            return [self.body(item) for item in value]
        return self.text(value) if isinstance(value, str) else value

    def raw(self, data: bytes) -> str:
        """Return a body as text: as JSON with aliases, or where it is none, with identifiers hidden."""
        value = json_io.read(data)
        if isinstance(value, json_io.NotJson):
            return self.text(masking.mask_text(data))
        return json_io.write(self.body(value)).decode("utf-8", "replace")

    def text(self, text: str) -> str:
        """Return a text with aliases for the mail addresses and ECIDs in it."""
        if "@" in text:
            text = _MAIL.sub(lambda found: self._of(found[0]), text)
        return _VISITOR.sub(self._number_in_text, text) if len(text) >= 38 else text

    def host(self, host: str) -> str:
        """Return the host of the API with an alias for the tenant."""
        return _API_HOST.sub(lambda found: found[1] if found[1] in _PUBLIC_NAMESPACES else self._of(found[1]), host)

    def url(self, url: str) -> str:
        """Return a URL with an alias for the tenant, and for each value of its query, where tokens stand."""
        try:
            parts = urlsplit(url)
        except ValueError:
            return ""
        place = self.host(parts.netloc.rpartition("@")[2])
        query = "&".join(
            f"{name}={self._of(value)}" if value else self.text(name)
            for name, _, value in (pair.partition("=") for pair in parts.query.split("&") if pair)
        )
        return self.text(urlunsplit((parts.scheme, place, parts.path, query, "")))

    def _who(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: member if key in _STATES else self._who(member) for key, member in value.items()}
        if isinstance(value, list):
            return [self._who(item) for item in value]
        if isinstance(value, str):
            return self._who_text(value)
        if type(value) in (int, float) and value not in (0, -1):
            return int(hmac.new(self._key, repr(value).encode(), hashlib.sha256).hexdigest(), 16) % 10**12
        return value

    def _who_text(self, text: str) -> str:
        if not text.strip() or text.strip().casefold() in FILLERS or _is_nobody(text):
            return text
        if text.strip().isdecimal():
            return _VISITOR.sub(self._number_in_text, text) if len(text.strip()) == 38 else self._of(text)
        kept = _KEPT.fullmatch(text)
        if kept is None or not kept["who"]:
            return self._of(text)
        return kept["before"] + self._of(kept["who"]) + kept["after"]

    def _number_in_text(self, found: re.Match[str]) -> str:
        number = int(hmac.new(self._key, found[0].encode(), hashlib.sha256).hexdigest(), 16)
        return f"{number % 10**38:038}"

    def _hashed(self, who: str) -> str:
        digest = hmac.new(self._key, who.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
        return f"alias-{digest[:_DIGITS]}"


def _is_nobody(text: str) -> bool:
    """Tell whether it is a value of the documentation, or a placeholder, which is shown to everybody."""
    shown: Any = masking.mask({"analytics.visitorId": text})
    return bool(shown["analytics.visitorId"] == text)
