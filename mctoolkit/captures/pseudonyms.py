"""Replace the identifiers of people and tenants by pseudonyms.

A pseudonym is a keyed hash. Its key is random and never stored: names cannot be recovered by trial, and the same
identifier gets the same pseudonym in one file but different ones in two files. A pseudonym keeps what validation
checks: the type of the value, the suffix of an organisation ID or tracking server, and surrounding spaces. Placeholders
such as ``N/A`` are not replaced.
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
from mctoolkit.validation.hints import FILLERS

__all__ = ["Pseudonyms"]

_IDENTIFIER = re.compile(
    r"(?P<before>\s*(?:[a-z]+://)?)(?P<identifier>.*?)(?P<after>(?:@AdobeOrg|(?:\.[a-z0-9-]+)?\.omtrdc\.net)?\s*)", re.S
)
_API_HOST = re.compile(r"(?i)^([a-z0-9-]+)(?=\.hb(?:-api)?\.omtrdc\.net(?::\d+)?$)")
_MAIL = re.compile(r"[\w.+-]+@(?!AdobeOrg\b)[\w-]+(?:\.[\w-]+)+")
_VISITOR = re.compile(r"(?<!\d)\d{38}(?!\d)")
_PUBLIC_NAMESPACES = frozenset({"company", "example"})
_NOT_IDENTIFYING = frozenset({"authState"})
_HASH_DIGITS = 10


class Pseudonyms:
    """Replaces identifiers by pseudonyms that depend on one key.

    Parameters
    ----------
    key : bytes, optional
        The key of the hash; a random one by default.

    Examples
    --------
    >>> pseudonyms = Pseudonyms(b"a key")
    >>> pseudonyms.redact_value({"analytics.visitorId": "ann", "media.id": "x", "analytics.reportSuite": "N/A"})
    {'analytics.visitorId': 'pseudonym-e59113e199', 'media.id': 'x', 'analytics.reportSuite': 'N/A'}
    """

    def __init__(self, key: bytes | None = None) -> None:
        self._key = key or secrets.token_bytes(32)
        self._pseudonym = lru_cache(maxsize=65536)(self._compute_pseudonym)

    def redact_value(self, value: Any) -> Any:
        """Return a JSON value with the values of identifying keys, mail addresses and ECIDs replaced."""
        if isinstance(value, dict):
            return {
                self.redact_text(key) if isinstance(key, str) else key: self._redact_identifiers(member)
                if isinstance(key, str) and masking.identifies(key)
                else self.redact_value(member)
                for key, member in value.items()
            }
        if isinstance(value, list):
            return [self.redact_value(item) for item in value]
        return self.redact_text(value) if isinstance(value, str) else value

    def redact_body(self, data: bytes) -> str:
        """Return a body as text: JSON with pseudonyms, or any other text with its identifiers masked."""
        value = json_io.read(data)
        if isinstance(value, json_io.NotJson):
            return self.redact_text(masking.mask_text(data))
        return json_io.write(self.redact_value(value)).decode("utf-8", "replace")

    def redact_text(self, text: str) -> str:
        """Return a text with its mail addresses and ECIDs replaced."""
        if "@" in text:
            text = _MAIL.sub(lambda match: self._pseudonym(match[0]), text)
        return _VISITOR.sub(self._replace_ecid, text) if len(text) >= 38 else text

    def redact_host(self, host: str) -> str:
        """Return a host of the API with its tenant replaced."""
        return _API_HOST.sub(
            lambda match: match[1] if match[1] in _PUBLIC_NAMESPACES else self._pseudonym(match[1]), host
        )

    def redact_url(self, url: str) -> str:
        """Return a URL with its tenant and the values of its query replaced, without credentials and fragment."""
        try:
            parts = urlsplit(url)
        except ValueError:
            return ""
        host = self.redact_host(parts.netloc.rpartition("@")[2])
        query = "&".join(
            f"{name}={self._pseudonym(value)}" if value else self.redact_text(name)
            for name, _, value in (pair.partition("=") for pair in parts.query.split("&") if pair)
        )
        return self.redact_text(urlunsplit((parts.scheme, host, parts.path, query, "")))

    def _redact_identifiers(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {
                key: member if key in _NOT_IDENTIFYING else self._redact_identifiers(member)
                for key, member in value.items()
            }
        if isinstance(value, list):
            return [self._redact_identifiers(item) for item in value]
        if isinstance(value, str):
            return self._redact_identifier(value)
        if type(value) in (int, float) and value not in (0, -1):
            return int(self._digest(repr(value)), 16) % 10**12
        return value

    def _redact_identifier(self, text: str) -> str:
        if not text.strip() or text.strip().casefold() in FILLERS or _is_placeholder(text):
            return text
        if text.strip().isdecimal():
            return _VISITOR.sub(self._replace_ecid, text) if len(text.strip()) == 38 else self._pseudonym(text)
        parts = _IDENTIFIER.fullmatch(text)
        if parts is None or not parts["identifier"]:
            return self._pseudonym(text)
        return parts["before"] + self._pseudonym(parts["identifier"]) + parts["after"]

    def _replace_ecid(self, match: re.Match[str]) -> str:
        return f"{int(self._digest(match[0]), 16) % 10**38:038}"

    def _compute_pseudonym(self, identifier: str) -> str:
        return f"pseudonym-{self._digest(identifier)[:_HASH_DIGITS]}"

    def _digest(self, text: str) -> str:
        return hmac.new(self._key, text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def _is_placeholder(text: str) -> bool:
    """Return whether a text is a placeholder or an example of the documentation, which masking does not hide."""
    shown: Any = masking.mask({"analytics.visitorId": text})
    return bool(shown["analytics.visitorId"] == text)
